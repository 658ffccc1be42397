"""The map element: a folium map with local scripts, built once, hosted in the page without a frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
import shapely
import streamlit as st
from branca.element import Figure

from assessment.run import HEAT_TECHNOLOGIES, PV_TYPES, SECTORS, STATUSES
from ui.background import BACKGROUND_KINDS
from ui.filters import Filter
from ui.rasters import class_limits, raster_png
from ui.runs import current_store
from ui.shapes import mercator
from ui.theme import (
    ACCENT,
    BACKGROUND_LOOK,
    COST_RAMP,
    HATCH,
    HEAT_RAMP,
    INK,
    MUTED,
    PV_COLOURS,
    PV_RAMP,
    UNKNOWN,
)
from ui.tiles import cell_grid
from ui.words import language, name_of, say, t

if TYPE_CHECKING:
    from ui.store import Store
    from ui.words import Language

SITE_ZOOM = 14
"""From here on single sites are drawn, below it sums per cell."""
LOCAL_JS = (
    ("leaflet", "vendor/vendor/leaflet/leaflet.js"),
    ("draw", "vendor/vendor/leaflet-draw/leaflet.draw.js"),
)
LOCAL_CSS = (
    ("leaflet", "vendor/vendor/leaflet/leaflet.css"),
    ("draw", "vendor/vendor/leaflet-draw/leaflet.draw.css"),
    ("map", "vendor/map.css"),
)
HOST_JS = """
export default function (component) {
  const place = component.data.host;
  window.yijianReady ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = place; script.onload = resolve; script.onerror = () => reject(new Error(place));
    document.head.appendChild(script);
  });
  let stop = null, gone = false;
  window.yijianReady.then(() => { if (!gone) stop = window.yijianMap(component); });
  return () => { gone = true; if (stop) stop(); };
}
"""
COLOUR_CHOICES = ("kind", "value", "cost", "specific")
SHOW_CHOICES = ("sites", "heat", "excluded", "background")


@dataclass(frozen=True)
class View:
    """What the map shows; everything here changes without building the map anew."""

    filter: Filter = field(default_factory=Filter)
    show: tuple[str, ...] = ("sites", "background")
    colour: str = "kind"
    opacity: float = 0.9
    technologies: tuple[str, ...] = ()
    raster: str | None = None
    start: dict[str, float] | None = None
    """lat, lon and zoom to begin with; None: the whole region."""
    keep_view: bool = False
    """Whether the page's address says where the map is."""
    go: dict[str, Any] | None = None
    """Where to move: bounds, or lat, lon and zoom, with an optional geometry or mark."""


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
        control_scale=True,
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
def _labels(_key: str, lang: Language) -> list[dict[str, Any]]:
    """Return the towns' names and where to write them."""
    towns = current_store().run.towns.to_crs(4326)
    places = towns.geometry.representative_point()
    names = towns[f"name_{lang}"]
    return [{"lat": at.y, "lon": at.x, "text": str(name)} for at, name in zip(places, names, strict=True)]


@lru_cache(maxsize=4)
def class_limits_of(store_key: str) -> dict[str, tuple[float, ...]]:
    """Return the limits between colour classes: kWp per site, MW/km2 per cell, cost, yield, heated area."""
    store = current_store()
    assert store.key == store_key
    sites = store.layers["sites"]
    columns = {name: sites.columns[name].astype("float64") for name in ("value", "cost", "specific")}
    grid = cell_grid(sites, np.ones(len(sites), dtype=bool), 12)
    size_km = 40_075.016686 / (2**12 * 32) * ground_scale(store)
    density = grid.kwp[grid.kwp > 0] / 1000 / size_km**2
    limits = {name: class_limits(values[np.isfinite(values)], 6) for name, values in columns.items()}
    limits["density"] = class_limits(density.astype("float64"), 6)
    if "heat" in store.layers:
        heat = store.layers["heat"].columns["value"].astype("float64")
        limits["heat"] = class_limits(heat[np.isfinite(heat)], 6)
    return limits


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


