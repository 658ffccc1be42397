"""Which sites are meant: a small, validated record that travels in the page's address as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from assessment.run import PV_TYPES, SECTORS, STATUSES
from faults import Fault, InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ui.store import Store

CHOICES = {"types": PV_TYPES, "sectors": SECTORS, "statuses": STATUSES}
NUMBERS = ("min_kwp", "max_lcoe")
LONGEST = 2000
"""Longest text that is read at all."""


@dataclass(frozen=True)
class Filter:
    """Sites that match every given condition; an empty tuple or None means no condition.

    Examples
    --------
    >>> Filter.parse('{"types": ["ground"], "min_kwp": 100}')
    Filter(towns=(), types=('ground',), sectors=(), statuses=(), min_kwp=100.0, max_lcoe=None)
    """

    towns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    min_kwp: float | None = None
    """Least DC capacity of a site, central value (kWp)."""
    max_lcoe: float | None = None
    """Highest levelised cost (CNY/kWh); a site of unknown cost does not match."""

    @classmethod
    def parse(cls, text: str) -> Filter:
        """Read the JSON that `text()` wrote.

        Raises
        ------
        InputError
            With every fault: no JSON object, unknown keys, unknown codes, numbers that are none.
        """
        try:
            found = json.loads(text) if len(text) <= LONGEST else None
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise InputError([Fault("filter", None, None, text[:60], "must be a JSON object")])
        faults: list[Fault] = []
        values = {key: _checked(key, value, faults) for key, value in found.items()}
        if faults:
            raise InputError(faults)
        return cls(**values)

    def text(self) -> str:
        """Return the shortest JSON that says the same."""
        given = {key: value for key, value in asdict(self).items() if value not in ((), None)}
        return json.dumps(given, separators=(",", ":"), sort_keys=True) if given else ""

    def mask(self, store: Store) -> NDArray[np.bool_]:
        """Return which rows of the store's sites match."""
        columns = store.layers["sites"].columns
        keep = np.ones(len(columns["kind"]), dtype=bool)
        for chosen, names, column in (
            (self.towns, store.towns, "town"),
            (self.types, PV_TYPES, "kind"),
            (self.sectors, SECTORS, "sector"),
            (self.statuses, STATUSES, "status"),
        ):
            if chosen:
                wanted = np.zeros(256, dtype=bool)
                wanted[[names.index(code) for code in chosen if code in names]] = True
                keep &= wanted[columns[column]]
        if self.min_kwp is not None:
            keep &= columns["value"] >= self.min_kwp
        if self.max_lcoe is not None:
            keep &= columns["cost"] <= self.max_lcoe
        return keep

    def choices(self) -> dict[str, Any]:
        """Return the same choice in the words of `exports.sites.export_table`."""
        parts = []
        if self.sectors:
            parts.append(f"sector in ({', '.join(repr(code) for code in self.sectors)})")
        if self.min_kwp is not None:
            parts.append(f"kwp_dc_central >= {self.min_kwp}")
        if self.max_lcoe is not None:
            parts.append(f"lcoe <= {self.max_lcoe}")
        return {
            "where": " and ".join(parts) or None,
            "town": self.towns or None,
            "types": self.types,
            "status": self.statuses,
        }


def _checked(key: str, value: Any, faults: list[Fault]) -> Any:  # noqa: ANN401 - JSON in, field out
    """Return the field's value, or note what is wrong with it."""
    if key in NUMBERS:
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        if number and value >= 0:
            return float(value)
        faults.append(Fault("filter", None, key, repr(value), "must be a number of at least 0"))
        return None
    if key != "towns" and key not in CHOICES:
        faults.append(
            Fault("filter", None, key, None, f"unknown; known are towns, {', '.join((*CHOICES, *NUMBERS))}")
        )
        return None
    texts = value if isinstance(value, list) else [value]
    allowed = CHOICES.get(key)
    wrong = [text for text in texts if not isinstance(text, str) or (allowed and text not in allowed)]
    for text in wrong:
        rule = f"must be one of {', '.join(allowed)}" if allowed else "must be the code of a town"
        faults.append(Fault("filter", None, key, repr(text), rule))
    return tuple(dict.fromkeys(texts)) if not wrong else ()
