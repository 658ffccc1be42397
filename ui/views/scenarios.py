"""Scenarios: controls on two sides, totals of both at once, kept by name, as a file and in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from assessment.scenario import Scenario
from faults import InputError, YijianError
from tracking.rule_sets import waterfall_without
from tracking.scenario import from_address, needs_new_run, scenario_text, to_address
from ui.blocks import figures, legend
from ui.board import run_catalogs
from ui.charts import curves_chart, town_bars, waterfall_chart
from ui.format import amount, count, percent, quantity, span
from ui.page import footer, header, open_page, town_names
from ui.scenario_files import scenario_files
from ui.scenario_form import scenario_form
from ui.scenario_sides import sets_of, side_of
from ui.scenario_tables import potential_table, worth_table
from ui.state import write_address
from ui.theme import ACCENT, SUN
from ui.words import t

if TYPE_CHECKING:
    from ui.scenario_sides import Side
    from ui.store import Store

SIDES = ("a", "b")
COLOURS = {"a": ACCENT, "b": SUN}


def page() -> None:
    """Show the page."""
    store = open_page()
    header(store, t("scenario.title"), t("scenario.lead"))
    _body(store)
    footer(store)


@st.fragment
def _body(store: Store) -> None:
    columns = st.columns(2, gap="large")
    sides: dict[str, Side] = {}
    for side, column in zip(SIDES, columns, strict=True):
        with column:
            st.markdown(f"#### {t(f'scenario.{side}')}")
            chosen = _controls(store, side)
            try:
                sides[side] = side_of(store.key, to_address(chosen))
            except YijianError as error:
                st.error(str(error))
                return
            _totals(sides[side])
            _remarks(store, chosen, side)
    _compare(store, sides)
    st.caption(t("scenario.note"))
    write_address()


def _controls(store: Store, side: str) -> Scenario:
    """Show the controls of one side; they start from what the address or a file said."""
    key = f"{side}_{st.session_state.get(f'reset_{side}', 0)}"
    start = _start(side)
    chosen = scenario_form(store, start, run_catalogs(store.key), key)
    with st.expander(t("scenario.file")):
        loaded = scenario_files(store, chosen, key)
    if st.button(t("scenario.reset"), key=f"reset_button_{side}"):
        loaded = Scenario()
    st.session_state[f"scenario_{side}"] = to_address(chosen if loaded is None else loaded)
    if loaded is not None:
        st.session_state[f"reset_{side}"] = st.session_state.get(f"reset_{side}", 0) + 1
        st.rerun(scope="fragment")
    return chosen


def _start(side: str) -> Scenario:
    try:
        return from_address(st.session_state.get(f"scenario_{side}", ""))
    except InputError:
        return Scenario()


def _totals(side: Side) -> None:
    sums, terms = side.towns.loc["all"], side.results.scenario.terms
    target = t("scenario.target", mw=quantity(terms.target_mw * 1000, "kw"), year=terms.by)
    figures(
        [
            (
                t("col.kwp"),
                quantity(sums["mw_dc"] * 1000, "kw"),
                span(sums["mw_dc_low"] * 1000, sums["mw_dc_high"] * 1000, "kw"),
            ),
            (t("scenario.of_target"), percent(sums["mw_dc"] / terms.target_mw), target),
            (t("col.kwh"), quantity(sums["gwh_year"] * 1e6, "kwh"), "P50"),
            (t("col.lcoe"), amount(sums["lcoe"], t("unit.lcoe")), t("scenario.mean")),
            (t("col.capex"), quantity(sums["capex"], "cny"), ""),
            (
                t("col.co2"),
                quantity(sums["co2_t_year"], "t"),
                t("scenario.sites", n=count(side.results.totals["sites"].sum())),
            ),
        ]
    )
    if len(side.back):
        st.caption(t("scenario.regained", size=quantity(side.back["mw_dc"].sum() * 1000, "kw")))


def _remarks(store: Store, scenario: Scenario, side: str) -> None:
    """Say what of the scenario the page cannot show or apply."""
    comma = t("app.comma")
    if what := needs_new_run(scenario, store.run.manifest):
        st.warning(t("scenario.needs_run", what=comma.join(map(_reason, what))))
        if st.button(t("scenario.assess"), key=f"assess_{side}", icon=":material/play_circle:"):
            st.session_state["assess_scenario"] = scenario_text(scenario)
            st.switch_page(st.session_state["pages"]["assess"])


def _reason(name: str) -> str:
    """Say what needs a new assessment: the word of the page, else the key of the file."""
    return t("scenario.reading") if name == "reading" else name


def _compare(store: Store, sides: dict[str, Side]) -> None:
    found = {side: one.towns for side, one in sides.items()}
    results = {side: one.results for side, one in sides.items()}
    names = {side: results[side].scenario.name for side in SIDES}
    if len(set(names.values())) < len(names):
        names = {side: f"{t(f'scenario.{side}')} · {name}" for side, name in names.items()}
    st.subheader(t("scenario.table"))
    towns = {**town_names(store), "all": t("scenario.all")}
    potential_table(found, names, towns)
    colours = {names[side]: COLOURS[side] for side in SIDES}
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(t("scenario.by_town"))
        rows = [
            frame.drop(index="all").assign(side=names[side]).reset_index() for side, frame in found.items()
        ]
        town_bars(store, pd.concat(rows), colours)
    with right:
        st.subheader(t("overview.supply"))
        lines = [result.curve.assign(side=names[side]) for side, result in results.items()]
        curves_chart(
            pd.concat(lines), colours, sorted({one.scenario.terms.target_mw for one in results.values()})
        )
    legend(colours)
    worth_table({"town": found, "type": {side: one.types for side, one in sides.items()}}, names, towns)
    _waterfalls(store, sides, names)


def _waterfalls(store: Store, sides: dict[str, Side], names: dict[str, str]) -> None:
    """Show what the rules take on the sides that switch some off."""
    sets = sets_of(store.key)
    if sets is None:
        return
    order = [rule["id"] for rule in store.run.manifest["rules"]]
    sums = store.run.summary[["area_m2", "kwp_dc_central"]].sum()
    for side, one in sides.items():
        if one.off:
            st.subheader(f"{t('scenario.waterfall')} · {names[side]}")
            whole = (float(sums["area_m2"]), float(sums["kwp_dc_central"]))
            waterfall_chart(waterfall_without(sets, whole, order, one.off))
