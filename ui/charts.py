"""Charts, drawn in the browser from local code (Vega-Lite through Altair)."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd
import streamlit as st

from assessment.run import PV_TYPES, SECTORS
from ui.blocks import legend
from ui.format import quantity
from ui.page import town_names
from ui.rules import rule_title
from ui.theme import ACCENT, HEAT, INK, MUTED, ON_DARK, PV_COLOURS, SECTOR_COLOURS, SUN
from ui.words import language, name_of, t

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ui.store import Store

FONT = "Noto Sans SC"
KW_PER_STEP = {"zh": 10_000.0, "en": 1000.0}
"""Capacity axes are in 万千瓦 or MW."""


LABEL_LETTERS = 26
"""Letters in a line of a chart's label; half as many Chinese characters."""
LINES = "split(datum.value, '\\n')"
ROW = alt.Step(30)
"""Height of a chart whose rows are as many as its data."""


def on_ground(colour: str) -> str:
    """Return a colour of lines and words as it can be read on the page's ground, light or dark."""
    return ON_DARK.get(colour, colour) if st.context.theme.type == "dark" else colour


def show(chart: Any, height: int | alt.Step) -> None:  # noqa: ANN401 - any kind of chart
    """Show a chart at the width of its column."""
    styled = chart.properties(height=height).configure(font=FONT).configure_view(strokeWidth=0)
    styled = styled.configure_axis(
        grid=False, labelLimit=200, titleFontWeight="normal", titleColor=on_ground(MUTED)
    )
    st.altair_chart(styled, width="stretch")


def _show_plain(frame: pd.DataFrame, spec: dict[str, Any], height: int) -> None:
    """Show a chart that is written out: Altair takes longer to check one than a scenario takes to reckon."""
    axis = {"grid": False, "labelLimit": 200, "titleFontWeight": "normal", "titleColor": MUTED}
    config = {"font": FONT, "view": {"strokeWidth": 0}, "axis": axis}
    st.vega_lite_chart(frame, {**spec, "height": height, "config": config}, width="stretch")


def capacity_unit() -> str:
    """Return the unit of capacity axes in the session's language."""
    return t("unit.capacity")


def to_unit(kw: Any) -> Any:  # noqa: ANN401 - numbers and columns
    """Return kW in the unit of capacity axes."""
    return kw / KW_PER_STEP[language()]


def stacked_towns(store: Store) -> None:
    """Show capacity per town, stacked by sector."""
    sums = store.run.summary.groupby(["town", "sector"], observed=True)["kwp_dc_central"].sum().reset_index()
    sums["value"] = to_unit(sums["kwp_dc_central"])
    sums["town"] = sums["town"].astype(str).map(town_names(store))
    sums["sector"] = sums["sector"].astype(str)
    sums["name"] = [name_of("sector", code) for code in sums["sector"]]
    sums["text"] = [quantity(value, "kw") for value in sums["kwp_dc_central"]]
    names = [name_of("sector", code) for code in SECTORS]
    scale = alt.Scale(domain=names, range=[SECTOR_COLOURS[code] for code in SECTORS])
    chart = (
        alt.Chart(sums)
        .mark_bar()
        .encode(
            y=alt.Y("town:N", title=None, sort="-x"),
            x=alt.X("value:Q", title=capacity_unit()),
            color=alt.Color("name:N", scale=scale, legend=None),
            tooltip=[
                alt.Tooltip("town:N", title=t("col.town")),
                alt.Tooltip("name:N", title=t("col.sector")),
                alt.Tooltip("text:N", title=t("col.kwp")),
            ],
        )
    )
    show(chart, 230)
    legend({name_of("sector", code): SECTOR_COLOURS[code] for code in SECTORS})


