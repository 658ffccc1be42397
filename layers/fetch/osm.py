"""OpenStreetMap: from the Overpass service, or from an .osm.pbf extract on disk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pyogrio

from faults import Fault, InputError
from layers.demo_source import NO_PROGRESS
from layers.fetch.download import FetchError, download, forget
from layers.fetch.osm_objects import OsmLayer, as_frame, from_extract, from_overpass, to_schema, wanted
from layers.fetch.written import Fetched, Origin, check_bbox, write_vector

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import geopandas as gpd

OVERPASS = "https://overpass-api.de/api/interpreter"
ORIGIN = Origin("OpenStreetMap", "ODbL 1.0", "© OpenStreetMap contributors")
ROADS = "motorway|motorway_link|trunk|trunk_link|primary|primary_link|secondary|tertiary"
RAILS = "rail|subway|light_rail"
PARTS = {
    "polygon": ("multipolygons", "lines"),
    "line": ("lines",),
    "point": ("multipolygons", "lines", "points"),
}
"""Layers of GDAL's reader that objects of a kind are in; it takes closed ways of many keys for lines."""
LETTERS = {"multipolygons": "r", "lines": "w", "points": "n"}
"""First letter of the ids of a layer: relation, way, node."""
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
        forget(answer.path)
        raise FetchError(
            f"{url} answers no data; ask for a smaller box, or use an extract (.osm.pbf)"
        ) from error
    if "remark" in reply:
        forget(answer.path)
        raise FetchError(
            f"{url} gives up: {reply['remark']}; ask for a smaller box, or use an extract (.osm.pbf)"
        )
    frame = as_frame(from_overpass(elements), what)
    origin = Origin(ORIGIN.title, ORIGIN.licence, ORIGIN.attribution, (url,), (query,))
    return write_vector(to_schema(frame, layer), out, origin, box)


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
    records = (record for name, part in parts.items() for record in from_extract(part, LETTERS[name]))
    chosen = (record for record in records if wanted(record[1], what))
    return to_schema(as_frame(chosen, what), layer)


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
