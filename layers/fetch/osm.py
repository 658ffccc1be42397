"""OpenStreetMap: from the Overpass service, or from an .osm.pbf extract on disk."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from faults import Fault, InputError
from layers.demo_source import NO_PROGRESS
from layers.fetch.download import FetchError, download
from layers.fetch.written import Fetched, Origin, check_bbox, write_vector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    Tags = Mapping[str, str]

OVERPASS = "https://overpass-api.de/api/interpreter"
ORIGIN = Origin("OpenStreetMap", "ODbL 1.0", "© OpenStreetMap contributors")
ROADS = "motorway|motorway_link|trunk|trunk_link|primary|primary_link|secondary|tertiary"
RAILS = "rail|subway|light_rail"
MIN_RING = 4
PARTS = {
    "polygon": ("multipolygons", "lines"),
    "line": ("lines",),
    "point": ("multipolygons", "lines", "points"),
}
"""Layers of GDAL's reader that objects of a kind are in; it takes closed ways of many keys for lines."""
LETTERS = {"multipolygons": "r", "lines": "w", "points": "n"}
"""First letter of the ids of a layer: relation, way, node."""
_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class OsmLayer:
    """Which objects of OpenStreetMap make a layer, and what is kept of them."""

    filters: tuple[str, ...]
    """Filters in the language of Overpass."""
    geometry: str
    """polygon, line or point."""
    keys: tuple[str, ...]
    """Tags that are kept as columns; the reader of the layer knows their names."""


LAYERS = {
    "buildings": OsmLayer(
        ('["building"]',),
        "polygon",
        ("building", "height", "building:levels", "roof:shape", "start_date", "name"),
    ),
    "farmland": OsmLayer(
        (
            '["landuse"~"^(farmland|orchard|vineyard|meadow|grass|forest|greenhouse_horticulture|aquaculture)$"]',
        ),
        "polygon",
        ("landuse", "name"),
    ),
    "restrictions": OsmLayer(
        (f'["highway"~"^({ROADS})$"]', f'["railway"~"^({RAILS})$"]', '["power"="line"]'),
        "line",
        ("highway", "railway", "power", "voltage", "name"),
    ),
    "pv": OsmLayer(
        ('["plant:source"="solar"]', '["generator:source"="solar"]'),
        "polygon",
        ("name", "operator", "plant:output:electricity", "generator:output:electricity", "start_date"),
    ),
    "grid": OsmLayer(('["power"="substation"]',), "point", ("name", "voltage")),
}
"""Layers that OpenStreetMap has something for. None of them is complete."""


def fetch_osm(
    layer: str,
    bbox: tuple[float, ...],
    out: Path,
    *,
    url: str = OVERPASS,
    progress: Callable[[float, str], None] = NO_PROGRESS,
) -> Fetched:
    """Ask Overpass for a layer within a box and write it as a file that `read_layer` reads.

    Raises
    ------
    FetchError
        No connection, or the service gives up (the box is too large for it).
    InputError
        The layer or the box is none.
    """
    box, what = check_bbox(bbox), _layer(layer)
    query = overpass_query(what, box)
    answer = download(url, body=urlencode({"data": query}).encode(), progress=progress)
    try:
        reply = json.loads(answer.path.read_bytes())
        elements = reply["elements"]
    except (ValueError, KeyError) as error:
        answer.path.unlink()
        raise FetchError(
            f"{url} answers no data; ask for a smaller box, or use an extract (.osm.pbf)"
        ) from error
    if "remark" in reply:
        answer.path.unlink()
        raise FetchError(
            f"{url} gives up: {reply['remark']}; ask for a smaller box, or use an extract (.osm.pbf)"
        )
    frame = _frame(_from_overpass(elements), what)
    origin = Origin(ORIGIN.title, ORIGIN.licence, ORIGIN.attribution, (url,), (query,))
    return write_vector(_to_schema(frame, layer), out, origin, box)


def read_extract(layer: str, file: Path, bbox: tuple[float, ...], out: Path) -> Fetched:
    """Take a layer within a box out of an extract (.osm.pbf or .osm) on disk.

    Raises
    ------
    InputError
        The file cannot be read, or the layer or the box is none.
    """
    box = check_bbox(bbox)
    origin = Origin(ORIGIN.title, ORIGIN.licence, ORIGIN.attribution, (), (file.name,))
    return write_vector(extract_frame(layer, file, box), out, origin, box)


def extract_frame(
    layer: str, file: Path, box: tuple[float, float, float, float] | None = None
) -> gpd.GeoDataFrame:
    """Return the objects of an extract that make a layer, within a box or all of them.

    Raises
    ------
    InputError
        The file cannot be read, or OpenStreetMap has no such layer.
    """
    what = _layer(layer)
    names = PARTS[what.geometry]
    try:
        parts = {name: pyogrio.read_dataframe(file, layer=name, bbox=box) for name in names}
    except Exception as error:  # libraries raise anything on damaged bytes
        rule = f"cannot be read as an OpenStreetMap extract: {error}"
        raise InputError([Fault(layer, None, None, None, rule, file=file.name)]) from error
    records = (record for name, part in parts.items() for record in _from_extract(part, LETTERS[name]))
    wanted = (record for record in records if _wanted(record[1], what))
    return _to_schema(_frame(wanted, what), layer)


