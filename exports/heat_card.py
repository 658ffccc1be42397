"""The geothermal card of one place as JSON or CSV: figures with units and ranges, reasons, rules, sources."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from assessment.heat_columns import heat_dictionary
from assessment.run import HEAT, HEAT_TECHNOLOGIES
from exports.formats.text import BOM, guard
from exports.labels import label
from exports.provenance import provenance_of
from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from assessment.heat_place import HeatPlace
    from assessment.run import Column, Run

CARD_FIELDS = ("part", "name", "zh", "en", "value", "unit", "low", "high", "source", "confidence")
"""Columns of the card as CSV. Low and high are P10 and P90 where the figure is heated floor area."""
_RANGES = {"heatable_m2": ("heatable_m2_p10", "heatable_m2_p90")}


def heat_card(run: Run, place: HeatPlace) -> dict[str, Any]:
    """Return the card of a place: plain values, ready for JSON.

    Keys: lon, lat, why (light, class, score, reasons by technology), block, sites and parcel (lists of
    figures, each with name, zh, en, value, unit, low, high), rules and not_checked (id and title in both
    languages), quantities (what the figures stand on, with range, source and confidence), settings
    (baseline, goal, weights) and run (identity and notices).
    """
    titles = {rule["id"]: rule for rule in run.manifest.get("rules", ())}
    stands = run.manifest.get("parameters", {}).get("heat", {})
    words = heat_dictionary()
    touched = [rule for site in place.sites for rule in site["rules"] or []]
    open_rules = [rule for site in place.sites for rule in site["not_checked"] or []]
    return {
        "lon": place.lon,
        "lat": place.lat,
        "why": place.why,
        "block": _figures(place.block, words["heat_blocks"]),
        "sites": [_figures(site, HEAT) for site in place.sites],
        "parcel": _figures(place.parcel, words["heat_parcels"]),
        "rules": _titled(touched, titles),
        "not_checked": _titled(open_rules or run.manifest.get("not_checked", ()), titles),
        "quantities": stands.get("quantities", {}),
        "settings": {name: stands.get(name) for name in ("baseline", "goal", "weights")},
        "run": provenance_of(run).as_dict(),
    }


def card_json(card: Mapping[str, Any]) -> bytes:
    """Return a card as JSON."""
    return (json.dumps(card, ensure_ascii=False, indent=1, default=str) + "\n").encode()


def card_csv(card: Mapping[str, Any]) -> bytes:
    """Return a card as CSV with one figure per row, for spreadsheets."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, CARD_FIELDS, restval="", extrasaction="ignore")
    writer.writeheader()
    for line in _lines(card):
        writer.writerow({name: _cell(value) for name, value in line.items()})
    return BOM + text.getvalue().encode()


CARD_FORMATS: Mapping[str, Callable[[Mapping[str, Any]], bytes]] = {"json": card_json, "csv": card_csv}


def write_heat_card(card: Mapping[str, Any], out: Path) -> None:
    """Write a card; the ending of the name decides how.

    Raises
    ------
    InputError
        The ending is none of CARD_FORMATS.
    """
    make = CARD_FORMATS.get(out.suffix.lower().removeprefix("."))
    if make is None:
        rule = f"must end in {', '.join(f'.{name}' for name in CARD_FORMATS)}"
        raise InputError([Fault("heat card", None, "out", out.name, rule)])
    out.write_bytes(make(card))


def _figures(row: Mapping[str, Any] | None, columns: Iterable[Column]) -> list[dict[str, Any]] | None:
    if row is None:
        return None
    bounds = {name for pair in _RANGES.values() for name in pair}
    figures = []
    for column in columns:
        if column.name in row and column.name not in bounds:
            low, high = (row.get(name) for name in _RANGES.get(column.name, ("", "")))
            figure = {"name": column.name, "zh": column.zh, "en": column.en, "value": row[column.name]}
            figures.append(figure | {"unit": column.unit, "low": low, "high": high})
    return figures


def _titled(ids: Iterable[str], titles: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {"id": key, **{lang: str(titles.get(key, {}).get(f"title_{lang}") or key) for lang in ("zh", "en")}}
        for key in dict.fromkeys(ids)
    ]


def _lines(card: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {
        "part": "place",
        "name": "lon",
        "zh": "经度",
        "en": "longitude",
        "value": card["lon"],
        "unit": "deg",
    }
    yield {
        "part": "place",
        "name": "lat",
        "zh": "纬度",
        "en": "latitude",
        "value": card["lat"],
        "unit": "deg",
    }
    for technology in HEAT_TECHNOLOGIES:
        told = card["why"].get(technology)
        if told:
            zh, en = (label("technology", technology, lang) for lang in ("zh", "en"))
            yield {"part": "why", "name": f"{technology}.light", "zh": zh, "en": en, "value": told["light"]}
            yield {"part": "why", "name": f"{technology}.reason", "zh": told["reason_zh"],
                   "en": told["reason_en"], "value": told["class"]}  # fmt: skip
    for part, figures in (("block", card["block"]), ("parcel", card["parcel"])):
        yield from ({"part": part, **figure} for figure in figures or ())
    for number, figures in enumerate(card["sites"], start=1):
        yield from ({"part": f"site {number}", **_flat(figure)} for figure in figures)
    for part in ("rules", "not_checked"):
        yield from (
            {"part": part, "name": rule["id"], "zh": rule["zh"], "en": rule["en"]} for rule in card[part]
        )
    for name, quantity in card["quantities"].items():
        yield {"part": "stands on", "name": name, **quantity}
    for name, value in card["run"].items():
        text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
        yield {"part": "run", "name": name, "value": text}


def _cell(value: object) -> object:
    """Return what a spreadsheet shows: nine digits of a number, no text that it would take for a formula."""
    if isinstance(value, str):
        return guard(pa.array([value], pa.string()))[0].as_py()
    return f"{value:.9g}" if isinstance(value, float) else value


def _flat(figure: dict[str, Any]) -> dict[str, Any]:
    value = figure["value"]
    return figure | {"value": "; ".join(map(str, value))} if isinstance(value, list) else figure
