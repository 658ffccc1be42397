"""The sky of a year folded into one table: light by azimuth sector, horizon level and month.

Each entry is a vector: the sum over the part of a sector above a horizon of radiance times direction. The
irradiation of any plane is then the sum over sectors of normal times vector: one dot product stands for 8760
hours. Beam and circumsolar light sit at ten-minute sun positions, the rest of Perez' sky in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from potential.solar.sun import STEPS_PER_HOUR
from potential.solar.transposition import MIN_COS_ZENITH, perez_brightness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.solar.sun import HourlySky

    Floats = NDArray[np.float64]

MONTHS = 12
HORIZON_BAND_DEG = 6.5
"""Height of the band that carries Perez' horizon brightening (Perez et al. 1987)."""


@dataclass(frozen=True)
class SkyTable:
    """Light above a horizon, per azimuth sector.

    Level c of `levels` + 1 stands for a horizon between thresholds c - 1 and c of its sector; the table holds
    the mean over that cell. Level 0 is an open horizon.
    """

    azimuths_deg: Floats
    """Middle of each sector, 0 = north, clockwise."""
    levels_deg: Floats
    """Ascending horizon thresholds of each sector, the first 0, shape (sectors, levels)."""
    sun: Floats
    """Beam and circumsolar, Wh/m2, shape (sectors, levels + 1, 12, 3): east, north, up."""
    dome: Floats
    """All other sky light, same shape."""
    view: Floats
    """Sky of radiance 1/pi, shape (sectors, levels + 1, 3): its dot product is the sky view factor."""
    ghi: Floats
    """Global horizontal irradiation, Wh/m2, twelve months: what the ground reflects."""

    @property
    def light(self) -> Floats:
        """Return sun and dome together."""
        return self.sun + self.dome


def sky_table(
    sky: HourlySky,
    sun_zenith_deg: Floats,
    sun_azimuth_deg: Floats,
    *,
    azimuths_deg: Floats,
    levels_deg: Floats,
    model: str = "perez",
) -> SkyTable:
    """Fold a year into a table.

    Horizontal energy is kept hour by hour: with an open horizon the level plane receives GHI exactly.

    Parameters
    ----------
    sky
        Hourly irradiance.
    sun_zenith_deg, sun_azimuth_deg
        Sun at the ten-minute steps of each hour, shape (hours, 6).
    azimuths_deg, levels_deg
        Middles of even sectors, and the horizon thresholds of each from 0, shape (sectors, levels).
    model
        Diffuse sky: `perez`, `haydavies` or `isotropic`.
    """
    if (levels_deg[:, 0] != 0).any() or (np.diff(levels_deg, axis=1) <= 0).any():
        raise ValueError(f"levels_deg must ascend from 0 in every sector, got {levels_deg}")
    f1, f2 = brightness(sky, model)
    cosine = np.maximum(np.cos(np.radians(sun_zenith_deg)), 0)
    mean_cosine = cosine.mean(axis=1)
    lit = mean_cosine > 0
    beam = np.where(lit, np.maximum(sky.ghi - sky.dhi, 0), 0)
    near_sun = np.where(lit, f1 * sky.dhi, 0) * np.minimum(mean_cosine / MIN_COS_ZENITH, 1)
    dome = sky.ghi - beam - near_sun
    normal = np.divide(beam + near_sun, mean_cosine, out=np.zeros_like(beam), where=lit)
    sun = _sun_part(
        sky, normal, sun_zenith_deg, sun_azimuth_deg, azimuths_deg=azimuths_deg, levels_deg=levels_deg
    )
    view, band = view_vectors(azimuths_deg, levels_deg), _band_vectors(azimuths_deg, levels_deg)
    dome_month = np.bincount(sky.month, dome, MONTHS)
    band_month = np.bincount(sky.month, sky.dhi * f2, MONTHS)
    return SkyTable(
        azimuths_deg=azimuths_deg,
        levels_deg=levels_deg,
        sun=sun,
        dome=view[:, :, None, :] * dome_month[:, None] + band[:, :, None, :] * band_month[:, None],
        view=view,
        ghi=np.asarray(np.bincount(sky.month, sky.ghi, MONTHS), np.float64),
    )


def brightness(sky: HourlySky, model: str) -> tuple[Floats, Floats]:
    """Return the circumsolar share and the horizon brightening of a diffuse model, per hour.

    Hay and Davies 1980: the share is the anisotropy index DNI over extraterrestrial, no brightening.
    """
    nothing = np.zeros_like(sky.dhi)
    if model == "perez":
        return perez_brightness(sky)
    if model == "haydavies":
        return np.where(np.isfinite(sky.airmass), sky.dni / sky.dni_extra, 0.0), nothing
    if model == "isotropic":
        return nothing, nothing
    raise ValueError(f"model must be perez, haydavies or isotropic, got {model!r}")


