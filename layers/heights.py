"""Heights of buildings where the file has none: from a measured surface, else from storeys, with range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from faults import Fault
from layers.footprint_heights import surface_heights
from layers.storeys import storey_heights

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from layers.catalog import Catalog

    Floats = NDArray[np.float64]

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
