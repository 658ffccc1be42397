"""The map element: a folium map with local scripts, built once, hosted in the page without a frame."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from assessment.run import HEAT_TECHNOLOGIES, PV_TYPES, SECTORS, STATUSES
from ui.background import BACKGROUND_KINDS
from ui.basemap import basemap_data
from ui.board import discount_rate
from ui.filters import Filter
from ui.map_legends import class_limits_of, legends_of, regained_look, site_style
from ui.map_parts import LOCAL_CSS, LOCAL_JS, bounds_of, ground_scale, map_parts, town_labels
from ui.rasters import raster_png
from ui.rules_off import rule_choices
from ui.shade import LARGEST_KM
from ui.theme import ACCENT, BACKGROUND_LOOK, HATCH, HEAT_RAMP, PICKED
from ui.whatif import LIMITS, SHARE_LIMITS
from ui.words import language, name_of, say, t

if TYPE_CHECKING:
    from ui.store import Store
    from ui.words import Language

SITE_ZOOM = 14
"""From here on single sites are drawn, below it sums per cell."""
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
COLOUR_CHOICES: tuple[str, ...] = ("kind", "value", "cost", "specific")
SHOW_CHOICES: tuple[str, ...] = ("sites", "heat", "excluded", "projects", "background")
OWN_FILES = ("map.js", "panel.js", "map.css")


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
    panel: bool = False
    """Whether the panel of cards, areas, scenarios and shadows stands beside the map."""
    open: dict[str, Any] | None = None
    """The site whose card the panel opens with: layer and row."""
    scenario: str = ""
    """The scenario that the panel starts with."""
    basemap: bool = False
    """Whether the base map of the configuration is shown."""


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


TEXT_KEYS = (
    "rectangle", "polygon", "lasso", "measure", "cancel", "finish", "undo", "dragHint", "releaseHint",
    "pointHint", "closeHint", "lassoHint", "home", "fullscreen", "clear", "length", "legend", "failed",
    "nothing", "how", "loading", "areaHow", "areaFile", "areaBad", "working", "panel", "whatif",
    "basemapLost",
)  # fmt: skip
WHATIF_KEYS = ("how", "reset", "rules", "rules_how", "why")
SHADOW_KEYS = ("day", "hour", "show", "hide", "zoom", "sun", "demo", "play")
ANSWERS = ("picked", "drawn", "scenario")
"""What the browser sends back."""
TABS = ("card", "area", "whatif", "shadows")
SLIDERS: dict[str, tuple[float, float, float]] = {
    "share": (*SHARE_LIMITS, 0.05),
    "density": (*LIMITS["density"], 0.05),
    "price": (*LIMITS["price"], 0.05),
    "rate": (*LIMITS["rate"], 0.005),
    "most_lcoe": (0.15, 1.0, 0.01),
}
"""Sliders of the scenario beside the map: lowest, highest, step."""


@lru_cache(maxsize=1)
def _stamp() -> str:
    """Return a short name of the map's own files, so that browsers fetch them anew when they change."""
    folder = Path(__file__).parent / "static"
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in OWN_FILES)).hexdigest()[:8]


def first_files() -> tuple[str, ...]:
    """Return the files that the map page needs first."""
    urls = ["vendor/map.js", "vendor/panel.js", *(url for _, url in (*LOCAL_JS, *LOCAL_CSS))]
    return tuple(_stamped(url) for url in urls)


def _stamped(url: str) -> str:
    return f"{url}?v={_stamp()}" if url.rsplit("/", 1)[-1] in OWN_FILES else url


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
        "host": _stamped("vendor/map.js"),
        "images": "vendor/vendor/leaflet/images/",
        "js": [*(url for _, url in LOCAL_JS), *([_stamped("vendor/panel.js")] if view.panel else [])],
        "css": [_stamped(url) for _, url in LOCAL_CSS],
        "tiles": "tiles",
        "api": "api",
        "siteZoom": SITE_ZOOM,
        "bounds": bounds_of(store),
        "labels": town_labels(store.key, lang),
        "attribution": say("map.attribution", lang),
        "texts": {key: say(f"map.{key}", lang) for key in TEXT_KEYS},
        "drawStyle": stroke,
        "pickedStyle": {"color": PICKED, "weight": 3, "fillOpacity": 0.0},
        "style": site_style(limits, view.colour, ground_scale(store)),
        "filter": _filter_codes(view.filter, store),
        "filterText": view.filter.text(),
        "background": {"kinds": [BACKGROUND_LOOK[kind] for kind in BACKGROUND_KINDS]},
        "excluded": {"line": HATCH},
        "regained": regained_look(store, lang),
        "heat": {
            "ramp": HEAT_RAMP,
            "limits": limits.get("heat", ()),
            "kinds": [HEAT_TECHNOLOGIES.index(name) for name in view.technologies] or None,
        },
        "show": {name: name in view.show and name in (*store.layers, "projects") for name in SHOW_CHOICES},
        "opacity": view.opacity,
        "raster": raster,
        "go": view.go,
        "view": view.start,
        "keepView": view.keep_view,
        "basemap": basemap_data(lang) if view.basemap else None,
        "panel": _panel(store, view, lang) if view.panel else None,
        "legends": legends_of(store, view, limits, lang),
        "why": {"href": f"methods?lang={lang}", "label": say("legend.why", lang)},
    }


def _panel(store: Store, view: View, lang: Language) -> dict[str, Any]:
    """Return what the panel needs: its texts, where it starts, the limits of its sliders."""
    return {
        "open": view.open,
        "scenario": view.scenario,
        "rate": round(discount_rate(store), 4),
        "sliders": SLIDERS,
        "sectors": list(SECTORS),
        "tabs": {name: say(f"tab.{name}", lang) for name in TABS},
        "rules": rule_choices(store, lang),
        "texts": {key: say(f"whatif.{key}", lang) for key in (*WHATIF_KEYS, *SLIDERS)}
        | {key: say(f"shadow.{key}", lang) for key in SHADOW_KEYS},
        "largestKm": LARGEST_KM,
    }


@st.cache_resource
def _component() -> Any:  # noqa: ANN401 - a Streamlit renderer
    html = '<div class="yj-frame"><div class="yj-map"></div></div>'
    return st.components.v2.component("yijian_map", html=html, js=HOST_JS, isolate_styles=False)


def show_map(store: Store, view: View, *, key: str, height_px: int = 640) -> dict[str, Any]:
    """Show the map; return what was picked (layer, row), drawn (GeoJSON geometry) and the panel's scenario.

    None where nothing; with the panel, cards and areas are shown there and not returned.
    """
    data = {**map_data(store, view, language()), "height": height_px, "label": t("map.label")}
    state = _component()(
        key=key,
        data=data,
        default=dict.fromkeys(ANSWERS),
        **{f"on_{name}_change": lambda: None for name in ANSWERS},
    )
    return {name: state.get(name) for name in ANSWERS}
