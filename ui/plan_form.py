"""The form of the plan: target, aim, and every limit as an input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from assessment.run import PV_TYPES, STATUSES
from tracking.plan_model import OBJECTIVES
from ui.page import town_names, township_names
from ui.words import name_of, t

if TYPE_CHECKING:
    from ui.store import Store

FIRST_YEARS, LAST_YEARS = (2024, 2040), (2025, 2045)
PER_CENT = 100.0


def plan_form(store: Store) -> dict[str, Any] | None:
    """Ask for the options; return them when the form is sent."""
    with st.form("plan"):
        options = _target() | _limits()
        with st.expander(t("plan.towns")):
            options |= _towns(store)
        with st.expander(t("plan.types")):
            options |= _types()
        with st.expander(t("plan.more")):
            options |= _more(store)
        sent = st.form_submit_button(t("plan.go"), type="primary")
    return options if sent else None


def _target() -> dict[str, Any]:
    one, two, three, four = st.columns(4)
    target = one.number_input(t("plan.target"), 1.0, 100_000.0, 390.0, 10.0)
    by = two.number_input(t("plan.by"), *LAST_YEARS, 2030)
    start = three.number_input(t("plan.from"), *FIRST_YEARS, 2027)
    basis = four.selectbox(t("plan.basis"), ["dc", "ac"], format_func=lambda code: t(f"basis.{code}"))
    return {"target_mw": target, "by": int(by), "start_year": int(start), "basis": basis}


def _limits() -> dict[str, Any]:
    one, two, three, four = st.columns(4)
    objective = one.selectbox(
        t("plan.objective"), OBJECTIVES, format_func=lambda code: t(f"objective.{code}")
    )
    headroom = two.selectbox(
        t("plan.headroom"), ["kept", "ignored"], format_func=lambda code: t(f"headroom.{code}")
    )
    rate = three.number_input(t("plan.rate"), 0.0, None, None, 10.0, help=t("plan.empty"))
    budget = four.number_input(t("plan.budget"), 0.0, None, None, 1.0, help=t("plan.empty"))
    return {
        "objective": objective,
        "use_headroom": headroom == "kept",
        "build_rate_mw_year": rate or None,
        "budget_cny": budget * 1e8 if budget else None,
    }


def _towns(store: Store) -> dict[str, Any]:
    names = town_names(store)
    empty = pd.DataFrame(
        {
            "town": [names[town] for town in store.towns],
            "least": pd.Series([None] * len(store.towns), dtype="float64"),
            "most": pd.Series([None] * len(store.towns), dtype="float64"),
        }
    )
    table = _editor(
        empty, "town", t("col.town"), (t("plan.least_mw"), t("plan.most_mw")), most=None, key="plan_towns"
    )
    return {
        f"town_{side}_mw": _given(store.towns, table[column])
        for side, column in (("min", "least"), ("max", "most"))
    }


def _types() -> dict[str, Any]:
    empty = pd.DataFrame(
        {
            "type": [name_of("type", kind) for kind in PV_TYPES],
            "least": pd.Series([None] * len(PV_TYPES), dtype="float64"),
            "most": pd.Series([None] * len(PV_TYPES), dtype="float64"),
        }
    )
    headings = (t("plan.least_share"), t("plan.most_share"))
    table = _editor(empty, "type", t("col.type"), headings, most=PER_CENT, key="plan_types")
    return {
        f"type_share_{side}": tuple(
            (kind, value / PER_CENT) for kind, value in _given(PV_TYPES, table[column])
        )
        for side, column in (("min", "least"), ("max", "most"))
    }


def _editor(
    table: pd.DataFrame, name: str, title: str, headings: tuple[str, str], *, most: float | None, key: str
) -> pd.DataFrame:
    number = st.column_config.NumberColumn
    return st.data_editor(
        table,
        hide_index=True,
        width="stretch",
        key=key,
        disabled=[name],
        placeholder="—",
        column_config={
            name: title,
            "least": number(headings[0], min_value=0.0, max_value=most),
            "most": number(headings[1], min_value=0.0, max_value=most),
        },
    )


def _given(names: tuple[str, ...], values: pd.Series) -> tuple[tuple[str, float], ...]:
    return tuple((name, float(value)) for name, value in zip(names, values, strict=True) if pd.notna(value))


def _more(store: Store) -> dict[str, Any]:
    one, two = st.columns(2)
    year = one.number_input(t("plan.milestone_year"), *LAST_YEARS, None, help=t("plan.empty"))
    stood = two.number_input(t("plan.milestone_mw"), 0.0, None, None, 10.0, help=t("plan.empty"))
    names = township_names(store)
    without = st.multiselect(
        t("plan.without"), sorted(names), format_func=lambda code: names[code], placeholder="—"
    )
    statuses = st.pills(
        t("plan.statuses"),
        STATUSES,
        selection_mode="multi",
        default=STATUSES,
        format_func=lambda code: name_of("status", code),
    )
    return {
        "milestones_mw": ((int(year), float(stood)),) if year and stood else (),
        "without_townships": tuple(without),
        "statuses": tuple(statuses),
    }
