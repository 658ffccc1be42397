"""Light on the back of bifacial rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pvlib

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.solar.sun import HourlySky
    from potential.solar.system import System

    Floats = NDArray[np.float64]


def rear_irradiance(sky: HourlySky, tilt_deg: Floats, azimuth_deg: Floats, system: System) -> Floats:
    """Return irradiance on the rear of rows in every hour, W/m2 (pvlib's infinite sheds).

    Parameters
    ----------
    sky
        The year.
    tilt_deg, azimuth_deg
        Of the front; one value, or one per hour for rows that turn.
    system
        Rows, albedo and bifaciality.
    """
    rows = system.rows
    found = pvlib.bifacial.infinite_sheds.get_irradiance_poa(
        surface_tilt=180 - tilt_deg,
        surface_azimuth=(azimuth_deg + 180) % 360,
        solar_zenith=sky.zenith_deg,
        solar_azimuth=sky.azimuth_deg,
        gcr=max(rows.ground_cover_ratio, 0.05),
        height=rows.clearance_m,
        pitch=rows.pitch_m,
        ghi=sky.ghi,
        dhi=sky.dhi,
        dni=sky.dni,
        albedo=system.albedo,
    )["poa_global"]
    return np.nan_to_num(np.asarray(found, float)).clip(min=0)
