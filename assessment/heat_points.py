"""Why geothermal heat suits places of a list, as columns: traffic light, class and reason by technology."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assessment.heat_why import why_here
from assessment.run import HEAT_TECHNOLOGIES, Column
from faults import RunError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from assessment.run import Run

_TOLD = {
    "light": ("红绿灯", "traffic light"),
    "class": ("适宜性", "suitability"),
    "reason_zh": ("理由(中文)", "reason, Chinese"),
    "reason_en": ("理由(英文)", "reason"),
}
_KIND = {
    "shallow": ("浅层", "shallow"),
    "deep": ("中深层", "medium-deep"),
    "hydrothermal": ("水热型", "hydrothermal"),
}
WHY_COLUMNS = (
    *(
        Column(f"{technology}_{name}", "", f"{_KIND[technology][0]}{zh}", f"{_KIND[technology][1]}: {en}")
        for technology in HEAT_TECHNOLOGIES
        for name, (zh, en) in _TOLD.items()
    ),
    Column("nearest_well_km", "km", "最近地热井距离", "distance to the nearest geothermal well"),
)
"""Columns of `why_table`; null outside the towns, and of runs that hold no reasons."""


def why_table(run: Run, lonlat: NDArray[np.float64]) -> pd.DataFrame:
    """Return the verdicts at places (lon and lat, deg, WGS-84; shape (2, places)), columns WHY_COLUMNS.

    A run without heat, or of an older version, answers with nulls.
    """
    empty = pd.DataFrame(
        index=np.arange(lonlat.shape[1]), columns=[column.name for column in WHY_COLUMNS], dtype=object
    )
    try:
        found = why_here(run, *lonlat)
    except RunError:
        return empty
    for technology, told in found.groupby("technology"):
        for name in _TOLD:
            empty[f"{technology}_{name}"] = told[name].to_numpy(object)
    empty["nearest_well_km"] = found.drop_duplicates("point")["nearest_well_km"].to_numpy(object)
    return empty
