"""Files for people: GeoPackage, GeoJSON, GeoParquet, CSV, KML, Shapefile, XLSX, PDF."""
