"""Suitability on the fine grid: score, class, traffic light and the reason of every cell, coded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assessment.heat_cells import rule_map
from assessment.heat_factors import Places, factor_values
from assessment.heat_reasons import CodedReasons, code_reasons
from assessment.heat_suitability import CLASS_WORDS, LIGHTS, WELL_FAR_M, judge
from assessment.run import HEAT_TECHNOLOGIES
from potential.geothermal.suitability import CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from assessment.heat_rules import HeatRules
    from assessment.heat_suitability import Scheme, Suitability
    from gis.packing import Bounds
    from layers.catalog import Catalog

_DRAWS = 60
LIGHT_COLOURS = {"red": "#8e2c1f", "yellow": "#d9a21b", "green": "#2f7d5b"}
LIGHT_WORDS = {
    "red": ("不可行", "not allowed"),
    "yellow": ("有条件或资料不足", "conditions or thin data"),
    "green": ("未见障碍", "nothing foreseen"),
}
CLASS_COLOURS = {
    "suitable": "#1a7f5a",
    "fairly_suitable": "#7fbf7b",
    "moderate": "#f0d58c",
    "unsuitable": "#7a2718",
}


@dataclass(frozen=True)
class CodeLabel:
    """What one value of a coded map stands for."""

    code: int
    colour: str
    """As #rrggbb."""
    zh: str
    en: str


@dataclass(frozen=True)
class CodedValues:
    """Codes of the cells inside the towns, 0 unknown, with what they stand for."""

    code: NDArray[np.uint16]
    labels: tuple[CodeLabel, ...]


@dataclass(frozen=True)
class SuitabilityMaps:
    """The suitability of the cells, before they are put into rasters."""

    numbers: dict[str, NDArray[np.float64]]
    """suitability_ and stability_ of every technology."""
    coded: dict[str, CodedValues]
    """class_, light_ and reason_ of every technology."""
    reasons: pd.DataFrame
    """technology, code, light, class, reason_zh, reason_en, cells: what every code of reason_ says."""


def suitability_maps(
    places: Places,
    rules: HeatRules,
    *,
    bounds: Bounds,
    cell_m: float,
    inside: NDArray[np.intp],
    restrictions: gpd.GeoDataFrame | None,
    schemes: Mapping[str, Scheme],
    ground: Catalog,
    catalog: Catalog,
    seed: int,
) -> SuitabilityMaps:
    """Judge every cell for every technology, and say why, as a code with a sentence."""
    factors = factor_values(places, restrictions=restrictions, ground=ground, catalog=catalog)
    burnt = rule_map(rules, bounds=bounds, cell_m=cell_m, inside=inside)
    numbers: dict[str, NDArray[np.float64]] = {}
    coded: dict[str, CodedValues] = {}
    tables = []
    for technology in HEAT_TECHNOLOGIES:
        on_cells = burnt.of(technology)
        missing = [rule for rule in rules.not_checked if technology in rule.applies_to]
        judged = judge(
            schemes[technology],
            factors[technology],
            free_share=on_cells.free_share,
            conditional=on_cells.consent >= 0,
            uncertain=places.ground.nearest_well_m > WELL_FAR_M,
            unchecked=any(rule.decisive for rule in missing),
            seed=seed,
            draws=_DRAWS,
        )
        why = code_reasons(
            schemes[technology], judged, on_cells,
            not_checked=missing, nearest_well_m=places.ground.nearest_well_m,
        )  # fmt: skip
        numbers |= {f"suitability_{technology}": judged.score, f"stability_{technology}": judged.stable}
        coded |= _coded(technology, judged, why)
        tables.append(reason_table(technology, why))
    return SuitabilityMaps(numbers, coded, pd.concat(tables, ignore_index=True))


def reason_table(technology: str, why: CodedReasons) -> pd.DataFrame:
    """Return what every code of a technology says, and in how many cells."""
    codes = np.arange(1, len(why.light) + 1)
    return pd.DataFrame(
        {
            "technology": technology,
            "code": codes,
            "light": why.light,
            "class": [CLASSES[k] if k >= 0 else None for k in why.class_index],
            "reason_zh": why.zh,
            "reason_en": why.en,
            "cells": np.bincount(why.code, minlength=len(codes) + 1)[1:],
        }
    )


def light_labels() -> tuple[CodeLabel, ...]:
    """Return the codes of the traffic light: 1 red, 2 yellow, 3 green."""
    return tuple(CodeLabel(k + 1, LIGHT_COLOURS[name], *LIGHT_WORDS[name]) for k, name in enumerate(LIGHTS))


def class_labels() -> tuple[CodeLabel, ...]:
    """Return the codes of the classes: 1 适宜 to 4 不适宜."""
    return tuple(CodeLabel(k + 1, CLASS_COLOURS[name], *CLASS_WORDS[name]) for k, name in enumerate(CLASSES))


def _coded(technology: str, judged: Suitability, why: CodedReasons) -> dict[str, CodedValues]:
    return {
        f"class_{technology}": CodedValues((judged.class_index + 1).astype(np.uint16), class_labels()),
        f"light_{technology}": CodedValues(_lights(judged.light), light_labels()),
        f"reason_{technology}": CodedValues(
            why.code,
            tuple(
                CodeLabel(k + 1, LIGHT_COLOURS[why.light[k]], why.zh[k], why.en[k])
                for k in range(len(why.light))
            ),
        ),
    }


def _lights(light: NDArray[np.object_] | Sequence[str]) -> NDArray[np.uint16]:
    names = np.asarray(light, dtype=str)
    return np.select([names == name for name in LIGHTS], np.arange(1, len(LIGHTS) + 1), 0).astype(np.uint16)
