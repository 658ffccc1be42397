"""The largest rectangle in a shape: what is left to build on where a river or a railway cuts a block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELLS = 12
"""Cells along each side of the block the search looks at."""


def largest_rectangle(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Return first and last-plus-one row, first and last-plus-one column of the largest all-true rectangle.

    Every pair of rows is tried: a column counts where all rows between are true, and the longest run of
    such columns is the best rectangle of that pair.

    Examples
    --------
    >>> largest_rectangle(np.array([[1, 1, 0], [1, 1, 1]], dtype=bool))
    (0, 2, 0, 2)
    """
    best = (0, 0, 0, 0)
    for first in range(len(mask)):
        open_ = np.ones(mask.shape[1], dtype=bool)
        for last in range(first, len(mask)):
            open_ &= mask[last]
            start, stop = _longest_run(open_)
            if (last + 1 - first) * (stop - start) > (best[1] - best[0]) * (best[3] - best[2]):
                best = (first, last + 1, start, stop)
    return best


def _longest_run(open_: NDArray[np.bool_]) -> tuple[int, int]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], open_.astype(np.int8), [0]])))
    starts, stops = edges[::2], edges[1::2]
    if not starts.size:
        return 0, 0
    longest = int(np.argmax(stops - starts))
    return int(starts[longest]), int(stops[longest])


def fit(
    land: shapely.Geometry, centre: tuple[float, float], sides: tuple[float, float], angle_deg: float
) -> tuple[float, float, float, float]:
    """Return centre and sides of the largest rectangle, turned like the block, inside the land of a block."""
    turn = np.radians(angle_deg)
    cos, sin = np.cos(turn), np.sin(turn)
    share = (np.arange(CELLS) + 0.5) / CELLS - 0.5
    v, u = np.meshgrid(share * sides[1], share * sides[0], indexing="ij")
    x, y = centre[0] + u * cos - v * sin, centre[1] + u * sin + v * cos
    south, north, west, east = largest_rectangle(shapely.contains_xy(land, x, y))
    du = ((west + east) / 2.0 / CELLS - 0.5) * sides[0]
    dv = ((south + north) / 2.0 / CELLS - 0.5) * sides[1]
    width, depth = (east - west) / CELLS * sides[0], (north - south) / CELLS * sides[1]
    return centre[0] + du * cos - dv * sin, centre[1] + du * sin + dv * cos, width, depth
