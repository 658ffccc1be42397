"""Scenarios: controls on two sides, totals of both at once, kept by name, as a file and in the address."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from assessment.scenario import Scenario
from faults import InputError, YijianError
from tracking.rule_sets import regained, rule_sets_of, waterfall_without
from tracking.scenario import from_address, needs_new_run, scenario_text, to_address
from tracking.whatif import SUMS
from ui.blocks import figures, legend
from ui.board import board_of, run_catalogs
from ui.charts import curves_chart, town_bars, waterfall_chart
from ui.format import amount, count, percent, quantity, span
from ui.page import footer, header, open_page, town_names
from ui.runs import current_store
from ui.scenario_files import scenario_files
from ui.scenario_form import scenario_form
from ui.scenario_tables import potential_table, worth_table
from ui.state import write_address
from ui.theme import ACCENT, SUN
from ui.words import t

if TYPE_CHECKING:
    from tracking.whatif import Results
    from ui.store import Store

SIDES = ("a", "b")
COLOURS = {"a": ACCENT, "b": SUN}


def page() -> None:
    """Show the page."""
    store = open_page()
    header(store, t("scenario.title"), t("scenario.lead"))
    _body(store)
    footer(store)


@lru_cache(maxsize=1)
def _sets(_key: str) -> pd.DataFrame | None:
    return rule_sets_of(current_store().run)


@lru_cache(maxsize=64)
def _outcome(key: str, address: str) -> tuple[Results, pd.DataFrame]:
    """Return a side's results and what comes back; the side that did not change is not reckoned again."""
    results = board_of(current_store()).apply(from_address(address))
    sets, off = _sets(key), _off(results.scenario)
    back = None if sets is None or not off else regained(sets, results, off)
    return results, pd.DataFrame(columns=["town", "type", "area_m2", *SUMS]) if back is None else back


def _off(scenario: Scenario) -> frozenset[str]:
    """Rules that the scenario leaves out and the run did not."""
    made = current_store().run.manifest.get("scenario")
    return scenario.rules_off - (
        Scenario.from_dict(made).rules_off if isinstance(made, dict) else frozenset()
    )


def sums_by(key: str, results: Results, back: pd.DataFrame) -> pd.DataFrame:
    """Return the sums by town or type with what comes back; the last row (all) is the whole."""
    sums = results.by(key)[list(SUMS)]
    if len(back):
        sums = sums.add(back.groupby(key)[list(SUMS)].sum(min_count=1), fill_value=0.0)
    sums.loc["all"] = sums.sum().where(sums["value_year"].notna().all() | (sums.columns != "value_year"))
    return results.with_means(sums)


@st.fragment
def _body(store: Store) -> None:
    columns = st.columns(2, gap="large")
    found: dict[str, pd.DataFrame] = {}
    results: dict[str, Results] = {}
    back: dict[str, pd.DataFrame] = {}
    for side, column in zip(SIDES, columns, strict=True):
        with column:
            st.markdown(f"#### {t(f'scenario.{side}')}")
            chosen = _controls(store, side)
            try:
                results[side], back[side] = _outcome(store.key, to_address(chosen))
            except YijianError as error:
                st.error(str(error))
                return
            found[side] = sums_by("town", results[side], back[side])
            _totals(results[side], found[side], back[side])
            _remarks(store, chosen, side)
    _compare(store, found, results, back)
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


def _totals(results: Results, towns: pd.DataFrame, back: pd.DataFrame) -> None:
    sums, terms = towns.loc["all"], results.scenario.terms
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
                t("scenario.sites", n=count(results.total()["sites"])),
            ),
        ]
    )
    if len(back):
        st.caption(t("scenario.regained", size=quantity(back["mw_dc"].sum() * 1000, "kw")))


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


def _compare(
    store: Store,
    found: dict[str, pd.DataFrame],
    results: dict[str, Results],
    back: dict[str, pd.DataFrame],
) -> None:
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
    by_type = {side: sums_by("type", results[side], back[side]) for side in SIDES}
    worth_table({"town": found, "type": by_type}, names, towns)
    _waterfalls(store, results, names)


def _waterfalls(store: Store, results: dict[str, Results], names: dict[str, str]) -> None:
    """Show what the rules take on the sides that switch some off."""
    sets = _sets(store.key)
    if sets is None:
        return
    order = [rule["id"] for rule in store.run.manifest["rules"]]
    sums = store.run.summary[["area_m2", "kwp_dc_central"]].sum()
    for side, result in results.items():
        if off := _off(result.scenario):
            st.subheader(f"{t('scenario.waterfall')} · {names[side]}")
            waterfall_chart(
                waterfall_without(sets, (float(sums["area_m2"]), float(sums["kwp_dc_central"])), order, off)
            )
