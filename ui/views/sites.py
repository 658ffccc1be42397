"""The table of candidate sites: filter, sort, and take the choice away as a file."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
import streamlit as st

from assessment.run import PV_TYPES, SECTORS, STATUSES
from exports.labels import label
from ui.blocks import figures
from ui.downloads import downloads
from ui.filters import Filter
from ui.format import amount, count, quantity, span
from ui.map_parts import bounds_of
from ui.mapview import View, show_map
from ui.page import choose_town, footer, header, open_page
from ui.places import town_names, township_names
from ui.state import local, put, write_address
from ui.words import language, name_of, t

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from ui.store import Store

DIGITS = {"kwp_dc_central": 1, "kwh_year_p50": 0, "grid_distance_m": 0}
"""Of columns whose numbers are grouped by thousands."""
MOST_ROWS = 1000
MOST_CARDS = 15
COLUMNS = (
    *("id", "name", "kwp_dc_central", "type", "lcoe", "kwh_year_p50", "town", "township", "sector", "status"),
    *("payback_years", "co2_t_year", "grid_distance_m"),
)
"""Of the table, what is compared first."""
HEIGHT_PX = 520
"""Of the table and of the map beside it."""
ORDERS = {
    "kwp": ("kwp_dc_central", -1),
    "lcoe": ("lcoe", 1),
    "kwh": ("kwh_year_p50", -1),
    "grid": ("grid_distance_m", 1),
}
"""Orders of the table: column, and -1 for the largest first."""


def page() -> None:
    """Show the page."""
    store = open_page()
    header(store, t("sites.title"), t("sites.lead"))
    _body(store)
    footer(store)


@st.fragment
def _body(store: Store) -> None:
    chosen = _filter(store)
    rows = np.flatnonzero(chosen.mask(store))
    _totals(store, rows)
    order = st.segmented_control(
        t("sites.order"),
        list(ORDERS),
        default="kwp",
        required=True,
        key=local("sites_order"),
        format_func=lambda code: t(f"order.{code}"),
    )
    best = ranked(store, rows, order)
    frame = site_frame(store, best)
    table, place = st.columns([3, 2], gap="medium")
    with table:
        with st.container(key="sites_wide"):
            event = st.dataframe(
                frame,
                hide_index=True,
                width="stretch",
                height=HEIGHT_PX,
                placeholder="—",
                key="sites_table",
                on_select="rerun",
                selection_mode="single-row",
                column_config=_columns(),
                column_order=COLUMNS,
            )
            if rows.size > MOST_ROWS:
                st.caption(t("sites.more", shown=count(best.size), all=count(rows.size)))
        with st.container(key="sites_narrow"):
            _cards(frame.head(MOST_CARDS), rows.size)
    selected = [int(best[at]) for at in event.selection.rows]
    with place:
        picked = _map(store, chosen, selected)
    _open_selected(store, selected or picked)
    st.subheader(t("download.title"))
    downloads(
        store,
        "sites",
        "yijian-sites",
        key="sites",
        **chosen.choices(),
    )
    write_address()


def _filter(store: Store) -> Filter:
    """Edit the session's filter; the map shows the same choice."""
    state: Filter = st.session_state["filter"]
    one, two, three, four, five = st.columns([1.2, 2, 1.6, 1, 1], vertical_alignment="bottom")
    with one:
        town = choose_town(store)
    with two:
        types = st.multiselect(
            t("col.type"),
            PV_TYPES,
            state.types,
            key=local("sites_types"),
            placeholder=t("supply.all"),
            format_func=lambda code: name_of("type", code),
        )
    with three:
        statuses = st.multiselect(
            t("col.status"),
            STATUSES,
            state.statuses,
            key=local("sites_statuses"),
            placeholder=t("supply.all"),
            format_func=lambda code: name_of("status", code),
        )
    with four:
        least = st.number_input(t("filter.min_kwp"), 0.0, None, state.min_kwp, step=10.0, key="sites_min")
    with five:
        most = st.number_input(t("filter.max_lcoe"), 0.0, None, state.max_lcoe, step=0.01, key="sites_max")
    sectors = st.pills(
        t("col.sector"),
        SECTORS,
        selection_mode="multi",
        default=state.sectors,
        key=local("sites_sectors"),
        format_func=lambda code: name_of("sector", code),
    )
    new = Filter((), tuple(types), tuple(sectors), tuple(statuses), least or None, most or None)
    if new != state:
        put("filter", new)
    return Filter((town,) if town else (), new.types, new.sectors, new.statuses, new.min_kwp, new.max_lcoe)


def ranked(store: Store, rows: NDArray[np.int64], order: str) -> NDArray[np.int64]:
    """Return the first MOST_ROWS rows in the chosen order; unknown values come last."""
    column, sign = ORDERS[order]
    values = sign * store.layers["sites"].number(column)[rows]
    values = np.where(np.isnan(values), np.inf, values)
    if rows.size > MOST_ROWS:
        nearest = np.argpartition(values, MOST_ROWS)[:MOST_ROWS]
        rows, values = rows[nearest], values[nearest]
    return rows[np.argsort(values, kind="stable")]


