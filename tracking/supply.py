"""The supply curve of roofs and parcels together, by any grouping, with the sites behind each step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from potential import supply

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Curve:
    """A supply curve and the way back from its steps to the sites."""

    steps: pd.DataFrame
    """The grouping columns, then lcoe (CNY/kWh), kwp_dc, cum_kwp_dc, kwh_year, sites; cheapest first."""
    step_of_site: NDArray[np.intp]
    """Row of `steps` of each site; -1: a site of unknown cost, not on the curve."""

    def sites_of(self, sites: pd.DataFrame, step: int) -> pd.DataFrame:
        """Return the sites behind a step, so that they can be shown on the map."""
        return sites[self.step_of_site == step]


def supply_curve(
    sites: pd.DataFrame, *, by: Sequence[str] = ("town", "type"), steps_per_group: int = 50
) -> Curve:
    """Build the supply curve of sites, grouped by town, type, owner class or any other columns.

    Parameters
    ----------
    sites
        Table of sites: the grouping columns, lcoe, kwp_dc_central, kwh_year_p50.
    """
    groups = sites.groupby(list(by), sort=True, dropna=False, observed=True)
    found = supply.supply_curve(
        sites["lcoe"],
        sites["kwp_dc_central"],
        sites["kwh_year_p50"],
        groups.ngroup(),
        steps_per_group=steps_per_group,
    )
    names = groups.size().index.to_frame(index=False)
    steps = names.iloc[found.group].reset_index(drop=True)
    numbers = {
        "lcoe": found.cost,
        "kwp_dc": found.amount,
        "cum_kwp_dc": found.cumulative,
        "kwh_year": found.energy,
        "sites": found.sites,
    }
    return Curve(steps.assign(**numbers), found.step_of_site)
