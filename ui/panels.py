"""The panel beside the map: everything about one site, as HTML in either language."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from exports.labels import label
from ui.card import title
from ui.energy import cost_range
from ui.format import amount, count, percent, quantity, span
from ui.heat_why import why_at
from ui.markup import facts_html, figures_html, fold_html, light_html, month_bars_html
from ui.places import town_names, township_names
from ui.shapes import UNIT_M
from ui.theme import LIGHTS, STATUS_COLOURS
from ui.words import language, name_of, say

if TYPE_CHECKING:
    from ui.store import Store
    from ui.words import Language


def site_panel(store: Store, row: int) -> None:
    """Show one photovoltaic site."""
    st.html(site_html(store, row, language()))


def heat_panel(store: Store, row: int) -> None:
    """Show one geothermal site."""
    st.html(heat_html(store, row, language()))


def site_html(store: Store, row: int, lang: Language) -> str:
    """Return everything about one photovoltaic site."""
    site = store.layers["sites"].row(row)
    parts = [
        _heading(site, "sites", store, lang),
        figures_html(_capacity(site, lang)),
        _status(site, lang),
        _months(site, lang),
        fold_html(
            say("panel.rules", lang, n=len(site["rules"] or [])), _rules(store, site, lang), opened=True
        ),
        fold_html(say("panel.money", lang), facts_html(_money(store, site, lang)), opened=True),
        fold_html(say("panel.array", lang), facts_html(_array(site, lang))),
        _later(say("panel.energy", lang), f"energy?row={row}", lang),
        _later(say("panel.shade_hours", lang), f"shade?row={row}", lang),
        _below(store, site, row, lang),
        fold_html(say("panel.origin", lang), facts_html(_origin(site, lang))),
        _dossier(str(site["id"]), row, lang),
    ]
    return "".join(parts)


def _dossier(identity: str, row: int, lang: Language) -> str:
    return (
        f'<p><button type="button" class="yj-action" data-file="dossier?row={row}" '
        f'data-name="{escape(identity)}.zip">{say("panel.dossier", lang)}</button></p>'
    )


def heat_html(store: Store, row: int, lang: Language) -> str:
    """Return everything about one geothermal site."""
    site = store.layers["heat"].row(row)
    suitability = site["suitability"]
    colour = LIGHTS.get(str(suitability), STATUS_COLOURS["not_checked"])
    words = f"{say('col.suitability', lang)}: {name_of('suitability', suitability, lang)}"
    facts = [
        (say("col.wells", lang), count(site["wells"], lang)),
        (say("col.mwh_year", lang), quantity((site["mwh_year"] or float("nan")) * 1000, "kwh", lang)),
        (say("col.demand_m2", lang), quantity(site["demand_m2"], "m2", lang)),
        (say("col.lcoh", lang), amount(site["lcoh"], say("unit.lcoh", lang), lang)),
        (say("col.co2", lang), amount(site["co2_t_year"], say("unit.t_year", lang), lang)),
        (say("col.binding", lang), name_of("binding", site["binding"], lang)),
    ]
    parts = [
        _heading(site, "heat", store, lang),
        figures_html(_heat_capacity(site, lang)),
        f"<p>{light_html(colour, words)}</p>",
        facts_html(facts),
        _status(site, lang),
        fold_html(
            say("heat.why", lang), why_at(store, float(site["lon"]), float(site["lat"]), lang), opened=True
        ),
        fold_html(
            say("panel.rules", lang, n=len(site["rules"] or [])), _rules(store, site, lang), opened=True
        ),
        fold_html(say("panel.origin", lang), facts_html(_origin(site, lang))),
    ]
    return "".join(parts)


def _heading(site: dict[str, Any], layer: str, store: Store, lang: Language) -> str:
    town = town_names(store, lang).get(str(site["town"]), "")
    township = township_names(store, lang).get(str(site.get("township")))
    kind = (
        label("technology", site["technology"], lang)
        if layer == "heat"
        else label("type", site["type"], lang)
    )
    place = f"{site['lon']:.5f}, {site['lat']:.5f}"
    line = " · ".join(str(part) for part in (kind, town, township, site["id"], place) if part)
    tag = f'<span class="yj-tag">{say("demo.short", lang)}</span>' if site.get("demo") else ""
    name = escape(title(site, layer, lang))
    return f'<h2 class="yj-name">{name}</h2><p class="yj-place">{escape(line)}</p>{tag}'


def _capacity(site: dict[str, Any], lang: Language) -> list[tuple[str, str, str]]:
    return [
        (
            say("col.kwp", lang),
            quantity(site["kwp_dc_central"], "kw", lang),
            span(site["kwp_dc_low"], site["kwp_dc_high"], "kw", lang),
        ),
        (
            say("col.kwh", lang),
            quantity(site["kwh_year_p50"], "kwh", lang),
            f"P90 {quantity(site['kwh_year_p90'], 'kwh', lang)}",
        ),
    ]


def _heat_capacity(site: dict[str, Any], lang: Language) -> list[tuple[str, str, str]]:
    return [
        (
            say("col.heatable", lang),
            quantity(site["heatable_m2"], "m2", lang),
            "P10–P90 " + span(site["heatable_m2_p10"], site["heatable_m2_p90"], "m2", lang),
        ),
        (
            say("col.kw_year30", lang),
            quantity(site["kw_year30"], "kw", lang),
            f"{say('col.kw_year1', lang)} {quantity(site['kw_year1'], 'kw', lang)}",
        ),
    ]


def _months(site: dict[str, Any], lang: Language) -> str:
    kwh = site["kwh_month"]
    if kwh is None or not len(kwh):
        return ""
    texts = [f"{say(f'month.{n}', lang)}: {quantity(value, 'kwh', lang)}" for n, value in enumerate(kwh, 1)]
    name = say("panel.months", lang)
    told = f"{name}: {'; '.join(texts)}"
    return f'<p class="yj-label">{name}</p>{month_bars_html(kwh, texts, told)}'


def _array(site: dict[str, Any], lang: Language) -> list[tuple[str, str]]:
    kwh, kwp = site["kwh_year_p50"], site["kwp_dc_central"]
    specific = kwh / kwp if kwh is not None and kwp else None
    return [
        (say("col.area_m2", lang), quantity(site["area_m2"], "m2", lang)),
        (say("col.usable_m2", lang), quantity(site["usable_m2"], "m2", lang)),
        (say("col.kw_ac", lang), quantity(site["kw_ac"], "kw", lang)),
        (
            say("col.tilt", lang),
            f"{amount(site['tilt_deg'], '°', lang)} / {amount(site['azimuth_deg'], '°', lang)}",
        ),
        (say("col.layout", lang), _layout(site, lang)),
        (say("col.shading", lang), percent(site["shading_loss"], lang, decimals=1)),
        (say("col.specific", lang), amount(specific, "kWh/kWp", lang, digits=4)),
    ]


def _layout(site: dict[str, Any], lang: Language) -> str:
    """Return how the modules lie; unknown in runs that do not tell."""
    layout = site.get("layout")
    return say(f"layout.{layout}", lang) if layout else amount(None, "", lang)


def _money(store: Store, site: dict[str, Any], lang: Language) -> list[tuple[str, str]]:
    """Return cost, payback and carbon; ranges where the catalogue gives one of capital cost."""
    ranges = cost_range(store, site)

    def ranged(name: str, unit: str) -> str:
        low, high = ranges.get(name, (None, None))
        text = amount(site[name], unit, lang)
        return f"{text} ({amount(low, '', lang)}–{amount(high, '', lang)})" if name in ranges else text

    low, high = ranges.get("capex", (None, None))
    capex = quantity(site["capex"], "cny", lang)
    return [
        (say("col.capex", lang), f"{capex} ({span(low, high, 'cny', lang)})" if "capex" in ranges else capex),
        (say("col.lcoe", lang), ranged("lcoe", say("unit.lcoe", lang))),
        (say("col.payback", lang), ranged("payback_years", say("unit.years", lang))),
        (say("col.co2", lang), amount(site["co2_t_year"], say("unit.t_year", lang), lang)),
        (say("col.grid", lang), quantity(site["grid_distance_m"], "m", lang)),
    ]


def _status(site: dict[str, Any], lang: Language) -> str:
    status = str(site["status"])
    words = f"{name_of('status', status, lang)} — {say(f'status_why.{status}', lang)}"
    return f"<p>{light_html(STATUS_COLOURS[status], words)}</p>"


def _rules_fold(store: Store, site: dict[str, Any], lang: Language) -> str:
    name = say("panel.rules", lang, n=len(site["rules"] or []))
    return fold_html(name, _rules(store, site, lang), opened=True)


def _rules(store: Store, site: dict[str, Any], lang: Language) -> str:
    """Return every rule that touched the site with what it took, its document and its sentence."""
    known = {rule["id"]: rule for rule in store.run.manifest["rules"]}
    parts = [_rule(rule, known.get(rule["id"], {}), lang) for rule in site["rules"] or []]
    body = "".join(parts) or f'<p class="yj-note">{say("panel.no_rules", lang)}</p>'
    missing = site["not_checked"]
    missing = missing.split(",") if isinstance(missing, str) else missing or []
    if missing:
        names = say("app.comma", lang).join(_rule_title(known.get(code, {}), code, lang) for code in missing)
        body += f'<p class="yj-note">{escape(say("panel.not_checked", lang, rules=names))}</p>'
    return body


def _rule(rule: dict[str, Any], known: dict[str, Any], lang: Language) -> str:
    verdict = label("verdict", rule["verdict"], lang)
    document = " ".join(str(known[name]) for name in ("document", "article") if known.get(name))
    unsure = f" · {say('rule.unverified', lang)}" if known.get("unverified") else ""
    note = known.get(f"note_{lang}") or ""
    return (
        f'<div class="yj-rule"><b>{escape(_rule_title(known, rule["id"], lang))}</b>'
        f"<p>{escape(verdict)} · {quantity(rule['m2'], 'm2', lang)}</p>"
        f"<small>{escape(document + unsure)}</small>" + (f"<p>{escape(note)}</p>" if note else "") + "</div>"
    )


def _rule_title(known: dict[str, Any], code: str, lang: Language) -> str:
    return str(known.get(f"title_{lang}") or code)


def _below(store: Store, site: dict[str, Any], row: int, lang: Language) -> str:
    """Return the geothermal blocks that hold the site's centre, each to be opened, and why each is suited."""
    if "heat" not in store.layers:
        return ""
    box = store.layers["sites"].shapes.bounds[row].astype("float64") * UNIT_M
    heat = store.layers["heat"]
    rows = heat.shapes.at((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    lines = "".join(_block(heat.row(int(found)), int(found), lang) for found in rows)
    body = f'<ul class="yj-links">{lines}</ul>' if rows.size else f"<p>{say('panel.no_heat', lang)}</p>"
    why = why_at(store, float(site["lon"]), float(site["lat"]), lang)
    return fold_html(say("panel.below", lang), body + why, opened=bool(np.size(rows)))


def _block(block: dict[str, Any], row: int, lang: Language) -> str:
    colour = LIGHTS.get(str(block["suitability"]), STATUS_COLOURS["not_checked"])
    words = (
        f"{label('technology', block['technology'], lang)} · {quantity(block['heatable_m2'], 'm2', lang)} · "
        f"{name_of('suitability', block['suitability'], lang)}"
    )
    return (
        f'<li><button type="button" class="yj-link" data-layer="heat" data-row="{row}">'
        f"{light_html(colour, words)}</button></li>"
    )


def _later(name: str, address: str, lang: Language) -> str:
    """Return a part that is fetched when it is unfolded."""
    return (
        f'<details class="yj-fold" data-load="{address}"><summary>{escape(name)}</summary>'
        f'<p class="yj-note">{say("panel.loading", lang)}</p></details>'
    )


def _origin(site: dict[str, Any], lang: Language) -> list[tuple[str, str]]:
    generated = say("methods.generated" if site["demo"] else "unknown", lang)
    mine = [(say("col.use", lang), name_of("use", site["use"], lang))] if "use" in site else []
    if "owner" in site:
        mine.append((say("col.owner", lang), name_of("owner", site["owner"], lang)))
    return [
        *mine,
        (say("col.source", lang), str(site["source"] or generated)),
        (say("col.confidence", lang), name_of("confidence", site["confidence"] or None, lang)),
        (say("col.demo", lang), say("yes" if site["demo"] else "no", lang)),
    ]
