"""The suitability of a finished run's blocks under other weights: what a user's judgements change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assessment.heat_suitability import Scheme, judge
from potential.geothermal.suitability import CLASSES, ahp_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from assessment.heat_suitability import Suitability


@dataclass(frozen=True)
class Weighed:
    """The blocks judged with some weights."""

    scheme: Scheme
    found: Suitability

    def classes_m2(self, area_m2: NDArray[np.float64]) -> pd.Series:
        """Return the area of each class, m2, by name; what is not known is left out."""
        index = self.found.class_index
        sums = np.bincount(index[index >= 0], weights=area_m2[index >= 0], minlength=len(CLASSES))
        return pd.Series(sums, index=list(CLASSES))


def weigh(
    factors: pd.DataFrame,
    technology: str,
    scheme: Scheme,
    *,
    judgements: Mapping[tuple[str, str], float] | None = None,
    barring: bool = False,
    seed: int = 1,
) -> Weighed:
    """Judge the blocks again with a user's pairwise judgements.

    Parameters
    ----------
    factors : pandas.DataFrame
        heat_factors.parquet of a run.
    technology : str
        One of HEAT_TECHNOLOGIES.
    scheme : Scheme
        Factors with their ranges; its weights hold where no judgements are given.
    judgements : mapping, optional
        For every pair of factors (a, b): how much more a matters than b, 1/9 to 9.
    barring : bool
        A factor at its worst bars the place, whatever the others say.
    seed : int
        Of the shaken weights.

    Raises
    ------
    ValueError
        The judgements are incomplete, out of range, or contradict each other (consistency ratio above 0.1).
    """
    names = [factor.name for factor in scheme.factors]
    used = scheme if judgements is None else Scheme(scheme.factors, ahp_weights(names, judgements))
    known = {name: factors[f"{technology}.{name}"].to_numpy(float) for name in names}
    size = len(factors)
    found = judge(
        used,
        known,
        free_share=factors[f"{technology}.free_share"].to_numpy(float),
        conditional=factors[f"{technology}.conditional"].to_numpy(bool),
        uncertain=np.zeros(size, dtype=bool),
        unchecked=False,
        seed=seed,
        barring=barring,
    )
    return Weighed(used, found)


def judgements_of(importance: Mapping[str, float]) -> dict[tuple[str, str], float]:
    """Return pairwise judgements from one importance per factor, 1 (least) to 9: their ratios.

    Ratios are consistent by construction; single judgements may then be changed.

    Examples
    --------
    >>> judgements_of({"heat": 6.0, "land": 2.0})
    {('heat', 'land'): 3.0}
    """
    names = list(importance)
    return {
        (a, b): float(np.clip(importance[a] / importance[b], 1 / 9, 9))
        for i, a in enumerate(names)
        for b in names[i + 1 :]
    }
