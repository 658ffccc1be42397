"""A region of two towns that fits in a glance: what end-to-end tests run on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import rasterio
import shapely

from layers.region import EMBEDDED

if TYPE_CHECKING:
    from pathlib import Path

CRS = "EPSG:4545"
EAST, NORTH = 480_000.0, 3_805_000.0
"""South-west corner: near Xianyang."""

REGION = f"""
id = "small"
name_zh = "小区域"
name_en = "Small"
crs_metric = "EPSG:4545"
seed = 1

[layers.towns]
path = "towns.geojson"
source = "test"

[layers.buildings]
path = "buildings.gpkg"
source = "test survey"
licence = "none"
confidence = "H"

[layers.farmland]
path = "farmland.gpkg"
source = "test survey"

[layers.municipal]
path = "municipal.gpkg"
source = "test survey"

[layers.restrictions]
path = "restrictions.gpkg"
source = "test survey"

[layers.grid]
path = "grid.gpkg"
source = "test survey"

[layers.terrain]
path = "terrain.tif"
source = "test survey"

[climate]
normals = "{(EMBEDDED / "climate_normals.csv").as_posix()}"

[ground]
parameters = "{(EMBEDDED / "ground.toml").as_posix()}"

[rules]
packs = ["national", "shaanxi", "heritage", "infrastructure", "roof", "geothermal_drilling"]
"""


BLOCK_EDGE = 491_520.0
"""Easting at which one block of work ends and the next begins."""


def at(*coordinates: float) -> list[float]:
    """Move local metres to the region's corner: x, y, x, y, ..."""
    return [value + (NORTH if index % 2 else EAST) for index, value in enumerate(coordinates)]


def box(*bounds: float) -> shapely.Polygon:
    return shapely.box(*at(*bounds))


def make_region(folder: Path, *, east_m: float = 0.0) -> Path:
    """Write the region, moved east by some metres, and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "region.toml").write_text(REGION, encoding="utf-8")
    for name, frame in _layers().items():
        suffix, driver = ("geojson", "GeoJSON") if name == "towns" else ("gpkg", "GPKG")
        moved = frame.set_geometry(frame.geometry.translate(east_m))
        moved.to_crs("EPSG:4326" if driver == "GeoJSON" else CRS).to_file(
            folder / f"{name}.{suffix}", driver=driver
        )
    _write_terrain(folder / "terrain.tif", east_m)
    return folder


def _write_terrain(file: Path, east_m: float) -> None:
    """A gentle slope from 380 m in the south to 400 m in the north, with a margin around the towns."""
    rows, columns = 200, 300
    profile = {
        "driver": "GTiff",
        "height": rows,
        "width": columns,
        "count": 1,
        "dtype": "float32",
        "crs": CRS,
        "transform": rasterio.transform.from_origin(EAST + east_m - 500, NORTH + 1500, 10, 10),
    }
    heights = np.repeat(np.linspace(400, 380, rows)[:, None], columns, axis=1)
    with rasterio.open(file, "w", **profile) as raster:
        raster.write(heights.astype(np.float32), 1)


def _layers() -> dict[str, gpd.GeoDataFrame]:
    return {
        "towns": _frame(
            id=["west", "east"],
            name_zh=["西镇", "东镇"],
            name_en=["West", "East"],
            planned_area_km2=[1.0, 1.0],
            management=["direct", "direct"],
            geometry=[box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)],
        ),
        "buildings": _buildings(),
        "farmland": _frame(
            id=["f1", "f2", "f3", "f4"],
            **{"class": ["cultivated", "orchard", "permanent_basic", "unused"]},
            geometry=[
                box(0, 500, 500, 1000),
                box(900, 500, 1200, 1000),
                box(1200, 500, 1700, 1000),
                box(1700, 500, 2000, 1000),
            ],
        ),
        "municipal": _frame(
            id=["m1", "m2"],
            facility=["parking", "wastewater"],
            name=["停车场", "污水厂"],
            geometry=[box(600, 600, 700, 700), box(1800, 100, 1950, 250)],
        ),
        "restrictions": _frame(
            id=["r1", "r2", "r3"],
            kind=["heritage_protection", "power_line", "road"],
            **{"class": [None, None, "provincial"]},
            kv=[np.nan, 110.0, np.nan],
            geometry=[
                box(900, 800, 1000, 1000),
                shapely.LineString(np.reshape(at(1850, 0, 1850, 1000), (-1, 2))),
                shapely.LineString(np.reshape(at(0, 480, 2000, 480), (-1, 2))),
            ],
        ),
        "grid": _frame(
            id=["s1"],
            name=["变电站"],
            kv=[110.0],
            headroom_mw=[np.nan],
            geometry=[shapely.Point(*at(1500, 300))],
        ),
    }


def _buildings() -> gpd.GeoDataFrame:
    corners = [(x, y) for x in range(50, 1950, 100) for y in range(50, 450, 100)]
    n = len(corners)
    uses = np.resize(["industrial", "residential", "office", "rural_house", "school", "unknown"], n)
    forms = np.resize(["metal", "flat", "flat", "gabled", "flat", "unknown"], n)
    return _frame(
        id=[f"b{i}" for i in range(n)],
        use=uses,
        height_m=np.resize([12.0, 54.0, 80.0, 7.0, 15.0, np.nan], n),
        floors=np.resize([1, 18, 20, 2, 4, 3], n),
        roof_form=forms,
        year=np.resize([2015, 2010, 2018, 1995, 2005, 2012], n),
        owner=np.resize(["enterprise", "residents", "enterprise", "village", "school", "unknown"], n),
        geometry=[box(x, y, x + 40, y + 25) for x, y in corners],
    )


def _frame(**columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, crs=CRS)
