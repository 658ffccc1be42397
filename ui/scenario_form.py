"""The controls of one side of the scenario page: they start from a scenario and give a scenario back."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import streamlit as st

from assessment.carbon_choice import MARGINAL, grid_factors
from assessment.run import PV_TYPES, STATUSES
from assessment.scenario import REFERENCE
from assessment.scenario_terms import MODULE
from assessment.tariff_choice import tariff_names
from ui.scenario_land import percent_slider, rule_reading, rules_off, sector_shares, type_shares
from ui.state import local
from ui.words import name_of, t

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assessment.scenario import Scenario
    from layers.catalog import Catalog
    from ui.store import Store

RATE = "costs.finance.discount_rate"
NO_LIMIT = 1.0
"""The cost limit that means none."""


def scenario_form(store: Store, start: Scenario, catalogs: Mapping[str, Catalog], key: str) -> Scenario:
    """Show the controls of one side; what they do not show stays as it was.

    Parameters
    ----------
    key
        Tells the sides apart; another one lets the controls start anew.
    """
    name = st.text_input(t("scenario.name"), start.name, max_chars=60, key=f"name_{key}")
    changed = _sliders(start, catalogs["costs"], key)
    with st.expander(t("scenario.prices"), expanded=start.terms.tariff is not None):
        changed["tariff"] = _tariff(start, catalogs, key)
    with st.expander(t("scenario.shares"), expanded=bool(start.terms.usable_share)):
        changed["share_factor"] = sector_shares(start, key)
        changed["usable_share"] = type_shares(start, catalogs, key)
    with st.expander(t("scenario.rules"), expanded=bool(start.rules_off) or start.reading != REFERENCE):
        reading = rule_reading(start, key)
        off = rules_off(store, start, key)
    with st.expander(t("scenario.more")):
        changed |= _more(start, catalogs, key)
    with st.expander(t("scenario.admit")):
        changed |= _admit(start, key)
    values = changed.pop("values")
    return replace(
        start,
        name=name,
        values=values,
        rules_off=frozenset(off),
        reading=reading,
        terms=replace(start.terms, **changed),
    )


def _sliders(start: Scenario, costs: Catalog, key: str) -> dict[str, Any]:
    terms = start.terms
    density_now, price_now = _common(terms.density_factor), price_factor(start, costs)
    one, two = st.columns(2)
    with one:
        density = percent_slider(t("scenario.density"), (50, 150), density_now, f"density_{key}")
        price = percent_slider(t("scenario.price"), (30, 200), price_now, f"price_{key}")
    with two:
        limit = min(terms.most_lcoe or NO_LIMIT, NO_LIMIT)
        most = st.slider(
            t("scenario.most_lcoe"), 0.15, NO_LIMIT, limit, 0.01, "%.2f", key=f"most_{key}",
            help=t("scenario.most_help"),
        )  # fmt: skip
        base = round(costs.value(RATE.removeprefix("costs.")) * 100, 1)
        own = round(start.values.get(RATE, base / 100) * 100, 1)
        rate = st.slider(t("scenario.rate"), 0.0, 15.0, own, 0.5, "%.1f %%", key=f"rate_{key}")
    values = dict(start.values)
    if rate != own:
        values.pop(RATE, None)
        values |= {} if rate == base else {RATE: rate / 100}
    if price != round(price_now * 100):
        values = {name: value for name, value in values.items() if not name.startswith("costs.capex.")}
        capex = {f"costs.capex.{kind}": costs.value(f"capex.{kind}") * price / 100 for kind in PV_TYPES}
        values |= {} if price == 100 else capex  # noqa: PLR2004 - per cent
    factors: Mapping[str, float] = terms.density_factor
    if density != round(density_now * 100):
        factors = {} if density == 100 else dict.fromkeys(PV_TYPES, density / 100)  # noqa: PLR2004 - per cent
    return {
        "values": MappingProxyType(values),
        "density_factor": factors,
        "most_lcoe": None if most >= NO_LIMIT else most,
    }


def price_factor(scenario: Scenario, costs: Catalog) -> float:
    """Return the factor on capital costs that a scenario's numbers come to; 1 where they differ by type."""
    ratios = {
        kind: scenario.values[name] / costs.value(f"capex.{kind}")
        for kind in PV_TYPES
        if (name := f"costs.capex.{kind}") in scenario.values
    }
    return _common(ratios)


