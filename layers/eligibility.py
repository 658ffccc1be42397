"""What the rules leave of each candidate site, which rules touched it, and what each of them took.

Zones are buffered first and cut later, so features outside the region count too; geometry is exact (see
`gis.zones` for the tolerances). Rules of verdict `forbidden` cut: in their order each takes what the rules
before it left. A share below one takes that part of what is left, and shares add up to at most the whole.
Rules of verdict `conditional` and `notice` take nothing; they are reported where they touch what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from faults import Fault, InputError
from gis.zones import SLIVER_M2
from layers.rule_features import RuleLayers
from layers.rule_model import TYPES, Rule
from layers.rule_order import sort_rules
from layers.rule_reach import RuleReach
from layers.rule_work import RuleWork

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from layers.rule_batch import Batch

_POLYGON_OR_POINT = (0, 3, 4, 6)


@dataclass(frozen=True)
class Eligibility:
    """The outcome of the rules for a set of candidate sites."""

    eligible: gpd.GeoDataFrame
    """The sites of which something is left: their columns, the geometry left, `area_m2` of it, and
    `available_m2`, the area after the rules that take a share."""
    touches: pd.DataFrame
    """One row per site and rule that touched it: id, type, rule, verdict, m2 (forbidden: taken in order;
    else: touched of what is left), alone_m2 (what comes back if only this rule were lifted), touched_m2 (of
    the whole site, whatever the other rules do)."""
    excluded: gpd.GeoDataFrame
    """What was taken: parcel_id, type, rule, m2, geometry; in order, so pieces of one site do not overlap."""
    not_checked: dict[str, tuple[str, ...]]
    """For each type the rules that could not be checked, because their layer or kind is missing."""
    unknown: pd.DataFrame
    """Sites where a rule could not be checked, its raster having no value in a part of them: id, rule."""
    status: pd.Series[str]
    """For each site in `eligible`, by id: allowed, conditional or not_checked."""
    areas: pd.DataFrame
    """For every candidate: id, type, area_m2 before the rules, available_m2 after them."""
    sets: pd.DataFrame
    """What was taken of each candidate by the exact set of rules: id, rules (ids joined by "|"), m2.
    Switching off rules brings back the rows whose rules are all among them; see `layers.rule_sets`."""
    going_on: frozenset[str] = frozenset()
    """Candidates on land that is smaller than asked as far as `beyond` tells, and goes on beyond that."""


@dataclass(frozen=True)
class Beyond:
    """Sites around the candidates: they hold land together with them, and are not judged themselves."""

    sites: gpd.GeoDataFrame
    """Columns as those of the candidates; further ones are not needed."""
    bounds: tuple[float, float, float, float]
    """Where every site is known that reaches in: west, south, east, north (m)."""


def evaluate(
    candidates: gpd.GeoDataFrame,
    rules: Sequence[Rule],
    layers: Mapping[str, Any],
    *,
    covers: Collection[str] | None = None,
    forced: gpd.GeoDataFrame | None = None,
    beyond: Beyond | None = None,
    keep_reasons: bool = True,
) -> Eligibility:
    """Apply rules to candidate sites.

    Parameters
    ----------
    candidates
        Columns id (unique), type and geometry (valid polygons or points, metric CRS); any other column can
        be asked by rules about the site itself, such as use, class, facility, year, owner, approved. A rule
        on edges takes only what the column usable_share, if there is one, does not hold already.
    rules
        In the order in which they take area.
    layers
        Layers (with `frame` and `covers`) or plain frames by name, in the same CRS; None where there is none.
    covers
        Kinds of restriction that the data is complete for; by default what each layer declares, and for a
        plain frame the kinds in it. A rule about any other kind is not checked.
    forced
        Areas that stay in whatever the rules say (a project that is decided).
    beyond
        Sites around the candidates, where these are a part of something larger: rules on the smallest
        contiguous area measure the land of both. `layers` must reach as far around them.
    keep_reasons
        False leaves `excluded` and `sets` empty, which saves time and memory.

    Raises
    ------
    InputError
        Candidates or layers cannot be used; all faults at once.

    Examples
    --------
    >>> from layers.rules import load_rules
    >>> plots = gpd.GeoDataFrame(
    ...     {"id": ["a", "b"], "type": "ground"}, geometry=shapely.box([0, 40], 0, [20, 60], 20), crs=4545
    ... )
    >>> line = gpd.GeoDataFrame(
    ...     {"kind": ["power_line"], "kv": [110.0], "class": [None]},
    ...     geometry=[shapely.LineString([(5, -50), (5, 50)])], crs=4545,
    ... )
    >>> outcome = evaluate(plots, load_rules(["infrastructure"]), {"restrictions": line})
    >>> outcome.touches[["id", "rule", "verdict", "m2"]].to_numpy().tolist()
    [['a', 'power_line_zone', 'forbidden', 300.0]]
    >>> outcome.eligible["area_m2"].tolist()
    [100.0, 400.0]
    """
    _check(candidates)
    groups = sort_rules(rules)
    everyone = candidates if beyond is None else _joined(candidates, beyond.sites)
    asked = RuleLayers(layers, covers=covers, crs=candidates.crs)
    reach = RuleReach(everyone, asked, None if forced is None else forced.geometry.to_numpy())
    work = RuleWork(reach, known=None if beyond is None else beyond.bounds)
    cuts = work.cut(groups.hard)
    shapes = [work.shape(rule, rules) for rule in groups.shape]
    if beyond is not None:
        cuts, *shapes = (batch.first(len(candidates)) for batch in (cuts, *shapes))
        work = work.first(candidates)
    shares = work.take_shares(groups.shares)
    batches = [
        work.hold_alone(cuts, rules),
        *shapes,
        shares,
        *(work.clear_edges(rule) for rule in groups.edges),
        *(work.mention(rule) for rule in groups.mentions),
    ]
    touches = _touches(candidates, rules, batches)
    excluded = _excluded(candidates, rules, batches) if keep_reasons else _excluded(candidates, rules, [])
    eligible = _eligible(candidates, work)
    not_checked = _not_checked(rules, work.reach.layers)
    unknown = work.reach.unknown(rules)
    return Eligibility(
        eligible=eligible,
        touches=touches,
        excluded=excluded,
        not_checked=not_checked,
        unknown=unknown,
        status=_status(eligible, touches, not_checked, unknown, rules),
        areas=_areas(candidates, work),
        sets=work.sets() if keep_reasons else _no_sets(),
        going_on=frozenset(candidates["id"].to_numpy()[work.going_on]),
    )


def _joined(candidates: gpd.GeoDataFrame, others: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return candidates and other sites in one frame, in the columns of the candidates."""
    name = candidates.geometry.name
    asked = pd.DataFrame(others.drop(columns=others.geometry.name)).assign(
        **{name: others.geometry.to_numpy()}
    )
    shared = [column for column in candidates if column in asked]
    rows = pd.concat([pd.DataFrame(candidates), asked[shared]], ignore_index=True)
    return gpd.GeoDataFrame(rows, geometry=name, crs=candidates.crs)


