"""A surface in 16-bit fixed point, in both memory orders, and marks on the pieces of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jit import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Shorts = NDArray[np.int16]
    Bytes = NDArray[np.uint8]
    Pixels = NDArray[np.int32]

FLAG = 32
"""Pixels of a row that are marked together."""
STEEPEST_DEG = 81.0
"""No threshold of a horizon may lie above."""
HEIGHT_CEILING = 32000
MOST_SINK = 30000
"""A ray may sink by this much in a step without wrapping below the 16 bits."""
QUANTUM_M = 1.0 / 64.0


@dataclass(frozen=True)
class Heights:
    """A surface in 16-bit fixed point, in both memory orders."""

    rows: Shorts
    """Shape (rows, columns)."""
    columns: Shorts
    """The same, transposed and contiguous."""
    base_m: float
    """Height of the stored value 0, the lowest: pixels never filled are the lowest ground there is."""
    quantum_m: float
    resolution_m: float
    origin: tuple[int, int] = (0, 0)
    """Row and column of the first pixel on the endless grid: lines are the same in every window."""
    continuous: bool = False
    """True: samples of a surface that runs straight from pixel centre to pixel centre. False: what drops
    steeply is a wall whose face stands midway between two pixels."""

    def metres(self) -> Floats:
        """Return the surface in metres."""
        return np.asarray(self.rows * self.quantum_m + self.base_m, np.float64)


def quantum_for(relief_m: float, resolution_m: float) -> float:
    """Return the height step: 1/64 m, doubled until relief and the steepest ray of a pixel fit 16 bits.

    Examples
    --------
    >>> quantum_for(200.0, 1.0), quantum_for(900.0, 1.0), quantum_for(200.0, 90.0)
    (0.015625, 0.03125, 0.03125)
    """
    steepest_m = np.tan(np.radians(STEEPEST_DEG)) * np.sqrt(2) * resolution_m
    quantum = QUANTUM_M
    while relief_m / quantum > HEIGHT_CEILING or steepest_m / quantum > MOST_SINK:
        quantum *= 2
    return quantum


def fixed_point(
    surface_m: Floats, *, resolution_m: float, origin: tuple[int, int] = (0, 0), continuous: bool = False
) -> Heights:
    """Store a surface in metres as fixed point; see `Heights` for what it may be.

    Raises
    ------
    ValueError
        A height is missing or not finite.
    """
    low, high = float(surface_m.min()), float(surface_m.max())
    if not np.isfinite(low + high):
        raise ValueError("the surface has pixels without a height")
    quantum = quantum_for(high - low, resolution_m)
    rows = np.empty(surface_m.shape, np.int16)
    _quantise(surface_m, low, quantum, rows)
    return Heights(rows, transposed(rows), low, quantum, resolution_m, origin, continuous)


@njit(cache=True, nogil=True)
def _quantise(surface_m: Floats, low: float, quantum: float, out: Shorts) -> None:
    for i in range(surface_m.shape[0]):
        for j in range(surface_m.shape[1]):
            out[i, j] = np.int16(np.floor((surface_m[i, j] - low) / quantum + 0.5))


@njit(cache=True, nogil=True)
def transpose(source: NDArray[Any], near: Bytes, out: NDArray[Any]) -> None:
    """Write the transpose of the blocks that hold a marked piece of a row."""
    for top in range(0, source.shape[0], FLAG):
        bottom = min(top + FLAG, source.shape[0])
        for piece in range(near.shape[1]):
            wanted = False
            for i in range(top, bottom):
                wanted = wanted or near[i, piece] != 0
            if wanted:
                for j in range(piece * FLAG, min((piece + 1) * FLAG, source.shape[1])):
                    for i in range(top, bottom):
                        out[j, i] = source[i, j]


def transposed(source: Shorts) -> Shorts:
    """Return the contiguous transpose, made block by block."""
    return transposed_near(source, np.ones_like(no_flags(source.shape)))


def transposed_near(source: Shorts, near: Bytes) -> Shorts:
    """Return the contiguous transpose of the blocks that hold a marked piece of a row; zero elsewhere."""
    out = np.zeros(source.shape[::-1], source.dtype)
    transpose(source, near, out)
    return out


@njit(cache=True, nogil=True)
def flag_blocks(rows: Pixels, columns: Pixels, flag: int, out: Bytes) -> None:
    """Set a flag on the pieces of `FLAG` pixels that hold a listed pixel."""
    for index in range(rows.size):
        out[rows[index], columns[index] // FLAG] |= flag


def no_flags(shape: tuple[int, int]) -> Bytes:
    """Return unmarked pieces of `FLAG` pixels for every row of a raster."""
    return np.zeros((shape[0], -(-shape[1] // FLAG)), np.uint8)
