"""Mountings of ground types: fixed rows, or rows that turn after the sun, with what turning costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faults import Fault, InputError
from layers.catalog import Catalog, Quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

FIXED, SINGLE_AXIS = 0, 1
"""Values of `<type>.mounting` in the density catalogue."""
SUFFIX = ".mounting"
EXTRA = {"capex": "tracker.capex_cny_per_w", "om": "tracker.om_cny_per_w_year"}
"""What turning adds to a cost, by the kind of cost."""


def turns(kind: str, density: Catalog) -> bool:
    """Say whether the rows of a PV type turn after the sun.

    Raises
    ------
    InputError
        The catalogue has a mounting that is none.
    """
    name = f"{kind}{SUFFIX}"
    value = density.value(name) if name in density else FIXED
    if value not in (FIXED, SINGLE_AXIS):
        rule = "must be 0 (fixed rows) or 1 (single-axis tracker)"
        raise InputError([Fault(density.name, None, name, f"{value:g}", rule)])
    return value == SINGLE_AXIS


def with_mountings(catalogs: Mapping[str, Catalog]) -> dict[str, Catalog]:
    """Return catalogues in which types whose rows turn cost what turning adds."""
    found = dict(catalogs)
    if "density" not in found or "costs" not in found:
        return found
    density, costs = found["density"], found["costs"]
    kinds = [name.removesuffix(SUFFIX) for name in density if name.endswith(SUFFIX)]
    dearer = {
        f"{cost}.{kind}": _sum(costs[f"{cost}.{kind}"], costs[extra])
        for kind in kinds
        if turns(kind, density)
        for cost, extra in EXTRA.items()
    }
    return {**found, "costs": Catalog({**costs, **dearer}, name=costs.name)}


def _sum(one: Quantity, other: Quantity) -> Quantity:
    return Quantity(
        value=one.value + other.value,
        low=one.low + other.low,
        high=one.high + other.high,
        unit=one.unit,
        source=f"{one.source}; tracker: {other.source}",
        confidence="L",
        unverified=True,
        note=one.note,
    )
