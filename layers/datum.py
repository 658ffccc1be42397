"""Is a layer in the offset datum of a map service? Measured against a reference, reported, not converted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import Transformer

from faults import Fault
from gis.crs import TO_WGS84
from gis.offset import measure_offset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gis.offset import Offset

NAMES = {"gcj02": "GCJ-02", "bd09": "BD-09"}
SURE = 0.25
"""Offsets that are less unique are not reported."""
SMALL_M = 25.0
"""Offsets below this are within what two sources of the same things differ by."""
BETTER = 1.1
"""A datum must make the layers match this much better than moving the layer as it is."""


@dataclass(frozen=True)
class Suspicion:
    """What a layer's offset from a reference looks like."""

    east_m: float
    """How far east of the reference the layer lies."""
    north_m: float
    confidence: float
    """0 to 1, see gis.offset.Offset."""
    datum: str | None
    """gcj02 or bd09 where undoing the datum makes the two agree; None: neither does."""
    of_reference: bool = False
    """True: it is the reference that is in the datum."""


def suspect_datum(
    layer: NDArray[np.object_], reference: NDArray[np.object_], *, crs: str
) -> Suspicion | None:
    """Compare a layer with a reference of the same things and name the datum its offset is that of.

    A datum is suspected where undoing it brings the layer onto the reference, and does so better than
    any plain move (the offset datums also bend). Nothing is converted.

    Parameters
    ----------
    layer, reference
        Shapes in the metric `crs`.

    Returns
    -------
    None where the two agree, where nothing can be measured, or where no offset is sure.
    """
    plain = measure_offset(layer, reference)
    if plain is None or (plain.distance_m < SMALL_M and plain.confidence >= SURE):
        return None
    undone = [found for found in _undo(layer, reference, crs) if found[1].distance_m < SMALL_M]
    best = max(undone, key=lambda found: found[1].match, default=None)
    if best is not None and best[1].confidence >= SURE and best[1].match >= BETTER * _at_rest(plain):
        return best[0]
    if plain.confidence < SURE:
        return None
    return Suspicion(plain.east_m, plain.north_m, plain.confidence, None)


def _at_rest(plain: Offset) -> float:
    """Return how well the layers match as they are: nothing, unless they lie on each other."""
    return plain.match if plain.distance_m < SMALL_M else plain.match / BETTER


def _undo(
    layer: NDArray[np.object_], reference: NDArray[np.object_], crs: str
) -> Iterator[tuple[Suspicion, Offset]]:
    """Take the layer, then the reference, out of each datum and measure what offset is left."""
    for datum in TO_WGS84:
        for of_reference in (False, True):
            moved = _from_datum(reference if of_reference else layer, datum, crs)
            pair = (layer, moved) if of_reference else (moved, reference)
            left = measure_offset(*pair)
            if left is None:
                continue
            shift = _mean_shift(moved, reference if of_reference else layer)
            east, north = (-1 if of_reference else 1) * shift + (left.east_m, left.north_m)
            yield Suspicion(float(east), float(north), left.confidence, datum, of_reference), left


def _from_datum(shapes: NDArray[np.object_], datum: str, crs: str) -> NDArray[np.object_]:
    degrees = Transformer.from_crs(crs, 4326, always_xy=True)

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        lon, lat = TO_WGS84[datum](*degrees.transform(xy[:, 0], xy[:, 1]))
        return np.column_stack(degrees.transform(lon, lat, direction="INVERSE"))

    moved: NDArray[np.object_] = shapely.transform(shapes, move)
    return moved


def _mean_shift(start: NDArray[np.object_], end: NDArray[np.object_]) -> NDArray[np.float64]:
    shift: NDArray[np.float64] = np.nanmean(
        shapely.get_coordinates(end) - shapely.get_coordinates(start), axis=0
    )
    return shift


def datum_fault(name: str, file: str, reference: str, suspicion: Suspicion) -> Fault:
    """Say what was measured, and what to do about it."""
    east, north = _side(suspicion.east_m, "east", "west"), _side(suspicion.north_m, "north", "south")
    measured = f"lies {east} and {north} of {reference} (confidence {suspicion.confidence:.2f})"
    if suspicion.datum is None:
        rule = f"{measured}; that is the offset of no known datum, is the CRS right?"
    elif suspicion.of_reference:
        rule = f"{measured}: {reference} looks like {NAMES[suspicion.datum]}"
    else:
        ask = f'write convert = "{suspicion.datum}" to convert'
        rule = f"{measured}: the coordinates look like {NAMES[suspicion.datum]}; {ask}"
    return Fault(name, None, "geometry", None, rule, "warning", file)


def _side(metres: float, positive: str, negative: str) -> str:
    return f"{abs(metres):.0f} m {positive if metres >= 0 else negative}"
