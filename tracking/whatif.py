"""A scenario applied to the sites of a run, fast: only what changed is computed again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assessment.run import PV_TYPES, SECTORS
from assessment.scenario import Scenario as AssessmentScenario
from faults import Fault, InputError
from potential.carbon import pv_t_year
from potential.money_costs import pv_costs

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from numpy.typing import NDArray

    from layers.catalog import Catalog
    from tracking.scenario import Scenario

    Floats = NDArray[np.float64]

KW_PER_MW = 1000.0
NO_SECTOR = "unknown"
SUMS = (
    "mw_dc_low",
    "mw_dc",
    "mw_dc_high",
    "mw_ac",
    "gwh_year",
    "gwh_year_p90",
    "capex",
    "cost_year",
    "co2_t_year",
)
_ROWS = ("kwp_dc_low", "kwp_dc_central", "kwp_dc_high", "kw_ac", "kwh_year_p50", "kwh_year_p90")


@dataclass(frozen=True)
class Results:
    """What a scenario comes to."""

    scenario: Scenario
    totals: pd.DataFrame
    """town, type, sites, unknown (sites of unknown capacity), SUMS, lcoe; MW, GWh/a, CNY, t/a, CNY/kWh."""

    def by(self, key: str) -> pd.DataFrame:
        """Return the sums by town or type."""
        return _with_lcoe(self.totals.groupby(key, sort=True)[["sites", "unknown", *SUMS]].sum())

    def total(self) -> dict[str, float]:
        """Return the sums of everything."""
        sums = _with_lcoe(self.totals[["sites", "unknown", *SUMS]].sum().to_frame().T)
        return {str(key): float(value) for key, value in sums.iloc[0].items()}


class Board:
    """The sites of a run, ready for any number of scenarios.

    Parameters
    ----------
    sites
        Table of sites of a run.
    costs, carbon
        The catalogues that the run was made with.
    module_efficiency
        Of the run's modules; needed only by scenarios that change it.
    """

    def __init__(
        self, sites: pd.DataFrame, *, costs: Catalog, carbon: Catalog, module_efficiency: float | None = None
    ) -> None:
        self._costs, self._carbon, self._efficiency = costs, carbon, module_efficiency
        self._numbers = {name: sites[name].to_numpy(dtype="float64") for name in _ROWS}
        self._area = sites["area_m2"].to_numpy(dtype="float64")
        self._share = sites["usable_m2"].to_numpy(dtype="float64") / self._area
        self._type = _codes(sites["type"], PV_TYPES)
        self._sector = _codes(sites["sector"], (*SECTORS, NO_SECTOR))
        self._status = sites["status"].to_numpy(dtype=object)
        town, self._towns = pd.factorize(sites["town"], sort=True)
        self._group = (town * len(PV_TYPES) + self._type).astype(np.intp)
        self._kept: dict[str, tuple[Hashable, Any]] = {}

    def apply(self, scenario: Scenario) -> Results:
        """Apply a scenario; rules are those of the run (see `Scenario.needs_new_run`)."""
        numbers = self._once("capacity", self._capacity_key(scenario), lambda: self._capacity(scenario))
        money_key = (self._capacity_key(scenario), _frozen(scenario.values))
        capex, cost = self._once("money", money_key, lambda: self._money(scenario, numbers))
        factor = self._carbon.value(scenario.carbon_factor)
        shown_key = (scenario.types, scenario.statuses)
        shown = self._once("shown", shown_key, lambda: self._shown(scenario))
        columns = {
            "mw_dc_low": numbers["kwp_dc_low"] / KW_PER_MW,
            "mw_dc": numbers["kwp_dc_central"] / KW_PER_MW,
            "mw_dc_high": numbers["kwp_dc_high"] / KW_PER_MW,
            "mw_ac": numbers["kw_ac"] / KW_PER_MW,
            "gwh_year": numbers["kwh_year_p50"] / 1e6,
            "gwh_year_p90": numbers["kwh_year_p90"] / 1e6,
            "capex": capex,
            "cost_year": cost,
            "co2_t_year": pv_t_year(numbers["kwh_year_p50"], grid_kg_per_kwh=factor),
        }
        return Results(scenario, self._sums(columns, shown))

    def _capacity_key(self, scenario: Scenario) -> Hashable:
        return (
            _frozen(scenario.usable_share),
            _frozen(scenario.density_w_m2),
            scenario.module_efficiency,
        )

    def _capacity(self, scenario: Scenario) -> Mapping[str, Floats]:
        """Scale capacity and energy of each site by its new share and density over the run's."""
        shares = _by_type(scenario.usable_share)[self._type]
        share = np.where(np.isnan(shares), self._share, shares)
        density = _by_type(scenario.density_w_m2)[self._type]
        factor = share / self._share
        if scenario.module_efficiency is not None:
            factor = factor * np.where(
                np.isnan(density), self._module_factor(scenario.module_efficiency), 1.0
            )
        with np.errstate(divide="ignore", invalid="ignore"):
            set_kwp = self._area * share * density / 1000 / self._numbers["kwp_dc_central"]
        factor = np.where(np.isnan(density), factor, set_kwp)
        return {name: values * factor for name, values in self._numbers.items()}

    def _module_factor(self, efficiency: float) -> float:
        if self._efficiency is None:
            rule = "cannot be changed: the efficiency of the run's modules is not known"
            raise InputError([Fault("scenario", None, "module_efficiency", str(efficiency), rule)])
        return efficiency / self._efficiency

    def _money(self, scenario: Scenario, numbers: Mapping[str, Floats]) -> tuple[Floats, Floats]:
        """Return the capital cost, and the levelised cost of a year's energy."""
        catalog = AssessmentScenario(name=scenario.name, values=scenario.values).change("costs", self._costs)
        table = pv_costs(
            {name: number.value for name, number in catalog.items()}, types=PV_TYPES, sectors=SECTORS
        )
        table = replace(
            table,
            sectors=(*SECTORS, NO_SECTOR),
            self_use_share=(*table.self_use_share, 0.0),
            self_use_cny_kwh=(*table.self_use_cny_kwh, table.feed_in_cny_kwh),
        )
        kwp, kwh = numbers["kwp_dc_central"], numbers["kwh_year_p50"]
        found = table.economics(self._type, self._sector, kwp, kwh, land_m2=self._area)
        return found.capex, found.lcoe * kwh

    def _shown(self, scenario: Scenario) -> NDArray[np.bool_]:
        shown = np.isin(self._status, list(scenario.statuses))
        if scenario.types is not None:
            shown &= np.isin(self._type, [PV_TYPES.index(kind) for kind in scenario.types])
        return shown

    def _sums(self, columns: Mapping[str, Floats], shown: NDArray[np.bool_]) -> pd.DataFrame:
        """Sum by town and type; sites of unknown capacity are counted in `unknown` and add nothing."""
        count = len(self._towns) * len(PV_TYPES)
        group = self._group[shown]
        sums = {
            name: np.bincount(group, np.nan_to_num(values[shown]), count) for name, values in columns.items()
        }
        towns = np.repeat(np.asarray(self._towns, dtype=object), len(PV_TYPES))
        types = np.tile(np.asarray(PV_TYPES, dtype=object), len(self._towns))
        unknown = np.bincount(group, np.isnan(columns["mw_dc"][shown]), count).astype(int)
        table = pd.DataFrame(
            {
                "town": towns,
                "type": types,
                "sites": np.bincount(group, minlength=count),
                "unknown": unknown,
                **sums,
            }
        )
        return _with_lcoe(table[table["sites"] > 0].reset_index(drop=True))

    def _once(self, name: str, key: Hashable, compute: Callable[[], Any]) -> Any:  # noqa: ANN401 - what compute gives
        """Return the last result if its inputs are the same, else compute it."""
        if name not in self._kept or self._kept[name][0] != key:
            self._kept[name] = (key, compute())
        return self._kept[name][1]


