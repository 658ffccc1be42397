"""Rasters of the run as pictures for the map: warped to Web Mercator and coloured in a few classes."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import rasterio
from PIL import Image
from rasterio.vrt import WarpedVRT

from ui.shapes import lonlat
from ui.theme import PV_RAMP

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assessment.run import Run

LARGEST_PX = 1600
NO_PICTURES = ("reason_", "irradiation_monthly")
"""Rasters whose codes stand for sentences, and those of twelve bands, by how their names begin."""


@dataclass(frozen=True)
class Picture:
    """A coloured raster."""

    png: bytes
    bounds: tuple[tuple[float, float], tuple[float, float]]
    """South-west and north-east corner as (lat, lon)."""
    limits: tuple[float, ...]
    """Limits between the classes of PV_RAMP."""
    unit: str
    labels: tuple[tuple[str, str, str], ...] = ()
    """Of a raster of codes: colour, Chinese and English words per code, from 1; empty for numbers."""


def raster_names(run: Run) -> tuple[str, ...]:
    """Return the names of the run's rasters that make one picture; reasons are asked for by place instead."""
    names = (file.stem for file in (run.path / "rasters").glob("*.tif"))
    return tuple(sorted(name for name in names if not name.startswith(NO_PICTURES)))


def raster_png(run: Run, name: str) -> Picture:
    """Return a raster of the run as a palette PNG.

    Raises
    ------
    KeyError
        When the run has no such raster.
    """
    if name not in raster_names(run):
        raise KeyError(f"no raster {name!r}")
    return _picture(run.path / "rasters" / f"{name}.tif")


@lru_cache(maxsize=8)
def _picture(file: Path) -> Picture:
    with rasterio.open(file) as source, WarpedVRT(source, crs="EPSG:3857") as warped:
        shrink = max(warped.width / LARGEST_PX, warped.height / LARGEST_PX, 1.0)
        shape = (round(warped.height / shrink), round(warped.width / shrink))
        band = warped.read(1, out_shape=shape, masked=True).astype("float64").filled(np.nan)
        west, south, east, north = warped.bounds
        listed = source.tags().get("classes")
        unit = source.tags().get("unit") or source.units[0] or ""
    corners = lonlat(np.array([[west, south], [east, north]]))
    places = tuple((float(lat), float(lon)) for lon, lat in corners)
    if listed is not None:
        return _coded(band, json.loads(listed), places)  # type: ignore[arg-type]
    limits = class_limits(band[np.isfinite(band)], len(PV_RAMP))
    classes = np.where(np.isfinite(band), np.digitize(np.nan_to_num(band), limits), 255).astype("uint8")
    return Picture(_png(classes, PV_RAMP), places, limits, unit.replace("m2", "m²"))  # type: ignore[arg-type]


def _coded(
    band: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    listed: list[tuple[int, str, str, str]],
    places: tuple[tuple[float, float], tuple[float, float]],
) -> Picture:
    """Colour codes by their own colours; what has no code stays clear."""
    known = np.isfinite(band) & (band >= 1)
    classes = np.where(known, np.nan_to_num(band) - 1, 255).astype("uint8")
    labels = tuple((colour, zh, en) for _, colour, zh, en in listed)
    return Picture(_png(classes, [colour for colour, _, _ in labels]), places, (), "", labels)


def _png(classes: np.ndarray[tuple[int, int], np.dtype[np.uint8]], colours: Sequence[str]) -> bytes:
    image = Image.fromarray(classes, mode="P")
    palette = [int(colour[i : i + 2], 16) for colour in colours for i in (1, 3, 5)]
    image.putpalette(palette + [0] * (768 - len(palette)))
    out = io.BytesIO()
    image.save(out, format="PNG", transparency=255, optimize=True)
    return out.getvalue()


def class_limits(values: np.ndarray[tuple[int], np.dtype[np.float64]], classes: int) -> tuple[float, ...]:
    """Return rounded limits that cut values into about equally full classes, ascending and distinct.

    Examples
    --------
    >>> class_limits(np.arange(0.0, 101.0), 5)
    (20.0, 40.0, 60.0, 80.0)
    """
    if not values.size:
        return ()
    limits = np.quantile(values, np.linspace(0, 1, classes + 1)[1:-1])
    wanted = len(np.unique(limits))
    for digits in range(2, 5):
        rounded = sorted({float(f"{value:.{digits}g}") for value in limits})
        if len(rounded) == wanted:
            break
    return tuple(value for value in rounded if value > values.min())
