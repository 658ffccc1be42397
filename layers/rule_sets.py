"""Which rules together take a piece of land: what comes back when several rules are switched off at once.

Where zones overlap, lifting one of them brings nothing back. So the land that is lost is split by the exact
set of rules that takes it: switching off the rules S brings back the sum of the sets that are subsets of S.
Sites are cut into the cells of the arrangement of their zones, exactly; no grid is involved.

With the shares s of partial rules a cell loses `lost = min(1, sum of s)`, or 1 where a rule takes the whole.
Without the rules S it would lose `lost(S)`; what a set adds beyond its own subsets is the Moebius inversion
of `returned(S) = lost - lost(S)`. Smallest area and width look at what the others leave: what they take is
theirs alone, and they are not asked again when another rule is lifted.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gis.shares import arranged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from gis.zones import Parts
    from layers.rule_model import Rule

    Table = pd.DataFrame

JOINT = "|"
"""Between the rules of a set, which are sorted by id."""
_KEYS = ["index", "rules"]
_LEAST = 1e-12


def sets_of_parts(
    areas: NDArray[np.object_], rules: Sequence[Rule], parts: Sequence[Parts], *, hard_only: bool
) -> Table:
    """Split what rules take of areas by the exact set of rules.

    Parameters
    ----------
    areas
        Polygons before these rules.
    rules, parts
        The rules and, for each, the parts of the areas in its zones.
    hard_only
        True leaves out the cells where only partial rules hold.

    Returns
    -------
    pandas.DataFrame
        index (position of the area), rules (ids joined by "|"), m2.
    """
    if not any(len(part.index) for part in parts):
        return _empty()
    index, geometry, inside = arranged(areas, parts)
    hard = np.array([rule.share == 1 for rule in rules])
    wanted = inside[:, hard].any(axis=1) if hard_only else inside.any(axis=1)
    patterns, number = np.unique(inside[wanted], axis=0, return_inverse=True)
    cells = pd.DataFrame(
        {"index": index[wanted], "pattern": number.ravel(), "m2": shapely.area(geometry[wanted])}
    )
    sums = cells.groupby(["index", "pattern"], sort=False)["m2"].sum().reset_index()
    said = [
        (n, name, part)
        for n, pattern in enumerate(patterns)
        for name, part in _returned([rule for rule, met in zip(rules, pattern, strict=True) if met])
    ]
    table = sums.merge(pd.DataFrame(said, columns=["pattern", "rules", "part"]), on="pattern")
    return table.assign(m2=table["m2"] * table["part"])[[*_KEYS, "m2"]]


def held_alone(
    areas: NDArray[np.object_],
    taking: Sequence[tuple[Rule, Parts]],
    index: NDArray[np.intp],
    ids: Sequence[str],
) -> NDArray[np.float64]:
    """Return what comes back of each area (by `index`) if only the rule of that id were lifted (m2)."""
    rules = [rule for rule, _ in taking]
    parts = [part.take(np.isin(part.index, index)) for _, part in taking]
    sets = sets_of_parts(areas, rules, parts, hard_only=True)
    single = sets.groupby(_KEYS)["m2"].sum()
    wanted = pd.MultiIndex.from_arrays([index, list(ids)], names=_KEYS)
    held: NDArray[np.float64] = single.reindex(wanted, fill_value=0.0).to_numpy(dtype=float)
    return held


def _returned(rules: Sequence[Rule]) -> Iterator[tuple[str, float]]:
    """Yield the sets of rules that hold in a cell with the share of the cell that each set takes."""
    whole = [rule.id for rule in rules if rule.share == 1]
    shares = {rule.id: rule.share for rule in rules if rule.share < 1}
    lost = 1.0 if whole else min(1.0, sum(shares.values()))
    for lifted in _subsets(tuple(shares)):
        part = sum((-1) ** (len(lifted) - len(some)) * _back(shares, some, lost) for some in _subsets(lifted))
        if abs(part) > _LEAST:
            yield JOINT.join(sorted([*whole, *lifted])), part


def _back(shares: Mapping[str, float], lifted: Sequence[str], lost: float) -> float:
    """Return what comes back of a cell when some partial rules, and all that take the whole, are lifted."""
    return lost - min(1.0, sum(share for name, share in shares.items() if name not in lifted))


def _subsets(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for size in range(len(names) + 1):
        yield from combinations(names, size)


def joined_sets(tables: Sequence[Table], lost_m2: NDArray[np.float64]) -> Table:
    """Add up sets of the same areas; slivers go to an area's largest set, so that the sum is what it lost.

    Parameters
    ----------
    tables
        As `sets_of_parts` returns them.
    lost_m2
        What each area lost in all (m2).
    """
    sums = pd.concat(tables, ignore_index=True).groupby(_KEYS, sort=True)["m2"].sum().reset_index()
    if sums.empty:
        return sums
    of_area = sums.groupby("index")["m2"]
    rest = lost_m2[sums["index"].to_numpy()] - of_area.transform("sum").to_numpy()
    largest = np.zeros(len(sums), dtype=bool)
    largest[of_area.idxmax().to_numpy()] = True
    return sums.assign(m2=sums["m2"] + np.where(largest, rest, 0.0))


def come_back(table: Table, lifted: Sequence[str]) -> pd.Series[bool]:
    """Say which rows of a table of rule sets come back when the rules `lifted` are switched off.

    Examples
    --------
    >>> table = pd.DataFrame({"rules": ["a", "a|b", "b|c"], "area_m2": [3.0, 2.0, 1.0]})
    >>> float(table.loc[come_back(table, ["a", "b"]), "area_m2"].sum())
    5.0
    """
    off = set(lifted)
    subsets = {name: set(name.split(JOINT)) <= off for name in table["rules"].unique()}
    return table["rules"].map(subsets).astype(bool)


def rule_sets(sets: Table, sites: pd.DataFrame, *, kwp_m2: pd.Series[float]) -> Table:
    """Add up the sets of sites by town, township and type.

    Parameters
    ----------
    sets
        id, rules, m2 of sites.
    sites
        town, township and type of each site, by its id.
    kwp_m2
        Capacity per area of each site, by its id (kWp/m2).

    Returns
    -------
    pandas.DataFrame
        town, township, type, rules, area_m2, kwp_dc.
    """
    keys = ["town", "township", "type", "rules"]
    known = sites.reindex(sets["id"])
    table = pd.DataFrame({name: known[name].to_numpy() for name in keys[:-1]})
    table = table.assign(
        rules=sets["rules"].to_numpy(),
        area_m2=sets["m2"].to_numpy(),
        kwp_dc=sets["m2"].to_numpy() * kwp_m2.reindex(sets["id"]).to_numpy(),
    )
    return add_up(table)


def add_up(table: Table) -> Table:
    """Add up rows of rule sets that say the same; an unknown township stays unknown."""
    keys = ["town", "township", "type", "rules"]
    sums = table.groupby(keys, sort=True, dropna=False)[["area_m2", "kwp_dc"]].sum()
    return sums.reset_index()


def _empty() -> Table:
    return pd.DataFrame({"index": np.zeros(0, np.intp), "rules": np.zeros(0, object), "m2": np.zeros(0)})
