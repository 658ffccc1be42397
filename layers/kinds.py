"""What kind of file it is by its name and by its first bytes; both must agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HEAD_BYTES = 512
SIGNATURES: dict[str, tuple[bytes, frozenset[str]]] = {
    "GeoPackage (SQLite)": (b"SQLite format 3\x00", frozenset({".gpkg"})),
    "Parquet": (b"PAR1", frozenset({".parquet", ".geoparquet"})),
    "FlatGeobuf": (b"fgb\x03", frozenset({".fgb"})),
    "shapefile": (b"\x00\x00\x27\x0a", frozenset({".shp", ".shx"})),
    "ZIP archive": (b"PK\x03\x04", frozenset({".zip", ".kmz", ".xlsx"})),
    "GeoTIFF": (b"II*\x00", frozenset({".tif", ".tiff"})),
    "PDF": (b"%PDF", frozenset({".pdf"})),
    "AutoCAD drawing": (b"AC10", frozenset({".dwg"})),
    "RAR archive": (b"Rar!", frozenset({".rar"})),
    "XML": (b"<?xml", frozenset({".kml", ".gml", ".xml", ".osm"})),
}
"""Kind -> first bytes and the endings that go with it."""


def check_kind(path: Path, known: Iterable[str]) -> None:
    """Refuse a file that is missing, empty, of an unknown kind, or not what its ending says.

    Raises
    ------
    InputError
        With what the file is by its content, where that can be told.
    """
    problem = _problem(path, tuple(known))
    if problem is not None:
        raise InputError([Fault(path.name, None, None, *problem, file=path.name)])


def _problem(path: Path, known: tuple[str, ...]) -> tuple[str | None, str] | None:
    if not path.is_file():
        return str(path), "is a folder, not a file" if path.is_dir() else "file not found"
    if not path.stat().st_size:
        return None, "is empty (0 bytes)"
    return _content_problem(path, known)


def _content_problem(path: Path, known: tuple[str, ...]) -> tuple[str | None, str] | None:
    suffix = path.suffix.lower()
    content = content_kind(path)
    if content is not None and suffix not in SIGNATURES[content][1]:
        return suffix, f"the content is {content}; name it {' or '.join(sorted(SIGNATURES[content][1]))}"
    if suffix not in known:
        return suffix, f"is no known kind of file; known are {', '.join(known)}"
    expected = next((kind for kind, (_, endings) in SIGNATURES.items() if suffix in endings), None)
    if expected is not None and content != expected:
        return suffix, f"is no {expected}: its first bytes are others; it is damaged or misnamed"
    return None


def content_kind(path: Path) -> str | None:
    """Return what a file is by its first bytes, or None where they tell nothing."""
    with path.open("rb") as handle:
        head = handle.read(HEAD_BYTES)
    return next((kind for kind, (start, _) in SIGNATURES.items() if head.startswith(start)), None)
