"""Do the layers of a region fit together: rows outside every town, empty towns, unfilled towns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from faults import Fault
from gis.zones import intersected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

FILLED = 0.98
"""Townships must fill their town to this share."""
IN_TOWNS = ("buildings", "farmland", "municipal", "heat")
"""Layers whose rows count for the town they lie in."""
MUST_BE_EVERYWHERE = ("buildings", "farmland")
"""Layers that a town without a single row of is suspicious for."""


def coverage_faults(frames: Mapping[str, gpd.GeoDataFrame]) -> Iterator[Fault]:
    """Compare the layers of a region with its towns; frames by layer, in one metric CRS."""
    towns = frames.get("towns")
    if towns is None or towns.empty:
        return
    for name, frame in frames.items():
        if name == "townships":
            yield from _townships(frame, towns)
        elif name in IN_TOWNS and len(frame):
            yield from _rows_in_towns(name, frame, towns)


def _rows_in_towns(name: str, frame: gpd.GeoDataFrame, towns: gpd.GeoDataFrame) -> Iterator[Fault]:
    town = _town_of(frame.geometry.to_numpy(), towns.geometry.to_numpy())
    outside = int((town < 0).sum())
    if outside:
        share = outside / len(frame)
        rule = f"{outside} of {len(frame)} rows ({share:.0%}) lie outside every town and count for none"
        yield Fault(name, None, "geometry", None, rule, "warning" if share > 1 - FILLED else "info")
    if name in MUST_BE_EVERYWHERE or name == "municipal":
        yield _covered(name, frame, town, towns)
    counts = np.bincount(town[town >= 0], minlength=len(towns))
    if name in MUST_BE_EVERYWHERE:
        for position in np.flatnonzero(counts == 0):
            rule = "not one row lies in this town; is the layer complete?"
            yield Fault(name, None, "geometry", str(towns["id"].iloc[position]), rule, "warning")


def _covered(name: str, frame: gpd.GeoDataFrame, town: NDArray[np.intp], towns: gpd.GeoDataFrame) -> Fault:
    """Say how much of each town the rows in it cover; rows that overlap count twice."""
    there = np.zeros(len(towns))
    np.add.at(there, town[town >= 0], shapely.area(np.asarray(frame.geometry.array, dtype=object))[town >= 0])
    share = there / shapely.area(np.asarray(towns.geometry.array, dtype=object))
    each = ", ".join(f"{code} {part:.1%}" for code, part in zip(towns["id"], share, strict=True))
    return Fault(
        name, None, "geometry", None, f"covers {there.sum() / 1e6:.4g} km2 of the towns: {each}", "info"
    )


def _town_of(shapes: NDArray[np.object_], towns: NDArray[np.object_]) -> NDArray[np.intp]:
    """Return the town that holds a point of each shape, -1 for none."""
    there = ~shapely.is_missing(shapes)
    points = shapely.point_on_surface(shapes[there])
    which, town = shapely.STRtree(towns).query(points, predicate="intersects")
    found = np.full(len(points), -1, dtype=np.intp)
    found[which] = town
    return np.concatenate([found, np.full(int((~there).sum()), -1, dtype=np.intp)])


def _townships(townships: gpd.GeoDataFrame, towns: gpd.GeoDataFrame) -> Iterator[Fault]:
    shapes = dict(zip(towns["id"], towns.geometry, strict=True))
    for town, group in townships.groupby("town", sort=True):
        if town not in shapes:
            rule = f"is no town of the region; the towns are {', '.join(map(str, shapes))}"
            yield Fault("townships", None, "town", str(town), rule, "error")
            continue
        joined = shapely.union_all(group.geometry.to_numpy())
        shared = intersected(np.array([joined]), np.array([shapes[town]]))
        share = float(shapely.area(shared)[0]) / shapes[town].area
        if share < FILLED:
            rule = f"its townships fill {share:.1%} of it; what lies between counts for no township"
            yield Fault("townships", None, "town", str(town), rule, "warning")
        beyond = shapely.difference(joined, shapes[town]).area / 1e6
        if beyond > (1 - FILLED) * shapes[town].area / 1e6:
            rule = f"its townships reach {beyond:.2f} km2 beyond it"
            yield Fault("townships", None, "town", str(town), rule, "warning")
    for town in sorted(set(shapes) - set(townships["town"])):
        yield Fault("townships", None, "town", str(town), "has no township", "warning")
