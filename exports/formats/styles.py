"""How QGIS and servers draw a layer: QML and SLD made from the one table of colours."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from exports.labels import TECHNOLOGIES, TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from exports.flat import Field
    from exports.labels import Label

STYLED = {"sites": ("type", TYPES), "heat": ("technology", TECHNOLOGIES)}
_FILL_ALPHA = 200
_OUTLINE = "60,60,60,255"


def qml(kind: str, fields: Sequence[Field]) -> str:
    """Return the QGIS style: one colour per type, aliases in two languages."""
    column, labels = STYLED[kind]
    categories = "".join(
        f'<category symbol="{index}" value={quoteattr(code)} label={quoteattr(words.both)} render="true"/>'
        for index, (code, words) in enumerate(labels.items())
    )
    symbols = "".join(_symbol(str(index), words.colour) for index, words in enumerate(labels.values()))
    renderer = (
        f'<renderer-v2 type="categorizedSymbol" attr="{column}" enableorderby="0" forceraster="0" '
        f'symbollevels="0"><categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2>'
    )
    return _document(renderer, {field.name: field.label for field in fields})


def outline_qml(aliases: Mapping[str, str], label_column: str) -> str:
    """Return the QGIS style of the towns: a line, no fill, the name as map tip."""
    layer = _layer("SimpleLine", {"line_color": "200,30,30,255", "line_width": "0.6", "line_style": "solid"})
    renderer = (
        '<renderer-v2 type="singleSymbol" enableorderby="0" forceraster="0" symbollevels="0"><symbols>'
        f'<symbol type="fill" name="0" alpha="1" clip_to_extent="1" force_rhr="0">{layer}</symbol>'
        "</symbols></renderer-v2>"
    )
    return _document(renderer, aliases, f"<previewExpression>{label_column}</previewExpression>")


def sld(kind: str, layer: str) -> str:
    """Return the same drawing as a Styled Layer Descriptor 1.0 for map servers."""
    column, labels = STYLED[kind]
    rules = "".join(_sld_rule(column, code, words) for code, words in labels.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?><StyledLayerDescriptor version="1.0.0" '
        'xmlns="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc"><NamedLayer>'
        f"<Name>{layer}</Name><UserStyle><FeatureTypeStyle>{rules}</FeatureTypeStyle></UserStyle>"
        "</NamedLayer></StyledLayerDescriptor>"
    )


def _document(renderer: str, aliases: Mapping[str, str], extra: str = "") -> str:
    names = "".join(
        f'<alias field={quoteattr(name)} index="{index}" name={quoteattr(text)}/>'
        for index, (name, text) in enumerate(aliases.items())
    )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.22.0" styleCategories="Symbology|Fields|MapTips">'
        f"{renderer}<aliases>{names}</aliases>{extra}</qgis>"
    )


def _symbol(name: str, colour: str) -> str:
    rgb = ",".join(str(int(colour[index : index + 2], 16)) for index in (1, 3, 5))
    options = {
        "color": f"{rgb},{_FILL_ALPHA}",
        "outline_color": _OUTLINE,
        "outline_style": "solid",
        "outline_width": "0.1",
        "outline_width_unit": "MM",
        "style": "solid",
    }
    layer = _layer("SimpleFill", options)
    return f'<symbol type="fill" name="{name}" alpha="1" clip_to_extent="1" force_rhr="0">{layer}</symbol>'


def _layer(kind: str, options: Mapping[str, str]) -> str:
    """Return a symbol layer with its options in the present and the former spelling."""
    present = "".join(
        f'<Option name="{key}" type="QString" value="{text}"/>' for key, text in options.items()
    )
    former = "".join(f'<prop k="{key}" v="{text}"/>' for key, text in options.items())
    content = f'<Option type="Map">{present}</Option>{former}'
    return f'<layer class="{kind}" pass="0" enabled="1" locked="0">{content}</layer>'


def _sld_rule(column: str, code: str, words: Label) -> str:
    opacity = _FILL_ALPHA / 255
    return (
        f"<Rule><Name>{code}</Name><Title>{words.both}</Title><ogc:Filter><ogc:PropertyIsEqualTo>"
        f"<ogc:PropertyName>{column}</ogc:PropertyName><ogc:Literal>{code}</ogc:Literal>"
        "</ogc:PropertyIsEqualTo></ogc:Filter><PolygonSymbolizer>"
        f'<Fill><CssParameter name="fill">{words.colour}</CssParameter>'
        f'<CssParameter name="fill-opacity">{opacity:.2f}</CssParameter></Fill>'
        '<Stroke><CssParameter name="stroke">#3c3c3c</CssParameter>'
        '<CssParameter name="stroke-width">0.3</CssParameter></Stroke></PolygonSymbolizer></Rule>'
    )
