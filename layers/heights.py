"""Heights of buildings where the file has none: from a measured surface, else from storeys, with range."""

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

    from layers.catalog import Catalog

    Floats = NDArray[np.float64]

STOREY_CLASS = {
    "industrial": "industrial",
    "logistics": "industrial",
    "residential": "residential",
    "rural_house": "residential",
}
"""Use -> class of storey height in the catalogue; every other use is `other`."""
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
RATIOS = {"feet": 1 / 0.3048, "centimetres": 100.0, "decimetres": 10.0, "storeys": 1 / 3.0}
"""What the ratio of given to measured height looks like where the file has another unit."""
RATIO_TOLERANCE = 0.12
ENOUGH = 20
ADDED = ("height_low_m", "height_high_m", "height_from", "height_quality")


def complete_heights(
    frame: gpd.GeoDataFrame, *, surface: Path | None, terrain: Path | None, catalog: Catalog
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Fill unknown heights and say where each is from, how far it may be off, and how well it is known.

    Parameters
    ----------
    frame
        Buildings with height_m, floors, use in metres.
    surface, terrain
        Measured surface (with roofs) and ground; None: there is none.
    catalog
        With `storey_height_m.residential`, `.industrial` and `.other`.

    Returns
    -------
    The frame with height_m filled and height_low_m, height_high_m (NaN: as given), height_from (file,
    surface, floors, unknown) and height_quality (H, M, L; empty: unknown); and what was done, as remarks.
    """
    height = frame["height_m"].to_numpy(float, copy=True)
    low, high = np.full(len(frame), np.nan), np.full(len(frame), np.nan)
    origin = np.where(np.isfinite(height), "file", "unknown").astype(object)
    quality = np.where(np.isfinite(height), "M", "").astype(object)
    faults: list[Fault] = []
    if surface is not None:
        measured = surface_heights(frame, surface, terrain)
        faults += _unit_faults(height, measured["height_m"].to_numpy(float))
        use = ~np.isfinite(height) & measured["height_m"].notna().to_numpy()
        height[use], origin[use] = measured["height_m"].to_numpy(float)[use], "surface"
        low[use], high[use] = measured["low_m"].to_numpy(float)[use], measured["high_m"].to_numpy(float)[use]
        quality[use] = measured["quality"].to_numpy(object)[use]
        faults += _said(use, f"measured as {surface.name} above the ground")
    central, below, above = storey_heights(frame, catalog)
    use = ~np.isfinite(height) & np.isfinite(central)
    height[use], low[use], high[use], origin[use], quality[use] = (
        central[use],
        below[use],
        above[use],
        "floors",
        "L",
    )
    faults += _said(use, "reckoned from their floors and the storey height of their use")
    columns = dict(zip(ADDED, (low, high, origin, quality), strict=True))
    return frame.assign(height_m=height, **columns), faults


def _said(use: NDArray[np.bool_], how: str) -> list[Fault]:
    if not use.any():
        return []
    rule = f"heights of {int(use.sum())} of {len(use)} buildings are {how}"
    return [Fault("buildings", None, "height_m", None, rule, "info")]


def storey_heights(frame: gpd.GeoDataFrame, catalog: Catalog) -> tuple[Floats, Floats, Floats]:
    """Return height, its low and its high end from the number of floors and the storey height of the use.

    NaN where the number of floors is unknown.
    """
    floors = frame["floors"].to_numpy(float)
    classes = frame["use"].map(STOREY_CLASS).fillna("other")
    ends = []
    for end in ("value", "low", "high"):
        by_class = {name: float(getattr(catalog[f"storey_height_m.{name}"], end)) for name in set(classes)}
        ends.append(floors * classes.map(by_class).to_numpy(float))
    return ends[0], ends[1], ends[2]


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


def _unit_faults(given: Floats, measured: Floats) -> list[Fault]:
    """Compare given heights with measured ones: their ratio tells a file in another unit."""
    both = np.isfinite(given) & np.isfinite(measured)
    if both.sum() < ENOUGH:
        return []
    ratio = float(np.median(given[both] / measured[both]))
    for unit, expected in RATIOS.items():
        if abs(ratio / expected - 1) < RATIO_TOLERANCE:
            rule = (
                f"given heights are {ratio:.2f} times those measured on the surface "
                f"({int(both.sum())} buildings): they look like {unit}; give units"
            )
            return [Fault("buildings", None, "height_m", f"{ratio:.2f}", rule, "warning")]
    return []
