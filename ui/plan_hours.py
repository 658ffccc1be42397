"""The hours of a plan by town, against a load; the lines its sites need; one site's economics in full."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from assessment.run import PV_TYPES
from faults import YijianError
from tracking.grid import read_load
from tracking.plan_hours import hours_by_type, plan_hours
from ui.blocks import text_table
from ui.charts import show
from ui.format import amount, percent, quantity
from ui.hours_all import MOST_CURTAILED, all_balances, all_days, all_sites
from ui.own_upload import save_upload
from ui.page import town_names
from ui.plan_answer import plan_job
from ui.region import region_of
from ui.site_economics import site_economics_panel
from ui.theme import PV_COLOURS
from ui.words import name_of, t

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.store import Store

LOAD_EXAMPLE = "time,town,kwh\n2025-01-01T00:00+08:00,fengdong,152000\n"


def hours_section(store: Store) -> None:
    """Show hours, lines and one site of the plan, or of all sites where there is no plan."""
    if not (store.run.path / "hourly.parquet").is_file():
        st.info(t("hours.none"))
        return
    chosen, planned = _sites(store)
    st.caption(t("hours.of_plan") if planned else t("hours.of_all"))
    one, two = st.columns(2, gap="large")
    with one:
        load = _load()
    with two:
        first = round(100 * MOST_CURTAILED)
        share = st.slider(
            t("hours.most"), 0, 30, first, 1, "%d %%", key="hours_most", help=t("hours.most_help")
        )
    try:
        if planned or load is not None:
            region = region_of(store.run)
            table = plan_hours(store.run, chosen, region=region, load=load, most_curtailed=share / 100)
        else:
            table = all_balances(store.key, share / 100)
    except YijianError as error:
        st.error(str(error))
        return
    st.subheader(t("hours.balance"))
    _balances(store, table, known=load is not None)
    _day(store, hours_by_type(store.run, chosen) if planned else all_days(store.key))
    if "connection_cny" in chosen:
        st.subheader(t("hours.lines"))
        _lines(store, chosen)
    st.subheader(t("hours.site"))
    site_economics_panel(store, chosen)


def _sites(store: Store) -> tuple[pd.DataFrame, bool]:
    """Return the plan's sites if a plan was made, else all sites of the run."""
    options = st.session_state.get("plan_options")
    if options is not None:
        job = plan_job(store, options)
        if job.wait(20.0) and job.future.exception() is None:
            return job.future.result().plan.sites, True
    return all_sites(store.key), False


def _load() -> pd.DataFrame | None:
    file = st.file_uploader(t("hours.load"), type=["csv"], key="hours_load", help=t("hours.load_help"))
    st.download_button(
        t("hours.example"), LOAD_EXAMPLE, "load.csv", "text/csv", on_click="ignore", key="hours_example"
    )
    if file is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = save_upload(Path(folder), file.name, file.getvalue())
        try:
            return read_load(path)
        except YijianError as error:
            st.error(str(error))
            return None


def _balances(store: Store, table: pd.DataFrame, *, known: bool) -> None:
    names = town_names(store)
    shown = pd.DataFrame({t("col.town"): [names.get(str(town), str(town)) for town in table["town"]]})
    for name, label, words, side in _columns(known=known):
        shown[label] = [
            _bounded(words(value), value, side if headroom == "part" else "")
            for value, headroom in zip(table[name], table["headroom"], strict=True)
        ]
    shown[t("hours.headroom")] = [_headroom(row) for _, row in table.iterrows()]
    text_table(shown)
    st.caption(f"{t('hours.how')} {'' if known else t('hours.no_load')}")


def _columns(*, known: bool) -> list[tuple[str, str, Callable[[float], str], str]]:
    """Name each column, its title, its words, and the side of the truth where headroom is partly known."""

    def kwh(gwh: float) -> str:
        return quantity(gwh * 1e6, "kwh")

    def share(value: float) -> str:
        return percent(value, decimals=1)

    of_load = [
        ("used_gwh", t("hours.used"), kwh, ""),
        ("bought_gwh", t("hours.bought"), kwh, ""),
        ("self_sufficiency", t("hours.self_sufficiency"), share, ""),
    ]
    return [
        ("made_gwh", t("hours.made"), kwh, ""),
        *(of_load if known else []),
        ("exported_gwh", t("hours.exported"), kwh, "≥ "),
        ("curtailed_gwh", t("hours.curtailed"), kwh, "≤ "),
        ("curtailed_share", t("hours.curtailed_share"), share, "≤ "),
        ("peak_export_mw", t("hours.peak"), lambda value: quantity(value * 1000, "kw"), "≥ "),
        ("storage_needed_mwh", t("hours.storage"), lambda value: amount(value, "MWh"), "≤ "),
    ]


def _bounded(words: str, value: float, side: str) -> str:
    """Say a value as a bound; what is nothing at most is nothing."""
    nothing = side == "≤ " and value == 0
    return words if nothing or np.isnan(value) else f"{side}{words}"


def _headroom(row: pd.Series[Any]) -> str:
    """Say what the substations of a town take, and how many of them do not say."""
    known = quantity(row["known_mw"] * 1000, "kw")
    if row["headroom"] == "all":
        return known
    missing = t("hours.headroom_missing", n=row["unknown_substations"])
    return t("unknown") if row["headroom"] == "none" else f"{known} + {missing}"


def _day(store: Store, frame: pd.DataFrame) -> None:
    """Show the mean day of one town, stacked by type."""
    names = town_names(store)
    towns = sorted(frame["town"].astype(str).unique())
    if not towns:
        return
    town = st.selectbox(
        t("col.town"), towns, format_func=lambda code: names.get(code, code), key="hours_town"
    )
    here = frame[frame["town"] == town].assign(mw=lambda table: table["kwh"] / 1000)
    present = [kind for kind in PV_TYPES if kind in set(here["type"])]
    here = here.assign(name=[name_of("type", str(kind)) for kind in here["type"]])
    scale = alt.Scale(
        domain=[name_of("type", kind) for kind in present], range=[PV_COLOURS[kind] for kind in present]
    )
    chart = (
        alt.Chart(here)
        .mark_area(interpolate="monotone")
        .encode(
            x=alt.X("hour:Q", title=t("hours.hour"), axis=alt.Axis(tickCount=12)),
            y=alt.Y("mw:Q", title="MW", stack=True),
            color=alt.Color("name:N", scale=scale, title=None, legend=alt.Legend(orient="bottom", columns=4)),
            tooltip=[
                alt.Tooltip("hour:Q", title=t("hours.hour")),
                alt.Tooltip("name:N", title=t("col.type")),
                alt.Tooltip("mw:Q", title="MW", format=".1f"),
            ],
        )
    )
    show(chart, 280)


def _lines(store: Store, chosen: pd.DataFrame) -> None:
    """Show what reaching the substations takes, by town; the cost of each site is in the plan's table."""
    names = town_names(store)
    groups = chosen.groupby("town", observed=True)
    far, cost, capex = (
        groups["grid_distance_m"].median(),
        groups["connection_cny"].sum(min_count=1),
        groups["capex"].sum(),
    )
    text_table(
        pd.DataFrame(
            {
                t("col.town"): [names.get(str(town), str(town)) for town in far.index],
                t("hours.distance"): [quantity(value, "m") for value in far],
                t("col.connection"): [quantity(value, "cny") for value in cost],
                t("hours.of_capex"): [percent(value, decimals=1) for value in cost / capex],
            }
        )
    )
    st.caption(t("hours.lines_how"))
