"""The numbers of the heat assessment as one catalogue: prices and emissions stay in their own files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layers.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Mapping

SHARED: Mapping[str, tuple[str, str]] = {
    "shallow.cny_m": ("costs", "geothermal.shallow.drilling_cny_per_m"),
    "deep.cny_m": ("costs", "geothermal.deep.drilling_cny_per_m"),
    "hydrothermal.cny_well": ("costs", "geothermal.hydrothermal.cny_per_well"),
    "station.discount_rate": ("costs", "finance.discount_rate"),
    "carbon.baseline.coal_chp": ("carbon", "heat_baseline.purchased_heat"),
    "carbon.baseline.gas_boiler": ("carbon", "heat_baseline.gas_boiler"),
    "carbon.grid": ("carbon", "grid.shaanxi.2022"),
}
"""Numbers that heat shares with the rest of the house: name here, catalogue and name there."""


def heat_catalog(catalogs: Mapping[str, Catalog]) -> Catalog:
    """Return the catalogue of heat together with the prices and emissions it shares.

    Parameters
    ----------
    catalogs : mapping
        At least heat, costs and carbon, by name.

    Raises
    ------
    InputError
        A shared number is missing from its catalogue.
    """
    heat = catalogs["heat"]
    shared = {name: catalogs[file][key] for name, (file, key) in SHARED.items()}
    return Catalog({**heat, **shared}, name=heat.name)
