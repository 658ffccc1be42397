"""Fonts, colours and text for print: one font in two weights, embedded, so that no system font is needed."""

from __future__ import annotations

import re
from functools import cache
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from layers.region import DATA

FONT, BOLD = "NotoSansSC", "NotoSansSC-Bold"
FONT_FILES = {
    FONT: DATA / "fonts" / "NotoSansSC-Regular-subset.ttf",
    BOLD: DATA / "fonts" / "NotoSansSC-Bold-subset.ttf",
}

INK, BLUE, RED, GREEN = HexColor("#1f2d3d"), HexColor("#2a6f97"), HexColor("#c8553d"), HexColor("#2e8b57")
GREY, RULE, PALE, PAPER = HexColor("#6b7785"), HexColor("#cfd8e0"), HexColor("#eef3f7"), HexColor("#ffffff")
WARN = HexColor("#fff6e0")
SUN_RAMP = tuple(map(HexColor, ("#fff3c4", "#fdd26e", "#f5a13b", "#dd6b2f", "#a83a2c")))
HEAT_RAMP = tuple(map(HexColor, ("#fbe6d8", "#f3b99a", "#e2835f", "#bf4f3c", "#7f2a2a")))
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_MISSING = "□"


@cache
def register_fonts() -> TTFont:
    """Make both weights known to ReportLab, once; return the regular one."""
    fonts = {name: TTFont(name, str(path)) for name, path in FONT_FILES.items()}
    for font in fonts.values():
        pdfmetrics.registerFont(font)
    pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=BOLD, italic=FONT, boldItalic=BOLD)
    return fonts[FONT]


def plain(text: object) -> str:
    """Return text the font can show: no control signs, a box for signs it lacks.

    Examples
    --------
    >>> plain("屋顶" + chr(11) + chr(0x1F31E))
    '屋顶□'
    """
    known = register_fonts().face.charToGlyph
    kept = _CONTROL.sub("", str(text).replace("\r", " ").replace("\t", " "))
    return "".join(sign if ord(sign) in known or sign == "\n" else _MISSING for sign in kept)


def markup(text: object) -> str:
    """Return text for a paragraph: nothing in it is taken for markup."""
    return escape(plain(text)).replace("\n", "<br/>")


def width_of(text: str, size: float) -> float:
    """Return the width of a line of text (points)."""
    register_fonts()
    return float(pdfmetrics.stringWidth(text, FONT, size))


def rgb(red: float, green: float, blue: float) -> Color:
    """Return the colour of three shares (0 to 1)."""
    return Color(red, green, blue)


def faded(colour: Color, alpha: float) -> Color:
    """Return the colour with an opacity."""
    return Color(colour.red, colour.green, colour.blue, alpha=alpha)
