"""GeoPackage: sites, rules and towns as layers; styles, data dictionary and notices inside."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import shapely

from exports.formats.styles import outline_qml, qml, sld
from exports.job import as_multi, is_polygonal, shapes_of, stream_into, with_shapes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from exports.job import Job

_GEOMETRY = "geom"
_VERSION = "1.3"  # the newest that QGIS and GDAL of 2022 read without complaint
_TOWN_ALIASES = {
    "town": "新城代码 town",
    "name_zh": "名称(中文) name in Chinese",
    "name_en": "名称(英文) name in English",
    "planned_area_km2": "规划面积 planned area (km2)",
}
_RULE_ALIASES = {
    "site_id": "场址编号 id of the site",
    "rule": "规则 rule",
    "verdict": "结论 verdict",
    "m2": "涉及面积 area touched (m2)",
}
_RULES = pa.schema(
    [("site_id", pa.string()), ("rule", pa.string()), ("verdict", pa.string()), ("m2", pa.float64())]
)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL,  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE IF NOT EXISTS gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
  mime_type TEXT,  constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
INSERT INTO gpkg_extensions VALUES
  ('gpkg_data_columns', NULL, 'gpkg_schema',
   'http://www.geopackage.org/spec121/#extension_schema', 'read-write');
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE data_dictionary (
  id INTEGER PRIMARY KEY, layer TEXT NOT NULL, column_name TEXT NOT NULL, unit TEXT, zh TEXT, en TEXT);
CREATE TABLE run_notice (id INTEGER PRIMARY KEY, lang TEXT NOT NULL, item TEXT NOT NULL, text TEXT NOT NULL);
INSERT INTO gpkg_contents (table_name, data_type, identifier, description) VALUES
  ('layer_styles', 'attributes', 'layer_styles', 'QGIS styles'),
  ('data_dictionary', 'attributes', 'data_dictionary', '数据字典 data dictionary'),
  ('run_notice', 'attributes', 'run_notice', '说明 notices');
"""


def write_gpkg(path: Path, job: Job) -> None:
    """Write layer `sites` or `heat`, its rules as a table, the towns, styles, dictionary and notices."""
    notices = job.provenance.as_strings()
    polygons = is_polygonal(job)
    spatial: dict[str, Any] = {
        "driver": "GPKG",
        "crs": job.target.crs.to_wkt(),
        "geometry_name": "geometry",
        "layer_options": {"GEOMETRY_NAME": _GEOMETRY},
    }
    kind = "MultiPolygon" if polygons else "Unknown"
    first = {
        "dataset_metadata": notices,
        "layer_metadata": notices,
        "dataset_options": {"VERSION": _VERSION},
    }
    schema = pa.schema([*((field.name, field.type) for field in job.fields), ("geometry", pa.binary())])
    write = partial(pyogrio.write_arrow, path=path, layer=job.kind, geometry_type=kind, **first, **spatial)
    stream_into(write, schema, _sites(job, schema, multi=polygons))
    pyogrio.write_arrow(
        _towns(job), path, layer="towns", geometry_type="MultiPolygon", append=True, **spatial
    )
    rules = f"{job.kind}_rules"
    write = partial(pyogrio.write_arrow, path=path, layer=rules, driver="GPKG", append=True)
    stream_into(write, _RULES, _rules(job))
    with closing(sqlite3.connect(path)) as database, database:
        _describe(database, job, rules)


def _sites(job: Job, schema: Any, *, multi: bool) -> Iterator[Any]:  # noqa: ANN401 - an Arrow schema
    for table in job.flat_tables():
        one_type = with_shapes(table, as_multi(shapes_of(table))) if multi else table
        yield from one_type.cast(schema).to_batches()


def _towns(job: Job) -> pa.Table:
    towns = job.run.towns
    columns = {name: pa.array(towns[name].tolist()) for name in _TOWN_ALIASES if name in towns.columns}
    shapes = as_multi(job.target.transform(np.asarray(towns.geometry)))
    return pa.table({**columns, "geometry": pa.array(shapely.to_wkb(shapes), pa.binary())})


def _rules(job: Job) -> Iterator[Any]:
    """Yield one row per site and rule, batch by batch."""
    for table in job.raw_tables():
        lists = table["rules"].combine_chunks()
        if pa.types.is_list(lists.type) and pa.types.is_struct(lists.type.value_type):
            yield from _unfolded(table["id"].combine_chunks(), lists).to_batches()


def _unfolded(ids: Any, lists: Any) -> pa.Table:  # noqa: ANN401 - Arrow arrays
    parents, items = pc.list_parent_indices(lists), pc.list_flatten(lists)
    columns = [ids.take(parents), *(items.field(name) for name in ("id", "verdict", "m2"))]
    cast = [column.cast(field.type) for column, field in zip(columns, _RULES, strict=True)]
    return pa.table(cast, schema=_RULES)


def _describe(database: sqlite3.Connection, job: Job, rules: str) -> None:
    database.executescript(_SCHEMA)
    aliases = {job.kind: {field.name: field.label for field in job.fields}, "towns": _TOWN_ALIASES}
    aliases[rules] = _RULE_ALIASES
    present = {name: {row[1] for row in database.execute(f'PRAGMA table_info("{name}")')} for name in aliases}
    database.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description) "
        "VALUES (?, ?, ?, ?, ?)",
        [
            (layer, column, text, text, text)
            for layer, texts in aliases.items()
            for column, text in texts.items()
            if column in present[layer]
        ],
    )
    database.executemany(
        "INSERT INTO data_dictionary (layer, column_name, unit, zh, en) VALUES (?, ?, ?, ?, ?)",
        [(job.kind, field.name, field.unit, field.zh, field.en) for field in job.fields],
    )
    database.executemany(
        "INSERT INTO run_notice (lang, item, text) VALUES (?, ?, ?)",
        [(lang, item, text) for lang in ("zh", "en") for item, text in job.provenance.items(lang)],
    )
    styles = [(job.kind, qml(job.kind, job.fields), sld(job.kind, job.kind))]
    styles.append(("towns", outline_qml(_TOWN_ALIASES, "name_zh"), ""))
    database.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
        "styleName, styleQML, styleSLD, useAsDefault, description) "
        "VALUES ('', '', ?, ?, 'default', ?, ?, 1, 'Yijian')",
        [(layer, _GEOMETRY, style, other) for layer, style, other in styles],
    )
