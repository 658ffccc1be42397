"""What a finished run knows of geothermal heat at one place: its block, its sites, its parcel, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assessment.heat_why import metric_points, why_card
from faults import RunError

if TYPE_CHECKING:
    from assessment.run import Run

Row = dict[str, Any]


@dataclass(frozen=True)
class HeatPlace:
    """What is known at one place; rows carry plain values, None where unknown."""

    lon: float
    lat: float
    why: dict[str, Row]
    """Light, class, score and reasons of the cell of 100 m, by technology; empty outside the towns."""
    block: Row | None
    """The row of heat_blocks that holds the place."""
    sites: tuple[Row, ...]
    """The rows of heat.parquet in that block: what the matching builds there."""
    parcel: Row | None
    """The row of heat_parcels that holds the place."""


def heat_place(run: Run, lon: float, lat: float) -> HeatPlace:
    """Return what a run knows of geothermal heat at a place (WGS-84, deg).

    Raises
    ------
    RunError
        The run holds no reasons or no blocks: heat was not assessed, or by an older version.
    """
    why = why_card(run, lon, lat)
    point = shapely.Point(metric_points(run, [lon], [lat])[0])
    block = _holding(_table(run, "heat_blocks"), point)
    sites = run.heat[run.heat["id"].str.startswith(f"{block['id']}-")] if block else run.heat[:0]
    parcel = _holding(_table(run, "heat_parcels"), point)
    return HeatPlace(lon, lat, why, block, tuple(_rows(sites)), parcel)


def _table(run: Run, name: str) -> gpd.GeoDataFrame:
    file = run.path / f"{name}.parquet"
    if not file.is_file():
        raise RunError(f"{run.path.name}: {file.name} is missing from the run; assess it again")
    return gpd.read_parquet(file)


def _holding(frame: gpd.GeoDataFrame, point: shapely.Point) -> Row | None:
    rows = frame.sindex.query(point, predicate="intersects")
    return _rows(frame.iloc[sorted(rows)[:1]])[0] if len(rows) else None


def _rows(frame: gpd.GeoDataFrame) -> list[Row]:
    plain = frame.drop(columns=["geometry", *(name for name in ("bbox",) if name in frame)])
    return [{str(k): _plain(v) for k, v in row.items()} for row in plain.to_dict("records")]


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray | list | tuple):
        return [_plain(item) for item in value]
    if pd.isna(value):  # type: ignore[call-overload]
        return None
    return value.item() if isinstance(value, np.generic) else value
