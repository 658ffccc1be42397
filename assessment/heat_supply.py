"""What each technology can give in each block: wells, capacity in year 1 and 30, range, cost, carbon."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assessment.heat_ground import P10_Z
from potential.geothermal.deep import DeepWell, Operation, deep_heat
from potential.geothermal.economy import building_heat, heat_pump_cop, levelised_cost_cny_gj
from potential.geothermal.gfunction import FieldResponses
from potential.geothermal.shallow import Borefield, Duty, capacity_w_m

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from assessment.heat_blocks import Blocks
    from assessment.heat_demand import Demand
    from assessment.heat_ground import Ground
    from layers.catalog import Catalog, Quantity
    from potential.geothermal.demand import Season

GTABLE = Path(__file__).resolve().parent.parent / "data" / "geothermal" / "gfunctions.npz"


@dataclass(frozen=True)
class Supply:
    """One technology in every block; heat as delivered to buildings; arrays of shape (blocks,)."""

    technology: str
    wells: NDArray[np.float64]
    """Wells or boreholes that fit (and, for boreholes, that the block's demand asks for)."""
    kw_well_year1: NDArray[np.float64]
    kw_well_year30: NDArray[np.float64]
    kw_well_p10: NDArray[np.float64]
    """In year 30, exceeded with 90 %."""
    kw_well_p90: NDArray[np.float64]
    hours: float
    """Hours per season a well can run at its capacity."""
    cop: NDArray[np.float64]
    """Heat delivered per electricity, pumps of the wells included."""
    lcoh_cny_gj: NDArray[np.float64]
    land_share: NDArray[np.float64]
    """Part of the block's drillable land that one well takes."""
    ground_share: NDArray[np.float64]
    """Part of the block's deep ground that one well draws on; 0 for boreholes."""
    limit: NDArray[np.object_]
    """What bounds the number of wells or their capacity, as a code."""
    module: int = 1
    """Wells that are built together: 2 for a doublet."""

    @property
    def capacity_kw(self) -> NDArray[np.float64]:
        """Heat in year 30 with all wells, kW."""
        return self.wells * self.kw_well_year30


def load_responses(path: Path = GTABLE) -> FieldResponses:
    """Read the table of g-functions."""
    with np.load(path) as table:
        return FieldResponses(
            g=table["g"].astype(float),
            aspect=table["aspect"],
            boreholes=table["boreholes"],
            spacing_ratio=table["spacing_ratio"],
            ln_time=table["ln_time"],
            radius_ratio=float(table["radius_ratio"]),
        )


@dataclass(frozen=True)
class ShallowModel:
    """The shallow boreholes of every block: the field, the duty by block, the ground."""

    responses: FieldResponses
    field: Borefield
    field_max: float
    """Boreholes per field; a block with more has several fields, apart on its open land."""
    duty: Duty
    """Its returned share is replaced by that of the block."""
    returned_share: NDArray[np.float64]
    temp_ground_c: NDArray[np.float64]
    conductivity: Quantity
    volumetric_j_m3k: float
    cop: float

    def duty_of(self, share: float) -> Duty:
        """Return the duty with a share of the heat put back."""
        return replace(self.duty, returned_share=share)

    def ground_w_m(
        self, boreholes: NDArray[np.float64], *, years: float, conductivity_w_mk: float | None = None
    ) -> NDArray[np.float64]:
        """Return the heat from the ground per metre of borehole, W/m."""
        found = np.empty(len(boreholes))
        for share in np.unique(self.returned_share):
            rows = self.returned_share == share
            found[rows] = capacity_w_m(
                self.responses,
                self.field,
                self.duty_of(float(share)),
                boreholes=np.clip(boreholes[rows], 1.0, self.field_max),
                temp_ground_c=self.temp_ground_c[rows],
                conductivity_w_mk=conductivity_w_mk or self.conductivity.value,
                volumetric_j_m3k=self.volumetric_j_m3k,
                years=years,
            ).heating_w_m
        return found

    def kw_hole(
        self, boreholes: NDArray[np.float64], *, years: float, conductivity_w_mk: float | None = None
    ) -> NDArray[np.float64]:
        """Return the heat delivered per borehole, kW."""
        specific = self.ground_w_m(boreholes, years=years, conductivity_w_mk=conductivity_w_mk)
        return building_heat(specific * self.field.depth_m / 1000, self.cop)


def shallow_model(
    demand: Demand, ground: Ground, *, ground_catalog: Catalog, catalog: Catalog, season: Season
) -> ShallowModel:
    """Put the shallow model together from the catalogues."""
    value = catalog.value
    field = Borefield(
        depth_m=value("shallow.depth_m"),
        spacing_m=value("shallow.spacing_m"),
        radius_m=value("shallow.radius_m"),
        resistance_mk_w=value("shallow.resistance_mk_w"),
    )
    cop = float(
        heat_pump_cop(
            temp_condenser_c=value("station.temp_supply_c"),
            temp_evaporator_c=value("shallow.temp_limit_c"),
            quality=value("station.pump_quality"),
        )
    )
    return ShallowModel(
        responses=load_responses(),
        field=field,
        field_max=value("shallow.field_boreholes"),
        duty=Duty(
            full_load_hours=season.full_load_hours,
            month_share=value("shallow.month_share"),
            temp_limit_c=value("shallow.temp_limit_c"),
            temp_limit_cooling_c=value("shallow.temp_limit_cooling_c"),
        ),
        returned_share=_returned_share(demand, cop, value("cooling.eer")),
        temp_ground_c=ground.temperature_c(field.depth_m / 2),
        conductivity=ground_catalog["shallow.conductivity_w_mk"],
        volumetric_j_m3k=1e6 * ground_catalog.value("shallow.volumetric_heat_capacity_mj_m3k"),
        cop=cop,
    )


def shallow_supply(
    model: ShallowModel, cells: NDArray[np.float64], demand: Demand, *, catalog: Catalog, season: Season
) -> Supply:
    """Boreholes in each block: as many as the land holds and the block's demand asks for."""
    value = catalog.value
    per_cell = (value("block.raster_m") / model.field.spacing_m) ** 2
    land = np.floor(cells * value("shallow.land_share") * per_cell)
    needed_kw = demand.design_kw * (1 + value("station.network_loss")) * value("station.base_share_power")
    wells, short = _enough_boreholes(lambda n: model.kw_hole(n, years=30), land, needed_kw)
    kw30 = model.kw_hole(wells, years=30)
    return Supply(
        technology="shallow",
        wells=wells,
        kw_well_year1=model.kw_hole(wells, years=1),
        kw_well_year30=kw30,
        kw_well_p10=model.kw_hole(wells, years=30, conductivity_w_mk=model.conductivity.low),
        kw_well_p90=model.kw_hole(wells, years=30, conductivity_w_mk=model.conductivity.high),
        hours=season.full_load_hours,
        cop=np.full(len(wells), model.cop),
        lcoh_cny_gj=levelised(
            catalog,
            capex_kw=model.field.depth_m * value("shallow.cny_m") / np.maximum(kw30, 1e-9),
            cop=model.cop,
            season=season,
            demand=None,
        ),
        land_share=1 / np.maximum(land, 1.0),
        ground_share=np.zeros(len(wells)),
        limit=np.where(short, "land", "demand").astype(object),
    )


def deep_well_from(catalog: Catalog) -> DeepWell:
    """Return the coaxial well of the catalogue; water taken at half its rise in temperature."""
    value = catalog.value
    return DeepWell(
        depth_m=value("deep.depth_m"),
        flow_m3_h=value("deep.flow_m3_h"),
        conductivity_inner_w_mk=value("deep.inner_conductivity_w_mk"),
        borehole_radius_m=value("deep.borehole_radius_m"),
        temp_fluid_c=value("deep.temp_in_c") + 5.0,
    )


def deep_supply(
    cells: NDArray[np.float64],
    blocks: Blocks,
    demand: Demand,
    ground: Ground,
    *,
    catalog: Catalog,
    season: Season,
) -> Supply:
    """Closed-loop wells in each block: as many as find a place, with their interference."""
    value = catalog.value
    well = deep_well_from(catalog)
    area = cells * value("block.raster_m") ** 2 * value("deep.land_share")
    land = np.floor(area / value("deep.well_area_m2"))
    layers = round(value("ground.layers"))
    in_station = np.clip(land, 1.0, value("deep.cluster_wells"))
    cop_pump = heat_pump_cop(
        temp_condenser_c=value("station.temp_supply_c"),
        temp_evaporator_c=value("deep.temp_in_c"),
        quality=value("station.pump_quality"),
    )

    def kw_well(number: int, *, z: float = 0.0) -> NDArray[np.float64]:
        found = np.empty(len(land))
        rock = ground.rock(well.depth_m, layers=layers, z=z)
        for size in np.unique(in_station):
            operation = Operation(
                temp_in_c=value("deep.temp_in_c"),
                season_days=season.days,
                neighbours_m=lattice_distances_m(int(size), value("deep.spacing_m")),
            )
            rows = in_station == size
            found[rows] = deep_heat(well, rock.take(rows), operation, season=number).heat_w / 1000
        return building_heat(np.maximum(found, 0.0), cop_pump)

    kw30 = kw_well(30)
    cop = 1 / (1 / cop_pump + well.pump_w() / 1000 / np.maximum(kw30, 1e-9))
    price = levelised(
        catalog,
        capex_kw=well.depth_m * value("deep.cny_m") / np.maximum(kw30, 1e-9),
        cop=cop,
        season=season,
        demand=demand,
    )
    return Supply(
        technology="deep",
        wells=land,
        kw_well_year1=kw_well(1),
        kw_well_year30=kw30,
        kw_well_p10=kw_well(30, z=-P10_Z),
        kw_well_p90=kw_well(30, z=P10_Z),
        hours=24 * season.days,
        cop=cop,
        lcoh_cny_gj=price,
        land_share=1 / np.maximum(land, 1.0),
        ground_share=value("deep.well_area_m2") / blocks.frame["area_m2"].to_numpy(),
        limit=np.full(len(land), "land", dtype=object),
    )


def lattice_distances_m(wells: int, spacing_m: float) -> tuple[float, ...]:
    """Return the distances from the middle well of a compact square group of wells to the others, m.

    Examples
    --------
    >>> lattice_distances_m(4, 50.0)
    (50.0, 50.0, 50.0)
    """
    reach = np.arange(-8, 9)
    distances = np.sort(np.hypot(*np.meshgrid(reach, reach)).ravel())[1:wells]
    return tuple((distances * spacing_m).tolist())


def _enough_boreholes(
    kw_hole: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    land: NDArray[np.float64],
    needed_kw: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the least boreholes that give the demand, at most the land; and where the land falls short."""
    short = land * kw_hole(land) < needed_kw
    low, high = np.zeros_like(land), land.copy()
    for _ in range(16):  # halves up to 65,000 boreholes down to one
        middle = np.ceil((low + high) / 2)
        enough = middle * kw_hole(middle) >= needed_kw
        high, low = np.where(enough, middle, high), np.where(enough, low, middle)
    return np.where(short, land, high), short


def _returned_share(demand: Demand, cop: float, eer: float) -> NDArray[np.float64]:
    """Heat put back in summer over heat taken in winter, in steps of 0.05."""
    taken = demand.heat_mwh * (1 - 1 / cop)
    back = demand.cooling_mwh * (1 + 1 / eer)
    share = np.divide(back, taken, out=np.zeros_like(taken), where=taken > 0)
    return np.round(np.clip(share, 0, 1) * 20) / 20


def levelised(
    catalog: Catalog,
    *,
    capex_kw: NDArray[np.float64],
    cop: NDArray[np.float64] | float,
    season: Season,
    demand: Demand | None,
) -> NDArray[np.float64]:
    """Return the levelised cost of heat of one kW that carries the season's load, CNY/GJ.

    Wells and station, the network of the block where a demand is given, upkeep and electricity.
    """
    value = catalog.value
    heat_mwh = season.full_load_hours / 1000
    capex = capex_kw + value("station.surface_cny_kw")
    if demand is not None:
        dense = np.maximum(demand.linear_mwh_m, value("station.linear_density_min_mwh_m"))
        capex = capex + heat_mwh / dense * value("station.pipe_cny_m")
    return levelised_cost_cny_gj(
        capex_cny=capex,
        heat_mwh_year=np.full(np.shape(capex), heat_mwh),
        electricity_mwh_year=heat_mwh / np.asarray(cop),
        price_cny_kwh=value("station.price_cny_kwh"),
        upkeep_share=value("station.upkeep_share"),
        rate=value("station.discount_rate"),
        years=value("station.life_years"),
    )
