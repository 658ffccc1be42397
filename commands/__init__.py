"""The words a terminal user says: one module per command, each a thin call into the house."""
