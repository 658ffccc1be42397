"""GeoJSON after RFC 7946: longitude and latitude, right-hand rings, unknown is null."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from exports.flat import LISTS
from exports.job import shapes_of
from exports.target import DEGREE_DECIMALS, GCJ02_NOTE

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from exports.job import Job


def write_geojson(path: Path, job: Job) -> None:
    """Write one FeatureCollection, feature by feature; lists stay lists."""
    head: dict[str, Any] = {"name": f"{job.provenance.region_id}_{job.kind}"}
    if job.target.is_gcj02:
        head["coordinates_note"] = GCJ02_NOTE
    head["yijian"] = job.provenance.as_dict()
    head["columns"] = {field.name: field.label for field in job.fields}
    opening = json.dumps({"type": "FeatureCollection", **head}, ensure_ascii=False)
    with path.open("w", encoding="utf-8", newline="\n") as sink:
        sink.write(opening.removesuffix("}") + ', "features": [')
        separator = "\n"
        for table in job.tables():
            features = feature_lines(table)
            sink.write(separator + ",\n".join(features))
            separator = ",\n"
        sink.write("\n]}\n")


def feature_lines(table: pa.Table) -> list[str]:
    """Return every row as a Feature, one line each."""
    geometry = rfc7946_geometry(shapes_of(table))
    rows = table.drop_columns(["geometry"]).to_pylist()
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
    return [
        f'{{"type":"Feature","id":{encode(row.get("id"))},"properties":{encode(_plain(row))},"geometry":{shape}}}'
        for row, shape in zip(rows, geometry, strict=True)
    ]


def rfc7946_geometry(shapes: Any) -> Any:  # noqa: ANN401 - arrays
    """Return geometries as GeoJSON text: outer rings counter-clockwise, decimals that mean something."""
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, DEGREE_DECIMALS))
    return shapely.to_geojson(shapely.orient_polygons(rounded))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Turn NaN into null, also inside lists."""
    for key, value in row.items():
        if isinstance(value, float) and not np.isfinite(value):
            row[key] = None
        elif key in LISTS and isinstance(value, list):
            row[key] = [None if isinstance(item, float) and not np.isfinite(item) else item for item in value]
    return row
