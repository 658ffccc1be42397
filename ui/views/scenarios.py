"""Scenarios: sliders on two sides, totals of both at once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import streamlit as st

from assessment.run import PV_TYPES, SECTORS, STATUSES
from faults import InputError
from ui.blocks import figures, legend
from ui.charts import capacity_unit, show, to_unit
from ui.format import amount, count, percent, quantity, span
from ui.page import footer, header, open_page, town_names
from ui.region import progress_of
from ui.runs import current_store
from ui.state import local, write_address
from ui.theme import ACCENT, HEAT, SUN
from ui.whatif import Base, WhatIf, discount_rate, outcome
from ui.words import name_of, t

if TYPE_CHECKING:
    from ui.store import Store
    from ui.whatif import Outcome

SIDES = ("a", "b")
COLOURS = {"a": ACCENT, "b": SUN}


def page() -> None:
    """Show the page."""
    store = open_page()
    header(store, t("scenario.title"), t("scenario.lead"))
    _body(store)
    footer(store)


@lru_cache(maxsize=1)
def _base(_key: str) -> Base:
    return Base.of(current_store())


@lru_cache(maxsize=64)
def _outcome(key: str, scenario: str, rate: float) -> Outcome:
    """Return one side's outcome; the side that did not change is not reckoned again."""
    return outcome(_base(key), WhatIf.parse(scenario), current_store().towns, rate)


@st.fragment
def _body(store: Store) -> None:
    rate = discount_rate(store)
    columns = st.columns(2, gap="large")
    found: dict[str, Outcome] = {}
    for side, column in zip(SIDES, columns, strict=True):
        with column:
            st.markdown(f"#### {t(f'scenario.{side}')}")
            chosen = _sliders(side, rate)
            st.session_state[f"scenario_{side}"] = chosen.text()
            found[side] = _outcome(store.key, chosen.text(), rate)
            _totals(store, found[side])
    _compare(store, found)
    legend({t(f"scenario.{side}"): COLOURS[side] for side in SIDES})
    st.caption(t("scenario.note"))
    write_address()


def _sliders(side: str, rate: float) -> WhatIf:
    """Show the sliders of one side; they start from what the address said."""
    start = _start(side)
    key = f"{side}_{st.session_state.get(f'reset_{side}', 0)}"
    one, two = st.columns(2)
    with one:
        density = st.slider(
            t("scenario.density"), 50, 150, round(start.density * 100), 5, "%d %%", key=f"density_{key}"
        )
        price = st.slider(
            t("scenario.price"), 30, 200, round(start.price * 100), 5, "%d %%", key=f"price_{key}"
        )
    with two:
        most = st.slider(
            t("scenario.most_lcoe"),
            0.15,
            1.0,
            min(start.most_lcoe or 1.0, 1.0),
            0.01,
            "%.2f",
            key=f"most_{key}",
            help=t("scenario.most_help"),
        )
        own = round((rate if start.rate is None else start.rate) * 100, 1)
        discount = st.slider(t("scenario.rate"), 0.0, 15.0, own, 0.5, "%.1f %%", key=f"rate_{key}")
    with st.expander(t("scenario.shares")):
        share = {
            sector: st.slider(
                name_of("sector", sector),
                0,
                200,
                round(start.share.get(sector, 1.0) * 100),
                5,
                "%d %%",
                key=f"share_{sector}_{key}",
            )
            / 100
            for sector in SECTORS
        }
    with st.expander(t("scenario.admit")):
        types = st.pills(
            t("col.type"),
            PV_TYPES,
            selection_mode="multi",
            default=start.types,
            key=local(f"types_{key}"),
            format_func=lambda code: name_of("type", code),
        )
        statuses = st.pills(
            t("col.status"),
            STATUSES,
            selection_mode="multi",
            default=start.statuses,
            key=local(f"status_{key}"),
            format_func=lambda code: name_of("status", code),
        )
    if st.button(t("scenario.reset"), key=f"reset_button_{side}"):
        st.session_state[f"reset_{side}"] = st.session_state.get(f"reset_{side}", 0) + 1
        st.session_state[f"scenario_{side}"] = ""
        st.rerun(scope="fragment")
    return WhatIf(
        share={sector: value for sector, value in share.items() if value != 1.0},
        density=density / 100,
        price=price / 100,
        rate=None if discount == round(rate * 100, 1) else discount / 100,
        most_lcoe=None if most >= 1.0 else most,
        types=tuple(code for code in PV_TYPES if code in types),
        statuses=tuple(code for code in STATUSES if code in statuses),
    )


