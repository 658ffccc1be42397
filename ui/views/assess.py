"""Assess from the page: choose a region and a scenario, watch it work, cancel it, show its run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

import streamlit as st

from assessment.estimate import estimate, size_of
from faults import YijianError
from layers.region import load_region
from ui.access import load_access, may
from ui.assessments import WORKERS, assessments, cancel, regions, start, use
from ui.blocks import facts
from ui.format import count, figures
from ui.page import footer, header, open_page
from ui.signin import role_here
from ui.state import local
from ui.words import language, name_of, t

if TYPE_CHECKING:
    from pathlib import Path

    from ui.assessments import Assessment

HALVES: tuple[Literal["sites", "heat"] | None, ...] = (None, "sites", "heat")
SHOWN = 8


def page() -> None:
    """Show the page."""
    store = open_page()
    header(store, t("assess.title"), t("assess.lead"))
    left, right = st.columns([1, 1.2], gap="large")
    with left:
        st.subheader(t("assess.new"))
        _form()
    with right:
        st.subheader(t("assess.list"))
        _list()
    footer(store)


def _form() -> None:
    known = regions()
    region = st.selectbox(
        t("assess.region"), list(known), key=local("assess_region"), format_func=_region_name
    )
    half = st.radio(
        t("assess.only"),
        HALVES,
        key=local("assess_only"),
        horizontal=True,
        format_func=lambda code: t(f"assess.only_{code or 'both'}"),
    )
    scenario = st.text_area(
        t("assess.scenario"),
        key="assess_scenario",
        height=150,
        placeholder=t("assess.scenario_how"),
        max_chars=20_000,
    )
    if st.button(t("assess.estimate"), key="assess_estimate"):
        st.session_state["assess_estimate_of"] = region
    if st.session_state.get("assess_estimate_of") == region:
        _estimate(known[region])
    allowed = may("administer", role_here(load_access()))
    if not allowed:
        st.caption(t("assess.not_allowed"))
    if st.button(t("assess.start"), type="primary", disabled=not allowed, key="assess_start"):
        try:
            start(region, scenario=scenario or "", only=half)
        except YijianError as error:
            st.error(str(error))


def _region_name(code: str) -> str:
    try:
        region = load_region(regions()[code])
    except YijianError:
        return code
    return region.name_en if language() == "en" else region.name_zh


def _estimate(region: Path) -> None:
    try:
        found = estimate(size_of(load_region(region)), workers=WORKERS)
    except YijianError as error:
        st.error(str(error))
        return
    seconds, memory = found.seconds, found.memory_mb
    facts(
        [
            (t("assess.objects"), f"{count(found.size.buildings)} + {count(found.size.parcels)}"),
            (t("assess.time"), f"{_minutes(seconds.low)}–{_minutes(seconds.high)} min"),
            (t("assess.memory"), f"{figures(memory.low / 1000)}–{figures(memory.high / 1000)} GB"),
        ]
    )


def _minutes(seconds: float) -> str:
    return figures(max(seconds / 60, 0.1), 2)


@st.fragment(run_every=2.0)
def _list() -> None:
    """Show the assessments, anew every two seconds: progress moves, and nothing is lost on reload."""
    found = assessments()[:SHOWN]
    if not found:
        st.caption(t("assess.none"))
    for one in found:
        with st.container(border=True):
            _one(one)


def _one(one: Assessment) -> None:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.started))
    st.markdown(f"**{_region_name(one.name)}** · {when} · {name_of('assess_state', one.state)}")
    if one.state == "running":
        st.progress(min(max(one.share, 0.0), 1.0), text=f"{100 * one.share:.0f} % · {one.stage}")
    if one.error:
        st.error(one.error)
    if not may("administer", role_here(load_access())):
        return
    if one.state == "running" and st.button(t("assess.cancel"), key=f"cancel_{one.folder.name}"):
        cancel(one)
        st.rerun(scope="fragment")
    if one.run is not None and st.button(t("assess.show"), key=f"show_{one.folder.name}"):
        use(one)
        st.rerun()
