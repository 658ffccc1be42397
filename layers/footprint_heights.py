"""Heights of footprints on a measured surface: the median of its cells above the ground, with quality."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import rasterio
import shapely
from rasterio.enums import Resampling
from rasterio.features import rasterize
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BLOCK = 2048
RAISED = 1.5
"""Roofs lower than this above the ground are no measurement of a building."""
MANY_PIXELS, FEW_PIXELS = 20, 4
EVEN_M = 2.0
"""Quartiles of a roof nearer together than this: one flat roof."""
TO_SIGMA = 1.4826
"""Standard deviation of normal noise over its median absolute deviation."""
LEAST_SIGMA_M = 0.5
"""Vertical accuracy of a good surface model; no range is narrower."""


def surface_heights(frame: gpd.GeoDataFrame, surface: Path, terrain: Path | None) -> pd.DataFrame:
    """Return the height of each footprint above the ground, measured on a surface raster.

    The median over the cells whose centre lies within the footprint and half a cell inside its edge (all of
    the footprint where none does) of surface minus terrain; without a terrain, the lower tenth of the cells
    of the surface within 3 to 15 m around the footprint is its ground, and the quality is never H.

    Returns
    -------
    Columns height_m, low_m, high_m (median -+ robust standard deviation of the cells, at least 0.5 m), pixels
    and quality: H many cells and an even roof, M enough cells, L few; NaN and empty where the raster has no
    height or nothing rises above the ground. Rows as in `frame`.

    Raises
    ------
    InputError
        A raster cannot be read, or has no CRS.
    """
    try:
        with rasterio.open(surface) as source:
            _require_crs(source, "surface")
            shapes = np.asarray(frame.geometry.to_crs(source.crs.to_wkt()).array, dtype=object)
            cells = pd.DataFrame(_cells(source, shapes, terrain))
    except InputError:
        raise
    except Exception as error:  # libraries raise anything on damaged bytes
        rule = f"cannot be read as a raster, it may be damaged or cut off: {error}"
        raise InputError([Fault("surface", None, None, None, rule, file=surface.name)]) from error
    return _graded(cells, len(frame), with_ground=terrain is not None)


def _require_crs(source: rasterio.DatasetReader, layer: str) -> None:
    if source.crs is None:
        raise InputError([Fault(layer, None, "crs", None, "has no CRS; it is not guessed")])


def _cells(
    source: rasterio.DatasetReader, shapes: NDArray[np.object_], terrain: Path | None
) -> dict[str, NDArray[np.generic]]:
    """Return building and height above ground of every roof cell, block by block."""
    size = float(abs(source.transform.a))
    metres = size if source.crs.is_projected else np.nan
    inside = shapely.buffer(shapes, -size / 2)
    inner = np.where(shapely.is_empty(inside), shapes, inside)
    if terrain is None:
        ground = _ring_ground(source, shapes, metres)
    numbers, heights = [np.zeros(0, np.int64)], [np.zeros(0)]
    for window, chosen in _blocks(source, shapes):
        transform = source.window_transform(window)
        shape = (int(window.height), int(window.width))
        burnt = rasterize(
            [(inner[number], number + 1) for number in chosen],
            out_shape=shape,
            transform=transform,
            fill=0,
            dtype="int32",
        )
        roof = _band(source, window)
        which = np.flatnonzero((burnt.ravel() > 0) & np.isfinite(roof.ravel()))
        number = burnt.ravel()[which].astype(np.int64) - 1
        base = ground[number] if terrain is None else _on_grid(terrain, source, window).ravel()[which]
        numbers.append(number)
        heights.append(roof.ravel()[which] - base)
    return {"building": np.concatenate(numbers), "height": np.concatenate(heights)}


def _blocks(
    source: rasterio.DatasetReader, shapes: NDArray[np.object_]
) -> Iterator[tuple[Window, NDArray[np.intp]]]:
    """Go through the blocks of a raster that shapes touch, with those shapes."""
    tree = shapely.STRtree(shapes)
    for row in range(0, source.height, BLOCK):
        for column in range(0, source.width, BLOCK):
            window = Window(column, row, min(BLOCK, source.width - column), min(BLOCK, source.height - row))
            chosen = tree.query(shapely.box(*source.window_bounds(window)))
            if len(chosen):
                yield window, np.sort(chosen)


def _band(source: rasterio.DatasetReader | WarpedVRT, window: Window) -> Floats:
    band: Floats = np.ma.filled(source.read(1, window=window, masked=True).astype(float), np.nan)
    return band


def _on_grid(terrain: Path, source: rasterio.DatasetReader, window: Window) -> Floats:
    """Return the terrain on the cells of a block of the surface."""
    with rasterio.open(terrain) as ground:
        _require_crs(ground, "terrain")
        with WarpedVRT(
            ground,
            crs=source.crs,
            transform=source.window_transform(window),
            width=int(window.width),
            height=int(window.height),
            resampling=Resampling.bilinear,
            nodata=ground.nodata,
        ) as view:
            return _band(view, Window(0, 0, int(window.width), int(window.height)))


def _ring_ground(source: rasterio.DatasetReader, shapes: NDArray[np.object_], metres: float) -> Floats:
    """Return the height of the ground around each shape: the lower tenth of the surface in a ring."""
    unit = 1.0 if np.isfinite(metres) else 1 / 111_000.0
    tree = shapely.STRtree(shapes)
    ground = np.full(len(shapes), np.nan)
    for number, shape in enumerate(shapes):
        around = shapely.buffer(shape, 15.0 * unit)
        near = shapely.union_all(shapes[tree.query(around)])
        ring = shapely.difference(around, shapely.buffer(near, 3.0 * unit))
        window = source.window(*around.bounds).round_offsets().round_lengths(op="ceil")
        try:
            window = window.intersection(Window(0, 0, source.width, source.height))
        except rasterio.errors.WindowError:
            continue
        if ring.is_empty or window.width < 1 or window.height < 1:
            continue
        inside = rasterize(
            [(ring, 1)],
            out_shape=(int(window.height), int(window.width)),
            transform=source.window_transform(window),
            fill=0,
            dtype="uint8",
        )
        values = _band(source, window)[inside == 1]
        values = values[np.isfinite(values)]
        if len(values):
            ground[number] = np.percentile(values, 10)
    return ground


def _graded(cells: pd.DataFrame, rows: int, *, with_ground: bool) -> pd.DataFrame:
    known = cells[np.isfinite(cells["height"].to_numpy(float))]
    groups = known.groupby("building")["height"]
    quantiles = {"q25": 0.25, "height_m": 0.5, "q75": 0.75}
    table = pd.DataFrame({name: groups.quantile(q).reindex(range(rows)) for name, q in quantiles.items()})
    off = (known["height"] - known["building"].map(table["height_m"])).abs()
    sigma = np.maximum(TO_SIGMA * off.groupby(known["building"]).median().reindex(range(rows)), LEAST_SIGMA_M)
    pixels = groups.size().reindex(range(rows), fill_value=0)
    even = (table["q75"] - table["q25"]) <= EVEN_M
    best = (pixels >= MANY_PIXELS) & even & with_ground
    quality = np.select([best, pixels >= FEW_PIXELS, pixels > 0], ["H", "M", "L"], default="")
    raised = (table["height_m"] >= RAISED).to_numpy()
    height = table["height_m"].where(raised)
    return pd.DataFrame(
        {
            "height_m": height,
            "low_m": np.maximum(height - sigma, 0.0),
            "high_m": height + sigma,
            "pixels": pixels,
            "quality": np.where(raised, quality, ""),
        }
    )