def waterfall_chart(steps: pd.DataFrame) -> None:
    """Show what remains after each rule, largest loss first."""
    frame = steps.copy()
    frame["name"] = ["\n".join(wrapped(_step_name(rule))) for rule in frame["rule"]]
    ends = frame["rule"].isin(["all", "buildable"])
    frame["high"] = to_unit(frame["remaining_kwp"] + frame["taken_kwp"])
    frame["low"] = to_unit(frame["remaining_kwp"].where(~ends, 0.0))
    frame["part"] = ["whole" if end else "taken" for end in ends]
    frame["text"] = [
        quantity(row.remaining_kwp, "kw") if end else f"−{quantity(row.taken_kwp, 'kw')}"
        for row, end in zip(frame.itertuples(), ends, strict=True)
    ]
    base = alt.Chart(frame).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelOverlap=False, labelExpr=LINES))
    )
    colour = alt.Color("part:N", scale=alt.Scale(domain=["whole", "taken"], range=[ACCENT, SUN]), legend=None)
    bars = base.mark_bar(height=16).encode(
        x=alt.X("low:Q", title=capacity_unit()),
        x2="high:Q",
        color=colour,
        tooltip=[alt.Tooltip("name:N", title=t("col.rule")), alt.Tooltip("text:N", title=t("col.kwp"))],
    )
    words = base.mark_text(align="left", dx=5, color=on_ground(MUTED)).encode(x="high:Q", text="text:N")
    show(alt.layer(bars, words), ROW)


def wrapped(text: str) -> list[str]:
    """Return a label in at most two lines; what is longer ends in an ellipsis.

    Examples
    --------
    >>> wrapped("No photovoltaics on permanent basic farmland")
    ['No photovoltaics on', 'permanent basic farmland']
    >>> wrapped("永久基本农田禁止建设光伏"), wrapped("灌木林地：仅限覆盖度低于百分之五十")
    (['永久基本农田禁止建设光伏'], ['灌木林地：仅限覆盖度低于百', '分之五十'])
    """
    width = LABEL_LETTERS if text.isascii() else LABEL_LETTERS // 2
    return textwrap.wrap(text, width, max_lines=2, placeholder="…") or [""]


def _step_name(rule: str) -> str:
    return t(f"step.{rule}") if rule in ("all", "buildable") else rule_title(rule)


def supply_chart(curve: pd.DataFrame, targets: Sequence[tuple[float, str]]) -> None:
    """Show cumulative capacity against cost, with the targets as lines."""
    frame = curve.assign(value=to_unit(curve["cum_mw"] * 1000))
    line = (
        alt.Chart(frame)
        .mark_line(interpolate="step-before", color=ACCENT, strokeWidth=2)
        .encode(
            x=alt.X("value:Q", title=capacity_unit()),
            y=alt.Y("lcoe:Q", title=t("unit.lcoe"), scale=alt.Scale(zero=False)),
            tooltip=[
                alt.Tooltip("value:Q", title=capacity_unit(), format=",.1f"),
                alt.Tooltip("lcoe:Q", title=t("col.lcoe"), format=".3f"),
            ],
        )
    )
    marks = pd.DataFrame(
        {"value": [to_unit(mw * 1000) for mw, _ in targets], "year": [year for _, year in targets]}
    )
    rules = (
        alt.Chart(marks).mark_rule(color=on_ground(HEAT), strokeDash=[4, 3], aria=False).encode(x="value:Q")
    )
    style: dict[str, Any] = {"dy": 4, "baseline": "top", "color": on_ground(HEAT)}
    place: dict[str, Any] = {"x": "value:Q", "y": alt.value(0), "text": "year:N"}
    first = alt.Chart(marks.iloc[:-1]).mark_text(align="right", dx=-4, **style).encode(**place)
    last = alt.Chart(marks.iloc[-1:]).mark_text(align="left", dx=4, **style).encode(**place)
    show(alt.layer(line, rules, first, last), 300)


