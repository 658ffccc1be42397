"""The borehole itself: the effective resistance between the fluid and the borehole wall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pygfunction import boreholes, media, pipes

from potential.geothermal.fluid import film_coefficient_pipe

_TUBES = (1, 2)


@dataclass(frozen=True, kw_only=True)
class UTubes:
    """One or two U-tubes in a grouted borehole."""

    tubes: int = 2
    """1 single U, 2 double U in parallel."""
    pipe_outer_radius_m: float = 0.016
    pipe_wall_m: float = 0.003
    shank_m: float = 0.0375
    """Distance of the pipes from the axis of the borehole, m."""
    conductivity_pipe_w_mk: float = 0.42
    conductivity_grout_w_mk: float = 1.8
    flow_kg_s: float = 0.4
    """Of the whole borehole."""
    temp_fluid_c: float = 5.0
    glycol_percent: float = 0.0
    """Propylene glycol by mass; 0: water."""

    def __post_init__(self) -> None:
        """Refuse pipes that do not fit."""
        if self.tubes not in _TUBES:
            raise ValueError(f"tubes = {self.tubes} must be 1 or 2")
        if not 0 < self.pipe_wall_m < self.pipe_outer_radius_m:
            raise ValueError(
                f"pipe wall {self.pipe_wall_m} m must be thinner than its radius {self.pipe_outer_radius_m} m"
            )
        if self.shank_m < self.pipe_outer_radius_m:
            raise ValueError(f"shank {self.shank_m} m: pipes of radius {self.pipe_outer_radius_m} m overlap")


def borehole_resistance_mk_w(
    tubes: UTubes, *, depth_m: float, radius_m: float, conductivity_ground_w_mk: float
) -> float:
    """Return the effective borehole thermal resistance R_b*, m K/W.

    Multipole method of first order with uniform borehole wall temperature (Hellström 1991; Claesson &
    Hellström 2011), from pygfunction. Typical for double U DN32: 0.07-0.12.

    Examples
    --------
    >>> r = borehole_resistance_mk_w(UTubes(), depth_m=120.0, radius_m=0.075, conductivity_ground_w_mk=1.7)
    >>> 0.05 < r < 0.12
    True
    """
    if tubes.shank_m + tubes.pipe_outer_radius_m > radius_m:
        raise ValueError(
            f"pipes at {tubes.shank_m} m with radius {tubes.pipe_outer_radius_m} m do not fit into a "
            "borehole of "
            f"radius {radius_m} m"
        )
    inner_m = tubes.pipe_outer_radius_m - tubes.pipe_wall_m
    per_tube = tubes.flow_kg_s / tubes.tubes
    film = film_coefficient_pipe(per_tube, radius_m=inner_m, temp_c=tubes.temp_fluid_c, roughness_m=1e-6)
    fluid = 1 / (2 * np.pi * inner_m * film)
    wall = pipes.conduction_thermal_resistance_circular_pipe(
        inner_m, tubes.pipe_outer_radius_m, tubes.conductivity_pipe_w_mk
    )
    places = _places(tubes)
    well = boreholes.Borehole(depth_m, 2.0, radius_m, 0.0, 0.0)
    pipe = pipes.MultipleUTube(
        places,
        inner_m,
        tubes.pipe_outer_radius_m,
        well,
        conductivity_ground_w_mk,
        tubes.conductivity_grout_w_mk,
        float(fluid + wall),
        nPipes=tubes.tubes,
        config="parallel",
    )
    kind = "MPG" if tubes.glycol_percent > 0 else "Water"
    heat_capacity = float(media.Fluid(kind, tubes.glycol_percent, T=tubes.temp_fluid_c).cp)
    return float(pipe.effective_borehole_thermal_resistance(tubes.flow_kg_s, heat_capacity))


def _places(tubes: UTubes) -> list[tuple[float, float]]:
    """Pipes spread evenly over a circle, the legs of one U opposite each other."""
    angles = np.pi * np.arange(tubes.tubes) / tubes.tubes
    down = [(tubes.shank_m * np.cos(a), tubes.shank_m * np.sin(a)) for a in angles]
    return [*down, *((-x, -y) for x, y in down)]
