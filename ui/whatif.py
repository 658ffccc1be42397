"""What if: a few factors moved on the map, computed anew for every site at once.

The map's short notation of a scenario: a few factors. `tracking.whatif` answers it like every scenario.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assessment.inputs import load_catalogs
from assessment.run import PV_TYPES, SECTORS, STATUSES
from assessment.scenario import Scenario
from assessment.scenario_terms import Terms
from faults import Fault, InputError
from layers.region import EMBEDDED, load_region
from tracking.rule_sets import regained
from tracking.whatif import Board
from ui.region import region_of
from ui.runs import current_store

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.catalog import Catalog
    from ui.store import Store

    Floats = NDArray[np.floating[Any]]

RATE_NAME = "costs.finance.discount_rate"
LIFE_YEARS = 25
DISCOUNT_RATE = 0.06
DEGRADATION = 0.004
"""Terms of the run's costs where its manifest does not name them."""
LIMITS = {"density": (0.5, 1.5), "price": (0.3, 2.0), "rate": (0.0, 0.15), "most_lcoe": (0.0, 5.0)}
SHARE_LIMITS = (0.0, 2.0)


@dataclass(frozen=True)
class WhatIf:
    """Changes against the run; the default changes nothing.

    Examples
    --------
    >>> WhatIf(price=9.0)
    Traceback (most recent call last):
    faults.InputError: scenario, price = '9.0': must be from 0.3 to 2.0
    """

    share: dict[str, float] = field(default_factory=dict)
    """Factor on the usable area by sector; left out: 1."""
    density: float = 1.0
    """Factor on capacity per usable m2: better modules, closer rows."""
    price: float = 1.0
    """Factor on capital cost per kW."""
    rate: float | None = None
    """Discount rate; None: the run's own."""
    most_lcoe: float | None = None
    """Only sites up to this cost count (CNY/kWh)."""
    types: tuple[str, ...] = PV_TYPES
    statuses: tuple[str, ...] = STATUSES
    rules_off: tuple[str, ...] = ()
    """Rules that do not hold; what they alone take comes back."""

    def __post_init__(self) -> None:
        """Refuse what is out of range or unknown; all faults at once."""
        faults = []
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                faults.append(Fault("scenario", None, name, str(value), f"must be from {low} to {high}"))
        low, high = SHARE_LIMITS
        for sector, value in self.share.items():
            if sector not in SECTORS or not low <= value <= high:
                rule = f"must be a sector and a factor from {low} to {high}"
                faults.append(Fault("scenario", None, "share", f"{sector}: {value}", rule))
        for name, known in (("types", PV_TYPES), ("statuses", STATUSES)):
            rule = f"must be one of {', '.join(known)}"
            faults += [
                Fault("scenario", None, name, str(code), rule)
                for code in getattr(self, name)
                if code not in known
            ]
        if faults:
            raise InputError(faults)

    def scenario(self, costs: Catalog) -> Scenario:
        """Return the scenario that the factors stand for, with the numbers of a run's cost catalogue."""
        values = {f"costs.capex.{kind}": costs.value(f"capex.{kind}") * self.price for kind in PV_TYPES}
        terms = Terms(
            share_factor=self.share,
            density_factor={} if self.density == 1 else dict.fromkeys(PV_TYPES, self.density),
            types=self.types,
            statuses=self.statuses,
            most_lcoe=self.most_lcoe or None,
        )
        rate = {} if self.rate is None else {RATE_NAME: self.rate}
        return Scenario(
            name="what-if",
            values={**({} if self.price == 1 else values), **rate},
            rules_off=frozenset(self.rules_off),
            terms=terms,
        )

    def text(self) -> str:
        """Return the shortest JSON that says the same; empty for no change."""
        default = asdict(WhatIf())
        given = {key: value for key, value in asdict(self).items() if value != default[key]}
        return json.dumps(given, separators=(",", ":"), sort_keys=True) if given else ""

    @classmethod
    def parse(cls, text: str) -> WhatIf:
        """Read what `text()` wrote.

        Raises
        ------
        InputError
            No JSON object, unknown keys, values of the wrong kind or out of range.
        """
        try:
            found = json.loads(text) if text else {}
        except ValueError:
            found = None
        if not isinstance(found, dict) or set(found) - set(asdict(cls())):
            raise InputError(
                [Fault("scenario", None, None, text[:60], "must be a JSON object of known keys")]
            )
        wrong = [
            Fault("scenario", None, key, repr(value)[:60], rule)
            for key, value in found.items()
            if (rule := _kind_fault(key, value))
        ]
        if wrong:
            raise InputError(wrong)
        values: dict[str, Any] = {
            str(key): tuple(value) if isinstance(value, list) else value for key, value in found.items()
        }
        return cls(**values)


