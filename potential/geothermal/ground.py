"""Temperature with depth: heat flow through layered rock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

CONSTANT_ZONE_M = 20.0
"""Depth below which the seasons are not felt, m."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """Layers of rock from the surface down."""

    thickness_m: NDArray[np.float64]
    """Shape (layers,); the last layer goes on below its bottom."""
    conductivity_w_mk: NDArray[np.float64]
    """Shape (layers,)."""

    def __post_init__(self) -> None:
        """Refuse layers without thickness or conductivity."""
        if self.thickness_m.shape != self.conductivity_w_mk.shape or self.thickness_m.ndim != 1:
            raise ValueError(
                f"thickness {self.thickness_m.shape} and conductivity {self.conductivity_w_mk.shape} must be "
                "one value per layer"
            )
        if not (
            self.thickness_m.size and (self.thickness_m > 0).all() and (self.conductivity_w_mk > 0).all()
        ):
            raise ValueError("every layer needs a thickness and a conductivity above 0")

    @property
    def depth_m(self) -> float:
        """Depth of the bottom of the last layer, m."""
        return float(self.thickness_m.sum())

    def thermal_resistance_m2k_w(self, depth_m: ArrayLike) -> NDArray[np.float64]:
        """Return the resistance between the surface and a depth, m2 K/W."""
        bottoms = np.concatenate([[0.0], np.cumsum(self.thickness_m)])
        sums = np.concatenate([[0.0], np.cumsum(self.thickness_m / self.conductivity_w_mk)])
        depth = np.asarray(depth_m, float)
        below = np.maximum(depth - bottoms[-1], 0.0) / self.conductivity_w_mk[-1]
        return np.interp(depth, bottoms, sums) + below

    def across_w_mk(self, depth_m: float) -> float:
        """Return the conductivity for vertical flow down to a depth: the harmonic mean, W/(m K).

        Examples
        --------
        >>> two = Column(thickness_m=np.array([100.0, 100.0]), conductivity_w_mk=np.array([1.0, 3.0]))
        >>> two.across_w_mk(200.0), two.along_w_mk(200.0)
        (1.5, 2.0)
        """
        return float(depth_m / self.thermal_resistance_m2k_w(depth_m))

    def along_w_mk(self, depth_m: float) -> float:
        """Return the conductivity that a borehole down to a depth meets: the arithmetic mean, W/(m K)."""
        tops = np.concatenate([[0.0], np.cumsum(self.thickness_m)[:-1]])
        bottoms = np.append(np.cumsum(self.thickness_m)[:-1], np.inf)
        met = np.clip(np.minimum(bottoms, depth_m) - tops, 0.0, None)
        return float((met * self.conductivity_w_mk).sum() / depth_m)

    def scaled_to(self, across_w_mk: float, depth_m: float) -> Column:
        """Return the column with its contrasts, brought to a harmonic mean down to a depth."""
        factor = across_w_mk / self.across_w_mk(depth_m)
        return Column(thickness_m=self.thickness_m, conductivity_w_mk=self.conductivity_w_mk * factor)


def temperature_c(
    depth_m: ArrayLike, *, temp_surface_c: ArrayLike, heat_flow_w_m2: ArrayLike, column: Column
) -> NDArray[np.float64]:
    r"""Return the temperature at depth, :math:`T_s + q_0 \sum_i \Delta z_i / \lambda_i`, degC.

    Steady conduction without heat sources; consistent with the heat flow in every layer, which one gradient
    across mudstone and sandstone is not. T_s is the temperature of the constant zone, about the annual mean
    air temperature + 2.5 K.

    Parameters
    ----------
    depth_m : array_like
        m, below the surface.
    temp_surface_c, heat_flow_w_m2 : array_like
        degC and W/m2, broadcast against `depth_m`.
    column : Column
        The layers.

    Returns
    -------
    numpy.ndarray
        degC.

    Examples
    --------
    71 mW/m2 through 2.24 W/(m K) is 31.7 K/km:

    >>> rock = Column(thickness_m=np.array([3000.0]), conductivity_w_mk=np.array([2.24]))
    >>> t = temperature_c([1000, 2000, 3000], temp_surface_c=15.5, heat_flow_w_m2=0.071, column=rock)
    >>> t.round(0).tolist()
    [47.0, 79.0, 111.0]
    """
    resistance = column.thermal_resistance_m2k_w(depth_m)
    return np.asarray(np.asarray(temp_surface_c, float) + np.asarray(heat_flow_w_m2, float) * resistance)
