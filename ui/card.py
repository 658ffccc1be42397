"""One site in a few lines: what the popup on the map says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from exports.labels import label
from ui.format import amount, quantity
from ui.shapes import lonlat
from ui.words import name_of, say

if TYPE_CHECKING:
    from ui.store import LayerStore, Store
    from ui.words import Language

COORDINATE_DIGITS = 6


def card(store: Store, layer: str, row: int, lang: Language) -> dict[str, Any]:
    """Return title, lines of (label, value), a note, and the outline in degrees.

    Raises
    ------
    IndexError
        When the layer has no such row.
    """
    found = store.layers[layer]
    values = found.row(row)
    lines = _heat_lines(values, lang) if layer == "heat" else _site_lines(values, lang)
    return {
        "id": values["id"],
        "title": title(values, layer, lang),
        "lines": lines,
        "note": say("demo.short", lang) if values.get("demo") else "",
        "geometry": outline(found, row),
    }


def title(values: dict[str, Any], layer: str, lang: Language) -> str:
    """Return the site's name, else what it is and its id."""
    if name := values.get("name"):
        return str(name)
    group, column = ("technology", "technology") if layer == "heat" else ("type", "type")
    return f"{name_of(group, values[column], lang)} {values['id']}"


def outline(layer: LayerStore, row: int) -> dict[str, Any]:
    """Return the shape of a row as GeoJSON geometry in degrees."""
    shape = shapely.transform(layer.shapes.geometry(row), lonlat)
    geometry: dict[str, Any] = shapely.geometry.mapping(
        shapely.set_precision(shape, 10.0**-COORDINATE_DIGITS)
    )
    return geometry


def _site_lines(values: dict[str, Any], lang: Language) -> list[tuple[str, str]]:
    return [
        (say("col.type", lang), label("type", values["type"], lang)),
        (say("col.kwp", lang), quantity(values["kwp_dc_central"], "kw", lang)),
        (say("col.kwh", lang), quantity(values["kwh_year_p50"], "kwh", lang)),
        (say("col.lcoe", lang), amount(values["lcoe"], say("unit.lcoe", lang), lang)),
        (say("col.status", lang), label("status", values["status"], lang)),
    ]


def _heat_lines(values: dict[str, Any], lang: Language) -> list[tuple[str, str]]:
    return [
        (say("col.technology", lang), label("technology", values["technology"], lang)),
        (say("col.heatable", lang), quantity(values["heatable_m2"], "m2", lang)),
        (say("col.kw_year30", lang), quantity(values["kw_year30"], "kw", lang)),
        (say("col.status", lang), label("status", values["status"], lang)),
    ]
