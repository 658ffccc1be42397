"""The controls of a scenario that speak of land: shares by sector and type, how rules are read, rules off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from assessment.run import PV_TYPES, SECTORS
from layers.rule_scenarios import load_rule_scenarios
from ui.rules import rule_title
from ui.scenario_sides import sets_of
from ui.state import local
from ui.words import language, name_of, t

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assessment.scenario import Scenario
    from layers.catalog import Catalog
    from ui.store import Store


def percent_slider(label: str, ends: tuple[int, int], now: float, key: str) -> int:
    """Show a slider from factor to per cent, in steps of five."""
    start = min(max(round(now * 100), ends[0]), ends[1])
    return int(st.slider(label, *ends, start, 5, "%d %%", key=key))


def sector_shares(start: Scenario, key: str) -> dict[str, float]:
    """Choose what society gives of the usable area, by sector, over what it was."""
    shares = {
        sector: percent_slider(
            name_of("sector", sector),
            (0, 200),
            start.terms.share_factor.get(sector, 1.0),
            f"share_{sector}_{key}",
        )
        for sector in SECTORS
    }
    return {sector: value / 100 for sector, value in shares.items() if value != 100}  # noqa: PLR2004 - per cent


def type_shares(start: Scenario, catalogs: Mapping[str, Catalog], key: str) -> dict[str, float]:
    """Choose the usable share itself for some types; the others keep each site's own."""
    own = start.terms.usable_share
    kinds = st.multiselect(
        t("scenario.type_shares"),
        PV_TYPES,
        [kind for kind in PV_TYPES if kind in own],
        format_func=lambda code: name_of("type", code),
        key=local(f"set_share_{key}"),
        placeholder=t("scenario.type_shares_none"),
        help=t("scenario.type_shares_help"),
    )
    shares = {}
    for kind in PV_TYPES:
        if kind in kinds:
            first = own.get(kind, catalogs["usable_share"].value(f"{kind}.default"))
            percent = st.slider(
                name_of("type", kind), 1, 100, max(round(first * 100), 1), 1, "%d %%", key=f"set_{kind}_{key}"
            )
            shares[kind] = first if percent == max(round(first * 100), 1) else percent / 100
    return shares


def rule_reading(start: Scenario, key: str) -> str:
    """Choose how the rules are read; another reading than the run's needs a new assessment."""
    readings = load_rule_scenarios()
    return str(
        st.radio(
            t("scenario.reading"),
            list(readings),
            list(readings).index(start.reading),
            key=local(f"reading_{key}"),
            format_func=lambda code: (
                readings[code].title_en if language() == "en" else readings[code].title_zh
            ),
            horizontal=True,
            help=t("scenario.reading_help"),
        )
    )


def rules_off(store: Store, start: Scenario, key: str) -> list[str]:
    """Choose rules that do not hold; they give back what only they take."""
    sets = sets_of(store.key)
    if sets is None:
        st.caption(t("scenario.no_sets"))
        return sorted(start.rules_off)
    taking = {rule for rules in sets["rules"].unique() for rule in rules.split("|")}
    known = [rule["id"] for rule in store.run.manifest["rules"] if rule["id"] in taking]
    shown = [*known, *sorted((taking | start.rules_off) - set(known))]
    off = st.multiselect(
        t("scenario.rules_off"),
        shown,
        sorted(start.rules_off),
        format_func=rule_title,
        key=local(f"rules_{key}"),
        placeholder="—",
    )
    st.caption(t("scenario.rules_how"))
    return list(off)
