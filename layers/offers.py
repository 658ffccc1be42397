"""What a check leaves to its reader: questions about columns, and changes that are made only when told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from layers.files import read_file
from layers.mapping import ambiguities, load_synonyms
from layers.region import DATA
from layers.schema import SCHEMAS
from layers.spec import RASTERS
from layers.told import HEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from faults import Fault
    from layers.spec import LayerSpec

SETTINGS = (
    (re.compile(r'write convert = "(\w+)" to convert'), "convert={}"),
    (re.compile(r'give units = \{(\w+) = "(\w+)"\}'), "units.{}={}"),
    (re.compile(r'give axis = "(\w+)"'), "axis={}"),
    (re.compile(r"declare the unit of the band \(such as (\w+)\)"), f"units.{HEIGHTS}={{}}"),
)
"""How a sentence of a check asks for a setting, and the setting."""


@dataclass(frozen=True)
class Offer:
    """A change that would mend what a check suspects; made only where somebody says so."""

    layer: str
    setting: str
    """As `layers.told.told` takes it: convert=gcj02, units.height_m=ft, axis=yx."""
    rule: str
    """The sentence of the check, with what was measured."""


def offers(faults: Iterable[Fault]) -> list[Offer]:
    """Return the changes that the findings of a check suggest, each once."""
    found: dict[tuple[str, str], Offer] = {}
    for fault in faults:
        for pattern, setting in SETTINGS:
            match = pattern.search(fault.rule)
            if match is not None:
                offer = Offer(fault.layer, setting.format(*match.groups()), fault.rule)
                found.setdefault((offer.layer, offer.setting), offer)
    return list(found.values())


def questions(spec: LayerSpec) -> dict[str, list[str]]:
    """Return the columns of a layer that several columns of the user's file may be; none for rasters."""
    if spec.name in RASTERS or spec.path is None:
        return {}
    raw, _ = read_file(spec.path, layer=spec.sublayer, encoding=spec.encoding)
    synonyms = load_synonyms(DATA / "catalog" / "columns.toml")
    return ambiguities(SCHEMAS[spec.name], raw.columns.drop(raw.geometry.name), spec, synonyms=synonyms)
