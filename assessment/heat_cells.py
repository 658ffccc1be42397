"""What the rules say about every cell of the heat maps: how much they take, and which rule decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis.exclusion import Exclusions
from gis.grid import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from assessment.heat_rules import HeatRules, Zone
    from gis.packing import Bounds
    from layers.rule_model import Rule

POINTS = 5
"""Points per side of a map cell at which rules are asked."""


@dataclass(frozen=True)
class CellRules:
    """The rules on the cells of a map, for one technology; arrays of shape (cells,)."""

    free_share: NDArray[np.float64]
    """Part of each cell where no rule forbids the technology."""
    rules: tuple[Rule, ...]
    """What `veto` and `consent` count in."""
    veto: NDArray[np.intp]
    """The rule that takes most of the cell; -1 where none takes any."""
    consent: NDArray[np.intp]
    """The first rule that asks for a consent in the cell; -1 where none does."""


@dataclass(frozen=True)
class RuleMap:
    """Every rule about heat burnt into one grid, finer than the map's cells."""

    zones: tuple[Zone, ...]
    burnt: Exclusions
    inside: NDArray[np.intp]
    """Cells asked for, as positions in the flattened map from the south west."""

    def of(self, technology: str) -> CellRules:
        """Return what the rules say about a technology."""
        mine = [k for k, zone in enumerate(self.zones) if technology in zone.rule.applies_to]
        vetoes = [k for k in mine if self.zones[k].rule.verdict == "forbidden"]
        asking = [k for k in mine if self.zones[k].rule.verdict == "conditional"]
        per = POINTS**2
        taken = self._points(self.burnt.met_any(vetoes)) if vetoes else np.zeros(len(self.inside))
        return CellRules(
            free_share=1 - taken / per,
            rules=tuple(zone.rule for zone in self.zones),
            veto=self._most(vetoes),
            consent=self._first(asking),
        )

    def _most(self, zones: list[int]) -> NDArray[np.intp]:
        """Return the zone that takes most points of each cell; the first of equals."""
        if not zones:
            return np.full(len(self.inside), -1)
        points = np.stack([self._points(self.burnt.met(k)) for k in zones])
        return np.where(points.any(axis=0), np.asarray(zones)[points.argmax(axis=0)], -1)

    def _first(self, zones: list[int]) -> NDArray[np.intp]:
        found = np.full(len(self.inside), -1)
        for k in reversed(zones):
            found[self._points(self.burnt.met(k)) > 0] = k
        return found

    def _points(self, met: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Count the points of each cell where something holds; the grid runs from the north."""
        rows, columns = met.shape
        counts = met.reshape(rows // POINTS, POINTS, columns // POINTS, POINTS).sum(axis=(1, 3))
        return np.asarray(counts[::-1].ravel()[self.inside])


def rule_map(rules: HeatRules, *, bounds: Bounds, cell_m: float, inside: NDArray[np.intp]) -> RuleMap:
    """Burn every rule about heat into a grid with `POINTS` points per side of a map cell.

    Parameters
    ----------
    rules : HeatRules
        Those that could be checked.
    bounds : tuple of float
        (west, south, east, north), whole cells, m.
    cell_m : float
        Side of a cell of the map, m.
    inside : numpy.ndarray
        The cells asked for, as positions in the flattened map from the south west.
    """
    west, south, east, north = bounds
    rows, columns = round((north - south) / cell_m) * POINTS, round((east - west) / cell_m) * POINTS
    zones = tuple(zone for zone in rules.zones if len(zone.features))
    burnt = Exclusions.empty(Grid(west, north, cell_m / POINTS, rows, columns), criteria=max(len(zones), 1))
    for k, zone in enumerate(zones):
        burnt.burn(zone.features, criterion=k, distance_m=zone.distance_m)
    return RuleMap(zones, burnt, inside)