def sector_bars(store: Store, town: str) -> None:
    """Show capacity of one town by sector, split by type, with the range of each sector."""
    frame = store.run.summary
    frame = frame[frame["town"] == town]
    columns = ["kwp_dc_low", "kwp_dc_central", "kwp_dc_high"]
    sums = frame.groupby(["sector", "type"], observed=True)[columns].sum().reset_index()
    sums = sums.assign(
        value=to_unit(sums["kwp_dc_central"]),
        sector=[name_of("sector", str(code)) for code in sums["sector"]],
        name=[name_of("type", str(code)) for code in sums["type"]],
        text=[quantity(value, "kw") for value in sums["kwp_dc_central"]],
    )
    ends = frame.groupby("sector", observed=True)[columns].sum().reset_index()
    ends = ends.assign(
        sector=[name_of("sector", str(code)) for code in ends["sector"]],
        low=to_unit(ends["kwp_dc_low"]),
        high=to_unit(ends["kwp_dc_high"]),
    )
    present = [code for code in PV_TYPES if name_of("type", code) in set(sums["name"])]
    scale = alt.Scale(domain=[name_of("type", c) for c in present], range=[PV_COLOURS[c] for c in present])
    bars = (
        alt.Chart(sums)
        .mark_bar()
        .encode(
            y=alt.Y("sector:N", title=None, sort="-x"),
            x=alt.X("sum(value):Q", title=capacity_unit()),
            color=alt.Color("name:N", scale=scale, legend=None),
            tooltip=[
                alt.Tooltip("sector:N", title=t("col.sector")),
                alt.Tooltip("name:N", title=t("col.type")),
                alt.Tooltip("text:N", title=t("col.kwp")),
            ],
        )
    )
    whiskers = (
        alt.Chart(ends)
        .mark_rule(color=on_ground(INK), aria=False)
        .encode(y=alt.Y("sector:N", sort="-x"), x="low:Q", x2="high:Q")
    )
    show(alt.layer(bars, whiskers), 270)
    legend({name_of("type", code): PV_COLOURS[code] for code in present})
    st.caption(t("towns.whiskers"))


def town_bars(store: Store, frame: pd.DataFrame, colours: Mapping[str, str]) -> None:
    """Show capacity by town, one bar per side; columns town, side, mw_dc."""
    towns = town_names(store)
    frame = frame[["side"]].assign(
        town=[towns.get(str(code), str(code)) for code in frame["town"]],
        value=to_unit(frame["mw_dc"] * 1000),
        text=[quantity(value * 1000, "kw") for value in frame["mw_dc"]],
    )
    words = {"town": t("col.town"), "side": t("scenario.name"), "text": t("col.kwp")}
    bars = {
        "mark": "bar",
        "encoding": {
            "y": {"field": "town", "type": "nominal", "title": None},
            "yOffset": {"field": "side"},
            "x": {"field": "value", "type": "quantitative", "title": capacity_unit()},
            "color": _sides(colours),
            "tooltip": [{"field": name, "type": "nominal", "title": word} for name, word in words.items()],
        },
    }
    _show_plain(frame, bars, 300)


def curves_chart(frame: pd.DataFrame, colours: Mapping[str, str], targets_mw: Sequence[float]) -> None:
    """Show supply curves of several sides; columns side, lcoe, cum_mw."""
    frame = frame[["side", "lcoe"]].assign(value=to_unit(frame["cum_mw"] * 1000))
    across = {"field": "value", "type": "quantitative"}
    up = {"field": "lcoe", "type": "quantitative", "title": t("unit.lcoe"), "scale": {"zero": False}}
    lines = {
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
        "encoding": {
            "x": {**across, "title": capacity_unit()},
            "y": up,
            "color": _sides(colours),
            "strokeDash": {"field": "side", "type": "nominal", "legend": None},
        },
    }
    rules = {
        "data": {"values": [{"value": to_unit(mw * 1000)} for mw in targets_mw]},
        "mark": {"type": "rule", "color": HEAT, "strokeDash": [4, 3], "aria": False},
        "encoding": {"x": across},
    }
    _show_plain(frame, {"layer": [lines, rules]}, 300)


def _sides(colours: Mapping[str, str]) -> dict[str, Any]:
    scale = {"domain": list(colours), "range": list(colours.values())}
    return {"field": "side", "type": "nominal", "scale": scale, "legend": None}
