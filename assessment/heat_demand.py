"""Heat demand of the blocks, from the buildings: use, floors and year give design load and seasonal heat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from assessment.places import place_whole
from potential.geothermal.demand import Season, linear_heat_density_mwh_m, seasonal_heat_mwh

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from assessment.heat_blocks import Blocks
    from layers.catalog import Catalog

UNHEATED = ("logistics", "data_centre", "agricultural")
"""Uses that no heat station serves."""
ASKED = ("use", "floors", "height_m", "year")
"""Columns of the buildings that their demand depends on."""
AT_ONCE = 200_000
"""Buildings placed at a time: bounds memory, changes no result."""


@dataclass(frozen=True)
class Demand:
    """Demand of the blocks; all arrays have shape (blocks,)."""

    floor_m2: NDArray[np.float64]
    """Heated floor area."""
    design_kw: NDArray[np.float64]
    heat_mwh: NDArray[np.float64]
    """Per season."""
    cooling_mwh: NDArray[np.float64]
    """Per summer."""
    footprint_m2: NDArray[np.float64]
    low_share: NDArray[np.float64]
    """Design load at the low ends of the heat indices over that at the central ones."""
    high_share: NDArray[np.float64]
    linear_mwh_m: NDArray[np.float64]
    """Heat per metre of a network in the block and year."""
    assumed_floors_m2: float
    """Floor area of buildings with neither floors nor height: counted with the default of their use."""

    @property
    def index_w_m2(self) -> NDArray[np.float64]:
        """Mean design heat index of the block, W/m2; NaN where nothing is heated."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(1000 * self.design_kw / self.floor_m2)


def season_of(catalog: Catalog) -> Season:
    """Return the heating season of the catalogue."""
    return Season(**{name: quantity.value for name, quantity in catalog.section("season").items()})


@dataclass(frozen=True)
class Placed:
    """The buildings inside the towns, as points with their demand."""

    points_m: NDArray[np.float64]
    """A point in each building, shape (buildings, 2), m."""
    place: NDArray[np.object_]
    """Township, or town where no township is known."""
    each: pd.DataFrame
    """From `building_demand`."""


def place_demand(
    buildings: gpd.GeoDataFrame,
    *,
    towns: gpd.GeoDataFrame,
    townships: gpd.GeoDataFrame | None,
    catalog: Catalog,
) -> Placed:
    """Reckon the demand of every building that lies in a town, so many buildings at a time."""
    asked = buildings[[name for name in ASKED if name in buildings] + [buildings.geometry.name]]
    parts = [
        _placed(asked.iloc[start : start + AT_ONCE], towns, townships, catalog)
        for start in range(0, len(asked), AT_ONCE)
    ]
    return Placed(
        np.concatenate([part.points_m for part in parts]),
        np.concatenate([part.place for part in parts]),
        pd.concat([part.each for part in parts], ignore_index=True),
    )


def _placed(
    buildings: gpd.GeoDataFrame,
    towns: gpd.GeoDataFrame,
    townships: gpd.GeoDataFrame | None,
    catalog: Catalog,
) -> Placed:
    placed = place_whole(buildings, towns, townships).inside
    points = shapely.get_coordinates(shapely.point_on_surface(placed.geometry.to_numpy()))
    place = placed["township"].where(placed["township"].notna(), placed["town"]).to_numpy(object)
    return Placed(points, place, building_demand(placed, catalog))


def block_demand(blocks: Blocks, placed: Placed, *, catalog: Catalog) -> Demand:
    """Sum the demand of the buildings into the blocks that hold them."""
    block = blocks.locate(placed.points_m, placed.place)
    each = placed.each[block >= 0]
    sums = each.groupby(block[block >= 0]).sum().reindex(range(len(blocks.frame)), fill_value=0.0)
    season = season_of(catalog)
    heat_mwh = seasonal_heat_mwh(sums["design_w"], season)
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = (np.nan_to_num(sums[name] / sums["design_w"], nan=1.0) for name in ("low_w", "high_w"))
    return Demand(
        floor_m2=sums["heated_m2"].to_numpy(),
        design_kw=sums["design_w"].to_numpy() / 1000,
        heat_mwh=heat_mwh,
        cooling_mwh=sums["cooled_m2"].to_numpy() * cooling_mwh_m2(catalog),
        footprint_m2=sums["footprint_m2"].to_numpy(),
        low_share=low,
        high_share=high,
        linear_mwh_m=linear_heat_density_mwh_m(
            demand_mwh=heat_mwh,
            land_m2=blocks.frame["area_m2"].to_numpy(),
            floor_m2=sums["heated_m2"].to_numpy(),
        ),
        assumed_floors_m2=float(each["assumed_m2"].sum()),
    )


