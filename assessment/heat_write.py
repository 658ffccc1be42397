"""How the heat half of a run is put into its folder: tables, and rasters of numbers and of codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import rasterio
from rasterio.io import MemoryFile
from rasterio.shutil import copy as copy_raster
from rasterio.transform import from_bounds

from assessment.cog import write_cog
from assessment.heat_wells import ORDER
from assessment.run import HEAT
from assessment.write import write_geo, write_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from assessment.heat import HeatResult
    from assessment.heat_maps import CodedMap, HeatMaps
    from assessment.heat_suit_maps import CodeLabel

_SMALL = 255
"""Up to so many codes fit into a byte."""
_TAGGED = 32
"""Up to so many labels are carried in the tags of the file; longer lists stand beside it."""


def write_heat(folder: Path, heat: HeatResult) -> None:
    """Write the tables of the heat assessment."""
    write_geo(heat.frame, folder / "heat.parquet", columns=HEAT)
    write_geo(heat.blocks, folder / "heat_blocks.parquet")
    write_geo(heat.parcels, folder / "heat_parcels.parquet")
    write_geo(heat.drilling, folder / "heat_drilling.parquet")
    write_table(heat.summary, folder, "heat_summary")
    write_table(heat.alone, folder, "heat_alone")
    write_table(heat.goals, folder, "heat_goals")
    write_table(heat.orders, folder, ORDER)
    write_table(heat.maps.reasons, folder, "heat_reasons")
    write_table(heat.factors, folder, "heat_factors", csv=False)


def write_heat_rasters(folder: Path, maps: HeatMaps, *, tags: Mapping[str, str]) -> None:
    """Write the maps of the heat assessment as cloud-optimised GeoTIFF."""
    for name, array in maps.arrays.items():
        write_cog(
            array[None],
            folder / f"{name}.tif",
            bounds=maps.bounds,
            crs=maps.crs,
            unit=maps.units[name],
            descriptions=(name,),
            tags=tags,
        )
    for name, coded in maps.coded.items():
        file = folder / f"{name}.tif"
        write_codes(coded, file, bounds=maps.bounds, crs=maps.crs, description=name, tags=tags)


def write_codes(
    coded: CodedMap,
    file: Path,
    *,
    bounds: tuple[float, float, float, float],
    crs: str,
    description: str,
    tags: Mapping[str, str],
) -> None:
    """Write codes as a cloud-optimised GeoTIFF: colours inside, 0 nodata, what codes mean in a table beside.

    The file is of bytes where 255 codes are enough, else of two bytes. The attribute table (`.tif.aux.xml`)
    is read by QGIS, ArcGIS and GDAL; short lists are also in the tag `classes`.
    """
    rows, columns = coded.codes.shape
    kind = "uint8" if len(coded.labels) <= _SMALL else "uint16"
    profile = {
        "driver": "GTiff",
        "height": rows,
        "width": columns,
        "count": 1,
        "dtype": kind,
        "crs": crs,
        "nodata": 0,
        "transform": from_bounds(*bounds, columns, rows),
    }
    known = {"classes": _listed(coded.labels)} if len(coded.labels) <= _TAGGED else {}
    with MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(coded.codes.astype(kind), 1)
            raster.write_colormap(1, {label.code: _rgb(label.colour) for label in coded.labels})
            raster.set_band_description(1, description)
            raster.update_tags(**tags, **known)
        with memory.open() as raster, rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
            copy_raster(
                raster, file, driver="COG", compress="ZSTD", blocksize=256, overview_resampling="NEAREST"
            )
    file.with_name(f"{file.name}.aux.xml").write_text(_attribute_table(coded.labels), encoding="utf-8")


def _listed(labels: tuple[CodeLabel, ...]) -> str:
    return json.dumps([[k.code, k.colour, k.zh, k.en] for k in labels], ensure_ascii=False)


def _rgb(colour: str) -> tuple[int, int, int, int]:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue, 255


_FIELDS = (
    ("Value", 0, 5),
    ("Class", 2, 2),
    ("English", 2, 0),
    ("Red", 0, 6),
    ("Green", 0, 7),
    ("Blue", 0, 8),
)
"""Name, type (0 integer, 2 text) and usage of the columns of a GDAL attribute table."""


def _attribute_table(labels: tuple[CodeLabel, ...]) -> str:
    """Return GDAL's sidecar file with one row per code."""
    heads = "".join(
        f'<FieldDefn index="{i}"><Name>{name}</Name><Type>{kind}</Type><Usage>{usage}</Usage></FieldDefn>'
        for i, (name, kind, usage) in enumerate(_FIELDS)
    )
    rows = "\n".join(
        f'<Row index="{i}">'
        + "".join(f"<F>{escape(str(value))}</F>" for value in (k.code, k.zh, k.en, *_rgb(k.colour)[:3]))
        + "</Row>"
        for i, k in enumerate(labels)
    )
    return (
        '<PAMDataset><PAMRasterBand band="1">'
        f'<GDALRasterAttributeTable tableType="thematic">{heads}\n{rows}\n'
        "</GDALRasterAttributeTable></PAMRasterBand></PAMDataset>\n"
    )
