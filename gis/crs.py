"""Coordinates: the offset datums of Chinese map services, and what coordinates look like.

GCJ-02 adds to WGS-84 a smooth offset of several hundred metres; BD-09 adds a second one on top.
Both are defined on the Krasovsky 1940 ellipsoid and inside a rectangle around China only. The
forward formulas are those in general use (as in the open implementations coordtransform and
eviltransform); the inverses iterate them to far below a millimetre.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Pair = tuple[NDArray[np.float64], NDArray[np.float64]]

KRASOVSKY_A_M = 6378245.0
KRASOVSKY_E2 = 0.00669342162296594323
LON_RANGE = (72.004, 137.8347)
LAT_RANGE = (0.8293, 55.8271)
BD_TURN = np.pi * 3000.0 / 180.0
BD_SHIFT_DEG = (0.0065, 0.006)
CGCS2000_LON = (73.5, 136.5)
CGCS2000_FIRST, CGCS2000_FIRST_LON = 4534, 75.0
"""EPSG code and central meridian of the first 3-degree Gauss-Krueger zone without zone number."""
HALF_TURN_DEG = 180.0
QUARTER_TURN_DEG = 90.0
ITERATIONS = 30
TOLERANCE_DEG = 1e-12
"""About a tenth of a micrometre on the ground."""


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Convert WGS-84 to GCJ-02; outside the rectangle around China nothing is shifted.

    Parameters
    ----------
    lon, lat
        Degrees, broadcast against each other; NaN stays NaN.

    Examples
    --------
    >>> lon, lat = wgs84_to_gcj02(108.7, 34.3)
    >>> print(f"{lon:.5f} {lat:.5f}")
    108.70465 34.29853
    """
    east, north = _pair(lon, lat)
    shift_lon, shift_lat = _gcj02_shift(east, north)
    inside = _in_range(east, north)
    return np.where(inside, east + shift_lon, east), np.where(inside, north + shift_lat, north)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Convert GCJ-02 to WGS-84: the inverse of `wgs84_to_gcj02`, to within a micrometre.

    Examples
    --------
    >>> lon, lat = gcj02_to_wgs84(*wgs84_to_gcj02(108.7, 34.3))
    >>> print(f"{lon:.9f} {lat:.9f}")
    108.700000000 34.300000000
    """
    return _invert(wgs84_to_gcj02, *_pair(lon, lat))


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Convert GCJ-02 to BD-09, the datum of Baidu's maps."""
    east, north = _pair(lon, lat)
    radius = np.hypot(east, north) + 2e-5 * np.sin(north * BD_TURN)
    angle = np.arctan2(north, east) + 3e-6 * np.cos(east * BD_TURN)
    inside = _in_range(east, north)
    bd_lon = radius * np.cos(angle) + BD_SHIFT_DEG[0]
    bd_lat = radius * np.sin(angle) + BD_SHIFT_DEG[1]
    return np.where(inside, bd_lon, east), np.where(inside, bd_lat, north)


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Convert BD-09 to GCJ-02: the inverse of `gcj02_to_bd09`."""
    return _invert(gcj02_to_bd09, *_pair(lon, lat))


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Convert WGS-84 to BD-09."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Convert BD-09 to WGS-84."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


TO_WGS84: dict[str, Callable[[ArrayLike, ArrayLike], Pair]] = {
    "gcj02": gcj02_to_wgs84,
    "bd09": bd09_to_wgs84,
}
"""Conversion to WGS-84 by the name of the offset datum."""
FROM_WGS84: dict[str, Callable[[ArrayLike, ArrayLike], Pair]] = {
    "gcj02": wgs84_to_gcj02,
    "bd09": wgs84_to_bd09,
}
"""Conversion from WGS-84 by the name of the offset datum."""


def metric_problem(crs: str) -> str | None:
    """Say why a CRS cannot measure areas in square metres; None where it can.

    Examples
    --------
    >>> metric_problem("EPSG:4545")
    >>> metric_problem("EPSG:4326")
    'must be a projected CRS in metres, such as EPSG:4545'
    """
    try:
        parsed = CRS.from_user_input(crs)
    except CRSError:
        return "is no known CRS; write for example EPSG:4545"
    if not parsed.is_projected:
        return "must be a projected CRS in metres, such as EPSG:4545"
    units = {axis.unit_name for axis in parsed.axis_info}
    return None if units == {"metre"} else f"must measure in metres, not {', '.join(sorted(units))}"


def metric_crs_at(lon: float, lat: float) -> str:
    """Return a CRS in metres for a place: in China the 3-degree zone of CGCS2000, else UTM.

    Examples
    --------
    >>> metric_crs_at(108.7, 34.3), metric_crs_at(120.6, 31.3), metric_crs_at(-77.05, 38.8)
    ('EPSG:4545', 'EPSG:4549', 'EPSG:32618')
    """
    if CGCS2000_LON[0] <= lon <= CGCS2000_LON[1] and LAT_RANGE[0] <= lat <= LAT_RANGE[1]:
        return f"EPSG:{CGCS2000_FIRST + round((lon - CGCS2000_FIRST_LON) / 3.0)}"
    zone = int((lon + HALF_TURN_DEG) // 6) % 60 + 1
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def extent_problem(crs: CRS, bounds: tuple[float, float, float, float]) -> str | None:
    """Say why coordinates with these bounds cannot be in a CRS; None where they can.

    Parameters
    ----------
    crs
        The CRS that the file declares.
    bounds
        Smallest and largest x and y: (x_min, y_min, x_max, y_max).

    Examples
    --------
    >>> extent_problem(CRS("EPSG:4326"), (34.2, 108.6, 34.5, 108.9))
    'latitude reaches 108.9: the order looks like latitude, longitude; give axis = "yx"'
    >>> extent_problem(CRS("EPSG:4545"), (108.6, 34.2, 108.9, 34.5))
    'the CRS is in metres, but all coordinates look like degrees (108.6, 34.2 to 108.9, 34.5)'
    """
    x_min, y_min, x_max, y_max = bounds
    span = f"({x_min:.7g}, {y_min:.7g} to {x_max:.7g}, {y_max:.7g})"
    x_size, y_size = max(-x_min, x_max), max(-y_min, y_max)
    like_degrees = max(x_size, y_size) <= HALF_TURN_DEG
    if not crs.is_geographic:
        problem = f"the CRS is in metres, but all coordinates look like degrees {span}"
        return problem if like_degrees else None
    if x_size <= HALF_TURN_DEG and y_size <= QUARTER_TURN_DEG:
        return None
    if like_degrees and x_size <= QUARTER_TURN_DEG:
        return f'latitude reaches {y_size:.7g}: the order looks like latitude, longitude; give axis = "yx"'
    return f"the CRS is in degrees, but the coordinates look like metres {span}"


def _pair(lon: ArrayLike, lat: ArrayLike) -> Pair:
    east, north = np.broadcast_arrays(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
    return east, north


def _in_range(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    inside_lon = (lon >= LON_RANGE[0]) & (lon <= LON_RANGE[1])
    return inside_lon & (lat >= LAT_RANGE[0]) & (lat <= LAT_RANGE[1])


def _gcj02_shift(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Pair:
    """Return the shift in degrees (east, north)."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = 20.0 * (np.sin(6.0 * x * np.pi) + np.sin(2.0 * x * np.pi))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root
    north = north + 2.0 / 3.0 * (common + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi))
    north = north + 2.0 / 3.0 * (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0))
    east = 300.0 + x + 2.0 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root
    east = east + 2.0 / 3.0 * (common + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi))
    east = east + 2.0 / 3.0 * (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi))
    phi = np.radians(lat)
    magic = 1.0 - KRASOVSKY_E2 * np.sin(phi) ** 2
    metres_north = KRASOVSKY_A_M * (1.0 - KRASOVSKY_E2) / (magic * np.sqrt(magic))
    metres_east = KRASOVSKY_A_M / np.sqrt(magic) * np.cos(phi)
    return np.degrees(east / metres_east), np.degrees(north / metres_north)


def _invert(
    forward: Callable[[ArrayLike, ArrayLike], Pair], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> Pair:
    """Solve forward(guess) = (lon, lat) by taking the misfit off the guess until it is nil."""
    east, north = lon.copy(), lat.copy()
    for _ in range(ITERATIONS):
        there_lon, there_lat = forward(east, north)
        misfit_lon, misfit_lat = there_lon - lon, there_lat - lat
        east, north = east - misfit_lon, north - misfit_lat
        worst = max(np.nanmax(np.abs(misfit_lon), initial=0.0), np.nanmax(np.abs(misfit_lat), initial=0.0))
        if worst < TOLERANCE_DEG:
            break
    return east, north
