"""The way to the target: the plan, the supply curve behind it, and the hours and lines it needs."""

from __future__ import annotations

import streamlit as st

from ui.page import footer, header, open_page
from ui.plan_answer import plan_section
from ui.plan_hours import hours_section
from ui.supply import supply_section
from ui.words import t

SECTIONS = {"plan": plan_section, "supply": supply_section, "hours": hours_section}


def page() -> None:
    """Show the page."""
    store = open_page()
    header(store, t("plan.title"), t("plan.lead"))
    chosen = st.segmented_control(
        t("plan.section"),
        list(SECTIONS),
        default="plan",
        required=True,
        key="plan_section",
        label_visibility="collapsed",
        format_func=lambda code: t(f"plan.section.{code}"),
    )
    SECTIONS[chosen or "plan"](store)
    footer(store)
