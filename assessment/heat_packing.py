"""Boreholes packed into parcels: usable land with its distances, then a grid of boreholes, parcel by parcel.

The packed parcels also calibrate the count of boreholes in the blocks, which is read from a raster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assessment.heat_blocks import CLOSED_FACILITIES, DRILLABLE_FARMLAND
from assessment.places import place_divided
from gis.overlay import subtract
from gis.packing import pack_points
from gis.zones import buffered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from assessment.heat_layers import HeatLayers
    from assessment.heat_rules import HeatRules
    from gis.packing import Bounds

_SHIFTS = 2
"""Shifts of the grid tried per direction."""
SQUARE_M = 8192.0
"""Side of the squares whose parcels are packed at a time: bounds memory, changes no result."""
COLUMNS = ("id", "layer", "kind", "town", "township", "geometry")


@dataclass(frozen=True)
class Packed:
    """Parcels where boreholes may go, with the land left for drilling and the boreholes in it."""

    frame: gpd.GeoDataFrame
    """id, layer, kind, town, township, area_m2, closed, usable_m2, boreholes and geometry."""
    usable: NDArray[np.object_]
    """Land left for drilling, per parcel."""
    ratio: float
    """Boreholes packed over the points of the raster that the blocks count; 1 without parcels."""
    error: dict[str, Any]
    """How well that one ratio stands for the parcels; see `calibrate`."""

    @property
    def drilling(self) -> gpd.GeoDataFrame:
        """The usable land as a table: id and geometry, of parcels that have some."""
        land = self.frame[["id", "geometry"]].set_geometry(
            gpd.GeoSeries(self.usable, index=self.frame.index, crs=self.frame.crs)
        )
        return land[~land.geometry.is_empty].reset_index(drop=True)


def pack_parcels(layers: HeatLayers, rules: HeatRules, *, bounds: Bounds) -> Packed:
    """Pack boreholes into every parcel of the region where they may go, square by square of the ground.

    Municipal parcels, and farmland that is no crop; a parcel across towns is divided.
    """
    frame = drilling_parcels(layers)
    value = layers.catalog.value
    geometry = frame.geometry.to_numpy()
    closed = frame["closed"].to_numpy()
    around = Obstacles.of(layers, rules, geometry)
    spacing_m, raster_m = value("shallow.spacing_m"), value("block.raster_m")
    usable = np.full(len(geometry), shapely.Polygon(), dtype=object)
    counts, points = np.zeros(len(geometry)), np.zeros(len(geometry))
    for rows in _squares(geometry[~closed], np.flatnonzero(~closed)):
        cutters = around.near(rows)
        usable[rows] = usable_land(geometry[rows], cutters, setback_m=value("shallow.parcel_distance_m"))
        counts[rows] = [len(pack(land, spacing_m=spacing_m)) for land in usable[rows]]
        points[rows] = _raster_points(subtract(geometry[rows], cutters), bounds, raster_m)
    points *= (raster_m / spacing_m) ** 2
    ratio, error = calibrate(counts[~closed], points[~closed], seed=layers.seed)
    return Packed(
        frame.assign(area_m2=shapely.area(geometry), usable_m2=shapely.area(usable), boreholes=counts),
        usable,
        ratio,
        error,
    )


def _squares(geometry: NDArray[np.object_], rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Sort the rows of parcels into squares of the ground by their south-west corner."""
    if not len(rows):
        return []
    corner = np.floor(shapely.bounds(geometry)[:, :2] / SQUARE_M)
    order = np.lexsort(corner.T)
    starts = np.flatnonzero(np.diff(corner[order], axis=0).any(axis=1)) + 1
    return [np.sort(rows[some]) for some in np.split(order, starts)]


def pack(land: shapely.Geometry, *, spacing_m: float) -> NDArray[np.float64]:
    """Return the places of boreholes in usable land, shape (n, 2), m."""
    return pack_points(land, spacing_m=spacing_m, shifts=_SHIFTS)


def drilling_parcels(layers: HeatLayers) -> gpd.GeoDataFrame:
    """Return the parcels asked about: municipal ones, and farmland that is no crop; closed ones marked."""
    parts = list(_parcels(layers))
    if not parts:
        empty: dict[str, list[object]] = {name: [] for name in (*COLUMNS[:-1], "closed")}
        return gpd.GeoDataFrame(empty, geometry=[], crs=layers.towns.crs).astype({"closed": bool})
    frame = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=layers.towns.crs)
    placed = place_divided(frame, layers.towns, layers.townships).inside
    if "township" not in placed:
        placed["township"] = None
    closed = (placed["layer"] == "municipal") & placed["kind"].isin(CLOSED_FACILITIES)
    return placed[list(COLUMNS)].assign(closed=closed.to_numpy())


def _parcels(layers: HeatLayers) -> Iterator[gpd.GeoDataFrame]:
    for name, frame, column in (
        ("municipal", layers.municipal, "facility"),
        ("farmland", layers.farmland, "class"),
    ):
        if frame is None or not len(frame):
            continue
        kept = frame if name == "municipal" else frame[frame["class"].isin(DRILLABLE_FARMLAND)]
        kept = kept[shapely.get_dimensions(kept.geometry.to_numpy()) == 2]  # noqa: PLR2004 - polygons
        yield kept[["id", "geometry"]].assign(layer=name, kind=kept[column].astype(str))


