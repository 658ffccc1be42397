"""One module per file format; each writes a stream of tables in bounded memory."""