def _check(candidates: gpd.GeoDataFrame) -> None:
    missing = [name for name in ("id", "type") if name not in candidates]
    if missing:
        raise InputError(Fault("candidates", None, name, None, "is missing") for name in missing)
    faults = [*_frame_faults(candidates), *_row_faults(candidates)]
    if faults:
        raise InputError(faults)


def _frame_faults(candidates: gpd.GeoDataFrame) -> Iterator[Fault]:
    if candidates.crs is None or not candidates.crs.is_projected:
        name = "none" if candidates.crs is None else str(candidates.crs)
        yield Fault(
            "candidates", None, "crs", name, "must be a metric projection: areas and buffers are in metres"
        )
    for kind in sorted(set(candidates["type"].dropna()) - set(TYPES)):
        yield Fault("candidates", None, "type", str(kind), f"is none of {', '.join(TYPES)}")


def _row_faults(candidates: gpd.GeoDataFrame) -> Iterator[Fault]:
    geometry = candidates.geometry.to_numpy()
    checks = (
        ("id", candidates["id"].duplicated().to_numpy(), "is not unique"),
        ("geometry", shapely.is_missing(geometry) | shapely.is_empty(geometry), "is missing or empty"),
        (
            "geometry",
            ~np.isin(shapely.get_type_id(geometry), (-1, *_POLYGON_OR_POINT)),
            "is no polygon or point",
        ),
        ("geometry", ~shapely.is_missing(geometry) & ~shapely.is_valid(geometry), "is not valid"),
    )
    for column, wrong, rule in checks:
        for row in np.flatnonzero(wrong):
            yield Fault("candidates", int(row) + 1, column, str(candidates["id"].iloc[row]), rule)


