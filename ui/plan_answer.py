"""The plan on the page: worked out beside it, then sites by year, towns, map, what binds, and proposals."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd
import streamlit as st

from faults import YijianError
from tracking.plan_propose import propose
from tracking.plan_run import plan_run
from tracking.plan_words import InfeasiblePlanError
from ui.access import load_access, may, require
from ui.blocks import figures, text_table
from ui.charts import capacity_unit, show, to_unit
from ui.format import amount, count, quantity
from ui.jobs import desk
from ui.lit import lit_downloads, lit_map, rows_of, site_table
from ui.page import town_names
from ui.plan_form import plan_form
from ui.region import ledger_of, projects_of, region_of
from ui.signin import role_here
from ui.theme import ACCENT, HEAT
from ui.words import language, name_of, t

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracking.plan import Plan
    from tracking.plan_run import RunPlan
    from ui.jobs import Job
    from ui.store import Store

TABLES = ("town_min_mw", "town_max_mw", "type_share_min", "type_share_max", "milestones_mw")
PATIENCE_SECONDS = 1.5
"""How long the page waits before it shows the progress instead."""


def plan_section(store: Store) -> None:
    """Show the form, and the plan that was asked for."""
    options = plan_form(store)
    if options is not None:
        st.session_state["plan_options"] = options
    if "plan_options" not in st.session_state:
        st.info(t("plan.start"))
        return
    job = plan_job(store, st.session_state["plan_options"])
    if job.wait(PATIENCE_SECONDS):
        _answer(store, job)
    else:
        _waiting(job)


def plan_job(store: Store, options: dict[str, Any]) -> Job:
    """Return the job of a plan for the ledger as it stands; the first who asks starts it."""
    known = projects_of(store)
    state = tuple(zip(known["id"].astype(str), known.get("version", known["id"]).astype(str), strict=True))
    key = ("plan", store.key, tuple(options.items()), state)
    return desk().job(key, partial(_work, store, known, options))


def _work(
    store: Store, projects: pd.DataFrame, options: dict[str, Any], progress: Callable[[float, str], None]
) -> RunPlan:
    given: dict[str, Any] = {
        name: dict(value) if name in TABLES else value for name, value in options.items()
    }
    return plan_run(store.run, projects, region=region_of(store.run), progress=progress, **given)


@st.fragment(run_every=1.0)
def _waiting(job: Job) -> None:
    """Show how far the work is; the page is drawn anew when it is done."""
    if job.wait(0):
        st.rerun()
    stage = t(f"plan.stage.{job.stage}") if job.stage else t("plan.stage.queue")
    st.progress(
        min(max(job.share, 0.02), 1.0), text=t("plan.working", stage=stage, seconds=f"{job.seconds:.0f}")
    )


def _answer(store: Store, job: Job) -> None:
    try:
        found: RunPlan = job.future.result()
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
        _bindings(plan)
    with right:
        st.subheader(t("plan.map"))
        lit_map(store, rows_of(store, plan.sites["id"].astype(str).tolist()), key="plan_map")
    st.subheader(t("plan.by_town"))
    _towns(store, plan)
    st.subheader(t("plan.sites"))
    site_table(store, plan.sites)
    files, ledger = st.columns(2, gap="large")
    with files:
        _files(store, plan)
    with ledger:
        _propose(store, plan)


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
    if found.unknown_projects:
        st.warning(t("plan.unknown", n=found.unknown_projects))
    for note in found.notes:
        st.caption(note.zh if language() == "zh" else note.en)


def _years(plan: Plan) -> None:
    frame = plan.years.assign(
        value=to_unit(plan.years["cumulative_mw"] * 1000),
        goal=to_unit(plan.years["milestone_mw"] * 1000),
        text=[quantity(mw * 1000, "kw") for mw in plan.years["cumulative_mw"]],
        added=[quantity(mw * 1000, "kw") for mw in plan.years["mw"]],
    )
    bars = (
        alt.Chart(frame)
        .mark_bar(color=ACCENT)
        .encode(
            x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("value:Q", title=capacity_unit()),
            tooltip=[
                alt.Tooltip("year:O", title=t("plan.year")),
                alt.Tooltip("text:N", title=t("plan.stands")),
                alt.Tooltip("added:N", title=t("plan.adds")),
            ],
        )
    )
    goals = (
        alt.Chart(frame.dropna(subset=["goal"]))
        .mark_tick(color=HEAT, thickness=3)
        .encode(x="year:O", y="goal:Q")
    )
    show(alt.layer(bars, goals), 220)


def _towns(store: Store, plan: Plan) -> None:
    """Show what each town adds in each year, and its investment; then the same by type."""
    names = town_names(store)
    by_year = plan.towns.pivot_table(index="town", columns="year", values="mw", aggfunc="sum", fill_value=0.0)
    sums = plan.towns.groupby("town")[["sites", "mw", "capex", "gwh_year"]].sum()
    table = pd.DataFrame({t("col.town"): [names.get(str(code), str(code)) for code in sums.index]})
    for year in by_year.columns:
        table[str(year)] = [quantity(mw * 1000, "kw") for mw in by_year.loc[sums.index, year]]
    table[t("plan.adds")] = [quantity(mw * 1000, "kw") for mw in sums["mw"]]
    table[t("col.sites")] = [count(value) for value in sums["sites"]]
    table[t("col.capex")] = [quantity(value, "cny") for value in sums["capex"]]
    table[t("col.kwh")] = [quantity(value * 1e6, "kwh") for value in sums["gwh_year"]]
    text_table(table)
    types = plan.types
    text_table(
        pd.DataFrame(
            {
                t("col.type"): [name_of("type", str(code)) for code in types["type"]],
                t("plan.adds"): [quantity(value * 1000, "kw") for value in types["mw"]],
                t("col.sites"): [count(value) for value in types["sites"]],
                t("col.capex"): [quantity(value, "cny") for value in types["capex"]],
            }
        )
    )


def _bindings(plan: Plan) -> None:
    """Say what holds the plan up, and what it would be worth; what has room left stands folded below."""
    st.subheader(t("plan.bindings"))
    for binding in plan.bindings:
        if binding.binding:
            st.markdown(f"● {binding.zh if language() == 'zh' else binding.en}")
    slack = [binding for binding in plan.bindings if not binding.binding]
    if slack:
        with st.expander(t("plan.slack", n=len(slack))):
            for binding in slack:
                st.markdown(f"○ {binding.zh if language() == 'zh' else binding.en}")
    st.caption(t("plan.marks", gap=f"{plan.gap:.2%}"))


def _files(store: Store, plan: Plan) -> None:
    columns = [
        name for name in plan.sites.columns if name not in {"geometry", "kwh_month", "rules", "not_checked"}
    ]
    st.download_button(
        t("plan.download"),
        plan.sites[columns].to_csv(index=False).encode("utf-8-sig"),
        "yijian-plan.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
    lit_downloads(store, plan.sites["id"].astype(str).tolist(), "yijian-plan-sites", key="plan_files")


def _propose(store: Store, plan: Plan) -> None:
    """Offer to enter the plan into the ledger as proposals, to who may edit it."""
    ledger = ledger_of(store)
    if ledger is None:
        st.caption(t("ledger.none"))
        return
    with st.form("propose"):
        name = st.text_input(
            t("plan.propose_name"), t("plan.propose_default", year=plan.options.by), max_chars=60
        )
        who = st.text_input(t("ledger.who"), max_chars=40)
        allowed = may("edit", role_here(load_access()))
        sent = st.form_submit_button(t("plan.propose"), disabled=not allowed, icon=":material/playlist_add:")
        st.caption(t("plan.propose_how") if allowed else t("plan.propose_role"))
    if not sent:
        return
    try:
        require("edit", role_here(load_access()))
        done = propose(plan, ledger, who=who, name=name)
    except YijianError as error:
        st.error(str(error))
        return
    st.success(t("plan.proposed", n=len(done)))
