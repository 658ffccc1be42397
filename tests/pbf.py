"""A small .osm.pbf, written byte by byte after the published format: dense nodes, ways, a string table."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

NANO = 10_000_000
"""Coordinates are whole numbers of 1e-7 degrees at the granularity of 100 nanodegrees."""


def varint(value: int) -> bytes:
    out = bytearray()
    while True:
        out.append((value & 0x7F) | (0x80 if value > 0x7F else 0))
        value >>= 7
        if not value:
            return bytes(out)


def zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def field(number: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def packed(values: Iterable[int]) -> bytes:
    return b"".join(varint(value) for value in values)


def deltas(values: Sequence[int]) -> bytes:
    steps = (value - before for before, value in zip((0, *values), values, strict=False))
    return packed(zigzag(step) for step in steps)


def blob(kind: str, content: bytes) -> bytes:
    data = field(2, len(content)) + field(3, zlib.compress(content))
    head = field(1, kind.encode()) + field(3, len(data))
    return struct.pack(">I", len(head)) + head + data


def write_pbf(
    file: Path,
    nodes: Mapping[int, tuple[float, float]],
    ways: Sequence[tuple[int, Sequence[int], Mapping[str, str]]],
) -> Path:
    """Write nodes (id -> lon, lat) and ways (id, nodes, tags) as an extract."""
    texts = ["", *dict.fromkeys(text for _, _, tags in ways for pair in tags.items() for text in pair)]
    place = {text: number for number, text in enumerate(texts)}
    dense = (
        field(1, deltas(list(nodes)))
        + field(8, deltas([round(lat * NANO) for _, lat in nodes.values()]))
        + field(9, deltas([round(lon * NANO) for lon, _ in nodes.values()]))
    )
    lines = b"".join(
        field(
            3,
            field(1, number)
            + field(2, packed(place[key] for key in tags))
            + field(3, packed(place[value] for value in tags.values()))
            + field(8, deltas(list(refs))),
        )
        for number, refs, tags in ways
    )
    table = b"".join(field(1, text.encode()) for text in texts)
    block = field(1, table) + field(2, field(2, dense)) + field(2, lines)
    header = field(4, b"OsmSchema-V0.6") + field(4, b"DenseNodes")
    file.write_bytes(blob("OSMHeader", header) + blob("OSMData", block))
    return file
