"""Scenes for the shading engine, and the slow judge: rays walked over the same pixels in small steps."""

from __future__ import annotations

import numpy as np
from numba import njit


def blocks_scene(size, *, seed, count=None, slope=(0.01, 0.02), turn_deg=0.0):
    """A sloping plain with boxes of 6 to 60 m, turned by an angle; returns heights and the roof mask."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size].astype(float)
    heights = slope[0] * y + slope[1] * x
    roof = np.zeros((size, size), bool)
    angle = np.radians(turn_deg)
    for _ in range(count or size * size // 1500):
        cx, cy = rng.uniform(0, size, 2)
        half_l, half_w = rng.uniform(4, 20, 2)
        u = (x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)
        v = (y - cy) * np.cos(angle) - (x - cx) * np.sin(angle)
        inside = (abs(u) <= half_l) & (abs(v) <= half_w)
        if inside.any():
            top = heights[int(np.clip(cy, 0, size - 1)), int(np.clip(cx, 0, size - 1))] + rng.uniform(6, 60)
            heights[inside] = np.maximum(heights[inside], top)
            roof |= inside
    return heights, roof


@njit(cache=True)
def march(heights, row, column, azimuth, resolution_m, reach_px):  # noqa: PLR0917 - a kernel
    """Tangent of the horizon from the middle of a pixel: nearest pixel every quarter pixel along the ray."""
    east, south = np.sin(azimuth), -np.cos(azimuth)
    best = -np.inf
    distance = 0.25
    while distance < reach_px:
        i, j = int(np.floor(row + 0.5 + distance * south)), int(np.floor(column + 0.5 + distance * east))
        if i < 0 or j < 0 or i >= heights.shape[0] or j >= heights.shape[1]:
            break
        if i != row or j != column:
            best = max(best, (heights[i, j] - heights[row, column]) / (distance * resolution_m))
        distance += 0.25
    return best
