"""The first page: how far the targets are, what the new towns could bring, what is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from ui.blocks import UNITS, figures, meter, text_table
from ui.charts import stacked_towns, supply_chart, waterfall_chart
from ui.format import amount, count, percent, quantity, span
from ui.overview_progress import progress_by_town_and_year
from ui.page import footer, header, open_page, town_names
from ui.region import progress_of, progress_stamp
from ui.runs import current_store
from ui.tables import supply_curve, town_table, waterfall_steps
from ui.words import language, name_of, t

if TYPE_CHECKING:
    from tracking.progress import Progress
    from ui.store import Store


def page() -> None:
    """Show the page."""
    store = open_page()
    header(store, t("overview.title"), t("overview.lead"))
    _body(store.key, language(), progress_stamp(store))
    footer(store)


@st.cache_data(show_spinner=False, max_entries=8)
def _body(key: str, lang: str, stamp: str) -> None:
    """Show everything that is the same for all visitors; it is put together once and then only sent."""
    del key, lang, stamp
    store = current_store()
    progress = progress_of(store)
    _meters(progress)
    _totals(store)
    if not progress.targets.empty:
        st.subheader(t("overview.progress"))
        progress_by_town_and_year(store, progress)
    _towns(store)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(t("overview.waterfall"))
        st.caption(t("overview.waterfall_note"))
        waterfall_chart(waterfall_steps(store))
    with right:
        st.subheader(t("overview.supply"))
        st.caption(t("overview.supply_note"))
        supply_chart(supply_curve(store), _target_mw(progress))
    _open_questions(store, progress)


def _target_mw(progress: Progress) -> list[tuple[float, str]]:
    rows = progress.targets[progress.targets["measure"] == "pv_mw"].drop_duplicates("target")
    return [(row["value"], str(row["year"])) for _, row in rows.iterrows()]


def _meters(progress: Progress) -> None:
    """One meter for capacity and one for heated area; both years are marks on the same bar."""
    stocks = progress.targets
    if stocks.empty:
        st.info(t("overview.no_targets"))
        return
    for measure in UNITS:
        rows = stocks[(stocks["measure"] == measure) & (stocks["basis"] != "ac")].sort_values("year")
        if rows.empty:
            continue
        last = rows.iloc[-1]
        same = rows if measure == "pv_mw" else rows.iloc[-1:]  # an increment has no place on a stock's bar
        unknown = int(last["unknown_count"])
        note = t("overview.unknown_projects", n=unknown) if unknown else ""
        meter(last, [(row["value"], str(row["year"])) for _, row in same.iterrows()], note)


def _totals(store: Store) -> None:
    totals = store.run.manifest["totals"]
    kwp, kwh = totals["kwp_dc"], totals["kwh_year"]
    figures(
        [
            (
                t("overview.kwp"),
                quantity(kwp["central"], "kw"),
                span(kwp["low"], kwp["high"], "kw"),
            ),
            (t("overview.kwh"), quantity(kwh["p50"], "kwh"), f"P90 {quantity(kwh['p90'], 'kwh')}"),
            (t("overview.heatable"), quantity(totals.get("heatable_m2"), "m2"), t("overview.heatable_note")),
            (t("overview.sites"), count(totals["sites"]), t("overview.sites_note")),
        ]
    )


def _towns(store: Store) -> None:
    st.subheader(t("overview.towns"))
    table = town_table(store)
    left, right = st.columns([3, 2], gap="large")
    with left:
        text_table(_shown(table, store))
    with right:
        stacked_towns(store)


def _shown(table: pd.DataFrame, store: Store) -> pd.DataFrame:
    """Return the table in words and units."""
    names = {**town_names(store), "": t("app.all_towns")}
    rows: list[dict[str, Any]] = [
        {
            t("col.town"): names[str(row["town"])],
            t("col.area"): amount(float(row["planned_area_m2"]) / 1e6, t("unit.km2")),
            t("col.sites"): count(row["sites"]),
            t("col.kwp"): quantity(row["kwp"], "kw"),
            t("col.kwh"): quantity(row["kwh"], "kwh"),
            t("col.heatable"): quantity(row["heatable_m2"], "m2"),
            t("col.share"): percent(row["share"]),
        }
        for row in table.to_dict("records")
    ]
    return pd.DataFrame(rows)


def _open_questions(store: Store, progress: Progress) -> None:
    st.subheader(t("overview.open"))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{t('overview.unknown')}**")
        if progress.unknown.empty:
            st.caption(t("overview.none"))
        for _, row in progress.unknown.iterrows():
            st.markdown(f"- {row['name']} · {name_of('project', row['status'])}")
    with right:
        st.markdown(f"**{t('overview.not_checked')}**")
        titles = {rule["id"]: rule[f"title_{language()}"] for rule in store.run.manifest["rules"]}
        missing = store.run.manifest["not_checked"]
        if not missing:
            st.caption(t("overview.all_checked"))
        for rule in missing:
            st.markdown(f"- {titles.get(rule, rule)}")
