"""GeoParquet 1.1: columns and lists as they are in the run, nothing lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from exports.job import shapes_of
from exports.selection import read_schema

if TYPE_CHECKING:
    from pathlib import Path

    from exports.job import Job

_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_BOX = pa.field("bbox", pa.struct([(name, pa.float64()) for name in _CORNERS]))
_TYPE_NAMES = {kind.value: kind.name for kind in shapely.GeometryType}
_SPELLING = {
    "POLYGON": "Polygon",
    "MULTIPOLYGON": "MultiPolygon",
    "POINT": "Point",
    "LINESTRING": "LineString",
}


def write_geoparquet(path: Path, job: Job) -> None:
    """Write the selection; the notices are in the file's key-value metadata under `yijian`."""
    schema = read_schema(job.run, job.selection).remove_metadata()
    kinds: set[int] = set()
    boxes: list[Any] = []
    with pq.ParquetWriter(path, schema.append(_BOX), compression="zstd") as sink:
        for table in job.tables():
            shapes = shapes_of(table)
            kinds.update(np.unique(shapely.get_type_id(shapes)).tolist())
            boxes.append(shapely.total_bounds(shapes))
            sink.write_table(_with_boxes(table.cast(schema), shapes))
        geo = geo_metadata(job.target.crs.to_json_dict(), kinds, boxes)
        notices = json.dumps(job.provenance.as_dict(), ensure_ascii=False)
        sink.add_key_value_metadata({"geo": json.dumps(geo), "yijian": notices})


def _with_boxes(table: pa.Table, shapes: Any) -> pa.Table:  # noqa: ANN401 - an array of geometries
    """Add the box of every row, so that readers can skip what is far."""
    corners = [pa.array(column) for column in shapely.bounds(shapes).T]
    return table.append_column(_BOX, pa.StructArray.from_arrays(corners, names=list(_CORNERS)))


def geo_metadata(crs: dict[str, Any], kinds: set[int], boxes: list[Any]) -> dict[str, Any]:
    """Return the `geo` record of a GeoParquet file with one geometry column."""
    names = [_TYPE_NAMES[kind] for kind in sorted(kinds)]
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": [_SPELLING.get(name, name.title()) for name in names],
        "crs": crs,
        "edges": "planar",
        "covering": {"bbox": {name: ["bbox", name] for name in _CORNERS}},
    }
    if boxes:
        column["bbox"] = _around(np.array(boxes))
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}


def _around(boxes: Any) -> list[float]:  # noqa: ANN401 - an array
    return [*np.nanmin(boxes[:, :2], axis=0).tolist(), *np.nanmax(boxes[:, 2:], axis=0).tolist()]
