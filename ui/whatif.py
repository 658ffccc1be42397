"""What if: the map's short notation of a scenario, a few factors; `ui.outcome` answers it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from assessment.run import PV_TYPES, SECTORS, STATUSES
from assessment.scenario import Scenario
from assessment.scenario_terms import Terms
from faults import Fault, InputError

if TYPE_CHECKING:
    from layers.catalog import Catalog

RATE_NAME = "costs.finance.discount_rate"
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
