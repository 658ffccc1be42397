"""One site's economics in full: its range, its cash year by year, what self-use and tariffs make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from faults import InputError
from tracking.economics import site_cash_flow, site_range
from tracking.site_dossier import self_use_by_tariff
from ui.blocks import text_table
from ui.board import run_catalogs
from ui.format import amount, percent, quantity
from ui.words import name_of, t

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layers.catalog import Catalog
    from ui.store import Store

MOST_OFFERED = 500


def site_economics_panel(store: Store, chosen: pd.DataFrame) -> None:
    """Show the economics of one of the chosen sites."""
    largest = chosen.nlargest(MOST_OFFERED, "kwp_dc_central").set_index("id")
    if largest.empty:
        return
    key = st.selectbox(
        t("economics.site"),
        largest.index,
        format_func=lambda one: (
            f"{name_of('type', largest.loc[one, 'type'])} {one} · "
            f"{quantity(largest.loc[one, 'kwp_dc_central'], 'kw')}"
        ),
        key="economics_site",
    )
    site, catalogs = largest.loc[key].to_dict(), run_catalogs(store.key)
    connection = float(site.get("connection_cny") or 0.0)
    connection = connection if connection == connection else 0.0  # noqa: PLR0124 - unknown adds nothing here
    left, right = st.columns(2, gap="large")
    with left:
        _range(site, catalogs, connection)
        _self_use(store, site, catalogs)
    with right:
        flow = site_cash_flow(site, catalogs["costs"], connection_cny=connection)
        st.markdown(f"**{t('economics.cash')}**")
        st.dataframe(
            flow.round(0), hide_index=True, width="stretch", height=330, column_config=_cash_words(flow)
        )
        st.download_button(
            t("economics.download"),
            flow.to_csv(index=False).encode("utf-8-sig"),
            f"yijian-cash-{key}.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
        )


def _cash_words(flow: pd.DataFrame) -> dict[str, str]:
    return {name: t(f"economics.{name}") for name in flow.columns}


def _range(site: Mapping[str, object], catalogs: Mapping[str, Catalog], connection: float) -> None:
    table = site_range(site, catalogs["costs"], connection_cny=connection)
    st.markdown(f"**{t('economics.range')}**")
    rows = {
        t("col.capex"): [quantity(value, "cny") for value in table["capex"]],
        t("col.lcoe"): [amount(value, t("unit.lcoe")) for value in table["lcoe"]],
        t("economics.npv"): [quantity(value, "cny") for value in table["npv"]],
        t("economics.irr"): [percent(value, decimals=1) for value in table["irr"]],
        t("col.payback"): [amount(value, t("unit.years")) for value in table["payback_years"]],
    }
    ends = [t(f"economics.{end}") for end in table.index]
    text_table(pd.DataFrame(rows, index=ends).T.rename_axis(" ").reset_index())
    st.caption(t("economics.range_how", connection=quantity(connection, "cny")))


def _self_use(store: Store, site: Mapping[str, object], catalogs: Mapping[str, Catalog]) -> None:
    """Show what the roof's building uses itself, under each price table."""
    st.markdown(f"**{t('economics.self_use')}**")
    floor = st.number_input(
        t("economics.floor"), 0.0, None, float(str(site["area_m2"])), 100.0, key=f"floor_{site.get('type')}"
    )
    try:
        table = self_use_by_tariff(store.run, site, catalogs, floor_m2=float(floor))
    except InputError as error:
        st.caption(str(error))
        return
    shown = {
        t("economics.tariff"): [name_of("tariff", tariff) for tariff in table.index],
        t("economics.price"): [amount(value, t("unit.lcoe")) for value in table["price_cny_kwh"]],
        t("economics.used"): [percent(value) for value in table["self_use_share"]],
        t("economics.value"): [quantity(value, "cny") for value in table["value_cny"]],
        t("economics.npv"): [quantity(value, "cny") for value in table["npv"]],
        t("economics.irr"): [percent(value, decimals=1) for value in table["irr"]],
        t("col.payback"): [amount(value, t("unit.years")) for value in table["payback_years"]],
    }
    text_table(pd.DataFrame(shown))
    st.caption(t("economics.self_how"))
