"""Rules as data: what a law or a standard says about a place, for which technology, by which document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from layers.expression import Expression
    from layers.rule_ranges import Ranges

VERDICTS = ("forbidden", "conditional", "notice")
"""forbidden takes the area; conditional leaves it and names a consent to get; notice only informs."""

CONFIDENCES = ("H", "M", "L")
CANDIDATE_LAYER = "candidate"
"""Layer name of a rule about the site itself: `where` is asked of the site, and the whole site is meant."""

_ON_BUILDING = ("roof_flat", "roof_metal", "roof_pitched", "facade")
_ON_LAND = ("agrivoltaic_orchard", "agrivoltaic_grass", "greenhouse", "fish_pond", "ground", "verge")
_ON_GROUND = ("carport", "canopy", *_ON_LAND)
_HEAT = ("shallow", "deep", "hydrothermal")

PV_TYPES = (*_ON_BUILDING, *_ON_GROUND)
"""The types of photovoltaics that rules speak of."""

GROUPS: dict[str, tuple[str, ...]] = {
    "all": (*PV_TYPES, *_HEAT),
    "all_pv": PV_TYPES,
    "on_roof": _ON_BUILDING[:3],
    "on_building": _ON_BUILDING,
    "on_ground": _ON_GROUND,
    "on_land": _ON_LAND,
    "all_heat": _HEAT,
    "closed_loop": ("shallow", "deep"),
}
"""Names for several types; `on_ground` stands on the ground, `on_land` is the same without canopies."""

TYPES = GROUPS["all"]


@dataclass(frozen=True)
class Distance:
    """A distance in metres, the same for all features or by an attribute of theirs.

    Examples
    --------
    >>> Distance(5.0).fixed
    True
    >>> zone = Distance(20.0, attribute="kv", up_to=((10.0, 5.0), (110.0, 10.0)))
    >>> zone.largest
    20.0
    """

    default: float = 0.0
    """Distance where there is no attribute, or its value is unknown or beyond the table (m)."""
    attribute: str | None = None
    """Column of the layer that the distance depends on."""
    up_to: tuple[tuple[float, float], ...] = ()
    """(number, distance): the distance for values up to that number, ascending."""
    values: tuple[tuple[str, float], ...] = ()
    """(text, distance): the distance for that value of the attribute."""

    def __post_init__(self) -> None:
        """Refuse negative distances, a table out of order, or a table without attribute."""
        distances = (self.default, *(d for _, d in self.up_to), *(d for _, d in self.values))
        if bad := [d for d in distances if not 0 <= d < 1e6]:  # noqa: PLR2004 - a million metres is no buffer
            raise ValueError(f"{bad[0]} m is no distance from 0 to 1,000,000 m")
        limits = [limit for limit, _ in self.up_to]
        if limits != sorted(set(limits)):
            raise ValueError(f"the limits {limits} must ascend")
        if (self.attribute is None) != (not self.up_to and not self.values):
            raise ValueError("an attribute and its table (up_to or values) go together")

    @property
    def fixed(self) -> bool:
        """True where no attribute is asked."""
        return self.attribute is None

    @property
    def largest(self) -> float:
        """The largest distance of all (m)."""
        return max(self.default, *(d for _, d in self.up_to), *(d for _, d in self.values), 0.0)


@dataclass(frozen=True)
class Exemption:
    """When a rule does not apply: a condition on the site, an approval before a date, or both together."""

    where: Expression | None = None
    """Condition on the site's attributes."""
    approved_before: dt.date | None = None
    """The site's `approved` date is before this day; an unknown date exempts nothing."""
    layer: str | None = None
    """Layer whose features lift the rule where they lie; `where` is then asked of these features."""
    document: str = ""
    """Where the exemption stands."""

    def __post_init__(self) -> None:
        """Refuse an exemption that says nothing."""
        if self.where is None and self.approved_before is None and self.layer is None:
            raise ValueError("an exemption needs where, approved_before or layer")
        if self.layer is not None and self.approved_before is not None:
            raise ValueError("approved_before is about the site; it cannot be combined with layer")


@dataclass(frozen=True)
class Scope:
    """The features of a layer inside which alone a rule holds."""

    layer: str
    where: Expression | None = None
    """Condition on the features."""


