"""The geothermal card of a place, to be kept: everything the run knows there, as CSV or JSON."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from assessment.heat_place import heat_place
from exports.heat_card import CARD_FORMATS, heat_card
from faults import RunError
from ui.runs import current_store
from ui.words import t

if TYPE_CHECKING:
    from ui.store import Store

_KINDS = {"csv": "text/csv", "json": "application/json"}


def heat_cards(store: Store, lon: float, lat: float) -> None:
    """Offer the card of a place in every format; nothing where the run does not hold its tables."""
    try:
        files = _files(store.key, lon, lat)
    except RunError:
        return
    st.caption(t("heat.card_note"))
    for column, (name, body) in zip(st.columns(len(files)), files.items(), strict=True):
        with column:
            st.download_button(
                t("heat.card", kind=name.upper()),
                body,
                f"geothermal-{lon:.5f}-{lat:.5f}.{name}",
                _KINDS[name],
                key=f"heat_card_{name}",
                on_click="ignore",
                width="stretch",
            )


@lru_cache(maxsize=16)
def _files(_key: str, lon: float, lat: float) -> dict[str, bytes]:
    run = current_store().run
    card = heat_card(run, heat_place(run, lon, lat))
    return {name: make(card) for name, make in sorted(CARD_FORMATS.items())}
