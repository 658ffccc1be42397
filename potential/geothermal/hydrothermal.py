"""Hydrothermal doublets (水热型地热): heat in place, flow, life, and how many fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from potential.geothermal.fluid import friction_loss_pa, water
from potential.geothermal.line_source import SECONDS_PER_YEAR

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MILLIDARCY_M2 = 9.869233e-16


@dataclass(frozen=True, kw_only=True)
class Doublet:
    """One production and one injection well into the same reservoir, and how they are run."""

    temp_injection_c: float = 25.0
    drawdown_pa: float = 3e6
    """Pressure difference the pump and the wells may spend on the reservoir, both wells together, Pa."""
    flow_casing_m3_h: float = 150.0
    flow_injection_m3_h: float = 100.0
    """What the injection well takes: production is set by injection (以灌定产)."""
    well_radius_m: float = 0.11
    skin: float = 2.0
    season_days: float = 120.0
    life_years: float = 50.0
    """Years without thermal breakthrough that the distance of the wells is laid out for."""
    spacing_min_m: float = 400.0
    pump_efficiency: float = 0.6
    depth_m: float = 2750.0
    casing_radius_m: float = 0.08
    temp_loss_k: float = 2.0
    """Cooling of the water on its way up the production well, K."""

    def __post_init__(self) -> None:
        """Refuse a duty without meaning."""
        for name in ("drawdown_pa", "flow_casing_m3_h", "flow_injection_m3_h", "life_years", "spacing_min_m"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} = {getattr(self, name)} must be positive")
        if not 0 < self.season_days <= 365:  # noqa: PLR2004 - days of a year
            raise ValueError(f"season_days = {self.season_days} must lie in 0..365")


@dataclass(frozen=True, kw_only=True)
class Reservoir:
    """A porous reservoir, one value per site."""

    temp_c: NDArray[np.float64]
    thickness_net_m: NDArray[np.float64]
    """Thickness of the sands, gross times net-to-gross, m."""
    porosity: NDArray[np.float64]
    permeability_md: NDArray[np.float64]
    volumetric_rock_j_m3k: float = 2.3e6
    """Of the grains, J/(m3 K)."""
    volumetric_water_j_m3k: float | None = None
    """Of the water, J/(m3 K); None: of water at 70 degC, for reservoirs up to some 120 degC."""

    @property
    def volumetric_j_m3k(self) -> NDArray[np.float64]:
        """Volumetric heat capacity of sand and water together, J/(m3 K)."""
        given = self.volumetric_water_j_m3k
        wet = water(70.0).volumetric_j_m3k if given is None else given
        return (1 - self.porosity) * self.volumetric_rock_j_m3k + self.porosity * wet


@dataclass(frozen=True)
class DoubletResult:
    """What one doublet gives, one value per site."""

    flow_m3_h: NDArray[np.float64]
    power_w: NDArray[np.float64]
    """Heat from the ground, W."""
    pump_w: NDArray[np.float64]
    spacing_m: NDArray[np.float64]
    """Distance between the two wells so that no cold water arrives in the doublet's life, m."""
    area_m2: NDArray[np.float64]
    """Ground one doublet occupies, 2 D x D, m2."""
    bound: NDArray[np.int8]
    """What sets the flow: 0 reservoir (drawdown), 1 reinjection, 2 casing."""


def heat_in_place_j(
    reservoir: Reservoir, *, area_m2: ArrayLike, temp_reference_c: float
) -> NDArray[np.float64]:
    r"""Return the heat in place above a reference temperature, J.

    .. math:: H_0 = A\,b\,[(1-\varphi) \rho_r c_r + \varphi \rho_w c_w] (T_r - T_{ref})

    Muffler & Cataldi 1978, Geothermics 7; the 热储法 of GB/T 11615. The reference changes the result by more
    than two: print it with every number.
    """
    warm = np.maximum(reservoir.temp_c - temp_reference_c, 0.0)
    volume = np.asarray(area_m2, float) * reservoir.thickness_net_m
    return np.asarray(volume * reservoir.volumetric_j_m3k * warm)