def _touches(candidates: gpd.GeoDataFrame, rules: Sequence[Rule], batches: Sequence[Batch]) -> pd.DataFrame:
    position, number = (np.concatenate([getattr(b, name) for b in batches]) for name in ("index", "rule"))
    order = np.lexsort((number, position))
    position, number = position[order], number[order]
    areas = {
        name: np.concatenate([getattr(b, name) for b in batches])[order]
        for name in ("m2", "alone_m2", "touched_m2")
    }
    return pd.DataFrame(
        {
            "id": candidates["id"].to_numpy()[position],
            "type": candidates["type"].to_numpy()[position],
            "rule": np.array([rule.id for rule in rules], dtype=object)[number] if len(number) else [],
            "verdict": np.array([rule.verdict for rule in rules], dtype=object)[number]
            if len(number)
            else [],
            **areas,
        }
    )


def _excluded(
    candidates: gpd.GeoDataFrame, rules: Sequence[Rule], batches: Sequence[Batch]
) -> gpd.GeoDataFrame:
    taking = [batch for batch in batches if batch.geometry is not None]
    empty = np.zeros(0, dtype=np.intp)
    position = np.concatenate([empty, *(batch.index for batch in taking)])
    number = np.concatenate([empty, *(batch.rule for batch in taking)])
    m2 = np.concatenate([np.zeros(0), *(batch.m2 for batch in taking)])
    geometry = np.concatenate([np.zeros(0, dtype=object), *(batch.geometry for batch in taking)])
    order = np.lexsort((number, position))
    order = order[~shapely.is_empty(geometry[order])]
    parcel = candidates["parcel_id"] if "parcel_id" in candidates else candidates["id"]
    ids = np.array([rule.id for rule in rules] or [""], dtype=object)
    columns = {
        "parcel_id": parcel.to_numpy()[position[order]],
        "type": candidates["type"].to_numpy()[position[order]],
        "rule": ids[number[order]],
        "m2": m2[order],
    }
    return gpd.GeoDataFrame(columns, geometry=geometry[order], crs=candidates.crs)


def _eligible(candidates: gpd.GeoDataFrame, work: RuleWork) -> gpd.GeoDataFrame:
    some = ~shapely.is_empty(work.left) & (work.points | (work.available_m2 >= SLIVER_M2))
    eligible = candidates[some].copy()
    eligible[eligible.geometry.name] = work.left[some]
    return eligible.assign(area_m2=shapely.area(work.left[some]), available_m2=work.available_m2[some])


def _areas(candidates: gpd.GeoDataFrame, work: RuleWork) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": candidates["id"].to_numpy(),
            "type": candidates["type"].to_numpy(),
            "area_m2": work.reach.area_m2,
            "available_m2": work.available_m2,
        }
    )


def _no_sets() -> pd.DataFrame:
    return pd.DataFrame({"id": [], "rules": [], "m2": []}).astype({"m2": float})


def _not_checked(rules: Sequence[Rule], layers: RuleLayers) -> dict[str, tuple[str, ...]]:
    missing = [rule for rule in rules if not layers.checks(rule)]
    return {kind: tuple(rule.id for rule in missing if kind in rule.applies_to) for kind in TYPES}


def _status(
    eligible: gpd.GeoDataFrame,
    touches: pd.DataFrame,
    not_checked: Mapping[str, tuple[str, ...]],
    unknown: pd.DataFrame,
    rules: Sequence[Rule],
) -> pd.Series[str]:
    decisive = {rule.id for rule in rules if rule.decisive}
    open_types = [kind for kind, ids in not_checked.items() if decisive.intersection(ids)]
    conditions = touches.loc[touches["verdict"] == "conditional", "id"]
    status = np.where(eligible["id"].isin(conditions), "conditional", "allowed")
    unasked = eligible["id"].isin(unknown.loc[unknown["rule"].isin(decisive), "id"])
    status = np.where(eligible["type"].isin(open_types) | unasked, "not_checked", status)
    return pd.Series(status.astype(object), index=pd.Index(eligible["id"], name="id"), name="status")
