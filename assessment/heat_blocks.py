"""The blocks of the heat assessment: a square grid cut at the borders of townships, and the land in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from assessment.places import place_divided
from gis.overlay import split_by, subtract
from gis.packing import Bounds, free_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from layers.catalog import Catalog

DRILLABLE_FARMLAND = ("unused", "grass")
"""Classes of farmland where boreholes may be drilled; all others stay farmland."""
CLOSED_FACILITIES = ("airport", "wastewater", "waterworks", "landfill", "station")
"""Municipal parcels without room for a borefield."""


VETO_SHARE = 0.75
"""A place with more of its area under vetoes is out as a whole."""
LEAST_M2 = 0.1
"""Smaller pieces of a cell at a border are no block."""


@dataclass(frozen=True)
class OpenLand:
    """Places of the borehole grid that nothing takes."""

    fine: NDArray[np.int64]
    """Per cell of the map grid, shape (rows, columns) from the south west."""
    fine_m: float
    """Side of a cell of the map grid, m."""
    per_block: NDArray[np.float64]
    """Shape (blocks,)."""

    def outside(self, free_share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the places per block; none in blocks that vetoes take as a whole."""
        return np.where(free_share < 1 - VETO_SHARE, 0.0, self.per_block)


@dataclass(frozen=True)
class Blocks:
    """Blocks of at most one grid cell, each in one town and township."""

    frame: gpd.GeoDataFrame
    """Columns id, town, township, row, column, area_m2 and geometry."""
    bounds: Bounds
    """Of the grid, whole blocks, m."""
    size_m: float

    @property
    def middle_m(self) -> NDArray[np.float64]:
        """A point inside each block, shape (blocks, 2), m."""
        return shapely.get_coordinates(shapely.point_on_surface(self.frame.geometry.to_numpy()))

    @property
    def cell(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Row and column of the grid cell of each block."""
        return self.frame["row"].to_numpy(np.intp), self.frame["column"].to_numpy(np.intp)

    def per_cell(self, grid: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.float64]:
        """Give each block its share, by area, of a quantity of its grid cell."""
        row, column = self.cell
        whole = np.zeros(grid.shape)
        area = self.frame["area_m2"].to_numpy()
        np.add.at(whole, (row, column), area)
        return np.asarray(grid[row, column] * area / whole[row, column])

    def locate(self, points_m: NDArray[np.float64], place: NDArray[np.object_]) -> NDArray[np.intp]:
        """Return the block of each point, given its township (or town); -1 where there is none."""
        west, south, *_ = self.bounds
        column = np.floor((points_m[:, 0] - west) / self.size_m).astype(np.int64)
        row = np.floor((points_m[:, 1] - south) / self.size_m).astype(np.int64)
        keys = {key: i for i, key in enumerate(_keys(self.frame))}
        return np.fromiter(
            (keys.get(key, -1) for key in zip(row.tolist(), column.tolist(), place, strict=True)),
            dtype=np.intp,
            count=len(points_m),
        )


def make_blocks(towns: gpd.GeoDataFrame, townships: gpd.GeoDataFrame | None, *, size_m: float) -> Blocks:
    """Lay a square grid over the towns and cut it at the borders of towns and townships."""
    west, south, east, north = towns.total_bounds
    bounds = (
        float(np.floor(west / size_m) * size_m),
        float(np.floor(south / size_m) * size_m),
        float(np.ceil(east / size_m) * size_m),
        float(np.ceil(north / size_m) * size_m),
    )
    columns = np.arange(round((bounds[2] - bounds[0]) / size_m))
    rows = np.arange(round((bounds[3] - bounds[1]) / size_m))
    column, row = (part.ravel() for part in np.meshgrid(columns, rows))
    x, y = bounds[0] + column * size_m, bounds[1] + row * size_m
    cells = gpd.GeoDataFrame(
        {"id": [f"{c:03d}-{r:03d}" for c, r in zip(column, row, strict=True)], "row": row, "column": column},
        geometry=shapely.box(x, y, x + size_m, y + size_m),
        crs=towns.crs,
    )
    frame = place_divided(cells, towns, None).inside
    frame = _divide_by_township(frame, townships)
    frame["area_m2"] = frame.geometry.area
    frame = frame[frame["area_m2"] >= LEAST_M2].reset_index(drop=True)
    cell = frame["id"].str.split("@").str[0]
    frame["id"] = "heat-" + cell + "-" + frame["township"].fillna(frame["town"])
    return Blocks(frame[["id", "town", "township", "row", "column", "area_m2", "geometry"]], bounds, size_m)


def _divide_by_township(frame: gpd.GeoDataFrame, townships: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Cut cells at the borders of townships; what lies in none keeps its town alone."""
    if townships is None:
        return frame
    cells, areas = frame.geometry.to_numpy(), townships.geometry.to_numpy()
    row, township, piece = split_by(cells, areas)
    rest = subtract(cells, areas, sliver_m2=LEAST_M2)
    left = np.flatnonzero(shapely.area(rest) >= LEAST_M2)
    names = np.concatenate([townships["id"].to_numpy(object)[township], np.full(len(left), None)])
    divided = frame.iloc[np.concatenate([row, left])].reset_index(drop=True)
    divided["township"] = names
    return divided.set_geometry(
        gpd.GeoSeries(np.concatenate([piece, rest[left]]), index=divided.index, crs=frame.crs)
    )


def open_cells(
    blocks: Blocks,
    *,
    buildings: gpd.GeoDataFrame,
    farmland: gpd.GeoDataFrame | None,
    municipal: gpd.GeoDataFrame | None,
    restrictions: gpd.GeoDataFrame | None,
    vetoes: Sequence[tuple[NDArray[np.object_], NDArray[np.float64] | float]],
    catalog: Catalog,
) -> OpenLand:
    """Return the places of the borehole grid that nothing takes.

    Buildings with their distance, crops, closed facilities, roads, rails and the rules' zones take places.
    """
    taken = list(vetoes)
    taken.append((buildings.geometry.to_numpy(), catalog.value("shallow.building_distance_m")))
    if farmland is not None:
        crops = ~farmland["class"].isin(DRILLABLE_FARMLAND)
        taken.append((farmland.geometry[crops].to_numpy(), 0.0))
    if municipal is not None:
        closed = municipal["facility"].isin(CLOSED_FACILITIES)
        taken.append((municipal.geometry[closed].to_numpy(), 0.0))
    if restrictions is not None:
        for kind in ("road", "rail"):
            lines = restrictions.geometry[restrictions["kind"] == kind].to_numpy()
            taken.append((lines, catalog.value(f"obstacle.{kind}_half_width_m")))
    fine_m = catalog.value("block.map_m")
    fine = free_counts(taken, bounds=blocks.bounds, cell_m=catalog.value("block.raster_m"), block_m=fine_m)
    per = round(blocks.size_m / fine_m)
    rows, columns = fine.shape[0] // per, fine.shape[1] // per
    counts = fine.reshape(rows, per, columns, per).sum(axis=(1, 3))
    return OpenLand(fine, fine_m, blocks.per_cell(counts))


def _keys(frame: gpd.GeoDataFrame) -> list[tuple[int, int, str]]:
    place = frame["township"].fillna(frame["town"])
    return list(zip(frame["row"].tolist(), frame["column"].tolist(), place, strict=True))
