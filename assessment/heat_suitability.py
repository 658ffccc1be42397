"""Suitability of places for the three technologies: class, traffic light, what helps and what costs most."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assessment.heat_blocks import VETO_SHARE
from assessment.run import HEAT_TECHNOLOGIES
from faults import Fault, InputError
from potential.geothermal.suitability import Weights, ahp_weights, classify, combine, ramp, stability

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


FACTORS = Path(__file__).resolve().parent.parent / "data" / "geothermal" / "suitability.toml"
LIGHTS = ("red", "yellow", "green")
"""Red: not allowed; yellow: a consent, an unchecked rule or thin data; green: nothing foreseen."""
CLASS_WORDS = {
    "suitable": ("适宜", "suitable"),
    "fairly_suitable": ("较适宜", "fairly suitable"),
    "moderate": ("一般", "moderate"),
    "unsuitable": ("不适宜", "unsuitable"),
}
WELL_FAR_M = 10_000.0
"""Beyond this distance to the nearest well the ground is a guess from the region, and said so."""


@dataclass(frozen=True)
class Factor:
    """One factor of the suitability."""

    name: str
    zh: str
    en: str
    unit: str
    worst: float
    best: float


@dataclass(frozen=True)
class Scheme:
    """Factors of one technology with their weights."""

    factors: tuple[Factor, ...]
    weights: Weights

    def scores(self, values: Mapping[str, NDArray[np.float64]], size: int) -> NDArray[np.float64]:
        """Score every factor at every place; a factor without values is unknown, shape (factors, places)."""
        unknown = np.full(size, np.nan)
        return np.stack([ramp(values.get(f.name, unknown), worst=f.worst, best=f.best) for f in self.factors])


@dataclass(frozen=True)
class Suitability:
    """Suitability of places for one technology; arrays of shape (places,)."""

    score: NDArray[np.float64]
    """0 to 1; NaN where too little is known."""
    class_index: NDArray[np.intp]
    """Index into CLASSES; -1 unknown."""
    stable: NDArray[np.float64]
    """Share of weights within +- 20 % that leave the class as it is."""
    light: NDArray[np.object_]
    """One of LIGHTS."""
    strongest: NDArray[np.intp]
    """Factor that helps most, index into the scheme's factors; -1 unknown."""
    weakest: NDArray[np.intp]
    """Factor that costs most, index; -1 unknown."""


def read_schemes(path: Path = FACTORS) -> dict[str, Scheme]:
    """Read factors and judgements of the technologies, and check them.

    Raises
    ------
    InputError
        A technology, a pair or a field is missing, or the judgements contradict each other.
    """
    tree = _tree(path)
    schemes: dict[str, Scheme] = {}
    faults = []
    for technology in HEAT_TECHNOLOGIES:
        try:
            schemes[technology] = _scheme(tree[technology])
        except (KeyError, TypeError, ValueError) as error:
            faults.append(Fault(path.name, None, technology, None, str(error)))
    if faults:
        raise InputError(faults)
    return schemes


def shipped_judgements(path: Path = FACTORS) -> dict[str, dict[tuple[str, str], float]]:
    """Return the judgements of every technology by pair (more, less), as the file has them."""
    tree = _tree(path)
    return {technology: _judgements(tree[technology]) for technology in HEAT_TECHNOLOGIES}


def _tree(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise InputError([Fault(path.name, None, None, str(path), f"cannot be read: {error}")]) from error


def _scheme(table: Mapping[str, Any]) -> Scheme:
    factors = tuple(Factor(name=name, **fields) for name, fields in table["factors"].items())
    return Scheme(factors, ahp_weights([factor.name for factor in factors], _judgements(table)))


def _judgements(table: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    judgements = {}
    for pair, value in table["judgements"].items():
        more, _, less = pair.partition(">")
        judgements[more.strip(), less.strip()] = float(value)
    return judgements


def judge(
    scheme: Scheme,
    values: Mapping[str, NDArray[np.float64]],
    *,
    free_share: NDArray[np.float64],
    conditional: NDArray[np.bool_],
    uncertain: NDArray[np.bool_],
    unchecked: bool,
    seed: int,
    draws: int = 200,
    barring: bool = False,
) -> Suitability:
    """Judge places: vetoes first, then the weighted factors.

    Parameters
    ----------
    scheme : Scheme
        Factors and weights.
    values : mapping
        Value of each known factor at each place, in the factor's unit.
    free_share : numpy.ndarray
        Part of each place that no rule forbids.
    conditional, uncertain : numpy.ndarray
        A consent is needed; the ground is far from any well.
    unchecked : bool
        A rule could not be checked anywhere.
    seed, draws
        Of the weight stability.
    barring : bool
        A known factor at its worst bars the place, whatever the others say (the modified veto of play-fairway
        analysis).
    """
    size = len(free_share)
    scores = scheme.scores(values, size)
    weight = scheme.weights.weight
    ruled_out = free_share < 1 - VETO_SHARE
    vetoed = ruled_out | (barring & (scores == 0).any(axis=0))
    total = combine(scores, weight)
    classes = classify(total, vetoed)
    yellow = conditional | uncertain | (classes < 0) | unchecked | vetoed
    light = np.where(ruled_out, LIGHTS[0], np.where(yellow, LIGHTS[1], LIGHTS[2])).astype(object)
    known = np.isfinite(scores)
    gain = np.where(known, weight[:, None] * scores, -1.0)
    loss = np.where(known, weight[:, None] * (1 - scores), -1.0)
    any_known = known.any(axis=0)
    return Suitability(
        score=np.where(vetoed, 0.0, total),
        class_index=classes,
        stable=stability(scores, weight, vetoed, seed=seed, draws=draws),
        light=light,
        strongest=np.where(any_known, gain.argmax(axis=0), -1),
        weakest=np.where(any_known, loss.argmax(axis=0), -1),
    )
