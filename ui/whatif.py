"""What if: other usable shares, densities, prices and admissions, computed anew for every site at once.

Everything follows from the sites of the run by proportion, so that half a million sites answer while a slider
moves. A site's usable area never exceeds the area the rules left. What a rule would give back is not computed
here (areas that several rules share need the rule engine): run the scenario for that.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assessment.run import PV_TYPES, SECTORS, STATUSES
from faults import Fault, InputError
from layers.catalog import load_catalog
from potential.money import present_worth
from ui.region import region_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ui.store import Store

    Floats = NDArray[np.float32]

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
    if key in ("types", "statuses"):
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
    """lcoe, cum_kwp: cheapest first, in 300 steps."""


@dataclass(frozen=True)
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
    kind: NDArray[np.uint8]
    sector: NDArray[np.uint8]
    status: NDArray[np.uint8]
    town: NDArray[np.uint8]

    @classmethod
    def of(cls, store: Store) -> Base:
        """Read the columns of a run."""
        sites = store.layers["sites"]
        names = (
            "area_m2",
            "usable_m2",
            "kwp_dc_central",
            "kwp_dc_low",
            "kwp_dc_high",
            "kwh_year_p50",
            "capex",
            "co2_t_year",
            "lcoe",
        )
        numbers = [sites.number(name).astype("float32") for name in names]
        return cls(
            *numbers, *(np.asarray(sites.columns[name]) for name in ("kind", "sector", "status", "town"))
        )


def outcome(base: Base, scenario: WhatIf, towns: tuple[str, ...], rate: float = DISCOUNT_RATE) -> Outcome:
    """Return totals, splits and the supply curve of a scenario; `rate` is the discount rate of the run."""
    factor, cost = site_values(base, scenario, rate)
    kwp, kwh = base.kwp * factor, base.kwh * factor
    known = (factor > 0) & np.isfinite(cost) & np.isfinite(kwh)
    energy = kwh[known].astype("float64")
    mean = float(np.average(cost[known], weights=energy)) if energy.sum() > 0 else math.nan
    return Outcome(
        kwp=(_sum(base.kwp_low * factor), _sum(kwp), _sum(base.kwp_high * factor)),
        kwh=_sum(kwh),
        capex=_sum(base.capex * factor) * scenario.price,
        co2_t_year=_sum(base.co2 * factor),
        lcoe=mean,
        sites=int(np.count_nonzero(factor > 0)),
        towns=_split("town", base.town, towns, kwp),
        sectors=_split("sector", base.sector, SECTORS, kwp),
        curve=_curve(cost[known], kwp[known]),
    )


def site_values(base: Base, scenario: WhatIf, rate: float = DISCOUNT_RATE) -> tuple[Floats, Floats]:
    """Return the factor on each site's capacity, 0 for sites not admitted, and its levelised cost."""
    cost = _lcoe(base, scenario, rate)
    keep = _lookup(scenario.types, PV_TYPES)[base.kind] & _lookup(scenario.statuses, STATUSES)[base.status]
    if scenario.most_lcoe is not None:
        keep &= cost <= scenario.most_lcoe
    return np.where(keep, _factor(base, scenario), np.float32(0)), cost


def discount_rate(store: Store) -> float:
    """Return the discount rate the run's costs were reckoned with."""
    manifest = store.run.manifest
    scenario = manifest["scenario"]
    values = scenario.get("values", {}) if isinstance(scenario, dict) else {}
    if RATE_NAME in values:
        return float(values[RATE_NAME])
    region = region_of(store.run)
    if region is None:
        return DISCOUNT_RATE
    catalog, _, key = RATE_NAME.partition(".")
    return load_catalog(region.catalogs[catalog]).value(key)


def _factor(base: Base, scenario: WhatIf) -> Floats:
    """Factor on each site's capacity: usable share within its area, times density."""
    shares = np.array([*(scenario.share.get(sector, 1.0) for sector in SECTORS)], dtype="float32")
    share = np.append(shares, np.ones(256 - len(SECTORS), dtype="float32"))[base.sector]
    with np.errstate(divide="ignore", invalid="ignore"):
        most = np.where(base.usable > 0, np.maximum(base.area / base.usable, 1.0), 1.0)
    limited: Floats = (np.minimum(share, most) * scenario.density).astype("float32")
    return limited


def _lcoe(base: Base, scenario: WhatIf, rate: float) -> Floats:
    """Levelised cost with another capital cost and discount rate; running costs stay.

    ``lcoe = (capex + rest) / (kwh W)`` with W the discounted years of energy: the rest is what the run's cost
    leaves, and scales with the discounted years when the rate changes. Capacity cancels out.
    """
    new = rate if scenario.rate is None else scenario.rate
    before, after = (present_worth(r, LIFE_YEARS, -DEGRADATION) for r in (rate, new))
    years = present_worth(new, LIFE_YEARS) / present_worth(rate, LIFE_YEARS)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_kwh = base.capex / base.kwh
    rest = base.lcoe * before - per_kwh
    cost: Floats = ((scenario.price * per_kwh + rest * years) / after).astype("float32")
    return cost


def _lookup(chosen: tuple[str, ...], names: tuple[str, ...]) -> NDArray[np.bool_]:
    found = np.zeros(256, dtype=bool)
    found[: len(names)] = [name in chosen for name in names]
    return found


def _sum(values: Floats) -> float:
    return float(np.nansum(values, dtype="float64"))


def _split(name: str, codes: NDArray[np.uint8], names: tuple[str, ...], kwp: Floats) -> pd.DataFrame:
    sums = np.bincount(codes, np.nan_to_num(kwp), 256)[: len(names)]
    return pd.DataFrame({name: list(names), "kwp": sums})


def _curve(cost: Floats, kwp: Floats, steps: int = 300) -> pd.DataFrame:
    """Return the supply curve in steps of cost; sums stay exact, only the cost is rounded."""
    if not cost.size:
        return pd.DataFrame({"lcoe": [], "cum_kwp": []})
    edges = np.linspace(float(cost.min()), float(np.quantile(cost, 0.999)), steps)
    place = np.clip(np.searchsorted(edges, cost), 0, steps - 1)
    return pd.DataFrame({"lcoe": edges, "cum_kwp": np.cumsum(np.bincount(place, kwp, steps))})
