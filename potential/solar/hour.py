"""One hour of sixteen planes side by side: from light on the plane to AC power."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from jit import njit
from potential.solar.transposition import IAM_DEGREE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.solar.system import System

    Floats = NDArray[np.float64]

PVWATTS_REFERENCE_EFFICIENCY = 0.9637
STC_TEMPERATURE_C = 25.0
LANES = 16
"""Planes that are reckoned side by side."""

EAST, NORTH, UP, DNI, NEAR, DOME, BAND, GHI, AIR, HEAT = range(10)
BEAM, SKY, GROUND, REAR, LIT, TAKEN, WARM, FULL, CLIPPED = range(9)
_N_EAST, _N_NORTH, _COS, _SIN, _IAM_SKY, _IAM_GROUND, _ROWS, _SEEN, _LEFT, _COVER = range(10)
NUMBERS = 10
"""What the loop knows of each plane."""
SUMS = 9
"""What the loop itself adds up; the steps follow from it."""


class Conversion(NamedTuple):
    """The numbers of a system as the loop takes them."""

    albedo: float
    delta_t: float
    gamma: float
    dc_factor: float
    dc_limit: float
    """DC power at which the inverter is full, W per kWp."""
    efficiency: float
    ac_factor: float
    bifaciality: float


def conversion(system: System) -> Conversion:
    """Return the loop's numbers of a system."""
    return Conversion(
        albedo=system.albedo,
        delta_t=system.mounting.delta_t,
        gamma=system.gamma_pdc_per_k,
        dc_factor=system.losses.dc_factor,
        dc_limit=1000.0 / system.dc_ac_ratio / system.inverter_efficiency,
        efficiency=system.inverter_efficiency,
        ac_factor=system.losses.ac_factor,
        bifaciality=system.bifaciality,
    )


@njit(cache=True)
def shaded_fraction(sun_up: float, cos_incidence: float, gcr: float) -> float:
    """Return the share of a row that the row in front shades, infinite rows on level ground.

    1 - sin p / (gcr sin(p + tilt)) with the profile angle p of the sun across the rows (Anderson and Jensen
    2024, doi:10.1016/j.solener.2024.112445, without cross slope); both sines over their common length are the
    sun's height and the cosine of incidence.
    """
    if gcr <= 0.0 or sun_up <= 0.0 or cos_incidence <= 0.0:
        return 0.0
    return min(max(1.0 - sun_up / (gcr * cos_incidence), 0.0), 1.0)


@njit(cache=True, error_model="numpy", fastmath={"nsz"})
def inverter_ac(dc: float, dc_limit: float, efficiency: float) -> float:
    """Return AC power before clipping (Dobos 2014, PVWatts 5, eq. 17-18), same unit as `dc`.

    Efficiency -0.0162 x - 0.0059 / x + 0.9858 at load x = dc / limit, times dc.
    """
    power = (0.9858 - 0.0162 * dc / dc_limit) * dc - 0.0059 * dc_limit
    return max(efficiency / PVWATTS_REFERENCE_EFFICIENCY * power, 0.0)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"nsz"})
