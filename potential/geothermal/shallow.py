r"""Shallow boreholes (浅层地埋管): capacity by three pulses in closed form, with interference.

The ASHRAE three-pulse sizing, solved for the load instead of the length. A peak of q_h (W/m) for t_h rides
on the mean of the worst month and on the net mean of t_y years:

.. math::
    q_h = \frac{T_g - T_{f,lim}}{R_h + R_b^* + f_m R_m + f_y R_y}, \quad
    R_h = \frac{g(t_h)}{2\pi\lambda}, \;
    R_m = \frac{g(t_m + t_h) - g(t_h)}{2\pi\lambda}, \;
    R_y = \frac{g(t_y + t_m + t_h) - g(t_m + t_h)}{2\pi\lambda}.

Exact, since the fluid limit is fixed. Source of the pulses: Kavanaugh & Rafferty 1997; Philippe, Bernier &
Marchio 2010.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from potential.geothermal.line_source import SECONDS_PER_YEAR

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from potential.geothermal.gfunction import FieldResponses

HOURS_PER_YEAR = 8760.0
PEAK_S = 6 * 3600.0
MONTH_S = 730 * 3600.0


@dataclass(frozen=True, kw_only=True)
class Borefield:
    """Vertical boreholes on a regular grid."""

    depth_m: float = 120.0
    spacing_m: float = 5.0
    radius_m: float = 0.075
    resistance_mk_w: float = 0.10
    """Effective borehole thermal resistance R_b*, m K/W."""

    def __post_init__(self) -> None:
        """Refuse sizes without meaning."""
        for name in ("depth_m", "spacing_m", "radius_m", "resistance_mk_w"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} = {getattr(self, name)} must be positive")
        if self.spacing_m <= 2 * self.radius_m:
            raise ValueError(f"spacing {self.spacing_m} m: boreholes of radius {self.radius_m} m would touch")


@dataclass(frozen=True, kw_only=True)
class Duty:
    """What is asked of the ground, and its limits."""

    full_load_hours: float
    """Heat taken per year over peak power, h (ground side)."""
    month_share: float = 0.55
    """Mean load of the worst month over the peak, f_m."""
    returned_share: float = 0.0
    """Heat put back in summer over heat taken in winter: 0 heating only, 1 balanced."""
    temp_limit_c: float = 2.0
    """Lowest mean fluid temperature, degC."""
    temp_limit_cooling_c: float = 32.0
    """Highest mean fluid temperature when heat is put back, degC."""
    full_load_hours_cooling: float = 900.0
    """Heat put back per year over peak power, h (ground side)."""

    def __post_init__(self) -> None:
        """Refuse shares and hours without meaning."""
        if not 0 < self.full_load_hours <= HOURS_PER_YEAR:
            raise ValueError(f"full_load_hours = {self.full_load_hours} must lie in 0..8760")
        if not (0 <= self.returned_share <= 1 and 0 < self.month_share <= 1):
            raise ValueError(
                f"returned_share = {self.returned_share} must lie in 0..1, month_share = "
                f"{self.month_share} in 0..1"
            )

    @property
    def year_share(self) -> float:
        """Net mean extraction of the year over the peak, f_y."""
        return (1 - self.returned_share) * self.full_load_hours / HOURS_PER_YEAR


@dataclass(frozen=True)
class Capacity:
    """Specific capacity of a borefield, W per metre of borehole, on the ground side."""

    heating_w_m: NDArray[np.float64]
    """Peak heat that may be taken so that the fluid stays above its limit at the end of the last year."""
    cooling_w_m: NDArray[np.float64]
    """Peak heat that may be put back in the second year so that the fluid stays below its limit."""


def capacity_w_m(
    responses: FieldResponses,
    field: Borefield,
    duty: Duty,
    *,
    boreholes: ArrayLike,
    temp_ground_c: ArrayLike,
    conductivity_w_mk: ArrayLike,
    volumetric_j_m3k: ArrayLike = 2.4e6,
    years: float = 30.0,
    slender: bool = False,
) -> Capacity:
    """Return the heating and cooling capacity per metre of borehole.

    Parameters
    ----------
    responses, field, duty
        Table of g-functions, the boreholes, and what is asked of them.
    boreholes : array_like
        Boreholes per field.
    temp_ground_c : array_like
        Undisturbed temperature averaged over the depth, degC.
    conductivity_w_mk, volumetric_j_m3k : array_like
        Of the ground, averaged over the depth: W/(m K), J/(m3 K).
    years : float
        Years of operation at whose end the limit holds.
    slender : bool
        Fields of side ratio 1:4 instead of near-square ones.

    Returns
    -------
    Capacity
        W/m on the ground side, shaped like the broadcast inputs; 0 where the ground is no warmer than the
        limit.
    """
    conductivity = np.asarray(conductivity_w_mk, float)

    def g(time_s: float) -> NDArray[np.float64]:
        return responses.at(
            boreholes=boreholes,
            spacing_m=field.spacing_m,
            depth_m=field.depth_m,
            radius_m=field.radius_m,
            diffusivity_m2_s=conductivity / np.asarray(volumetric_j_m3k, float),
            time_s=time_s,
            slender=slender,
        )

    pulse, month = g(PEAK_S), g(PEAK_S + MONTH_S)
    late, second = (g(PEAK_S + MONTH_S + y * SECONDS_PER_YEAR) for y in (years, 1.0))
    return Capacity(
        three_pulses(
            np.asarray(temp_ground_c, float) - duty.temp_limit_c,
            (pulse, month, late),
            duty,
            field,
            conductivity,
        ),
        three_pulses(
            duty.temp_limit_cooling_c - np.asarray(temp_ground_c, float),
            (pulse, month, second),
            Duty(
                full_load_hours=duty.full_load_hours_cooling, month_share=duty.month_share, returned_share=0.0
            ),
            field,
            conductivity,
        ),
    )


def three_pulses(
    room_k: NDArray[np.float64],
    g: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    duty: Duty,
    field: Borefield,
    conductivity: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the load (W/m) that uses up `room_k` after hour, month and years, given g at their ends."""
    pulse, month, years = g
    ground = pulse + duty.month_share * (month - pulse) + duty.year_share * (years - month)
    resistance = field.resistance_mk_w + ground / (2 * np.pi * conductivity)
    if np.any(resistance <= 0):
        raise ValueError(
            f"borehole and ground resistance add up to {resistance.min():.3g} m K/W: R_b* = "
            f"{field.resistance_mk_w} "
            "does not fit the g-function"
        )
    return np.asarray(np.maximum(room_k, 0.0) / resistance)