def _kind_fault(key: str, value: Any) -> str:  # noqa: ANN401 - whatever the JSON held
    """Return the rule that a value of the wrong kind breaks, empty for none."""
    if key in ("types", "statuses", "rules_off"):
        return (
            ""
            if isinstance(value, list) and all(isinstance(v, str) for v in value)
            else "must be a list of codes"
        )
    if key == "share":
        fine = isinstance(value, dict) and all(_is_number(v) for v in value.values())
        return "" if fine else "must map sectors to numbers"
    return "" if _is_number(value) else "must be a number"


def _is_number(value: Any) -> bool:  # noqa: ANN401 - whatever the JSON held
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


@dataclass(frozen=True)
class Outcome:
    """What the sites come to under a scenario."""

    kwp: tuple[float, float, float]
    """Low, central, high (kWp DC)."""
    kwh: float
    capex: float
    co2_t_year: float
    lcoe: float
    """Mean over energy of the sites whose cost is known."""
    sites: int
    towns: pd.DataFrame
    """town, kwp."""
    sectors: pd.DataFrame
    """sector, kwp."""
    curve: pd.DataFrame
    """lcoe, cum_kwp: cheapest first; sites only."""
    back_kwp: float = 0.0
    """What rules that are off bring back; in `kwp`, energy, cost and carbon, not among the sites."""


@dataclass(frozen=True, eq=False)
class Base:
    """Columns of the run that scenarios scale, one array each."""

    area: Floats
    usable: Floats
    kwp: Floats
    kwp_low: Floats
    kwp_high: Floats
    kwh: Floats
    capex: Floats
    co2: Floats
    lcoe: Floats
    kind: NDArray[Any]
    sector: NDArray[Any]
    status: NDArray[Any]
    town: NDArray[Any]

    @classmethod
    def of(cls, store: Store) -> Base:
        """Read the columns of a run."""
        sites = store.layers["sites"]
        numbers: list[NDArray[Any]] = [sites.number(name) for name in _COLUMNS.values()]
        return cls(
            *numbers, *(np.asarray(sites.columns[name]) for name in ("kind", "sector", "status", "town"))
        )


_ADDED = ("mw_dc_low", "mw_dc", "mw_dc_high", "gwh_year", "capex", "cost_year", "gwh_costed", "co2_t_year")
_COLUMNS = {
    "area": "area_m2",
    "usable": "usable_m2",
    "kwp": "kwp_dc_central",
    "kwp_low": "kwp_dc_low",
    "kwp_high": "kwp_dc_high",
    "kwh": "kwh_year_p50",
    "capex": "capex",
    "co2": "co2_t_year",
    "lcoe": "lcoe",
}


@lru_cache(maxsize=3)
def _board(base: Base, rate: float) -> Board:
    """Lay out the sites for scenarios; their costs were reckoned at the run's discount rate."""
    numbers = {column: getattr(base, name) for name, column in _COLUMNS.items()}
    codes = {
        "type": _named(base.kind, PV_TYPES),
        "sector": _named(base.sector, SECTORS),
        "status": _named(base.status, STATUSES),
        "town": base.town.astype(str),
    }
    same = {"kw_ac": base.kwp, "kwh_year_p90": base.kwh}
    catalogs = run_catalogs(current_store().key)
    at_rate = Scenario(values={RATE_NAME: rate}).change("costs", catalogs["costs"])
    return Board(pd.DataFrame({**numbers, **codes, **same}), {**catalogs, "costs": at_rate})


