"""A run as OGC API - Features: the data and the configuration for pygeoapi, a server of others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from assessment.run import Run, write_atomically
from exports.job import Job, shapes_of
from exports.provenance import provenance_of
from exports.selection import make_selection
from exports.target import target_crs
from faults import RunError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from exports.provenance import Provenance
    from exports.selection import Progress, Selection

CONFIG, OPENAPI, START = "pygeoapi-config.yml", "pygeoapi-openapi.yml", "serve.sh"
PAGE, LARGEST_PAGE = 500, 20_000
ONE_BATCH = 131_072
"""Rows that the provider reads at a time. It repeats rows where a page goes over the end of a batch, so that
no collection is larger."""
_TITLES = {
    "sites": {"zh": "光伏候选场址", "en": "PV candidate sites"},
    "heat": {"zh": "地热候选场址", "en": "Geothermal sites"},
    "towns": {"zh": "新城", "en": "New towns"},
}
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"
_TOWN_TEXTS = ("town", "name_zh", "name_en")

_START = f"""#!/bin/sh
# Serves this folder as OGC API - Features with pygeoapi, in an environment of its own beside the data.
set -e
cd "$(dirname "$0")"
export PYGEOAPI_CONFIG="$PWD/{CONFIG}" PYGEOAPI_OPENAPI="$PWD/{OPENAPI}" PATH="$PWD/server/bin:$PATH"
if ! command -v pygeoapi >/dev/null; then
    python3 -m venv server
    server/bin/pip install --quiet "pygeoapi>=0.20" geopandas pyarrow s3fs
