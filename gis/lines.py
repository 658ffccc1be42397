"""Digital lines: for one azimuth every pixel lies on exactly one line towards it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.heights import Heights

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Line:
    """How the digital lines of one azimuth run over the raster."""

    transposed: bool
    """True: walk along columns (the transposed layout)."""
    from_first: bool
    """True: the far end is the first row of the layout."""
    shift: Floats
    """Columns moved per step away from the far end."""
    step_px: float
    """Length of a step, pixels."""


def line_of(azimuth_deg: float) -> Line:
    """Return the digital lines that look towards an azimuth (0 = north, clockwise)."""
    azimuth = np.radians(azimuth_deg)
    down, right = -np.cos(azimuth), np.sin(azimuth)
    along, across = (down, right) if abs(down) >= abs(right) else (right, down)
    return Line(
        transposed=bool(abs(down) < abs(right)),
        from_first=bool(along < 0),
        shift=-across / abs(along),
        step_px=1 / abs(along),
    )


def offsets(line: Line, steps: int, *, origin: int = 0) -> Ints:
    """Return the column shift of every line at each step from the far end, relative to the first step.

    Parameters
    ----------
    line
        Direction of the lines.
    steps
        Rows of the layout.
    origin
        Number of its first row: lines keep their course whichever rows a window shows.
    """
    rounded = np.floor(line.shift * _places(line, steps, origin) + 0.5)
    return np.asarray(rounded - rounded[0], np.int64)


def leans(line: Line, steps: int, *, origin: int = 0) -> Floats:
    """Return how far beside the centre of its pixel every line passes at each step, columns, -0.5 to 0.5.

    Parameters as for `offsets`.
    """
    course = line.shift * _places(line, steps, origin)
    return np.asarray(course - np.floor(course + 0.5), np.float64)


def _places(line: Line, steps: int, origin: int) -> Floats:
    """Return the place of each step along the way rays sink, counted from row 0 of the endless grid."""
    first = origin if line.from_first else -(origin + steps - 1)
    return first + np.arange(steps, dtype=np.float64)


def falls(line: Line, heights: Heights, tangents: Floats, steps: int) -> NDArray[np.int32]:
    """Return how far each ray has sunk at each step since the far end, stored units, (steps + 1, levels).

    Whole numbers that follow the exact slope within half a unit however long the line.
    """
    slope = tangents * line.step_px * heights.resolution_m / heights.quantum_m
    places = _places(line, steps + 1, heights.origin[line.transposed])
    fall = np.floor(slope[None, :] * places[:, None] + 0.5)
    return np.asarray(fall - fall[0], np.int32)
