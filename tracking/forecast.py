"""What the pipeline will come to: projects of the ledger, how many are finished, and how late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tracking.progress_case import KIND_OF_MEASURE, amounts
from tracking.projects import projects_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from layers.catalog import Catalog

    Floats = NDArray[np.float64]

PIPELINE = ("under_construction", "approved", "proposed")
ENDS = ("low", "central", "high")
_BEGAN = {"under_construction": "date_started", "approved": "date_approved"}
_DAYS_PER_MONTH = 365.2425 / 12
_PICK = {"low": ("low", "high"), "central": ("value", "value"), "high": ("high", "low")}
"""Which end of completion and of delay makes which end of the forecast."""


def forecast(
    projects: pd.DataFrame, measure: str, basis: str, *, years: Sequence[int], assumptions: Catalog
) -> pd.DataFrame:
    """Forecast what operates at the end of each year.

    A project of the pipeline comes at its expected date plus the delay of its status; without an expected
    date at the start of construction, or the approval, plus the usual duration. Its amount counts with the
    share of projects of its status that are finished.

    Parameters
    ----------
    measure, basis
        ``pv_mw`` with ``dc`` or ``ac``, or ``heat_m2`` with an empty basis.
    assumptions
        Catalogue with `completion`, `delay_months` and `duration_months` by status.

    Returns
    -------
    year, low, central, high (in the unit of the measure), then, the same in every row: undated (amount of the
    pipeline that has no date to go by, not in the forecast) and unknown_count (projects of unknown size).
    """
    frame = projects_frame(projects)
    frame = frame[(frame["kind"] == KIND_OF_MEASURE[measure]) & (frame["status"] != "retired")]
    size, _ = amounts(frame, measure, basis)
    known = ~np.isnan(size)
    status = frame["status"].to_numpy()
    done = status == "operating"
    stands = frame["date_operating"].dt.year.fillna(-np.inf).to_numpy(dtype="float64")
    table = pd.DataFrame({"year": list(years)})
    undated = np.zeros(len(frame), dtype=bool)
    for end in ENDS:
        comes, share = _arrival(frame, status, assumptions, end)
        undated = known & ~done & np.isnan(comes)
        year = np.where(done, stands, comes)
        weight = np.where(done, 1.0, share)
        table[end] = [float((size * weight)[known & (year <= limit)].sum()) for limit in years]
    return table.assign(undated=float(size[undated].sum()), unknown_count=int(np.count_nonzero(~known)))


def _arrival(
    frame: pd.DataFrame, status: NDArray[np.object_], assumptions: Catalog, end: str
) -> tuple[Floats, Floats]:
    """Return the year in which each project of the pipeline comes (NaN: no date), and its share."""
    share_end, delay_end = _PICK[end]
    year, share = np.full(len(frame), np.nan), np.zeros(len(frame))
    for name in PIPELINE:
        here = status == name
        share[here] = getattr(assumptions[f"completion.{name}"], share_end)
        comes = _after(frame["date_expected"], getattr(assumptions[f"delay_months.{name}"], delay_end))
        if name in _BEGAN:
            usual = getattr(assumptions[f"duration_months.{name}"], delay_end)
            comes = comes.fillna(_after(frame[_BEGAN[name]], usual))
        year[here] = comes.dt.year.to_numpy(dtype="float64")[here]
    return year, share


def _after(dates: pd.Series, months: float) -> pd.Series:
    return dates + pd.Timedelta(days=months * _DAYS_PER_MONTH)
