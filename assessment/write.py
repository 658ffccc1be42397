"""How the tables of a run are put into its folder."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from assessment.heat_columns import heat_dictionary
from assessment.run import EXCLUDED, HEAT, RULE_SETS, SITES, Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd


def write_geo(frame: gpd.GeoDataFrame, file: Path, *, columns: Iterable[Column] = ()) -> None:
    """Write a GeoParquet file (1.1, with a bounding box per row, so that readers can skip what is far).

    Parameters
    ----------
    frame
        The rows; written in their order.
    columns
        Columns to write, in this order, before geometry; none given: all columns as they are.
    """
    names = [column.name for column in columns]
    chosen = frame[[*names, "geometry"]] if names else frame
    chosen.to_parquet(
        file,
        index=False,
        compression="zstd",
        schema_version="1.1.0",
        write_covering_bbox=True,
        row_group_size=65536,
    )


def write_table(frame: pd.DataFrame, folder: Path, name: str, *, csv: bool = True) -> None:
    """Write a table as Parquet and, for people, as CSV that Excel and WPS read as UTF-8."""
    frame.to_parquet(folder / f"{name}.parquet", index=False, compression="zstd")
    if csv:
        frame.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig", float_format="%.6g")


def write_dictionary(file: Path) -> None:
    """Write the data dictionary: unit and meaning of each column, by table."""
    tables = {"sites": SITES, "excluded": EXCLUDED, "rule_sets": RULE_SETS, "heat": HEAT, **heat_dictionary()}
    write_json({name: [asdict(column) for column in columns] for name, columns in tables.items()}, file)


def write_json(value: Mapping[str, Any], file: Path) -> None:
    """Write JSON that a person can read too."""
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8")
