"""The report of an area as one HTML file that needs nothing else: to read, to print, to pass on."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from exports.labels import label
from ui.area import area_html, largest
from ui.format import amount, quantity
from ui.markup import table_html
from ui.places import town_names
from ui.shapes import mercator
from ui.theme import ACCENT, INK, PV_COLOURS
from ui.words import name_of, say

if TYPE_CHECKING:
    from ui.area import Area
    from ui.filters import Filter
    from ui.store import Store
    from ui.words import Language

PLAN_PX = 640
MOST_DRAWN = 4000
STYLE = Path(__file__).parent / "static" / "report.css"


def report_html(store: Store, area: Area, chosen: Filter, lang: Language) -> str:
    """Return the report: plan, totals, types, largest sites, rules that touch them, origin of the data."""
    title = say("report.area", lang)
    manifest = store.run.manifest
    region = manifest["region"][f"name_{lang}"]
    body = area_html(store, area, lang)
    totals = body[: body.index('<details class="yj-fold"')] if '<details class="yj-fold"' in body else body
    parts = [
        _head(f"{region} · {say('app.name', lang)}", title, _place(area, lang)),
        _plan(store, area, title),
        totals,
        _sites(store, area, lang),
        _rules(store, area, lang),
        _notes(store, chosen, lang),
    ]
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE.read_text(encoding='utf-8')}</style></head><body>{''.join(parts)}</body></html>"
    )


def _head(above: str, title: str, below: str) -> str:
    return f"<header><p>{escape(above)}</p><h1>{escape(title)}</h1><p>{escape(below)}</p></header>"


def _place(area: Area, lang: Language) -> str:
    west, south, east, north = area.shape.bounds
    box = f"{west:.5f}–{east:.5f}°E, {south:.5f}–{north:.5f}°N (WGS-84)"
    flat = shapely.transform(area.shape, mercator)
    ground = flat.area * np.cos(np.radians((south + north) / 2)) ** 2
    return f"{box} · {quantity(float(ground), 'm2', lang)}"


def _plan(store: Store, area: Area, title: str) -> str:
    """Return the area and its sites as a drawing, north up."""
    flat = shapely.transform(area.shape, mercator)
    west, south, east, north = flat.bounds
    scale = PLAN_PX / max(east - west, north - south, 1.0)
    layer = store.layers["sites"]
    drawn = [
        _path(layer.shapes.geometry(int(row)), west, north, scale, f'fill="{_colour(layer, int(row))}"')
        for row in area.rows[:MOST_DRAWN]
    ]
    edge = _path(flat, west, north, scale, f'fill="none" stroke="{ACCENT}" stroke-width="2"')
    wide, tall = (east - west) * scale, (north - south) * scale
    return (
        f'<svg viewBox="-4 -4 {wide + 8:.0f} {tall + 8:.0f}" width="{wide + 8:.0f}" role="img" '
        f'aria-label="{escape(title)}">{"".join(drawn)}{edge}</svg>'
    )


def _colour(layer: object, row: int) -> str:
    kinds = list(PV_COLOURS.values())
    code = int(layer.columns["kind"][row])  # type: ignore[attr-defined]
    return kinds[code] if code < len(kinds) else INK


def _path(shape: shapely.Geometry, west: float, north: float, scale: float, look: str) -> str:
    steps = []
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        xy = shapely.get_coordinates(ring)
        points = " ".join(f"{(x - west) * scale:.1f},{(north - y) * scale:.1f}" for x, y in xy)
        steps.append(f"M{points}Z")
    return f'<path d="{" ".join(steps)}" fill-rule="evenodd" {look}/>'


def _sites(store: Store, area: Area, lang: Language) -> str:
    if not area.rows.size:
        return ""
    towns = town_names(store, lang)
    rows = [
        (
            str(site.id),
            site.name if isinstance(site.name, str) else "",
            towns.get(str(site.town), ""),
            label("type", str(site.type), lang),
            quantity(site.kwp_dc_central, "kw", lang),
            quantity(site.kwh_year_p50, "kwh", lang),
            amount(site.lcoe, say("unit.lcoe", lang), lang),
            name_of("status", str(site.status), lang),
        )
        for site in largest(store, area).itertuples()
    ]
    names = ("id", "name", "town", "type", "kwp", "kwh", "lcoe", "status")
    return table_html([say(f"col.{name}", lang) for name in names], rows, say("panel.area_sites", lang))


def _rules(store: Store, area: Area, lang: Language) -> str:
    """Return what each rule touches on the counted sites."""
    touched: dict[str, list[float]] = {}
    for rules in store.layers["sites"].table["rules"].take(area.rows).to_pylist():
        for rule in rules or []:
            touched.setdefault(rule["id"], []).append(float(rule["m2"] or 0.0))
    known = {rule["id"]: rule for rule in store.run.manifest["rules"]}
    rows = [
        (
            str(known.get(code, {}).get(f"title_{lang}") or code),
            str(known.get(code, {}).get("document", "")),
            str(len(areas)),
            quantity(sum(areas), "m2", lang),
        )
        for code, areas in sorted(touched.items(), key=lambda item: -sum(item[1]))
    ]
    if not rows:
        return f"<p>{say('panel.no_rules', lang)}</p>"
    heads = [say(key, lang) for key in ("col.rule", "col.document", "col.sites", "col.area_touched")]
    return table_html(heads, rows, say("methods.rules", lang))


def _notes(store: Store, chosen: Filter, lang: Language) -> str:
    manifest = store.run.manifest
    comma = say("app.comma", lang)
    known = {rule["id"]: rule for rule in manifest["rules"]}
    missing = [str(known.get(code, {}).get(f"title_{lang}") or code) for code in manifest["not_checked"]]
    notes = [
        say("panel.not_checked", lang, rules=comma.join(missing)) if missing else "",
        say("demo.long", lang, layers=comma.join(name_of("layer", n, lang) for n in manifest["demo_layers"]))
        if manifest.get("demo_layers")
        else "",
        str(manifest.get(f"boundary_note_{lang}") or ""),
        say("app.disclaimer", lang),
        f"{say('map.filter', lang)}: {chosen.text() or '—'}",
        say("app.run", lang, run=manifest["run_id"]),
    ]
    return "<footer>" + "".join(f"<p>{escape(note)}</p>" for note in notes if note) + "</footer>"
