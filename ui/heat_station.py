"""What the station planner shows: heat by year, cost and carbon, what the numbers stand on, files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import streamlit as st

from ui.blocks import figures
from ui.charts import show
from ui.format import amount, percent, quantity
from ui.theme import HEAT_COLOURS
from ui.words import language, t

if TYPE_CHECKING:
    from assessment.heat_planner import Place, Plan, Wish

COLOUR = {"utype": HEAT_COLOURS["deep"], **HEAT_COLOURS}
LEAST_INLET_C = 4.0
INDEX_W_M2 = 40.0
"""Heat index of well-kept homes, for the floor area a station can serve."""


def result(wish: Wish, found: Plan) -> None:
    """Show the heat by year, or the inlets a duty needs, then cost and carbon."""
    said = found.report
    if wish.duty_kw is not None:
        years = [(t("planner.year", year=y), said[f"inlet_for_duty_year{y}_c"]) for y in found.years]
        figures([(name, amount(value, "°C"), t("planner.inlet_needed")) for name, value in years])
    else:
        figures(
            [
                (t("planner.year", year=row["year"]), quantity(row["kw"], "kw"), _range(row))
                for row in found.rows()
            ]
        )
        _chart(wish, found)
    _money(wish, found)


def _range(row: dict[str, float]) -> str:
    return f"{quantity(row['kw_low'], 'kw')} – {quantity(row['kw_high'], 'kw')}"


def _money(wish: Wish, found: Plan) -> None:
    said = found.report
    items = [
        (t("planner.mwh"), quantity(1000 * said["mwh_year"], "kwh"), ""),
        (t("planner.electricity"), quantity(1000 * said["electricity_mwh_year"], "kwh"), ""),
        (
            t("planner.area"),
            quantity(1000 * said["kw_year30"] / INDEX_W_M2, "m2"),
            t("planner.area_note", index=f"{INDEX_W_M2:.0f}"),
        ),
        (t("planner.capex"), quantity(said["capex_cny"], "cny"), ""),
        (t("planner.lcoh"), amount(said["lcoh_cny_gj"], t("unit.lcoh")), ""),
        (
            t("planner.co2"),
            quantity(said[f"co2_saved_{wish.baseline}_t_year"], "t"),
            t("planner.against", name=t(f"baseline.{wish.baseline}")),
        ),
    ]
    if "spacing_penalty_year30_percent" in said:
        penalty = percent(said["spacing_penalty_year30_percent"] / 100, decimals=1)
        items.insert(0, (t("planner.penalty"), penalty, ""))
    figures(items)


def _chart(wish: Wish, found: Plan) -> None:
    frame = pd.DataFrame(found.rows())
    x = alt.X("year:Q", title=None, axis=alt.Axis(values=list(found.years), format="d"))
    base = alt.Chart(frame).encode(x=x)
    band = base.mark_area(opacity=0.18, color=COLOUR[wish.kind]).encode(y="kw_low:Q", y2="kw_high:Q")
    line = base.mark_line(point={"color": COLOUR[wish.kind]}, color=COLOUR[wish.kind]).encode(
        y=alt.Y("kw:Q", title=t("planner.kw"), scale=alt.Scale(zero=True)),
        tooltip=[alt.Tooltip("year:Q"), alt.Tooltip("kw:Q", title=t("planner.kw"), format=",.0f")],
    )
    show(band + line, 220)


def notes(place: Place, wish: Wish, found: Plan) -> None:
    """Say what the numbers stand on, and what they do not say."""
    said = found.report
    st.caption(
        t(
            "planner.ground",
            gradient=f"{place.gradient_k_km:.1f}",
            sd=f"{place.gradient_sd_k_km:.1f}",
            rock=f"{place.conductivity_w_mk:.2f}",
            km=f"{place.nearest_well_m / 1000:.0f}",
        )
    )
    if wish.kind == "deep":
        lost = percent(said["spacing_penalty_year30_percent"] / 100, decimals=1)
        st.info(t("planner.no_interference", percent=lost))
        needed = said.get("inlet_for_duty_year30_c")
        if needed is not None and needed < LEAST_INLET_C:
            st.warning(t("planner.duty_cold", temp=f"{needed:.1f}"))
    elif wish.kind == "hydrothermal":
        st.info(t("planner.doublets", area=quantity(said["ground_per_doublet_m2"], "m2")))
    elif wish.kind == "shallow":
        st.info(said[f"note_{language()}"])


def downloads(place: Place, wish: Wish, found: Plan) -> None:
    """Offer the plan as a table and as JSON with formula and sources."""
    told = {"place": vars(place), "wish": vars(wish), "years": found.rows(), **found.report}
    left, right = st.columns(2)
    left.download_button(
        t("planner.csv"), _csv(found), "yijian-station.csv", "text/csv", key="planner_csv", width="stretch"
    )
    right.download_button(
        t("planner.json"),
        json.dumps(told, ensure_ascii=False, indent=1),
        "yijian-station.json",
        "application/json",
        key="planner_json",
        width="stretch",
    )


def _csv(found: Plan) -> bytes:
    """Return years, then inputs and results with their units, for a spreadsheet."""
    said = found.report
    rows: list[tuple[str, object, str]] = [
        (f"{name}_year{int(row['year'])}", row[name], "kW")
        for row in found.rows()
        for name in ("kw", "kw_low", "kw_high")
    ]
    rows += [(name, said[name], unit) for name, unit in said["units"].items()]
    rows += [(f"input_{name}", told["value"], told["unit"]) for name, told in said["inputs"].items()]
    return pd.DataFrame(rows, columns=["name", "value", "unit"]).to_csv(index=False).encode("utf-8-sig")
