"""Pieces of pages in plain HTML: figures, meters, lists of facts. Text from data is always escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from ui.format import known, quantity
from ui.theme import PROGRESS_COLOURS
from ui.words import t

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def figures(items: Iterable[tuple[str, str, str]]) -> None:
    """Show large numbers side by side: label, value, note."""
    cells = "".join(
        f'<div><div class="label">{escape(label)}</div><div class="value">{escape(value)}</div>'
        f'<div class="note">{escape(note)}</div></div>'
        for label, value, note in items
    )
    st.html(f'<div class="yj-figures">{cells}</div>')


def facts(items: Iterable[tuple[str, str]]) -> None:
    """Show a list of name and value."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in items)
    st.html(f'<dl class="yj-facts">{rows}</dl>')


def light(colour: str, text: str) -> str:
    """Return a coloured dot with its words; the words carry the meaning, the colour only helps."""
    return f'<span class="yj-light" style="--c:{colour}"></span>{escape(text)}'


def meter(
    name: str, row: Mapping[str, Any], unit: str, scale: float, marks: Iterable[tuple[float, str]]
) -> None:
    """Show one target: what stands, is built and approved, what could still come, and the target's mark.

    `row` is a row of `Progress.targets`; its amounts times `scale` are in `unit` of `ui.format.quantity`.
    """
    parts = {key: (known(row[key]) or 0.0) * scale for key in ("operating", "under_construction", "approved")}
    potential = known(row["potential"])
    parts["potential"] = max((potential or 0.0) * scale - sum(parts.values()), 0.0)
    marks = [(value * scale, text) for value, text in marks]
    goal = max(value for value, _ in marks)
    whole = max(min(sum(parts.values()), 1.6 * goal), 1.12 * goal)
    bar, left = "", whole
    for key, value in parts.items():
        width = min(value, left)
        left -= width
        bar += f'<span style="width:{100 * width / whole:.2f}%;background:{PROGRESS_COLOURS[key]}"></span>'
    ticks = "".join(
        f'<span class="mark" style="left:{100 * value / whole:.2f}%"><b>{escape(text)}</b></span>'
        for value, text in marks
    )
    legend = "".join(
        f'<li><i style="--c:{PROGRESS_COLOURS[key]}"></i>{t(f"progress.{key}")} <b>'
        f"{quantity(value if key != 'potential' or potential is not None else None, unit)}</b></li>"
        for key, value in parts.items()
    )
    gap = quantity(row["gap"] * scale, unit)
    st.html(
        f'<div class="yj-meter" role="img" aria-label="{escape(name)}: {t("progress.gap")} {gap}">'
        f'<div class="head"><span class="name">{escape(name)}</span>'
        f'<span class="target">{t("progress.gap")} <b>{gap}</b></span></div>'
        f'<div class="bar">{bar}{ticks}</div><ul>{legend}</ul></div>'
    )