def _style(limits: dict[str, tuple[float, ...]], colour: str, scale: float) -> dict[str, Any]:
    ramp = COST_RAMP if colour == "cost" else PV_RAMP
    return {
        "by": colour,
        "colours": [PV_COLOURS[kind] for kind in PV_TYPES],
        "ramp": ramp,
        "limits": limits.get(colour, ()),
        "cellLimits": limits["density" if colour == "value" else colour] if colour != "kind" else (),
        "unknown": UNKNOWN,
        "groundScale": scale,
        "strong": limits["density"][-1] if limits["density"] else 1.0,
    }


def _filter_codes(chosen: Filter, store: Store) -> dict[str, Any]:
    groups = {
        "town": (chosen.towns, store.towns),
        "kind": (chosen.types, PV_TYPES),
        "sector": (chosen.sectors, SECTORS),
        "status": (chosen.statuses, STATUSES),
    }
    codes: dict[str, Any] = {
        key: [names.index(code) for code in wanted if code in names] if wanted else None
        for key, (wanted, names) in groups.items()
    }
    return {**codes, "minKwp": chosen.min_kwp, "maxCost": chosen.max_lcoe}


def class_labels(limits: tuple[float, ...], unit: str) -> list[str]:
    """Return one text per class, from the lowest to the highest.

    Examples
    --------
    >>> class_labels((10.0, 20.0), "kWp")
    ['< 10 kWp', '10–20 kWp', '≥ 20 kWp']
    """
    texts = [f"{limit:,.6g}" for limit in limits]
    if not texts:
        return [unit]
    middle = [f"{low}–{high} {unit}" for low, high in pairwise(texts)]
    return [f"< {texts[0]} {unit}", *middle, f"≥ {texts[-1]} {unit}"]


def _legends(
    store: Store, view: View, limits: dict[str, tuple[float, ...]], lang: Language
) -> dict[str, Any]:
    below = _overlay_legends(store, view, limits, lang)
    if "sites" not in view.show:
        return {"sites": below, "cells": below}
    units = {"value": "kWp", "cost": say("unit.lcoe", lang), "specific": "kWh/kWp"}
    if view.colour == "kind":
        chosen = view.filter.types or PV_TYPES
        kinds = [
            {"colour": PV_COLOURS[kind], "label": name_of("type", kind)}
            for kind in PV_TYPES
            if kind in chosen
        ]
        legend = {"title": say("legend.kind", lang), "items": kinds}
        cells = {"title": say("legend.kind_cells", lang), "items": kinds}
        return {"sites": [legend, *below], "cells": [cells, *below]}
    ramp = COST_RAMP if view.colour == "cost" else PV_RAMP
    one = _ramp_legend(say(f"legend.{view.colour}", lang), ramp, limits[view.colour], units[view.colour])
    if view.colour == "value":
        many = _ramp_legend(say("legend.density", lang), ramp, limits["density"], "MW/km²")
    else:
        many = one
    return {"sites": [one, *below], "cells": [many, *below]}


def _ramp_legend(title: str, ramp: tuple[str, ...], limits: tuple[float, ...], unit: str) -> dict[str, Any]:
    labels = class_labels(limits, unit)
    return {
        "title": title,
        "items": [{"colour": c, "label": text} for c, text in zip(ramp, labels, strict=False)],
    }


def _overlay_legends(
    store: Store, view: View, limits: dict[str, tuple[float, ...]], lang: Language
) -> list[dict[str, Any]]:
    legends = []
    if "heat" in view.show and "heat" in limits:
        in_10k = tuple(limit / 1e4 for limit in limits["heat"])
        legends.append(_ramp_legend(say("legend.heat", lang), HEAT_RAMP, in_10k, say("unit.10k_m2", lang)))
    if view.raster:
        picture = raster_png(store.run, view.raster)
        legends.append(_ramp_legend(name_of("raster", view.raster), PV_RAMP, picture.limits, picture.unit))
    lines: list[dict[str, Any]] = []
    if "excluded" in view.show:
        lines.append({"colour": MUTED, "label": say("legend.excluded", lang), "look": "hatch"})
    if "background" in view.show and "background" in store.layers:
        present = set(np.unique(store.layers["background"].columns["kind"]).tolist())
        lines += [_look_legend(kind) for code, kind in enumerate(BACKGROUND_KINDS) if code in present]
    return (
        [*legends, {"title": say("legend.more", lang), "items": lines, "folded": True}] if lines else legends
    )


