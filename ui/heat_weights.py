"""Weights of the suitability on the page: importance, single judgements, consistency, what they change."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from assessment.heat_own_weights import KEY, own_schemes, told_as
from assessment.heat_suit_maps import CLASS_COLOURS
from assessment.heat_suitability import read_schemes
from assessment.heat_weigh import Weighed, judgements_of, weigh
from assessment.run import HEAT_TECHNOLOGIES
from assessment.scenario import Scenario
from exports.labels import label
from potential.geothermal.suitability import CLASSES
from tracking.scenario import scenario_text
from ui.blocks import figures, legend, text_table
from ui.charts import show
from ui.format import percent, quantity
from ui.heat_tables import heat_blocks, heat_table
from ui.page import town_names
from ui.runs import current_store
from ui.state import local
from ui.words import language, t

if TYPE_CHECKING:
    from assessment.heat_suitability import Scheme
    from ui.store import Store

Judgements = dict[tuple[str, str], float]


@st.fragment
def weights(store: Store) -> None:
    """Let the user weigh the factors; nothing but a hint where the run does not hold their values."""
    if heat_table(store.key, "heat_factors") is None or heat_blocks(store.key) is None:
        st.caption(t("heat.old_run"))
        return
    st.caption(t("weights.lead"))
    technology = st.segmented_control(
        t("col.technology"),
        HEAT_TECHNOLOGIES,
        default="deep",
        required=True,
        key=local("weights_technology"),
        format_func=lambda code: label("technology", code, language()),
    )
    scheme = run_schemes(store)[technology]
    left, right = st.columns([1, 2], gap="large")
    with left:
        judgements = _judgements(technology, scheme)
        barring = st.toggle(t("weights.barring"), key=f"weights_barring_{technology}")
    made = _weighed(store.key, technology, None, barring=False)
    with right:
        try:
            given = None if judgements is None else tuple(judgements.items())
            own = _weighed(store.key, technology, given, barring=barring)
        except ValueError as error:
            st.error(t("weights.contradict", error=error))
            return
        _told(store, made, own)
        _weight_table(technology, made, own)
        _keep(store, technology, judgements)


def run_judgements(store: Store) -> dict[str, float]:
    """Return the judgements that the run was made with; empty where it kept the shipped ones."""
    made = store.run.manifest.get("scenario")
    return dict(made.get(KEY) or {}) if isinstance(made, dict) else {}


def run_schemes(store: Store) -> dict[str, Scheme]:
    """Return the factors of every technology with the weights that the run was made with."""
    return own_schemes(run_judgements(store))


@lru_cache(maxsize=64)
def _weighed(
    key: str, technology: str, judgements: tuple[tuple[tuple[str, str], float], ...] | None, *, barring: bool
) -> Weighed:
    """Judge the blocks; None: with the judgements of the run."""
    factors = heat_table(key, "heat_factors")
    assert factors is not None
    own = None if judgements is None else dict(judgements)
    scheme = run_schemes(current_store())[technology]
    return weigh(factors, technology, scheme, judgements=own, barring=barring)


def _judgements(technology: str, scheme: Scheme) -> Judgements | None:
    """Ask for importance per factor, then for single judgements, which start as their ratios.

    None while nothing is touched: the judgements of the run hold.
    """
    turn = st.session_state.get("weights_turn", 0)
    names = {factor.name: getattr(factor, language()) for factor in scheme.factors}
    shares = 9 * scheme.weights.weight / scheme.weights.weight.max()
    start = {name: float(np.round(max(share, 1.0), 1)) for name, share in zip(names, shares, strict=True)}
    st.markdown(f"**{t('weights.importance')}**")
    importance = {
        name: st.slider(names[name], 1.0, 9.0, first, 0.1, key=f"weights_{technology}_{name}_{turn}")
        for name, first in start.items()
    }
    ratios = judgements_of(importance)
    with st.expander(t("weights.pairs")):
        judgements = _pairs(
            ratios, names, key=f"weights_pairs_{technology}_{turn}_{hash(tuple(importance.items()))}"
        )
    if st.button(t("weights.reset"), key=f"weights_reset_{technology}"):
        st.session_state["weights_turn"] = turn + 1
        st.rerun(scope="fragment")
    return None if importance == start and judgements == ratios else judgements


def _pairs(ratios: Judgements, names: dict[str, str], *, key: str) -> Judgements:
    frame = pd.DataFrame(
        {
            t("weights.more"): [names[a] for a, _ in ratios],
            t("weights.less"): [names[b] for _, b in ratios],
            t("weights.times"): [round(value, 2) for value in ratios.values()],
        }
    )
    edited = st.data_editor(
        frame,
        key=key,
        hide_index=True,
        width="stretch",
        disabled=[t("weights.more"), t("weights.less")],
        column_config={
            t("weights.times"): st.column_config.NumberColumn(min_value=0.11, max_value=9.0, step=0.1)
        },
    )
    given = edited[t("weights.times")].to_numpy(float)
    exact = np.array(list(ratios.values()))
    kept = np.where(np.abs(given - np.round(exact, 2)) < 1e-9, exact, given)  # noqa: PLR2004 - untouched
    return dict(zip(ratios, np.clip(np.nan_to_num(kept, nan=1.0), 1 / 9, 9).tolist(), strict=True))


def _keep(store: Store, technology: str, judgements: Judgements | None) -> None:
    """Offer the judgements of all technologies touched so far as a scenario; others stay as in the run."""
    own: dict[str, Judgements] = st.session_state.setdefault("weights_own", {})
    if judgements is None:
        own.pop(technology, None)
    else:
        own[technology] = judgements
    named = [told_as(code, pairs) for code, pairs in own.items()]
    touched = {name: round(value, 6) for pairs in named for name, value in pairs.items()}
    kept = {name: value for name, value in run_judgements(store).items() if name.split(".")[0] not in own}
    given = kept | touched
    st.caption(t("weights.keep_note"))
    st.download_button(
        t("weights.keep"),
        scenario_text(Scenario(name="heat-weights", heat_judgements=given)),
        "heat-weights.toml",
        "application/toml",
        key="weights_keep",
        disabled=not touched,
        on_click="ignore",
    )


def _told(store: Store, made: Weighed, own: Weighed) -> None:
    blocks = heat_blocks(store.key)
    assert blocks is not None
    area = blocks["area_m2"].to_numpy()
    ratio = own.scheme.weights.consistency_ratio
    changed = area[own.found.class_index != made.found.class_index].sum() / area.sum()
    stable = float((own.found.stable * area).sum() / area.sum())
    figures(
        [
            (t("weights.ratio"), f"{ratio:.3f}", t("weights.ratio_ok")),
            (t("weights.stable"), percent(stable, decimals=0), t("weights.stable_note")),
            (t("weights.changed"), percent(changed, decimals=1), quantity(changed * area.sum(), "m2")),
        ]
    )
    names, rows = town_names(store), []
    for town, part in blocks.groupby("town").indices.items():
        index = own.found.class_index[part]
        for k, name in enumerate(CLASSES):
            rows.append(
                {
                    "town": names.get(str(town), str(town)),
                    "class": t(f"class.{name}"),
                    "order": k,
                    "km2": float(area[part][index == k].sum() / 1e6),
                }
            )
    scale = alt.Scale(domain=[t(f"class.{n}") for n in CLASSES], range=[CLASS_COLOURS[n] for n in CLASSES])
    chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar()
        .encode(
            y=alt.Y("town:N", title=None),
            x=alt.X("km2:Q", title=t("weights.area")),
            color=alt.Color("class:N", scale=scale, legend=None),
            order="order:Q",
            tooltip=["town:N", "class:N", alt.Tooltip("km2:Q", format=".1f")],
        )
    )
    show(chart, 200)
    legend({t(f"class.{name}"): CLASS_COLOURS[name] for name in CLASSES})


def _weight_table(technology: str, made: Weighed, own: Weighed) -> None:
    factors = heat_table(current_store().key, "heat_factors")
    assert factors is not None
    frame = pd.DataFrame(
        {
            t("weights.factor"): [getattr(factor, language()) for factor in own.scheme.factors],
            t("weights.weight"): [percent(w, decimals=1) for w in own.scheme.weights.weight],
            t("weights.made"): [percent(w, decimals=1) for w in made.scheme.weights.weight],
            t("weights.shipped"): [percent(w, decimals=1) for w in read_schemes()[technology].weights.weight],
            t("weights.known"): [
                t("yes") if factors[f"{technology}.{factor.name}"].notna().any() else t("no")
                for factor in own.scheme.factors
            ],
        }
    )
    text_table(frame)
