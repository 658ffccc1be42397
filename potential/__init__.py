"""How much: pure functions on numbers and arrays. Knows no frames and no files."""
