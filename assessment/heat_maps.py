"""Maps of the heat assessment: suitability, temperature and capacities on a fine grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.ndimage import uniform_filter

from assessment.heat_demand import cooling_mwh_m2, season_of
from assessment.heat_factors import Places
from assessment.heat_ground import ground_under
from assessment.heat_suit_maps import CodedValues, CodeLabel, suitability_maps
from assessment.heat_value_maps import ground_maps, unit_of_map
from assessment.run import HEAT_TECHNOLOGIES
from gis.overlay import containing
from potential.geothermal.demand import seasonal_heat_mwh

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from assessment.heat_blocks import Blocks, OpenLand
    from assessment.heat_demand import Placed
    from assessment.heat_ground import Ground
    from assessment.heat_prepare import Ready
    from gis.packing import Bounds
    from layers.catalog import Catalog

NEAR_CELLS = 5
"""The demand of a cell is the mean over a square of so many cells: heat travels that far without a
network."""
TECHNOLOGY_WORDS = {
    "shallow": ("浅层地热能", "shallow ground source"),
    "deep": ("中深层无干扰地热能", "medium-deep closed loop"),
    "hydrothermal": ("水热型地热", "hydrothermal"),
}
BEST_COLOURS = {"shallow": "#e8a87c", "deep": "#a63d2f", "hydrothermal": "#5b2245"}


@dataclass(frozen=True)
class CodedMap:
    """A raster of codes, north up; 0 outside or unknown."""

    codes: NDArray[np.uint16]
    """Shape (rows, columns)."""
    labels: tuple[CodeLabel, ...]


@dataclass(frozen=True)
class HeatMaps:
    """Rasters over the towns, north up; NaN outside."""

    arrays: dict[str, NDArray[np.float32]]
    """By name; shape (rows, columns)."""
    units: dict[str, str]
    coded: dict[str, CodedMap]
    """Classes, lights, reasons and the best technology, by name."""
    reasons: pd.DataFrame
    """What every code of the reason maps says; see `reason_table`."""
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

    def codes(self, values: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """Put the codes of the cells into a raster, north up; 0 outside."""
        grid = np.zeros(self.shape[0] * self.shape[1], dtype=np.uint16)
        grid[self.inside] = values
        return np.ascontiguousarray(grid.reshape(self.shape)[::-1])


def heat_maps(ready: Ready, *, best: NDArray[np.intp]) -> HeatMaps:
    """Map suitability, temperature and capacities on the fine grid, cell by cell.

    `best` is the technology that carries most of each block's demand, as an index; -1 where none does.
    Coded: class_, light_ and reason_<technology>, best_technology. Numbers: suitability_<technology> and
    stability_<technology> (0 to 1), nearest_well_km, temperature_<depth>m (degC), temperature_sd_2000m (K),
    deep_kw (one well alone, year 30, from the ground), shallow_gpot_mwh (one borehole alone, never to be
    multiplied), hydrothermal_mw_km2 and its _p90 and _p10.
    """
    layers, blocks, land = ready.layers, ready.blocks, ready.land
    cells = _cells(land, blocks.bounds, layers.towns)
    under = ground_under(cells.middle_m, layers.wells, layers.ground, layers.catalog, zones=layers.zones)
    places = _places(cells, land, ready.placed, bounds=blocks.bounds, under=under, catalog=layers.catalog)
    suited = suitability_maps(
        places, ready.rules,
        bounds=blocks.bounds, cell_m=land.fine_m, inside=cells.inside, restrictions=layers.restrictions,
        schemes=ready.schemes, ground=layers.ground, catalog=layers.catalog, seed=layers.seed,
    )  # fmt: skip
    coded = {**suited.coded, "best_technology": _best(cells, blocks, best)}
    values = {
        **suited.numbers,
        **ground_maps(under, ground=layers.ground, catalog=layers.catalog, seed=layers.seed),
    }
    return HeatMaps(
        arrays={name: cells.raster(value) for name, value in values.items()},
        units={name: unit_of_map(name) for name in values},
        coded={name: CodedMap(cells.codes(found.code), found.labels) for name, found in coded.items()},
        reasons=suited.reasons,
        bounds=blocks.bounds,
        crs=str(layers.towns.crs),
        cell_m=land.fine_m,
    )


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


def _best(cells: _Cells, blocks: Blocks, best: NDArray[np.intp]) -> CodedValues:
    """Give every cell the best technology of its block; 0 where no block is served."""
    block = containing(shapely.points(cells.middle_m), blocks.frame.geometry.to_numpy())
    found = np.where(block >= 0, best[block] + 1, 0).astype(np.uint16)
    labels = [
        CodeLabel(k + 1, BEST_COLOURS[name], *TECHNOLOGY_WORDS[name])
        for k, name in enumerate(HEAT_TECHNOLOGIES)
    ]
    return CodedValues(found, tuple(labels))
