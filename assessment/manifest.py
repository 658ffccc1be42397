"""The manifest of a run: what went in, with which parameters and rules, and what was not checked."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from assessment.inputs import catalogues, provenance, sha256
from assessment.run_versions import FORMAT
from layers.rule_reasons import exempting_day
from layers.rules import RULES_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from assessment.inputs import Inputs
    from assessment.scenario import Scenario
    from layers.region import Region
    from layers.rules import Rule


def build_manifest(
    inputs: Inputs,
    *,
    scenario: Scenario,
    rules: Iterable[Rule],
    not_checked: Iterable[str],
    parameters: Mapping[str, Any],
    totals: Mapping[str, Any],
    incomplete: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Put the manifest together. It holds no date and no timing: the same inputs give the same bytes."""
    region = inputs.region
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "version": version("yijian"),
        "region": {"id": region.id, "name_zh": region.name_zh, "name_en": region.name_en},
        "crs": region.crs_metric,
        "boundary_note_zh": region.boundary_note_zh,
        "boundary_note_en": region.boundary_note_en,
        "inputs": provenance(inputs),
        "catalogs": catalogues(inputs),
        "scenario": scenario.as_dict(),
        "parameters": dict(parameters),
        "rules": [_rule(rule) for rule in rules],
        "not_checked": sorted(set(not_checked)),
        "demo_layers": list(inputs.demo_layers()),
        "incomplete": [dict(one) for one in incomplete],
        "totals": dict(totals),
        "fingerprint": fingerprint(region, scenario),
    }
    manifest["run_id"] = _digest(manifest)[:12]
    return manifest


def fingerprint(region: Region, scenario: Scenario) -> str:
    """Return a digest of everything a run of the region depends on, cheap enough to ask before each start.

    Generated layers count by seed and program version; files by their bytes.
    """
    files = {path.name: sha256(path) for path in _files(region) if path.is_file()}
    known = {"version": version("yijian"), "format": FORMAT, "files": files, "scenario": scenario.as_dict()}
    return _digest(known | {"seed": region.seed, "demo": list(region.demo_layers())})


def _files(region: Region) -> Iterator[Path]:
    if region.file is not None:
        yield region.file
    yield from (spec.path for spec in region.layers.values() if spec.path is not None)
    yield from region.climate.files
    if region.ground is not None:
        yield region.ground
    yield from region.catalogs.values()
    yield from sorted(RULES_FOLDER.glob("*.toml"))


def _rule(rule: Rule) -> dict[str, Any]:
    fields = (
        "id",
        "pack",
        "title_zh",
        "title_en",
        "document",
        "article",
        "source",
        "confidence",
        "unverified",
    )
    notes = ("verdict", "note_zh", "note_en")
    day = exempting_day(rule)
    return {name: getattr(rule, name) for name in (*fields, *notes)} | {
        "applies_to": sorted(rule.applies_to),
        "exempt_before": None if day is None else day.isoformat(),
    }


def _digest(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
