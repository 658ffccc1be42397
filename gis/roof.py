"""Roof planes from footprint, form and slope: which part faces where, how steep, how large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.roof_shape import FLAT, HIPPED, boxes_of
from gis.zones import intersected

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_REACH = 1.05
"""The rectangle's parts are drawn a little beyond it, so that a footprint that bulges loses nothing."""


@dataclass(frozen=True)
class RoofPlanes:
    """Planes of many roofs, one row each."""

    building: Ints
    """Row of the footprint."""
    side: Ints
    """0 and 1: left and right of the ridge seen along it; 2 and 3: hips at its start and end; 0: flat."""
    tilt_deg: Floats
    azimuth_deg: Floats
    """Where water would run, 0 = north, clockwise; 180 for flat roofs."""
    plan_m2: Floats
    """Area seen from above."""
    area_m2: Floats
    """Area along the slope."""
    usable: NDArray[np.object_]
    """Plan of the plane drawn in by the set-back; empty where nothing is left."""


def roof_planes(
    polygons: NDArray[np.object_], form: NDArray[np.uint8], slope: Floats, *, setback_m: float = 0.0
) -> RoofPlanes:
    """Split roofs into planes.

    A gabled roof is cut along the middle line of its smallest rectangle, a hipped one also by the bisectors
    of the rectangle's corners (the straight skeleton of a rectangle under one slope).

    Parameters
    ----------
    polygons
        Footprints.
    form, slope
        FLAT, GABLED or HIPPED; tangent of the tilt.
    setback_m
        Distance kept from eaves, ridges, hips and gables.

    Raises
    ------
    ValueError
        The set-back is negative.
    """
    if setback_m < 0:
        raise ValueError(f"setback_m must not be negative, got {setback_m}")
    form, slope = np.asarray(form), np.asarray(slope, float)
    boxes = boxes_of(polygons)
    building, side = _sides(form)
    box = boxes[building]
    regions = _regions(box, side, form[building] == HIPPED)
    plans = np.where(form[building] == FLAT, polygons[building], intersected(polygons[building], regions))
    tilt = np.where(form[building] == FLAT, 0.0, np.arctan(slope[building]))
    plan_m2 = shapely.area(plans)
    kept = plan_m2 > 0
    usable = shapely.buffer(plans, -setback_m, join_style="mitre") if setback_m else plans
    planes = RoofPlanes(
        building=building,
        side=side,
        tilt_deg=np.degrees(tilt),
        azimuth_deg=np.where(form[building] == FLAT, 180.0, _azimuths_deg(box, side)),
        plan_m2=plan_m2,
        area_m2=plan_m2 / np.cos(tilt),
        usable=np.asarray(usable, dtype=object),
    )
    return RoofPlanes(**{name: values[kept] for name, values in vars(planes).items()})


def _sides(form: NDArray[np.uint8]) -> tuple[Ints, Ints]:
    count = np.where(form == FLAT, 1, np.where(form == HIPPED, 4, 2))
    building = np.repeat(np.arange(form.size), count)
    first = np.repeat(np.cumsum(count) - count, count)
    return building, np.arange(building.size) - first


def _azimuths_deg(box: Floats, side: Ints) -> Floats:
    """Return where each side looks: left, right, back along and on along the ridge."""
    east, north = box[:, 2], box[:, 3]
    outward = np.stack(
        [
            np.stack([-north, east]),
            np.stack([north, -east]),
            np.stack([-east, -north]),
            np.stack([east, north]),
        ]
    )
    chosen = outward[side, :, np.arange(side.size)]
    return np.mod(np.degrees(np.arctan2(chosen[:, 0], chosen[:, 1])), 360.0)


def _regions(box: Floats, side: Ints, hipped: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Return the part of the plan that each side covers, reaching a little beyond the rectangle."""
    length, width = box[:, 4] * _REACH, box[:, 5] * _REACH
    ridge = np.where(hipped, box[:, 4] - box[:, 5], length)
    zero = np.zeros_like(length)
    over = np.where(hipped, length - box[:, 4], 0.0)
    eave = np.where(hipped, box[:, 5] + over, width)
    left = np.stack([[-length, eave], [length, eave], [ridge, zero], [-ridge, zero]])
    hip = np.stack([[length, eave], [length, -eave], [ridge, zero], [ridge, zero]])
    turns = {0: (1, 1, left), 1: (1, -1, left), 2: (-1, 1, hip), 3: (1, 1, hip)}
    corners = np.empty((side.size, 4, 2))
    for number, (along, across, shape) in turns.items():
        here = side == number
        u, v = shape[:, 0, here] * along, shape[:, 1, here] * across
        x = box[here, 0] + u * box[here, 2] - v * box[here, 3]
        y = box[here, 1] + u * box[here, 3] + v * box[here, 2]
        corners[here] = np.stack([x, y], axis=2).transpose(1, 0, 2)
    return np.asarray(shapely.polygons(corners), dtype=object)