def flow_by_reservoir_m3_h(
    reservoir: Reservoir, doublet: Doublet, *, spacing_m: ArrayLike
) -> NDArray[np.float64]:
    r"""Return the flow that the allowed pressure drives through both wells of a doublet, m3/h.

    Steady flow between two wells at distance D, per well :math:`\Delta p = Q\mu/(2\pi k b) [\ln(D/r_w) +
    S]`, the hot viscosity at the producer and the cold one at the injector (Dupuit-Thiem; structure of
    DoubletCalc1D).
    """
    return _flow_times_shape(reservoir, doublet) / _shape(doublet, np.asarray(spacing_m, float))


def _flow_times_shape(reservoir: Reservoir, doublet: Doublet) -> NDArray[np.float64]:
    """Return what the spacing does not change: flow times its shape factor, m3/h."""
    transmissivity = reservoir.permeability_md * MILLIDARCY_M2 * reservoir.thickness_net_m
    viscosity = _viscosity(reservoir.temp_c) + water(doublet.temp_injection_c).viscosity_pa_s
    return np.asarray(3600 * doublet.drawdown_pa * 2 * np.pi * transmissivity / viscosity)


def _shape(doublet: Doublet, spacing_m: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.log(spacing_m / doublet.well_radius_m) + doublet.skin)


def breakthrough_years(
    *, flow_mean_m3_s: ArrayLike, thickness_m: ArrayLike, spacing_m: ArrayLike, volumetric_j_m3k: ArrayLike,
    volumetric_water_j_m3k: float = 4.1e6,
) -> NDArray[np.float64]:  # fmt: skip
    r"""Return the years until cold water reaches the producer, without help from the cap rock (conservative).

    .. math:: t_B = \frac{\pi\,\rho c_r\,b\,D^2}{3\,\rho_w c_w\,\bar Q}

    Gringarten & Sauty 1975, J. Geophys. Res. 80(35). Use the flow averaged over the whole year.

    Examples
    --------
    >>> t = breakthrough_years(flow_mean_m3_s=0.01, thickness_m=80.0, spacing_m=500.0, volumetric_j_m3k=2.6e6)
    >>> round(float(t), 2)
    42.11
    """
    seconds = (
        np.pi * np.asarray(volumetric_j_m3k, float) * np.asarray(thickness_m, float) * np.asarray(spacing_m,
        float) ** 2
    ) / (3 * volumetric_water_j_m3k * np.asarray(flow_mean_m3_s, float))  # fmt: skip
    return np.asarray(seconds / SECONDS_PER_YEAR)


def cold_share(years_over_breakthrough: ArrayLike) -> NDArray[np.float64]:
    r"""Return the share of injected water in the produced water after breakthrough.

    A streamline leaving the injector at an angle :math:`\theta` from the line of the wells arrives at
    :math:`t/t_B = 3 (\sin\theta - \theta\cos\theta)/\sin^3\theta`; the share is :math:`\theta/\pi`.

    Examples
    --------
    >>> [round(float(x), 2) for x in cold_share([1.0, 1.2, 2.0, 3.0])]
    [0.0, 0.21, 0.41, 0.5]
    """
    theta = np.linspace(1e-3, np.pi - 1e-3, 4001)
    arrival = 3 * (np.sin(theta) - theta * np.cos(theta)) / np.sin(theta) ** 3
    return np.asarray(np.interp(np.asarray(years_over_breakthrough, float), arrival, theta / np.pi, left=0.0))


def spacing_for_life_m(
    reservoir: Reservoir, doublet: Doublet, *, flow_m3_h: ArrayLike
) -> NDArray[np.float64]:
    """Return the distance of the wells at which breakthrough comes at the end of the doublet's life, m."""
    mean_m3_s = np.asarray(flow_m3_h, float) / 3600 * doublet.season_days / 365
    seconds = doublet.life_years * SECONDS_PER_YEAR
    square = 3 * water(70.0).volumetric_j_m3k * mean_m3_s * seconds
    square = square / (np.pi * reservoir.volumetric_j_m3k * reservoir.thickness_net_m)
    return np.maximum(np.sqrt(square), doublet.spacing_min_m)


