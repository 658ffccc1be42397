"""Heat demand of buildings, and the floor area that a heat source can serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

LIMITS = ("power", "energy", "demand")
"""What can bind the heatable floor area, in the order of `heatable_area_m2`."""


@dataclass(frozen=True, kw_only=True)
class Season:
    """Heating season of a place."""

    days: float = 120.0
    temp_indoor_c: float = 18.0
    temp_mean_c: float = 1.5
    """Mean outdoor temperature of the season, degC."""
    temp_design_c: float = -3.4
    """Outdoor design temperature for heating, degC."""

    def __post_init__(self) -> None:
        """Refuse a season without cold."""
        if not self.temp_design_c < self.temp_mean_c < self.temp_indoor_c:
            raise ValueError(
                f"design {self.temp_design_c} < mean {self.temp_mean_c} < indoor {self.temp_indoor_c} "
                "degC must hold"
            )

    @property
    def load_factor(self) -> float:
        """Mean load over design load, (t_i - t_a)/(t_i - t_o,h)."""
        return (self.temp_indoor_c - self.temp_mean_c) / (self.temp_indoor_c - self.temp_design_c)

    @property
    def full_load_hours(self) -> float:
        """Hours at design load that carry the season's heat, h.

        Examples
        --------
        >>> round(Season().full_load_hours)
        2221
        """
        return self.days * 24 * self.load_factor


@dataclass(frozen=True)
class Heatable:
    """Floor area that can be heated, and by how much each limit allows."""

    area_m2: NDArray[np.float64]
    by_limit_m2: NDArray[np.float64]
    """Shape (3, sites), in the order of LIMITS."""
    binding: NDArray[np.intp]
    """Index into LIMITS of the smallest."""


def seasonal_heat_mwh(design_w: ArrayLike, season: Season) -> NDArray[np.float64]:
    """Return the heat of a season for a design load in W, MWh.

    CJJ/T 34: Q_a = 0.0864 N Q_h (t_i - t_a)/(t_i - t_o,h) in GJ with Q_h in kW.

    Examples
    --------
    40 W/m2 is 0.32 GJ/m2:

    >>> round(float(seasonal_heat_mwh(40.0, Season())) * 3.6, 3)
    0.32
    """
    return np.asarray(np.asarray(design_w, float) * season.full_load_hours / 1e6)


def heatable_area_m2(
    *,
    power_w: ArrayLike,
    heat_mwh: ArrayLike,
    demand_m2: ArrayLike,
    design_w_m2: ArrayLike,
    season: Season,
    base_share_power: float = 1.0,
    base_share_energy: float = 1.0,
) -> Heatable:
    """Return the floor area a source can heat: the smallest of what power, energy and demand allow.

    Parameters
    ----------
    power_w, heat_mwh : array_like
        Heat delivered to buildings: power (W) and per season (MWh).
    demand_m2 : array_like
        Heated floor area within reach, m2.
    design_w_m2 : array_like
        Design heat index of that floor area, W/m2.
    season : Season
        Turns the index into seasonal heat.
    base_share_power, base_share_energy : float
        Shares of the design power and of the season's heat that the source carries, the rest being a peak
        unit; 60 % of the power carries 85-90 % of the heat.

    Returns
    -------
    Heatable
        Areas (m2) and the index of the binding limit.
    """
    if not 0 < base_share_power <= base_share_energy <= 1:
        raise ValueError(
            f"base shares of power {base_share_power} and energy {base_share_energy}: 0 < power <= "
            "energy <= 1 must hold"
        )
    index = np.asarray(design_w_m2, float)
    by_power = np.asarray(power_w, float) / (base_share_power * index)
    by_energy = np.asarray(heat_mwh, float) / (base_share_energy * seasonal_heat_mwh(index, season))
    limits = np.stack(np.broadcast_arrays(by_power, by_energy, np.asarray(demand_m2, float)))
    return Heatable(limits.min(axis=0), limits, limits.argmin(axis=0))


def effective_width_m(plot_ratio: ArrayLike) -> NDArray[np.float64]:
    """Return the land area per metre of distribution pipe, m (Persson & Werner 2011).

    The plot ratio is floor area over land area; valid from about 0.01 to 3. Applied Energy 88:568.
    """
    ratio = np.clip(np.asarray(plot_ratio, float), 1e-3, None)
    return np.asarray(61.8 * ratio**-0.15)


def linear_heat_density_mwh_m(
    *, demand_mwh: ArrayLike, land_m2: ArrayLike, floor_m2: ArrayLike
) -> NDArray[np.float64]:
    """Return the heat per metre of network and year, MWh/(m a): heat per land times effective width."""
    land = np.asarray(land_m2, float)
    return np.asarray(
        np.asarray(demand_mwh, float) / land * effective_width_m(np.asarray(floor_m2, float) / land)
    )
