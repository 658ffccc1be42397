"""Simple kriging: a quantity known at points, everywhere, with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial.distance import cdist

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Field:
    """An interpolated quantity, one value per place."""

    value: NDArray[np.float64]
    sd: NDArray[np.float64]
    """Standard deviation of the quantity at the place, measurement scatter not included."""
    nearest_m: NDArray[np.float64]
    """Distance to the nearest data point, m; infinite where there is no data."""


@dataclass(frozen=True, kw_only=True)
class Variogram:
    """How a quantity varies around its regional mean: exponential covariance with a nugget."""

    mean: float
    sd: float
    """Standard deviation of the quantity over the region."""
    range_m: float
    """Distance at which the correlation has fallen to 5 %, m."""
    nugget_share: float = 0.0
    """Part of the variance that is scatter of single measurements, 0 to below 1."""

    def __post_init__(self) -> None:
        """Refuse variances and ranges without meaning."""
        if not (self.sd > 0 and self.range_m > 0 and 0 <= self.nugget_share < 1):
            raise ValueError(
                f"sd {self.sd} and range {self.range_m} m must be positive, nugget share "
                f"{self.nugget_share} in 0..1"
            )

    def covariance(self, distance_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the covariance of the quantity itself (without scatter) at a distance."""
        return np.asarray((1 - self.nugget_share) * self.sd**2 * np.exp(-3 * distance_m / self.range_m))


def krige(
    points_m: NDArray[np.float64],
    values: NDArray[np.float64],
    at_m: NDArray[np.float64],
    variogram: Variogram,
) -> Field:
    r"""Interpolate by simple kriging towards the regional mean.

    .. math:: \hat z = \mu + k^T K^{-1} (z - \mu), \qquad \sigma^2 = C(0) - k^T K^{-1} k

    Far from every point the result is the mean with the full regional spread: unknown ground stays
    uncertain. Rows with an unknown value are left out; without any, all is the mean.

    Parameters
    ----------
    points_m : numpy.ndarray
        Places of the data, shape (n, 2), m.
    values : numpy.ndarray
        Shape (n,); NaN is unknown.
    at_m : numpy.ndarray
        Places asked for, shape (m, 2), m.
    variogram : Variogram
        Regional mean, spread, range and scatter.

    Returns
    -------
    Field
        Arrays of shape (m,).

    Notes
    -----
    Chiles & Delfiner 2012, Geostatistics, chapter 3.

    Examples
    --------
    >>> one = Variogram(mean=30.0, sd=5.0, range_m=10e3)
    >>> field = krige(np.array([[0.0, 0.0]]), np.array([35.0]), np.array([[0.0, 0.0], [1e6, 0.0]]), one)
    >>> field.value.round(3).tolist(), field.sd.round(3).tolist()
    ([35.0, 30.0], [0.0, 5.0])
    """
    known = np.isfinite(values)
    points, deviations = points_m[known], values[known] - variogram.mean
    sill = float(variogram.covariance(np.zeros(1))[0])
    if not len(points):
        flat = np.full(len(at_m), np.sqrt(sill))
        return Field(np.full(len(at_m), variogram.mean), flat, np.full(len(at_m), np.inf))
    scatter = variogram.nugget_share * variogram.sd**2 + 1e-9 * variogram.sd**2  # doubles need a trace of it
    system = variogram.covariance(cdist(points, points)) + scatter * np.eye(len(points))
    factor = cho_factor(system, lower=True)
    distances = cdist(at_m, points)
    across = variogram.covariance(distances)
    value = variogram.mean + across @ cho_solve(factor, deviations)
    explained = np.einsum("ij,ji->i", across, cho_solve(factor, across.T))
    return Field(value, np.sqrt(np.maximum(sill - explained, 0.0)), distances.min(axis=1))
