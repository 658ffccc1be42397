"""One hydrothermal doublet: heat, range, distance of its wells, heat in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from potential.geothermal.economy import building_heat, heat_pump_cop
from potential.geothermal.hydrothermal import (
    Doublet,
    Reservoir,
    breakthrough_years,
    cold_share,
    doublet_yield,
    heat_in_place_j,
    protection_radius_m,
)
from potential.geothermal.line_source import SECONDS_PER_DAY
from potential.geothermal.montecarlo import Spread, normal_scores, resource_percentiles
from potential.geothermal.report import reported
from potential.geothermal.station import YEARS

if TYPE_CHECKING:
    from numpy.typing import NDArray


def hydro_report(
    *,
    doublets: int = 1,
    temp_reservoir_c: float = 90.0,
    thickness_m: float = 180.0,
    porosity: float = 0.25,
    permeability_md: float = 300.0,
    depth_m: float = 2750.0,
    temp_injection_c: float = 25.0,
    drawdown_bar: float = 30.0,
    flow_injection_m3_h: float = 80.0,
    flow_casing_m3_h: float = 150.0,
    skin: float = 2.0,
    season_days: float = 120.0,
    life_years: float = 50.0,
    area_m2: float = 1e6,
    temp_reference_c: float = 25.0,
    recovery: float = 0.25,
    temp_direct_c: float = 40.0,
    temp_supply_c: float = 45.0,
    pump_quality: float = 0.5,
    ln_permeability_sd: float = 0.7,
    thickness_sd_m: float = 45.0,
    temp_sd_k: float = 8.0,
    seed: int = 1,
) -> dict[str, Any]:
    """Return what doublets give, how far their wells must be apart, and the heat in place around them.

    `doublets` stand far enough apart not to touch each other: each on its own `ground_per_doublet_m2`.
    """
    inputs = dict(locals())
    if doublets < 1:
        raise ValueError(f"doublets = {doublets} must be 1 or more")
    doublet = Doublet(
        temp_injection_c=temp_injection_c,
        drawdown_pa=1e5 * drawdown_bar,
        flow_injection_m3_h=flow_injection_m3_h,
        flow_casing_m3_h=flow_casing_m3_h,
        skin=skin,
        season_days=season_days,
        life_years=life_years,
        depth_m=depth_m,
    )
    reservoir = Reservoir(
        temp_c=np.array([temp_reservoir_c]),
        thickness_net_m=np.array([thickness_m]),
        porosity=np.array([porosity]),
        permeability_md=np.array([permeability_md]),
    )
    found = doublet_yield(reservoir, doublet)
    in_place = float(heat_in_place_j(reservoir, area_m2=area_m2, temp_reference_c=temp_reference_c)[0])
    cop = float(
        heat_pump_cop(
            temp_condenser_c=temp_supply_c, temp_evaporator_c=temp_injection_c, quality=pump_quality
        )
    )
    warm = temp_reservoir_c - doublet.temp_loss_k - temp_injection_c
    part = float(np.clip((temp_direct_c - temp_injection_c) / warm, 0, 1)) if warm > 0 else 1.0

    def delivered(power_w: NDArray[np.float64]) -> NDArray[np.float64]:
        return power_w * (1 - part) + building_heat(power_w * part, cop)

    low, middle, high = resource_percentiles(
        lambda drawn: doublet_yield(drawn, doublet).power_w,
        reservoir,
        Spread(ln_permeability_sd=ln_permeability_sd, thickness_sd_m=thickness_sd_m, temp_sd_k=temp_sd_k),
        scores=normal_scores(1024, seed=seed),
    )
    mean_m3_s = found.flow_m3_h / 3600 * season_days / 365
    breakthrough = breakthrough_years(
        flow_mean_m3_s=mean_m3_s,
        thickness_m=thickness_m,
        spacing_m=found.spacing_m,
        volumetric_j_m3k=reservoir.volumetric_j_m3k,
    )
    # After breakthrough injected water mixes in: the lift shrinks by its share.
    kw = doublets * float(delivered(found.power_w)[0]) / 1000
    by_year = {year: kw * (1 - float(cold_share(year / breakthrough)[0])) for year in YEARS}
    hours, pump_kw = season_days * 24, doublets * float(found.pump_w[0]) / 1000
    mwh = by_year[30] * hours / 1000
    through_pump = float(building_heat(part, cop)) / (1 - part + float(building_heat(part, cop)))
    results = {
        **{f"kw_year{year}": value for year, value in by_year.items()},
        "mwh_year": mwh,
        "electricity_mwh_year": mwh * through_pump / cop + pump_kw * hours / 1000,
        "wells": 2 * doublets,
        "kw_p90": doublets * float(delivered(low)[0]) / 1000,
        "kw_p50": doublets * float(delivered(middle)[0]) / 1000,
        "kw_p10": doublets * float(delivered(high)[0]) / 1000,
        "flow_m3_h": float(found.flow_m3_h[0]),
        "flow_bound_by": ("drawdown", "reinjection", "casing")[int(found.bound[0])],
        "pump_kw": pump_kw,
        "spacing_m": float(found.spacing_m[0]),
        "ground_per_doublet_m2": float(found.area_m2[0]),
        "breakthrough_years": float(breakthrough[0]),
        "heat_in_place_pj": in_place / 1e15,
        "recoverable_pj": recovery * in_place / 1e15,
        "recoverable_kw": recovery * in_place / (life_years * season_days * SECONDS_PER_DAY) / 1000,
        "protection_radius_by_code_m": float(
            protection_radius_m(
                flow_m3_h=found.flow_m3_h[0], season_days=season_days, thickness_m=thickness_m
            )
        ),
        "cop_heat_pump": cop,
    }
    return reported(
        inputs,
        results,
        formula=(
            "P = Q rho c (T_prod - T_inj); dp = Q mu/(2 pi k b) (ln(D/r) + S) per well; t_B = pi "
            "rho_c b D^2/(3 rho_w c_w Q); "
            f"H0 = A b rho_c (T_r - T_ref), T_ref = {temp_reference_c} degC, recovery {recovery}"
        ),
        sources=(
            "heat in place: Muffler & Cataldi 1978; 热储法 GB/T 11615-2010",
            "breakthrough: Gringarten & Sauty 1975, without conduction from the cap rock (conservative)",
            "protection radius: GB/T 11615-2010, 100 years, 15 %",
        ),
        zh="以灌定产：产量不超过回灌能力；须同层全部回灌(陕西省地下水条例第二十八条)。",
        en="Production is bounded by reinjection; all water goes back into the same aquifer.",
    )
