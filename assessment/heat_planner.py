"""The station planner: wells at a place, and what they give over the years, cost and save.

The numbers come from the kernels of `yijian heat`; the planner only fills in the ground of the place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from assessment import heat_report
from assessment.heat_ground import P10_Z
from potential.geothermal.station import YEARS

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from layers.catalog import Catalog

KINDS = ("deep", "utype", "shallow", "hydrothermal")
"""What can be planned: coaxial wells, one U-type well, boreholes, doublets."""


@dataclass(frozen=True)
class Place:
    """The ground of a place."""

    gradient_k_km: float
    gradient_sd_k_km: float
    conductivity_w_mk: float
    temp_surface_c: float
    nearest_well_m: float

    def temperature_c(self, depth_m: float, *, z: float = 0.0) -> float:
        """Return the temperature at a depth, degC, `z` standard deviations from the central one."""
        return self.temp_surface_c + (self.gradient_k_km + z * self.gradient_sd_k_km) * depth_m / 1000


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is to be planned."""

    kind: str = "deep"
    wells: int = 4
    """Wells, boreholes, or doublets."""
    spacing_m: float = 50.0
    depth_m: float = 2500.0
    temp_in_c: float = 10.0
    duty_kw: float | None = None
    """Heat from the ground per well; None: the inlet is fixed."""
    returned_share: float = 0.0
    """Heat put back in summer over heat taken in winter (boreholes)."""
    baseline: str = "coal_chp"

    def __post_init__(self) -> None:
        """Refuse a kind that is not known and wells that are none."""
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind!r} must be one of {', '.join(KINDS)}")
        if self.wells < 1:
            raise ValueError(f"wells = {self.wells} must be 1 or more")


@dataclass(frozen=True)
class Plan:
    """What a station gives."""

    years: tuple[int, ...]
    kw: tuple[float, ...]
    """Delivered to buildings, per year of `years`."""
    kw_low: tuple[float, ...]
    """With the ground that 90 % of places like this exceed."""
    kw_high: tuple[float, ...]
    report: dict[str, Any]
    """The whole answer of the kernel, with inputs, units, formula and sources."""

    def rows(self) -> list[dict[str, float]]:
        """Return one row per year: year, kw, kw_low, kw_high."""
        return [
            {"year": year, "kw": middle, "kw_low": low, "kw_high": high}
            for year, middle, low, high in zip(self.years, self.kw, self.kw_low, self.kw_high, strict=True)
        ]


def place_of(blocks: pd.DataFrame) -> Place:
    """Return the mean ground of some blocks, weighted by their area."""
    weight = blocks["area_m2"].to_numpy()

    def mean(name: str) -> float:
        return float(np.average(blocks[name].to_numpy(float), weights=weight))

    return Place(
        gradient_k_km=mean("gradient_k_km"),
        gradient_sd_k_km=mean("gradient_sd_k_km"),
        conductivity_w_mk=mean("conductivity_w_mk"),
        temp_surface_c=mean("temp_surface_c"),
        nearest_well_m=mean("nearest_well_m"),
    )


def plan(place: Place, wish: Wish, *, catalog: Catalog | None = None) -> Plan:
    """Plan a station at a place.

    Raises
    ------
    InputError
        The kernel refuses the numbers; the message says which.
    """
    asked = _ASKED[wish.kind]
    middle, low, high = (asked(place, wish, z, catalog) for z in (0.0, -P10_Z, P10_Z))
    return Plan(YEARS, _by_year(middle), _by_year(low), _by_year(high), middle)


def _by_year(said: dict[str, Any]) -> tuple[float, ...]:
    return tuple(float(said[f"kw_year{year}"]) for year in YEARS)


def _deep(place: Place, wish: Wish, z: float, catalog: Catalog | None) -> dict[str, Any]:
    return heat_report.deep(
        catalog=catalog,
        kind="utype" if wish.kind == "utype" else "coaxial",
        wells=wish.wells,
        spacing_m=wish.spacing_m,
        depth_m=wish.depth_m,
        gradient_k_per_km=place.gradient_k_km + z * place.gradient_sd_k_km,
        temp_surface_c=place.temp_surface_c,
        conductivity_w_mk=place.conductivity_w_mk,
        temp_in_c=wish.temp_in_c,
        duty_kw=wish.duty_kw,
        baseline=wish.baseline,
    )


def _shallow(place: Place, wish: Wish, z: float, catalog: Catalog | None) -> dict[str, Any]:
    return heat_report.shallow(
        catalog=catalog,
        boreholes=wish.wells,
        spacing_m=wish.spacing_m,
        depth_m=wish.depth_m,
        temp_ground_c=place.temperature_c(wish.depth_m / 2, z=z),
        returned_share=wish.returned_share,
        baseline=wish.baseline,
    )


def _hydrothermal(place: Place, wish: Wish, z: float, catalog: Catalog | None) -> dict[str, Any]:
    return heat_report.hydro(
        catalog=catalog,
        doublets=wish.wells,
        depth_m=wish.depth_m,
        temp_reservoir_c=place.temperature_c(wish.depth_m, z=z),
        baseline=wish.baseline,
    )


_ASKED: dict[str, Callable[[Place, Wish, float, Catalog | None], dict[str, Any]]] = {
    "deep": _deep,
    "utype": _deep,
    "shallow": _shallow,
    "hydrothermal": _hydrothermal,
}
