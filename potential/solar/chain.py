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

_EAST, _NORTH, _UP, _DNI, _NEAR, _DOME, _BAND, _GHI, _AIR, _HEAT = range(10)
_BEAM, _SKY, _GROUND, _REAR, _ROWS, _IAM, _SOIL, _WARM, _DC, _CLIP, _AC = range(len(STEPS))


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
    """Return AC power before clipping (Dobos 2014, PVWatts 5, eq. 17-18), same unit as `dc`."""
    if dc <= 0.0:
        return 0.0
    load = dc / dc_limit
    curve = -0.0162 * load - 0.0059 / load + 0.9858
    return max(efficiency / PVWATTS_REFERENCE_EFFICIENCY * curve * dc, 0.0)


@njit(cache=True)
def interpolate(table: Floats, position: float) -> float:
    """Return the value of an even table over [0, 1] at a position."""
    place = position * (table.size - 1)
    low = min(int(place), table.size - 2)
    return table[low] + (place - low) * (table[low + 1] - table[low])


@njit(cache=True)
def plane_light(
    hour: Floats, cos_incidence: float, cos_tilt: float, sin_tilt: float, albedo: float
) -> tuple[float, float, float, float]:
    """Return beam, circumsolar, other sky and ground light on a plane, W/m2 (Perez et al. 1990, eq. 9)."""
    seen = 0.5 * (1.0 + cos_tilt)
    rest = hour[_DOME] * seen + hour[_BAND] * sin_tilt
    near_sun = hour[_NEAR] * cos_incidence
    if rest + near_sun < 0.0:
        rest = 0.0
        near_sun = 0.0
    return hour[_DNI] * cos_incidence, near_sun, rest, hour[_GHI] * albedo * (1.0 - seen)


@njit(cache=True, nogil=True)
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
    for plane in range(planes.shape[0]):
        tilt, azimuth, iam_sky, iam_ground, sky_seen = planes[plane]
        cos_tilt, sin_tilt = np.cos(tilt), np.sin(tilt)
        east, north = sin_tilt * np.sin(azimuth), sin_tilt * np.cos(azimuth)
        out = sums[plane]
        for index in range(hours.shape[0]):
            hour = hours[index]
            if hour[_GHI] <= 0.0:
                continue
            m = month[index]
            cos_i = 0.0
            if hour[_UP] > 0.0:
                cos_i = hour[_EAST] * east + hour[_NORTH] * north + hour[_UP] * cos_tilt
                cos_i = min(max(cos_i, 0.0), 1.0)
            beam, near_sun, rest, ground = plane_light(hour, cos_i, cos_tilt, sin_tilt, system.albedo)
            back = 0.0
            if rear.shape[0] > 0:
                back = rear[plane, index] * system.bifaciality
            sharp = (beam + near_sun) * (1.0 - shaded_fraction(hour[_UP], cos_i, system.gcr))
            dome = rest * sky_seen
            poa = beam + near_sun + rest + ground
            lit = sharp + dome + ground + back
            taken = max(
                sharp * interpolate(iam_beam, cos_i) + dome * iam_sky + ground * iam_ground + back, 0.0
            )
            clean = taken * (1.0 - soiling[m])
            cell = hour[_AIR] + lit * (hour[_HEAT] + 0.001 * system.delta_t)
            warm = clean * (1.0 + system.gamma * (cell - STC_TEMPERATURE_C))
            dc = warm * system.dc_factor
            unclipped = inverter_ac(dc, system.dc_limit, system.efficiency)
            clipped = min(unclipped, system.dc_limit * system.efficiency)
            out[_BEAM, m] += beam
            out[_SKY, m] += near_sun + rest
            out[_GROUND, m] += ground
            out[_REAR, m] += back
            out[_ROWS, m] += lit - back - poa
            out[_IAM, m] += taken - lit
            out[_SOIL, m] += clean - taken
            out[_WARM, m] += warm - clean
            out[_DC, m] += dc
            out[_CLIP, m] += unclipped - clipped
            out[_AC, m] += clipped * system.ac_factor
            if plane == 0 and series.shape[0] > 0:
                series[index, 0] = poa
                series[index, 1] = dc
                series[index, 2] = clipped * system.ac_factor
