"""A station of deep closed-loop wells over the years."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from potential.geothermal.deep import DeepWell, Operation, Rock, deep_heat, inlet_for_duty, uniform_rock
from potential.geothermal.economy import building_heat, heat_pump_cop
from potential.geothermal.report import reported
from potential.geothermal.station import YEARS, plan_station, square_layout_m, worst_neighbours_m
from potential.geothermal.utype import UPath, utype_heat

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KINDS = ("coaxial", "utype")


def deep_report(
    *,
    wells: int = 1,
    spacing_m: float = 50.0,
    kind: str = "coaxial",
    depth_m: float = 2500.0,
    lateral_m: float = 600.0,
    gradient_k_per_km: float = 31.7,
    temp_surface_c: float = 15.5,
    conductivity_w_mk: float = 2.24,
    volumetric_mj_m3k: float = 2.4,
    borehole_radius_m: float = 0.1206,
    conductivity_inner_w_mk: float = 0.42,
    conductivity_cement_w_mk: float = 1.5,
    flow_m3_h: float = 30.0,
    temp_in_c: float = 10.0,
    duty_kw: float | None = None,
    season_days: float = 120.0,
    temp_supply_c: float = 45.0,
    pump_quality: float = 0.5,
) -> dict[str, Any]:
    """Return the heat of a station of deep closed-loop wells over the years.

    `duty_kw` (from the ground, per well): every year carries it, and the inlet temperature that it takes in
    the most crowded well is reported year by year; the heat pump is reckoned at the inlet of year 30. None:
    the inlet is fixed. `kind` "utype": one U-type well of `depth_m` and `lateral_m`.
    """
    inputs = dict(locals())
    well = DeepWell(
        depth_m=depth_m,
        borehole_radius_m=borehole_radius_m,
        conductivity_inner_w_mk=conductivity_inner_w_mk,
        conductivity_cement_w_mk=conductivity_cement_w_mk,
        flow_m3_h=flow_m3_h,
        temp_fluid_c=min(max(temp_in_c + 5.0, 5.0), 60.0),
    )
    ground = {
        "temp_surface_c": temp_surface_c,
        "gradient_k_per_km": gradient_k_per_km,
        "conductivity_w_mk": conductivity_w_mk,
        "volumetric_j_m3k": 1e6 * volumetric_mj_m3k,
    }
    operation = Operation(temp_in_c=temp_in_c, season_days=season_days)
    if kind not in _KINDS:
        raise ValueError(f"kind {kind!r} must be {' or '.join(_KINDS)}")
    if kind == "utype":
        if wells != 1:
            raise ValueError(f"wells = {wells}: a U-type well is reckoned alone")
        path = UPath(depth_m=depth_m, lateral_m=lateral_m, insulated_m=min(1000.0, depth_m))
        ground_kw, extra = _utype(path, well, operation, ground)
    else:
        rock = uniform_rock(depth_m=depth_m, **ground)
        ground_kw, extra = _coaxial(well, rock, operation, wells=wells, spacing_m=spacing_m, duty_kw=duty_kw)
    evaporator_c = temp_in_c
    if duty_kw is not None and kind == "coaxial":
        ground_kw = np.full(len(YEARS), wells * duty_kw)
        evaporator_c = extra["inlet_for_duty_year30_c"]
    cop = float(
        heat_pump_cop(temp_condenser_c=temp_supply_c, temp_evaporator_c=evaporator_c, quality=pump_quality)
    )
    delivered = building_heat(ground_kw, cop)
    hours, pump_kw = season_days * 24, wells * well.pump_w() / 1000
    mwh = float(delivered[-1] * hours / 1000)
    results = {
        **{f"kw_year{year}": float(kw) for year, kw in zip(YEARS, delivered, strict=True)},
        "mwh_year": mwh,
        "electricity_mwh_year": mwh / cop + pump_kw * hours / 1000,
        "drilled_m": wells * depth_m if kind == "coaxial" else 2 * depth_m + lateral_m,
        **{f"ground_year{year}_kw": float(kw) for year, kw in zip(YEARS, ground_kw, strict=True)},
        **extra,
        "cop": cop,
        "pump_kw": pump_kw,
        "resistance_borehole_mk_w": well.resistance_borehole_mk_w,
        "resistance_internal_mk_w": well.resistance_internal_mk_w,
    }
    return reported(
        inputs,
        results,
        formula=(
            "m c T1' = (T0 - T1)/R_t + (T2 - T1)/R_12; m c T2' = (T2 - T1)/R_12; "
            "R_t = R_b + sum G/(2 pi lambda)"
        ),
        sources=(
            "coaxial borehole: Ramey 1962, Beier 2014 as a layered transfer matrix",
            "seasons and neighbours: superposed infinite line sources (Carslaw & Jaeger 1959)",
            "film coefficients: pygfunction (Gnielinski, concentric annulus)",
        ),
        zh="“无干扰”指不与含水层换水；井与井之间有热干扰，井距的代价见 spacing_penalty。",
        en='"No interference" is with aquifers; wells do cool each other: see spacing_penalty.',
    )


def _utype(
    path: UPath, well: DeepWell, operation: Operation, ground: dict[str, float]
) -> tuple[NDArray[np.float64], dict[str, float]]:
    by_year = [utype_heat(path, well, operation, season=year, **ground) for year in YEARS]
    kw = np.array([found.heat_w / 1000 for found in by_year])
    return kw, {"temp_out_year30_c": by_year[-1].temp_out_c}


def _coaxial(
    well: DeepWell, rock: Rock, operation: Operation, *, wells: int, spacing_m: float, duty_kw: float | None
) -> tuple[NDArray[np.float64], dict[str, float]]:
    """Return the heat of the station by year, the cost of its spacing, and the inlets for a duty."""
    places = square_layout_m(wells, spacing_m=spacing_m)
    plan = plan_station(well, rock, operation, places_m=places, years=YEARS)
    told = {
        "spacing_penalty_year30_percent": 100 * float(plan.penalty[-1]),
        "worst_well_year30": float(plan.worst[-1]),
        "temp_out_year30_c": float(deep_heat(well, rock, operation, season=30).temp_out_c[0]),
    }
    if duty_kw is not None:
        crowded = replace(operation, neighbours_m=worst_neighbours_m(wells, spacing_m))
        for year in YEARS:
            inlet = inlet_for_duty(well, rock, crowded, duty_w=1000 * duty_kw, season=year)
            told[f"inlet_for_duty_year{year}_c"] = float(inlet[0])
    return plan.kw_station, told
