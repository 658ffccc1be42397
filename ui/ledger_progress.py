"""Progress on the ledger's page: targets and a look back, the forecast of the pipeline, each town's share."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd
import streamlit as st

from faults import YijianError
from tracking.allocation import KEYS
from tracking.outlook import Outlook, outlook, share_target
from ui.blocks import UNITS, text_table
from ui.board import run_catalogs
from ui.charts import show
from ui.format import count, percent, quantity
from ui.overview_progress import scaled
from ui.page import town_names
from ui.region import projects_of, targets_of
from ui.state import local
from ui.theme import ACCENT, HEAT
from ui.words import language, name_of, t

if TYPE_CHECKING:
    from ui.store import Store

LOOK_BACK = 2025


def progress_tab(store: Store) -> None:
    """Show the whole tab."""
    targets = targets_of(store)
    if not targets:
        st.info(t("overview.no_targets"))
        return
    found = outlook(
        targets,
        projects_of(store),
        store.run.summary,
        store.run.heat_summary,
        assumptions=run_catalogs(store.key)["pipeline"],
        towns=store.towns,
    )
    st.subheader(t("progress.look_back", year=LOOK_BACK))
    _targets(found, past=True)
    st.subheader(t("progress.ahead"))
    _targets(found, past=False)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(t("progress.forecast"))
        _forecast(found)
    with right:
        st.subheader(t("progress.shares"))
        _shares(store, found)
    _unknown(found)


def _amount(measure: str, value: object) -> str:
    unit, scale = UNITS[measure]
    return quantity(float(str(value)) * scale, unit)


def _targets(found: Outlook, *, past: bool) -> None:
    rows = []
    for row, met in zip(found.progress.targets.to_dict("records"), found.met.to_dict("records"), strict=True):
        if (row["year"] <= LOOK_BACK) != past:
            continue
        words = t(f"target.{row['measure']}")
        basis = f" · {t('basis.' + str(row['basis']))}" if row["basis"] else ""
        shown: dict[str, Any] = {
            t("progress.target"): f"{words}{basis}",
            t("plan.year"): str(row["year"]),
            t("progress.value"): _amount(row["measure"], row["value"]),
            t("progress.operating"): _amount(row["measure"], row["operating"]),
            t("progress.done"): _amount(row["measure"], row["progress"]),
            t("progress.share"): percent(row["share"]),
            t("progress.gap"): _amount(row["measure"], row["gap"]),
            t("progress.unknown"): count(row["unknown_count"]),
            t("progress.verdict"): t(f"met.{row['verdict_operating' if past else 'verdict']}"),
        }
        if not past:
            shown[t("progress.expected")] = t(f"outlook.{met['verdict']}")
        rows.append(shown)
    text_table(pd.DataFrame(rows))
    if past:
        st.caption(t("progress.look_back_how"))


def _forecast(found: Outlook) -> None:
    """Show what operates at the end of each year, with its range and the targets."""
    cases = found.forecasts[["measure", "basis"]].drop_duplicates().to_dict("records")
    place = st.selectbox(
        t("progress.what"),
        range(len(cases)),
        format_func=lambda one: " · ".join(
            [t(f"target.{cases[one]['measure']}")]
            + ([t(f"basis.{cases[one]['basis']}")] if cases[one]["basis"] else [])
        ),
        key=local("forecast_case"),
    )
    case = cases[int(place)]
    pick = (found.forecasts["measure"] == case["measure"]) & (found.forecasts["basis"] == case["basis"])
    frame = found.forecasts[pick]
    scale = partial(scaled, case["measure"])
    ends = ("low", "central", "high")
    frame = frame.assign(**{end: [scale(value) for value in frame[end]] for end in ends})
    goals = found.progress.targets
    goals = goals[(goals["measure"] == case["measure"]) & (goals["basis"] == case["basis"])]
    goals = goals.assign(goal=[scale(value) for value in goals["value"]])
    x = alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0))
    band = alt.Chart(frame).mark_area(color=ACCENT, opacity=0.18).encode(x=x, y="low:Q", y2="high:Q")
    title = t("unit.capacity") if case["measure"] == "pv_mw" else t("unit.heated")
    line = alt.Chart(frame).mark_line(color=ACCENT, point=True).encode(x=x, y=alt.Y("central:Q", title=title))
    marks = alt.Chart(goals).mark_tick(color=HEAT, thickness=3, width=28).encode(x="year:O", y="goal:Q")
    show(alt.layer(band, line, marks), 260)
    first = frame.iloc[0]
    undated = _amount(case["measure"], first["undated"])
    st.caption(t("progress.forecast_how", undated=undated, unknown=count(first["unknown_count"])))


def _shares(store: Store, found: Outlook) -> None:
    """Share a target of capacity among the towns by a chosen key."""
    rows = found.progress.targets[found.progress.targets["measure"] == "pv_mw"].to_dict("records")
    if not rows:
        st.caption(t("overview.no_targets"))
        return
    one, two = st.columns(2)
    place = one.selectbox(
        t("progress.target"),
        range(len(rows)),
        len(rows) - 2 if len(rows) > 1 else 0,
        format_func=lambda at: f"{rows[at]['year']} · {t('basis.' + rows[at]['basis'])}",
        key=local("share_target"),
    )
    zh = language() == "zh"
    key = two.selectbox(
        t("progress.key"),
        list(KEYS),
        format_func=lambda code: KEYS[code][0 if zh else 1],
        key=local("share_key"),
    )
    names = town_names(store)
    need = _need(store, names) if key == "need" else None
    row = rows[int(place)]
    try:
        table = share_target(
            found.progress, row["target"], row["basis"], key=str(key), summary=store.run.summary, need=need
        )
    except YijianError as error:  # the towns cannot hold it: an answer, not a mistake
        st.info(str(error))
        return
    text_table(
        pd.DataFrame(
            {
                t("col.town"): [names.get(town, town) for town in table["town"]],
                t("col.share"): [percent(value) for value in table["key"]],
                t("progress.value"): [quantity(value * 1000, "kw") for value in table["target"]],
                t("progress.operating"): [quantity(value * 1000, "kw") for value in table["built"]],
                t("progress.to_add"): [quantity(value * 1000, "kw") for value in table["to_add"]],
                t("progress.limited"): [t(f"limited.{code}") if code else "—" for code in table["limited"]],
            }
        )
    )
    st.caption(t("progress.shares_how"))


def _need(store: Store, names: dict[str, str]) -> dict[str, float]:
    columns = st.columns(len(store.towns))
    return {
        town: columns[place].number_input(names[town], 0.0, None, 1.0, 1.0, key=f"need_{town}")
        for place, town in enumerate(store.towns)
    }


def _unknown(found: Outlook) -> None:
    frame = found.progress.unknown
    st.subheader(t("progress.unknown_list", n=len(frame)))
    if frame.empty:
        st.caption(t("overview.none"))
        return
    text_table(
        pd.DataFrame(
            {
                t("col.name"): frame["name"],
                t("col.kind"): [name_of("project_kind", code) for code in frame["kind"]],
                t("col.status"): [name_of("project", code) for code in frame["status"]],
                t("col.source"): frame["source"],
            }
        )
    )
