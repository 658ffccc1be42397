"""Suitability: vetoes first, then factors scored 0 to 1 and weighted by pairwise comparison (AHP)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

CLASSES = ("suitable", "fairly_suitable", "moderate", "unsuitable")
"""适宜, 较适宜, 一般, 不适宜."""
CLASS_LIMITS = (0.65, 0.5, 0.35)
"""Least score of the first three classes."""
CONSISTENCY_MAX = 0.1
"""Above this consistency ratio the judgements contradict each other too much (Saaty 1980)."""
_RANDOM_INDEX = (0.0, 0.0, 0.0, 0.52, 0.89, 1.11, 1.25, 1.35, 1.40, 1.45, 1.49, 1.52, 1.54, 1.56, 1.58, 1.59)
_BLOCK = 4096
"""Sites whose weights are shaken at a time: their scores stay in the cache."""
_LEAST_KNOWN = 0.5
"""A score from factors of less than this weight in all is no score."""


@dataclass(frozen=True)
class Weights:
    """Weights of factors, with how consistent the judgements behind them are."""

    names: tuple[str, ...]
    weight: NDArray[np.float64]
    """Shape (factors,), sum 1."""
    consistency_ratio: float


def ahp_weights(names: Sequence[str], judgements: Mapping[tuple[str, str], float]) -> Weights:
    r"""Return the weights of factors from pairwise judgements, by the principal eigenvector.

    The consistency ratio is :math:`CR = (\lambda_{max} - n) / (n - 1) / RI_n`.

    Parameters
    ----------
    names : sequence of str
        Factors.
    judgements : mapping
        For pairs (a, b): how much more a matters than b, 1/9 to 9; each pair once, in either order.

    Raises
    ------
    ValueError
        A pair is missing or given twice, a judgement is out of range, or the ratio is above 0.1.

    Notes
    -----
    Saaty 1980, The Analytic Hierarchy Process.

    Examples
    --------
    >>> ahp_weights(("heat", "land"), {("heat", "land"): 3.0}).weight.round(2).tolist()
    [0.75, 0.25]
    """
    size = len(names)
    matrix = np.full((size, size), np.nan)
    np.fill_diagonal(matrix, 1.0)
    for (a, b), value in judgements.items():
        if a not in names or b not in names or a == b:
            raise ValueError(f"pair ({a}, {b}) is not of the factors {', '.join(names)}")
        if not 1 / 9 - 1e-9 <= value <= 9 + 1e-9:
            raise ValueError(f"judgement {value} of ({a}, {b}) must lie in 1/9..9")
        i, j = names.index(a), names.index(b)
        if np.isfinite(matrix[i, j]):
            raise ValueError(f"pair ({a}, {b}) is judged twice")
        matrix[i, j], matrix[j, i] = value, 1 / value
    if np.isnan(matrix).any():
        i, j = np.argwhere(np.isnan(matrix))[0]
        raise ValueError(f"pair ({names[i]}, {names[j]}) is not judged")
    values, vectors = np.linalg.eig(matrix)
    largest = int(values.real.argmax())
    weight = np.abs(vectors[:, largest].real)
    random = _RANDOM_INDEX[size]
    ratio = (float(values[largest].real) - size) / (size - 1) / random if random else 0.0
    if ratio > CONSISTENCY_MAX:
        raise ValueError(
            f"consistency ratio {ratio:.3f} is above {CONSISTENCY_MAX}: the judgements contradict"
        )
    return Weights(tuple(names), weight / weight.sum(), max(ratio, 0.0))


def ramp(value: ArrayLike, *, worst: float, best: float) -> NDArray[np.float64]:
    """Score a factor linearly from 0 at `worst` to 1 at `best` (either may be the larger); unknown stays NaN.

    Examples
    --------
    >>> ramp([20.0, 30.0, 50.0], worst=20.0, best=40.0).tolist()
    [0.0, 0.5, 1.0]
    """
    if worst == best:
        raise ValueError(f"worst and best are both {worst}")
    return np.clip((np.asarray(value, float) - worst) / (best - worst), 0.0, 1.0)


def combine(scores: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weighted mean of the known factors; NaN where less than half of the weight is known.

    Parameters
    ----------
    scores : numpy.ndarray
        Shape (factors, sites); NaN is unknown.
    weight : numpy.ndarray
        Shape (factors,), or (draws, factors) for several sets of weights at once.

    Returns
    -------
    numpy.ndarray
        Shape (sites,), or (draws, sites).
    """
    known = np.isfinite(scores)
    total = weight @ known.astype(float)
    with np.errstate(invalid="ignore"):
        mean = (weight @ np.where(known, scores, 0.0)) / total
    enough = total >= _LEAST_KNOWN * weight.sum(axis=-1)[..., None]
    return np.where(enough, mean, np.nan)


def classify(score: NDArray[np.float64], vetoed: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the class of each site as an index into CLASSES; -1 where the score is unknown.

    Examples
    --------
    >>> classify(np.array([0.9, 0.9, 0.4, np.nan]), np.array([False, True, False, False])).tolist()
    [0, 3, 2, -1]
    """
    found = len(CLASS_LIMITS) - np.searchsorted(CLASS_LIMITS[::-1], score, side="right")
    found = np.where(np.isnan(score), -1, found)
    return np.asarray(np.where(vetoed, len(CLASSES) - 1, found), dtype=np.intp)


def stability(
    scores: NDArray[np.float64],
    weight: NDArray[np.float64],
    vetoed: NDArray[np.bool_],
    *,
    change: float = 0.2,
    draws: int = 200,
    seed: int,
) -> NDArray[np.float64]:
    """Return the share of random weights (each +- `change`) under which a site keeps its class, 0 to 1."""
    factors = np.random.default_rng(seed).uniform(1 - change, 1 + change, (draws, weight.size))
    shaken = weight * factors
    shaken /= shaken.sum(axis=1, keepdims=True)
    found = np.empty(scores.shape[1])
    for start in range(0, found.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        own = classify(combine(scores[:, block], weight), vetoed[block])
        drawn = classify(combine(scores[:, block], shaken), vetoed[block])
        found[block] = (drawn == own).mean(axis=0)
    return found
