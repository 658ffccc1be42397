"""Colours of the map in words: classes, styles and legends."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from assessment.run import PV_TYPES
from ui.background import BACKGROUND_KINDS
from ui.format import unit_for
from ui.map_parts import ground_scale
from ui.prepare import rules_of
from ui.rasters import class_limits, raster_png
from ui.runs import current_store
from ui.theme import BACKGROUND_LOOK, COST_RAMP, HEAT_RAMP, MUTED, PV_COLOURS, PV_RAMP, REGAINED, UNKNOWN
from ui.tiles import cell_grid
from ui.words import name_of, say

if TYPE_CHECKING:
    from ui.mapview import View
    from ui.store import Store
    from ui.words import Language


@lru_cache(maxsize=4)
def class_limits_of(store_key: str) -> dict[str, tuple[float, ...]]:
    """Return the limits between colour classes: kWp per site, MW/km2 per cell, cost, yield, heated area."""
    store = current_store()
    assert store.key == store_key
    sites = store.layers["sites"]
    columns = {name: sites.columns[name].astype("float64") for name in ("value", "cost", "specific")}
    grid = cell_grid(sites, np.ones(len(sites), dtype=bool), 12)
    size_km = 40_075.016686 / (2**12 * 32) * ground_scale(store)
    density = grid.kwp[grid.kwp > 0] / 1000 / size_km**2
    limits = {name: class_limits(values[np.isfinite(values)], 6) for name, values in columns.items()}
    limits["density"] = class_limits(density.astype("float64"), 6)
    if "heat" in store.layers:
        heat = store.layers["heat"].columns["value"].astype("float64")
        limits["heat"] = class_limits(heat[np.isfinite(heat)], 6)
    return limits


def site_style(limits: dict[str, tuple[float, ...]], colour: str, scale: float) -> dict[str, Any]:
    """Return how sites and cells are coloured, as the browser needs it."""
    ramp = COST_RAMP if colour == "cost" else PV_RAMP
    return {
        "by": colour,
        "colours": [PV_COLOURS[kind] for kind in PV_TYPES],
        "ramp": ramp,
        "limits": limits.get(colour, ()),
        "cellLimits": limits["density" if colour == "value" else colour] if colour != "kind" else (),
        "unknown": UNKNOWN,
        "groundScale": scale,
        "strong": limits["density"][-1] if limits["density"] else 1.0,
    }


def class_labels(limits: tuple[float, ...], unit: str) -> list[str]:
    """Return one text per class, from the lowest to the highest.

    Examples
    --------
    >>> class_labels((10.0, 20.0), "kWp")
    ['< 10 kWp', '10–20 kWp', '≥ 20 kWp']
    """
    texts = [f"{limit:,.6g}" for limit in limits]
    if not texts:
        return [unit]
    middle = [f"{low}–{high} {unit}" for low, high in pairwise(texts)]
    return [f"< {texts[0]} {unit}", *middle, f"≥ {texts[-1]} {unit}"]


def legends_of(
    store: Store, view: View, limits: dict[str, tuple[float, ...]], lang: Language
) -> dict[str, Any]:
    """Return the legends of the view, for single sites and for cells."""
    below = _overlay_legends(store, view, limits, lang)
    if "sites" not in view.show:
        return {"sites": below, "cells": below}
    units = {"value": "kWp", "cost": say("unit.lcoe", lang), "specific": "kWh/kWp"}
    if view.colour == "kind":
        chosen = view.filter.types or PV_TYPES
        kinds = [
            {"colour": PV_COLOURS[kind], "label": name_of("type", kind, lang)}
            for kind in PV_TYPES
            if kind in chosen
        ]
        legend = {"title": say("legend.kind", lang), "items": kinds}
        cells = {"title": say("legend.kind_cells", lang), "items": kinds}
        return {"sites": [legend, *below], "cells": [cells, *below]}
    ramp = COST_RAMP if view.colour == "cost" else PV_RAMP
    one = _ramp_legend(say(f"legend.{view.colour}", lang), ramp, limits[view.colour], units[view.colour])
    if view.colour == "value":
        many = _ramp_legend(say("legend.density", lang), ramp, limits["density"], "MW/km²")
    else:
        many = one
    return {"sites": [one, *below], "cells": [many, *below]}


def _ramp_legend(title: str, ramp: tuple[str, ...], limits: tuple[float, ...], unit: str) -> dict[str, Any]:
    labels = class_labels(limits, unit)
    return {
        "title": title,
        "items": [{"colour": c, "label": text} for c, text in zip(ramp, labels, strict=False)],
    }


def _overlay_legends(
    store: Store, view: View, limits: dict[str, tuple[float, ...]], lang: Language
) -> list[dict[str, Any]]:
    legends = []
    if "heat" in view.show and "heat" in limits:
        size, unit = unit_for(limits["heat"], "m2", lang)
        scaled = tuple(limit / size for limit in limits["heat"])
        legends.append(_ramp_legend(say("legend.heat", lang), HEAT_RAMP, scaled, unit))
    if view.raster:
        picture = raster_png(store.run, view.raster)
        title = name_of("raster", view.raster, lang)
        if picture.labels:
            items = [{"colour": c, "label": en if lang == "en" else zh} for c, zh, en in picture.labels]
            legends.append({"title": title, "items": items})
        else:
            legends.append(_ramp_legend(title, PV_RAMP, picture.limits, picture.unit))
    lines: list[dict[str, Any]] = []
    if "excluded" in view.show:
        lines.append({"colour": MUTED, "label": say("legend.excluded", lang), "look": "hatch"})
    if "background" in view.show and "background" in store.layers:
        present = set(np.unique(store.layers["background"].columns["kind"]).tolist())
        lines += [_look_legend(kind, lang) for code, kind in enumerate(BACKGROUND_KINDS) if code in present]
    return (
        [*legends, {"title": say("legend.more", lang), "items": lines, "folded": True}] if lines else legends
    )


def regained_look(store: Store, lang: Language) -> dict[str, Any] | None:
    """Return how land is drawn that rules switched off bring back, and the rules as tiles count them.

    None where the run does not keep what each rule takes.
    """
    if "excluded" not in store.layers:
        return None
    label = say("legend.regained", lang)
    return {**REGAINED, "rules": rules_of(store.layers["excluded"].table), "label": label}


def _look_legend(kind: str, lang: Language) -> dict[str, Any]:
    look = BACKGROUND_LOOK[kind]
    if "casing" in look or "width" in look or kind in ("rail", "power_line"):
        return {
            "colour": look.get("casing", look.get("line")),
            "label": name_of("background", kind, lang),
            "look": "line",
        }
    if "line" in look:
        return {"colour": look["line"], "label": name_of("background", kind, lang), "look": "outline"}
    return {"colour": look["fill"], "label": name_of("background", kind, lang), "look": ""}
