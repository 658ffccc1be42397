"""Why here: the verdict and its reason for the three technologies at a place, in words."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from assessment.heat_why import why_card
from assessment.run import HEAT_TECHNOLOGIES
from exports.labels import label
from faults import RunError
from ui.theme import LIGHTS
from ui.words import language, name_of, say

if TYPE_CHECKING:
    from ui.store import Store
    from ui.words import Language


def why_html(found: dict[str, dict[str, Any]], lang: Language) -> str:
    """Return the reasons at a place as HTML: one coloured dot, class and sentence per technology."""
    parts = []
    for technology in HEAT_TECHNOLOGIES:
        told = found[technology]
        colour = LIGHTS.get(str(told["light"]), "")
        verdict = f"{name_of('light', told['light'], lang)} · {name_of('class', told['class'], lang)}"
        head = f"{label('technology', technology, lang)} · {verdict}"
        best = f" · {say('heat.best', lang)}" if told["best"] == technology else ""
        parts.append(
            f'<p><span class="yj-light" style="--c:{colour}"></span><b>{escape(head)}</b>{escape(best)}'
            f"<br><small>{escape(str(told[f'reason_{lang}']))}</small></p>"
        )
    near = found[HEAT_TECHNOLOGIES[0]]["nearest_well_km"]
    if near == near:  # noqa: PLR0124 - NaN where the region has no well
        parts.append(f"<p><small>{escape(say('heat.nearest_well', lang, km=f'{near:.1f}'))}</small></p>")
    return "".join(parts)


def why_at(store: Store, lon: float, lat: float, lang: Language) -> str:
    """Return the reasons at a place as HTML; a sentence where it lies outside or the run holds none."""
    try:
        found = why_card(store.run, lon, lat)
    except RunError:
        return f"<p><small>{escape(say('heat.old_run', lang))}</small></p>"
    return why_html(found, lang) if found else f"<p><small>{escape(say('heat.outside', lang))}</small></p>"


def why_block(store: Store, lon: float, lat: float) -> None:
    """Show the reasons at a place; say so where it lies outside, or where the run holds none."""
    st.html(why_at(store, lon, lat, language()))


def read_position(text: str) -> tuple[float, float] | None:
    """Read "longitude, latitude" as people type it; None where it is no position.

    Examples
    --------
    >>> read_position("108.75，34.28"), read_position("here")
    ((108.75, 34.28), None)
    """
    parts = text.replace("，", ",").replace(" ", ",").split(",")
    try:
        lon, lat = (float(part) for part in parts if part)
    except ValueError:
        return None
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None  # noqa: PLR2004 - the globe
