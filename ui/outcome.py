"""What the sites come to under the map's scenario: totals, splits, supply curve, and each site's numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assessment.run import SECTORS
from tracking.rule_sets import regained

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.catalog import Catalog
    from tracking.whatif import Board
    from ui.whatif import WhatIf

    Floats = NDArray[np.float64]

_ADDED = ("mw_dc_low", "mw_dc", "mw_dc_high", "gwh_year", "capex", "cost_year", "gwh_costed", "co2_t_year")


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


def site_values(board: Board, scenario: WhatIf, costs: Catalog) -> tuple[Floats, Floats]:
    """Return the factor on each site's capacity, 0 for sites not admitted, and its levelised cost."""
    wanted = scenario.scenario(costs)
    values, counts = board.sites(wanted), board.counted(wanted)
    if wanted.terms.most_lcoe is not None:
        counts &= values.lcoe <= wanted.terms.most_lcoe
    return np.where(counts, values.factor, 0.0), values.lcoe


def outcome(
    board: Board,
    scenario: WhatIf,
    costs: Catalog,
    towns: tuple[str, ...],
    *,
    keep: NDArray[np.bool_] | None = None,
    sets: pd.DataFrame | None = None,
) -> Outcome:
    """Return totals, splits and the supply curve of a scenario.

    Parameters
    ----------
    costs
        Catalogue of costs that the run was made with.
    keep
        Sites that count; None: all.
    sets
        What each set of rules takes; None counts nothing for rules that are off.
    """
    found = board.apply(scenario.scenario(costs), keep=keep)
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
        towns=pd.DataFrame({"town": towns, "kwp": [here.get(town, 0.0) * 1000 for town in towns]}),
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
