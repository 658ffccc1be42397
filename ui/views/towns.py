"""One page per new town: what it could build, what the rules take, its best sites, its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from exports.labels import label
from ui.blocks import figures, text_table
from ui.charts import sector_bars, supply_chart, waterfall_chart
from ui.downloads import downloads, report_downloads
from ui.filters import Filter
from ui.format import amount, count, percent, quantity, span
from ui.map_parts import bounds_of
from ui.mapview import View, show_map
from ui.markup import table_html
from ui.page import choose_town, footer, header, open_page
from ui.places import town_names
from ui.region import projects_of
from ui.state import local
from ui.tables import supply_curve, town_table, waterfall_steps
from ui.views.sites import ranked, site_frame
from ui.words import language, name_of, t

if TYPE_CHECKING:
    from ui.store import Store

BEST = 10


def page() -> None:
    """Show the page."""
    store = open_page()
    header(store, t("towns.title"), t("towns.lead"))
    left, _ = st.columns([1, 3])
    with left:
        town = choose_town(store, all_towns=False)
    _figures(store, town)
    chart, place = st.columns([3, 2], gap="large")
    with chart:
        st.subheader(t("towns.by_sector"))
        sector_bars(store, town)
    with place:
        view = View(filter=Filter(towns=(town,)), colour="value", go={"bounds": bounds_of(store, town)})
        show_map(store, view, key=f"town_map_{town}", height_px=360)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(t("overview.waterfall"))
        waterfall_chart(waterfall_steps(store, town))
    with right:
        st.subheader(t("overview.supply"))
        supply_chart(supply_curve(store, town), [])
    _compare(store, town)
    _heat(store, town)
    _projects(store, town)
    _best(store, town)
    _files(store, town)
    footer(store)


def _figures(store: Store, town: str) -> None:
    table = town_table(store)
    row = table[table["town"] == town].iloc[0]
    figures(
        [
            (t("col.kwp"), quantity(row["kwp"], "kw"), t("towns.share", share=percent(row["share"]))),
            (t("col.kwh"), quantity(row["kwh"], "kwh"), "P50"),
            (t("col.heatable"), quantity(row["heatable_m2"], "m2"), ""),
            (t("col.sites"), count(row["sites"]), ""),
            (t("col.area"), amount(row["planned_area_m2"] / 1e6, t("unit.km2")), ""),
        ]
    )


def _compare(store: Store, town: str) -> None:
    """Put chosen towns side by side, one column each; this one is always there."""
    st.subheader(t("towns.compare"))
    names = town_names(store)
    others_of = [code for code in store.towns if code != town]
    others = st.pills(
        t("towns.compare_with"),
        others_of,
        selection_mode="multi",
        default=others_of,
        key=local(f"compare_{town}"),
        format_func=names.__getitem__,
    )
    rows = {str(row["town"]): row for row in town_table(store).to_dict("records")}
    chosen = [code for code in store.towns if code == town or code in (others or ())]
    columns = [_facts(rows[code], store, code) for code in chosen]
    body = [(name, *(facts[name] for facts in columns)) for name in columns[0]]
    heads = [t("col.town"), *(names[code] for code in chosen)]
    st.html(f'<div class="yj-wide">{table_html(heads, body, "", look="cards")}</div>')


def _facts(row: dict[Any, Any], store: Store, town: str) -> dict[str, str]:
    """Return what towns are compared by, in words."""
    sums = store.run.summary
    sums = sums[sums["town"] == town]
    area = row["planned_area_m2"]
    energy = float(sums["kwh_year_p50"].sum())
    cost = float((sums["lcoe"] * sums["kwh_year_p50"]).sum()) / energy if energy else float("nan")
    return {
        t("col.kwp"): quantity(row["kwp"], "kw"),
        t("col.range"): span(sums["kwp_dc_low"].sum(), sums["kwp_dc_high"].sum(), "kw"),
        t("towns.per_km2"): amount(row["kwp"] / 1000 / (area / 1e6), "MW/km²"),
        t("col.kwh"): quantity(row["kwh"], "kwh"),
        t("col.lcoe"): amount(cost, t("unit.lcoe")),
        t("col.capex"): quantity(sums["capex"].sum(), "cny"),
        t("col.co2"): quantity(sums["co2_t_year"].sum(), "t"),
        t("col.sites"): count(row["sites"]),
        t("col.heatable"): quantity(row["heatable_m2"], "m2"),
        t("col.area"): amount(area / 1e6, t("unit.km2")),
    }


def _heat(store: Store, town: str) -> None:
    frame = store.run.heat_summary
    frame = frame[frame["town"] == town]
    st.subheader(t("towns.heat"))
    text_table(
        pd.DataFrame(
            {
                t("col.technology"): [
                    label("technology", str(code), language()) for code in frame["technology"]
                ],
                t("col.wells"): [count(value) for value in frame["wells"]],
                t("col.kw_year30"): [quantity(value, "kw") for value in frame["kw_year30"]],
                t("col.heatable"): [quantity(value, "m2") for value in frame["heatable_m2"]],
                t("col.range"): [
                    span(low, high, "m2")
                    for low, high in zip(frame["heatable_m2_p10"], frame["heatable_m2_p90"], strict=True)
                ],
                t("col.co2"): [quantity(value, "t") for value in frame["co2_t_year"]],
            }
        )
    )


def _projects(store: Store, town: str) -> None:
    projects = projects_of(store)
    own = projects[projects["town"] == town]
    st.subheader(t("towns.projects"))
    if own.empty:
        st.caption(t("towns.no_projects"))
        return
    sizes = own[["capacity_mw_dc", "capacity_mw_ac", "capacity_mw_unstated"]].bfill(axis=1).iloc[:, 0]
    text_table(
        pd.DataFrame(
            {
                t("col.name"): own["name"],
                t("col.kind"): [name_of("project_kind", code) for code in own["kind"]],
                t("col.status"): [name_of("project", code) for code in own["status"]],
                t("col.size"): [
                    _size(kind, mw, m2)
                    for kind, mw, m2 in zip(own["kind"], sizes, own["heated_m2"], strict=True)
                ],
                t("col.source"): own["source"],
            }
        )
    )


def _size(kind: str, mw: float, m2: float) -> str:
    """Return the size of a project in the unit of its kind."""
    if kind == "pv":
        return quantity(mw * 1000, "kw")
    return quantity(m2, "m2") if kind == "geothermal" else "—"


def _best(store: Store, town: str) -> None:
    st.subheader(t("towns.best"))
    rows = np.flatnonzero(Filter(towns=(town,)).mask(store))
    frame = site_frame(store, ranked(store, rows, "kwp")[:BEST])
    text_table(
        pd.DataFrame(
            {
                t("col.id"): frame["id"],
                t("col.name"): frame["name"].fillna("—"),
                t("col.type"): frame["type"],
                t("col.kwp"): [quantity(value, "kw") for value in frame["kwp_dc_central"]],
                t("col.kwh"): [quantity(value, "kwh") for value in frame["kwh_year_p50"]],
                t("col.lcoe"): [amount(value, t("unit.lcoe")) for value in frame["lcoe"]],
                t("col.status"): frame["status"],
            }
        )
    )


def _files(store: Store, town: str) -> None:
    st.subheader(t("download.title"))
    st.caption(t("towns.files", town=town_names(store)[town]))
    report, pv, heat = st.columns(3, gap="large")
    with report:
        st.markdown(f"**{t('download.report')}**")
        report_downloads(store, town, key="town")
    with pv:
        st.markdown(f"**{t('download.sites')}**")
        downloads(store, "sites", f"yijian-{town}-pv", key="town_sites", town=town)
    with heat:
        st.markdown(f"**{t('download.heat')}**")
        downloads(store, "heat", f"yijian-{town}-heat", key="town_heat", town=town)
