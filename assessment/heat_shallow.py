"""Shallow boreholes of the blocks: as many as the land holds and the demand asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assessment.heat_supply import Supply, levelised
from potential.geothermal.economy import building_heat, heat_pump_cop
from potential.geothermal.gfunction import FieldResponses
from potential.geothermal.shallow import Borefield, Duty, capacity_w_m

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from assessment.heat_demand import Demand
    from assessment.heat_ground import Ground
    from layers.catalog import Catalog, Quantity
    from potential.geothermal.demand import Season

GTABLE = Path(__file__).resolve().parent.parent / "data" / "geothermal" / "gfunctions.npz"


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
        return self._both(boreholes, years=years, conductivity_w_mk=conductivity_w_mk)[0]

    def cooling_w_m(self, boreholes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the heat that may be put back per metre of borehole in the second summer, W/m."""
        return self._both(boreholes, years=1.0, conductivity_w_mk=None)[1]

    def _both(
        self, boreholes: NDArray[np.float64], *, years: float, conductivity_w_mk: float | None
    ) -> NDArray[np.float64]:
        found = np.empty((2, len(boreholes)))
        for share in np.unique(self.returned_share):
            rows = self.returned_share == share
            given = capacity_w_m(
                self.responses,
                self.field,
                self.duty_of(float(share)),
                boreholes=np.clip(boreholes[rows], 1.0, self.field_max),
                temp_ground_c=self.temp_ground_c[rows],
                conductivity_w_mk=conductivity_w_mk or self.conductivity.value,
                volumetric_j_m3k=self.volumetric_j_m3k,
                years=years,
            )
            found[:, rows] = given.heating_w_m, given.cooling_w_m
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
            full_load_hours_cooling=value("cooling.full_load_hours"),
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
    """Boreholes in each block: as many as the land holds and the block's demand asks for.

    `cells` are the free points of the raster, brought to what packing finds (see `heat_packing`).
    """
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
