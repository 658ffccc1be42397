"""The 24-hour price table that a scenario chooses, and the price that the sun meets under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faults import Fault, InputError
from potential.money_tariff import HOURS, production_weighted_price

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from layers.catalog import Catalog, Quantity

    Floats = NDArray[np.float64]

CHOSEN = "chosen"
"""Where a scenario puts its choice into the tariff catalogue."""


def tariff_names(tariffs: Catalog) -> list[str]:
    """Name the price tables that can be chosen, in the order of the catalogue."""
    names = dict.fromkeys(key.partition(".")[0] for key in tariffs)
    return [name for name in names if name != CHOSEN]


def chosen_table(tariffs: Catalog, name: str) -> dict[str, Quantity]:
    """Return a price table as the chosen one: its numbers under the names that say so.

    Raises
    ------
    InputError
        There is no table of that name, or it has not 24 hours.
    """
    table = {} if name == CHOSEN else tariffs.section(name)
    if len(table) != HOURS:
        rule = f"must be one of {', '.join(tariff_names(tariffs))}, each with {HOURS} hours"
        raise InputError([Fault("scenario", None, "tariff", name, rule)])
    return {f"{CHOSEN}.{hour}": number for hour, number in table.items()}


def prices_of(tariffs: Catalog, name: str | None = None) -> list[float] | None:
    """Return the prices by hour of a table (CNY/kWh); without a name the chosen one, None where none is."""
    table = tariffs.section(CHOSEN) if name is None else chosen_table(tariffs, name)
    return [number.value for number in table.values()] or None


def met_by_type(tariffs: Catalog, by_hour: Callable[[], Mapping[str, Floats]]) -> dict[str, float] | None:
    """Return the price that each type's energy meets under the chosen table, CNY/kWh; None: none is chosen.

    Parameters
    ----------
    by_hour
        Gives the energy of each type by the hour of the day, in any unit; asked only where a table is chosen.
    """
    prices = prices_of(tariffs)
    if prices is None:
        return None
    return {kind: production_weighted_price(prices, energy) for kind, energy in by_hour().items()}