def _common(factors: Mapping[str, float]) -> float:
    """Return the factor of all types, 1 where they have none or differ."""
    found = {round(value, 6) for value in factors.values()}
    return found.pop() if len(factors) == len(PV_TYPES) and len(found) == 1 else 1.0


def _more(start: Scenario, catalogs: Mapping[str, Catalog], key: str) -> dict[str, Any]:
    terms = start.terms
    reference = round(catalogs["modules"].value(MODULE) * 100, 1)
    own = reference if terms.module_efficiency is None else round(terms.module_efficiency * 100, 1)
    module = st.slider(t("scenario.module"), 16.0, 30.0, own, 0.1, "%.1f %%", key=f"module_{key}")
    names = grid_factors(catalogs["carbon"])
    factor = st.selectbox(
        t("scenario.carbon"),
        names,
        names.index(terms.carbon_factor) if terms.carbon_factor in names else 0,
        key=local(f"carbon_{key}"),
        format_func=factor_name,
    )
    life = st.checkbox(t("scenario.life"), terms.carbon_life, key=f"life_{key}")
    one, two = st.columns(2)
    target = one.number_input(t("plan.target"), 1.0, 100_000.0, terms.target_mw, 10.0, key=f"target_{key}")
    by = two.number_input(t("plan.by"), 2024, 2060, terms.by, key=f"by_{key}")
    moved = None if module == reference else module / 100
    return {
        "module_efficiency": terms.module_efficiency if module == own else moved,
        "carbon_factor": factor,
        "carbon_life": life,
        "target_mw": float(target),
        "by": int(by),
    }


def _tariff(start: Scenario, catalogs: Mapping[str, Catalog], key: str) -> str | None:
    """Choose the price table that self-use saves; None is the run's own prices."""
    if "tariffs" not in catalogs:
        st.caption(t("scenario.no_tariffs"))
        return start.terms.tariff
    names = [None, *tariff_names(catalogs["tariffs"])]
    chosen = st.selectbox(
        t("scenario.tariff"),
        names,
        names.index(start.terms.tariff) if start.terms.tariff in names else 0,
        key=local(f"tariff_{key}"),
        format_func=lambda code: t("scenario.tariff_none") if code is None else name_of("tariff", code),
    )
    if chosen is not None:
        st.caption(_prices(catalogs["tariffs"], chosen))
    return chosen


def _prices(tariffs: Catalog, name: str) -> str:
    """Say a price table in words: its spans of one price, and where the numbers are from."""
    table = list(tariffs.section(name).values())
    spans: list[list[float]] = []
    for hour, number in enumerate(table):
        if spans and spans[-1][2] == number.value:
            spans[-1][1] = hour + 1
        else:
            spans.append([hour, hour + 1, number.value])
    told = t("app.comma").join(f"{first:.0f}–{last:.0f} h {price:g}" for first, last, price in spans)
    return t("scenario.tariff_table", prices=told, source=table[0].source)


def factor_name(name: str) -> str:
    """Return a grid factor in words: scope, year, average or marginal."""
    parts = name.removeprefix("grid.").removeprefix(MARGINAL).split(".")
    words = " ".join([name_of("grid_scope", parts[0]), *parts[1:]])
    return (
        t("scenario.marginal", name=words) if name.startswith(MARGINAL) else t("scenario.average", name=words)
    )


def _admit(start: Scenario, key: str) -> dict[str, Any]:
    terms = start.terms
    types = st.pills(
        t("col.type"),
        PV_TYPES,
        selection_mode="multi",
        default=PV_TYPES if terms.types is None else terms.types,
        key=local(f"types_{key}"),
        format_func=lambda code: name_of("type", code),
    )
    statuses = st.pills(
        t("col.status"),
        STATUSES,
        selection_mode="multi",
        default=terms.statuses,
        key=local(f"status_{key}"),
        format_func=lambda code: name_of("status", code),
    )
    chosen = tuple(code for code in PV_TYPES if code in types)
    return {
        "types": None if chosen == PV_TYPES else chosen,
        "statuses": tuple(code for code in STATUSES if code in statuses),
    }
