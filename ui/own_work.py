"""What the page of own data lets work in a process of its own: plain values in, plain values out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from layers.boundary import plain_id
from layers.check_html import map_svg
from layers.checks import check_path
from layers.region import load_region
from layers.spec import LayerSpec
from layers.wizard import Answers, ClimateChoice, conversions, make_region

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layers.check_report import CheckReport


@dataclass(frozen=True)
class Shown:
    """A check as the page shows it."""

    ok: bool
    layers: tuple[dict[str, Any], ...]
    """Figures of each layer."""
    faults: tuple[dict[str, Any], ...]
    """Every fault: layer, row, column, value, rule, rule_zh, severity, file."""
    svg: str
    """Small map of the layers and the faults; empty where nothing has a place."""
    logs: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    offsets: tuple[tuple[str, str, str], ...] = ()
    """Layer, datum and sentence of what looks like an offset datum."""


@dataclass(frozen=True)
class Draft:
    """What a visitor gave for a new region."""

    name_zh: str
    name_en: str
    boundary: Path
    layers: Mapping[str, Path] = field(default_factory=dict)
    convert: Mapping[str, str] = field(default_factory=dict)
    """Layer -> offset datum that is undone, because the visitor said so."""
    weather: Path | None = None
    service: str | None = None

    @property
    def id(self) -> str:
        """Short name of the region for its folder."""
        return plain_id(self.name_en, default="region")

    def answers(self) -> Answers:
        """Return it as the wizard takes it."""
        specs = {
            name: replace(LayerSpec(name, path=path), convert=self.convert.get(name))
            for name, path in self.layers.items()
        }
        return Answers(
            boundary=replace(LayerSpec("towns", path=self.boundary), convert=self.convert.get("towns")),
            name_zh=self.name_zh,
            name_en=self.name_en,
            id=self.id,
            layers=specs,
            climate=ClimateChoice(() if self.weather is None else (self.weather,), self.service),
        )


def check_upload(path: Path, layer: str | None, region_file: Path | None) -> Shown:
    """Check one file, for a layer and a region where they are told."""
    region = None if region_file is None else load_region(region_file)
    return shown(check_path(path, as_layer=layer, region=region))


def make_draft(draft: Draft, out: Path) -> Shown:
    """Make the region of a draft; what was in the folder of an earlier one is replaced."""
    made = make_region(draft.answers(), out, replace_old=True)
    return replace(shown(made.report), logs=made.logs, missing=made.missing)


def shown(report: CheckReport) -> Shown:
    """Return a report as plain values with its map."""
    plain = report.as_dict()
    return Shown(
        ok=report.ok,
        layers=tuple(plain["layers"]),
        faults=tuple(plain["faults"]),
        svg=map_svg(report),
        offsets=tuple(conversions(report)),
    )
