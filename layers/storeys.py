"""Heights that the number of storeys implies, with their range; and given heights held against them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

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
ENOUGH = 20
"""Fewer buildings are no evidence."""
LEAST_FLOORS = 2
"""Halls of one floor are of any height; from two floors on, floors tell it."""
OTHER_UNITS = {"ft": 1 / 0.3048, "dm": 10.0, "cm": 100.0}
"""Unit that heights may be in -> how many of it are a metre."""
WITHIN = 1.35
"""Heights over floors times storey height differ by no more than this factor from what they should be."""
FEW_STOREYS = {"rural_house": 3.0, "industrial": 1.5, "logistics": 1.5}
"""Use -> most storeys (of the catalogue's height) that half of the buildings of that use have."""
TOO_HIGH = 1.6
"""A median this much higher than those storeys is no height in metres."""


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


def unit_faults(frame: gpd.GeoDataFrame, catalog: Catalog) -> Iterator[Fault]:
    """Suspect heights that are in feet (or decimetres, centimetres) though nothing says so.

    Measured where floors are known: the median of height over floors times storey height is 1 for metres
    and 3.28 for feet. Where they are not, low uses tell: the median of village houses or halls is that of
    their few storeys. Nothing is converted.

    Parameters
    ----------
    frame
        Buildings with height_m, floors and use, as read.
    catalog
        As in `storey_heights`.
    """
    height = frame["height_m"].to_numpy(float)
    if not np.isfinite(height).any():
        return
    implied = storey_heights(frame, catalog)[0]
    both = np.isfinite(height) & np.isfinite(implied) & (frame["floors"].to_numpy(float) >= LEAST_FLOORS)
    if both.sum() >= ENOUGH:
        told = _by_floors(height[both] / implied[both])
    else:
        told = _by_use(frame, height, catalog)
    if told is not None:
        unit, measured, value = told
        rule = f'{measured}: they look like {unit}, not m; give units = {{height_m = "{unit}"}}'
        yield Fault("buildings", None, "height_m", value, rule, "warning")


def _by_floors(ratios: Floats) -> tuple[str, str, str] | None:
    ratio = float(np.median(ratios))
    unit = next((unit for unit, size in OTHER_UNITS.items() if size / WITHIN < ratio < size * WITHIN), None)
    measured = f"heights are {ratio:.2f} times floors times storey height ({len(ratios)} buildings)"
    return None if unit is None else (unit, measured, f"{ratio:.2f}")


def _by_use(frame: gpd.GeoDataFrame, height: Floats, catalog: Catalog) -> tuple[str, str, str] | None:
    use = frame["use"].to_numpy(object)
    for name, storeys in FEW_STOREYS.items():
        of_use = height[(use == name) & np.isfinite(height)]
        storey = catalog[f"storey_height_m.{STOREY_CLASS[name]}"]
        low, high = float(storey.low), storeys * float(storey.high)
        if len(of_use) < ENOUGH or (median := float(np.median(of_use))) <= TOO_HIGH * high:
            continue
        for unit, size in OTHER_UNITS.items():
            if low <= median / size <= high:
                span = f"{low:g} to {high:g} m"
                return unit, f"half of {len(of_use)} {name} are {median:g} high, not {span}", f"{median:g}"
    return None