def cooling_mwh_m2(catalog: Catalog) -> float:
    """Return the cooling of a summer per cooled floor area, MWh/m2."""
    return catalog.value("cooling.index_w_m2") * catalog.value("cooling.full_load_hours") / 1e6


def building_demand(buildings: gpd.GeoDataFrame, catalog: Catalog) -> pd.DataFrame:
    """Return heated and cooled floor area and design load of each building.

    Columns heated_m2, cooled_m2, footprint_m2, assumed_m2 (m2), design_w, low_w, high_w (W).
    """
    kept = buildings["use"].where(~buildings["use"].isin(UNHEATED))
    known = set(catalog.section("heated_share"))
    use = kept.where(kept.isin(known) | kept.isna(), "other")
    footprint = buildings.geometry.area.to_numpy()
    floors, assumed = _floors(buildings, use, catalog)
    gross = footprint * floors
    heated = gross * _by_use(use, catalog, "heated_share")
    index = _index(buildings, use, catalog)
    return pd.DataFrame(
        {
            "heated_m2": heated,
            "cooled_m2": heated * _by_use(use, catalog, "cooled_share"),
            "footprint_m2": footprint,
            "assumed_m2": np.where(assumed, heated, 0.0),
            "design_w": heated * index[1],
            "low_w": heated * index[0],
            "high_w": heated * index[2],
        }
    )


def _floors(
    buildings: gpd.GeoDataFrame, use: pd.Series, catalog: Catalog
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Floors as given, else from the height, else the default of the use (and True)."""
    empty = pd.Series(np.nan, index=buildings.index)
    given = pd.to_numeric(buildings.get("floors", empty)).to_numpy(float, na_value=np.nan)
    height = pd.to_numeric(buildings.get("height_m", empty)).to_numpy(float, na_value=np.nan)
    storey = np.select(
        [use.isin(["residential", "rural_house"]), use == "industrial"],
        [catalog.value("storey_height_m.residential"), catalog.value("storey_height_m.industrial")],
        catalog.value("storey_height_m.other"),
    )
    by_height = np.maximum(np.round(height / storey), 1.0)
    known = np.where(np.isfinite(given), given, by_height)
    assumed = ~np.isfinite(known)
    return np.where(assumed, _by_use(use, catalog, "floors"), known), assumed


def _index(buildings: gpd.GeoDataFrame, use: pd.Series, catalog: Catalog) -> NDArray[np.float64]:
    """Heat index (low, central, high) of each building, W/m2; unknown age: the middle, the full range."""
    empty = pd.Series(np.nan, index=buildings.index)
    year = pd.to_numeric(buildings.get("year", empty)).to_numpy(float, na_value=np.nan)
    saving, new = catalog.value("index_year.saving"), catalog.value("index_year.new")
    age = np.select([year >= new, year < saving], ["new", "old"], "saving")
    table = catalog.section("index")
    found = np.zeros((3, len(buildings)))
    for key, quantity in table.items():
        name, era = key.split(".")
        rows = ((use == name) & (age == era)).to_numpy()
        unknown = rows & ~np.isfinite(year)
        found[:, rows] = [[quantity.low], [quantity.value], [quantity.high]]
        found[0, unknown], found[2, unknown] = table[f"{name}.new"].low, table[f"{name}.old"].high
    return found


def _by_use(use: pd.Series, catalog: Catalog, section: str) -> NDArray[np.float64]:
    values = {name: quantity.value for name, quantity in catalog.section(section).items()}
    return np.asarray(use.map(values).fillna(0.0), dtype=float)
