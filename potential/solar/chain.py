"""From the hourly sky to energy per kWp: one fused loop over hours for any number of planes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

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
PVWATTS_REFERENCE_EFFICIENCY = 0.9637
STC_TEMPERATURE_C = 25.0
LANES = 16
"""Planes that are reckoned side by side."""

_EAST, _NORTH, _UP, _DNI, _NEAR, _DOME, _BAND, _GHI, _AIR, _HEAT = range(10)
_BEAM, _SKY, _GROUND, _REAR, _LIT, _TAKEN, _WARM, _FULL, _CLIPPED = range(9)
_SUMS = 9
"""What the loop itself adds up; the steps follow from it."""


class Conversion(NamedTuple):
    """The numbers of a system as the loop takes them."""

    gcr: float
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
        gcr=system.rows.ground_cover_ratio,
        albedo=system.albedo,
        delta_t=system.mounting.delta_t,
        gamma=system.gamma_pdc_per_k,
        dc_factor=system.losses.dc_factor,
        dc_limit=1000.0 / system.dc_ac_ratio / system.inverter_efficiency,
        efficiency=system.inverter_efficiency,
        ac_factor=system.losses.ac_factor,
        bifaciality=system.bifaciality,
    )


@dataclass(frozen=True)
class Shade:
    """What surroundings leave of the light on one plane."""

    lit: Floats
    """Share of the sun that reaches the plane in each hour, 1 = all."""
    sky_view: float
    """Share of the open plane's sky that is left."""


def hour_table(sky: HourlySky, system: System, shade: Shade | None = None) -> tuple[Ints, Floats]:
    """Return month and the loop's ten columns of the hours, shapes (n,) and (n, 10).

    Columns: sun vector east, north, up; DNI; circumsolar (per cosine of incidence), dome and horizon band of
    Perez' sky; GHI; air temperature; exp(a + b wind).
    """
    zenith, azimuth = np.radians(sky.zenith_deg), np.radians(sky.azimuth_deg)
    f1, f2 = perez_brightness(sky)
    lit, view = (1.0, 1.0) if shade is None else (shade.lit, shade.sky_view)
    heat = np.exp(system.mounting.a + system.mounting.b * sky.wind_speed)
    columns = (
        np.sin(zenith) * np.sin(azimuth),
        np.sin(zenith) * np.cos(azimuth),
        np.cos(zenith),
        sky.dni * lit,
        sky.dhi * f1 * lit / np.maximum(np.cos(zenith), MIN_COS_ZENITH),
        sky.dhi * (1 - f1) * view,
        sky.dhi * f2 * view,
        sky.ghi,
        sky.temp_air,
        heat,
    )
    return sky.month, np.stack(columns, axis=1)


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


@njit(cache=True)
def inverter_ac(dc: float, dc_limit: float, efficiency: float) -> float:
    """Return AC power before clipping (Dobos 2014, PVWatts 5, eq. 17-18), same unit as `dc`.

    Efficiency -0.0162 x - 0.0059 / x + 0.9858 at load x = dc / limit, times dc.
    """
    power = (0.9858 - 0.0162 * dc / dc_limit) * dc - 0.0059 * dc_limit
    return max(efficiency / PVWATTS_REFERENCE_EFFICIENCY * power, 0.0)


@njit(cache=True)
def interpolate(table: Floats, position: float) -> float:
    """Return the value of an even table over [0, 1] at a position."""
    place = position * (table.size - 1)
    low = min(int(place), table.size - 2)
    return table[low] + (place - low) * (table[low + 1] - table[low])


