"""Hour by hour: which share of the sun reaches a plane under its horizon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from potential.solar.sky import seen_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def lit_shares(
    codes: Floats, zenith_deg: Floats, azimuth_deg: Floats, *, azimuths_deg: Floats, levels_deg: Floats
) -> Floats:
    """Return the share of a plane's pixels the sun reaches at each instant, 0 with the sun down.

    Parameters
    ----------
    codes
        Share of the pixels with each horizon level, per sector, shape (sectors, levels + 1).
    zenith_deg, azimuth_deg
        Sun, any shape.
    azimuths_deg, levels_deg
        Sectors and thresholds of the codes.
    """
    zenith, azimuth = zenith_deg.ravel(), azimuth_deg.ravel()
    up = np.flatnonzero(zenith < 90)  # noqa: PLR2004 - the horizon
    size = azimuths_deg.size
    place = np.mod(azimuth[up] - azimuths_deg[0], 360.0) * size / 360.0
    low = np.floor(place).astype(np.int64)
    out = np.zeros(zenith.size)
    for sector, weight in ((low % size, 1 - (place - low)), ((low + 1) % size, place - low)):
        seen = seen_share(90 - zenith[up], levels_deg[sector])
        out[up] += weight * (seen * codes[sector]).sum(axis=1)
    return out.reshape(zenith_deg.shape)


def hourly_lit(shares: Floats, zenith_deg: Floats) -> Floats:
    """Return the lit share of each hour from its ten-minute steps, weighted with sun height; 1 at night."""
    weight = np.maximum(np.cos(np.radians(zenith_deg)), 0)
    total = weight.sum(axis=1)
    return np.divide((shares * weight).sum(axis=1), total, out=np.ones(len(total)), where=total > 0)


def month_hour_means(values: Floats, weights: Floats, month: Ints, hour: Ints) -> Floats:
    """Return weighted means by month and hour of the day, shape (12, 24), NaN where nothing weighs.

    Examples
    --------
    >>> month_hour_means(np.ones(1), np.ones(1), np.array([0]), np.array([13]))[0, 13]
    np.float64(1.0)
    """
    key = month * 24 + hour
    total = np.bincount(key, weights, 288)
    summed = np.bincount(key, values * weights, 288)
    return np.divide(summed, total, out=np.full(288, np.nan), where=total > 0).reshape(12, 24)
