"""What the page of own data lets work in a process of its own: plain values in, plain values out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from layers.answers import Answers, ClimateChoice
from layers.boundary import plain_id
from layers.check_html import map_svg
from layers.checks import check_path
from layers.demo_source import NO_PROGRESS
from layers.offers import Offer, offers, questions
from layers.region import EMBEDDED, load_region
from layers.spec import LayerSpec
from layers.told import all_told
from layers.wizard import make_region

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from layers.check_report import CheckReport

BUILT_IN_NORMALS = EMBEDDED / "climate_normals.csv"
"""Measured months of the stations that come with the program."""


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
    offers: tuple[Offer, ...] = ()
    """Changes that would mend what is suspected: offset datums, units."""


@dataclass(frozen=True)
class Draft:
    """What a visitor gave for a new region."""

    name_zh: str
    name_en: str
    boundary: Path
    layers: Mapping[str, Path] = field(default_factory=dict)
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Layer -> what the visitor decided of its file: columns.height_m=H, convert=gcj02, ..."""
    fetched: Mapping[str, str] = field(default_factory=dict)
    """Layer -> who it is fetched from."""
    weather: tuple[Path, ...] = ()
    """Hourly files (years of one place, or places around), or one table of months."""
    service: str | None = None
    station_normals: Path | None = None
    """Measured months that the hourly year is scaled to."""

    @property
    def id(self) -> str:
        """Short name of the region for its folder."""
        return plain_id(self.name_en, default="region")

    def answers(self) -> Answers:
        """Return it as the wizard takes it."""
        return Answers(
            boundary=self._spec("towns", self.boundary),
            name_zh=self.name_zh,
            name_en=self.name_en,
            id=self.id,
            layers={name: self._spec(name, path) for name, path in self.layers.items()},
            fetched=dict(self.fetched),
            climate=ClimateChoice(self.weather, self.service, self.station_normals),
        )

    def _spec(self, name: str, path: Path) -> LayerSpec:
        return all_told(LayerSpec(name, path=path), self.told.get(name, ()))


def check_upload(
    path: Path, layer: str | None, region_file: Path | None, told: tuple[str, ...] = ()
) -> Shown:
    """Check one file, for a layer and a region where they are told."""
    region = None if region_file is None else load_region(region_file)
    return shown(check_path(path, as_layer=layer, region=region, told=told))


def columns_asked(path: Path, layer: str) -> dict[str, list[str]]:
    """Return the columns of a layer that several columns of a file may be."""
    return questions(LayerSpec(layer, path=path))


def make_draft(draft: Draft, out: Path, *, progress: Callable[[float, str], None] = NO_PROGRESS) -> Shown:
    """Make the region of a draft; what was in the folder of an earlier one is replaced."""
    made = make_region(draft.answers(), out, replace_old=True, progress=progress)
    return replace(shown(made.report), logs=made.logs, missing=made.missing, offers=made.offers)


def shown(report: CheckReport) -> Shown:
    """Return a report as plain values with its map."""
    plain = report.as_dict()
    return Shown(
        ok=report.ok,
        layers=tuple(plain["layers"]),
        faults=tuple(plain["faults"]),
        svg=map_svg(report),
        offers=tuple(offers(report.faults)),
    )
