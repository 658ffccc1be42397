"""What the ground gives, on the fine grid: temperature, and each technology by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from assessment.heat_deep import deep_well_from
from assessment.heat_demand import season_of
from assessment.heat_doublets import SAMPLES, doublet_from, heat_limit_w_m2, reservoir_under
from potential.geothermal.deep import Operation, deep_heat
from potential.geothermal.gpot import gpot_mwh
from potential.geothermal.hydrothermal import Reservoir, doublet_flow, doublet_power_w
from potential.geothermal.montecarlo import normal_scores, resource_percentiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from assessment.heat_ground import Ground
    from layers.catalog import Catalog
    from potential.geothermal.demand import Season

DEPTHS_M = (1000, 2000, 3000)


def ground_maps(
    under: Ground, *, ground: Catalog, catalog: Catalog, seed: int
) -> dict[str, NDArray[np.float64]]:
    """Return the maps that follow from the ground alone, one value per place.

    temperature_<depth>m and its spread, the distance to the nearest well (the confidence of all of them),
    one deep well alone in year 30, one borehole alone by G.POT, and doublets side by side with their range.
    """
    season = season_of(catalog)
    far = under.nearest_well_m
    return {
        "nearest_well_km": np.where(np.isfinite(far), far / 1000, np.nan),
        **_temperatures(under),
        "deep_kw": _deep_kw(under, catalog, season),
        "shallow_gpot_mwh": _gpot(under, ground, catalog, season),
        **_hydrothermal(under, ground=ground, catalog=catalog, season=season, seed=seed),
    }


def unit_of_map(name: str) -> str:
    """Return the unit of a map by its name."""
    head = name.partition("_")[0]
    units = {
        "nearest": "km",
        "suitability": "1",
        "stability": "1",
        "temperature": "degC",
        "deep": "kW",
        "shallow": "MWh/a",
    }
    return "K" if name == "temperature_sd_2000m" else units.get(head, "MW/km2")


def _temperatures(under: Ground) -> dict[str, NDArray[np.float64]]:
    maps = {f"temperature_{depth}m": under.temperature_c(depth) for depth in DEPTHS_M}
    return {**maps, "temperature_sd_2000m": 2000.0 * under.gradient_sd_k_m}


def _deep_kw(under: Ground, catalog: Catalog, season: Season) -> NDArray[np.float64]:
    well = deep_well_from(catalog)
    operation = Operation(temp_in_c=catalog.value("deep.temp_in_c"), season_days=season.days)
    rock = under.rock(well.depth_m, layers=round(catalog.value("ground.layers")))
    return deep_heat(well, rock, operation, season=30).heat_w / 1000


def _gpot(under: Ground, ground: Catalog, catalog: Catalog, season: Season) -> NDArray[np.float64]:
    depth_m = catalog.value("shallow.depth_m")
    return gpot_mwh(
        conductivity_w_mk=ground.value("shallow.conductivity_w_mk"),
        volumetric_j_m3k=1e6 * ground.value("shallow.volumetric_heat_capacity_mj_m3k"),
        temp_ground_c=under.temperature_c(depth_m / 2),
        temp_limit_c=catalog.value("shallow.temp_limit_gpot_c"),
        depth_m=depth_m,
        radius_m=catalog.value("shallow.radius_m"),
        resistance_mk_w=catalog.value("shallow.resistance_mk_w"),
        season_days=season.days,
    )


def _hydrothermal(
    under: Ground, *, ground: Catalog, catalog: Catalog, season: Season, seed: int
) -> dict[str, NDArray[np.float64]]:
    """Heat per area if doublets stand side by side, MW/km2, as far as the heat in place lasts."""
    depth_m = ground.value("hydrothermal.depth_m")
    reservoir, spread = reservoir_under(under, ground_catalog=ground, catalog=catalog, depth_m=depth_m)
    doublet = doublet_from(catalog, season, depth_m)

    def mw_km2(drawn: Reservoir) -> NDArray[np.float64]:
        flow, _, spacing = doublet_flow(drawn, doublet)
        by_wells = doublet_power_w(drawn, doublet, flow) / (2 * spacing**2)
        return np.minimum(by_wells, heat_limit_w_m2(drawn, catalog, season))  # W/m2 is MW/km2

    scores = normal_scores(SAMPLES, seed=seed)
    low, middle, high = resource_percentiles(mw_km2, reservoir, spread, scores=scores)
    return {
        "hydrothermal_mw_km2": middle,
        "hydrothermal_mw_km2_p90": low,
        "hydrothermal_mw_km2_p10": high,
    }
