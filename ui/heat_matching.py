"""Matching and targets on the geothermal page: goals, baselines, what is unmet, pumps beside PV."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from assessment.heat_beside import electricity_beside
from assessment.heat_goals import GOALS
from assessment.heat_wells import order_of, wells_for_area
from assessment.run import HEAT_TECHNOLOGIES
from exports.labels import label
from potential.geothermal.economy import BASELINES
from ui.blocks import figures, text_table
from ui.format import count, percent, quantity, span
from ui.heat_progress import LAST_YEAR, ranges, targets
from ui.heat_tables import heat_blocks, heat_table
from ui.page import town_names
from ui.region import progress_of
from ui.runs import current_store
from ui.state import local
from ui.words import language, name_of, t

if TYPE_CHECKING:
    from ui.store import Store


@st.fragment
def matching(store: Store) -> None:
    """Show what each goal chooses and each baseline saves, and how far it carries."""
    goals = heat_table(store.key, "heat_goals")
    if goals is None or heat_blocks(store.key) is None:
        st.caption(t("heat.old_run"))
        return
    st.caption(t("match.lead"))
    left, right = st.columns(2)
    with left:
        goal = st.segmented_control(
            t("match.goal"),
            GOALS,
            default="cost",
            required=True,
            key=local("match_goal"),
            format_func=lambda code: t(f"goal.{code}"),
        )
    with right:
        baseline = st.segmented_control(
            t("planner.baseline"),
            BASELINES,
            default=BASELINES[0],
            required=True,
            key=local("match_baseline"),
            format_func=lambda code: t(f"baseline.{code}"),
        )
    own = goals[goals["goal"] == goal]
    _totals(own, baseline)
    _by_technology(own, baseline)
    _wells_for(store, goal)
    _beside(store)
    _cooling(store)
    targets(store, goals, goal)
    _alone(store)


def _totals(own: pd.DataFrame, baseline: str) -> None:
    whole = own.drop_duplicates("town")
    demand, unmet = whole["demand_kw"].sum(), whole["unmet_kw"].sum()
    other = next(name for name in BASELINES if name != baseline)
    area = own[["heatable_m2", "heatable_m2_p10", "heatable_m2_p90"]].sum()
    saved: dict[str, float] = {name: own[f"co2_t_year_{name}"].sum() for name in BASELINES}
    figures(
        [
            (
                t("col.heatable"),
                quantity(area["heatable_m2"], "m2"),
                span(area["heatable_m2_p10"], area["heatable_m2_p90"], "m2"),
            ),
            (
                t("match.unmet"),
                quantity(unmet, "kw"),
                t("match.unmet_note", share=percent(unmet / demand if demand else None, decimals=1)),
            ),
            (
                t("planner.co2"),
                quantity(saved[baseline], "t"),
                t("match.co2_other", name=t(f"baseline.{other}"), co2=quantity(saved[other], "t")),
            ),
            (t("planner.electricity"), quantity(1000 * own["electricity_mwh_year"].sum(), "kwh"), ""),
        ]
    )


def _by_technology(own: pd.DataFrame, baseline: str) -> None:
    sums = own.groupby("technology", observed=True).sum(numeric_only=True).reindex(list(HEAT_TECHNOLOGIES))
    heat_gj = 3.6 * sums["mwh_year"].to_numpy()
    cost = np.divide(sums["cost_cny_year"], heat_gj, out=np.full(len(sums), np.nan), where=heat_gj > 0)
    text_table(
        pd.DataFrame(
            {
                t("col.technology"): [label("technology", code, language()) for code in sums.index],
                t("col.heatable"): [quantity(value, "m2") for value in sums["heatable_m2"]],
                t("col.wells"): [count(value) for value in sums["wells"]],
                t("match.stranded"): [quantity(value, "kw") for value in sums["stranded_kw"]],
                f"{t('planner.lcoh')} ({t('unit.lcoh')})": [f"{value:.0f}" for value in cost],
                t("planner.co2"): [quantity(value, "t") for value in sums[f"co2_t_year_{baseline}"]],
            }
        )
    )


def _wells_for(store: Store, goal: str) -> None:
    """Say what the target takes, by the goal and by each technology alone, cheapest sites first."""
    targets = progress_of(store).targets
    wanted = targets[(targets["measure"] == "heat_m2") & (targets["year"] == LAST_YEAR)]["value"]
    if wanted.empty:
        return
    target = float(wanted.iloc[0])
    st.markdown(f"##### {t('match.wells30', area=quantity(target, 'm2'))}")
    orders = _orders(store.key)
    if goal not in orders:
        st.caption(t("heat.old_run"))
        return
    st.caption(t("match.wells30_note"))
    names = {goal: t(f"goal.{goal}")} | {
        code: t("match.only", name=label("technology", code, language())) for code in HEAT_TECHNOLOGIES
    }
    rows = {name: wells_for_area(orders[code], target) for code, name in names.items() if code in orders}
    columns = {
        t("match.supply"): list(rows),
        **{
            label("technology", code, language()): [count(told["wells"][code]) for told in rows.values()]
            for code in HEAT_TECHNOLOGIES
        },
        t("match.sites"): [count(told["sites"]) for told in rows.values()],
        t("match.reach"): [quantity(told["reached_m2"], "m2") for told in rows.values()],
    }
    text_table(pd.DataFrame(columns))


@lru_cache(maxsize=2)
def _orders(_key: str) -> dict[str, pd.DataFrame]:
    run = current_store().run
    found = {name: order_of(run, name) for name in (*GOALS, *HEAT_TECHNOLOGIES)}
    return {name: order for name, order in found.items() if order is not None}


@lru_cache(maxsize=2)
def _beside_of(key: str) -> pd.DataFrame:
    store, blocks = current_store(), heat_blocks(key)
    assert blocks is not None
    sites = store.layers["sites"]
    mercator = blocks[["id", "town", "electricity_mwh_year", "geometry"]].to_crs(3857)
    return electricity_beside(mercator, np.asarray(sites.centre, float), sites.number("kwh_year_p50") / 1000)


def _beside(store: Store) -> None:
    st.markdown(f"##### {t('match.pv')}")
    found = _beside_of(store.key)
    needed = found["electricity_mwh_year"] > 0
    enough = (found.loc[needed, "share"] >= 1).mean() if needed.any() else None
    st.caption(
        t(
            "match.pv_note",
            pumps=quantity(1000 * found["electricity_mwh_year"].sum(), "kwh"),
            pv=quantity(1000 * found.loc[needed, "pv_mwh_year"].sum(), "kwh"),
            share=percent(enough),
        )
    )
    sums = found.groupby("town")[["electricity_mwh_year", "pv_mwh_year"]].sum()
    names = town_names(store)
    text_table(
        pd.DataFrame(
            {
                t("col.town"): [names.get(str(code), str(code)) for code in sums.index],
                t("planner.electricity"): [quantity(1000 * v, "kwh") for v in sums["electricity_mwh_year"]],
                t("col.kwh"): [quantity(1000 * v, "kwh") for v in sums["pv_mwh_year"]],
            }
        )
    )


def _cooling(store: Store) -> None:
    blocks = heat_blocks(store.key)
    assert blocks is not None
    weight = blocks["shallow_kw_year30"].where(blocks["balance_gain_percent"].notna(), 0.0)
    gain = (blocks["balance_gain_percent"].fillna(0.0) * weight).sum() / max(weight.sum(), 1e-9)
    st.markdown(f"##### {t('match.cooling')}")
    st.caption(
        t(
            "match.cooling_note",
            asked=quantity(1000 * blocks["cooling_mwh_year"].sum(), "kwh"),
            served=quantity(1000 * blocks["cooling_served_mwh_year"].sum(), "kwh"),
            gain=percent(gain / 100),
        )
    )


def _alone(store: Store) -> None:
    alone = heat_table(store.key, "heat_alone")
    if alone is None:
        return
    st.markdown(f"##### {t('match.alone')}")
    names = town_names(store)
    text_table(
        pd.DataFrame(
            {
                t("col.town"): [names.get(str(code), str(code)) for code in alone["town"]],
                t("col.technology"): [label("technology", code, language()) for code in alone["technology"]],
                t("match.year1"): [quantity(value, "m2") for value in alone["heatable_m2_year1"]],
                t("match.year30"): [
                    f"{quantity(value, 'm2')} ({between})"
                    for value, between in zip(alone["heatable_m2"], ranges(alone), strict=True)
                ],
                t("col.wells"): [count(value) for value in alone["wells"]],
                t("col.binding"): [name_of("binding", code) for code in alone["binding"]],
            }
        )
    )
