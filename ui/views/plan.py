"""The plan that reaches the target: which sites, in which year, at what cost, and what holds it up."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd
import streamlit as st

from assessment.run import STATUSES
from faults import YijianError
from tracking.plan_model import OBJECTIVES
from tracking.plan_run import RunPlan, plan_run
from tracking.plan_words import InfeasiblePlanError
from ui.blocks import figures
from ui.charts import capacity_unit, show, to_unit
from ui.format import amount, count, quantity
from ui.page import footer, header, open_page, town_names
from ui.region import projects_of, region_of
from ui.runs import current_store
from ui.theme import ACCENT, HEAT
from ui.words import language, name_of, t

if TYPE_CHECKING:
    from tracking.plan import Plan
    from ui.store import Store

FIRST_YEARS, LAST_YEARS = (2024, 2040), (2025, 2045)


def page() -> None:
    """Show the page."""
    store = open_page()
    header(store, t("plan.title"), t("plan.lead"))
    options = _form(store)
    if options is not None:
        st.session_state["plan_options"] = options
    options = st.session_state.get("plan_options")
    if options is None:
        st.info(t("plan.start"))
    else:
        _answer(store, options)
    footer(store)


def _form(store: Store) -> dict[str, Any] | None:
    """Ask for the options; return them when the form is sent."""
    with st.form("plan"):
        one, two, three, four = st.columns(4)
        target = one.number_input(t("plan.target"), 1.0, 100_000.0, 390.0, 10.0)
        by = two.number_input(t("plan.by"), *LAST_YEARS, 2030)
        start = three.number_input(t("plan.from"), *FIRST_YEARS, 2027)
        basis = four.selectbox(t("plan.basis"), ["dc", "ac"], format_func=lambda code: t(f"basis.{code}"))
        one, two, three, four = st.columns(4)
        objective = one.selectbox(
            t("plan.objective"), OBJECTIVES, format_func=lambda code: t(f"objective.{code}")
        )
        headroom = two.selectbox(
            t("plan.headroom"), ["kept", "ignored"], format_func=lambda code: t(f"headroom.{code}")
        )
        rate = three.number_input(t("plan.rate"), 0.0, None, None, 10.0, help=t("plan.empty"))
        budget = four.number_input(t("plan.budget"), 0.0, None, None, 1.0, help=t("plan.empty"))
        statuses = st.pills(
            t("plan.statuses"),
            STATUSES,
            selection_mode="multi",
            default=STATUSES,
            format_func=lambda code: name_of("status", code),
        )
        with st.expander(t("plan.towns")):
            columns = st.columns(len(store.towns))
            least = {
                town: columns[place].number_input(
                    town_names(store)[town], 0.0, None, 0.0, 5.0, key=f"least_{town}"
                )
                for place, town in enumerate(store.towns)
            }
        sent = st.form_submit_button(t("plan.go"), type="primary")
    if not sent:
        return None
    return {
        "target_mw": target,
        "by": int(by),
        "start_year": int(start),
        "use_headroom": headroom == "kept",
        "basis": basis,
        "objective": objective,
        "build_rate_mw_year": rate or None,
        "budget_cny": budget * 1e8 if budget else None,
        "statuses": tuple(statuses),
        "town_min_mw": tuple((town, mw) for town, mw in least.items() if mw > 0),
    }


@lru_cache(maxsize=8)
def _plan(_key: str, options: tuple[tuple[str, Any], ...], projects: tuple[tuple[str, int], ...]) -> RunPlan:
    """Plan on the run; `projects` (id and version) only tells apart the states of the ledger."""
    del projects
    store = current_store()
    given = dict(options)
    given["town_min_mw"] = dict(given["town_min_mw"])
    return plan_run(store.run, projects_of(store), region=region_of(store.run), **given)


def _answer(store: Store, options: dict[str, Any]) -> None:
    known = projects_of(store)
    state = tuple(zip(known["id"].astype(str), known.get("version", known["id"]).astype(str), strict=True))
    try:
        with st.spinner(t("plan.working")):
            found = _plan(store.key, tuple(options.items()), state)
    except InfeasiblePlanError as error:
        st.error(error.zh if language() == "zh" else error.en)
        return
    except (ValueError, YijianError) as error:
        st.error(str(error))
        return
    plan = found.plan
    _summary(found)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(t("plan.years"))
        _years(plan)
    with right:
        st.subheader(t("plan.by_town"))
        _towns(store, plan)
    _bindings(plan)
    _sites(store, plan)


def _summary(found: RunPlan) -> None:
    plan, totals = found.plan, found.plan.totals
    figures(
        [
            (t("plan.existing"), quantity(found.existing_mw * 1000, "kw"), t("plan.existing.how")),
            (t("plan.adds"), quantity(totals["mw"] * 1000, "kw"), t(f"basis.{plan.options.basis}")),
            (t("col.sites"), count(totals["sites"]), ""),
            (t("col.capex"), quantity(totals["capex"], "cny"), ""),
            (t("col.kwh"), quantity(totals["gwh_year"] * 1e6, "kwh"), "P50"),
            (t("col.lcoe"), amount(totals["lcoe"], t("unit.lcoe")), t("scenario.mean")),
        ]
    )
    for note in found.notes:
        st.caption(note.zh if language() == "zh" else note.en)


def _years(plan: Plan) -> None:
    frame = plan.years.assign(
        value=to_unit(plan.years["cumulative_mw"] * 1000),
        goal=to_unit(plan.years["milestone_mw"] * 1000),
        text=[quantity(mw * 1000, "kw") for mw in plan.years["cumulative_mw"]],
    )
    bars = (
        alt.Chart(frame)
        .mark_bar(color=ACCENT)
        .encode(
            x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("value:Q", title=capacity_unit()),
            tooltip=[alt.Tooltip("year:O", title=t("plan.year")), alt.Tooltip("text:N", title=t("col.kwp"))],
        )
    )
    goals = (
        alt.Chart(frame.dropna(subset=["goal"]))
        .mark_tick(color=HEAT, thickness=3)
        .encode(x="year:O", y="goal:Q")
    )
    show(alt.layer(bars, goals), 260)


def _towns(store: Store, plan: Plan) -> None:
    sums = plan.towns.groupby("town")[["sites", "mw", "capex", "gwh_year"]].sum().reset_index()
    names = town_names(store)
    st.dataframe(
        pd.DataFrame(
            {
                t("col.town"): [names.get(str(code), str(code)) for code in sums["town"]],
                t("col.sites"): [count(value) for value in sums["sites"]],
                t("plan.adds"): [quantity(value * 1000, "kw") for value in sums["mw"]],
                t("col.capex"): [quantity(value, "cny") for value in sums["capex"]],
                t("col.kwh"): [quantity(value * 1e6, "kwh") for value in sums["gwh_year"]],
            }
        ),
        hide_index=True,
        width="stretch",
    )
    types = plan.types
    st.dataframe(
        pd.DataFrame(
            {
                t("col.type"): [name_of("type", str(code)) for code in types["type"]],
                t("col.sites"): [count(value) for value in types["sites"]],
                t("plan.adds"): [quantity(value * 1000, "kw") for value in types["mw"]],
            }
        ),
        hide_index=True,
        width="stretch",
    )


def _bindings(plan: Plan) -> None:
    st.subheader(t("plan.bindings"))
    for binding in plan.bindings:
        mark = "●" if binding.binding else "○"
        st.markdown(f"{mark} {binding.zh if language() == 'zh' else binding.en}")
    st.caption(t("plan.marks", gap=f"{plan.gap:.2%}"))


def _sites(store: Store, plan: Plan) -> None:
    st.subheader(t("plan.sites"))
    frame = plan.sites[["year", "id", "name", "town", "type", "status", "mw", "capex", "lcoe"]]
    names = town_names(store)
    st.dataframe(
        frame.head(1000).assign(
            town=[names.get(str(code), str(code)) for code in frame["town"].head(1000)],
            type=[name_of("type", str(code)) for code in frame["type"].head(1000)],
            status=[name_of("status", str(code)) for code in frame["status"].head(1000)],
        ),
        hide_index=True,
        width="stretch",
        height=320,
        placeholder="—",
        column_config=_columns(),
    )
    st.download_button(
        t("plan.download"),
        frame.to_csv(index=False).encode("utf-8-sig"),
        "yijian-plan.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
    )


def _columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "year": number(t("plan.year"), format="%d"),
        "id": t("col.id"),
        "name": t("col.name"),
        "town": t("col.town"),
        "type": t("col.type"),
        "status": t("col.status"),
        "mw": number(f"{t('plan.adds')} (MW)", format="%.3f"),
        "capex": number(f"{t('col.capex')} (CNY)", format="%.0f"),
        "lcoe": number(f"{t('col.lcoe')} ({t('unit.lcoe')})", format="%.3f"),
    }
