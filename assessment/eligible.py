"""The rule engine on its own: any area, any layers, any CRS; what is left, the reasons, the waterfall."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from assessment.eligible_files import check_ending, read_area, read_layers, write_outcome
from assessment.scenario import REFERENCE
from faults import Fault, InputError
from layers.eligibility import Eligibility, evaluate
from layers.rule_reasons import M2_PER_HA, explain_site
from layers.rule_scenarios import load_rule_scenarios
from layers.rules import load_rules
from layers.waterfall import waterfall

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from layers.rule_model import Rule


def eligible(
    area: Path,
    rules: Path | str | Sequence[str],
    layers_dir: Path,
    out: Path,
    *,
    kind: str = "ground",
    covers: Collection[str] | None = None,
    reading: str = REFERENCE,
    needed_ha: float | None = None,
) -> dict[str, Any]:
    """Write what rules leave of areas, and say what each rule took.

    Parameters
    ----------
    area
        Polygons or points, any vector format and CRS. A column `type` says what is to be built on each, else
        it is `kind`; further columns can be asked by rules about the site itself.
    rules
        A pack file, a folder of pack files, or names of the packs that come with the program.
    layers_dir
        Folder with one file per layer, named like the layer in the rules, any format and CRS; `terrain.tif`
        gives elevation, slope and aspect.
    out
        File for the eligible polygons: .gpkg, .geojson, .parquet, .fgb or .shp, in the CRS of the area
        (GeoJSON: EPSG:4326). Beside it `<name>_excluded`, `<name>_reasons.csv` and `<name>_waterfall.csv`.
    kind
        Type of areas that name none.
    covers
        Kinds of restriction that the layers are complete for; by default those that occur in them.
    reading
        How the rules are read: strict, reference or open.
    needed_ha
        Land that a project needs (ha); the answer then says what it takes to have it.

    Returns
    -------
    dict
        area_m2; eligible_m2; rules: id, verdict, taken_m2 (in order), alone_m2 (comes back if only this rule
        were lifted), touched_m2 for each rule about the area's types; not_checked: ids of rules whose layer
        is missing or silent on a part of the area; explained, if asked: sentences in zh and en; crs in which
        areas were measured; repaired: shapes mended; files written.

    Raises
    ------
    InputError
        An input cannot be used; with what and why.
    """
    check_ending(out)
    book = read_as(find_rules(rules), reading)
    sites, crs, mended = read_area(area, kind)
    layers, mended_layers = read_layers(layers_dir, str(sites.crs), _wanted(book))
    outcome = evaluate(sites, book, layers, covers=covers)
    steps = waterfall(outcome, pd.Series("", index=sites["id"]), book).drop(columns="town")
    types = set(sites["type"])
    explained = {}
    if needed_ha is not None:
        told = explain_site(sites, book, layers, covers=covers, needed_m2=needed_ha * M2_PER_HA)
        explained = {"explained": {lang: told.lines(lang) for lang in ("zh", "en")}}
    return {
        "area_m2": round(float(outcome.areas["area_m2"].sum()), 3),
        "eligible_m2": round(float(outcome.areas["available_m2"].sum()), 3),
        "rules": _costs(outcome, [rule for rule in book if rule.applies_to & types]),
        "not_checked": sorted(
            {rule for name in types for rule in outcome.not_checked[name]} | set(outcome.unknown["rule"])
        ),
        **explained,
        "crs": str(sites.crs),
        "repaired": mended + mended_layers,
        "files": write_outcome(outcome, steps, out, crs),
    }


def find_rules(rules: Path | str | Sequence[str]) -> tuple[Rule, ...]:
    """Load rules from a file, from all files of a folder, or by names of packs ("national,water").

    Examples
    --------
    >>> len(find_rules("heritage,airport")) == len(find_rules(["heritage", "airport"])) > 0
    True
    """
    if not isinstance(rules, str | Path):
        return load_rules(rules)
    path = Path(rules)
    if path.is_dir():
        return load_rules([], extra=sorted(path.glob("*.toml")))
    if path.is_file():
        return load_rules([], extra=[path])
    if path.suffix:
        raise InputError([Fault(path.name, None, None, str(rules), "file not found")])
    return load_rules([name.strip() for name in str(rules).split(",")])


def read_as(book: Sequence[Rule], reading: str) -> tuple[Rule, ...]:
    """Return rules as a named reading has them, with the packs that it adds.

    Raises
    ------
    InputError
        There is no such reading.

    Examples
    --------
    >>> len(read_as(find_rules("heritage"), "strict")) > len(find_rules("heritage"))
    True
    """
    readings = load_rule_scenarios()
    if reading not in readings:
        rule = f"is none of {', '.join(readings)}"
        raise InputError([Fault("scenario", None, None, reading, rule)])
    known = {rule.id for rule in book}
    added = [rule for rule in load_rules(readings[reading].add_packs) if rule.id not in known]
    return readings[reading].apply([*book, *added])


def _wanted(book: Sequence[Rule]) -> set[str]:
    """Return the layers that rules and their exemptions ask for."""
    exempting = {exemption.layer for rule in book for exemption in rule.exemptions if exemption.layer}
    return {rule.layer for rule in book} | exempting


def _costs(outcome: Eligibility, book: Sequence[Rule]) -> list[dict[str, Any]]:
    columns = ["m2", "alone_m2", "touched_m2"]
    sums = outcome.touches.groupby("rule")[columns].sum().reindex([rule.id for rule in book]).fillna(0.0)
    return [
        {
            "id": rule.id,
            "verdict": rule.verdict,
            "taken_m2": round(float(m2), 3) if rule.verdict == "forbidden" else 0.0,
            "alone_m2": round(float(alone), 3) if rule.verdict == "forbidden" else 0.0,
            "touched_m2": round(float(touched), 3),
        }
        for rule, (m2, alone, touched) in zip(book, sums[columns].to_numpy(), strict=True)
    ]