def _named(codes: NDArray[np.uint8], names: tuple[str, ...]) -> NDArray[np.object_]:
    return np.array([*names, None], dtype=object)[np.minimum(codes, len(names))]


@lru_cache(maxsize=2)
def run_catalogs(_key: str) -> dict[str, Catalog]:
    """Return the catalogues that the shown run was made with: its region's, as its scenario changed them."""
    run = current_store().run
    made = run.manifest.get("scenario")
    scenario = Scenario.from_dict(made) if isinstance(made, dict) else Scenario()
    return load_catalogs(region_of(run) or load_region(EMBEDDED), scenario)


def discount_rate(store: Store) -> float:
    """Return the discount rate the run's costs were reckoned with."""
    return run_catalogs(store.key)["costs"].value(RATE_NAME.removeprefix("costs."))


def site_values(base: Base, scenario: WhatIf, rate: float = DISCOUNT_RATE) -> tuple[Floats, Floats]:
    """Return the factor on each site's capacity, 0 for sites not admitted, and its levelised cost."""
    board = _board(base, rate)
    wanted = scenario.scenario(run_catalogs(current_store().key)["costs"])
    values = board.sites(wanted)
    return np.where(board.counted(wanted), values.factor, 0.0), values.lcoe


def outcome(
    base: Base,
    scenario: WhatIf,
    towns: tuple[str, ...],
    rate: float = DISCOUNT_RATE,
    sets: pd.DataFrame | None = None,
) -> Outcome:
    """Return totals, splits and the supply curve of a scenario.

    Parameters
    ----------
    rate
        Discount rate of the run.
    sets
        What each set of rules takes, towns by their number; None counts nothing for rules that are off.
    """
    wanted = scenario.scenario(run_catalogs(current_store().key)["costs"])
    found = _board(base, rate).apply(wanted)
    sums, here, sectors = found.total(), found.by("town")["mw_dc"], found.by("sector")["mw_dc"]
    back_mw = 0.0
    if sets is not None and scenario.rules_off:
        back = regained(sets, found, scenario.rules_off)
        sums, here, back_mw = _with_back(sums, back), _added(here, back), float(back["mw_dc"].sum())
    return Outcome(
        kwp=(sums["mw_dc_low"] * 1000, sums["mw_dc"] * 1000, sums["mw_dc_high"] * 1000),
        kwh=sums["gwh_year"] * 1e6,
        capex=sums["capex"],
        co2_t_year=sums["co2_t_year"],
        lcoe=sums["lcoe"],
        sites=int(sums["sites"]),
        towns=pd.DataFrame({"town": towns, "kwp": [here.get(str(n), 0.0) * 1000 for n in range(len(towns))]}),
        sectors=pd.DataFrame({"sector": SECTORS, "kwp": [sectors.get(one, 0.0) * 1000 for one in SECTORS]}),
        curve=pd.DataFrame({"lcoe": found.curve["lcoe"], "cum_kwp": found.curve["cum_mw"] * 1000}),
        back_kwp=back_mw * 1000,
    )


def _with_back(sums: dict[str, float], back: pd.DataFrame) -> dict[str, float]:
    """Return sums with land that comes back; its known energy and cost count, as those of sites do."""
    whole = {**sums, **{name: sums[name] + float(back[name].sum()) for name in _ADDED}}
    energy = whole["gwh_costed"] * 1e6
    return {**whole, "lcoe": whole["cost_year"] / energy if energy > 0 else float("nan")}


def _added(here: pd.Series[float], back: pd.DataFrame) -> pd.Series[float]:
    return here.add(back.groupby("town")["mw_dc"].sum(), fill_value=0.0)
