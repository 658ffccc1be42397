"""Pieces of pages as HTML: figures, facts, tables, folds, small charts. Text from data is always escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from ui.theme import PV_RAMP, SUN
from ui.words import say

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from numpy.typing import NDArray

    from ui.words import Language

    Floats = NDArray[np.float64]

BARS_PX = (300, 120)
"""Width and height of the bars' drawing; it scales with the page."""
CELL_PX = 11


def figures_html(items: Iterable[tuple[str, str, str]]) -> str:
    """Return large numbers side by side: label, value, note.

    Examples
    --------
    >>> figures_html([("Sites", "<3", "")])
    '<div class="yj-figures"><div><div class="label">Sites</div><div class="value">&lt;3</div><div class="note"></div></div></div>'
    """  # noqa: E501 - one line of HTML
    cells = "".join(
        f'<div><div class="label">{escape(label)}</div><div class="value">{escape(value)}</div>'
        f'<div class="note">{escape(note)}</div></div>'
        for label, value, note in items
    )
    return f'<div class="yj-figures">{cells}</div>'


def facts_html(items: Iterable[tuple[str, str]]) -> str:
    """Return a list of name and value."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in items)
    return f'<dl class="yj-facts">{rows}</dl>'


def fold_html(title: str, body: str, *, opened: bool = False) -> str:
    """Return a part that folds; `body` is HTML."""
    state = " open" if opened else ""
    return f'<details class="yj-fold"{state}><summary>{escape(title)}</summary>{body}</details>'


def table_html(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    caption: str,
    *,
    look: str = "",
    words: Container[int] = (),
) -> str:
    """Return a table of texts; its first column names the row.

    Parameters
    ----------
    heads, rows, caption
        What it says; an empty caption is left out.
    look
        Further classes; `cards` stacks each row as a card where the page is narrow.
    words
        Columns of words, set to the left; the others hold numbers and are set to the right.
    """
    kinds = ["w" if place in words else "" for place in range(len(heads))]
    top = "".join(
        f'<th scope="col"{_class(kind)}>{escape(head)}</th>' for head, kind in zip(heads, kinds, strict=True)
    )
    body = "".join(_row_html(heads, kinds, row) for row in rows)
    named = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<table class="{f"yj-table {look}".strip()}">{named}<thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _nothing(cell: str) -> str:
    """Return the class of cells that say nought, which step back behind what there is."""
    return "z" if cell == "0" or cell.startswith("0 ") else ""


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _row_html(heads: Sequence[str], kinds: Sequence[str], row: Sequence[str]) -> str:
    """Return a row; each cell knows its column's name, which a narrow page shows beside it."""
    cells = "".join(
        f'<td data-label="{escape(head)}"{_class(kind or _nothing(cell))}>{escape(cell)}</td>'
        for head, kind, cell in zip(heads[1:], kinds[1:], row[1:], strict=True)
    )
    return f'<tr><th scope="row">{escape(row[0])}</th>{cells}</tr>'


def light_html(colour: str, text: str) -> str:
    """Return a coloured dot with its words; the words carry the meaning, the colour only helps."""
    return f'<span class="yj-light" style="--c:{colour}"></span>{escape(text)}'


def bars_html(
    parts: Sequence[tuple[str, str, Sequence[float] | Floats]], texts: Sequence[str], label: str
) -> str:
    """Return bars of twelve months, stacked from parts (name, colour, values); `texts` say each month.

    The highest bar fills the drawing.
    """
    sums = np.sum([np.asarray(values, dtype="float64") for _, _, values in parts], axis=0)
    width, height = BARS_PX
    step, most = width / len(sums), max(float(np.nanmax(sums)), 1e-9)
    drawn = []
    for month, text in enumerate(texts):
        top = float(height)
        drawn.append(f"<g><title>{escape(text)}</title>")
        for _, colour, values in parts:
            tall = (height - 4) * max(float(np.nan_to_num(values[month])), 0.0) / most
            top -= tall
            box = f'x="{month * step + 2:.1f}" y="{top:.1f}" width="{step - 4:.1f}" height="{tall:.1f}"'
            drawn.append(f'<rect {box} fill="{colour}"/>')
        drawn.append("</g>")
    names = "".join(
        f'<text x="{(month + 0.5) * step:.1f}" y="{height + 13}">{month + 1}</text>' for month in range(12)
    )
    keys = "".join(
        f'<li><i style="--c:{colour}"></i>{escape(name)}</li>' for name, colour, _ in parts if name
    )
    return (
        f'<svg class="yj-bars" viewBox="0 0 {width} {height + 18}" role="img" aria-label="{escape(label)}">'
        f'{"".join(drawn)}<line x1="0" x2="{width}" y1="{height}" y2="{height}"/>{names}</svg>'
        + (f'<ul class="yj-keys">{keys}</ul>' if keys else "")
    )


def month_bars_html(kwh: Sequence[float], texts: Sequence[str], label: str) -> str:
    """Return bars of energy by month."""
    return bars_html([("", SUN, kwh)], texts, label)


def hours_html(loss: Floats, lang: Language) -> str:
    """Return a picture of the share lost by month (down) and hour (across), NaN where the sun is down."""
    up = np.flatnonzero(np.isfinite(loss).any(axis=0))
    first, last = (int(up[0]), int(up[-1])) if up.size else (0, 0)
    drawn = []
    for month in range(12):
        y = month * CELL_PX
        drawn.append(f'<text class="m" x="26" y="{y + 9}">{month + 1}</text>')
        for hour in range(first, last + 1):
            if np.isfinite(share := loss[month, hour]):
                colour = PV_RAMP[min(int(share * len(PV_RAMP)), len(PV_RAMP) - 1)]
                text = f"{say(f'month.{month + 1}', lang)} {hour}:00–{hour + 1}:00 · {100 * share:.0f} %"
                x = 32 + (hour - first) * (CELL_PX + 4)
                drawn.append(
                    f'<rect x="{x}" y="{y}" width="{CELL_PX + 3}" height="{CELL_PX - 1}" fill="{colour}">'
                    f"<title>{escape(text)}</title></rect>"
                )
    below = 12 * CELL_PX + 12
    names = "".join(
        f'<text x="{32 + (hour - first) * (CELL_PX + 4) + 7}" y="{below}">{hour}</text>'
        for hour in range(first, last + 1, 2)
    )
    wide = 32 + (last - first + 1) * (CELL_PX + 4)
    return (
        f'<svg class="yj-hours" viewBox="0 0 {wide} {below + 4}" role="img" '
        f'aria-label="{escape(say("panel.shade_hours", lang))}">{"".join(drawn)}{names}</svg>'
        f'<ul class="yj-keys">{_share_keys()}</ul>'
    )


def _share_keys() -> str:
    step = 100 / len(PV_RAMP)
    return "".join(
        _key(colour, f"{step * index:.0f}–{step * (index + 1):.0f} %") for index, colour in enumerate(PV_RAMP)
    )


def _key(colour: str, name: str) -> str:
    return f'<li><i style="--c:{colour}"></i>{escape(name)}</li>'
