"""Shade on request: the shadows of one hour around the view, and one building's year of shade."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from PIL import Image
from pyproj import Transformer
from rasterio.transform import from_origin
from rasterio.warp import Resampling, reproject

from assessment.solar_site import shadows, site_shade
from assessment.solar_tiles import HALO_M
from faults import Fault, InputError
from potential.solar.sun import sun_angles
from ui.casters import casters_of
from ui.energy import basis_of
from ui.runs import current_store
from ui.shapes import mercator

if TYPE_CHECKING:
    from assessment.solar_site import SiteShade
    from gis.grid import Grid
    from ui.store import Store

    Box = tuple[float, float, float, float]

ZONE = "Asia/Shanghai"
LARGEST_KM = 4.0
"""Longest side of a picture of shadows."""
PIXELS = 700
"""About so many pixels along the longer side."""
WORKERS = 2
SHADOW_RGBA = (24, 32, 48, 110)
_ONE_AT_A_TIME = threading.Lock()
"""Shade takes all cores; who asks second waits."""


@dataclass(frozen=True)
class ShadowPicture:
    """The shadows of one moment over a box."""

    png: bytes
    elevation_deg: float
    azimuth_deg: float
    share: float
    """Share of the box in shadow."""


def shade_of(store: Store, building: str) -> SiteShade:
    """Return one building's year of shade.

    Raises
    ------
    InputError
        The parcel is no building with a known height.
    RunError
        The region of the run is not known here.
    """
    return _shade_of(store.key, building)


@lru_cache(maxsize=64)
def _shade_of(_key: str, building: str) -> SiteShade:
    store = current_store()
    casters, weather = casters_of(store), basis_of(store).weather
    near = casters.near(_reach(casters.bounds_of(building)))
    with _ONE_AT_A_TIME:
        return site_shade(near, building, casters.terrain, weather, resolution_m=2.0, workers=WORKERS)


def _reach(bounds: Box) -> Box:
    """Return bounds with everything around them that can cast shadows into them."""
    west, south, east, north = bounds
    return west - HALO_M, south - HALO_M, east + HALO_M, north + HALO_M


def shadow_picture(store: Store, box: Box, moment: pd.Timestamp) -> ShadowPicture:
    """Return the shadows over a box (west, south, east, north in degrees) at a moment of the local clock.

    Raises
    ------
    InputError
        The box is too large, or the sun is down.
    RunError
        The region of the run is not known here.
    """
    west, south, east, north = box
    middle_lat, middle_lon = (south + north) / 2, (west + east) / 2
    width_m, height_m = np.ptp(mercator(np.array([[west, south], [east, north]])), axis=0)
    side_m = max(width_m, height_m) * np.cos(np.radians(middle_lat))
    if not 0 < side_m <= LARGEST_KM * 1000:
        rule = f"must be at most {LARGEST_KM:g} km wide and high: zoom in"
        raise InputError([Fault("shadows", None, "box", f"{side_m / 1000:.1f} km", rule)])
    altitude_m = basis_of(store).weather.altitude_m
    sun = sun_angles(pd.DatetimeIndex([moment]), lat=middle_lat, lon=middle_lon, altitude_m=altitude_m)
    zenith, azimuth = (float(angle[0]) for angle in sun)
    if zenith >= 90:  # noqa: PLR2004 - the horizon
        raise InputError([Fault("shadows", None, "time", f"{moment:%m-%d %H:%M}", "the sun is down")])
    casters = casters_of(store)
    bounds = Transformer.from_crs(4326, casters.crs, always_xy=True).transform_bounds(*box)
    near = casters.near(_reach(bounds))
    with _ONE_AT_A_TIME:
        dark, grid = shadows(
            near,
            casters.terrain,
            bounds,
            sun_zenith_deg=zenith,
            sun_azimuth_deg=azimuth,
            resolution_m=max(1.0, round(side_m / PIXELS)),
            workers=WORKERS,
        )
    png = _picture(dark, grid, casters.crs, box)
    return ShadowPicture(png, 90 - zenith, azimuth, float(dark.mean()))


def read_moment(day: str, hour: str) -> pd.Timestamp:
    """Return a moment of the local clock from `MM-DD` and an hour of the day.

    Raises
    ------
    InputError
        There is no such day or hour.

    Examples
    --------
    >>> read_moment("06-21", "9.5").isoformat()
    '2023-06-21T09:30:00+08:00'
    """
    fault = Fault("shadows", None, "time", f"{day} {hour}"[:40], "is no day and hour")
    try:
        whole = float(hour)
        moment = pd.Timestamp(f"2023-{day}", tz=ZONE) + pd.Timedelta(minutes=round(60 * whole))
    except (ValueError, OverflowError) as error:
        raise InputError([fault]) from error
    if not 0 <= whole < 24 or len(day) != 5:  # noqa: PLR2004 - a day's hours; MM-DD
        raise InputError([fault])
    return moment


def _picture(dark: np.ndarray, grid: Grid, crs: str, box: Box) -> bytes:
    """Return the shadows in Web Mercator over the box, as a PNG with transparent light."""
    (left, bottom), (right, top) = mercator(np.array([[box[0], box[1]], [box[2], box[3]]]))
    size = max(right - left, top - bottom) / PIXELS
    wanted = np.zeros((max(round((top - bottom) / size), 1), max(round((right - left) / size), 1)), "uint8")
    reproject(
        dark.astype("uint8") * 255,
        wanted,
        src_transform=from_origin(grid.west, grid.north, grid.resolution_m, grid.resolution_m),
        src_crs=crs,
        dst_transform=from_origin(left, top, size, size),
        dst_crs="EPSG:3857",
        resampling=Resampling.bilinear,
    )
    pixels = np.zeros((*wanted.shape, 4), "uint8")
    pixels[..., :3] = SHADOW_RGBA[:3]
    pixels[..., 3] = (wanted.astype("float32") * SHADOW_RGBA[3] / 255).astype("uint8")
    out = io.BytesIO()
    Image.fromarray(pixels, mode="RGBA").save(out, format="PNG", compress_level=4)
    return out.getvalue()
