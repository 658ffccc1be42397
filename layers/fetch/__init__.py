"""Connectors: real open data for a region, where there is internet; each with its licence beside it."""
