"""Power per square metre of usable area: from the module, its tilt and the rule for rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SOLSTICE_DECLINATION_DEG = -23.45
MORNING_HOUR_ANGLE_DEG = -45.0
"""9:00 true solar time."""
STC_W_M2 = 1000.0


@dataclass(frozen=True)
class ModuleSize:
    """A module as rectangles and watts."""

    power_w: float
    length_m: float
    width_m: float

    def __post_init__(self) -> None:
        """Check that all are positive."""
        if min(self.power_w, self.length_m, self.width_m) <= 0:
            raise ValueError(f"module size and power must be positive, got {self}")

    @property
    def power_density_w_m2(self) -> float:
        """Watts per square metre of module."""
        return self.power_w / (self.length_m * self.width_m)


def solstice_shadow(lat_deg: float, *, azimuth_deg: float = 180.0) -> float:
    """Return the longest shadow of a unit height across rows, 9:00 to 15:00 on the winter solstice.

    Shadow length cos(sun azimuth - row azimuth) / tan(sun altitude) in true solar time. For rows facing south
    this is (0.707 tan f + 0.4338) / (0.707 - 0.4338 tan f), GB 50797.

    Parameters
    ----------
    lat_deg
        Latitude, degrees north; for the southern hemisphere its own winter is taken.
    azimuth_deg
        Where the rows face, 0 = north, clockwise.

    Raises
    ------
    ValueError
        The sun is down at 9:00 on that day.

    Examples
    --------
    >>> round(solstice_shadow(34.4), 2)
    2.24
    """
    hour_angles = np.radians(np.linspace(MORNING_HOUR_ANGLE_DEG, -MORNING_HOUR_ANGLE_DEG, 61))
    latitude, declination = np.radians(abs(lat_deg)), np.radians(SOLSTICE_DECLINATION_DEG)
    up = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(hour_angles)
    if up.min() <= 0:
        raise ValueError(f"at latitude {lat_deg} the sun is down at 9:00 on the winter solstice")
    east = -np.cos(declination) * np.sin(hour_angles)
    north = np.cos(latitude) * np.sin(declination) - np.sin(latitude) * np.cos(declination) * np.cos(
        hour_angles
    )
    if lat_deg < 0:
        north = -north
    facing = np.radians(azimuth_deg)
    towards = east * np.sin(facing) + north * np.cos(facing)
    return float(max((towards / up).max(), 0.0))


def row_pitch_ratio(lat_deg: float, tilt_deg: float, *, azimuth_deg: float = 180.0) -> float:
    """Return row pitch over module length along the slope: cos b + sin b x shadow of a unit height.

    Examples
    --------
    >>> round(row_pitch_ratio(34.4, 28), 2)
    1.93
    """
    tilt = np.radians(tilt_deg)
    return float(np.cos(tilt) + np.sin(tilt) * solstice_shadow(lat_deg, azimuth_deg=azimuth_deg))


def rack_density_w_m2(
    module_w_m2: float,
    tilt_deg: float,
    lat_deg: float,
    *,
    azimuth_deg: float = 180.0,
    min_pitch_ratio: float = 0.0,
) -> float:
    """Return W per m2 of array area for rows that do not shade each other 9:00-15:00 at winter solstice.

    Parameters
    ----------
    module_w_m2
        Watts per m2 of module.
    tilt_deg, lat_deg, azimuth_deg
        Tilt of the rows, latitude, and where they face.
    min_pitch_ratio
        Least pitch over module length, where a spacing rule asks for more than the shade rule.

    Examples
    --------
    >>> [round(rack_density_w_m2(230, tilt, 34.4)) for tilt in (5, 10, 15, 20, 25, 28)]
    [193, 167, 149, 135, 124, 119]
    """
    return module_w_m2 / max(row_pitch_ratio(lat_deg, tilt_deg, azimuth_deg=azimuth_deg), min_pitch_ratio)


def covered_density_w_m2(module_w_m2: float, covered_share: float) -> float:
    """Return W per m2 for modules lying flush: module watts times the share that modules cover."""
    if not 0 < covered_share <= 1:
        raise ValueError(f"covered_share must lie in (0, 1], got {covered_share}")
    return module_w_m2 * covered_share


def east_west_density_w_m2(module_w_m2: float, tilt_deg: float, gap_share: float) -> float:
    """Return W per m2 for pairs of rows back to back, facing east and west, with a share of gaps."""
    if not 0 <= gap_share < 1:
        raise ValueError(f"gap_share must lie in [0, 1), got {gap_share}")
    return module_w_m2 * (1 - gap_share) / float(np.cos(np.radians(tilt_deg)))
