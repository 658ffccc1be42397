"""Progress towards the two targets of geothermal heat, by new town."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from assessment.heat_targets import town_targets
from ui.format import quantity, span
from ui.page import town_names
from ui.region import progress_of
from ui.words import t

if TYPE_CHECKING:
    from ui.store import Store

IN_ZH = 1e4
"""Floor area is typed in 10,000 m2."""
LAST_YEAR = 2030
_FIRST_YEAR = 2025
"""Years of the two targets: a stock, and an increment since 2022."""


def targets(store: Store, goals: pd.DataFrame, goal: str) -> None:
    """Show the progress of every town, with the stock of 2022 as an input that may stay empty."""
    st.markdown(f"##### {t('match.targets')}")
    st.caption(t("match.targets_note"))
    names = town_names(store)
    towns = list(names)
    columns = st.columns(len(towns))
    stock = {}
    for column, code in zip(columns, towns, strict=True):
        with column:
            given = st.number_input(
                names[code], 0.0, None, None, 10.0, key=f"match_stock_{code}", help=t("match.stock")
            )
        if given is not None:
            stock[code] = given * IN_ZH
    found = town_targets(goals, _built(store), goal=goal, stock_2022_m2=stock)
    st.dataframe(
        pd.DataFrame(
            {
                t("col.town"): [names.get(code, code) for code in found["town"]],
                t("match.stock"): [quantity(value, "m2") for value in found["stock_2022_m2"]],
                t("progress.operating"): [quantity(value, "m2") for value in found["operating_m2"]],
                t("match.added"): [quantity(value, "m2") for value in found["added_m2"]],
                t("match.building"): [quantity(value, "m2") for value in found["building_m2"]],
                t("match.reached"): _reached(found),
                t("col.heatable"): [quantity(value, "m2") for value in found["heatable_m2"]],
                "P10–P90": ranges(found),
            }
        ),
        hide_index=True,
        width="stretch",
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
