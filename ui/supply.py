"""The supply curve of roofs and parcels: click a step, and its sites light up on the map and in a table."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from assessment.run import PV_TYPES
from tracking.grid import add_connection
from tracking.supply import Curve, supply_curve
from ui.blocks import figures, legend
from ui.board import run_catalogs
from ui.charts import FONT, capacity_unit, to_unit
from ui.format import amount, count, quantity
from ui.lit import lit_downloads, lit_map, rows_of, site_table
from ui.page import town_names
from ui.region import targets_of
from ui.runs import current_store
from ui.state import local
from ui.theme import HEAT, MUTED, PV_COLOURS, SECTOR_COLOURS
from ui.words import name_of, t

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ui.store import Store

COLUMNS = (
    *("id", "name", "town", "type", "owner", "status", "kwp_dc_central", "kwh_year_p50", "capex", "lcoe"),
    *("kw_ac", "grid_distance_m"),
)
GROUPS = ("type", "town", "owner")
STEPS = {"type": 30, "town": 40, "owner": 40}
PALETTE = (*SECTOR_COLOURS.values(), "#c77f0a", "#8a8880")


@lru_cache(maxsize=2)
def curve_sites(key: str) -> pd.DataFrame:
    """Return the columns of all sites that the curve and its table need."""
    table = current_store().layers["sites"].table
    frame = table.select([name for name in COLUMNS if name in table.column_names]).to_pandas()
    frame = frame.assign(owner=frame["owner"].fillna("unknown").astype(str))
    return add_connection(frame, run_catalogs(key)["grid"])


@lru_cache(maxsize=8)
def _curve(key: str, by: str, chosen: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[pd.DataFrame, Curve]:
    """Return the sites of a choice and their curve."""
    frame = curve_sites(key)
    for name, values in chosen:
        if values:
            frame = frame[frame[name].isin(values)]
    frame = frame.reset_index(drop=True)
    return frame, supply_curve(frame, by=(by,), steps_per_group=STEPS[by])


def supply_section(store: Store) -> None:
    """Show the curve with its filters, and the sites of what was clicked."""
    st.caption(t("supply.how"))
    by, chosen = _choices(store)
    frame, curve = _curve(store.key, by, chosen)
    if curve.steps.empty:
        st.info(t("supply.empty"))
        return
    clicked = _chart(store, curve, by)
    up_to = st.number_input(
        t("supply.up_to"), 0.0, None, None, 10.0, key="supply_mw", help=t("supply.up_to_help")
    )
    steps = steps_up_to(curve, float(up_to)) if up_to else clicked
    lit = sites_of_steps(frame, curve, steps)
    if lit.empty:
        st.info(t("supply.click"))
        return
    _lit(store, lit)


def _choices(store: Store) -> tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    frame, names = curve_sites(store.key), town_names(store)
    one, two, three, four = st.columns(4)
    by = one.selectbox(
        t("supply.by"), GROUPS, format_func=lambda code: t(f"col.{code}"), key=local("supply_by")
    )
    options: dict[str, Sequence[str]] = {
        "town": store.towns,
        "type": [kind for kind in PV_TYPES if kind in set(frame["type"])],
        "owner": sorted(frame["owner"].unique()),
    }
    chosen = tuple(
        (
            name,
            tuple(
                place.multiselect(
                    t(f"col.{name}"),
                    options[name],
                    key=local(f"supply_{name}"),
                    placeholder=t("supply.all"),
                    format_func=partial(_word, name, names),
                )
            ),
        )
        for name, place in (("town", two), ("type", three), ("owner", four))
    )
    return str(by), chosen


def _word(name: str, towns: Mapping[str, str], code: str) -> str:
    return towns.get(code, code) if name == "town" else name_of(name, code)


def _chart(store: Store, curve: Curve, by: str) -> list[int]:
    """Show the steps as blocks, capacity wide and cost high; return the numbers of those clicked."""
    words = town_names(store) if by == "town" else {}
    names = [words.get(str(code)) or name_of(by, str(code)) for code in curve.steps[by]]
    steps = curve.steps.assign(
        step=np.arange(len(curve.steps)),
        start=to_unit(curve.steps["cum_kwp_dc"] - curve.steps["kwp_dc"]),
        end=to_unit(curve.steps["cum_kwp_dc"]),
        group=names,
        size=[quantity(value, "kw") for value in curve.steps["kwp_dc"]],
    )
    colours = _colours(steps[[by, "group"]].drop_duplicates(), by)
    pick = alt.selection_point(name="pick", fields=["step"])
    blocks = (
        alt.Chart(steps)
        .mark_rect(stroke="white", strokeWidth=0.3, cursor="pointer")
        .encode(
            x=alt.X("start:Q", title=capacity_unit()),
            x2="end:Q",
            y=alt.Y("lcoe:Q", title=t("unit.lcoe")),
            y2=alt.datum(0),
            color=alt.Color(
                "group:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None
            ),
            opacity=alt.condition(pick, alt.value(1.0), alt.value(0.35)),
            tooltip=[
                alt.Tooltip("group:N", title=t(f"col.{by}")),
                alt.Tooltip("lcoe:Q", title=t("unit.lcoe"), format=".3f"),
                alt.Tooltip("size:N", title=t("col.kwp")),
                alt.Tooltip("sites:Q", title=t("col.sites"), format=","),
            ],
        )
        .add_params(pick)
    )
    marks = pd.DataFrame(
        {"value": [to_unit(one.value * 1000) for one in targets_of(store) if one.measure == "pv_mw"]}
    )
    rules = alt.Chart(marks).mark_rule(color=HEAT, strokeDash=[4, 3]).encode(x="value:Q")
    styled = (
        alt.layer(blocks, rules).properties(height=340).configure(font=FONT).configure_view(strokeWidth=0)
    )
    styled = styled.configure_axis(grid=False, titleFontWeight="normal", titleColor=MUTED)
    event: Any = st.altair_chart(
        styled, width="stretch", on_select="rerun", selection_mode="pick", key=f"supply_{by}"
    )
    legend(colours)
    picked = event.get("selection", {}).get("pick", []) if event else []
    return [int(one["step"]) for one in picked if 0 <= int(one["step"]) < len(steps)]


def _colours(groups: pd.DataFrame, by: str) -> Mapping[str, str]:
    own = {
        str(code): PALETTE[place % len(PALETTE)] for place, code in enumerate(sorted(groups[by].astype(str)))
    }
    known = PV_COLOURS if by == "type" else own
    return {str(name): known[str(code)] for name, code in zip(groups["group"], groups[by], strict=True)}


def steps_up_to(curve: Curve, mw: float) -> list[int]:
    """Return the steps that reach a capacity, cheapest first."""
    before = curve.steps["cum_kwp_dc"] - curve.steps["kwp_dc"]
    return np.flatnonzero(before.to_numpy() < mw * 1000 * (1 - 1e-9)).tolist()


def sites_of_steps(frame: pd.DataFrame, curve: Curve, steps: Sequence[int]) -> pd.DataFrame:
    """Return the sites behind steps, cheapest first."""
    parts = [curve.sites_of(frame, step) for step in steps]
    return pd.concat(parts).sort_values("lcoe", kind="stable") if parts else frame.iloc[:0]


def _lit(store: Store, lit: pd.DataFrame) -> None:
    cost = float(np.average(lit["lcoe"], weights=lit["kwh_year_p50"]))
    figures(
        [
            (t("col.sites"), count(len(lit)), ""),
            (t("col.kwp"), quantity(lit["kwp_dc_central"].sum(), "kw"), ""),
            (t("col.kwh"), quantity(lit["kwh_year_p50"].sum(), "kwh"), "P50"),
            (t("col.capex"), quantity(lit["capex"].sum(), "cny"), ""),
            (t("col.lcoe"), amount(cost, t("unit.lcoe")), t("scenario.mean")),
        ]
    )
    ids = lit["id"].astype(str).tolist()
    left, right = st.columns([3, 2], gap="large")
    with left:
        lit_map(store, rows_of(store, ids), key="supply_map")
    with right:
        site_table(store, lit)
        lit_downloads(store, ids, "yijian-supply-sites", key="supply_files")
