"""How far each town is, and what operates by year: the overview's progress."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import streamlit as st

from ui.blocks import UNITS, text_table
from ui.charts import show, to_unit
from ui.format import quantity
from ui.page import town_names
from ui.theme import ACCENT, HEAT
from ui.words import language, t

if TYPE_CHECKING:
    from tracking.progress import Progress
    from ui.store import Store

PARTS = ("operating", "under_construction", "approved", "proposed", "potential")
KW_PER_MW = 1000.0
M2_PER_STEP = {"zh": 1e4, "en": 1e6}
"""Axes of floor area are in 万平方米 or million m²."""


def progress_by_town_and_year(store: Store, progress: Progress) -> None:
    """Show, for capacity and for heated area, the amounts by town beside those by year with the targets."""
    for measure in UNITS:
        if not (progress.targets["measure"] == measure).any():
            continue
        st.markdown(f"**{t(f'target.{measure}')}**")
        left, right = st.columns([3, 2], gap="large")
        with left:
            text_table(by_town(progress, measure, town_names(store)))
        with right:
            _years(progress, measure)


def by_town(progress: Progress, measure: str, names: dict[str, str]) -> pd.DataFrame:
    """Return what operates, is built, approved and proposed, and what is possible, by town, in words.

    The capacity of a project that states no basis counts in none; it is in the list of what is unknown.
    """
    unit, scale = UNITS[measure]
    goals = progress.targets[(progress.targets["measure"] == measure) & (progress.targets["basis"] != "ac")]
    last = goals.sort_values("year", kind="stable").iloc[-1]  # the target of the meter
    rows = progress.towns[
        (progress.towns["target"] == last["target"]) & (progress.towns["basis"] == last["basis"])
    ]
    shown = {t("col.town"): [names.get(str(town), t("unknown").capitalize()) for town in rows["town"]]}
    for part in PARTS:
        label = t("overview.possible") if part == "potential" else t(f"progress.{part}")
        shown[label] = [quantity(float(value) * scale, unit) for value in rows[part]]
    shown[t("progress.unknown")] = [str(int(n)) for n in rows["unknown_count"]]
    return pd.DataFrame(shown)


def _years(progress: Progress, measure: str) -> None:
    """Show what operates at the end of each year, and the targets as ticks."""
    stocks = progress.targets[(progress.targets["measure"] == measure) & (progress.targets["basis"] != "ac")]
    years = progress.years[(progress.years["measure"] == measure) & (progress.years["basis"] != "ac")]
    years = years[years["year"] <= datetime.now(tz=UTC).year]
    if measure != "pv_mw":
        stocks = stocks.sort_values("year").tail(1)  # an increment has no place on a stock's scale
    goals = stocks[["year", "value"]].assign(amount=[scaled(measure, one) for one in stocks["value"]])
    bars = years.assign(amount=[scaled(measure, one) for one in years["operating"]])
    title = t("unit.capacity") if measure == "pv_mw" else t("unit.heated")
    x = alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0))
    y = alt.Y("amount:Q", title=title)
    built = alt.Chart(bars).mark_bar(color=ACCENT).encode(x=x, y=y, tooltip=["year:O", "amount:Q"])
    marks = (
        alt.Chart(goals)
        .mark_tick(color=HEAT, thickness=3, width=28)
        .encode(x="year:O", y="amount:Q", tooltip=["year:O", "amount:Q"])
    )
    show(alt.layer(built, marks), 230)
    undated = float(years["undated"].max()) if len(years) else 0.0
    unit, scale = UNITS[measure]
    st.caption(t("overview.years_note", undated=quantity(undated * scale, unit)))


def scaled(measure: str, value: float) -> float:
    """Return an amount of a measure in the unit of its axis in the session's language."""
    return float(to_unit(value * KW_PER_MW)) if measure == "pv_mw" else value / M2_PER_STEP[language()]
