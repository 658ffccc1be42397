"""One target on one capacity basis, with the projects that feed it sized and dated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tracking.projects import DONE

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from tracking.targets import Target

KIND_OF_MEASURE = {"pv_mw": "pv", "heat_m2": "geothermal"}
UNPLACED = "unknown"
"""Key of the row of projects whose town or sector is not known."""
KW_PER_MW = 1000.0
_PIPELINE = ("operating", "under_construction", "approved", "proposed")


def amounts(projects: pd.DataFrame, measure: str, basis: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the size of each project in the measure and basis, and whether its basis was not stated.

    A project that gives only the other basis has an unknown size (NaN): no ratio is guessed.
    """
    if measure == "heat_m2":
        return projects["heated_m2"].to_numpy(), np.zeros(len(projects), dtype=bool)
    stated = projects[f"capacity_mw_{basis}"].to_numpy()
    other = projects["capacity_mw_ac" if basis == "dc" else "capacity_mw_dc"].to_numpy()
    unstated = np.isnan(stated) & np.isnan(other)
    return np.where(unstated, projects["capacity_mw_unstated"].to_numpy(), stated), unstated


class Case:
    """One target on one basis, with the projects that feed it sized and dated."""

    def __init__(self, target: Target, basis: str, projects: pd.DataFrame) -> None:
        self.target, self.basis = target, basis
        frame = projects[projects["kind"] == KIND_OF_MEASURE[target.measure]]
        self.size, unstated = amounts(frame, target.measure, basis)
        self.status = frame["status"].to_numpy()
        self.keys = {name: frame[name].fillna(UNPLACED).to_numpy() for name in ("town", "sector")}
        date = frame["date_operating"].where(frame["status"] == "operating", frame["date_expected"])
        self.year = date.dt.year.to_numpy(dtype="float64")
        self.undated = np.isnan(self.year)
        self.unstated = unstated & ~np.isnan(self.size)
        self.alive = self.status != "retired"
        self.known = ~np.isnan(self.size)
        self.is_status = {name: self.status == name for name in _PIPELINE}
        self.done = np.logical_or.reduce([self.is_status[name] for name in DONE])
        self.in_time = self._in_time()

    def _in_time(self) -> NDArray[np.bool_]:
        """Projects that count by the target's year; undated ones count for a stock, not for an increment."""
        after = self.year > self.target.year
        if self.target.nature == "stock":
            return self.alive & ~after
        since = self.target.since_year
        assert since is not None
        return self.alive & (self.year > since) & ~after

    def tally(self, chosen: NDArray[np.bool_] | None = None) -> dict[str, Any]:
        """Sum what is known of the chosen projects by status, and count what is not."""
        chosen = self.alive if chosen is None else self.alive & chosen
        known = chosen & self.known

        def total(mask: NDArray[np.bool_]) -> float:
            return float(self.size[known & mask].sum())

        sums = {name: total(self.in_time & self.is_status[name]) for name in _PIPELINE}
        relevant = chosen & (self.in_time | self.undated)
        return {
            **sums,
            "progress": sum(sums[name] for name in DONE),
            "projects": int(np.count_nonzero(relevant)),
            "unknown_count": int(np.count_nonzero(relevant & ~self.known)),
            "unstated": total(self.in_time & self.unstated & self.done),
            "undated": total(self.undated & self.done),
            "later": total(self.year > self.target.year),
        }

    def row(self, potential: pd.Series) -> dict[str, Any]:
        """Return the row of the whole region."""
        target, sums = self.target, self.tally()
        before_ledger = self._stock_outside()
        sums["operating"] += before_ledger
        sums["progress"] += before_ledger
        return {
            **self.labels(),
            **sums,
            "value": target.value,
            "share": sums["progress"] / target.value,
            "gap": max(target.value - sums["progress"], 0.0),
            **self.left(float(potential.sum(min_count=1))),
            "verdict_operating": self._verdict(sums["operating"], ("operating",)),
            "verdict": self._verdict(sums["progress"], DONE),
            "note_zh": target.note_zh,
            "note_en": target.note_en,
        }

    def _stock_outside(self) -> float:
        """Return what a known base stock has beyond the ledger's older or undated projects."""
        if self.target.nature != "stock" or self.target.base is None:
            return 0.0
        old = self.is_status["operating"] & ~(self.year > (self.target.since_year or self.target.year))
        return max(self.target.base - float(np.nansum(self.size[old])), 0.0)

    def left(self, potential: float, chosen: NDArray[np.bool_] | None = None) -> dict[str, float]:
        """Return the potential, and what of it is not built yet; unknown stays unknown."""
        built = self.is_status["operating"] & self.known
        amount = self.size[built if chosen is None else built & chosen].sum()
        return {"potential": potential, "remaining": float(np.maximum(potential - amount, 0.0))}

    def labels(self) -> dict[str, Any]:
        """Return what identifies the row."""
        target = self.target
        return {
            "target": target.id,
            "measure": target.measure,
            "basis": self.basis,
            "year": target.year,
            "unit": target.unit,
        }

    def _verdict(self, amount: float, statuses: Iterable[str]) -> str:
        """met, not_met, or unknown where projects of unknown size, or an unknown stock, could still do it."""
        if self.target.is_met(amount):
            return "met"
        open_ended = ~self.known & (self.in_time | self.undated)
        if self.target.nature == "increment":
            open_ended |= self.undated
        could = self.alive & open_ended & np.logical_or.reduce([self.is_status[name] for name in statuses])
        return "unknown" if could.any() or self._stock_unknown() else "not_met"

    def _stock_unknown(self) -> bool:
        """Nothing is known to stand: no operating project at all, or a base stock that is not given."""
        target = self.target
        if target.nature != "stock" or target.base is not None:
            return False
        return target.since_year is not None or not self.is_status["operating"].any()
