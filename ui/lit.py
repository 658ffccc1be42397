"""A choice of sites lit up: on a map, in a table, as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
import streamlit as st

from ui.downloads import downloads
from ui.mapview import View, show_map
from ui.page import town_names
from ui.shapes import lonlat
from ui.words import name_of, t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ui.store import Store

MOST_DRAWN = 3000
"""Outlines that a browser draws at once without effort; of more the largest are drawn."""
MOST_LISTED = 1000
DIM = 0.25


def rows_of(store: Store, ids: Sequence[str]) -> NDArray[np.intp]:
    """Return the rows of the map's sites by id, in the order of the ids; unknown ids are left out."""
    index = pd.Index(store.layers["sites"].table["id"].to_pandas())
    rows = index.get_indexer(pd.Index(ids))
    return rows[rows >= 0].astype(np.intp)


def lit_map(store: Store, rows: NDArray[np.intp], *, key: str, height_px: int = 460) -> None:
    """Show the sites of some rows bright on the dimmed map of all sites."""
    drawn = rows
    if rows.size > MOST_DRAWN:
        size = np.nan_to_num(store.layers["sites"].columns["value"][rows])
        drawn = rows[np.argsort(-size, kind="stable")[:MOST_DRAWN]]
    show_map(store, View(opacity=DIM, go=_lit(store, drawn)), key=key, height_px=height_px)
    if drawn.size < rows.size:
        st.caption(t("lit.largest", n=f"{drawn.size:,}", all=f"{rows.size:,}"))


def _lit(store: Store, rows: NDArray[np.intp]) -> dict[str, Any] | None:
    """Return where the map goes and what it outlines there, in degrees."""
    if not rows.size:
        return None
    shapes = store.layers["sites"].shapes
    outlines = [shapely.transform(shapes.geometry(int(row)), lonlat) for row in rows]
    simple = shapely.set_precision(shapely.simplify(np.array(outlines, dtype=object), 1e-6), 1e-6)
    west, south, east, north = shapely.total_bounds(simple)
    geometry = shapely.geometry.mapping(shapely.GeometryCollection(list(simple)))
    return {"bounds": [[south, west], [north, east]], "geometry": geometry}


def site_table(store: Store, frame: pd.DataFrame) -> None:
    """Show sites in a table: those columns of a plan or a run that people ask for, the first thousand."""
    names = town_names(store)
    shown = frame.head(MOST_LISTED)
    words = {"town": names, "type": None, "status": None, "owner": None}
    table: dict[str, Any] = {}
    for name in (name for name in _COLUMNS if name in shown):
        table[name] = shown[name]
        if name in words:
            known = words[name]
            table[name] = [known.get(str(v), str(v)) if known else name_of(name, str(v)) for v in shown[name]]
    st.dataframe(
        pd.DataFrame(table),
        hide_index=True,
        width="stretch",
        height=340,
        placeholder="—",
        column_config={name: column for name, column in _columns().items() if name in table},
    )
    if len(frame) > len(shown):
        st.caption(t("lit.first", n=f"{len(shown):,}", all=f"{len(frame):,}"))


_COLUMNS = (
    *("year", "id", "name", "town", "type", "owner", "status", "mw", "kwp_dc_central", "capex", "lcoe"),
    *("grid_distance_m", "connection_cny"),
)


def _columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "year": number(t("plan.year"), format="%d"),
        "id": t("col.id"),
        "name": t("col.name"),
        "town": t("col.town"),
        "type": t("col.type"),
        "owner": t("col.owner"),
        "status": t("col.status"),
        "mw": number(f"{t('plan.adds')} (MW)", format="%.3f"),
        "kwp_dc_central": number(f"{t('col.kwp')} (kWp)", format="%.1f"),
        "capex": number(f"{t('col.capex')} (CNY)", format="%.0f"),
        "lcoe": number(f"{t('col.lcoe')} ({t('unit.lcoe')})", format="%.3f"),
        "grid_distance_m": number(f"{t('col.grid')} (m)", format="%.0f"),
        "connection_cny": number(f"{t('col.connection')} (CNY)", format="%.0f"),
    }


def lit_downloads(store: Store, ids: Sequence[str], name: str, *, key: str) -> None:
    """Offer the sites as a file in every format, with their geometry and what the rules say of them."""
    if len(ids):
        downloads(store, "sites", name, key=key, ids=tuple(ids))
