"""Search without a map service: sites by name or id, townships, facilities, coordinates."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import streamlit as st

from gis.crs import gcj02_to_wgs84
from layers.sources import read_layer
from ui.card import outline
from ui.places import town_names
from ui.region import region_of, townships_of
from ui.runs import current_store
from ui.words import language, say, t

if TYPE_CHECKING:
    from ui.store import Store
    from ui.words import Language

MOST_FOUND = 20
COORDINATES = re.compile(r"^\s*(-?\d{1,3}(?:\.\d+)?)\s*[,，;\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*$")


def search_box(store: Store) -> dict[str, Any] | None:
    """Show the search; return where to go when a new place was found."""
    text = st.text_input(t("search.label"), key="search", placeholder=t("search.placeholder"), max_chars=80)
    if not text or not text.strip():
        st.session_state.pop("searched", None)
        return None
    found = find_places(store, text.strip())
    if not found:
        st.caption(t("search.nothing", text=text))
        return None
    choice = 0
    if len(found) > 1:
        choice = st.selectbox(
            t("search.found", n=len(found)),
            range(len(found)),
            key=f"found_{text}",
            format_func=lambda index: found[index]["label"],
        )
    key = (text, choice)
    if st.session_state.get("searched") == key:
        return None
    st.session_state["searched"] = key
    place = found[choice]
    if "row" in place:
        st.session_state["panel"] = "site"
        st.session_state["picked"] = {"layer": "sites", "row": place["row"]}
        place = {**place, "geometry": outline(store.layers["sites"], place["row"])}
    return {name: value for name, value in place.items() if name not in ("label", "row")}


def find_places(store: Store, text: str) -> list[dict[str, Any]]:
    """Return up to MOST_FOUND places, best first: coordinates, areas, then sites."""
    numbers = COORDINATES.match(text)
    if numbers:
        return _coordinates(float(numbers[1]), float(numbers[2]))
    lang = language()
    found = _areas(store.key, store, text, lang) + _facilities(store, text, lang) + _sites(store, text)
    return found[:MOST_FOUND]


def _coordinates(first: float, second: float) -> list[dict[str, Any]]:
    """Read a pair in either order as WGS-84, and offer the same numbers as GCJ-02."""
    lon, lat = (first, second) if first > second else (second, first)
    if not (70 < lon < 140 and 0 < lat < 60):  # noqa: PLR2004 - around China
        return []
    moved_lon, moved_lat = (float(v) for v in gcj02_to_wgs84(lon, lat))
    return [
        {"label": f"{lon:.5f}, {lat:.5f} · WGS-84", "lon": lon, "lat": lat, "zoom": 17, "mark": True},
        {
            "label": f"{lon:.5f}, {lat:.5f} · GCJ-02",
            "lon": moved_lon,
            "lat": moved_lat,
            "zoom": 17,
            "mark": True,
        },
    ]


def _areas(key: str, store: Store, text: str, lang: str) -> list[dict[str, Any]]:
    wanted = text.casefold()
    return [
        {"label": label, "bounds": bounds}
        for label, search, bounds in _area_names(key, lang, tuple(town_names(store).items()))
        if wanted in search
    ]


@lru_cache(maxsize=4)
def _area_names(
    _key: str, lang: str, towns: tuple[tuple[str, str], ...]
) -> list[tuple[str, str, list[list[float]]]]:
    run, names = current_store().run, dict(towns)
    found = []
    for frame, kind in ((run.towns, "town"), (townships_of(run), "township")):
        for row in frame.to_crs(4326).itertuples():
            west, south, east, north = row.geometry.bounds
            name = getattr(row, f"name_{lang}") or row.name_zh
            label = f"{name} · {names.get(row.town, row.town)}" if kind == "township" else name
            search = f"{row.name_zh} {row.name_en}".casefold()
            found.append((label, search, [[south, west], [north, east]]))
    return found


def _facilities(store: Store, text: str, lang: Language) -> list[dict[str, Any]]:
    wanted = text.casefold()
    return [
        {"label": label, "lon": lon, "lat": lat, "zoom": 16, "mark": True}
        for label, search, lon, lat in _facility_names(store.key, lang)
        if wanted in search
    ]


@lru_cache(maxsize=4)
def _facility_names(_key: str, lang: Language) -> list[tuple[str, str, float, float]]:
    """Return the named facilities of the region (airports, plants, stations …) and where they are."""
    region = region_of(current_store().run)
    layer = None if region is None else read_layer(region, "facilities")
    if layer is None:
        return []
    frame = layer.frame.dropna(subset=["geometry"]).to_crs(4326)
    points, found = frame.geometry.representative_point(), []
    for point, row in zip(points, frame.itertuples(), strict=True):
        names = [str(name) for name in (row.name_zh, row.name_en) if isinstance(name, str) and name]
        shown = names[-1] if lang == "en" else names[0]
        label = f"{shown} · {say('layer.facilities', lang)}"
        found.append((label, " ".join(names).casefold(), point.x, point.y))
    return found


def _sites(store: Store, text: str) -> list[dict[str, Any]]:
    sites = store.layers["sites"]
    row = sites.find("id", text)
    rows = [] if row is None else [row]
    if not rows:
        names = sites.table["name"]
        hits = pc.match_substring(names, text, ignore_case=True)
        rows = pc.indices_nonzero(hits).to_pylist()[:MOST_FOUND]
    found = []
    for index in rows:
        values = sites.row(index)
        label = f"{values['name'] or values['id']} · {town_names(store).get(values['town'], '')}"
        found.append({"label": label, "row": index, "lon": values["lon"], "lat": values["lat"], "zoom": 17})
    return found
