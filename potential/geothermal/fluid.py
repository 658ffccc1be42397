"""Water in pipes: properties, film coefficients, friction; all from pygfunction, none written anew."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pygfunction import media, pipes

G_M_S2 = 9.81


@dataclass(frozen=True)
class Water:
    """Properties of liquid water at one temperature."""

    density_kg_m3: float
    heat_capacity_j_kgk: float
    conductivity_w_mk: float
    viscosity_pa_s: float

    @property
    def volumetric_j_m3k(self) -> float:
        """Volumetric heat capacity, J/(m3 K)."""
        return self.density_kg_m3 * self.heat_capacity_j_kgk


@lru_cache(maxsize=256)
def water(temp_c: float) -> Water:
    """Return the properties of water at `temp_c` (0.1 to 99 degC; hotter reservoir water is taken as at 99).

    Source: Melinder's correlations as SecondaryCoolantProps carries them, through pygfunction.

    Examples
    --------
    >>> round(water(20.0).density_kg_m3, 1)
    998.2
    """
    fluid = media.Fluid("Water", 0.0, T=float(np.clip(temp_c, 0.1, 99.0)))
    return Water(float(fluid.rho), float(fluid.cp), float(fluid.k), float(fluid.mu))


def film_coefficient_pipe(
    mass_flow_kg_s: float, *, radius_m: float, temp_c: float, roughness_m: float
) -> float:
    """Return the film coefficient inside a round pipe, W/(m2 K) (Gnielinski; laminar below Re 2300)."""
    w = water(round(temp_c, 1))
    return float(
        pipes.convective_heat_transfer_coefficient_circular_pipe(
            mass_flow_kg_s, radius_m, w.viscosity_pa_s, w.density_kg_m3, w.conductivity_w_mk,
            w.heat_capacity_j_kgk, roughness_m,
        )
    )  # fmt: skip


def film_coefficients_annulus(
    mass_flow_kg_s: float, *, inner_radius_m: float, outer_radius_m: float, temp_c: float, roughness_m: float
) -> tuple[float, float]:
    """Return the film coefficients at the inner and the outer wall of an annulus, W/(m2 K)."""
    w = water(round(temp_c, 1))
    inner, outer = pipes.convective_heat_transfer_coefficient_concentric_annulus(
        mass_flow_kg_s, inner_radius_m, outer_radius_m, w.viscosity_pa_s, w.density_kg_m3,
        w.conductivity_w_mk, w.heat_capacity_j_kgk, roughness_m,
    )  # fmt: skip
    return float(inner), float(outer)


def friction_loss_pa(
    mass_flow_kg_s: float,
    *,
    length_m: float,
    diameter_m: float,
    area_m2: float | None = None,
    temp_c: float,
    roughness_m: float,
) -> float:
    """Return the Darcy-Weisbach loss of a pipe, Pa.

    An annulus takes its hydraulic diameter and its own area.
    """
    w = water(round(temp_c, 1))
    area = np.pi * diameter_m**2 / 4 if area_m2 is None else area_m2
    speed = mass_flow_kg_s / (w.density_kg_m3 * area)
    # The friction factor depends on the Reynolds number alone: ask for a round pipe of that diameter and
    # speed.
    same_speed = speed * w.density_kg_m3 * np.pi * diameter_m**2 / 4
    factor = float(
        pipes.fluid_friction_factor_circular_pipe(
            same_speed, diameter_m / 2, w.viscosity_pa_s, w.density_kg_m3, roughness_m
        )
    )
    return float(factor * length_m / diameter_m * w.density_kg_m3 * speed**2 / 2)