def _look_legend(kind: str) -> dict[str, Any]:
    look = BACKGROUND_LOOK[kind]
    if "casing" in look or "width" in look or kind in ("rail", "power_line"):
        return {
            "colour": look.get("casing", look.get("line")),
            "label": name_of("background", kind),
            "look": "line",
        }
    if "line" in look:
        return {"colour": look["line"], "label": name_of("background", kind), "look": "outline"}
    return {"colour": look["fill"], "label": name_of("background", kind), "look": ""}


TEXT_KEYS = (
    "rectangle",
    "polygon",
    "measure",
    "cancel",
    "finish",
    "undo",
    "dragHint",
    "releaseHint",
    "pointHint",
    "closeHint",
    "home",
    "fullscreen",
    "clear",
    "length",
    "legend",
    "failed",
)


def map_data(store: Store, view: View, lang: Language) -> dict[str, Any]:
    """Return everything the browser needs to show the view."""
    limits = class_limits_of(store.key)
    stroke = {"color": ACCENT, "weight": 2, "fillOpacity": 0.08}
    raster = None
    if view.raster:
        picture = raster_png(store.run, view.raster)
        raster = {
            "url": f"raster/{view.raster}.png?v={store.key}",
            "bounds": picture.bounds,
            "opacity": 0.75,
            "alt": name_of("raster", view.raster),
        }
    return {
        **map_parts(store.key),
        "key": store.key,
        "lang": lang,
        "host": "vendor/map.js",
        "images": "vendor/vendor/leaflet/images/",
        "js": [url for _, url in LOCAL_JS],
        "css": [url for _, url in LOCAL_CSS],
        "tiles": "tiles",
        "api": "api",
        "siteZoom": SITE_ZOOM,
        "bounds": bounds_of(store),
        "labels": _labels(store.key, lang),
        "attribution": say("map.attribution", lang),
        "texts": {key: say(f"map.{key}", lang) for key in TEXT_KEYS},
        "drawStyle": stroke,
        "pickedStyle": {"color": "#c2185b", "weight": 3, "fillOpacity": 0.0},
        "style": _style(limits, view.colour, ground_scale(store)),
        "filter": _filter_codes(view.filter, store),
        "filterText": view.filter.text(),
        "background": {"kinds": [BACKGROUND_LOOK[kind] for kind in BACKGROUND_KINDS]},
        "excluded": {"line": HATCH},
        "heat": {
            "ramp": HEAT_RAMP,
            "limits": limits.get("heat", ()),
            "kinds": [HEAT_TECHNOLOGIES.index(name) for name in view.technologies] or None,
        },
        "show": {name: name in view.show and name in store.layers for name in SHOW_CHOICES},
        "opacity": view.opacity,
        "raster": raster,
        "go": view.go,
        "view": view.start,
        "keepView": view.keep_view,
        "legends": _legends(store, view, limits, lang),
    }


@st.cache_resource
def _component() -> Any:  # noqa: ANN401 - a Streamlit renderer
    html = '<div class="yj-map"></div>'
    return st.components.v2.component("yijian_map", html=html, js=HOST_JS, isolate_styles=False)


def show_map(store: Store, view: View, *, key: str, height_px: int = 640) -> dict[str, Any]:
    """Show the map; return what was picked (layer, row) and drawn (GeoJSON geometry), None where nothing."""
    data = {**map_data(store, view, language()), "height": height_px, "label": t("map.label")}
    state = _component()(
        key=key,
        data=data,
        default={"picked": None, "drawn": None},
        on_picked_change=lambda: None,
        on_drawn_change=lambda: None,
    )
    return {"picked": state.get("picked"), "drawn": state.get("drawn")}


def area_of(geometry: dict[str, Any]) -> shapely.Geometry:
    """Return a drawn GeoJSON polygon as a valid Web Mercator geometry.

    Raises
    ------
    ValueError
        When it is no polygon.
    """
    shape = shapely.geometry.shape(geometry)
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        raise ValueError(f"a drawn area must be a polygon, not {shape.geom_type}")
    return shapely.make_valid(shapely.transform(shape, mercator))
