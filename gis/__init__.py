"""Where things are: CRS, grids, rasters, shapes, surface, horizon, zonal sums, exclusion. Knows no energy."""
