"""Terrain and surface rasters: what must hold before heights are read from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import rasterio
from pyproj import CRS
from rasterio.warp import transform_bounds

from faults import Fault, InputError
from gis.crs import extent_problem
from layers.vertical import UNITS_M, declared_unit, enclosed, suspected_unit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

LOWEST_M, HIGHEST_M = -500.0, 9000.0
SAMPLE = 1024
"""Heights are looked at on at most this many rows and columns."""
MANY = 0.05


@dataclass(frozen=True)
class RasterFacts:
    """What a raster is."""

    crs: str
    width: int
    height: int
    cell: float
    """Size of a cell in units of the CRS."""
    extent: tuple[float, float, float, float]
    """West, south, east, north in degrees."""
    unknown_share: float
    """Share of cells without a height."""


def check_raster(path: Path, layer: str) -> tuple[RasterFacts, list[Fault]]:
    """Look at a raster of heights: CRS, cells, bands, nodata and the range of its values.

    Raises
    ------
    InputError
        The file cannot be read or has no CRS.
    """
    if not path.is_file():
        raise InputError([Fault(layer, None, None, str(path), "file not found", file=path.name)])
    try:
        with rasterio.open(path) as source:
            return _look(source, path, layer)
    except InputError:
        raise
    except Exception as error:  # libraries raise anything on damaged bytes
        rule = f"cannot be read as a raster, it may be damaged or cut off: {error}"
        raise InputError([Fault(layer, None, None, None, rule, file=path.name)]) from error


def _look(source: rasterio.DatasetReader, path: Path, layer: str) -> tuple[RasterFacts, list[Fault]]:
    faults: list[Fault] = []

    def note(rule: str, value: object = None, *, error: bool = False) -> None:
        text = None if value is None else str(value)
        faults.append(Fault(layer, None, None, text, rule, "error" if error else "warning", path.name))

    if source.crs is None:
        raise InputError([Fault(layer, None, None, None, "has no CRS; it is not guessed", file=path.name)])
    if problem := extent_problem(CRS.from_wkt(source.crs.to_wkt()), tuple(source.bounds)):
        note(problem, source.crs, error=True)
    if source.count != 1:
        note("must have one band of heights in metres; the first is read", source.count)
    if source.nodata is None:
        note("declares no nodata value: cells without a height would be taken as heights")
    heights = _sample(source)
    known = heights[np.isfinite(heights)]
    _note_unit(source, known, note)
    if holes := int(enclosed(np.isnan(heights)).sum()):
        cells = round(holes * source.width * source.height / heights.size)
        note(f"about {cells} cells in holes have no height; --fix fills them from their edges")
    if not len(known):
        note("has no cell with a height", error=True)
    elif known.min() < LOWEST_M or known.max() > HIGHEST_M:
        note(
            f"heights must lie between {LOWEST_M:g} and {HIGHEST_M:g} m; is the nodata value declared?",
            f"{known.min():g} to {known.max():g}",
            error=True,
        )
    unknown = 1.0 - len(known) / max(heights.size, 1)
    if unknown > MANY:
        note(f"{unknown:.0%} of the cells have no height")
    facts = RasterFacts(
        crs=source.crs.to_string(),
        width=source.width,
        height=source.height,
        cell=float(abs(source.transform.a)),
        extent=transform_bounds(source.crs, 4326, *source.bounds),
        unknown_share=float(unknown),
    )
    return facts, faults


def _note_unit(
    source: rasterio.DatasetReader, known: NDArray[np.float64], note: Callable[[str], None]
) -> None:
    unit = declared_unit(source)
    if unit is not None and UNITS_M.get(unit) != 1.0:
        note(f"heights are in {unit}, not in metres; --fix converts them")
    elif unit is None and (seen := suspected_unit(source, known, HIGHEST_M)) is not None:
        note(f"heights look like {seen}; declare the unit of the band (such as {seen})")


def _sample(source: rasterio.DatasetReader) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    shape = (min(source.height, SAMPLE), min(source.width, SAMPLE))
    band = source.read(1, out_shape=shape, masked=True)
    return np.ma.filled(band.astype(float), np.nan)
