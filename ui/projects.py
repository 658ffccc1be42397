"""Projects of the ledger as points for the map; those without a position stay in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ui.format import quantity
from ui.places import town_names
from ui.region import projects_of
from ui.theme import PROGRESS_COLOURS
from ui.words import name_of, say

if TYPE_CHECKING:
    import pandas as pd

    from ui.store import Store
    from ui.words import Language


def projects_geojson(store: Store, lang: Language) -> dict[str, Any]:
    """Return the projects that have a position as GeoJSON points with texts; `without` counts the others."""
    frame = projects_of(store)
    at = frame[["lon", "lat"]].astype("float64")
    placed = np.isfinite(at).all(axis=1)
    towns = town_names(store, lang)
    features = [_feature(row, towns, lang) for _, row in frame[placed].iterrows()]
    return {"type": "FeatureCollection", "features": features, "without": int((~placed).sum())}


def size_text(row: pd.Series[Any], lang: Language) -> str:
    """Return the size of a project in the unit of its kind, unknown where it says none."""
    if row["kind"] == "geothermal":
        return quantity(row["heated_m2"], "m2", lang)
    megawatts = row[["capacity_mw_dc", "capacity_mw_ac", "capacity_mw_unstated"]].astype("float64")
    known = megawatts.dropna()
    return quantity(1000 * known.iloc[0] if len(known) else None, "kw", lang)


def _feature(row: pd.Series[Any], towns: dict[str, str], lang: Language) -> dict[str, Any]:
    lines = [
        (say("col.kind", lang), name_of("project_kind", row["kind"], lang)),
        (say("col.size", lang), size_text(row, lang)),
        (say("col.status", lang), name_of("project", row["status"], lang)),
        (say("col.town", lang), towns.get(str(row["town"]), say("unknown", lang))),
        (say("col.source", lang), str(row["source"] or "")),
    ]
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [float(row["lon"]), float(row["lat"])]},
        "properties": {
            "title": str(row["name"]),
            "lines": lines,
            "colour": PROGRESS_COLOURS.get(str(row["status"]), PROGRESS_COLOURS["proposed"]),
        },
    }