def seen_share(elevation_deg: Floats, levels_deg: Floats) -> Floats:
    """Return the share of each horizon cell that lies below an elevation, shape (n, levels + 1).

    Level c spreads its horizon evenly over its cell; the open horizon of level 0 hides nothing above 0.

    Parameters
    ----------
    elevation_deg
        Shape (n,).
    levels_deg
        Thresholds of the sector each elevation lies in, shape (n, levels).

    Examples
    --------
    >>> seen_share(np.array([5.0]), np.array([[0.0, 10.0]]))
    array([[1. , 0.5, 0. ]])
    """
    edges = np.concatenate([levels_deg, np.full((levels_deg.shape[0], 1), 90.0)], axis=1)
    inner = np.clip((elevation_deg[:, None] - edges[:, :-1]) / np.diff(edges, axis=1), 0, 1)
    return np.concatenate([(elevation_deg[:, None] > 0).astype(float), inner], axis=1)


def _sun_part(
    sky: HourlySky,
    normal: Floats,
    zenith_deg: Floats,
    azimuth_deg: Floats,
    *,
    azimuths_deg: Floats,
    levels_deg: Floats,
) -> Floats:
    hour, step = np.nonzero((zenith_deg < 90) & (normal[:, None] > 0))  # noqa: PLR2004 - the horizon
    zenith, azimuth = np.radians(zenith_deg[hour, step]), np.radians(azimuth_deg[hour, step])
    energy = normal[hour] / STEPS_PER_HOUR
    direction = np.stack(
        [np.sin(zenith) * np.sin(azimuth), np.sin(zenith) * np.cos(azimuth), np.cos(zenith)], axis=1
    )
    vector = energy[:, None] * direction
    width = 360.0 / azimuths_deg.size
    place = np.mod(azimuth_deg[hour, step] - azimuths_deg[0], 360.0) / width
    low = np.floor(place).astype(np.int64)
    share = place - low
    size, levels = azimuths_deg.size, levels_deg.shape[1] + 1
    table = np.zeros((size * MONTHS, levels, 3))
    for sector, weight in ((low % size, 1 - share), ((low + 1) % size, share)):
        key = sector * MONTHS + sky.month[hour]
        seen = seen_share(90 - zenith_deg[hour, step], levels_deg[sector])
        for level in range(levels):
            for axis in range(3):
                table[:, level, axis] += np.bincount(
                    key, vector[:, axis] * weight * seen[:, level], size * MONTHS
                )
    return table.reshape(size, MONTHS, levels, 3).transpose(0, 2, 1, 3)


def view_vectors(azimuths_deg: Floats, levels_deg: Floats) -> Floats:
    """Return the vectors of a sky of radiance 1/pi above each horizon level, shape (sectors, levels + 1, 3).

    Above a horizon h a sector of width w holds up: w/(2 pi) cos^2 h; outward: (2 sin(w/2)/pi) times
    (pi/4 - h/2 - sin(2 h)/4). Cells hold the mean over their span (Gauss-Legendre, exact to rounding).
    """
    width = 2 * np.pi / azimuths_deg.size
    nodes, weights = np.polynomial.legendre.leggauss(8)
    edges = np.radians(_cell_edges(levels_deg))
    middle, half = 0.5 * (edges[:, 1:] + edges[:, :-1]), 0.5 * np.diff(edges, axis=1)
    height = middle[:, :, None] + half[:, :, None] * nodes
    up = (width / (2 * np.pi) * np.cos(height) ** 2) @ weights / 2
    out = (2 * np.sin(width / 2) / np.pi * (np.pi / 4 - height / 2 - np.sin(2 * height) / 4)) @ weights / 2
    return _directed(azimuths_deg, out, up)


def _cell_edges(levels_deg: Floats) -> Floats:
    """Return the edges of the cells: the open horizon is a cell without height at 0."""
    low, high = np.zeros((levels_deg.shape[0], 1)), np.full((levels_deg.shape[0], 1), 90.0)
    return np.concatenate([low, levels_deg, high], axis=1)


def _directed(azimuths_deg: Floats, out: Floats, up: Floats) -> Floats:
    azimuth = np.radians(azimuths_deg)[:, None]
    return np.stack([np.sin(azimuth) * out, np.cos(azimuth) * out, up], axis=2)


def _band_vectors(azimuths_deg: Floats, levels_deg: Floats) -> Floats:
    """Return the vectors of Perez' horizon band: an upright plane that sees all of its half receives 1."""
    width = 2 * np.pi / azimuths_deg.size
    edges = _cell_edges(levels_deg)
    free = np.clip(1 - (edges[:, :-1] + edges[:, 1:]) / 2 / HORIZON_BAND_DEG, 0, 1)
    out = np.sin(width / 2) * free
    return _directed(azimuths_deg, out, np.zeros_like(out))
