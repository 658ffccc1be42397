r"""U-type deep wells (U型井): one well down, a lateral through the hot rock, another well up.

One path through the ground, the water quasi-steady:

.. math:: m c\,T' = (T_0(s) - T) / R_t(s), \qquad R_t = R_b + \Gamma / (2 \pi \lambda)

With the ground temperature linear over a piece of the path, each piece is solved exactly. The riser may be
insulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from potential.geothermal.line_source import season_mean_response

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.geothermal.deep import DeepWell, Operation


@dataclass(frozen=True, kw_only=True)
class UPath:
    """Lengths of a U-type well; its pipes are those of a `DeepWell` without the inner pipe."""

    depth_m: float = 2500.0
    lateral_m: float = 600.0
    insulated_m: float = 1000.0
    """Upper part of the riser with an insulated pipe, m."""

    def __post_init__(self) -> None:
        """Refuse lengths without meaning."""
        if not (self.depth_m > 0 and self.lateral_m >= 0 and 0 <= self.insulated_m <= self.depth_m):
            raise ValueError(
                f"depth {self.depth_m} m must be positive, lateral {self.lateral_m} m not negative, "
                f"insulated part {self.insulated_m} m at most the depth"
            )


@dataclass(frozen=True)
class UHeat:
    """What a U-type well gives."""

    heat_w: float
    temp_out_c: float
    pieces_w: NDArray[np.float64]
    """Heat taken in descent, lateral and riser, W; they add up to `heat_w`."""


def utype_heat(
    path: UPath,
    well: DeepWell,
    operation: Operation,
    *,
    temp_surface_c: float,
    gradient_k_per_km: float,
    conductivity_w_mk: float,
    volumetric_j_m3k: float = 2.4e6,
    season: int,
) -> UHeat:
    """Return the season-mean heat of a U-type well in uniform rock.

    Parameters
    ----------
    path : UPath
        Lengths.
    well : DeepWell
        Casing, cement, bit and flow; the inner pipe is not used.
    operation : Operation
        Inlet temperature, season, neighbours.
    temp_surface_c, gradient_k_per_km, conductivity_w_mk, volumetric_j_m3k : float
        The ground.
    season : int
        Number of the season.
    """
    alpha = conductivity_w_mk / volumetric_j_m3k
    response = sum(
        float(season_mean_response(
            distance_m=distance, diffusivity_m2_s=alpha, season=season, season_days=operation.season_days
        ))
        for distance in (well.borehole_radius_m, *operation.neighbours_m)
    )  # fmt: skip
    resistance = well.resistance_borehole_mk_w + response / (2 * np.pi * conductivity_w_mk)
    rate = 1 / (well.heat_capacity_flow_w_k * resistance)
    gradient = gradient_k_per_km / 1000
    bottom_c = temp_surface_c + gradient * path.depth_m
    bare_m = path.depth_m - path.insulated_m
    legs = (
        (path.depth_m, temp_surface_c, gradient),
        (path.lateral_m, bottom_c, 0.0),
        (bare_m, bottom_c, -gradient),
    )
    temp, heats = operation.temp_in_c, []
    for length, start_c, slope in legs:
        after = _along(temp, start_c, slope, length, rate)
        heats.append(well.heat_capacity_flow_w_k * (after - temp))
        temp = after
    pieces = np.array(heats)
    return UHeat(float(pieces.sum()), float(temp), pieces)


def _along(temp_c: float, ground_c: float, slope: float, length_m: float, rate: float) -> float:
    """Temperature at the end of a piece over which the ground's temperature is linear."""
    offset = temp_c - ground_c + slope / rate
    return float(ground_c + slope * length_m - slope / rate + offset * np.exp(-rate * length_m))
