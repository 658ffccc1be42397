"""What the map is built from once per run: the folium map with local scripts, its labels and its bounds."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
from branca.element import Figure

from ui.runs import current_store
from ui.theme import INK

if TYPE_CHECKING:
    from ui.store import Store
    from ui.words import Language

LOCAL_JS = (
    ("leaflet", "vendor/vendor/leaflet/leaflet.js"),
    ("draw", "vendor/vendor/leaflet-draw/leaflet.draw.js"),
)
LOCAL_CSS = (
    ("leaflet", "vendor/vendor/leaflet/leaflet.css"),
    ("draw", "vendor/vendor/leaflet-draw/leaflet.draw.css"),
    ("map", "vendor/map.css"),
)


@lru_cache(maxsize=4)
def map_parts(store_key: str) -> dict[str, str]:
    """Return the html, script and variable name of the folium map of the current run."""
    store = current_store()
    assert store.key == store_key
    towns = store.run.towns.to_crs(4326)
    west, south, east, north = towns.total_bounds
    figure = Figure()
    chart = folium.Map(
        location=((south + north) / 2, (west + east) / 2),
        tiles=None,
        zoom_start=11,
        prefer_canvas=True,
    )
    chart.default_js, chart.default_css = list(LOCAL_JS), list(LOCAL_CSS)
    figure.add_child(chart)
    simple = towns.assign(geometry=towns.geometry.simplify(0.0001))[["geometry"]]
    folium.GeoJson(
        simple.to_json(),
        interactive=False,
        style_function=lambda _: {"color": INK, "weight": 1.4, "fill": False, "dashArray": "6 4"},
    ).add_to(chart)
    figure.render()
    return {"html": figure.html.render(), "script": figure.script.render(), "name": chart.get_name()}


@lru_cache(maxsize=4)
def town_labels(_key: str, lang: Language) -> list[dict[str, Any]]:
    """Return the towns' names and where to write them."""
    towns = current_store().run.towns.to_crs(4326)
    places = towns.geometry.representative_point()
    names = towns[f"name_{lang}"]
    return [{"lat": at.y, "lon": at.x, "text": str(name)} for at, name in zip(places, names, strict=True)]


def ground_scale(store: Store) -> float:
    """Return metres on the ground per Web Mercator metre in the middle of the run."""
    (south, _), (north, _) = bounds_of(store)
    latitude = (south + north) / 2
    return float(np.cos(np.radians(latitude)))


def bounds_of(store: Store, town: str | None = None) -> list[list[float]]:
    """Return south-west and north-east corner of the region or of one town, as (lat, lon)."""
    west, south, east, north = _town_bounds(store.key)[town or ""]
    return [[south, west], [north, east]]


@lru_cache(maxsize=4)
def _town_bounds(_key: str) -> dict[str, tuple[float, ...]]:
    towns = current_store().run.towns.to_crs(4326)
    boxes = towns.geometry.bounds.to_numpy()
    found = dict(zip(towns["town"].astype(str), map(tuple, boxes.tolist()), strict=True))
    return {"": tuple(towns.total_bounds.tolist()), **found}
