"""The parts a surface is cut into, each with the surroundings that can shade it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WHOLE_PIXELS = 150_000_000
"""Largest surface that is swept in one piece."""
TILE_PIXELS = 8192
MARGIN_PIXELS = 16
HALO_M = 1200.0
"""How far around a tile buildings are taken; terrain comes in from any distance. A building 60 m taller than
the roof it shades stands less than 2.9 degrees above it from further away."""


@dataclass(frozen=True)
class Tile:
    """A part of the surface: where results are wanted, and what is built for it."""

    core: tuple[float, float, float, float]
    """West, south, east, north."""
    grid: Grid
    """Core and halo."""


def tiles_of(bounds: Floats | tuple[float, float, float, float], *, resolution_m: float) -> Iterator[Tile]:
    """Cut the area into tiles with a halo; one tile where the whole fits."""
    west, south, east, north = (float(value) for value in bounds)
    whole = Grid.around((west, south, east, north), resolution_m=resolution_m)
    if whole.rows * whole.columns <= WHOLE_PIXELS:
        yield Tile(
            whole.bounds,
            Grid.around(_grown(whole.bounds, MARGIN_PIXELS * resolution_m), resolution_m=resolution_m),
        )
        return
    side = TILE_PIXELS * resolution_m
    for top in np.arange(whole.bounds[3], whole.bounds[1], -side):
        for left in np.arange(whole.bounds[0], whole.bounds[2], side):
            core = (float(left), float(top - side), float(left + side), float(top))
            inside = _met(_grown(core, HALO_M), _grown(whole.bounds, MARGIN_PIXELS * resolution_m))
            grid = Grid.around(inside, resolution_m=resolution_m)
            yield Tile(core, grid)


def _grown(bounds: tuple[float, float, float, float], by: float) -> tuple[float, float, float, float]:
    return bounds[0] - by, bounds[1] - by, bounds[2] + by, bounds[3] + by


def _met(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])