def doublet_flow(
    reservoir: Reservoir, doublet: Doublet
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the flow, the flow the reservoir alone would allow (m3/h), and the spacing of the wells (m).

    Flow and spacing depend on each other only through ln D: three rounds settle them below 0.1 %.
    """
    spacing, drive = np.full_like(reservoir.temp_c, 500.0), _flow_times_shape(reservoir, doublet)
    for _ in range(3):
        wanted = drive / _shape(doublet, spacing)
        flow = np.minimum(wanted, min(doublet.flow_casing_m3_h, doublet.flow_injection_m3_h))
        spacing = spacing_for_life_m(reservoir, doublet, flow_m3_h=flow)
    return flow, wanted, spacing


def doublet_power_w(
    reservoir: Reservoir, doublet: Doublet, flow_m3_h: NDArray[np.float64]
) -> NDArray[np.float64]:
    r"""Return the heat taken from the ground at a flow, :math:`Q \\rho_w c_w (T_{prod} - T_{inj})`, W."""
    lift = np.maximum(reservoir.temp_c - doublet.temp_loss_k - doublet.temp_injection_c, 0.0)
    return flow_m3_h / 3600 * water(60.0).volumetric_j_m3k * lift


def doublet_yield(reservoir: Reservoir, doublet: Doublet) -> DoubletResult:
    """Return flow, heat, pump power, spacing and occupied ground of one doublet."""
    flow, wanted, spacing = doublet_flow(reservoir, doublet)
    other = 1 if doublet.flow_injection_m3_h <= doublet.flow_casing_m3_h else 2
    pressure = doublet.drawdown_pa * flow / wanted + _friction_pa(flow, doublet)
    return DoubletResult(
        flow_m3_h=flow,
        power_w=doublet_power_w(reservoir, doublet, flow),
        pump_w=pressure * flow / 3600 / doublet.pump_efficiency,
        spacing_m=spacing,
        area_m2=2 * spacing**2,
        bound=np.where(flow < wanted, other, 0).astype(np.int8),
    )


def protection_radius_m(
    *, flow_m3_h: ArrayLike, season_days: float, thickness_m: ArrayLike, heat_ratio: float = 1.6,
    years: float = 100.0, recovered: float = 0.15,
) -> NDArray[np.float64]:  # fmt: skip
    r"""Return the protection radius of one producing well by GB/T 11615 (规范法), m.

    .. math:: R = \sqrt{\frac{365\,y\,Q\,f}{r\,\pi\,H}}

    with Q in m3/d averaged over the year, f the heat capacity of water over that of the rock, y = 100
    years, r = 0.15.
    """
    daily = np.asarray(flow_m3_h, float) * 24 * season_days / 365
    return np.asarray(
        np.sqrt(365 * years * daily * heat_ratio / (recovered * np.pi * np.asarray(thickness_m, float)))
    )


def _friction_pa(flow_m3_h: NDArray[np.float64], doublet: Doublet) -> NDArray[np.float64]:
    """Friction in both wells; read from a short table over the flow."""
    nodes = np.linspace(5.0, max(float(np.nanmax(flow_m3_h, initial=5.0)), 10.0), 16)
    losses = [
        2 * friction_loss_pa(
            flow / 3600 * water(60.0).density_kg_m3, length_m=doublet.depth_m,
            diameter_m=2 * doublet.casing_radius_m, temp_c=60.0, roughness_m=5e-5,
        )
        for flow in nodes
    ]  # fmt: skip
    return np.interp(flow_m3_h, nodes, losses)


def _viscosity(temp_c: NDArray[np.float64]) -> NDArray[np.float64]:
    nodes = np.arange(5.0, 100.0, 2.0)
    return np.interp(temp_c, nodes, [water(float(t)).viscosity_pa_s for t in nodes])
