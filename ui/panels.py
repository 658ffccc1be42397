"""The panel beside the map: everything about one site, or the totals of an area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from assessment.run import PV_TYPES
from exports.labels import label
from ui.blocks import facts, figures, light
from ui.card import title
from ui.charts import month_chart
from ui.downloads import area_downloads
from ui.format import amount, count, percent, quantity, span
from ui.page import town_names, township_names
from ui.rules import rule_title, rules_by_id
from ui.theme import LIGHTS, STATUS_COLOURS
from ui.words import language, name_of, t

if TYPE_CHECKING:
    import shapely

    from ui.store import Store


def site_panel(store: Store, row: int) -> None:
    """Show one photovoltaic site."""
    site = store.layers["sites"].row(row)
    _heading(site, "sites", store)
    figures(
        [
            (
                t("col.kwp"),
                quantity(site["kwp_dc_central"], "kw"),
                span(site["kwp_dc_low"], site["kwp_dc_high"], "kw"),
            ),
            (
                t("col.kwh"),
                quantity(site["kwh_year_p50"], "kwh"),
                f"P90 {quantity(site['kwh_year_p90'], 'kwh')}",
            ),
        ]
    )
    months = site["kwh_month"]
    if months is not None and len(months):
        month_chart(months)
    _status(site)
    with st.expander(t("panel.array"), expanded=True):
        facts(
            [
                (t("col.area_m2"), quantity(site["area_m2"], "m2")),
                (t("col.usable_m2"), quantity(site["usable_m2"], "m2")),
                (t("col.kw_ac"), quantity(site["kw_ac"], "kw")),
                (t("col.tilt"), f"{amount(site['tilt_deg'], '°')} / {amount(site['azimuth_deg'], '°')}"),
                (t("col.shading"), percent(site["shading_loss"], decimals=1)),
                (
                    t("col.specific"),
                    amount(_ratio(site["kwh_year_p50"], site["kwp_dc_central"]), "kWh/kWp", digits=4),
                ),
            ]
        )
    with st.expander(t("panel.money"), expanded=True):
        facts(
            [
                (t("col.capex"), quantity(site["capex"], "cny")),
                (t("col.lcoe"), amount(site["lcoe"], t("unit.lcoe"))),
                (t("col.payback"), amount(site["payback_years"], t("unit.years"))),
                (t("col.co2"), amount(site["co2_t_year"], t("unit.t_year"))),
                (t("col.grid"), quantity(site["grid_distance_m"], "m")),
            ]
        )
    _rules(site)
    _origin(
        site, [(t("col.use"), name_of("use", site["use"])), (t("col.owner"), name_of("owner", site["owner"]))]
    )


def heat_panel(store: Store, row: int) -> None:
    """Show one geothermal site."""
    site = store.layers["heat"].row(row)
    _heading(site, "heat", store)
    figures(
        [
            (
                t("col.heatable"),
                quantity(site["heatable_m2"], "m2"),
                "P10–P90 " + span(site["heatable_m2_p10"], site["heatable_m2_p90"], "m2"),
            ),
            (
                t("col.kw_year30"),
                quantity(site["kw_year30"], "kw"),
                f"{t('col.kw_year1')} {quantity(site['kw_year1'], 'kw')}",
            ),
        ]
    )
    suitability = site["suitability"]
    colour = LIGHTS.get(str(suitability), STATUS_COLOURS["not_checked"])
    st.html(f"<p>{light(colour, t('col.suitability') + ': ' + name_of('suitability', suitability))}</p>")
    facts(
        [
            (t("col.wells"), count(site["wells"])),
            (t("col.mwh_year"), quantity((site["mwh_year"] or float("nan")) * 1000, "kwh")),
            (t("col.demand_m2"), quantity(site["demand_m2"], "m2")),
            (t("col.lcoh"), amount(site["lcoh"], t("unit.lcoh"))),
            (t("col.co2"), amount(site["co2_t_year"], t("unit.t_year"))),
            (t("col.binding"), name_of("binding", site["binding"])),
        ]
    )
    _status(site)
    _rules(site)
    _origin(site, [])


def area_panel(store: Store, area: shapely.Geometry, drawn: dict[str, Any]) -> None:
    """Show the totals of the sites whose centre lies in a drawn area."""
    sites = store.layers["sites"]
    rows = sites.shapes.inside(area)
    keep = st.session_state["filter"].mask(store)[rows]
    rows = rows[keep]
    st.markdown(f"#### {t('panel.area')}")
    if not rows.size:
        st.caption(t("panel.area_empty"))
        return
    kwp, energy = sites.number("kwp_dc_central")[rows], sites.number("kwh_year_p50")[rows]
    low, high = sites.number("kwp_dc_low")[rows].sum(), sites.number("kwp_dc_high")[rows].sum()
    figures(
        [
            (t("col.kwp"), quantity(np.nansum(kwp), "kw"), span(low, high, "kw")),
            (
                t("col.kwh"),
                quantity(np.nansum(energy), "kwh"),
                f"P90 {quantity(np.nansum(sites.number('kwh_year_p90')[rows]), 'kwh')}",
            ),
            (t("col.sites"), count(rows.size), t("panel.area_rule")),
            (t("col.capex"), quantity(np.nansum(sites.number("capex")[rows]), "cny"), ""),
        ]
    )
    kinds = sites.columns["kind"][rows]
    sums = pd.DataFrame({"kind": kinds, "kwp": kwp}).groupby("kind")["kwp"].agg(["size", "sum"])
    sums = sums.sort_values("sum", ascending=False)
    st.dataframe(
        pd.DataFrame(
            {
                t("col.type"): [label("type", PV_TYPES[int(code)], language()) for code in sums.index],
                t("col.sites"): [count(value) for value in sums["size"]],
                t("col.kwp"): [quantity(value, "kw") for value in sums["sum"]],
            }
        ),
        hide_index=True,
        width="stretch",
    )
    _heat_below(store, area)
    area_downloads(store, drawn)


def _heat_below(store: Store, area: shapely.Geometry) -> None:
    if "heat" not in store.layers:
        return
    heat = store.layers["heat"]
    rows = heat.shapes.inside(area)
    if rows.size:
        facts([(t("panel.heat_below"), quantity(float(np.nansum(heat.columns["value"][rows])), "m2"))])


def _heading(site: dict[str, Any], layer: str, store: Store) -> None:
    town = town_names(store).get(str(site["town"]), "")
    place = " · ".join(
        str(part) for part in (town, township_names(store).get(str(site.get("township")))) if part
    )
    st.markdown(f"#### {_plain(title(site, layer, language()))}")
    kind = (
        label("technology", site["technology"], language())
        if layer == "heat"
        else name_of("type", site["type"])
    )
    st.caption(_plain(f"{kind} · {place} · {site['id']} · {site['lon']:.5f}, {site['lat']:.5f}"))
    if site.get("demo"):
        st.html(f'<span class="yj-tag">{t("demo.short")}</span>')


def _plain(text: str) -> str:
    """Take away what Markdown would read as markup in a name from data."""
    for sign in "\\`*_{}[]<>#+!|~$:":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def _ratio(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None


def _status(site: dict[str, Any]) -> None:
    status = str(site["status"])
    words = f"{name_of('status', status)} — {t(f'status_why.{status}')}"
    st.html(f"<p>{light(STATUS_COLOURS[status], words)}</p>")


def _rules(site: dict[str, Any]) -> None:
    rules, known = site["rules"] or [], rules_by_id()
    missing = site["not_checked"]
    missing = missing.split(",") if isinstance(missing, str) else missing or []
    with st.expander(t("panel.rules", n=len(rules)), expanded=bool(rules)):
        if not rules:
            st.caption(t("panel.no_rules"))
        for rule in rules:
            document = known.get(rule["id"], {}).get("document", "")
            verdict = label("verdict", rule["verdict"], language())
            st.markdown(
                f"**{_plain(rule_title(rule['id']))}** · {verdict} · {quantity(rule['m2'], 'm2')}  \n"
                f"<small>{_plain(document)}</small>",
                unsafe_allow_html=True,
            )
        if missing:
            st.caption(
                t("panel.not_checked", rules=t("app.comma").join(rule_title(rule) for rule in missing))
            )


def _origin(site: dict[str, Any], more: list[tuple[str, str]]) -> None:
    with st.expander(t("panel.origin")):
        facts(
            [
                *more,
                (
                    t("col.source"),
                    str(site["source"] or t("methods.generated" if site["demo"] else "unknown")),
                ),
                (t("col.confidence"), name_of("confidence", site["confidence"] or None)),
                (t("col.demo"), t("yes") if site["demo"] else t("no")),
            ]
        )
