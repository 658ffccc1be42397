"""From the hourly sky to energy per kWp: one fused loop over hours for any number of planes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jit import njit
from potential.solar.hour import (
    BEAM,
    CLIPPED,
    FULL,
    GHI,
    GROUND,
    LANES,
    LIT,
    REAR,
    SKY,
    SUMS,
    TAKEN,
    WARM,
    Conversion,
    add_hour,
    lanes_of,
)
from potential.solar.transposition import MIN_COS_ZENITH, perez_brightness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.solar.sun import HourlySky
    from potential.solar.system import System

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

STEPS = (
    "beam",
    "sky_diffuse",
    "ground",
    "rear",
    "row_shading",
    "iam",
    "soiling",
    "temperature",
    "dc",
    "clipping",
    "ac",
)
"""What the loop adds up per month: W h/m2 of plane, from `soiling` on also W h per kWp (the same number)."""


@dataclass(frozen=True)
class Shade:
    """What surroundings leave of the light on one plane."""

    lit: Floats
    """Share of the sun that reaches the plane in each hour, 1 = all."""
    sky_view: float
    """Share of the open plane's sky that is left."""


def hour_table(sky: HourlySky, system: System) -> tuple[Ints, Floats]:
    """Return month and the loop's ten columns of the hours, shapes (n,) and (n, 10).

    Columns: sun vector east, north, up; DNI; circumsolar (per cosine of incidence), dome and horizon band of
    Perez' sky; GHI; air temperature; exp(a + b wind).
    """
    zenith, azimuth = np.radians(sky.zenith_deg), np.radians(sky.azimuth_deg)
    f1, f2 = perez_brightness(sky)
    heat = np.exp(system.mounting.a + system.mounting.b * sky.wind_speed)
    columns = (
        np.sin(zenith) * np.sin(azimuth),
        np.sin(zenith) * np.cos(azimuth),
        np.cos(zenith),
        sky.dni,
        sky.dhi * f1 / np.maximum(np.cos(zenith), MIN_COS_ZENITH),
        sky.dhi * (1 - f1),
        sky.dhi * f2,
        sky.ghi,
        sky.temp_air,
        heat,
    )
    return sky.month, np.stack(columns, axis=1)


@njit(cache=True)
def steps_of(part: Floats, kept: float, system: Conversion, out: Floats) -> None:
    """Write the steps of `STEPS` of one plane and month from its sums."""
    poa = part[BEAM] + part[SKY] + part[GROUND]
    out[0], out[1], out[2], out[3] = part[BEAM], part[SKY], part[GROUND], part[REAR]
    out[4] = part[LIT] - part[REAR] - poa
    out[5] = part[TAKEN] - part[LIT]
    out[6] = part[TAKEN] * (kept - 1.0)
    out[7] = part[WARM] - part[TAKEN] * kept
    out[8] = part[WARM] * system.dc_factor
    out[9] = part[FULL] - part[CLIPPED]
    out[10] = part[CLIPPED] * system.ac_factor


@njit(cache=True, nogil=True, error_model="numpy")
def run_chain(  # noqa: C901, PLR0917 - a kernel
    month: Ints,
    hours: Floats,
    planes: Floats,
    lit: Floats,
    iam_beam: Floats,
    soiling: Floats,
    rear: Floats,
    system: Conversion,
    sums: Floats,
    series: Floats,
) -> None:
    """Add up every step of the chain per plane and month; keep the hours of the first plane where asked.

    Parameters
    ----------
    month, hours
        From `hour_table`.
    planes
        Per plane: tilt and azimuth (radians), modifiers of sky and ground light, share of the sky that rows
        in front leave, share that surroundings leave, ground cover ratio of the rows; shape (planes, 7).
    lit
        Share of the sun that reaches each plane in each hour, shape (planes, hours); no planes: all of it.
    iam_beam
        Modifier of beam, from `transposition.beam_polynomial`.
    soiling
        Share lost per month.
    rear
        Irradiance on the rear, W/m2, shape (planes, hours); no planes for monofacial modules.
    system
        From `conversion`.
    sums
        Output, shape (planes, steps, 12).
    series
        Output of the first plane, (hours, 3): plane irradiance, DC and AC W per kWp; no rows: not wanted.
    """
    count = planes.shape[0]
    back, sun = np.zeros(LANES), np.ones(LANES)
    before, now = np.zeros(len(STEPS)), np.zeros(len(STEPS))
    for first in range(0, count, LANES):
        lanes = lanes_of(planes, first).reshape(-1)
        part = np.zeros((12, SUMS * LANES))
        sums_of = part.reshape(12, SUMS, LANES)
        for index in range(hours.shape[0]):
            hour = hours[index]
            if hour[GHI] <= 0.0:
                continue
            m = month[index]
            kept = 1.0 - soiling[m]
            if rear.shape[0] > 0:
                for lane in range(LANES):
                    back[lane] = rear[min(first + lane, count - 1), index]
            if lit.shape[0] > 0:
                for lane in range(LANES):
                    sun[lane] = lit[min(first + lane, count - 1), index]
            wanted = first == 0 and series.shape[0] > 0
            if wanted:
                steps_of(sums_of[m, :, 0], kept, system, before)
            add_hour(hour, lanes, sun, back, iam_beam, kept, system, part[m])
            if wanted:
                steps_of(sums_of[m, :, 0], kept, system, now)
                series[index, 0] = now[0] + now[1] + now[2] - before[0] - before[1] - before[2]
                series[index, 1], series[index, 2] = now[8] - before[8], now[10] - before[10]
        for lane in range(min(LANES, count - first)):
            for m in range(12):
                steps_of(sums_of[m, :, lane], 1.0 - soiling[m], system, sums[first + lane, :, m])
