"""Sun and sky, shading, array, conversion, yield."""
