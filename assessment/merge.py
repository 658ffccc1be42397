"""The parts of an assessment joined to the tables of its run, one part at a time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from assessment.summary import SUMMARY_SUMS
from layers.waterfall import FIRST, LAST

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

ROW_GROUP = 65536
SUMMARY_COLUMNS = ["town", "sector", "type", "lcoe", *SUMMARY_SUMS]
GEO = b"geo"


def merge_geoparquet(files: Sequence[Path], out: Path) -> None:
    """Append GeoParquet files to one, in their order, holding one of them at a time.

    The columns are those of the first file in which they are known not to be empty of type; the extent in
    the metadata is that of all.
    """
    schemas = [pq.read_schema(file) for file in files]
    schema = pa.unify_schemas([one.remove_metadata() for one in schemas], promote_options="permissive")
    described = [json.loads(one.metadata[GEO]) for one in schemas]
    metadata = {GEO: json.dumps(_joined(described)).encode()}
    with pq.ParquetWriter(out, schema.with_metadata(metadata), compression="zstd") as writer:
        for file in files:
            table = pq.read_table(file).cast(schema.with_metadata(metadata))
            writer.write_table(table, row_group_size=ROW_GROUP)


def _joined(described: Sequence[dict[str, Any]]) -> dict[str, Any]:
    joined: dict[str, Any] = described[0]
    column = joined["columns"][joined["primary_column"]]
    known = [one["columns"][one["primary_column"]].get("bbox") for one in described]
    boxes = np.array([box for box in known if box is not None], dtype=float)
    kinds = {kind for one in described for kind in one["columns"][one["primary_column"]]["geometry_types"]}
    column.pop("bbox", None)
    if len(boxes):
        ends = np.nanmin(boxes[:, :2], axis=0), np.nanmax(boxes[:, 2:], axis=0)
        column["bbox"] = [value for end in ends for value in end.tolist()]
    column["geometry_types"] = sorted(kinds)
    return joined


def merge_waterfalls(tables: Sequence[pd.DataFrame], order: Sequence[str]) -> pd.DataFrame:
    """Add up the waterfalls of parts; `order` is that of the rules."""
    joined = pd.concat(tables, ignore_index=True)
    ends = joined["rule"].isin([FIRST, LAST])
    amounts = ["taken_m2", "alone_m2", "taken_kwp", "alone_kwp"]
    totals = {f"remaining_{unit}": joined[f"remaining_{unit}"].where(ends, 0.0) for unit in ("m2", "kwp")}
    place = {FIRST: -1, LAST: len(order)} | {rule: n for n, rule in enumerate(order)}
    sums = joined.assign(**totals, place=joined["rule"].map(place)).groupby(
        ["town", "type", "place", "rule"], sort=True
    )[[*amounts, *totals]]
    table = sums.sum(min_count=1).reset_index()
    groups = table.groupby(["town", "type"])
    table["step"] = groups.cumcount()
    for unit in ("m2", "kwp"):
        left = groups[f"remaining_{unit}"].transform("first") - groups[f"taken_{unit}"].cumsum()
        last = table["rule"] == LAST
        table[f"remaining_{unit}"] = left.clip(lower=0.0).where(~last, table[f"remaining_{unit}"])
    return table[joined.columns]


def merge_set_aside(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Add up what was set aside, by layer and reason."""
    joined = pd.concat(tables, ignore_index=True)
    return joined.groupby(["layer", "reason"], sort=True)[["objects", "m2"]].sum().reset_index()


def merge_months(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Add up the months, and the hours of the day by month, of towns and types."""
    groups = pd.concat(tables, ignore_index=True).groupby(["town", "type"], sort=True)
    return groups[["kwh_month", "kwh_hours"]].agg(_sum_of_arrays).reset_index()


def _sum_of_arrays(rows: pd.Series[Any]) -> NDArray[np.float64]:
    return np.asarray(np.stack(rows.to_list()).sum(axis=0), np.float64)


def read_columns(files: Sequence[Path], town: str) -> pd.DataFrame:
    """Return the columns that the summary and the supply curve of a town are made of, of all parts."""
    own = [("town", "==", town)]
    parts = [pd.read_parquet(file, columns=SUMMARY_COLUMNS, filters=own) for file in files]
    return pd.concat(parts, ignore_index=True)
