"""The gallery of faults: one broken file each, and the message that its sender gets."""

from __future__ import annotations

import json
import shutil
import sqlite3
import struct
import time
import zipfile
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from layers.checks import check_path
from layers.chinese import in_chinese
from layers.files import read_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CASES: list[tuple[str, str, str, str | None, Callable[[Path], Path]]] = []
"""Name, layer, message, severity (None: the file must read without error), and who makes the file."""


def case(layer: str, message: str, severity: str = "error"):
    def register(make):
        CASES.append((make.__name__, layer, message, severity, make))
        return make

    return register


def boxes(count: int = 3, *, crs: str | None = "EPSG:4545", **columns) -> gpd.GeoDataFrame:
    x = 500_000 + 100.0 * np.arange(count)
    shapes = shapely.box(x, 3_800_000, x + 20, 3_800_030)
    table = {"id": [f"B{i}" for i in range(count)], "use": ["industrial"] * count, "height_m": [9.0] * count}
    frame = gpd.GeoDataFrame(table | columns, geometry=shapes, crs="EPSG:4545")
    return frame.set_crs(None, allow_override=True) if crs is None else frame.to_crs(crs)


def written(frame: gpd.GeoDataFrame, file: Path, **options) -> Path:
    if file.suffix == ".parquet":
        frame.to_parquet(file)
    else:
        frame.to_file(file, **options)
    return file


def text(file: Path, content: str | bytes) -> Path:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def rings(*polygons) -> gpd.GeoDataFrame:
    """Buildings with the given outlines, in metres from (500000, 3800000)."""
    move = lambda xy: xy + [500_000, 3_800_000]  # noqa: E731, RUF005
    shapes = [shapely.transform(shapely.from_wkt(wkt), move) for wkt in polygons]
    return boxes(len(shapes)).set_geometry(gpd.GeoSeries(shapes, crs="EPSG:4545"))


# ---- the file itself -------------------------------------------------------------------------------


@case("buildings", "file not found")
def missing(folder):
    return folder / "nothing.gpkg"


@case("buildings", "is empty (0 bytes)")
def empty(folder):
    return text(folder / "b.geojson", "")


@case("buildings", "is no known kind of file; known are")
def unknown_kind(folder):
    return text(folder / "b.docx", "hello")


@case("buildings", "the content is PDF; name it .pdf")
def pdf_named_geojson(folder):
    return text(folder / "b.geojson", b"%PDF-1.7 ...")


@case("buildings", "the content is GeoPackage (SQLite); name it .gpkg")
def geopackage_named_geojson(folder):
    return written(boxes(), folder / "b.gpkg").rename(folder / "b.geojson")


@case("buildings", "is no GeoPackage (SQLite): its first bytes are others")
def geojson_named_geopackage(folder):
    return written(boxes(crs="EPSG:4326"), folder / "b.geojson").rename(folder / "b.gpkg")


@case("buildings", "the content is AutoCAD drawing; name it .dwg")
def drawing(folder):
    return text(folder / "b.shp", b"AC1027" + bytes(100))


@case("buildings", "the content is RAR archive; name it .rar")
def rar(folder):
    return text(folder / "b.zip", b"Rar!\x1a\x07\x00" + bytes(50))


