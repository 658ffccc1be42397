"""A scenario applied to the sites of a run, fast: two compiled passes over all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from assessment.carbon_choice import grid_factor, life_factor
from assessment.economics import UNKNOWN, cost_table
from assessment.run import PV_TYPES, SECTORS, STATUSES
from assessment.scenario_terms import MODULE
from potential.money_costs import unit_costs
from potential.whatif import CURVE_STEP, group_sums, site_costs
from tracking.worth import WORTH_SUMS, add_worth, with_worth

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import NDArray

    from assessment.scenario import Scenario
    from layers.catalog import Catalog
    from potential.money import Finance
    from potential.money_costs import PvCosts, UnitCosts

    Floats = NDArray[np.float64]

KW_PER_MW = 1000.0
NO_SECTOR = UNKNOWN
MOST_GROUPS = 2**16
"""Up to so many groups a site's group takes two bytes."""
MOST_KEPT = 32
"""Scenarios whose sums are kept."""
SCALED = ("kwp_dc_low", "kwp_dc_central", "kwp_dc_high", "kw_ac", "kwh_year_p50", "kwh_year_p90")
"""Columns of sites that are in proportion to the usable area and the capacity per m2."""
SUMS = (
    "mw_dc_low",
    "mw_dc",
    "mw_dc_high",
    "mw_ac",
    "gwh_year",
    "gwh_year_p90",
    "capex",
    "cost_year",
    "gwh_costed",
    "co2_t_year",
    *WORTH_SUMS,
)
_ENERGY = SCALED.index("kwh_year_p50")
_UNITS = (KW_PER_MW, KW_PER_MW, KW_PER_MW, KW_PER_MW, 1e6, 1e6, 1.0, 1.0, 1e6)
"""What the sums of the kernel are divided by."""


class SiteValues(NamedTuple):
    """What a scenario does to each site."""

    factor: Floats
    """On capacity and energy."""
    capex: Floats
    cost_year: Floats
    lcoe: Floats


@dataclass(frozen=True)
class Results:
    """What a scenario comes to."""

    scenario: Scenario
    totals: pd.DataFrame
    """town, type, sector, sites, unknown (sites of unknown capacity), SUMS; MW, GWh/a, CNY, t/a."""
    curve: pd.DataFrame
    """lcoe, cum_mw: cumulative capacity up to each cost."""
    finance: Finance

    def by(self, *keys: str) -> pd.DataFrame:
        """Return the sums by town, type or sector."""
        groups = self.totals.groupby(list(keys), sort=True)
        sums = (
            groups[["sites", "unknown", *SUMS]]
            .sum()
            .assign(value_year=groups["value_year"].sum(skipna=False))
        )
        return self.with_means(sums)

    def total(self) -> dict[str, float]:
        """Return the sums of everything."""
        sums = self.totals[["sites", "unknown", *SUMS]].sum().to_frame().T
        sums = self.with_means(sums.assign(value_year=self.totals["value_year"].sum(skipna=False)))
        return {str(key): float(value) for key, value in sums.iloc[0].items()}

    def with_means(self, sums: pd.DataFrame) -> pd.DataFrame:
        """Add lcoe (CNY/kWh, over the sites whose cost is known), kwh_value, npv and payback_years."""
        energy = sums["gwh_costed"].where(sums["gwh_costed"] > 0)
        return with_worth(sums.assign(lcoe=sums["cost_year"] / energy / 1e6), self.finance)


