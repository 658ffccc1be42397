"""Demonstration layers: generated, at full size, the same from the same seed."""
