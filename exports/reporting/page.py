"""The page of every PDF: size, furniture, bookmarks, styles of text and tables."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

from exports.reporting import charts, ink

if TYPE_CHECKING:
    from pathlib import Path

    from exports.provenance import Lang, Provenance

MARGIN = 17 * mm
EDGE = 20 * mm
"""Above and below the text."""
WIDTH = A4[0] - 2 * MARGIN
UPRIGHT, WIDE = "upright", "wide"
"""Names of the two page templates."""
SIZES = {UPRIGHT: A4, WIDE: landscape(A4)}
ROOM = {name: (size[0] - 2 * MARGIN, size[1] - 2 * EDGE) for name, size in SIZES.items()}
"""Width and height of the text on each (points)."""


class PageDocument(BaseDocTemplate):  # type: ignore[misc] # ReportLab carries no types
    """Page furniture, and a bookmark for every heading."""

    def __init__(self, path: Path, *, place: str, title: str, source: Provenance, lang: Lang) -> None:
        super().__init__(
            str(path),
            pagesize=A4,
            leftMargin=MARGIN,
            rightMargin=MARGIN,
            topMargin=EDGE,
            bottomMargin=EDGE,
            title=f"{place} {title}",
            author="Yijian",
            subject=source.short(lang),
            keywords=source.run_id,
            lang="zh-CN" if lang == "zh" else "en",
            invariant=1,
        )
        self._header = f"{place} · {title}"
        self._footer = source.short(lang)
        self._marks = 0
        self.addPageTemplates([self._page(name) for name in SIZES])

    def _page(self, name: str) -> PageTemplate:
        frame = Frame(MARGIN, EDGE, *ROOM[name], 0, 0, 0, 0, id=name)
        furniture = partial(self._furniture, size=SIZES[name])
        return PageTemplate(name, [frame], onPage=furniture, pagesize=SIZES[name])

    def _furniture(self, canvas: Any, doc: BaseDocTemplate, *, size: tuple[float, float]) -> None:  # noqa: ANN401
        width, height = size
        canvas.saveState()
        if doc.page == 1:
            canvas.setFillColor(ink.BLUE)
            canvas.rect(0, height - 7 * mm, width, 7 * mm, stroke=0, fill=1)
        canvas.setFont(ink.FONT, 7)
        canvas.setFillColor(ink.GREY)
        if doc.page > 1:
            canvas.drawString(MARGIN, height - 13 * mm, ink.plain(self._header))
        footer = charts.fitted(self._footer, width - 2 * MARGIN - 40, 6.5)
        canvas.setFont(ink.FONT, 6.5)
        canvas.drawString(MARGIN, 11 * mm, ink.plain(footer))
        canvas.drawRightString(width - MARGIN, 11 * mm, str(doc.page))
        canvas.setStrokeColor(ink.RULE)
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, 14.5 * mm, width - MARGIN, 14.5 * mm)
        canvas.restoreState()

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - ReportLab's name
        """Put headings into the outline."""
        level = getattr(flowable, "bookmark_level", None)
        if level is None:
            return
        self._marks += 1
        key = f"mark-{self._marks}"
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(flowable.getPlainText(), key, level, closed=False)


def heading(text: str, style: ParagraphStyle, *, level: int) -> Paragraph:
    """Return a heading that becomes a bookmark of the level."""
    found = Paragraph(ink.markup(text), style)
    found.bookmark_level = level
    return found


def grey(text: str, size: int) -> str:
    """Return a small grey text as markup."""
    return f'<font size="{size}" color="#6b7785">{ink.markup(text)}</font>'


def padding(across: float, along: float) -> list[tuple[Any, ...]]:
    """Return the inner margins of all cells (points)."""
    sides = (
        ("LEFTPADDING", across),
        ("RIGHTPADDING", across),
        ("TOPPADDING", along),
        ("BOTTOMPADDING", along),
    )
    return [(name, (0, 0), (-1, -1), size) for name, size in sides]


def grid_style(*, header: bool = True) -> list[tuple[Any, ...]]:
    """Return the look of a table: a strong line under the header, hairlines between rows."""
    style: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, ink.RULE),
        *padding(2.5, 1.8),
    ]
    if header:
        style += [
            ("LINEBELOW", (0, 0), (-1, 0), 0.9, ink.BLUE),
            ("BACKGROUND", (0, 0), (-1, 0), ink.PALE),
            ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ]
    return style


def styles(lang: str) -> dict[str, ParagraphStyle]:
    """Return the styles of text by name."""
    make = partial(
        ParagraphStyle, fontName=ink.FONT, textColor=ink.INK, wordWrap="CJK" if lang == "zh" else None
    )
    strong = partial(make, fontName=ink.BOLD)
    small = {"fontSize": 7, "leading": 9}
    return {
        "title": strong("title", fontSize=26, leading=32),
        "subtitle": make("subtitle", fontSize=12, leading=18, textColor=ink.GREY, spaceAfter=8),
        "h1": strong(
            "h1", fontSize=15, leading=20, spaceBefore=10, spaceAfter=4, textColor=ink.BLUE, keepWithNext=1
        ),
        "h2": strong("h2", fontSize=10, leading=14, spaceBefore=7, spaceAfter=3, keepWithNext=1),
        "note": make("note", fontSize=6.8, leading=9, textColor=ink.GREY, spaceBefore=2, spaceAfter=4),
        "card_title": make("card_title", fontSize=7.5, leading=10, textColor=ink.GREY),
        "card_value": strong("card_value", fontSize=16, leading=20, textColor=ink.BLUE),
        "card_detail": make("card_detail", fontSize=6.8, leading=9, textColor=ink.GREY),
        "box_title": strong("box_title", fontSize=9, leading=13, textColor=ink.RED),
        "box": make("box", fontSize=8, leading=11.5, leftIndent=8, bulletIndent=0, firstLineIndent=-8),
        "head": strong("head", **small),
        "head_right": strong("head_right", alignment=TA_RIGHT, **small),
        "cell": make("cell", **small),
        "right": make("right", alignment=TA_RIGHT, **small),
        "cell_strong": strong("cell_strong", **small),
        "right_strong": strong("right_strong", alignment=TA_RIGHT, **small),
        "unknown": make("unknown", alignment=TA_RIGHT, fontSize=7, leading=9).clone(
            "unknown", textColor=ink.RED
        ),
    }