class Board:
    """The sites of a run, ready for any number of scenarios.

    A site's capital cost and levelised cost are those of the run times what the cost tables say of it after
    over before: without changes the answer is the run itself.

    Parameters
    ----------
    sites
        Table of sites of a run.
    catalogs
        costs, carbon and modules as the run was made with, and tariffs for price tables by the hour.
    day
        Energy by the hour of the day (`tracking.worth.day_by_town`); without it what a kWh is worth under a
        price table is unknown.
    """

    def __init__(
        self, sites: pd.DataFrame, catalogs: Mapping[str, Catalog], *, day: pd.DataFrame | None = None
    ) -> None:
        self._catalogs, self._day = catalogs, day
        area = sites["area_m2"].to_numpy(dtype="float64")
        columns = {name: sites[name].to_numpy(dtype="float64") for name in (*SCALED, "capex", "lcoe")}
        with np.errstate(divide="ignore", invalid="ignore"):
            share = sites["usable_m2"].to_numpy(dtype="float64") / area
        names = ("kwp_dc_central", "kwh_year_p50", "capex", "lcoe")
        self._costed = np.stack([area, share, *(columns[name] for name in names)])
        self._scaled = np.stack([columns[name] for name in SCALED])
        self._type = _codes(sites["type"], PV_TYPES)
        self._sector = _codes(sites["sector"], (*SECTORS, NO_SECTOR))
        self._status = _codes(sites["status"], (*STATUSES, UNKNOWN))
        town, self._towns = pd.factorize(sites["town"].astype(str), sort=True)
        self._shape = (len(self._towns), len(PV_TYPES), len(SECTORS) + 1)
        group = np.ravel_multi_index((town, self._type, self._sector), self._shape)
        small = np.prod(self._shape) <= MOST_GROUPS
        self._group: NDArray[np.integer[Any]] = group.astype("uint16" if small else "int64")
        self._before = self._units(catalogs["costs"])
        self._kept: dict[Hashable, tuple[Floats, Floats]] = {}

    def apply(self, scenario: Scenario, *, keep: NDArray[np.bool_] | None = None) -> Results:
        """Apply a scenario; rules are those of the run (see `tracking.rule_sets` for rules switched off).

        Parameters
        ----------
        keep
            Sites that count at all; None: every one.
        """
        sums, curve = self._sums(scenario, keep) if keep is not None else self._kept_sums(scenario)
        costs = cost_table(scenario.change("costs", self._catalogs["costs"]))
        return Results(scenario, self._table(sums, scenario, costs), _curve(curve), costs.finance)

    def counted(self, scenario: Scenario) -> NDArray[np.bool_]:
        """Say which sites the scenario's types and statuses let count; its cost limit is not asked."""
        terms = scenario.terms
        counts = np.isin(np.arange(len(STATUSES) + 1), [STATUSES.index(one) for one in terms.statuses])
        found = counts[self._status]
        if terms.types is not None:
            found &= np.isin(PV_TYPES, terms.types)[self._type]
        return found

    def sites(self, scenario: Scenario) -> SiteValues:
        """Return what the scenario does to each site, in the order of the table."""
        terms, after = scenario.terms, self._units(scenario.change("costs", self._catalogs["costs"]))
        density = np.array([terms.density_factor.get(kind, 1.0) for kind in PV_TYPES])
        if terms.module_efficiency is not None:
            density = density * terms.module_efficiency / self._catalogs["modules"].value(MODULE)
        found = site_costs(
            self._type,
            self._sector,
            self._costed,
            np.array([terms.usable_share.get(kind, np.nan) for kind in PV_TYPES]),
            np.array([terms.share_factor.get(sector, 1.0) for sector in (*SECTORS, NO_SECTOR)]),
            density,
            after.size_limits_kw,
            _tables(self._before),
            _tables(after),
        )
        return SiteValues(*found)

    def _kept_sums(self, scenario: Scenario) -> tuple[Floats, Floats]:
        """Return the sums of all sites; what the last scenarios came to is kept, any thread may ask."""
        key = _asked(scenario)
        found = self._kept.get(key)
        if found is None:
            found = self._sums(scenario, None)
            while len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[key] = found
        return found

    def _sums(self, scenario: Scenario, keep: NDArray[np.bool_] | None) -> tuple[Floats, Floats]:
        most, counts = scenario.terms.most_lcoe, self.counted(scenario)
        counts &= True if keep is None else keep
        limit = float("inf") if most is None else most
        groups = int(np.prod(self._shape))
        return group_sums(self._group, groups, counts, self._scaled, *self.sites(scenario), limit, _ENERGY)

    def _table(self, sums: Floats, scenario: Scenario, terms: PvCosts) -> pd.DataFrame:
        """Lay out the sums; carbon follows from energy and capacity, without another look at the sites."""
        present = np.flatnonzero(sums[:, 0])
        town, kind, sector = np.unravel_index(present, self._shape)
        numbers = sums[present, 2:] / np.array(_UNITS)
        table = pd.DataFrame(
            {
                "town": np.asarray(self._towns, dtype=object)[town],
                "type": np.asarray(PV_TYPES, dtype=object)[kind],
                "sector": np.asarray((*SECTORS, NO_SECTOR), dtype=object)[sector],
                "sites": sums[present, 0].astype(int),
                "unknown": sums[present, 1].astype(int),
                **dict(zip(SUMS, numbers.T, strict=False)),
            }
        )
        carbon, costs = self._catalogs["carbon"], scenario.change("costs", self._catalogs["costs"])
        per_kwh = grid_factor(carbon, scenario.terms.carbon_factor)
        co2 = table["gwh_year"] * 1000 * per_kwh
        if scenario.terms.carbon_life:
            share, embodied = life_factor(carbon, costs)
            co2 = co2 * share - table["mw_dc"] * embodied
        return add_worth(
            table.assign(co2_t_year=co2),
            terms,
            tariffs=self._catalogs.get("tariffs"),
            tariff=scenario.terms.tariff,
            day=self._day,
        )

    def _units(self, costs: Catalog) -> UnitCosts:
        return unit_costs(cost_table(costs))


def _asked(scenario: Scenario) -> Hashable:
    """Return what of a scenario the sums depend on."""
    terms, numbers = scenario.terms, scenario.values  # noqa: PD011 - no frame
    tables = (terms.usable_share, terms.share_factor, terms.density_factor, numbers)
    plain = (terms.module_efficiency, terms.types, terms.statuses, terms.most_lcoe)
    return (*(tuple(sorted(table.items())) for table in tables), *plain)


def _curve(steps: Floats) -> pd.DataFrame:
    used = np.flatnonzero(steps)
    cost = (used + 1) * CURVE_STEP
    return pd.DataFrame({"lcoe": cost, "cum_mw": np.cumsum(steps[used]) / KW_PER_MW})


def _tables(units: UnitCosts) -> tuple[Floats, Floats, Floats]:
    return units.capex_per_kwp, units.cost_per_kwp, units.cost_per_m2


def _codes(column: pd.Series, names: Sequence[str]) -> NDArray[np.uint8]:
    """Give the values of a column numbers; what is none of the names gets the last one."""
    codes, found = pd.factorize(column)
    index = {name: number for number, name in enumerate(names)}
    table = np.array(
        [index.get(str(name), len(names) - 1) for name in found] + [len(names) - 1], dtype=np.uint8
    )
    return table[codes]