def overpass_query(what: OsmLayer, box: tuple[float, float, float, float]) -> str:
    """Return the query for a layer; Overpass wants south, west, north, east."""
    west, south, east, north = box
    place = f"({south:.7f},{west:.7f},{north:.7f},{east:.7f})"
    kinds = ("way",) if what.geometry == "line" else ("way", "relation")
    asks = "".join(f"{kind}{filter_}{place};" for filter_ in what.filters for kind in kinds)
    return f"[out:json][timeout:180];({asks});out body geom;"


def _layer(name: str) -> OsmLayer:
    if name not in LAYERS:
        rule = f"OpenStreetMap has none; it has {', '.join(LAYERS)}"
        raise InputError([Fault("fetch", None, "layer", name, rule)])
    return LAYERS[name]


def _from_overpass(
    elements: Iterable[Mapping[str, Any]],
) -> Iterator[tuple[str, Tags, shapely.Geometry | None]]:
    for element in elements:
        if element["type"] == "way" and "geometry" in element:
            yield f"w{element['id']}", element.get("tags", {}), _line(element["geometry"])
        elif element["type"] == "relation":
            yield f"r{element['id']}", element.get("tags", {}), _assembled(element.get("members", ()))


def _line(points: Iterable[Mapping[str, float] | None]) -> shapely.Geometry | None:
    coordinates = [(point["lon"], point["lat"]) for point in points if point is not None]
    return shapely.LineString(coordinates) if len(coordinates) > 1 else None


def _assembled(members: Iterable[Mapping[str, Any]]) -> shapely.Geometry | None:
    """Close the outer ways of a relation to polygons and take off what the inner ones enclose."""
    rings: dict[str, list[shapely.Geometry]] = {"outer": [], "inner": []}
    for member in members:
        line = _line(member.get("geometry") or ())
        if line is not None and member.get("role") in rings:
            rings[member["role"]].append(line)
    outer, inner = (shapely.get_parts(shapely.polygonize(rings[role])) for role in ("outer", "inner"))
    if not len(outer):
        return None
    return shapely.difference(shapely.union_all(outer), shapely.union_all(inner))


def _from_extract(part: gpd.GeoDataFrame, letter: str) -> Iterator[tuple[str, Tags, shapely.Geometry | None]]:
    columns = [
        name for name in part.columns if name not in ("geometry", "other_tags", "osm_id", "osm_way_id")
    ]
    for row in part.to_dict("records"):
        tags = {name: str(row[name]) for name in columns if pd.notna(row[name])}
        if isinstance(row.get("other_tags"), str):
            tags |= {_plain(key): _plain(value) for key, value in _PAIR.findall(row["other_tags"])}
        way = row.get("osm_way_id")
        yield f"w{way}" if isinstance(way, str) else f"{letter}{row['osm_id']}", tags, row["geometry"]


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _wanted(tags: Tags, what: OsmLayer) -> bool:
    return any(_fits(filter_, tags) for filter_ in what.filters)


def _fits(filter_: str, tags: Tags) -> bool:
    """Apply a filter of Overpass: ["key"], ["key"="value"] or ["key"~"pattern"]."""
    match = re.fullmatch(r'\["([^"]+)"(?:([=~])"([^"]+)")?\]', filter_)
    assert match is not None
    value = tags.get(match[1])
    if value is None or match[2] is None:
        return value is not None
    return value == match[3] if match[2] == "=" else re.search(match[3], value) is not None


def _frame(records: Iterable[tuple[str, Tags, shapely.Geometry | None]], what: OsmLayer) -> gpd.GeoDataFrame:
    rows = list(records)
    shapes = np.array([shape for _, _, shape in rows], dtype=object)
    columns: dict[str, list[Any]] = {"id": [name for name, _, _ in rows]}
    columns |= {key: [tags.get(key) for _, tags, _ in rows] for key in what.keys}
    frame = gpd.GeoDataFrame(columns, geometry=_as_kind(shapes, what.geometry), crs="EPSG:4326")
    return frame[frame.geometry.notna()].drop_duplicates("id").reset_index(drop=True)


def _as_kind(
    shapes: np.ndarray[Any, np.dtype[np.object_]], kind: str
) -> np.ndarray[Any, np.dtype[np.object_]]:
    if kind == "line":
        return shapes
    rings = (shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING) & shapely.is_closed(shapes)
    rings &= shapely.get_num_coordinates(shapes) >= MIN_RING
    closed = shapes.copy()
    closed[rings] = [shapely.Polygon(ring.coords) for ring in shapes[rings]]
    closed[shapely.get_dimensions(closed) == 1] = None
    return shapely.point_on_surface(closed) if kind == "point" else closed


def _to_schema(frame: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
    """Name kinds and classes where OpenStreetMap has them in several tags."""
    if "voltage" in frame:
        frame["kv"] = frame["voltage"].map(_kv)
        frame = frame.drop(columns="voltage")
    if layer != "restrictions":
        return frame
    frame["kind"] = np.select(
        [frame["highway"].notna(), frame["railway"].notna()], ["road", "rail"], default="power_line"
    )
    frame["class"] = frame["highway"]
    return frame.drop(columns=["highway", "railway", "power"])


def _kv(voltage: object) -> float:
    """Return the highest of the voltages in volts that a tag lists, in kV.

    Examples
    --------
    >>> _kv("330000;110000"), _kv(None)
    (330.0, nan)
    """
    numbers = re.findall(r"\d+", str(voltage)) if isinstance(voltage, str) else []
    return max((float(number) for number in numbers), default=float("nan")) / 1000
