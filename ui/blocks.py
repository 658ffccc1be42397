"""Pieces of pages in plain HTML: figures, meters, lists of facts. Text from data is always escaped."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from ui.format import known, quantity
from ui.markup import facts_html, figures_html, table_html
from ui.theme import PROGRESS_COLOURS
from ui.words import t

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd


UNITS = {"pv_mw": ("kw", 1000.0), "heat_m2": ("m2", 1.0)}
"""Unit of `quantity` for each measure, and what one of the measure is in it."""
PIPELINE = ("operating", "under_construction", "approved", "proposed")
"""Parts of a meter that come from the ledger, surest first."""


def figures(items: Iterable[tuple[str, str, str]]) -> None:
    """Show large numbers side by side: label, value, note."""
    st.html(figures_html(items))


def facts(items: Iterable[tuple[str, str]]) -> None:
    """Show a list of name and value."""
    st.html(facts_html(items))


def text_table(frame: pd.DataFrame, caption: str = "", *, tall: bool = False) -> None:
    """Show a table of texts: numbers to the right; on a phone each row is a card, so that nothing is cut.

    The first column names the row. `tall` tables scroll in a frame of their own.
    """
    shown = frame.astype(object).where(frame.notna(), "—").astype(str)
    rows = [tuple(row) for row in shown.itertuples(index=False, name=None)]
    words = {place for place in range(shown.shape[1]) if _of_words([row[place] for row in rows])}
    body = table_html([str(name) for name in shown.columns], rows, caption, look="cards", words=words)
    st.html(f'<div class="{"yj-scroll" if tall else "yj-wide"}" tabindex="0">{body}</div>')


def _of_words(cells: list[str]) -> bool:
    """Say whether a column holds words rather than numbers: most of what is known does not begin as one."""
    known_cells = [cell for cell in cells if cell not in ("—", "", t("unknown"))]
    least = t("match.at_least", area="").strip()
    return (
        sum(not _NUMBER.match(cell.removeprefix(least).strip()) for cell in known_cells)
        > len(known_cells) / 2
    )


_NUMBER = re.compile(r"[<>≥≤~+−-]?\s?\d")


def legend(names: Mapping[str, str]) -> None:
    """Show colours and their meaning (name to colour); it wraps where a chart's own legend would be cut."""
    items = "".join(f'<li><i style="--c:{colour}"></i>{escape(name)}</li>' for name, colour in names.items())
    st.html(f'<ul class="yj-keys">{items}</ul>')


def meter(row: pd.Series[Any], marks: Iterable[tuple[float, str]], note: str = "") -> None:
    """Show one target: what stands, is built and approved, what could still come, and the targets' marks.

    `row` is a row of `Progress.targets`; marks are (amount, year) in the unit of the row.
    """
    unit, scale = UNITS[row["measure"]]
    name = t(f"target.{row['measure']}")
    parts = {key: (known(row[key]) or 0.0) * scale for key in PIPELINE}
    potential = known(row["potential"])
    parts["potential"] = max((potential or 0.0) * scale - sum(parts.values()), 0.0)
    marks = [(value * scale, f"{year} · {quantity(value * scale, unit)}") for value, year in marks]
    goal = max(value for value, _ in marks)
    whole = max(min(sum(parts.values()), 1.6 * goal), 1.12 * goal)
    bar, left = "", whole
    for key, value in parts.items():
        width = min(value, left)
        left -= width
        bar += f'<span style="width:{100 * width / whole:.2f}%;background:{PROGRESS_COLOURS[key]}"></span>'
    ticks = "".join(
        _mark(100 * value / whole, text, early=place < len(marks) - 1)
        for place, (value, text) in enumerate(marks)
    )
    keys = "".join(
        f'<li><i style="--c:{PROGRESS_COLOURS[key]}"></i>{t(f"progress.{key}")} <b>'
        f"{quantity(value if key != 'potential' or potential is not None else None, unit)}</b></li>"
        for key, value in parts.items()
    )
    gap = quantity(row["gap"] * scale, unit)
    st.html(
        f'<div class="yj-meter" role="img" aria-label="{escape(name)}: {t("progress.gap")} {gap}">'
        f'<div class="head"><span class="name">{escape(name)}</span>'
        f'<span class="target">{t("progress.gap")} <b>{gap}</b></span></div>'
        f'<div class="bar{" many" if len(marks) > 1 else ""}">{bar}{ticks}</div><ul>{keys}</ul>'
        + (f'<p class="note">{escape(note)}</p>' if note else "")
        + "</div>"
    )


def _mark(place: float, text: str, *, early: bool) -> str:
    """Return a mark at a percentage of the bar; its words stay within the bar's ends.

    Words of early marks stand below the bar where the page is too narrow for all in one line.
    """
    words = f'<b style="transform:translateX(-{place:.0f}%)">{escape(text)}</b>'
    return f'<span class="mark{" early" if early else ""}" style="left:{place:.2f}%">{words}</span>'