def site_frame(store: Store, rows: NDArray[np.int64]) -> pd.DataFrame:
    """Return chosen rows as the page's table, codes in words."""
    wanted = [
        "id",
        "name",
        "town",
        "township",
        "type",
        "sector",
        "kwp_dc_central",
        "kwh_year_p50",
        "lcoe",
        "payback_years",
        "co2_t_year",
        "grid_distance_m",
        "status",
    ]
    frame = store.layers["sites"].table.select(wanted).take(rows).to_pandas()
    names, lang = town_names(store), language()
    frame["town"] = frame["town"].astype(str).map(names)
    frame["township"] = frame["township"].astype(str).map(township_names(store))
    for column in ("type", "sector", "status"):
        frame[column] = [label(column, str(code), lang) for code in frame[column]]
    return frame.round(DIGITS)


def _columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "id": st.column_config.TextColumn(t("col.id")),
        "name": st.column_config.TextColumn(t("col.name"), width="medium"),
        "town": t("col.town"),
        "township": t("col.township"),
        "type": t("col.type"),
        "sector": t("col.sector"),
        "kwp_dc_central": number(f"{t('col.kwp')} (kWp)", format="localized"),
        "kwh_year_p50": number(f"{t('col.kwh')} (kWh)", format="localized"),
        "lcoe": number(f"{t('col.lcoe')} ({t('unit.lcoe')})", format="%.3f"),
        "payback_years": number(f"{t('col.payback')} ({t('unit.years')})", format="%.1f"),
        "co2_t_year": number(f"{t('col.co2')} ({t('unit.t_year')})", format="%.1f"),
        "grid_distance_m": number(f"{t('col.grid')} (m)", format="localized"),
        "status": t("col.status"),
    }


def _totals(store: Store, rows: NDArray[np.int64]) -> None:
    sites = store.layers["sites"]
    low, central, high = (
        float(np.nansum(sites.number(f"kwp_dc_{name}")[rows])) for name in ("low", "central", "high")
    )
    figures(
        [
            (t("col.sites"), count(rows.size), ""),
            (t("col.kwp"), quantity(central, "kw"), span(low, high, "kw")),
            (t("col.kwh"), quantity(float(np.nansum(sites.number("kwh_year_p50")[rows])), "kwh"), "P50"),
            (t("col.capex"), quantity(float(np.nansum(sites.number("capex")[rows])), "cny"), ""),
        ]
    )


def _map(store: Store, chosen: Filter, selected: list[int]) -> list[int]:
    """Show the sites of the table on a map, which goes to the chosen row; return the row picked there."""
    town = chosen.towns[0] if len(chosen.towns) == 1 else None
    go: dict[str, Any] = {"bounds": bounds_of(store, town)}
    if selected:
        site = store.layers["sites"].row(selected[0])
        go = {"lat": site["lat"], "lon": site["lon"], "zoom": 17, "mark": True}
    view = View(filter=chosen, colour=st.session_state["by"], go=go)
    picked = show_map(store, view, key="sites_map", height_px=HEIGHT_PX)["picked"]
    return [int(picked["row"])] if picked and picked["layer"] == "sites" else []


def _cards(frame: pd.DataFrame, whole: int) -> None:
    """Show the first sites as cards that lead to the map, where the page is too narrow for the table."""
    lang = language()
    cards = "".join(
        f'<li><a href="map?lang={lang}&amp;site={quote(str(row["id"]))}">{escape(_title(row))}</a>'
        f"<span>{escape(_line(row))}</span></li>"
        for row in frame.to_dict("records")
    )
    st.html(f'<ol class="yj-cards">{cards}</ol>')
    if whole > len(frame):
        st.caption(t("sites.more", shown=count(len(frame)), all=count(whole)))


def _title(row: dict[Any, Any]) -> str:
    return str(row["name"]) if isinstance(row["name"], str) and row["name"] else str(row["id"])


def _line(row: dict[Any, Any]) -> str:
    size, cost = quantity(row["kwp_dc_central"], "kw"), amount(row["lcoe"], t("unit.lcoe"))
    return " · ".join((row["type"], row["town"], size, cost, row["status"]))


def _open_selected(store: Store, selected: list[int]) -> None:
    if not selected:
        st.caption(t("sites.pick"))
        return
    row = selected[0]
    site = store.layers["sites"].row(row)
    if st.button(t("sites.on_map", name=site["name"] or site["id"]), type="primary"):
        st.session_state["picked"], st.session_state["panel"] = {"layer": "sites", "row": row}, "site"
        st.session_state["go"] = {"lat": site["lat"], "lon": site["lon"], "zoom": 17, "mark": True}
        st.switch_page(st.session_state["pages"]["map"])