@case("buildings", "cannot be read, it may be damaged or cut off")
def truncated_geopackage(folder):
    file = written(boxes(2000), folder / "b.gpkg")
    return text(file, file.read_bytes()[: file.stat().st_size // 3])


@case("buildings", "cannot be read, it may be damaged or cut off")
def truncated_geojson(folder):
    file = written(boxes(50, crs="EPSG:4326"), folder / "b.geojson")
    return text(file, file.read_bytes()[:-200])


@case("buildings", "cannot be read, it may be damaged or cut off")
def truncated_parquet(folder):
    file = written(boxes(50), folder / "b.parquet")
    return text(file, file.read_bytes()[:-100])


@case("buildings", "is no Parquet: its first bytes are others")
def damaged_parquet(folder):
    return text(folder / "b.parquet", b"hello" * 50)


@case("buildings", "cannot be read, it may be damaged or cut off")
def parquet_without_geometry(folder):
    boxes().drop(columns="geometry").to_parquet(folder / "b.parquet")
    return folder / "b.parquet"


@case("buildings", "cannot be read, it may be damaged or cut off")
def json_that_is_no_geojson(folder):
    return text(folder / "b.geojson", json.dumps({"hello": [1, 2]}))


@case("buildings", "is not GeoJSON")
def json_that_is_a_list(folder):
    return text(folder / "b.json", "[1, 2]")


@case("buildings", "holds several layers; name one by layer = ...: one, two")
def several_layers(folder):
    written(boxes(), folder / "b.gpkg", layer="one")
    return written(boxes(), folder / "b.gpkg", layer="two")


@case("buildings", "has no rows", "warning")
def no_rows(folder):
    return written(boxes().iloc[:0], folder / "b.parquet")


@case("buildings", "is no text in utf-8, gb18030")
def geojson_of_noise(folder):
    return text(folder / "b.geojson", b'{"type": "\xff\xfe\xff"}')


@case("buildings", "is written in gb18030; GeoJSON should be UTF-8", "warning")
def geojson_in_gbk(folder):
    file = written(boxes(crs="EPSG:4326", name=["厂房", "仓库", "办公楼"]), folder / "b.geojson")
    return text(file, file.read_text(encoding="utf-8").encode("gbk"))


# ---- shapefiles --------------------------------------------------------------------------------------


def shapefile(folder: Path, frame: gpd.GeoDataFrame | None = None, **options) -> Path:
    frame = boxes() if frame is None else frame
    return written(frame.rename(columns={"height_m": "height"}), folder / "b.shp", **options)


@case("buildings", "'.dbf': is missing beside it; a shapefile is .shp, .shx, .dbf and .prj together")
def shapefile_without_dbf(folder):
    file = shapefile(folder)
    file.with_suffix(".dbf").unlink()
    return file


@case("buildings", "'.shx': is missing beside it")
def shapefile_without_shx(folder):
    file = shapefile(folder)
    file.with_suffix(".shx").unlink()
    return file


@case("buildings", "has no CRS; give crs")
def shapefile_without_prj(folder):
    file = shapefile(folder)
    file.with_suffix(".prj").unlink()
    return file


@case("buildings", ".shp is cut off: ")
def truncated_shp(folder):
    file = shapefile(folder)
    return text(file, file.read_bytes()[:-40])


@case("buildings", ".dbf is cut off: ")
def truncated_dbf(folder):
    file = shapefile(folder)
    dbf = file.with_suffix(".dbf")
    text(dbf, dbf.read_bytes()[:-150])
    return file


@case("buildings", "3 shapes in .shx and 2 records in .dbf: the parts do not belong together")
def mixed_up_dbf(folder):
    (folder / "other").mkdir()
    other = shapefile(folder / "other", boxes(2))
    file = shapefile(folder)
    shutil.copy(other.with_suffix(".dbf"), file.with_suffix(".dbf"))
    return file


@case("buildings", ".shp is cut off in its header")
def shp_of_twelve_bytes(folder):
    file = shapefile(folder)
    return text(file, file.read_bytes()[:12])


@case("buildings", "no .cpg beside it; text read as gb18030, as which it is valid", "info")
def gbk_without_cpg(folder):
    file = shapefile(folder, boxes(name=["厂房", "仓库", "办公楼"]), encoding="GBK")
    file.with_suffix(".cpg").unlink()
    return file


@case("buildings", "encoding = 'utf-8': declared in .cpg, but the text is gb18030", "warning")
def gbk_that_declares_utf8(folder):
    file = shapefile(folder, boxes(name=["厂房", "仓库", "办公楼"]), encoding="GBK")
    text(file.with_suffix(".cpg"), "UTF-8")
    return file


# ---- tables --------------------------------------------------------------------------------------


@case("wells", "needs a column of WKT (wkt, geometry, geom, the_geom) or two of coordinates (lon, lat)")
def csv_without_positions(folder):
    return text(folder / "w.csv", "id,name\n1,a\n")


@case("wells", "has no CRS; give crs")
def csv_without_crs(folder):
    return text(folder / "w.csv", "id,lon,lat\n1,108.7,34.3\n")


@case("wells", "row 2, lat = 'north': must be a coordinate as a decimal number")
def csv_with_words_for_coordinates(folder):
    return text(folder / "w.csv", "id,lon,lat\n1,108.7,34.3\n2,108.7,north\n")


@case("buildings", "row 1, geometry = 'POLYGON ((0 0, 1': is no WKT geometry")
def csv_with_broken_wkt(folder):
    return text(folder / "b.csv", 'id;wkt\n1;"POLYGON ((0 0, 1"\n')


@case("buildings", "encoding: text of .dbf is neither UTF-8 nor GBK; give encoding")
def shapefile_of_no_encoding(folder):
    file = shapefile(folder, boxes(name=["aaaa", "bbbb", "cccc"]))
    file.with_suffix(".cpg").unlink()
    dbf = file.with_suffix(".dbf")
    text(dbf, dbf.read_bytes().replace(b"aaaa", b"\xff\xff\xff\xff"))
    return file


@case("wells", "cannot be read, it may be damaged or cut off")
def csv_with_ragged_rows(folder):
    return text(folder / "w.csv", "id,lon,lat\n1,108.7,34.3\n2,108.7,34.3,5,6,7\n")


# ---- archives and XML ----------------------------------------------------------------------------


def archive(folder: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(folder / "b.zip", "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return folder / "b.zip"


@case("buildings", "times its size; that is no map data")
def zip_bomb(folder):
    return archive(folder, {"b.shp": bytes(60 << 20)})


@case("buildings", "which leads out of the archive")
def zip_that_leads_out(folder):
    return archive(folder, {"../../b.shp": b"x"})


@case("buildings", "which leads out of the archive")
def zip_with_an_absolute_name(folder):
    return archive(folder, {"/etc/b.shp": b"x"})


@case("buildings", "which leads out of the archive")
def zip_with_a_drive_name(folder):
    return archive(folder, {"C:\\b.shp": b"x"})


@case("buildings", "holds no file of a known kind")
def zip_of_letters(folder):
    return archive(folder, {"read.txt": b"x"})


@case("buildings", "holds several .shp files; unpack it and name one: a.shp, b.shp")
def zip_of_two_shapefiles(folder):
    return archive(folder, {"a.shp": b"x", "b.shp": b"y"})


@case("buildings", "is a damaged archive")
def zip_that_is_cut_off(folder):
    file = archive(folder, {"a.shp": b"x" * 1000})
    return text(file, file.read_bytes()[:60])


@case("buildings", "holds 1001 files; more than 1000 are not unpacked")
def zip_of_a_thousand(folder):
    return archive(folder, {f"{i}.txt": b"x" for i in range(1001)})


@case("buildings", "is encrypted")
def zip_with_a_password(folder):
    file = archive(folder, {"b.shp": b"x" * 100})
    raw = bytearray(file.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return text(file, bytes(raw))


@case("buildings", "defines a document type or entities; that is not read")
def kml_with_entities(folder):
    bomb = '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><kml>&b;</kml>'
    return text(folder / "b.kml", bomb)


# ---- where it lies --------------------------------------------------------------------------------


@case("buildings", "the CRS is in degrees, but the coordinates look like metres")
def metres_declared_as_degrees(folder):
    return written(boxes(crs=None).set_crs("EPSG:4490"), folder / "b.parquet")


@case("buildings", "the CRS is in metres, but all coordinates look like degrees")
def degrees_declared_as_metres(folder):
    frame = boxes(crs="EPSG:4326").set_crs("EPSG:4545", allow_override=True)
    return written(frame, folder / "b.parquet")


@case("buildings", 'the order looks like latitude, longitude; give axis = "yx"')
def latitude_first(folder):
    frame = boxes(crs="EPSG:4326")
    frame["geometry"] = shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    return written(frame, folder / "b.parquet")


@case("buildings", "eastings carry a zone number in front")
def zone_number_in_the_easting(folder):
    frame = boxes()
    frame["geometry"] = frame.translate(36_000_000)
    return written(frame, folder / "b.parquet")


@case("wells", "row 3, geometry = '0.0000, 0.0000': lies outside the area that EPSG:4545 is made for")
def null_island(folder):
    shapes = shapely.points([[108.7, 34.3], [108.8, 34.3], [0, 0]])
    return written(
        gpd.GeoDataFrame({"id": [1, 2, 3]}, geometry=shapes, crs="EPSG:4326"), folder / "w.parquet"
    )


@case("wells", "row 2, geometry: latitude reaches 108.7: the order looks like")
def one_swapped_point(folder):
    shapes = shapely.points([[108.7, 34.3], [34.3, 108.7], [108.6, 34.2]])
    return written(
        gpd.GeoDataFrame({"id": [1, 2, 3]}, geometry=shapes, crs="EPSG:4326"), folder / "w.parquet"
    )


# ---- shapes ------------------------------------------------------------------------------------------


@case("buildings", "row 1, geometry: was not valid (Self-intersection", "warning")
def bow_tie(folder):
    return written(rings("POLYGON ((0 0, 20 20, 20 0, 0 20, 0 0))"), folder / "b.parquet")


@case("buildings", "repaired, area changed by +40.00 m2", "warning")
def hole_outside(folder):
    outline = "POLYGON ((0 0, 40 0, 40 40, 0 40, 0 0), (10 10, 10 50, 14 50, 14 10, 10 10))"
    return written(rings(outline), folder / "b.parquet")


@case("buildings", "row 2, geometry: has no geometry")
def null_geometry(folder):
    frame = boxes()
    frame.loc[1, "geometry"] = None
    return written(frame, folder / "b.parquet")


@case("buildings", "row 1, geometry: has no geometry")
def empty_geometry(folder):
    frame = boxes()
    frame.loc[0, "geometry"] = shapely.Polygon()
    return written(frame, folder / "b.parquet")


@case("buildings", "row 2, geometry: has coordinates that are not numbers")
def nan_coordinates(folder):
    frame = boxes()
    shapes = frame.geometry.to_numpy().copy()
    coordinates = shapely.get_coordinates(shapes[1])
    coordinates[2, 0] = np.nan
    with np.errstate(invalid="ignore"):
        shapes[1] = shapely.set_coordinates(shapes[1], coordinates)
    return written(frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs)), folder / "b.parquet")


@case("buildings", "row 1, geometry: is a Point where a polygon is needed")
def points_for_buildings(folder):
    frame = boxes(1)
    return written(frame.set_geometry(frame.centroid), folder / "b.parquet")


@case("grid", "is a Polygon where a point is needed")
def polygons_for_substations(folder):
    return written(boxes(1).drop(columns=["use", "height_m"]), folder / "g.parquet")


@case("buildings", "is the same shape as row 1")
def a_building_twice(folder):
    frame = boxes(2)
    frame.loc[1, "geometry"] = shapely.reverse(frame.geometry[0])
    return written(frame, folder / "b.parquet")


@case("buildings", "heights of vertices dropped in 3 shapes", "info")
def three_dimensional(folder):
    frame = boxes()
    return written(frame.set_geometry(shapely.force_3d(frame.geometry.to_numpy(), 400)), folder / "b.gpkg")


@case("buildings", "collapses to nothing when made valid")
def a_line_as_polygon(folder):
    return written(rings("POLYGON ((0 0, 10 10, 0 0, 0 0))"), folder / "b.parquet")


# ---- shapes with arcs ----------------------------------------------------------------------------


def circle(x: float, y: float) -> bytes:
    """A disc of 10 m radius as CURVEPOLYGON (CIRCULARSTRING) in well-known binary."""
    ring = struct.pack("<BII6d", 1, 8, 3, x, y, x + 20, y, x, y)
    return struct.pack("<BII", 1, 10, 1) + ring


def with_shape(folder: Path, wkb: bytes, suffix: str) -> Path:
    """Three buildings, the second of them the given shape."""
    file = written(boxes(), folder / f"b{suffix}", **({"SPATIAL_INDEX": "NO"} if suffix == ".gpkg" else {}))
    if suffix == ".gpkg":
        with sqlite3.connect(file) as base:
            head = b"GP\x00\x01" + struct.pack("<i", 4545)
            base.execute("UPDATE b SET geom = ? WHERE fid = 2", (head + wkb,))
        base.close()
        return file
    table = pq.read_table(file)
    shapes = table["geometry"].to_pylist()
    shapes[1] = wkb
    place = table.column_names.index("geometry")
    pq.write_table(table.set_column(place, table.schema.field(place), pa.array(shapes, pa.binary())), file)
    return file


CIRCLE = circle(500_100, 3_800_100)
ARCS_DRAWN = "row 2, geometry: has arcs (CurvePolygon); they are drawn by straight pieces"
TRIANGLES = struct.pack("<BIIBIII12d", 1, 1016, 1, 1, 1017, 1, 4, *(0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0))
COLLECTED = struct.pack("<BII", 1, 7, 1) + CIRCLE


@case("buildings", ARCS_DRAWN, "info")
def geopackage_with_arcs(folder):
    return with_shape(folder, CIRCLE, ".gpkg")


@case("buildings", ARCS_DRAWN, "info")
def parquet_with_arcs(folder):
    return with_shape(folder, CIRCLE, ".parquet")


@case("buildings", "row 2, geometry: is a TIN, which is no flat shape")
def geopackage_with_triangles(folder):
    return with_shape(folder, TRIANGLES, ".gpkg")


@case("buildings", "row 2, geometry: is a TIN, which is no flat shape")
def parquet_with_triangles(folder):
    return with_shape(folder, TRIANGLES, ".parquet")


@case("buildings", "row 2, geometry: is a collection with arcs in it")
def geopackage_with_arcs_in_a_collection(folder):
    return with_shape(folder, COLLECTED, ".gpkg")


@case("buildings", "row 2, geometry: is a collection with arcs in it")
def parquet_with_arcs_in_a_collection(folder):
    return with_shape(folder, COLLECTED, ".parquet")


@case("buildings", "row 2, geometry: is no geometry that can be read")
def parquet_with_a_damaged_shape(folder):
    return with_shape(folder, CIRCLE[:-9].replace(b"\x0a", b"\x03"), ".parquet")


# ---- columns and values ----------------------------------------------------------------------------


@case("farmland", "class: the column is missing; name yours in columns = {class = ...}")
def farmland_without_class(folder):
    return written(boxes().drop(columns=["use", "height_m"]), folder / "f.parquet")


@case("farmland", "row 2, class = '天空': must be one of permanent_basic, cultivated")
def a_class_that_nobody_knows(folder):
    return written(boxes(**{"class": ["旱地", "天空", "0201"]}), folder / "f.parquet")


@case("farmland", "class = '0701': 1 rows are no part of farmland and left out", "info")
def housing_among_farmland(folder):
    return written(
        boxes(DLBM=["0103", "0701", "0201K"], DLMC=["旱地", "城镇住宅用地", "果园"]), folder / "f.parquet"
    )


@case("restrictions", "row 3, kind: is missing")
def a_restriction_without_kind(folder):
    return written(boxes(kind=["road", "生态保护红线", None]), folder / "r.parquet")


@case("restrictions", "row 2, kv = 'power_line': is missing; needed where kind is power_line", "warning")
def a_power_line_without_voltage(folder):
    return written(
        boxes(kind=["power_line", "power_line", "rail"], kv=[110, None, None]), folder / "r.parquet"
    )


@case("buildings", "row 2, use = '飞碟': must be one of industrial, logistics", "warning")
def a_use_that_nobody_knows(folder):
    return written(boxes(use=["厂房", "飞碟", "住宅"]), folder / "b.parquet")


@case("buildings", "row 2, height_m = 'tall': must be a number (m); read as unknown", "warning")
def words_for_a_height(folder):
    return written(boxes(height_m=["１２．５米", "tall", "9"]), folder / "b.parquet")


@case("buildings", "height_m = '0': stands for unknown in 2 rows (first: row 1)", "info")
def zero_for_unknown_heights(folder):
    return written(boxes(height_m=[0.0, 12.0, 0.0]), folder / "b.parquet")


@case("buildings", "height_m = '9999': stands for unknown in 1 rows", "info")
def nines_for_unknown_heights(folder):
    return written(boxes(height_m=[9999.0, 12.0, 3.0]), folder / "b.parquet")


@case("buildings", "row 1, height_m = '8848.0': must lie between 1.5 and 700 (m); read as unknown", "warning")
def a_mountain_for_a_building(folder):
    return written(boxes(height_m=[8848.0, 12.0, 3.0]), folder / "b.parquet")


@case("buildings", "Id = '0': is no id: the same or empty in 2 of 3 rows; rows are numbered", "info")
def ids_all_zero(folder):
    return written(boxes().rename(columns={"id": "Id"}).assign(Id=0), folder / "b.parquet")


@case("buildings", "row 3, id = 'B0': occurs before; a suffix makes it unique", "warning")
def one_id_twice(folder):
    return written(boxes(id=["B0", "B1", "B0"]), folder / "b.parquet")


@case("buildings", "recognised as 3D-GloBFP", "info")
def a_known_product(folder):
    return written(boxes()[["geometry"]].assign(Height=[6.0, 9.0, 12.0]), folder / "b.parquet")


@case("towns", "planned_area_km2 = '很大': must be a number (km2); read as unknown", "warning")
def words_for_an_area(folder):
    frame = boxes(1, name_zh=["新城"], planned_area_km2=["很大"]).drop(columns=["use", "height_m"])
    return written(frame, folder / "t.parquet")


@case("townships", "row 2, town: is missing")
def a_township_of_no_town(folder):
    return written(boxes(2, town=["fengxi", None]), folder / "t.parquet")


@case("buildings", "'roofs': is no layer; the layers are towns")
def an_unknown_layer(folder):
    return written(boxes(), folder / "b.parquet")


# ---- rasters -------------------------------------------------------------------------------------


def raster(
    file: Path, heights: np.ndarray, *, crs: str | None = "EPSG:4545", nodata: float | None = -9999.0
) -> Path:
    profile = {"driver": "GTiff", "height": heights.shape[-2], "width": heights.shape[-1], "dtype": "float32"}
    profile |= {"count": heights.shape[0], "nodata": nodata, "transform": from_origin(5e5, 3.8e6, 10, 10)}
    with rasterio.open(file, "w", **profile, crs=crs) as out:
        out.write(heights.astype("float32"))
    return file


@case("terrain", "has no CRS; it is not guessed")
def raster_without_crs(folder):
    return raster(folder / "t.tif", np.full((1, 8, 8), 400.0), crs=None)


@case("terrain", "heights must lie between -500 and 9000 m; is the nodata value declared?")
def raster_with_undeclared_nodata(folder):
    heights = np.full((1, 8, 8), 400.0)
    heights[0, 0, 0] = -32768
    return raster(folder / "t.tif", heights, nodata=None)


@case("terrain", "must have one band of heights in metres", "warning")
def raster_of_three_bands(folder):
    return raster(folder / "t.tif", np.full((3, 8, 8), 200.0))


@case("terrain", "has no cell with a height")
def raster_of_nothing(folder):
    return raster(folder / "t.tif", np.full((1, 8, 8), -9999.0))


@case("terrain", "25% of the cells have no height", "warning")
def raster_with_holes(folder):
    heights = np.full((1, 8, 8), 400.0)
    heights[0, :2] = -9999
    return raster(folder / "t.tif", heights)


@case("terrain", "the CRS is in degrees, but the coordinates look like metres")
def raster_in_metres_declared_as_degrees(folder):
    return raster(folder / "t.tif", np.full((1, 8, 8), 400.0), crs="EPSG:4326")


@case("terrain", "cannot be read as a raster")
def raster_of_letters(folder):
    return text(folder / "t.tif", "hello")


# ---- numbers that cannot be meant --------------------------------------------------------------------


@case("buildings", 'most numbers look like cm, not m; give units = {height_m = "cm"}', "warning")
def heights_in_centimetres(folder):
    return written(boxes(30, height_m=np.linspace(900, 3000, 30)), folder / "b.gpkg")


@case("buildings", 'look like ft, not m; give units = {height_m = "ft"}', "warning")
def heights_in_feet_beside_floors(folder):
    floors = np.arange(30) % 6 + 2.0
    metres = floors * 3.0 + 0.7
    frame = boxes(30, height_m=metres / 0.3048, floors=floors, use=["residential"] * 30)
    return written(frame, folder / "b.gpkg")


@case("buildings", "half of 30 rural_house are 23", "warning")
def heights_of_village_houses_in_feet(folder):
    height = np.linspace(16.5, 30, 30)
    return written(boxes(30, height_m=height, use=["rural_house"] * 30), folder / "b.gpkg")


@case("buildings", "they look like floors; give columns", "warning")
def floors_given_as_heights(folder):
    return written(boxes(30, height_m=np.arange(30) % 7 + 1.0), folder / "b.gpkg")


@case("buildings", "heights are the same numbers as floors", "warning")
def heights_that_repeat_the_floors(folder):
    floors = np.arange(30) % 6 + 3.0
    return written(boxes(30, height_m=floors, floors=floors), folder / "b.gpkg")


def parcels(count: int, scale: float) -> gpd.GeoDataFrame:
    frame = boxes(count).drop(columns=["use", "height_m"])
    return frame.assign(DLBM="0101", DLMC="水田", TBMJ=frame.area * scale)


@case("farmland", "TBMJ: areas look like 亩 (mu), not m2", "info")
def areas_in_mu(folder):
    return written(parcels(25, 15 / 10000), folder / "f.gpkg")


@case("farmland", "TBMJ: areas fit the shapes", "info")
def areas_in_square_metres(folder):
    return written(parcels(25, 1.0), folder / "f.gpkg")


@case("farmland", "TBMJ: areas do not fit the shapes: 3 times them", "warning")
def areas_of_other_shapes(folder):
    return written(parcels(25, 3.0), folder / "f.gpkg")


@case("farmland", "overlaps row", "warning")
def farmland_that_overlaps(folder):
    frame = parcels(2, 1.0)
    return written(frame.set_geometry(frame.buffer(60)), folder / "f.gpkg")


@case("towns", "the planned area is 9 km2, the shape has 1.21 km2", "warning")
def planned_area_of_another_size(folder):
    frame = gpd.GeoDataFrame(
        {"id": ["t"], "name_zh": ["新城"], "planned_area_km2": [9.0]},
        geometry=[shapely.box(500_000, 3_800_000, 501_100, 3_801_100)],
        crs="EPSG:4545",
    )
    return written(frame, folder / "t.gpkg")


@case("wells", "mixes encodings: line 3 is utf-8, others are gb18030")
def two_encodings_in_one_table(folder):
    lines = ["note,lon,lat", "一号地热井,108.7,34.3", "二号地热井,108.8,34.3"]
    coded = [line.encode(code) for line, code in zip(lines, ("gbk", "gbk", "utf-8"), strict=True)]
    return text(folder / "w.csv", b"\n".join(coded))


@case("wells", "begins as utf-8, but byte 16 is no such text")
def mark_and_text_disagree(folder):
    return text(folder / "w.csv", b"\xef\xbb\xbfnote,lon,lat" + "井,108.7,34.3".encode("gbk"))


@case("terrain", "cells in holes have no height; --fix fills them", "warning")
def raster_with_a_hole(folder):
    heights = np.full((1, 8, 8), 400.0)
    heights[0, 3, 3] = -9999
    return raster(folder / "t.tif", heights)


@pytest.mark.parametrize("row", CASES, ids=[row[0] for row in CASES])
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.filterwarnings("ignore::UserWarning:pyogrio", "ignore::RuntimeWarning:pyogrio")
def test_gallery(tmp_path, row):
    name, layer, message, severity, make = row
    report = check_path(make(tmp_path), as_layer="roofs" if name == "an_unknown_layer" else layer)
    told = [str(fault) for fault in report.faults if fault.severity == severity]
    assert any(message in line for line in told), "\n".join(f"{f.severity}: {f}" for f in report.faults)
    assert [fault.rule for fault in report.faults if in_chinese(fault.rule) is None] == []
    if severity == "error":
        assert not report.ok
    else:
        assert report.ok


def test_the_gallery_is_large():
    assert len(CASES) >= 60


def test_a_polygon_of_ten_million_vertices_is_refused_quickly(tmp_path):
    angle = np.linspace(0, 2 * np.pi, 10_000_000, endpoint=False)
    ring = np.column_stack([500_000 + 900 * np.cos(angle), 3_800_000 + 900 * np.sin(angle)])
    shape = shapely.polygons(np.vstack([ring, ring[:1]]))
    frame = boxes(2)
    frame.loc[0, "geometry"] = shape
    file = written(frame, tmp_path / "b.parquet")
    start = time.process_time()
    report = check_path(file, as_layer="buildings")
    assert time.process_time() - start < 10
    assert "more than 1000000 vertices" in "\n".join(map(str, report.faults))
    assert report.layers[0].usable == 1


def test_a_shapefile_header_of_another_length_is_no_crash(tmp_path):
    file = shapefile(tmp_path)
    raw = bytearray(file.read_bytes())
    raw[24:28] = struct.pack(">i", -5)
    report = check_path(text(file, bytes(raw)), as_layer="buildings")
    assert report.layers


def test_arcs_in_a_table_are_drawn(tmp_path):
    arc = "COMPOUNDCURVE (CIRCULARSTRING (0 0, 10 10, 20 0), (20 0, 40 0))"
    both = f'id,wkt\n1,"{arc}"\n2,"LINESTRING (0 0, 1 1)"\n'
    frame, remarks = read_file(text(tmp_path / "h.csv", both))
    assert frame.length.to_numpy() == pytest.approx([10 * np.pi + 20, np.sqrt(2)], rel=1e-3)
    assert [(fault.row, fault.severity) for fault in remarks] == [(1, "info")]


def test_arcs_are_drawn_alike_from_both_kinds_of_file(tmp_path):
    for suffix in (".gpkg", ".parquet"):
        check = check_path(with_shape(tmp_path, CIRCLE, suffix), as_layer="buildings").layers[0]
        assert check.usable == 3
        assert check.frame.area[1] == pytest.approx(100 * np.pi, rel=1e-3)
