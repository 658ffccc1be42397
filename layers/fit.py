"""Do the layers of a region lie on each other: offsets of a known datum, and plain ones that are sure."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import shapely

from layers.datum import datum_fault, suspect_datum

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from faults import Fault

PLACED = ("municipal", "farmland", "heat", "restrictions", "buildings")
"""Layers whose edges follow what is on the ground, the most trusted first: it is the reference of a pair."""
NEAR_M = 6000.0
"""Offsets are measured within this distance of where a pair of layers is dense."""
FEW = 50
SURE_ALONE = 0.4
"""Layers of different things share only some edges: a plain shift between them must be this unique. Over
draws of street blocks and buildings in them, none that are in place come near it (benchmarks/gcj02.py)."""


def offset_faults(
    frames: Mapping[str, gpd.GeoDataFrame], files: Mapping[str, str], *, crs: str
) -> Iterator[Fault]:
    """Compare every pair of layers; offsets of a known datum are reported, and plain ones that are sure.

    Layers of different things share some edges (a parcel and the buildings along it). That undoing GCJ-02 or
    BD-09 brings them onto each other proves an offset; a plain shift does where no other would fit nearly as
    well (`SURE_ALONE`).

    Parameters
    ----------
    frames
        Usable rows by layer, in the metric `crs`.
    files
        Name of the file of each layer, for the message.
    """
    told: set[str] = set()
    for reference, name in combinations([name for name in PLACED if name in frames], 2):
        if name in told:
            continue
        ours, theirs = _near(frames[name], frames[reference])
        if min(len(ours), len(theirs)) < FEW:
            continue
        found = suspect_datum(ours, theirs, crs=crs)
        if found is not None and (found.datum is not None or found.confidence >= SURE_ALONE):
            told.add(reference if found.of_reference else name)
            yield datum_fault(name, files[name], files[reference], found)


def _near(
    ours: gpd.GeoDataFrame, theirs: gpd.GeoDataFrame
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Return the shapes of both around the median of the smaller layer."""
    smaller = min((ours, theirs), key=len)
    middle = np.nanmedian(_centres(smaller), axis=0)
    near = []
    for frame in (ours, theirs):
        inside = (np.abs(_centres(frame) - middle) < NEAR_M).all(axis=1)
        near.append(np.asarray(frame.geometry.array, dtype=object)[inside])
    return near[0], near[1]


def _centres(frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    shapes = np.asarray(frame.geometry.array, dtype=object)
    centres: NDArray[np.float64] = shapely.bounds(shapes).reshape(-1, 2, 2).mean(axis=1)
    return centres
