"""Sharing a region's target among its towns, by a key that is chosen in the open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS = {
    "potential": ("按潜力", "by potential"),
    "roof_area": ("按屋顶面积", "by roof area"),
    "need": ("按用能需求", "by need"),
    "equal": ("均分", "in equal parts"),
}
"""Keys by which a target can be shared, zh and en; `need` is what the user gives."""
_LEAST_KEY = 1e-12
_ROOFS = ("roof_flat", "roof_metal", "roof_pitched")


def allocate(
    total: float,
    keys: Mapping[str, float],
    *,
    built: Mapping[str, float] | None = None,
    most: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Share `total` among towns in proportion to their keys, within what each has and can have.

    A town never gets less than is built there, nor more than `most`; what that moves is shared among the
    others by their keys, until it fits.

    Parameters
    ----------
    keys
        Weight of each town, not negative; a town with weight 0 gets what it has.
    built
        What stands in each town; it counts.
    most
        The most each town can have (built and potential left); a town that is left out has no upper limit.

    Returns
    -------
    town, key (share of all keys), target, built, to_add, limited ("", "built" or "most").

    Raises
    ------
    InputError
        Keys are negative or all zero, or the total does not fit between what is built and what is possible.

    Examples
    --------
    >>> allocate(100, {"a": 3, "b": 1}, most={"a": 60})["target"].tolist()
    [60.0, 40.0]
    """
    floor = {town: (built or {}).get(town, 0.0) for town in keys}
    ceiling = {town: max((most or {}).get(town, float("inf")), floor[town]) for town in keys}
    _check(total, keys, floor, ceiling)
    target = _fill(total, keys, floor, ceiling)
    weight = sum(keys.values())
    rows = [
        {
            "town": town,
            "key": keys[town] / weight,
            "target": target[town],
            "built": floor[town],
            "to_add": target[town] - floor[town],
            "limited": _limited(target[town], floor[town], ceiling[town]),
        }
        for town in keys
    ]
    return pd.DataFrame(rows)


def keys_from_summary(summary: pd.DataFrame, key: str) -> dict[str, float]:
    """Return the keys of the towns out of a run's summary: potential, roof_area or equal.

    Raises
    ------
    InputError
        The key is none that a summary knows.
    """
    towns = sorted(summary["town"].unique())
    if key == "potential":
        sums = summary.groupby("town")["kwp_dc_central"].sum()
    elif key == "roof_area":
        sums = summary[summary["type"].isin(_ROOFS)].groupby("town")["area_m2"].sum()
    elif key == "equal":
        return dict.fromkeys(towns, 1.0)
    else:
        rule = "must be potential, roof_area or equal; other keys are given as numbers"
        raise InputError([Fault("allocation", None, "key", key, rule)])
    return {town: float(sums.get(town, 0.0)) for town in towns}


def _check(
    total: float, keys: Mapping[str, float], floor: Mapping[str, float], ceiling: Mapping[str, float]
) -> None:
    faults = [
        Fault("allocation", None, "key", f"{town}: {weight}", "must not be negative")
        for town, weight in keys.items()
        if not weight >= 0
    ]
    least = sum(floor.values())
    most = sum(ceiling[town] if keys[town] > 0 else floor[town] for town in keys)
    if not faults and not sum(keys.values()) > 0:
        faults.append(Fault("allocation", None, "key", None, "at least one town must have a key above 0"))
    if total < least:
        faults.append(Fault("allocation", None, "total", f"{total:g}", f"is below what is built ({least:g})"))
    if total > most:
        rule = f"is above what the towns can have ({most:g}): {total - most:g} are missing"
        faults.append(Fault("allocation", None, "total", f"{total:g}", rule))
    if faults:
        raise InputError(faults)


def _fill(
    total: float, keys: Mapping[str, float], floor: Mapping[str, float], ceiling: Mapping[str, float]
) -> dict[str, float]:
    """Find the level t at which the clipped shares ``clip(t key, floor, ceiling)`` sum to the total.

    The sum rises with t; between the levels at which a town meets a bound it is a straight line.
    """
    largest = max(keys.values())
    # A key that vanishes beside the largest still lets its town fill up once the others are full; kept within
    # what a double can divide by.
    weighted = {town: max(weight / largest, _LEAST_KEY) for town, weight in keys.items() if weight > 0}
    keys = {town: weighted.get(town, 0.0) for town in keys}
    bounds = [bound / weighted[town] for town in weighted for bound in (floor[town], ceiling[town])]
    levels = sorted({0.0, *(level for level in bounds if level != float("inf"))})

    def shares(level: float) -> dict[str, float]:
        return {town: min(max(level * keys[town], floor[town]), ceiling[town]) for town in keys}

    low = max((level for level in levels if sum(shares(level).values()) <= total), default=0.0)
    base = shares(low)
    near = 1e-12  # the levels are quotients of the bounds: they meet them up to rounding
    free = [
        town
        for town, key in weighted.items()
        if floor[town] * (1 - near) <= low * key < ceiling[town] * (1 - near)
    ]
    slope = sum(keys[town] for town in free)
    rest = total - sum(base.values())
    return shares(low + rest / slope) if free else base


def _limited(target: float, floor: float, ceiling: float) -> str:
    if target >= ceiling:
        return "most"
    return "built" if target <= floor and floor > 0 else ""