@njit(cache=True, nogil=True, error_model="numpy")
def _hour(  # noqa: PLR0917 - a kernel
    hour: Floats,
    lanes: Floats,
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
        Per lane what `_lanes_of` gives, shape (8, lanes).
    rear
        Irradiance on the rear of each lane, W/m2.
    iam_beam
        Modifier of beam over cos(incidence).
    kept
        Share of light that dust leaves.
    system
        From `conversion`.
    sums
        Output of this month, shape (9, lanes).
    """
    up = 1.0 if hour[_UP] > 0.0 else 0.0
    shaded = 1.0 if system.gcr > 0.0 else 0.0
    gcr = max(system.gcr, 1e-9)
    heat = hour[_HEAT] + 0.001 * system.delta_t
    ground_light = hour[_GHI] * system.albedo
    most = system.dc_limit * system.efficiency
    for lane in range(LANES):
        east, north, cos_tilt, sin_tilt = lanes[0, lane], lanes[1, lane], lanes[2, lane], lanes[3, lane]
        iam_sky, iam_ground, sky_seen, seen = lanes[4, lane], lanes[5, lane], lanes[6, lane], lanes[7, lane]
        cos_i = min(max((hour[_EAST] * east + hour[_NORTH] * north + hour[_UP] * cos_tilt) * up, 0.0), 1.0)
        # Perez et al. 1990, eq. 9: beam, circumsolar, rest of the sky; together the sky never turns negative
        beam, near_sun = hour[_DNI] * cos_i, hour[_NEAR] * cos_i
        rest = max(hour[_DOME] * seen + hour[_BAND] * sin_tilt, -near_sun)
        ground = ground_light * (1.0 - seen)
        back = rear[lane] * system.bifaciality
        dark = min(max(1.0 - hour[_UP] / max(gcr * cos_i, 1e-12), 0.0), 1.0) * shaded
        sharp = (beam + near_sun) * (1.0 - dark)
        dome = rest * sky_seen
        lit = sharp + dome + ground + back
        taken = max(sharp * interpolate(iam_beam, cos_i) + dome * iam_sky + ground * iam_ground + back, 0.0)
        cell = hour[_AIR] + lit * heat
        warm = taken * kept * (1.0 + system.gamma * (cell - STC_TEMPERATURE_C))
        full = inverter_ac(warm * system.dc_factor, system.dc_limit, system.efficiency)
        sums[_BEAM, lane] += beam
        sums[_SKY, lane] += near_sun + rest
        sums[_GROUND, lane] += ground
        sums[_REAR, lane] += back
        sums[_LIT, lane] += lit
        sums[_TAKEN, lane] += taken
        sums[_WARM, lane] += warm
        sums[_FULL, lane] += full
        sums[_CLIPPED, lane] += min(full, most)


@njit(cache=True)
def _steps_of(part: Floats, kept: float, system: Conversion, out: Floats) -> None:
    """Write the steps of `STEPS` of one plane and month from its sums."""
    poa = part[_BEAM] + part[_SKY] + part[_GROUND]
    out[0], out[1], out[2], out[3] = part[_BEAM], part[_SKY], part[_GROUND], part[_REAR]
    out[4] = part[_LIT] - part[_REAR] - poa
    out[5] = part[_TAKEN] - part[_LIT]
    out[6] = part[_TAKEN] * (kept - 1.0)
    out[7] = part[_WARM] - part[_TAKEN] * kept
    out[8] = part[_WARM] * system.dc_factor
    out[9] = part[_FULL] - part[_CLIPPED]
    out[10] = part[_CLIPPED] * system.ac_factor


@njit(cache=True)
def _lanes_of(planes: Floats, first: int) -> Floats:
    """Return normal east and north, cos and sin of tilt, modifiers, sky left and sky view of some planes."""
    out = np.zeros((8, LANES))
    for lane in range(LANES):
        tilt, azimuth, iam_sky, iam_ground, sky_seen = planes[min(first + lane, planes.shape[0] - 1)]
        cos_tilt, sin_tilt = np.cos(tilt), np.sin(tilt)
        out[0, lane], out[1, lane] = sin_tilt * np.sin(azimuth), sin_tilt * np.cos(azimuth)
        out[2, lane], out[3, lane] = cos_tilt, sin_tilt
        out[4, lane], out[5, lane], out[6, lane] = iam_sky, iam_ground, sky_seen
        out[7, lane] = 0.5 * (1.0 + cos_tilt)
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def run_chain(  # noqa: PLR0917 - a kernel
    month: Ints,
    hours: Floats,
    planes: Floats,
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
        in front leave; shape (planes, 5).
    iam_beam
        Modifier of beam over cos(incidence), even steps from 0 to 1.
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
    back = np.zeros(LANES)
    before, now = np.zeros(len(STEPS)), np.zeros(len(STEPS))
    for first in range(0, count, LANES):
        lanes = _lanes_of(planes, first)
        part = np.zeros((12, _SUMS, LANES))
        for index in range(hours.shape[0]):
            hour = hours[index]
            if hour[_GHI] <= 0.0:
                continue
            m = month[index]
            kept = 1.0 - soiling[m]
            if rear.shape[0] > 0:
                for lane in range(LANES):
                    back[lane] = rear[min(first + lane, count - 1), index]
            wanted = first == 0 and series.shape[0] > 0
            if wanted:
                _steps_of(part[m, :, 0], kept, system, before)
            _hour(hour, lanes, back, iam_beam, kept, system, part[m])
            if wanted:
                _steps_of(part[m, :, 0], kept, system, now)
                series[index, 0] = now[0] + now[1] + now[2] - before[0] - before[1] - before[2]
                series[index, 1], series[index, 2] = now[8] - before[8], now[10] - before[10]
        for lane in range(min(LANES, count - first)):
            for m in range(12):
                _steps_of(part[m, :, lane], 1.0 - soiling[m], system, sums[first + lane, :, m])
