"""Buildings of Overture Maps: only the row groups that a box touches, file by file, each kept."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import shapely
from pyarrow import fs

from layers.demo_source import NO_PROGRESS
from layers.fetch import download
from layers.fetch.download import FetchError, piece
from layers.fetch.written import Fetched, Origin, check_bbox, write_vector

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Box = tuple[float, float, float, float]

OVERTURE_BUCKET = "overturemaps-us-west-2/release"
OVERTURE_REGION = "us-west-2"
OVERTURE = Origin(
    "Overture Maps buildings",
    "ODbL 1.0",
    "© OpenStreetMap contributors, Overture Maps Foundation, Microsoft, Google, Esri",
)
OVERTURE_COLUMNS = ("id", "subtype", "class", "height", "num_floors", "roof_shape")
ELSEWHERE = (
    "Without internet, get the buildings elsewhere (docs.overturemaps.org) and name the file by "
    'path = "..." in region.toml'
)


def fetch_overture(
    bbox: tuple[float, ...],
    out: Path,
    *,
    release: str | None = None,
    bucket: str = OVERTURE_BUCKET,
    filesystem: fs.FileSystem | None = None,
    progress: Callable[[float, str], None] = NO_PROGRESS,
) -> Fetched:
    """Fetch the buildings of Overture Maps within a box, from the newest release or a named one.

    Only the row groups that the box touches are read; what a file of the release holds of the box is kept
    with its checksum, so that a fetch that broke off goes on with the next file.

    Raises
    ------
    FetchError
        No connection after several tries, no such release, or what is there is none.
    """
    box = check_bbox(bbox)
    try:
        where = filesystem or fs.S3FileSystem(anonymous=True, region=OVERTURE_REGION)
        name = release or _newest(where, bucket)
        path = f"{bucket}/{name}/theme=buildings/type=building"
        files = ds.dataset(path, filesystem=where, format="parquet").files
        table = pa.concat_tables(_parts(files, where, box, progress), promote_options="permissive")
        shapes = shapely.from_wkb(np.array(table["geometry"].to_pylist(), dtype=object))
    except (OSError, KeyError, pa.ArrowException, shapely.errors.GEOSException) as error:
        raise FetchError(f"cannot read {bucket}: {error}. {ELSEWHERE}") from error
    columns: dict[str, Any] = {
        name: table[name].to_pylist() for name in table.column_names if name != "geometry"
    }
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")
    origin = Origin(
        OVERTURE.title, OVERTURE.licence, OVERTURE.attribution, (f"s3://{path}",), (f"release {name}",)
    )
    return write_vector(frame, out, origin, box)


def _newest(where: fs.FileSystem, bucket: str) -> str:
    found = where.get_file_info(fs.FileSelector(bucket))
    names = sorted(info.base_name for info in found if info.type == fs.FileType.Directory)
    if not names:
        raise FileNotFoundError("there is no release")
    return str(names[-1])


def _parts(
    files: list[str], where: fs.FileSystem, box: Box, progress: Callable[[float, str], None]
) -> list[pa.Table]:
    tables = []
    for number, file in enumerate(files):
        progress(number / len(files), file.rsplit("/", 1)[-1])
        key = f"{file} {box} {','.join(OVERTURE_COLUMNS)}"
        kept = piece(key, "overture.parquet", partial(_write_part, file, where, box))
        tables.append(pq.read_table(kept))
    return tables


def _write_part(file: str, where: fs.FileSystem, box: Box, part: Path) -> None:
    """Read what a file holds of a box; after what may pass, again."""
    for attempt in range(download.TRIES):
        try:
            table = _read_part(file, where, box)
            break
        except OSError:
            if attempt == download.TRIES - 1:
                raise
            time.sleep(min(download.PAUSE_S * 2**attempt, download.MAX_PAUSE_S))
    pq.write_table(table, part)


def _read_part(file: str, where: fs.FileSystem, box: Box) -> pa.Table:
    west, south, east, north = box
    inside = (
        (pc.field("bbox", "xmin") <= east)
        & (pc.field("bbox", "xmax") >= west)
        & (pc.field("bbox", "ymin") <= north)
        & (pc.field("bbox", "ymax") >= south)
    )
    source = ds.dataset(file, filesystem=where, format="parquet")
    columns = [name for name in (*OVERTURE_COLUMNS, "geometry") if name in source.schema.names]
    return source.to_table(columns=columns, filter=inside)
