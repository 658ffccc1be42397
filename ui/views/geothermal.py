"""Geothermal heat: the three technologies per town, and the best sites on the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from assessment.run import HEAT_TECHNOLOGIES
from exports.labels import label
from ui.blocks import figures, legend, meter, text_table
from ui.charts import show
from ui.downloads import downloads
from ui.format import amount, count, quantity, span
from ui.heat_cards import heat_cards
from ui.heat_matching import matching
from ui.heat_planner import planner
from ui.heat_weights import weights
from ui.heat_why import read_position, why_block
from ui.map_parts import bounds_of
from ui.mapview import View, show_map
from ui.overview_progress import scaled
from ui.page import choose_town, footer, header, open_page, town_names
from ui.panels import heat_panel
from ui.rasters import raster_names
from ui.region import progress_of
from ui.state import local, write_address
from ui.theme import HEAT_COLOURS
from ui.words import language, name_of, t

if TYPE_CHECKING:
    from ui.store import Store

BEST = 200
_OF_TECHNOLOGY = {
    "shallow": ("shallow_gpot_mwh",),
    "deep": ("deep_kw", "temperature_2000m", "temperature_sd_2000m"),
    "hydrothermal": ("hydrothermal_mw_km2", "hydrothermal_mw_km2_p90", "hydrothermal_mw_km2_p10"),
}
"""Maps of numbers offered with a technology."""


def page() -> None:
    """Show the page."""
    store = open_page()
    header(store, t("heat.title"), t("heat.lead"))
    _meter(store)
    _technologies(store)
    where, plan, match, weigh = st.tabs(
        [t("heat.where"), *(t(f"heat.tab_{name}") for name in ("planner", "matching", "weights"))]
    )
    with where:
        _explore(store)
    with plan:
        planner(store)
    with match:
        matching(store)
    with weigh:
        weights(store)
    st.subheader(t("download.title"))
    downloads(store, "heat", "yijian-heat", key="heat", town=st.session_state["town"] or None)
    footer(store)


def _meter(store: Store) -> None:
    rows = progress_of(store).targets
    rows = rows[rows["measure"] == "heat_m2"].sort_values("year")
    if rows.empty:
        return
    last = rows.iloc[-1]
    meter(last, [(last["value"], str(last["year"]))], str(last[f"note_{language()}"]))


def _technologies(store: Store) -> None:
    sums = store.run.heat_summary.groupby("technology", observed=True).sum(numeric_only=True)
    columns = st.columns(len(HEAT_TECHNOLOGIES), gap="large")
    for column, technology in zip(columns, HEAT_TECHNOLOGIES, strict=True):
        with column:
            name = label("technology", technology, language())
            st.markdown(f"#### {name[:1].upper()}{name[1:]}")
            st.caption(t(f"heat.about_{technology}"))
            if technology not in sums.index:
                st.caption(t("heat.none"))
                continue
            row = sums.loc[technology]
            figures(
                [
                    (
                        t("col.heatable"),
                        quantity(row["heatable_m2"], "m2"),
                        span(row["heatable_m2_p10"], row["heatable_m2_p90"], "m2"),
                    ),
                    (
                        t("col.kw_year30"),
                        quantity(row["kw_year30"], "kw"),
                        t("heat.wells", n=count(row["wells"])),
                    ),
                ]
            )
    _by_town(store)


def _by_town(store: Store) -> None:
    frame = store.run.heat_summary.copy()
    names = {code: label("technology", code, language()) for code in HEAT_TECHNOLOGIES}
    frame = frame.assign(
        town=frame["town"].astype(str).map(town_names(store)),
        name=frame["technology"].astype(str).map(names),
        value=[scaled("heat_m2", area) for area in frame["heatable_m2"]],
        text=[quantity(value, "m2") for value in frame["heatable_m2"]],
    )
    colours = alt.Scale(domain=list(names.values()), range=[HEAT_COLOURS[code] for code in names])
    chart = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            y=alt.Y("town:N", title=None),
            x=alt.X("value:Q", title=t("unit.heated")),
            yOffset="name:N",
            color=alt.Color("name:N", scale=colours, legend=None),
            tooltip=[
                alt.Tooltip("town:N", title=t("col.town")),
                alt.Tooltip("name:N", title=t("col.technology")),
                alt.Tooltip("text:N", title=t("col.heatable")),
            ],
        )
    )
    show(chart, 270)
    legend({names[code]: HEAT_COLOURS[code] for code in names})
    st.caption(t("heat.not_sum"))


@st.fragment
def _explore(store: Store) -> None:
    if "heat" not in store.layers:
        st.caption(t("heat.none"))
        return
    technology = st.segmented_control(
        t("col.technology"),
        HEAT_TECHNOLOGIES,
        default="deep",
        required=True,
        key=local("heat_technology"),
        format_func=lambda code: label("technology", code, language()),
    )
    one, two, _ = st.columns(3)
    with one:
        town = choose_town(store)
    with two:
        raster = _layer(store, technology)
    left, right = st.columns([2, 1], gap="medium")
    with left:
        shown = ("background",) if raster else ("heat", "background")
        view = View(
            show=shown, technologies=(technology,), raster=raster, go={"bounds": bounds_of(store, town)}
        )
        found = show_map(store, view, key="heat_map", height_px=500)
    with right:
        _why(store, found["picked"])
    text_table(_best(store, town, technology), tall=True)
    write_address()


def _layer(store: Store, technology: str) -> str | None:
    """Let the user choose what the map is coloured by; the blocks alone to begin with."""
    names = raster_names(store.run)
    offered = [f"{kind}_{technology}" for kind in ("class", "light", "suitability", "stability")]
    offered += ["best_technology", "nearest_well_km", *_OF_TECHNOLOGY[technology]]
    chosen = st.selectbox(
        t("heat.layer"),
        ["", *(name for name in offered if name in names)],
        key=local("heat_layer"),
        format_func=lambda code: name_of("raster", code) if code else t("heat.layer_none"),
    )
    return chosen or None


def _why(store: Store, picked: dict[str, Any] | None) -> None:
    """Show the picked block and the reasons there, or at a position that is typed."""
    text = st.text_input(t("heat.position"), placeholder="108.75, 34.28", key="heat_position")
    place = read_position(text) if text else None
    if text and place is None:
        st.caption(t("heat.position_wrong"))
    row = int(picked["row"]) if picked and picked["layer"] == "heat" else None
    if place is not None:
        st.markdown(f"##### {t('heat.why')}")
        why_block(store, *place)
        heat_cards(store, *place)
    elif row is not None:
        st.session_state["heat_picked"] = row
        site = store.layers["heat"].row(row)
        heat_panel(store, row)
        heat_cards(store, float(site["lon"]), float(site["lat"]))
    else:
        st.caption(t("heat.how"))


def _best(store: Store, town: str, technology: str) -> pd.DataFrame:
    heat = store.layers["heat"]
    keep = heat.columns["kind"] == HEAT_TECHNOLOGIES.index(technology)
    if town:
        keep = keep & (heat.columns["town"] == store.towns.index(town))
    rows = np.flatnonzero(keep)
    rows = rows[np.argsort(-np.nan_to_num(heat.columns["value"][rows]), kind="stable")[:BEST]]
    frame = heat.table.take(rows).to_pandas()
    names = town_names(store)
    return pd.DataFrame(
        {
            t("col.id"): frame["id"],
            t("col.town"): [names.get(str(code), str(code)) for code in frame["town"]],
            t("col.wells"): [count(value) for value in frame["wells"]],
            t("col.kw_year30"): [quantity(value, "kw") for value in frame["kw_year30"]],
            t("col.heatable"): [quantity(value, "m2") for value in frame["heatable_m2"]],
            t("col.demand_m2"): [quantity(value, "m2") for value in frame["demand_m2"]],
            t("col.lcoh"): [amount(value, t("unit.lcoh")) for value in frame["lcoh"]],
            t("col.suitability"): [name_of("suitability", code) for code in frame["suitability"]],
            t("col.binding"): [name_of("binding", code) for code in frame["binding"]],
        }
    )
