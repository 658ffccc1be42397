"""One borefield: capacity with interference, by the code, and what balancing would bring."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from potential.geothermal.borehole import UTubes, borehole_resistance_mk_w
from potential.geothermal.economy import building_heat, heat_pump_cop
from potential.geothermal.gpot import gpot_mwh
from potential.geothermal.report import reported
from potential.geothermal.shallow import Borefield, Duty, capacity_w_m
from potential.geothermal.standard import borehole_exchange_w
from potential.geothermal.station import YEARS

if TYPE_CHECKING:
    from potential.geothermal.gfunction import FieldResponses


def shallow_report(
    responses: FieldResponses,
    *,
    boreholes: int = 100,
    depth_m: float = 120.0,
    spacing_m: float = 5.0,
    radius_m: float = 0.075,
    tubes: int = 2,
    conductivity_grout_w_mk: float = 1.8,
    resistance_mk_w: float | None = None,
    conductivity_w_mk: float = 1.7,
    volumetric_mj_m3k: float = 2.4,
    temp_ground_c: float = 17.0,
    temp_limit_c: float = 2.0,
    temp_limit_cooling_c: float = 32.0,
    temp_supply_c: float = 45.0,
    pump_quality: float = 0.5,
    full_load_hours: float = 2221.0,
    month_share: float = 0.85,
    returned_share: float = 0.0,
    cooling_eer: float = 4.5,
) -> dict[str, Any]:
    """Return the capacity of one borefield, with interference, and what balancing it would bring.

    `resistance_mk_w` None: reckoned from tubes and grout. `temp_ground_c` is the mean over the depth.
    """
    inputs = dict(locals())
    del inputs["responses"]
    if boreholes < 1:
        raise ValueError(f"boreholes = {boreholes} must be 1 or more")
    if resistance_mk_w is None:
        resistance_mk_w = borehole_resistance_mk_w(
            UTubes(tubes=tubes, conductivity_grout_w_mk=conductivity_grout_w_mk),
            depth_m=depth_m,
            radius_m=radius_m,
            conductivity_ground_w_mk=conductivity_w_mk,
        )
    field = Borefield(
        depth_m=depth_m, spacing_m=spacing_m, radius_m=radius_m, resistance_mk_w=resistance_mk_w
    )
    cop = float(
        heat_pump_cop(temp_condenser_c=temp_supply_c, temp_evaporator_c=temp_limit_c, quality=pump_quality)
    )

    def w_m(years: float, share: float, *, holes: int = boreholes) -> tuple[float, float]:
        duty = Duty(
            full_load_hours=full_load_hours,
            month_share=month_share,
            returned_share=share,
            temp_limit_c=temp_limit_c,
            temp_limit_cooling_c=temp_limit_cooling_c,
        )
        found = capacity_w_m(
            responses,
            field,
            duty,
            boreholes=holes,
            temp_ground_c=temp_ground_c,
            conductivity_w_mk=conductivity_w_mk,
            volumetric_j_m3k=1e6 * volumetric_mj_m3k,
            years=years,
        )
        return float(found.heating_w_m), float(found.cooling_w_m)

    metres = boreholes * depth_m

    def kw(specific_w_m: float) -> float:
        return float(building_heat(specific_w_m * metres / 1000, cop))

    by_year = {year: w_m(year, returned_share)[0] for year in YEARS}
    year1, year30 = by_year[1], by_year[30]
    heating_only, second = w_m(30, 0.0)[0], w_m(30, returned_share)[1]
    balanced, alone = w_m(30, 1.0)[0], w_m(30, returned_share, holes=1)[0]
    by_code = borehole_exchange_w(
        depth_m=depth_m,
        temp_fluid_c=temp_limit_c,
        temp_ground_c=temp_ground_c,
        radii_m=(0.026, 0.032, radius_m, 2.5),
        conductivities_w_mk=(0.42, conductivity_grout_w_mk, conductivity_w_mk),
    )
    gain = 100 * (balanced / year30 - 1) if year30 else math.nan
    results = {
        **{f"kw_year{year}": kw(specific) for year, specific in by_year.items()},
        "mwh_year": kw(year30) * full_load_hours / 1000,
        "electricity_mwh_year": kw(year30) * full_load_hours / 1000 / cop,
        "drilled_m": metres,
        "cooling_kw": second * metres / 1000 / (1 + 1 / cooling_eer),
        "ground_year1_w_m": year1,
        "ground_year30_w_m": year30,
        "cooling_year2_w_m": second,
        "heating_only_year30_w_m": heating_only,
        "returned_gain_percent": 100 * (year30 / heating_only - 1) if heating_only else math.nan,
        "interference": year30 / alone if alone else math.nan,
        "balanced_gain_percent": gain,
        "resistance_borehole_mk_w": resistance_mk_w,
        "cop": cop,
        "gpot_one_borehole_mwh_year": float(
            gpot_mwh(
                conductivity_w_mk=conductivity_w_mk,
                volumetric_j_m3k=1e6 * volumetric_mj_m3k,
                temp_ground_c=temp_ground_c,
                temp_limit_c=temp_limit_c,
                depth_m=depth_m,
                radius_m=radius_m,
                resistance_mk_w=resistance_mk_w,
                season_days=120.0,
            )
        ),
        "by_code_kw": float(building_heat(float(by_code) * boreholes / 1000, cop)),
    }
    return reported(
        inputs | {"resistance_mk_w": resistance_mk_w},
        results,
        formula="q = (T_g - T_lim) / (R_h + R_b* + f_m R_m + f_y R_y); R = g differences / (2 pi lambda)",
        sources=(
            "three pulses: Kavanaugh & Rafferty 1997; Philippe, Bernier & Marchio 2010",
            "g-function: pygfunction, equivalent boreholes, uniform borehole wall temperature (UBWT)",
            "R_b*: multipole method (Claesson & Hellström 2011) through pygfunction",
            "gpot: Casasso & Sethi 2016, one isolated borehole, not to be multiplied",
            "by_code (规范法): DZ/T 0225-2009, no time and no interference",
        ),
        zh=f"夏季回灌{returned_share:.0%}；若冷热完全平衡，第30年能力可再增加{gain:.0f}%。",
        en=f"Summer returns {returned_share:.0%}; full balance would add {gain:.0f} % more in year 30.",
    )
