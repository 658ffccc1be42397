"""Scenarios: controls on two sides, totals of both at once, kept by name, as a file and in the address."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from assessment.scenario import Scenario
from faults import InputError, YijianError
from tracking.rule_sets import regained, rule_sets_of, waterfall_without
from tracking.scenario import from_address, needs_new_run, to_address
from tracking.whatif import SUMS, Board, with_lcoe
from ui.blocks import figures, legend
from ui.charts import curves_chart, town_bars, waterfall_chart
from ui.format import amount, count, percent, quantity, span
from ui.page import footer, header, open_page, town_names
from ui.runs import current_store
from ui.scenario_files import scenario_files
from ui.scenario_form import scenario_form
from ui.state import write_address
from ui.theme import ACCENT, SUN
from ui.whatif import run_catalogs
from ui.words import t

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracking.whatif import Results
    from ui.store import Store

SIDES = ("a", "b")
COLOURS = {"a": ACCENT, "b": SUN}
COLUMNS = (
    *("town", "type", "sector", "status", "area_m2", "usable_m2", "capex", "lcoe", "kw_ac"),
    *("kwp_dc_low", "kwp_dc_central", "kwp_dc_high", "kwh_year_p50", "kwh_year_p90"),
)


def page() -> None:
    """Show the page."""
    store = open_page()
    header(store, t("scenario.title"), t("scenario.lead"))
    _body(store)
    footer(store)


@lru_cache(maxsize=2)
def _board(key: str, side: str) -> Board:
    """Return the sites laid out for scenarios; each side keeps what it reckoned last."""
    del side
    store = current_store()
    table = store.layers["sites"].table
    sites = table.select([name for name in COLUMNS if name in table.column_names]).to_pandas()
    return Board(sites, run_catalogs(key))


@lru_cache(maxsize=1)
def _sets(_key: str) -> pd.DataFrame | None:
    return rule_sets_of(current_store().run)


@lru_cache(maxsize=64)
def _outcome(key: str, side: str, address: str) -> tuple[Results, pd.DataFrame]:
    """Return one side's results and what comes back; the side that did not change is not reckoned again."""
    results = _board(key, side).apply(from_address(address))
    sets, off = _sets(key), _off(results.scenario)
    back = None if sets is None or not off else regained(sets, results, off)
    return results, pd.DataFrame(columns=["town", "type", "area_m2", *SUMS]) if back is None else back


def _off(scenario: Scenario) -> frozenset[str]:
    """Rules that the scenario leaves out and the run did not."""
    made = current_store().run.manifest.get("scenario")
    return scenario.rules_off - (
        Scenario.from_dict(made).rules_off if isinstance(made, dict) else frozenset()
    )


def sums_by_town(results: Results, back: pd.DataFrame) -> pd.DataFrame:
    """Return the sums by town with what comes back; the last row (all) is the whole."""
    sums = results.by("town")[list(SUMS)]
    if len(back):
        sums = sums.add(back.groupby("town")[list(SUMS)].sum(min_count=1), fill_value=0.0)
    sums.loc["all"] = sums.sum()
    return with_lcoe(sums)


@st.fragment
def _body(store: Store) -> None:
    columns = st.columns(2, gap="large")
    found: dict[str, pd.DataFrame] = {}
    results: dict[str, Results] = {}
    for side, column in zip(SIDES, columns, strict=True):
        with column:
            st.markdown(f"#### {t(f'scenario.{side}')}")
            chosen = _controls(store, side)
            try:
                results[side], back = _outcome(store.key, side, to_address(chosen))
            except YijianError as error:
                st.error(str(error))
                return
            found[side] = sums_by_town(results[side], back)
            _totals(results[side], found[side], back)
            _remarks(store, chosen)
    _compare(store, found, results)
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


def _remarks(store: Store, scenario: Scenario) -> None:
    """Say what of the scenario the page cannot show or apply."""
    comma = t("app.comma")
    if what := needs_new_run(scenario, store.run.manifest):
        st.warning(t("scenario.needs_run", what=comma.join(what)))
    also = [f"usable_share.{kind} = {value:g}" for kind, value in scenario.terms.usable_share.items()]
    if also:
        st.caption(t("scenario.also", what=comma.join(also)))


def _compare(store: Store, found: dict[str, pd.DataFrame], results: dict[str, Results]) -> None:
    names = {side: results[side].scenario.name for side in SIDES}
    if len(set(names.values())) < len(names):
        names = {side: f"{t(f'scenario.{side}')} · {name}" for side, name in names.items()}
    st.subheader(t("scenario.table"))
    st.dataframe(_table(store, found, names), hide_index=True, width="stretch")
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
    _waterfalls(store, results, names)


def _table(store: Store, found: dict[str, pd.DataFrame], names: dict[str, str]) -> pd.DataFrame:
    """Return MW, GWh, cost and carbon of both sides by town, in words and units."""
    towns = {**town_names(store), "all": t("scenario.all")}
    order = dict.fromkeys(key for frame in found.values() for key in frame.index if key != "all")
    columns: tuple[tuple[str, str, Callable[[float], str]], ...] = (
        ("mw_dc", t("col.kwp"), lambda value: quantity(value * 1000, "kw")),
        ("gwh_year", t("col.kwh"), lambda value: quantity(value * 1e6, "kwh")),
        ("capex", t("col.capex"), lambda value: quantity(value, "cny")),
        ("lcoe", t("col.lcoe"), lambda value: amount(value, "")),
        ("co2_t_year", t("col.co2"), lambda value: quantity(value, "t")),
    )
    rows = []
    for town in [*order, "all"]:
        row = {t("col.town"): towns.get(str(town), str(town))}
        for name, label, words in columns:
            for side in SIDES:
                frame = found[side]
                value = frame.loc[town, name] if town in frame.index else 0.0
                row[f"{label} · {names[side]}"] = words(float(value))
        rows.append(row)
    return pd.DataFrame(rows)


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