def _start(side: str) -> WhatIf:
    try:
        return WhatIf.parse(st.session_state.get(f"scenario_{side}", ""))
    except InputError:
        return WhatIf()


def _totals(store: Store, found: Outcome) -> None:
    low, central, high = found.kwp
    target = _target_kw(store)
    figures(
        [
            (t("col.kwp"), quantity(central, "kw"), span(low, high, "kw")),
            (
                t("scenario.of_target"),
                percent(central / target) if target else t("unknown"),
                t("target.pv_mw"),
            ),
            (t("col.kwh"), quantity(found.kwh, "kwh"), "P50"),
            (t("col.lcoe"), amount(found.lcoe, t("unit.lcoe")), t("scenario.mean")),
            (t("col.capex"), quantity(found.capex, "cny"), ""),
            (t("col.co2"), quantity(found.co2_t_year, "t"), t("scenario.sites", n=count(found.sites))),
        ]
    )


def _target_kw(store: Store) -> float | None:
    rows = progress_of(store).targets
    rows = rows[rows["measure"] == "pv_mw"]
    return float(rows["value"].max()) * 1000 if len(rows) else None


def _compare(store: Store, found: dict[str, Outcome]) -> None:
    names = {side: t(f"scenario.{side}") for side in SIDES}
    scale = alt.Scale(domain=list(names.values()), range=[COLOURS[side] for side in SIDES])
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(t("scenario.by_town"))
        towns = town_names(store)
        frame = pd.concat([result.towns.assign(side=names[side]) for side, result in found.items()])
        frame = frame.assign(
            town=frame["town"].map(towns),
            value=to_unit(frame["kwp"]),
            text=[quantity(value, "kw") for value in frame["kwp"]],
        )
        bars = (
            alt.Chart(frame)
            .mark_bar()
            .encode(
                y=alt.Y("town:N", title=None),
                yOffset="side:N",
                x=alt.X("value:Q", title=capacity_unit()),
                color=alt.Color("side:N", scale=scale, legend=None),
                tooltip=[
                    alt.Tooltip("town:N", title=t("col.town")),
                    alt.Tooltip("text:N", title=t("col.kwp")),
                ],
            )
        )
        show(bars, 300)
    with right:
        st.subheader(t("overview.supply"))
        curves = pd.concat([result.curve.assign(side=names[side]) for side, result in found.items()])
        curves = curves.assign(value=to_unit(curves["cum_kwp"]))
        lines = (
            alt.Chart(curves)
            .mark_line(interpolate="step-after", strokeWidth=2)
            .encode(
                x=alt.X("value:Q", title=capacity_unit()),
                y=alt.Y("lcoe:Q", title=t("unit.lcoe"), scale=alt.Scale(zero=False)),
                color=alt.Color("side:N", scale=scale, legend=None),
                strokeDash=alt.StrokeDash("side:N", legend=None),
            )
        )
        target = _target_kw(store)
        mark = pd.DataFrame({"value": [to_unit(target)] if target else []})
        show(
            alt.layer(
                lines,
                alt.Chart(mark).mark_rule(color=HEAT, strokeDash=[4, 3], aria=False).encode(x="value:Q"),
            ),
            300,
        )
