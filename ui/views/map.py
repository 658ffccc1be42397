"""The map page: layers, filter, search; beside the map the card of a site, an area, a scenario, shadows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from assessment.run import HEAT_TECHNOLOGIES, PV_TYPES, SECTORS, STATUSES
from ui.basemap import basemap
from ui.filters import Filter
from ui.map_parts import bounds_of
from ui.mapview import COLOUR_CHOICES, SHOW_CHOICES, View, show_map
from ui.page import choose_town, footer, header, open_page
from ui.rasters import raster_names
from ui.search import search_box
from ui.state import local, put, take, widget, write_address
from ui.whatif import WhatIf
from ui.words import name_of, t

if TYPE_CHECKING:
    from ui.store import Store

MAP_HEIGHT_PX = 680


def page() -> None:
    """Show the page."""
    store = open_page()
    header(store, t("map.title"), t("map.lead"))
    _body(store)
    footer(store)


@st.fragment
def _body(store: Store) -> None:
    """Show the controls and the map; cards, areas and sliders beside it answer without running this."""
    go = _controls(store)
    found = show_map(store, _view(store, go), key="main_map", height_px=MAP_HEIGHT_PX)
    if found["scenario"] is not None:
        st.session_state["whatif"] = WhatIf.parse(found["scenario"]).text()
    write_address()


def _controls(store: Store) -> dict[str, Any] | None:
    search, town, layers, sites = st.columns([2, 1, 1, 1], vertical_alignment="bottom")
    with search:
        go = search_box(store)
    with town:
        before = st.session_state["town"]
        chosen = choose_town(store)
        if chosen != before or (chosen and "town_shown" not in st.session_state):
            go = {"bounds": bounds_of(store, chosen or None)}
        st.session_state["town_shown"] = chosen
    with layers, st.popover(t("map.layers"), width="stretch"):
        _layer_controls(store)
    with sites, st.popover(t("map.filter"), width="stretch"):
        _filter_controls()
    return go


def _layer_controls(store: Store) -> None:
    shown = [name for name in SHOW_CHOICES if name in store.layers or name == "projects"]
    st.pills(
        t("map.show"),
        shown,
        selection_mode="multi",
        key=widget("show"),
        on_change=take,
        args=("show",),
        format_func=lambda code: t(f"show.{code}"),
    )
    st.radio(
        t("map.colour"),
        COLOUR_CHOICES,
        key=widget("by"),
        on_change=take,
        args=("by",),
        format_func=lambda code: t(f"colour.{code}"),
    )
    st.pills(
        t("col.technology"),
        HEAT_TECHNOLOGIES,
        selection_mode="multi",
        key=widget("tech"),
        on_change=take,
        args=("tech",),
        format_func=lambda code: name_of("technology", code),
    )
    rasters = raster_names(store.run)
    if rasters:
        st.selectbox(
            t("map.raster"),
            ["", *rasters],
            key=widget("raster"),
            on_change=take,
            args=("raster",),
            format_func=lambda code: name_of("raster", code) if code else t("map.no_raster"),
        )
    if basemap() is not None:
        st.toggle(t("map.basemap"), key="basemap")
    st.slider(
        t("map.opacity"),
        10,
        100,
        key=widget("opacity"),
        step=5,
        format="%d %%",
        on_change=take,
        args=("opacity",),
    )


def _filter_controls() -> None:
    """Edit the filter that map and table share."""
    chosen: Filter = st.session_state["filter"]
    types = st.pills(
        t("col.type"),
        PV_TYPES,
        selection_mode="multi",
        default=chosen.types,
        key=local("map_types"),
        format_func=lambda code: name_of("type", code),
    )
    sectors = st.pills(
        t("col.sector"),
        SECTORS,
        selection_mode="multi",
        default=chosen.sectors,
        key=local("map_sectors"),
        format_func=lambda code: name_of("sector", code),
    )
    statuses = st.pills(
        t("col.status"),
        STATUSES,
        selection_mode="multi",
        default=chosen.statuses,
        key=local("map_statuses"),
        format_func=lambda code: name_of("status", code),
    )
    least = st.number_input(t("filter.min_kwp"), 0.0, None, chosen.min_kwp, step=10.0, key="map_min_kwp")
    most = st.number_input(t("filter.max_lcoe"), 0.0, None, chosen.max_lcoe, step=0.01, key="map_max_lcoe")
    new = Filter((), tuple(types), tuple(sectors), tuple(statuses), least or None, most or None)
    if new != chosen:
        put("filter", new)
    if st.button(t("filter.reset"), key="map_reset"):
        put("filter", Filter())
        for name in ("types", "sectors", "statuses"):
            st.session_state.pop(local(f"map_{name}"), None)
        for name in ("min_kwp", "max_lcoe"):
            st.session_state.pop(f"map_{name}", None)
        st.rerun(scope="fragment")


def _view(store: Store, go: dict[str, Any] | None) -> View:
    if go is not None:
        st.session_state["go"] = go
    state = st.session_state
    town = state["town"]
    chosen: Filter = state["filter"]
    return View(
        filter=Filter((town,) if town else (), *list(vars(chosen).values())[1:]),
        show=state["show"],
        colour=state["by"],
        opacity=state["opacity"] / 100,
        technologies=state["tech"],
        raster=state["raster"] or None,
        go=state.get("go"),
        start=state["view"],
        keep_view=True,
        panel=True,
        open=_opened(store),
        scenario=state["whatif"],
        basemap=state.get("basemap", False),
    )


def _opened(store: Store) -> dict[str, Any] | None:
    """Return the site that another page or the address asks for."""
    if picked := st.session_state.get("picked"):
        return {"layer": picked["layer"], "row": int(picked["row"])}
    wanted = st.session_state["site"]
    for layer in ("sites", "heat"):
        if wanted and layer in store.layers:
            row = store.layers[layer].find("id", wanted)
            if row is not None:
                return {"layer": layer, "row": row}
    return None
