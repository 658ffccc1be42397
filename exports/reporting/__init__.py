"""The office's report: its numbers, its tables, and how they are drawn in each format."""