def compare(results: Sequence[Results], *, by: str = "town") -> pd.DataFrame:
    """Put scenarios side by side: one row per town (or type) and one for all, columns (scenario, number)."""
    names = [result.scenario.name for result in results]
    if len(set(names)) != len(names):
        raise InputError(
            [
                Fault(
                    "scenario", None, "name", ", ".join(names), "scenarios to compare need names of their own"
                )
            ]
        )
    columns = ["mw_dc", "mw_ac", "gwh_year", "capex", "lcoe", "co2_t_year"]
    parts = {}
    for result in results:
        table = result.by(by)[columns]
        table.loc["all"] = [result.total()[name] for name in columns]
        parts[result.scenario.name] = table
    return pd.concat(parts, axis=1)


def _codes(column: pd.Series, names: Sequence[str]) -> NDArray[np.intp]:
    """Give the values of a column numbers; what is none of the names gets the last one."""
    codes, found = pd.factorize(column)
    index = {name: number for number, name in enumerate(names)}
    table = np.array(
        [index.get(str(name), len(names) - 1) for name in found] + [len(names) - 1], dtype=np.intp
    )
    return table[codes]


def _by_type(values: Mapping[str, float]) -> Floats:
    return np.array([values.get(kind, np.nan) for kind in PV_TYPES])


def _frozen(values: Mapping[str, float]) -> Hashable:
    return tuple(sorted(values.items()))


def _with_lcoe(table: pd.DataFrame) -> pd.DataFrame:
    energy = table["gwh_year"].where(table["gwh_year"] > 0)
    return table.assign(lcoe=table["cost_year"] / energy / 1e6)