@dataclass(frozen=True)
class Obstacles:
    """What no borehole may stand in: buildings with their distance, roads, zones; and whom they are near."""

    features: NDArray[np.object_]
    distance_m: NDArray[np.float64]
    feature: NDArray[np.intp]
    parcel: NDArray[np.intp]
    """Each pair of a feature and a parcel within its distance, sorted by parcel."""

    @classmethod
    def of(cls, layers: HeatLayers, rules: HeatRules, geometry: NDArray[np.object_]) -> Obstacles:
        """Find the obstacles of parcels; none is buffered yet."""
        taken = _taken(layers, rules)
        features = np.concatenate([some for some, _ in taken])
        distance = np.concatenate([np.broadcast_to(np.asarray(m, float), len(some)) for some, m in taken])
        tree = shapely.STRtree(geometry)
        feature, parcel = tree.query(features, predicate="dwithin", distance=distance)
        order = np.lexsort((feature, parcel))
        return cls(features, distance, feature[order], parcel[order])

    def near(self, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        """Return the obstacles of some parcels with their distances around them, in order."""
        first, last = np.searchsorted(self.parcel, rows), np.searchsorted(self.parcel, rows, side="right")
        found = [self.feature[low:high] for low, high in zip(first, last, strict=True)]
        chosen = np.unique(np.concatenate(found))
        return np.asarray(buffered(self.features[chosen], self.distance_m[chosen]), dtype=object)


def _taken(
    layers: HeatLayers, rules: HeatRules
) -> list[tuple[NDArray[np.object_], float | NDArray[np.float64]]]:
    value = layers.catalog.value
    taken: list[tuple[NDArray[np.object_], float | NDArray[np.float64]]] = [
        (layers.buildings.geometry.to_numpy(), value("shallow.building_distance_m")),
        *rules.vetoes("shallow"),
    ]
    if layers.restrictions is not None:
        for kind in ("road", "rail"):
            lines = layers.restrictions.geometry[layers.restrictions["kind"] == kind].to_numpy()
            taken.append((lines, value(f"obstacle.{kind}_half_width_m")))
    return taken


def usable_land(
    geometry: NDArray[np.object_], cutters: NDArray[np.object_], *, setback_m: float
) -> NDArray[np.object_]:
    """Return the land of each parcel left for drilling: drawn in from its border, without obstacles."""
    inner = np.asarray(shapely.buffer(geometry, -setback_m, join_style="mitre"), dtype=object)
    return subtract(inner, cutters)


def calibrate(
    packed: NDArray[np.float64], counted: NDArray[np.float64], *, seed: int
) -> tuple[float, dict[str, Any]]:
    """Return boreholes packed per borehole counted on the raster, and how far one ratio carries.

    The ratio of one half of the parcels, drawn at random, is tried on the other half: `sum_percent` is the
    error of that half's sum, `median_percent` and `p90_percent` those of single parcels with 4 boreholes and
    more.
    """
    if not len(packed) or not counted.sum() > 0:
        return 1.0, {"parcels": 0}
    ratio = float(packed.sum() / counted.sum())
    half = np.random.default_rng(seed).permutation(len(packed)) < len(packed) // 2
    told: dict[str, Any] = {"parcels": len(packed), "boreholes": int(packed.sum()), "ratio": round(ratio, 4)}
    if counted[half].sum() > 0 and packed[~half].sum() > 0:
        learnt = packed[half].sum() / counted[half].sum()
        tried, true = learnt * counted[~half], packed[~half]
        large = true >= 4  # noqa: PLR2004 - below it one borehole is a quarter
        single = 100 * np.abs(tried[large] / true[large] - 1)
        told["sum_percent"] = round(100 * float(tried.sum() / true.sum() - 1), 2)
        if single.size:
            told["median_percent"] = round(float(np.median(single)), 2)
            told["p90_percent"] = round(float(np.quantile(single, 0.9)), 2)
    return ratio, told


def _raster_points(open_land: NDArray[np.object_], bounds: Bounds, raster_m: float) -> NDArray[np.float64]:
    """Count the middles of the raster's cells in each piece of land, as the blocks do."""
    west, south = bounds[:2]
    counts = np.zeros(len(open_land))
    for i, land in enumerate(open_land):
        if land.is_empty:
            continue
        x0, y0, x1, y1 = land.bounds
        columns = np.arange(np.floor((x0 - west) / raster_m), np.ceil((x1 - west) / raster_m) + 1)
        rows = np.arange(np.floor((y0 - south) / raster_m), np.ceil((y1 - south) / raster_m) + 1)
        x, y = np.meshgrid(west + (columns + 0.5) * raster_m, south + (rows + 0.5) * raster_m)
        shapely.prepare(land)
        counts[i] = shapely.contains_xy(land, x.ravel(), y.ravel()).sum()
    return counts
