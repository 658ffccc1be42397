"""How avoided carbon is counted: average or marginal grid factor, the first year or the mean of the life."""

from __future__ import annotations

from typing import TYPE_CHECKING

from potential.carbon import combined_margin, pv_t_life

if TYPE_CHECKING:
    from layers.catalog import Catalog

GRID_FACTOR = "grid.shaanxi.2022"
"""Provincial average factor of the newest year that was published: what avoided carbon is counted with."""
MARGINAL = "marginal."
"""Prefix of grid factors that are combined margins of a regional grid."""
CHOSEN, LIFE = "chosen.grid", "chosen.life"
"""Where a scenario puts its choice into the carbon catalogue: kg/kWh, and 1 for the mean of the life."""


def grid_factor(carbon: Catalog, name: str) -> float:
    """Return a grid factor, kg/kWh: a number of the carbon catalogue, or `marginal.REGION`.

    The second is the combined margin of a regional grid (75 % operating, 25 % build margin for sun), what one
    more kWh displaces; the others are averages of a year and a scope.
    """
    if not name.startswith(MARGINAL):
        return carbon.value(name)
    region = name.removeprefix(MARGINAL)
    parts = {key: carbon.value(f"margin.{region}.{key}_2019") for key in ("operating", "build")}
    weight = carbon.value("margin.operating_weight")
    return combined_margin(parts["operating"], parts["build"], operating_weight=weight)


def grid_factors(carbon: Catalog) -> list[str]:
    """Name the grid factors that can be chosen, averages first."""
    averages = [name for name in carbon if name.startswith("grid.")]
    margins = dict.fromkeys(name.split(".")[1] for name in carbon if name.endswith(".operating_2019"))
    return [*averages, *(f"{MARGINAL}{region}" for region in margins)]


def life_factor(carbon: Catalog, costs: Catalog) -> tuple[float, float]:
    """Return the mean year's energy over that of year 1, and embodied carbon a year, t per MW DC."""
    years = int(costs.value("finance.life_years"))
    share = pv_t_life(
        1000.0, grid_kg_per_kwh=1.0, life_years=years, degradation=costs.value("finance.degradation")
    )
    return float(share) / years, carbon.value("embodied.pv_kg_per_kwp") / years
