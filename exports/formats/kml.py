"""KML and KMZ: a folder per town, a colour per type, balloons that a person can read."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import shapely

from exports.formats.styles import STYLED
from exports.job import shapes_of
from exports.labels import GROUPS
from exports.target import DEGREE_DECIMALS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from exports.flat import Field
    from exports.job import Job

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FILL_ALPHA = "b0"
_HEADLINE = {"sites": "kwp_dc_central", "heat": "kw_year1"}
_CODES = ("type", "sector", "status", "technology")
_LEFT_OUT = {"id", "name", "parcel_id", "source"}
_UNKNOWN = "未知 unknown"


def write_kml(path: Path, job: Job) -> None:
    """Write one KML document, placemark by placemark."""
    with path.open("wb") as sink:
        for text in _document(job):
            sink.write(text.encode("utf-8"))


def write_kmz(path: Path, job: Job) -> None:
    """Write the same document, packed."""
    entry = zipfile.ZipInfo("doc.kml", (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w") as archive, archive.open(entry, "w", force_zip64=True) as sink:
        for text in _document(job):
            sink.write(text.encode("utf-8"))


def clean(text: object) -> str:
    """Return text fit for XML: signs XML 1.0 does not know are dropped, markup is escaped.

    Examples
    --------
    >>> clean("<b>" + chr(11) + "&")
    '&lt;b&gt;&amp;'
    """
    return escape(_NOT_XML.sub("", str(text)))


def _document(job: Job) -> Iterator[str]:
    titles = {"sites": "光伏候选场址 PV candidate sites", "heat": "地热候选场址 geothermal sites"}
    name = f"{job.provenance.region['zh']} {titles[job.kind]}"
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    yield f"<name>{clean(name + (' (GCJ-02)' if job.target.is_gcj02 else ''))}</name>"
    yield f"<description>{clean(job.provenance.text())}</description>"
    yield from _styles(job)
    towns = job.run.towns
    names = dict(zip(towns["town"], towns["name_zh"], strict=True))
    for town in job.selection.towns or tuple(names):
        yield f"<Folder><name>{clean(names[town])}</name>\n"
        for table in job.flat_tables(job.selection.of_town(town)):
            yield "".join(_placemarks(table, job))
        yield "</Folder>\n"
    yield "</Document></kml>\n"


def _shown(job: Job) -> list[Field]:
    """Return the columns of the balloon: all but names, origins and single months."""
    return [field for field in job.fields if field.name not in _LEFT_OUT and not _is_month(field.name)]


def _is_month(name: str) -> bool:
    return name.startswith("kwh_") and name.removeprefix("kwh_").isdecimal()


def _styles(job: Job) -> Iterator[str]:
    """Yield a style per type; the balloon's table is told once, its values come from each placemark."""
    rows = "".join(
        f"<tr><td>{field.zh}<br/><small>{field.en}</small></td><td>$[{field.name}]</td></tr>"
        for field in _shown(job)
    )
    balloon = (
        f"<h3>$[name]</h3><p>$[id]</p><table>{rows}</table><p><small>{job.provenance.short('zh')}</small></p>"
    )
    _, labels = STYLED[job.kind]
    for code, words in labels.items():
        red, green, blue = (words.colour[index : index + 2] for index in (1, 3, 5))
        yield (
            f'<Style id="{code}"><LineStyle><color>ff3c3c3c</color><width>1</width></LineStyle>'
            f"<PolyStyle><color>{_FILL_ALPHA}{blue}{green}{red}</color></PolyStyle>"
            f"<BalloonStyle><text>{escape(balloon)}</text></BalloonStyle></Style>\n"
        )


def _placemarks(table: pa.Table, job: Job) -> Iterator[str]:
    column, labels = STYLED[job.kind]
    shown = _shown(job)
    for row, shape in zip(table.to_pylist(), shapes_of(table), strict=True):
        words = labels[row[column]].zh if row[column] in labels else str(row[column])
        title = row.get("name") or f"{words} {_number(row[_HEADLINE[job.kind]])} kW"
        values = "".join(
            f'<Data name="{field.name}"><value>{clean(_words(field, row[field.name]))}</value></Data>'
            for field in shown
        )
        yield (
            f'<Placemark id="{clean(row["id"])}"><name>{clean(title)}</name>'
            f"<styleUrl>#{clean(row[column])}</styleUrl>"
            f'<ExtendedData><Data name="id"><value>{clean(row["id"])}</value></Data>{values}</ExtendedData>'
            f"{_geometry(shape)}</Placemark>\n"
        )


def _words(field: Field, value: Any) -> str:  # noqa: ANN401 - any cell
    """Return a cell as the balloon shows it."""
    if value is None:
        return _UNKNOWN
    if field.name in _CODES and value in GROUPS[field.name]:
        return GROUPS[field.name][value].both
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    if isinstance(value, float):
        return f"{_number(value)} {field.unit}".removesuffix(" 1")
    return str(value)


def _number(value: float | None) -> str:
    """Return a number with as many digits as a reader needs.

    Examples
    --------
    >>> _number(1234567.8), _number(27.31), _number(0.29011), _number(None)
    ('1,234,568', '27.3', '0.290', '?')
    """
    if value is None:
        return "?"
    size = abs(value)
    decimals = 0 if size >= 100 else 1 if size >= 10 else 3  # noqa: PLR2004 - the digits of the example
    return f"{value:,.{decimals}f}"


def _geometry(shape: shapely.Geometry) -> str:
    parts = shapely.get_parts(shape)
    if len(parts) == 1:
        return _part(parts[0])
    return f"<MultiGeometry>{''.join(map(_part, parts))}</MultiGeometry>"


def _part(shape: Any) -> str:  # noqa: ANN401 - one single geometry
    if shape.geom_type == "Polygon":
        inner = "".join(
            f"<innerBoundaryIs><LinearRing>{_coordinates(ring)}</LinearRing></innerBoundaryIs>"
            for ring in shape.interiors
        )
        outer = f"<outerBoundaryIs><LinearRing>{_coordinates(shape.exterior)}</LinearRing></outerBoundaryIs>"
        return f"<Polygon>{outer}{inner}</Polygon>"
    kind = "Point" if shape.geom_type == "Point" else "LineString"
    return f"<{kind}>{_coordinates(shape)}</{kind}>"


def _coordinates(line: Any) -> str:  # noqa: ANN401 - one line or point
    pairs = shapely.get_coordinates(line).round(DEGREE_DECIMALS).tolist()
    return f"<coordinates>{' '.join(f'{x!r},{y!r}' for x, y in pairs)}</coordinates>"
