"""Objects of OpenStreetMap, from an answer of Overpass or an extract: their ids, tags and shapes as rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Tags = Mapping[str, str]

MIN_RING = 4
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


def from_overpass(
    elements: Iterable[Mapping[str, Any]],
) -> Iterator[tuple[str, Tags, shapely.Geometry | None]]:
    """Go through the elements of an answer: id, tags, shape."""
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


def from_extract(part: gpd.GeoDataFrame, letter: str) -> Iterator[tuple[str, Tags, shapely.Geometry | None]]:
    """Go through the rows of a layer of an extract: id, tags, shape."""
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


def wanted(tags: Tags, what: OsmLayer) -> bool:
    """Say whether an object is one that a layer is made of."""
    return any(_fits(filter_, tags) for filter_ in what.filters)


def _fits(filter_: str, tags: Tags) -> bool:
    """Apply a filter of Overpass: ["key"], ["key"="value"] or ["key"~"pattern"]."""
    match = re.fullmatch(r'\["([^"]+)"(?:([=~])"([^"]+)")?\]', filter_)
    assert match is not None
    value = tags.get(match[1])
    if value is None or match[2] is None:
        return value is not None
    return value == match[3] if match[2] == "=" else re.search(match[3], value) is not None


def as_frame(
    records: Iterable[tuple[str, Tags, shapely.Geometry | None]], what: OsmLayer
) -> gpd.GeoDataFrame:
    """Return objects as rows with the tags of a layer as columns, each once."""
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


def to_schema(frame: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
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
