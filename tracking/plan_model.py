"""The plan as a selection problem: candidates, what is to be reached, and what limits it.

Every limit is one row ``sum over chosen sites of coefficient <= right side`` (or >=), so that the solver, the
check of the result and the explanation of an infeasible plan all read the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np

from assessment.run import PV_TYPES, STATUSES
from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Objective = Literal["cost", "capex", "sites", "yield"]
OBJECTIVES = ("cost", "capex", "sites", "yield")
KW_PER_MW = 1000.0
STRICT_MW = 0.001
"""What a strict target (超过) asks for beyond its value."""
_NEEDED = ("id", "town", "type", "status", "kwp_dc_central", "kw_ac", "kwh_year_p50", "capex", "lcoe")


@dataclass(frozen=True, kw_only=True)
class PlanOptions:
    """What the plan is to reach, and within which limits.

    Examples
    --------
    >>> PlanOptions(target_mw=390, by=2025, start_year=2027)
    Traceback (most recent call last):
    ValueError: by = 2025: must not be before start_year 2027
    """

    target_mw: float
    """Capacity that must stand at the end of year `by`, with what stands already."""
    by: int
    start_year: int
    existing_mw: float = 0.0
    """What stands or is surely coming; it counts toward the target."""
    strict: bool = False
    """The target must be exceeded (超过), not only reached."""
    basis: Literal["dc", "ac"] = "dc"
    objective: Objective = "cost"
    """cost: levelised cost of all energy per year; capex: investment; sites: fewest sites (owners to win);
    yield: most energy from the capacity asked for."""
    milestones_mw: Mapping[int, float] = field(default_factory=dict)
    """Capacity that must stand at the end of earlier years."""
    build_rate_mw_year: float | None = None
    """Most that can be finished in one year; a site larger than this cannot be chosen."""
    budget_cny: float | None = None
    """Most that may be invested in all years together."""
    headroom_mw: Mapping[str, float | None] = field(default_factory=dict)
    """AC power that each substation can still take; None or left out: unknown, not limited, and said so."""
    town_min_mw: Mapping[str, float] = field(default_factory=dict)
    town_max_mw: Mapping[str, float] = field(default_factory=dict)
    type_share_min: Mapping[str, float] = field(default_factory=dict)
    """Least share of the new capacity by type."""
    type_share_max: Mapping[str, float] = field(default_factory=dict)
    statuses: tuple[str, ...] = ("allowed", "not_checked", "conditional")
    """Which sites may be chosen."""

    def __post_init__(self) -> None:
        """Check every number and name, and freeze the tables."""
        for name, ok, rule in self._checks():
            if not ok:
                raise ValueError(f"{name} = {getattr(self, name)!r}: {rule}")
        for name in _TABLES:
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def _checks(self) -> tuple[tuple[str, bool, str], ...]:
        least, most = self.type_share_min, self.type_share_max
        tables = (self.town_min_mw, self.town_max_mw, self.headroom_mw, self.milestones_mw)
        amounts = [value for table in tables for value in table.values()]
        return (
            ("by", self.by >= self.start_year, f"must not be before start_year {self.start_year}"),
            ("target_mw", self.target_mw > 0, "must be above 0"),
            ("existing_mw", self.existing_mw >= 0, "must not be negative"),
            ("objective", self.objective in OBJECTIVES, f"must be one of {', '.join(OBJECTIVES)}"),
            ("basis", self.basis in {"dc", "ac"}, "must be dc or ac"),
            ("build_rate_mw_year", _positive(self.build_rate_mw_year), "must be above 0"),
            ("budget_cny", _positive(self.budget_cny), "must be above 0"),
            (
                "type_share_min",
                _shares(least) and sum(least.values()) <= 1,
                "types and shares, together at most 1",
            ),
            ("type_share_max", _shares(most), "must name PV types with shares from 0 to 1"),
            ("statuses", set(self.statuses) <= set(STATUSES), f"must be of {', '.join(STATUSES)}"),
            (
                "milestones_mw",
                all(self.start_year <= year < self.by for year in self.milestones_mw),
                "years before `by`",
            ),
            (
                "town_min_mw",
                all(value is None or value >= 0 for value in amounts),
                "no amount may be negative",
            ),
            *(
                (name, _told_from_nothing(getattr(self, name)), LEAST)
                for name in ("town_min_mw", "milestones_mw")
            ),
        )

    @property
    def needed_mw(self) -> float:
        """Capacity that the plan must add."""
        return max(self.target_mw + (STRICT_MW if self.strict else 0.0) - self.existing_mw, 0.0)

    @property
    def years(self) -> range:
        """Years in which something can be built."""
        return range(self.start_year, self.by + 1)


LEAST_MW = 0.001
LEAST = f"0 or at least {LEAST_MW} MW"
_TABLES = ("milestones_mw", "headroom_mw", "town_min_mw", "town_max_mw", "type_share_min", "type_share_max")


def _positive(value: float | None) -> bool:
    return value is None or value > 0


def _told_from_nothing(table: Mapping[str, float] | Mapping[int, float]) -> bool:
    """Say whether each least amount is one that the solver, which works to 0.1 W, tells from nothing."""
    return all(value <= 0 or value >= LEAST_MW for value in table.values())


def _shares(table: Mapping[str, float]) -> bool:
    return set(table) <= set(PV_TYPES) and all(0 <= share <= 1 for share in table.values())


@dataclass(frozen=True)
class Candidates:
    """The sites that can be chosen, as arrays of one length."""

    row: NDArray[np.intp]
    """Row of each candidate in the table of sites."""
    mw: Floats
    """Capacity in the basis of the target."""
    mw_ac: Floats
    cost: Floats
    """What the objective counts, never negative."""
    capex: Floats
    kwh_year: Floats
    town: NDArray[np.object_]
    kind: NDArray[np.object_]
    substation: NDArray[np.object_]
    """Where the site would feed in; None: unknown."""
    left_out: Mapping[str, int]
    """Sites that could not be considered, by reason."""

    def __len__(self) -> int:
        """Count the candidates."""
        return self.row.size


def find_candidates(
    sites: pd.DataFrame, options: PlanOptions, substation: NDArray[np.object_] | None = None
) -> Candidates:
    """Take the sites that may be chosen; those of unknown capacity, energy or cost are counted, not guessed.

    Raises
    ------
    InputError
        Columns are missing.
    """
    if missing := [name for name in _NEEDED if name not in sites]:
        raise InputError([Fault("sites", None, name, None, "column is missing") for name in missing])
    numbers = {name: sites[name].to_numpy(dtype="float64") for name in _NEEDED[4:]}
    mw = numbers["kwp_dc_central" if options.basis == "dc" else "kw_ac"] / KW_PER_MW
    allowed = sites["status"].isin(options.statuses).to_numpy()
    known = np.logical_and.reduce([np.isfinite(values) for values in numbers.values()]) & (mw > 0)
    rate = np.inf if options.build_rate_mw_year is None else options.build_rate_mw_year
    fits = ~(mw > rate * (1 + 1e-9))
    usable = allowed & known & fits
    row = np.flatnonzero(usable)
    per_site = {
        "cost": numbers["lcoe"] * numbers["kwh_year_p50"],
        "capex": numbers["capex"],
        "sites": np.ones(len(sites)),
        "yield": _lost_yield(numbers["kwh_year_p50"], mw, usable),
    }[options.objective]
    stations = np.full(len(sites), None, dtype=object) if substation is None else substation
    return Candidates(
        row=row,
        mw=mw[row],
        mw_ac=numbers["kw_ac"][row] / KW_PER_MW,
        cost=per_site[row],
        capex=numbers["capex"][row],
        kwh_year=numbers["kwh_year_p50"][row],
        town=sites["town"].to_numpy(dtype=object)[row],
        kind=sites["type"].to_numpy(dtype=object)[row],
        substation=stations[row],
        left_out={
            "status": int(np.count_nonzero(~allowed)),
            "unknown": int(np.count_nonzero(allowed & ~known)),
            "too_large": int(np.count_nonzero(allowed & known & ~fits)),
        },
    )


def _lost_yield(kwh: Floats, mw: Floats, usable: NDArray[np.bool_]) -> Floats:
    """Energy by which a site falls short of the best yield per MW: least loss is most yield."""
    with np.errstate(divide="ignore", invalid="ignore"):
        best = np.max((kwh / mw)[usable], initial=0.0)
    return np.maximum(best * mw - kwh, 0.0)


@dataclass(frozen=True)
class Limit:
    """One row of the problem."""

    key: str
    """target, build_rate, budget; or milestone, headroom, town_min, town_max, share_min, share_max `:…`."""
    sense: Literal[">=", "<="]
    right: float
    unit: str
    """MW (for shares: of difference), MW/a or CNY."""
    coefficient: Floats
    """One per candidate."""

    def slack(self, chosen: NDArray[np.bool_]) -> float:
        """Return by how much a selection keeps the limit; negative: by how much it breaks it."""
        total = float(self.coefficient[chosen].sum())
        return total - self.right if self.sense == ">=" else self.right - total


def find_limits(candidates: Candidates, options: PlanOptions) -> tuple[Limit, ...]:
    """Write the options as rows over the candidates."""
    mw, limits = candidates.mw, [Limit("target", ">=", options.needed_mw, "MW", candidates.mw)]
    for year, goal in sorted(options.milestones_mw.items()):
        limits.append(Limit(f"milestone:{year}", ">=", max(goal - options.existing_mw, 0.0), "MW", mw))
    if options.build_rate_mw_year is not None:
        per_year = mw / len(options.years)
        limits.append(Limit("build_rate", "<=", options.build_rate_mw_year, "MW/a", per_year))
    if options.budget_cny is not None:
        limits.append(Limit("budget", "<=", options.budget_cny, "CNY", candidates.capex))
    for station, room in options.headroom_mw.items():
        if room is not None:
            here = np.where(candidates.substation == station, candidates.mw_ac, 0.0)
            limits.append(Limit(f"headroom:{station}", "<=", room, "MW", here))
    for key, sense, table in (
        ("town_min", ">=", options.town_min_mw),
        ("town_max", "<=", options.town_max_mw),
    ):
        for town, amount in table.items():
            here = np.where(candidates.town == town, mw, 0.0)
            limits.append(Limit(f"{key}:{town}", sense, amount, "MW", here))  # type: ignore[arg-type]
    for key, sense, table in (
        ("share_min", ">=", options.type_share_min),
        ("share_max", "<=", options.type_share_max),
    ):
        for kind, share in table.items():
            over = mw * ((candidates.kind == kind) - share)
            limits.append(Limit(f"{key}:{kind}", sense, 0.0, "MW", over))  # type: ignore[arg-type]
    return tuple(limits)
