"""What a connector writes: the data, and beside it where it is from and under which licence."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from faults import Fault, InputError
from layers.fetch.download import sha256
from layers.fix import WRITERS

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

BBOX_NUMBERS = 4
LON_LIMIT, LAT_LIMIT = 180.0, 90.0


@dataclass(frozen=True)
class Origin:
    """Where data is from."""

    title: str
    licence: str
    attribution: str
    urls: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fetched:
    """What was written."""

    out: Path
    origin: Origin
    rows: int | None
    """Rows of a vector file; None for a raster or a series."""
    bbox: tuple[float, float, float, float] | None = None
    """West, south, east, north in degrees."""
    beside: Path | None = field(default=None)
    """File that says where it is from."""


def check_bbox(bbox: tuple[float, ...]) -> tuple[float, float, float, float]:
    """Return a box as west, south, east, north in degrees, or refuse it.

    Raises
    ------
    InputError
        It has not four numbers, is empty, or lies outside the world.
    """
    if len(bbox) != BBOX_NUMBERS:
        raise _refused(bbox, "must be four numbers: west, south, east, north in degrees")
    west, south, east, north = (float(number) for number in bbox)
    if not (-LON_LIMIT <= west < east <= LON_LIMIT and -LAT_LIMIT <= south < north <= LAT_LIMIT):
        raise _refused(bbox, "must be west < east and south < north in degrees")
    return west, south, east, north


def _refused(bbox: tuple[float, ...], rule: str) -> InputError:
    return InputError([Fault("fetch", None, "bbox", ",".join(f"{number:g}" for number in bbox), rule)])


def write_vector(
    frame: gpd.GeoDataFrame, out: Path, origin: Origin, bbox: tuple[float, float, float, float]
) -> Fetched:
    """Write rows and their origin."""
    writer = WRITERS.get(out.suffix.lower())
    if writer is None:
        rule = f"is no kind of file that is written; these are: {', '.join(WRITERS)}"
        raise InputError([Fault("fetch", None, "out", out.suffix, rule)])
    out.parent.mkdir(parents=True, exist_ok=True)
    writer(frame, out)
    return write_origin(out, origin, rows=len(frame), bbox=bbox)


def write_origin(
    out: Path, origin: Origin, *, rows: int | None, bbox: tuple[float, float, float, float] | None
) -> Fetched:
    """Write `<out>.source.json`: title, licence, addresses, checksum, time."""
    beside = out.with_name(f"{out.name}.source.json")
    told = asdict(origin) | {
        "rows": rows,
        "bbox": bbox,
        "sha256": sha256(out),
        "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    beside.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    return Fetched(out, origin, rows, bbox, beside)
