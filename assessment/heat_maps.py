"""Maps of the heat assessment: suitability, temperature and capacities on a fine grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.ndimage import uniform_filter

from assessment.heat_deep import deep_well_from
from assessment.heat_demand import cooling_mwh_m2, season_of
from assessment.heat_doublets import SAMPLES, doublet_from, heat_limit_w_m2, reservoir_under
from assessment.heat_factors import Places, factor_values
from assessment.heat_ground import ground_under
from assessment.heat_suitability import WELL_FAR_M, judge
from assessment.run import HEAT_TECHNOLOGIES
from gis.packing import Bounds, free_counts
from potential.geothermal.deep import Operation, deep_heat
from potential.geothermal.demand import seasonal_heat_mwh
from potential.geothermal.gpot import gpot_mwh
from potential.geothermal.hydrothermal import Reservoir, doublet_flow, doublet_power_w
from potential.geothermal.montecarlo import normal_scores, resource_percentiles

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from assessment.heat_blocks import Blocks, OpenLand
    from assessment.heat_demand import Placed
    from assessment.heat_ground import Ground
    from assessment.heat_rules import HeatRules
    from assessment.heat_suitability import Scheme
    from layers.catalog import Catalog
    from potential.geothermal.demand import Season

VETO_CELLS = 5
"""Points per side of a map cell at which vetoes are asked."""
NEAR_CELLS = 5
"""The demand of a cell is the mean over a square of so many cells: heat travels that far without a
network."""
DEPTHS_M = (1000, 2000, 3000)
_DRAWS = 60


@dataclass(frozen=True)
class HeatMaps:
    """Rasters over the towns, north up; NaN outside."""

    arrays: dict[str, NDArray[np.float32]]
    """By name; shape (rows, columns)."""
    units: dict[str, str]
    bounds: Bounds
    """(west, south, east, north), m."""
    crs: str
    cell_m: float


@dataclass(frozen=True)
class _Cells:
    """The cells of the map whose middle lies in a town."""

    shape: tuple[int, int]
    inside: NDArray[np.intp]
    """Positions of these cells in the flattened grid, from the south west."""
    middle_m: NDArray[np.float64]
    """Shape (cells, 2), m."""

    def raster(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """Put the values of the cells into a raster, north up."""
        grid = np.full(self.shape[0] * self.shape[1], np.nan, dtype=np.float32)
        grid[self.inside] = values
        return np.ascontiguousarray(grid.reshape(self.shape)[::-1])


def heat_maps(
    blocks: Blocks,
    land: OpenLand,
    placed: Placed,
    rules: HeatRules,
    *,
    towns: gpd.GeoDataFrame,
    wells: gpd.GeoDataFrame | None,
    zones: gpd.GeoDataFrame | None,
    restrictions: gpd.GeoDataFrame | None,
    schemes: Mapping[str, Scheme],
    ground: Catalog,
    catalog: Catalog,
    seed: int,
) -> HeatMaps:
    """Map suitability, temperature and capacities on the fine grid, cell by cell.

    Names: suitability_<technology> and stability_<technology> (0 to 1), temperature_<depth>m (degC),
    temperature_sd_2000m (K), deep_kw (one well alone, year 30, from the ground), shallow_gpot_mwh (one
    borehole alone, never to be multiplied), hydrothermal_mw_km2 and its _p90 and _p10.
    """
    cells = _cells(land, blocks.bounds, towns)
    under = ground_under(cells.middle_m, wells, ground, catalog, zones=zones)
    places = _places(cells, land, placed, bounds=blocks.bounds, under=under, catalog=catalog)
    season = season_of(catalog)
    values = {
        **_suitability(
            cells, places, rules,
            blocks=blocks, fine_m=land.fine_m, restrictions=restrictions, schemes=schemes, ground=ground,
            catalog=catalog, seed=seed,
        ),
        **_temperatures(under),
        "deep_kw": _deep_kw(under, catalog, season),
        "shallow_gpot_mwh": _gpot(under, ground, catalog, season),
        **_hydrothermal(under, ground=ground, catalog=catalog, season=season, seed=seed),
    }  # fmt: skip
    return HeatMaps(
        arrays={name: cells.raster(value) for name, value in values.items()},
        units={name: _unit(name) for name in values},
        bounds=blocks.bounds,
        crs=str(towns.crs),
        cell_m=land.fine_m,
    )


def _unit(name: str) -> str:
    head = name.partition("_")[0]
    units = {"suitability": "1", "stability": "1", "temperature": "degC", "deep": "kW", "shallow": "MWh/a"}
    return "K" if name == "temperature_sd_2000m" else units.get(head, "MW/km2")


def _cells(land: OpenLand, bounds: Bounds, towns: gpd.GeoDataFrame) -> _Cells:
    rows, columns = land.fine.shape
    x = bounds[0] + (np.arange(columns) + 0.5) * land.fine_m
    y = bounds[1] + (np.arange(rows) + 0.5) * land.fine_m
    middle = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    area = shapely.union_all(towns.geometry.to_numpy())
    shapely.prepare(area)
    inside = np.flatnonzero(shapely.contains_xy(area, middle[:, 0], middle[:, 1]))
    return _Cells((rows, columns), inside, middle[inside])


def _places(
    cells: _Cells, land: OpenLand, placed: Placed, *, bounds: Bounds, under: Ground, catalog: Catalog
) -> Places:
    hectares = land.fine_m**2 / 1e4
    full_cell = (land.fine_m / catalog.value("block.raster_m")) ** 2
    season = season_of(catalog)
    heat = _density(
        cells.shape, placed, bounds, land.fine_m, seasonal_heat_mwh(placed.each["design_w"], season)
    )
    cooled = placed.each["cooled_m2"].to_numpy() * cooling_mwh_m2(catalog)
    cold = _density(cells.shape, placed, bounds, land.fine_m, cooled)
    with np.errstate(invalid="ignore", divide="ignore"):
        balance = np.where(heat > 0, cold / heat, np.nan)
    return Places(
        middle_m=cells.middle_m,
        demand_mwh_ha=heat.ravel()[cells.inside] / hectares,
        land_share=land.fine.ravel()[cells.inside] / full_cell,
        balance=balance.ravel()[cells.inside],
        ground=under,
    )


def _density(
    shape: tuple[int, int], placed: Placed, bounds: Bounds, fine_m: float, amount: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum the buildings into cells and spread them over the cells around."""
    column = ((placed.points_m[:, 0] - bounds[0]) / fine_m).astype(np.intp)
    row = ((placed.points_m[:, 1] - bounds[1]) / fine_m).astype(np.intp)
    grid = np.zeros(shape)
    np.add.at(grid, (row, column), amount)
    spread = uniform_filter(grid, size=NEAR_CELLS, mode="constant")
    return np.where(spread > 1e-9 * max(float(grid.max()), 1e-9), spread, 0.0)


def _suitability(
    cells: _Cells,
    places: Places,
    rules: HeatRules,
    *,
    blocks: Blocks,
    fine_m: float,
    restrictions: gpd.GeoDataFrame | None,
    schemes: Mapping[str, Scheme],
    ground: Catalog,
    catalog: Catalog,
    seed: int,
) -> dict[str, NDArray[np.float64]]:
    factors = factor_values(places, restrictions=restrictions, ground=ground, catalog=catalog)
    found = {}
    for technology in HEAT_TECHNOLOGIES:
        free = free_counts(
            rules.vetoes(technology), bounds=blocks.bounds, cell_m=fine_m / VETO_CELLS, block_m=fine_m
        )
        judged = judge(
            schemes[technology],
            factors[technology],
            free_share=free.ravel()[cells.inside] / VETO_CELLS**2,
            conditional=np.zeros(len(cells.inside), dtype=bool),
            uncertain=places.ground.nearest_well_m > WELL_FAR_M,
            unchecked=False,
            seed=seed,
            draws=_DRAWS,
        )
        found[f"suitability_{technology}"] = judged.score
        found[f"stability_{technology}"] = judged.stable
    return found


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