def add_hour(  # noqa: PLR0917 - a kernel
    hour: Floats,
    lanes: Floats,
    lit: NDArray[np.floating],
    rear: Floats,
    iam_beam: Floats,
    kept: float,
    system: Conversion,
    sums: Floats,
) -> None:
    """Add one hour of all lanes; the loop has no branches so that lanes run side by side.

    Parameters
    ----------
    hour
        Row of `hour_table`.
    lanes
        Per lane what `lanes_of` gives, ten numbers one after the other.
    lit
        Share of the sun that reaches each lane.
    rear
        Irradiance on the rear of each lane, W/m2.
    iam_beam
        Modifier of beam as a polynomial, from `transposition.beam_polynomial`.
    kept
        Share of light that dust leaves.
    system
        From `conversion`.
    sums
        Output of this month, nine sums of all lanes one after the other; flat, so that the compiler sees that
        no two of them touch.
    """
    up = 1.0 if hour[UP] > 0.0 else 0.0
    sun_east, sun_north, sun_up = hour[EAST] * up, hour[NORTH] * up, hour[UP] * up
    dni, circumsolar, dome_light, band_light = hour[DNI], hour[NEAR], hour[DOME], hour[BAND]
    heat = hour[HEAT] + 0.001 * system.delta_t
    air = hour[AIR] - STC_TEMPERATURE_C
    ground_light = hour[GHI] * system.albedo
    most = system.dc_limit * system.efficiency
    first = iam_beam[0]
    for lane in range(LANES):
        across = sun_east * lanes[_N_EAST * LANES + lane] + sun_north * lanes[_N_NORTH * LANES + lane]
        cos_i = min(max(across + sun_up * lanes[_COS * LANES + lane], 0.0), 1.0)
        # Perez et al. 1990, eq. 9: beam, circumsolar, rest of the sky; together the sky never turns negative
        beam, near_sun = dni * lit[lane] * cos_i, circumsolar * lit[lane] * cos_i
        sky = dome_light * lanes[_SEEN * LANES + lane] + band_light * lanes[_SIN * LANES + lane]
        rest = max(sky * lanes[_LEFT * LANES + lane], -near_sun)
        ground = ground_light * (1.0 - lanes[_SEEN * LANES + lane])
        back = rear[lane] * system.bifaciality
        cover = lanes[_COVER * LANES + lane]
        shaded = 1.0 if cover > 0.0 else 0.0
        dark = min(max(1.0 - sun_up / max(cover * cos_i, 1e-12), 0.0), 1.0) * shaded
        sharp = (beam + near_sun) * (1.0 - dark)
        dome = rest * lanes[_ROWS * LANES + lane]
        light = sharp + dome + ground + back
        place, iam = 2.0 * cos_i - 1.0, first
        for power in range(1, IAM_DEGREE + 1):
            iam = iam * place + iam_beam[power]
        soft = dome * lanes[_IAM_SKY * LANES + lane] + ground * lanes[_IAM_GROUND * LANES + lane]
        taken = max(sharp * iam + soft + back, 0.0)
        warm = taken * kept * (1.0 + system.gamma * (air + light * heat))
        full = inverter_ac(warm * system.dc_factor, system.dc_limit, system.efficiency)
        sums[BEAM * LANES + lane] += beam
        sums[SKY * LANES + lane] += near_sun + rest
        sums[GROUND * LANES + lane] += ground
        sums[REAR * LANES + lane] += back
        sums[LIT * LANES + lane] += light
        sums[TAKEN * LANES + lane] += taken
        sums[WARM * LANES + lane] += warm
        sums[FULL * LANES + lane] += full
        sums[CLIPPED * LANES + lane] += min(full, most)


@njit(cache=True)
def lanes_of(planes: Floats, first: int) -> Floats:
    """Return what the loop knows of sixteen planes, shape (10, 16).

    Normal east and north, cos and sin of tilt, modifiers, sky left by rows, sky view, sky left, ground cover
    ratio of the rows.
    """
    out = np.zeros((NUMBERS, LANES))
    for lane in range(LANES):
        plane = planes[min(first + lane, planes.shape[0] - 1)]
        tilt, azimuth, iam_sky, iam_ground, sky_seen, sky_left, cover = plane
        cos_tilt, sin_tilt = np.cos(tilt), np.sin(tilt)
        out[0, lane], out[1, lane] = sin_tilt * np.sin(azimuth), sin_tilt * np.cos(azimuth)
        out[2, lane], out[3, lane] = cos_tilt, sin_tilt
        out[4, lane], out[5, lane], out[6, lane] = iam_sky, iam_ground, sky_seen
        out[7, lane], out[8, lane], out[9, lane] = 0.5 * (1.0 + cos_tilt), sky_left, cover
    return out
