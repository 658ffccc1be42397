"""Both sides of the scenario page in numbers: what is possible, and what its energy is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from ui.blocks import text_table
from ui.format import amount, quantity
from ui.state import local
from ui.words import name_of, t

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Words = Callable[[float], str]

ALL = "all"
MEANS = ("lcoe", "kwh_value", "payback_years")
"""Columns that nothing has no value of."""


def potential_table(
    found: Mapping[str, pd.DataFrame], names: Mapping[str, str], towns: Mapping[str, str]
) -> None:
    """Show MW, GWh, cost and carbon of both sides by town.

    Parameters
    ----------
    found, names
        Sums by town, the whole in the row `all`, and the title of each side.
    towns
        Names of the rows.
    """
    columns: tuple[tuple[str, str, Words], ...] = (
        ("mw_dc", t("col.kwp"), lambda value: quantity(value * 1000, "kw")),
        ("gwh_year", t("col.kwh"), lambda value: quantity(value * 1e6, "kwh")),
        ("capex", t("col.capex"), lambda value: quantity(value, "cny")),
        ("lcoe", t("col.lcoe"), lambda value: amount(value, "")),
        ("co2_t_year", t("col.co2"), lambda value: quantity(value, "t")),
    )
    _show(found, names, columns, (t("col.town"), towns))


def worth_table(
    found: Mapping[str, Mapping[str, pd.DataFrame]], names: Mapping[str, str], towns: Mapping[str, str]
) -> None:
    """Show the value of a kWh, present value and payback of both sides, by town or by type.

    Parameters
    ----------
    found
        Sums of both sides by "town" and by "type".
    """
    st.subheader(t("scenario.worth"))
    group = st.segmented_control(
        t("scenario.worth_by"),
        list(found),
        default="town",
        format_func=lambda code: t(f"scenario.by_{code}_short"),
        key=local("worth_by"),
        label_visibility="collapsed",
        required=True,
    )
    columns: tuple[tuple[str, str, Words], ...] = (
        ("kwh_value", t("scenario.kwh_value"), lambda value: amount(value, "")),
        ("npv", t("scenario.npv"), lambda value: quantity(value, "cny")),
        ("payback_years", t("scenario.payback"), lambda value: amount(value, "")),
    )
    frames = found[group or "town"]
    types = {kind: name_of("type", kind) for frame in frames.values() for kind in frame.index}
    words = (t("col.town"), towns) if group != "type" else (t("col.type"), {**types, ALL: towns[ALL]})
    _show(frames, names, columns, words)
    st.caption(t("scenario.worth_how"))


def _show(
    found: Mapping[str, pd.DataFrame],
    names: Mapping[str, str],
    columns: tuple[tuple[str, str, Words], ...],
    rows: tuple[str, Mapping[str, str]],
) -> None:
    title, words = rows
    keys = dict.fromkeys(key for frame in found.values() for key in frame.index if key != ALL)
    table = []
    for key in [*keys, ALL]:
        row = {title: words.get(str(key), str(key))}
        for name, label, say in columns:
            for side, frame in found.items():
                missing = float("nan") if name in MEANS else 0.0
                value = frame.loc[key, name] if key in frame.index else missing
                row[f"{label} · {names[side]}"] = say(float(value))
        table.append(row)
    text_table(pd.DataFrame(table))
