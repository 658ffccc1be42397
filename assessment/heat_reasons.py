"""Why a place is suited or not, in words: the traffic light, what decides it, what helps most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assessment.heat_suitability import CLASS_WORDS, LIGHTS, WELL_FAR_M
from potential.geothermal.suitability import CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from assessment.heat_cells import CellRules
    from assessment.heat_rules import Touched
    from assessment.heat_suitability import Scheme, Suitability
    from layers.rule_model import Rule

_LEAST_SHARE = 0.005
"""A rule that takes less of a place rounds to 0 % and is not named."""
Words = tuple[str, str]
"""The same in Chinese and in English."""


@dataclass(frozen=True)
class Causes:
    """What a traffic light and a class come from, for one place."""

    light: str
    class_index: int
    """Index into CLASSES; -1 unknown."""
    veto: Words = ("", "")
    consent: Words = ("", "")
    missing: Words = ("", "")
    """Rules that could not be checked."""
    far: Words = ("", "")
    strongest: Words = ("", "")
    weakest: Words = ("", "")

    def words(self) -> Words:
        """Return the reason as one sentence per language."""
        parts = [self.veto, self.consent, *self._data(), self._class()]
        chosen = parts[:1] if self.light == LIGHTS[0] and self.veto[0] else parts
        zh, en = ([part[k] for part in chosen if part[k]] for k in (0, 1))
        return "；".join(zh), "; ".join(en)

    def _data(self) -> list[Words]:
        unchecked = (
            (f"未核查：{self.missing[0]}", f"not checked: {self.missing[1]}") if self.missing[0] else ("", "")
        )
        return [unchecked, self.far]

    def _class(self) -> Words:
        if self.class_index < 0:
            return "资料不足", "too little is known"
        zh, en = CLASS_WORDS[CLASSES[self.class_index]]
        if not self.strongest[0]:
            return zh, en
        return (
            f"{zh}，有利：{self.strongest[0]}，不足：{self.weakest[0]}",
            f"{en}; strongest: {self.strongest[1]}, weakest: {self.weakest[1]}",
        )


def reasons(
    scheme: Scheme,
    found: Suitability,
    touched: Touched,
    *,
    not_checked: Sequence[Rule],
    nearest_well_m: NDArray[np.float64],
) -> tuple[list[str], list[str]]:
    """Say in words why each place has its light and class, in Chinese and in English."""
    missing = titles(not_checked)
    told = [
        Causes(
            light=str(found.light[i]),
            class_index=int(found.class_index[i]),
            veto=_taken(touched, i),
            consent=_titled(touched.consent[i]),
            missing=missing,
            far=_far(float(nearest_well_m[i])),
            strongest=_factor(scheme, int(found.strongest[i])),
            weakest=_factor(scheme, int(found.weakest[i])),
        ).words()
        for i in range(len(found.score))
    ]
    return [zh for zh, _ in told], [en for _, en in told]


@dataclass(frozen=True)
class CodedReasons:
    """The reason of every cell as a number, with a sentence per number."""

    code: NDArray[np.uint16]
    """Per cell, from 1."""
    light: tuple[str, ...]
    """Per number."""
    class_index: tuple[int, ...]
    zh: tuple[str, ...]
    en: tuple[str, ...]


def code_reasons(
    scheme: Scheme,
    found: Suitability,
    rules: CellRules,
    *,
    not_checked: Sequence[Rule],
    nearest_well_m: NDArray[np.float64],
) -> CodedReasons:
    """Give each place the number of its reason: as many numbers as there are different sentences."""
    light = np.searchsorted(np.sort(LIGHTS), found.light.astype(str))
    red = found.light == LIGHTS[0]
    causes = [
        light,
        found.class_index,
        np.where(rules.free_share < 1 - _LEAST_SHARE, rules.veto, -1),
        np.where(red, -1, rules.consent),
        np.where(red, 0, nearest_well_m > WELL_FAR_M),
        np.where(red, -1, found.strongest),
        np.where(red, -1, found.weakest),
    ]
    rows, code = np.unique(np.stack(causes, axis=1).astype(np.int64), axis=0, return_inverse=True)
    missing = titles(not_checked)
    names = sorted(LIGHTS)
    told = [
        Causes(
            light=names[row[0]],
            class_index=int(row[1]),
            veto=_titled(rules.rules[row[2]] if row[2] >= 0 else None),
            consent=_titled(rules.rules[row[3]] if row[3] >= 0 else None),
            missing=missing,
            far=_far_without_distance() if row[4] else ("", ""),
            strongest=_factor(scheme, int(row[5])),
            weakest=_factor(scheme, int(row[6])),
        )
        for row in rows
    ]
    sentences = [cause.words() for cause in told]
    return CodedReasons(
        code=(code.ravel() + 1).astype(np.uint16),
        light=tuple(cause.light for cause in told),
        class_index=tuple(cause.class_index for cause in told),
        zh=tuple(zh for zh, _ in sentences),
        en=tuple(en for _, en in sentences),
    )


def titles(rules: Sequence[Rule]) -> Words:
    """Return the titles of rules in one line per language."""
    return "、".join(rule.title_zh for rule in rules), ", ".join(rule.title_en for rule in rules)


def _taken(touched: Touched, i: int) -> Words:
    rule, share = touched.veto[i], 1 - touched.free_share[i]
    if rule is None or share < _LEAST_SHARE:
        return "", ""
    return f"{rule.title_zh}(占{share:.0%})", f"{rule.title_en} ({share:.0%} of the area)"


def _titled(rule: Rule | None) -> Words:
    return ("", "") if rule is None else (rule.title_zh, rule.title_en)


def _far(distance_m: float) -> Words:
    if distance_m <= WELL_FAR_M:
        return "", ""
    far = "附近无" if np.isinf(distance_m) else f"最近{distance_m / 1000:.0f} km才有"
    near = "no well" if np.isinf(distance_m) else f"nearest well {distance_m / 1000:.0f} km away"
    return f"{far}地热井，地温为区域推断", f"{near}: ground temperature inferred from the region"


def _far_without_distance() -> Words:
    km = WELL_FAR_M / 1000
    return (
        f"{km:.0f} km内无地热井，地温为区域推断",
        f"no well within {km:.0f} km: ground temperature inferred from the region",
    )


def _factor(scheme: Scheme, index: int) -> Words:
    return (scheme.factors[index].zh, scheme.factors[index].en) if index >= 0 else ("", "")
