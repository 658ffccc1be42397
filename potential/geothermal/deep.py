"""Medium-deep closed-loop wells (中深层无干扰地热): what one gives in any season, alone or in company."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from potential.geothermal.coaxial import Coaxial, coaxial_heat
from potential.geothermal.fluid import (
    film_coefficient_pipe,
    film_coefficients_annulus,
    friction_loss_pa,
    water,
)
from potential.geothermal.line_source import season_mean_response, seasonal_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

_TABLE_NODES = 24
"""Nodes of the table of responses over diffusivity; the cubic through them errs by less than 1e-6."""


@dataclass(frozen=True, kw_only=True)
class DeepWell:
    """A coaxial well: a cemented steel casing, an insulated inner pipe, water down the annulus."""

    depth_m: float = 2500.0
    borehole_radius_m: float = 0.1206
    casing_outer_radius_m: float = 0.0889
    casing_wall_m: float = 0.0092
    inner_outer_radius_m: float = 0.055
    inner_wall_m: float = 0.010
    conductivity_steel_w_mk: float = 45.0
    conductivity_cement_w_mk: float = 1.5
    conductivity_inner_w_mk: float = 0.42
    """Of the inner pipe: 0.42 plain polyethylene, 0.02 vacuum or gel insulated."""
    flow_m3_h: float = 30.0
    temp_fluid_c: float = 20.0
    """Temperature at which the water properties are taken."""
    roughness_m: float = 1e-5

    def __post_init__(self) -> None:
        """Refuse pipes that do not fit into each other, and sizes without meaning."""
        for name in ("depth_m", "flow_m3_h", "conductivity_cement_w_mk", "conductivity_inner_w_mk"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} = {getattr(self, name)} must be positive")
        radii = (
            0.0,
            self.inner_outer_radius_m - self.inner_wall_m,
            self.inner_outer_radius_m,
            self.casing_outer_radius_m - self.casing_wall_m,
            self.casing_outer_radius_m,
            self.borehole_radius_m,
        )
        if any(small >= large for small, large in pairwise(radii)):
            listed = ", ".join(f"{radius:.4f}" for radius in radii[1:])
            raise ValueError(f"radii {listed} m must grow from inner pipe to casing to borehole")

    @property
    def mass_flow_kg_s(self) -> float:
        """Mass flow, kg/s."""
        return self.flow_m3_h / 3600 * water(round(self.temp_fluid_c, 1)).density_kg_m3

    @property
    def heat_capacity_flow_w_k(self) -> float:
        """Mass flow times heat capacity, W/K."""
        return self.mass_flow_kg_s * water(round(self.temp_fluid_c, 1)).heat_capacity_j_kgk

    @cached_property
    def _annulus_films(self) -> tuple[float, float]:
        return film_coefficients_annulus(
            self.mass_flow_kg_s,
            inner_radius_m=self.inner_outer_radius_m,
            outer_radius_m=self.casing_outer_radius_m - self.casing_wall_m,
            temp_c=self.temp_fluid_c,
            roughness_m=self.roughness_m,
        )

    @cached_property
    def resistance_borehole_mk_w(self) -> float:
        """From the water in the annulus to the borehole wall: film, casing, cement, m K/W."""
        casing_inner_m = self.casing_outer_radius_m - self.casing_wall_m
        film = 1 / (2 * np.pi * casing_inner_m * self._annulus_films[1])
        steel = np.log(self.casing_outer_radius_m / casing_inner_m) / self.conductivity_steel_w_mk
        cement = np.log(self.borehole_radius_m / self.casing_outer_radius_m) / self.conductivity_cement_w_mk
        return float(film + (steel + cement) / (2 * np.pi))

    @cached_property
    def resistance_internal_mk_w(self) -> float:
        """Between the annulus and the inner pipe: two films and the pipe wall, m K/W."""
        inner_m = self.inner_outer_radius_m - self.inner_wall_m
        film = film_coefficient_pipe(
            self.mass_flow_kg_s, radius_m=inner_m, temp_c=self.temp_fluid_c, roughness_m=self.roughness_m
        )
        films = 1 / (inner_m * film) + 1 / (self.inner_outer_radius_m * self._annulus_films[0])
        wall = np.log(self.inner_outer_radius_m / inner_m) / self.conductivity_inner_w_mk
        return float((films + wall) / (2 * np.pi))

    def pump_w(self, *, efficiency: float = 0.6) -> float:
        """Return the electric power that drives the water round the well, W."""
        inner_m = self.inner_outer_radius_m - self.inner_wall_m
        casing_m = self.casing_outer_radius_m - self.casing_wall_m
        common = {"length_m": self.depth_m, "temp_c": self.temp_fluid_c, "roughness_m": self.roughness_m}
        up = friction_loss_pa(self.mass_flow_kg_s, diameter_m=2 * inner_m, **common)
        down = friction_loss_pa(
            self.mass_flow_kg_s,
            diameter_m=2 * (casing_m - self.inner_outer_radius_m),
            area_m2=np.pi * (casing_m**2 - self.inner_outer_radius_m**2),
            **common,
        )
        return (up + down) * self.flow_m3_h / 3600 / efficiency


@dataclass(frozen=True, kw_only=True)
class Rock:
    """Layered ground of one or many sites, down to the bottom of the well."""

    temp_edges_c: NDArray[np.float64]
    """Undisturbed temperature at the layer edges, shape (sites, layers + 1), degC."""
    lengths_m: NDArray[np.float64]
    """Thickness of the layers, shape (layers,), m."""
    conductivity_w_mk: NDArray[np.float64]
    """Shape (sites, layers), W/(m K)."""
    volumetric_j_m3k: NDArray[np.float64] | float = 2.4e6
    """Volumetric heat capacity, J/(m3 K): one for all, or one per layer."""

    def __post_init__(self) -> None:
        """Refuse shapes that do not fit and conductivities without meaning."""
        sites, layers = self.conductivity_w_mk.shape
        if self.temp_edges_c.shape != (sites, layers + 1) or self.lengths_m.shape != (layers,):
            raise ValueError(
                f"shapes do not fit: conductivity {self.conductivity_w_mk.shape}, edges "
                f"{self.temp_edges_c.shape} "
                f"(expected {(sites, layers + 1)}), lengths {self.lengths_m.shape} (expected {(layers,)})"
            )
        positive = (self.conductivity_w_mk, self.lengths_m, self.volumetric_j_m3k)
        if not all(np.min(values) > 0 for values in positive):
            raise ValueError("conductivities, layer thicknesses and the heat capacity must be positive")

    def take(self, sites: NDArray[np.bool_]) -> Rock:
        """Return the ground of some of the sites."""
        return Rock(
            temp_edges_c=self.temp_edges_c[sites],
            lengths_m=self.lengths_m,
            conductivity_w_mk=self.conductivity_w_mk[sites],
            volumetric_j_m3k=self.volumetric_j_m3k,
        )


@dataclass(frozen=True, kw_only=True)
class Operation:
    """How the well is run: heat in seasons of equal load, rest in between."""

    temp_in_c: float = 10.0
    season_days: float = 120.0
    neighbours_m: tuple[float, ...] = ()
    """Distances to wells of the same station, m; they carry the same load per metre."""


def deep_heat(well: DeepWell, rock: Rock, operation: Operation, *, season: int, mean: bool = True) -> Coaxial:
    r"""Return what wells give in the n-th season for a fixed inlet temperature.

    The rock's answer is the line source of all seasons so far, the neighbours' superposed:
    :math:`\Gamma = \Gamma_n(r_b) + \sum_j \Gamma_n(d_j)`. Every season is taken to carry the load per metre
    of the present one, at every depth: slightly pessimistic in late seasons, since early ones carried more.

    Parameters
    ----------
    well, rock, operation
        The well, the ground of the sites, and how it is run.
    season : int
        Number of the season, 1 the first.
    mean : bool
        True: averaged over the season; False: at its end.

    Returns
    -------
    Coaxial
        Heat (W) and temperatures (degC), each of shape (sites,).
    """
    response = _tabled(
        lambda diffusivity: _response(well, operation, diffusivity, season, mean=mean),
        rock.conductivity_w_mk / rock.volumetric_j_m3k,
    )
    return coaxial_heat(
        temp_edges_c=rock.temp_edges_c,
        lengths_m=rock.lengths_m,
        conductivity_w_mk=rock.conductivity_w_mk,
        response=response,
        resistance_borehole_mk_w=well.resistance_borehole_mk_w,
        resistance_internal_mk_w=well.resistance_internal_mk_w,
        heat_capacity_flow_w_k=well.heat_capacity_flow_w_k,
        temp_in_c=operation.temp_in_c,
    )


def inlet_for_duty(
    well: DeepWell, rock: Rock, operation: Operation, *, duty_w: ArrayLike, season: int, mean: bool = True
) -> NDArray[np.float64]:
    """Return the inlet temperature at which the well gives `duty_w` (W), degC; the system is affine in it."""
    cold = deep_heat(well, rock, _with_inlet(operation, 0.0), season=season, mean=mean)
    warm = deep_heat(well, rock, _with_inlet(operation, 10.0), season=season, mean=mean)
    slope = (warm.heat_w - cold.heat_w) / 10.0
    return np.asarray((np.asarray(duty_w, float) - cold.heat_w) / slope)


def uniform_rock(
    *,
    depth_m: float,
    temp_surface_c: float,
    gradient_k_per_km: float,
    conductivity_w_mk: float,
    volumetric_j_m3k: float = 2.4e6,
) -> Rock:
    """Return one site of uniform conductivity and gradient; one layer is exact."""
    bottom_c = temp_surface_c + gradient_k_per_km * depth_m / 1000
    return Rock(
        temp_edges_c=np.array([[temp_surface_c, bottom_c]]),
        lengths_m=np.array([depth_m]),
        conductivity_w_mk=np.array([[conductivity_w_mk]]),
        volumetric_j_m3k=volumetric_j_m3k,
    )


def _with_inlet(operation: Operation, temp_in_c: float) -> Operation:
    return Operation(
        temp_in_c=temp_in_c, season_days=operation.season_days, neighbours_m=operation.neighbours_m
    )


def _response(
    well: DeepWell, operation: Operation, diffusivity_m2_s: NDArray[np.float64], season: int, *, mean: bool
) -> NDArray[np.float64]:
    total = np.zeros_like(diffusivity_m2_s)
    around = Counter((well.borehole_radius_m, *operation.neighbours_m))
    for distance_m, number in around.items():  # on a grid many neighbours are equally far
        if mean:
            total += number * season_mean_response(
                distance_m=distance_m,
                diffusivity_m2_s=diffusivity_m2_s,
                season=season,
                season_days=operation.season_days,
            )
        else:
            total += number * seasonal_response(
                distance_m=distance_m,
                diffusivity_m2_s=diffusivity_m2_s,
                season=season,
                season_days=operation.season_days,
                elapsed_days=operation.season_days,
            )
    return total


def _tabled(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Evaluate a smooth function of the diffusivity once per node, then by cubic interpolation."""
    low, high = float(at.min()), float(at.max())
    if at.size <= _TABLE_NODES or high - low < 1e-9 * high:
        return function(at.ravel()).reshape(at.shape) if at.size <= _TABLE_NODES else np.full(
            at.shape, function(np.array([low]))[0]
        )  # fmt: skip
    from scipy.interpolate import CubicSpline  # noqa: PLC0415 - only the map needs it

    nodes = np.linspace(low, high, _TABLE_NODES)
    table: NDArray[np.float64] = CubicSpline(nodes, function(nodes))(at)
    return table
