"""One site's economics in full: its range, its cash year by year, what self-use and tariffs make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from faults import YijianError
from tracking.economics import site_cash_flow, site_hours, site_range, site_self_use, tariff_values
from ui.format import amount, percent, quantity
from ui.whatif import run_catalogs
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
    st.dataframe(pd.DataFrame(rows, index=ends).T.rename_axis(""), width="stretch")
    st.caption(t("economics.range_how", connection=quantity(connection, "cny")))


def _self_use(store: Store, site: Mapping[str, object], catalogs: Mapping[str, Catalog]) -> None:
    """Show what the roof's building uses itself, under each price table."""
    st.markdown(f"**{t('economics.self_use')}**")
    floor = st.number_input(
        t("economics.floor"), 0.0, None, float(str(site["area_m2"])), 100.0, key=f"floor_{site.get('type')}"
    )
    kwh, times = site_hours(store.run, site)
    rows = []
    for tariff, price in tariff_values(kwh, times, catalogs["tariffs"]).items():
        row = {
            t("economics.tariff"): name_of("tariff", tariff),
            t("economics.price"): amount(price, t("unit.lcoe")),
        }
        try:
            found = site_self_use(
                kwh,
                times,
                use=str(site["use"]),
                floor_area_m2=float(floor),
                load=catalogs["load"],
                tariffs=catalogs["tariffs"],
                tariff=tariff,
                feed_in_cny_kwh=catalogs["costs"].value("price.feed_in"),
            )
        except YijianError:
            row |= {t("economics.used"): t("unknown"), t("economics.value"): t("unknown")}
        else:
            row |= {
                t("economics.used"): percent(found.self_use_share),
                t("economics.value"): quantity(found.value_cny, "cny"),
            }
        rows.append(row)
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")
    st.caption(t("economics.self_how"))
