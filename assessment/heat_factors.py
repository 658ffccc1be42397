"""The values of the suitability's factors at places: blocks, or the cells of a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from assessment.heat_doublets import reservoir_under

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from assessment.heat_ground import Ground
    from layers.catalog import Catalog

ACCESS_CLASSES = ("county", "township", "urban", "provincial")
"""Roads from which a rig may turn in."""


@dataclass(frozen=True)
class Places:
    """What is known about places; arrays of shape (places,)."""

    middle_m: NDArray[np.float64]
    """Shape (places, 2), m."""
    demand_mwh_ha: NDArray[np.float64]
    land_share: NDArray[np.float64]
    """Part of the area where a borehole finds room."""
    balance: NDArray[np.float64]
    """Cooling demand over heating demand; NaN where nothing is heated."""
    ground: Ground


def factor_values(
    places: Places, *, restrictions: gpd.GeoDataFrame | None, ground: Catalog, catalog: Catalog
) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Return the known factors of each technology; what no layer tells stays out, hence unknown."""
    size = len(places.middle_m)
    under = places.ground
    reservoir, _ = reservoir_under(
        under,
        ground_catalog=ground,
        catalog=catalog,
        depth_m=ground.value("hydrothermal.depth_m"),
    )
    fissure_m = distance_to(places.middle_m, restrictions, "ground_fissure", None)
    road_m = distance_to(places.middle_m, restrictions, "road", ACCESS_CLASSES)
    deep = {
        "gradient": 1000 * under.gradient_k_m,
        "demand": places.demand_mwh_ha,
        "conductivity": under.conductivity_w_mk.value,
        "land": places.land_share,
        **({} if fissure_m is None else {"hazard": fissure_m}),
        **({} if road_m is None else {"access": road_m}),
    }
    hydrothermal = {
        "transmissivity": reservoir.permeability_md * reservoir.thickness_net_m / 1000,
        "reinjection": np.full(size, catalog.value("hydrothermal.flow_injection_m3_h")),
        "temperature": reservoir.temp_c,
        "demand": places.demand_mwh_ha,
        "wells": under.nearest_well_m,
    }
    shallow = {
        "conductivity": np.full(size, ground.value("shallow.conductivity_w_mk")),
        "land": places.land_share,
        "balance": places.balance,
        "temperature": under.temperature_c(catalog.value("shallow.depth_m") / 2),
    }
    return {"shallow": shallow, "deep": deep, "hydrothermal": hydrothermal}


def distance_to(
    middle_m: NDArray[np.float64],
    restrictions: gpd.GeoDataFrame | None,
    kind: str,
    classes: tuple[str, ...] | None,
) -> NDArray[np.float64] | None:
    """Return the distance to the nearest feature of a kind, m; None where the layer has none (unknown)."""
    if restrictions is None:
        return None
    rows = restrictions["kind"] == kind
    if classes is not None and "class" in restrictions:
        rows &= restrictions["class"].isin(classes)
    features = restrictions.geometry[rows].to_numpy()
    if not len(features):
        return None
    tree = shapely.STRtree(features)
    found = tree.query_nearest(shapely.points(middle_m), all_matches=False, return_distance=True)[1]
    return np.asarray(found)
