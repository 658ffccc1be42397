"""Parcels where boreholes would go: how many fit, what they give, whether the place is suited."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from assessment.heat_factors import Places
from assessment.heat_ground import ground_under
from assessment.heat_judgement import judge_places
from assessment.heat_rules import touch
from assessment.run import HEAT_TECHNOLOGIES
from potential.geothermal.suitability import CLASSES

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from assessment.heat_prepare import Ready
    from assessment.heat_shallow import ShallowModel

CLOSED_WORDS = ("该类设施用地不安排钻孔", "no boreholes on land of this facility")


def heat_parcels(ready: Ready) -> gpd.GeoDataFrame:
    """Return one row per parcel that could take boreholes.

    id, layer, kind, town, township, area_m2, usable_m2, boreholes (packed), kw_year1, kw_year30 and
    cooling_kw (delivered by all of them as one field, with the balance of the parcel's block), deep_wells
    (places for deep wells); and per technology light, class, score, reason_zh, reason_en.
    """
    packed = ready.packed
    frame = packed.frame
    if not len(frame):
        return frame.drop(columns="closed")
    places, block = _places(ready)
    geometry = frame.geometry.to_numpy()
    touched = {technology: touch(ready.rules, technology, geometry) for technology in HEAT_TECHNOLOGIES}
    judged = judge_places(
        places, touched, ready.rules,
        restrictions=ready.layers.restrictions, schemes=ready.schemes, ground=ready.layers.ground,
        catalog=ready.layers.catalog, seed=ready.layers.seed,
    )  # fmt: skip
    model = replace(
        ready.shallow,
        returned_share=np.where(block >= 0, ready.shallow.returned_share[block], 0.0),
        temp_ground_c=places.ground.temperature_c(ready.shallow.field.depth_m / 2),
    )
    columns = _capacity(ready, model)
    names = np.array([*CLASSES, None], dtype=object)
    closed = frame["closed"].to_numpy()
    for technology, told in judged.items():
        columns |= {
            f"{technology}_light": np.where(closed, "red", told.found.light),
            f"{technology}_class": np.where(closed, CLASSES[-1], names[told.found.class_index]),
            f"{technology}_score": np.where(closed, 0.0, told.found.score),
            f"{technology}_reason_zh": np.where(closed, CLOSED_WORDS[0], told.reason_zh),
            f"{technology}_reason_en": np.where(closed, CLOSED_WORDS[1], told.reason_en),
        }
    return frame.drop(columns="closed").assign(**columns)


def _capacity(ready: Ready, model: ShallowModel) -> dict[str, NDArray[np.float64]]:
    value = ready.layers.catalog.value
    boreholes = ready.packed.frame["boreholes"].to_numpy()
    metres = boreholes * model.field.depth_m
    usable = ready.packed.frame["usable_m2"].to_numpy()
    return {
        "kw_year1": boreholes * model.kw_hole(boreholes, years=1),
        "kw_year30": boreholes * model.kw_hole(boreholes, years=30),
        "cooling_kw": metres * model.cooling_w_m(boreholes) / 1000 / (1 + 1 / value("cooling.eer")),
        "deep_wells": np.floor(usable / value("deep.well_area_m2")),
    }


def _places(ready: Ready) -> tuple[Places, NDArray[np.intp]]:
    """Return what the suitability asks about the parcels, and the block of each (-1 none)."""
    layers, frame = ready.layers, ready.packed.frame
    points = shapely.point_on_surface(frame.geometry.to_numpy())
    middle_m = shapely.get_coordinates(points)
    place = frame["township"].where(frame["township"].notna(), frame["town"]).to_numpy(object)
    block = ready.blocks.locate(middle_m, place)
    own = ready.places

    def of_block(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(block >= 0, values[block], np.nan)

    area = frame["area_m2"].to_numpy()
    under = ground_under(middle_m, layers.wells, layers.ground, layers.catalog, zones=layers.zones)
    found = Places(
        middle_m=middle_m,
        demand_mwh_ha=of_block(own.demand_mwh_ha),
        land_share=frame["usable_m2"].to_numpy() / area,
        balance=of_block(own.balance),
        ground=under,
    )
    return found, block
