"""Progress towards the two targets of geothermal heat, by new town."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from assessment.heat_targets import town_targets
from ui.blocks import text_table
from ui.format import quantity, span
from ui.overview_progress import M2_PER_STEP
from ui.page import town_names
from ui.region import progress_of
from ui.state import local
from ui.words import language, t

if TYPE_CHECKING:
    from ui.store import Store

LAST_YEAR = 2030
_FIRST_YEAR = 2025
"""Years of the two targets: a stock, and an increment since 2022."""


def targets(store: Store, goals: pd.DataFrame, goal: str) -> None:
    """Show the progress of every town, with the stock of 2022 as an input that may stay empty."""
    st.markdown(f"##### {t('match.targets')}")
    st.caption(t("match.targets_note"))
    names = town_names(store)
    towns = list(dict.fromkeys(goals["town"].astype(str)))
    columns = st.columns(len(towns))
    stock: dict[str, float] = st.session_state.setdefault("match_stock_m2", {})
    step = M2_PER_STEP[language()]
    for column, code in zip(columns, towns, strict=True):
        before = stock[code] / step if code in stock else None
        key = local(f"match_stock_{code}")
        given = column.number_input(
            names.get(code, code), 0.0, None, before, 1e5 / step, key=key, help=t("match.stock")
        )
        stock.pop(code, None)
        if given is not None:
            stock[code] = given * step
    found = town_targets(goals, _built(store), goal=goal, stock_2022_m2=stock)
    text_table(
        pd.DataFrame(
            {
                t("col.town"): [names.get(code, code) for code in found["town"]],
                t("match.stock_of"): [quantity(value, "m2") for value in found["stock_2022_m2"]],
                t("progress.operating"): [quantity(value, "m2") for value in found["operating_m2"]],
                t("match.added"): [quantity(value, "m2") for value in found["added_m2"]],
                t("match.building"): [quantity(value, "m2") for value in found["building_m2"]],
                t("match.reached"): _reached(found),
                t("col.heatable"): [quantity(value, "m2") for value in found["heatable_m2"]],
                "P10–P90": ranges(found),
            }
        )
    )


def _reached(found: pd.DataFrame) -> list[str]:
    """Say what is reached; where the stock is unknown, what it is at least."""
    return [
        quantity(reached, "m2") if known else t("match.at_least", area=quantity(least, "m2"))
        for reached, least, known in zip(
            found["reached_m2"], found["least_m2"], found["reached_m2"].notna(), strict=True
        )
    ]


def ranges(frame: pd.DataFrame) -> list[str]:
    """Return P10 to P90 of the heatable area, row by row."""
    pairs = zip(frame["heatable_m2_p10"], frame["heatable_m2_p90"], strict=True)
    return [span(low, high, "m2") for low, high in pairs]


def _built(store: Store) -> pd.DataFrame:
    """Return what the ledger knows per town: in service, of that from 2023 on, and built or approved."""
    towns = progress_of(store).towns
    heat = towns[towns["measure"] == "heat_m2"]
    since, whole = (heat[heat["year"] == year].set_index("town") for year in (_FIRST_YEAR, LAST_YEAR))
    return pd.DataFrame(
        {
            "operating_m2": whole["operating"].fillna(0.0),
            "added_m2": since["operating"].fillna(0.0),
            "building_m2": whole["under_construction"].fillna(0.0) + whole["approved"].fillna(0.0),
        }
    ).reset_index(names="town")
