"""A site's light, losses and shade as HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ui.format import amount, percent
from ui.markup import bars_html, facts_html, hours_html, table_html
from ui.theme import ROOF_BLUE, SUN
from ui.words import name_of, say

if TYPE_CHECKING:
    from assessment.solar_site import SiteShade
    from ui.energy import SiteEnergy
    from ui.words import Language

LEAST = 0.05
"""Steps below this (kWh/kWp) are not listed."""


def energy_html(energy: SiteEnergy, lang: Language) -> str:
    """Return beam and diffuse light by month, and what happens to it on the way to the grid."""
    texts = [
        f"{say(f'month.{n}', lang)}: {say('energy.beam', lang)} {beam:.0f}, {say('energy.diffuse', lang)} "
        f"{diffuse:.0f} kWh/m²"
        for n, (beam, diffuse) in enumerate(zip(energy.beam, energy.diffuse, strict=True), 1)
    ]
    parts = [
        (say("energy.beam", lang), SUN, energy.beam),
        (say("energy.diffuse", lang), ROOF_BLUE, energy.diffuse),
    ]
    title = say("energy.light", lang)
    return (
        f'<p class="yj-label">{title}</p>{bars_html(parts, texts, f"{title}. " + "; ".join(texts))}'
        + table_html(
            (say("energy.step", lang), "kWh/kWp", "%"), _steps(energy, lang), say("energy.losses", lang)
        )
        + f'<p class="yj-note">{escape(say("energy.note", lang))}</p>'
    )


def _steps(energy: SiteEnergy, lang: Language) -> list[tuple[str, str, str]]:
    """Return one row per gain or loss: its size, and what share of what was left before it."""
    rows, left = [], 0.0
    for name, value in energy.steps.items():
        share = "" if not left else percent(value / left, lang, decimals=1)
        left += value
        if abs(value) >= LEAST:
            rows.append((name_of("loss", name, lang), f"{value:+.1f}" if share else f"{value:.1f}", share))
    return [*rows, (say("energy.total", lang), f"{energy.total:.1f}", "")]


def shade_html(shade: SiteShade, lang: Language) -> str:
    """Return the share of direct light lost by month and hour, and the open sky."""
    sky = (say("energy.sky_view", lang), percent(shade.sky_view, lang, decimals=1))
    most = (say("energy.horizon", lang), amount(float(shade.horizon_deg.max()), "°", lang))
    note = say("energy.shade_note", lang)
    picture = hours_html(shade.month_hour_loss, lang)
    return f"{picture}{facts_html([sky, most])}<p class='yj-note'>{escape(note)}</p>"