@dataclass(frozen=True)
class Rule:
    """One rule with the document behind it.

    Examples
    --------
    >>> from layers.rules import load_rules
    >>> by_id = {rule.id: rule for rule in load_rules(["national"])}
    >>> by_id["cultivated_land"].verdict, by_id["cultivated_land"].document
    ('forbidden', '自然资办发〔2023〕12号')
    """

    id: str
    pack: str
    title_zh: str
    title_en: str
    document: str
    """Number or name of the law, notice or standard."""
    article: str
    """Article or section; empty where the source names none."""
    source: str
    """Where the wording or the number was read."""
    confidence: str
    """H, M or L."""
    unverified: bool
    """True: general knowledge that no source read confirms; shown so."""
    layer: str
    """Layer whose features the rule is about, or "candidate" for the site itself."""
    where: Expression | None
    """Condition on the features (or on the site)."""
    kinds: tuple[str, ...]
    """Values of `kind` the rule is about; if the layer does not cover one of them the rule is not checked."""
    values: Ranges | None
    """For a raster layer: the values meant."""
    buffer: Distance
    """Zone around each feature (m), Euclidean, laid before anything is clipped."""
    line_half_width: Distance
    """Added to the buffer where the layer draws the feature as its centre line (m)."""
    applies_to: frozenset[str]
    verdict: str
    share: float
    """Part of the touched area that is lost (1 = all); shares of several rules add up to at most 1."""
    exemptions: tuple[Exemption, ...]
    weight: float
    """Weight where a suitability is scored; no effect on areas."""
    decisive: bool
    """True: a site is not_checked while the rule's layer is missing."""
    note_zh: str
    note_en: str
    invert: bool = False
    """True: all that is outside the zones is meant (only inside a planned area may be built)."""
    within: Scope | None = None
    """The rule holds only inside these features; everywhere where None."""
    min_area_m2: float = 0.0
    """For the rule on the smallest contiguous area of a candidate; 0 for other rules (m2)."""
    min_width_m: float = 0.0
    """For the rule on the smallest width of a candidate; 0 for other rules (m)."""
    edge_m: float = 0.0
    """For the rule on the clear strip along a candidate's own edge, inward; 0 for other rules (m)."""
    walkway_m: float = 0.0
    """For the same rule: width of the walkways that part what the strip leaves into blocks (m)."""
    block_m: float = 0.0
    """Longest side of a block between walkways (m)."""
    bridges: tuple[str, ...] = ()
    """Rule ids whose zones do not break contiguity (a field track through a parcel)."""
    tags: frozenset[str] = field(default_factory=frozenset)
    """Words to switch rules by, beside their packs."""

    def __post_init__(self) -> None:
        """Check the numbers and the words that have a fixed set."""
        if self.verdict not in VERDICTS:
            raise ValueError(f"verdict {self.verdict!r} is none of {', '.join(VERDICTS)}")
        if self.confidence not in CONFIDENCES:
            raise ValueError(f"confidence {self.confidence!r} is none of {', '.join(CONFIDENCES)}")
        if not 0 < self.share <= 1:
            raise ValueError(f"share {self.share} must be above 0 and at most 1")
        if self.share < 1 and self.verdict != "forbidden":
            raise ValueError(f"share {self.share} goes with verdict forbidden only")
        if unknown := self.applies_to - set(TYPES):
            raise ValueError(f"applies_to {', '.join(sorted(unknown))} is unknown")
        if self.layer == CANDIDATE_LAYER and (
            self.buffer.largest or self.kinds or self.values or self.invert
        ):
            raise ValueError("a rule about the site itself has no buffer, kind, raster values or invert")
        self._check_edge()

    def _check_edge(self) -> None:
        if (self.walkway_m > 0) != (self.block_m > 0):
            raise ValueError("walkway_m and block_m go together")
        if self.edge_rule and (
            self.layer != CANDIDATE_LAYER or self.verdict != "forbidden" or self.share < 1
        ):
            raise ValueError("edge_m and walkway_m go with layer candidate, verdict forbidden and no share")
        if self.edge_rule and self.shape_rule:
            raise ValueError("edge_m and walkway_m do not go with min_area_m2 or min_width_m")

    @property
    def shape_rule(self) -> bool:
        """True for the rules on the smallest area and width, which look at what the others left."""
        return self.min_area_m2 > 0 or self.min_width_m > 0

    @property
    def edge_rule(self) -> bool:
        """True for the rules on a candidate's own edge and walkways."""
        return self.edge_m > 0 or self.walkway_m > 0

    @property
    def hard(self) -> bool:
        """True where the touched area is lost as a whole."""
        whole = self.share == 1 and not (self.shape_rule or self.edge_rule)
        return self.verdict == "forbidden" and whole


def expand_types(names: Sequence[str]) -> frozenset[str]:
    """Return the types meant by types and group names.

    Examples
    --------
    >>> sorted(expand_types(["on_roof", "verge"]))
    ['roof_flat', 'roof_metal', 'roof_pitched', 'verge']
    >>> expand_types(["roofs"])
    Traceback (most recent call last):
    ValueError: 'roofs' is neither a type nor a group; types: roof_flat, ...
    """
    expanded: set[str] = set()
    for name in names:
        if name not in GROUPS and name not in TYPES:
            types, groups = ", ".join(TYPES), ", ".join(GROUPS)
            raise ValueError(f"{name!r} is neither a type nor a group; types: {types}; groups: {groups}")
        expanded.update(GROUPS.get(name, (name,)))
    return frozenset(expanded)
