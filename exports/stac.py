"""A run as a STAC item: what is in its folder, where on earth, from which inputs, under which licences."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from assessment.run import Run
from exports.provenance import provenance_of
from exports.sites import publish
from exports.target import target_crs

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "1.1.0"
_PROJECTION = "https://stac-extensions.github.io/projection/v2.0.0/schema.json"
_FILE = "https://stac-extensions.github.io/file/v2.1.0/schema.json"
_MEDIA = {
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv",
    ".json": "application/json",
    ".tif": "image/tiff; application=geotiff; profile=cloud-optimized",
    ".pmtiles": "application/vnd.pmtiles",
}
_SHA256_MULTIHASH = "1220"
_SIMPLIFY_DEG = 0.001


def write_stac_item(run: Run | Path, out: Path) -> Path:
    """Write the STAC item of a run; assets are linked relative to the item.

    Raises
    ------
    RunError
        The file cannot be written.
    """
    opened = run if isinstance(run, Run) else Run(run)
    item = stac_item(opened, beside=out.parent)
    publish(out, lambda fresh: _write(fresh, item))
    return out


def stac_item(run: Run, *, beside: Path) -> dict[str, Any]:
    """Return the item; `beside` is the folder its links start from."""
    source = provenance_of(run)
    target = target_crs("EPSG:4326", source=run.manifest["crs"])
    outlines = target.transform(np.asarray(run.towns.geometry))
    area = shapely.simplify(shapely.union_all(outlines), _SIMPLIFY_DEG)
    files = sorted(path for path in run.path.rglob("*") if path.is_file() and path.suffix in _MEDIA)
    return {
        "type": "Feature",
        "stac_version": VERSION,
        "stac_extensions": [_PROJECTION, _FILE],
        "id": f"{source.region_id}-{source.run_id}",
        "bbox": [round(float(value), 6) for value in shapely.bounds(area)],
        "geometry": json.loads(shapely.to_geojson(area)),
        "properties": {
            "datetime": f"{source.date}T00:00:00Z" if source.date else None,
            **({} if source.date else {"start_datetime": _UNDATED[0], "end_datetime": _UNDATED[1]}),
            "title": f"{source.region['zh']} {source.region['en']}: {source.scenario}",
            "description": source.text(),
            "license": "other",
            "proj:code": run.manifest["crs"],
            **{f"yijian:{key}": value for key, value in source.as_dict().items() if key != "date"},
        },
        "links": [],
        "assets": {path.relative_to(run.path).as_posix(): _asset(path, beside) for path in files},
    }


_UNDATED = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
"""The widest interval: STAC wants a time, and an undated run has none."""


def _asset(path: Path, beside: Path) -> dict[str, Any]:
    content = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(1 << 20):
            content.update(chunk)
    role = "metadata" if path.suffix == ".json" else "data"
    return {
        "href": os.path.relpath(path.resolve(), beside.resolve()).replace(os.sep, "/"),
        "type": _MEDIA[path.suffix],
        "roles": [role],
        "file:size": path.stat().st_size,
        "file:checksum": _SHA256_MULTIHASH + content.hexdigest(),
    }


def _write(path: Path, item: dict[str, Any]) -> None:
    path.write_text(json.dumps(item, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