fi
pygeoapi openapi generate "$PYGEOAPI_CONFIG" --output-file "$PYGEOAPI_OPENAPI"
exec pygeoapi serve
"""


@dataclass(frozen=True)
class Service:
    """What a server needs."""

    folder: Path
    config: Path
    """Configuration of pygeoapi; JSON, which every YAML reader reads."""

    start: Path
    """Shell script that starts the server, and first installs it where it is missing."""


def write_service(
    run: Run | Path,
    out: Path,
    *,
    url: str = "http://localhost:5000",
    town: str | Iterable[str] | None = None,
    progress: Progress | None = None,
) -> Service:
    """Write a folder that pygeoapi serves: the collections sites-<town>, heat and towns.

    A collection of more than `ONE_BATCH` rows goes on in another, sites-<town>-2.

    Parameters
    ----------
    out
        Folder to make; an old one is replaced once the new one is complete.
    url
        Address under which people will reach the server.
    town
        Only the sites of these towns.
    progress
        Called with the share done (0 to 1) and what is being done.

    Raises
    ------
    InputError
        A town is not known.
    RunError
        The run lacks a table, or the folder cannot be written.
    """
    opened = run if isinstance(run, Run) else Run(run)
    source = provenance_of(opened)
    target = target_crs("EPSG:4326", source=opened.manifest["crs"])
    jobs = {
        kind: Job(opened, make_selection(opened, kind, town=town), target, source, progress)
        for kind in ("sites", "heat")
    }

    def fill(folder: Path) -> None:
        titles = _write_collections(folder, jobs)
        config = _config(opened, source, titles, out.resolve(), url.rstrip("/"))
        text = json.dumps(config, ensure_ascii=False, indent=2)
        (folder / CONFIG).write_text(text + "\n", encoding="utf-8")
        (folder / START).write_text(_START, encoding="utf-8")
        (folder / START).chmod(0o755)

    try:
        write_atomically(out, fill)
    except OSError as error:
        raise RunError(f"{out} cannot be written: {error}") from error
    return Service(out, out / CONFIG, out / START)


def _write_collections(folder: Path, jobs: Mapping[str, Job]) -> dict[str, dict[str, str]]:
    """Write the data of every collection; return their titles by name."""
    titles = {}
    for name, kind, selection, title in _choices(jobs):
        job = jobs[kind]
        schema = pa.schema([*((field.name, field.type) for field in job.fields), ("geometry", pa.binary())])
        for number, table in enumerate(one_batch_tables(job.flat_tables(selection), schema), start=1):
            part = name if number == 1 else f"{name}-{number}"
            titles[part] = (
                title if number == 1 else {lang: f"{text} {number}" for lang, text in title.items()}
            )
            _write(folder / f"{part}.parquet", table)
    _write(folder / "towns.parquet", _towns(jobs["sites"]))
    return {**titles, "towns": _TITLES["towns"]}


def _choices(jobs: Mapping[str, Job]) -> Iterator[tuple[str, str, Selection, dict[str, str]]]:
    """Yield name, kind, selection and title of every collection, the towns aside."""
    sites = jobs["sites"].selection
    for row in jobs["sites"].run.towns.to_dict("records"):
        town = str(row["town"])
        if not sites.towns or town in sites.towns:
            title = {lang: f"{text} {row[f'name_{lang}']}" for lang, text in _TITLES["sites"].items()}
            yield f"sites-{town}", "sites", sites.of_town(town), title
    yield "heat", "heat", jobs["heat"].selection, _TITLES["heat"]


def one_batch_tables(tables: Iterable[pa.Table], schema: Any, *, rows: int = ONE_BATCH) -> Iterator[pa.Table]:  # noqa: ANN401
    """Yield the rows in tables of at most `rows`; one without rows where there are none."""
    held: list[pa.Table] = [schema.empty_table()]
    count, full = 0, False
    for coming in tables:
        rest = coming
        while count + rest.num_rows > rows:
            yield pa.concat_tables([*held, rest.slice(0, rows - count)])
            rest, held, count, full = rest.slice(rows - count), [], 0, True
        held.append(rest)
        count += rest.num_rows
    if count or not full:
        yield pa.concat_tables(held)


def _write(path: Path, table: pa.Table) -> None:
    """Write the columns, the box of each row and the geometry as one group of rows."""
    geo = {
        "version": "1.0.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}},
    }
    bounds = shapely.bounds(shapes_of(table)).T.reshape(len(_CORNERS), -1)
    geometry = table["geometry"]
    boxed = table.drop_columns(["geometry"])
    for name, values in zip(_CORNERS, bounds, strict=True):
        boxed = boxed.append_column(name, pa.array(values, pa.float64()))
    boxed = boxed.append_column("geometry", geometry).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(boxed.combine_chunks(), path, compression="zstd", row_group_size=ONE_BATCH)


def _towns(job: Job) -> pa.Table:
    towns = job.run.towns
    columns = {name: pa.array([str(value) for value in towns[name]]) for name in _TOWN_TEXTS}
    columns["planned_area_km2"] = pa.array(towns["planned_area_km2"].astype(float), from_pandas=True)
    shapes = job.target.transform(np.asarray(towns.geometry))
    return pa.table({**columns, "geometry": pa.array(shapely.to_wkb(shapes), pa.binary())})


def _config(
    run: Run, source: Provenance, titles: Mapping[str, dict[str, str]], folder: Path, url: str
) -> dict[str, Any]:
    host, _, port = url.partition("//")[2].partition("/")[0].partition(":")
    bind = host if host in ("localhost", "127.0.0.1") else "0.0.0.0"  # noqa: S104 - asked for by the address
    licences = "; ".join(source.attributions)
    provider = {"name": source.region["zh"], "url": url}
    return {
        "server": {
            "bind": {"host": bind, "port": int(port or 80)},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "gzip": True,
            "languages": ["zh-CN", "en-US"],
            "limits": {"default_items": PAGE, "max_items": LARGEST_PAGE},
            "map": {
                "url": f"{url}/static/no-tiles/{{z}}/{{x}}/{{y}}.png",
                "attribution": source.boundary_note["en"],
            },
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": {lang: f"{name}: PV & geothermal" for lang, name in source.region.items()},
                "description": {"zh": "\n".join(source.lines("zh")), "en": "\n".join(source.lines("en"))},
                "keywords": ["photovoltaics", "geothermal", source.region_id, source.run_id],
                "keywords_type": "theme",
                "terms_of_service": licences,
                "url": url,
            },
            "license": {"name": licences, "url": url},
            "provider": provider,
            "contact": provider,
        },
        "resources": {name: _collection(name, title, run, source, folder) for name, title in titles.items()},
    }


def _collection(
    name: str, title: dict[str, str], run: Run, source: Provenance, folder: Path
) -> dict[str, Any]:
    """Describe one collection.

    The provider keeps rows whose first x and y lie above the asked box's lower corner and whose second ones
    lie below its upper corner; with the far corner named first that is "touches the box", not "lies inside".
    """
    return {
        "type": "collection",
        "title": title,
        "description": {"zh": source.short("zh"), "en": source.short("en")},
        "keywords": [name, source.run_id],
        "links": [],
        "extents": {"spatial": {"bbox": list(_extent(run)), "crs": _CRS84}},
        "providers": [
            {
                "type": "feature",
                "name": "Parquet",
                "data": {"source": str(folder / f"{name}.parquet")},
                "id_field": "town" if name == "towns" else "id",
                "x_field": ["xmax", "xmin"],
                "y_field": ["ymax", "ymin"],
                "crs": [_CRS84, _EPSG.format(4326), _EPSG.format(4490)],
                "storage_crs": _CRS84,
            }
        ],
    }


def _extent(run: Run) -> tuple[float, float, float, float]:
    transformer = pyproj.Transformer.from_crs(run.manifest["crs"], "EPSG:4326", always_xy=True)
    bounds: tuple[float, float, float, float] = transformer.transform_bounds(*run.towns.total_bounds)
    return bounds
