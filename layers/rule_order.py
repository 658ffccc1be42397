"""Rules by the way they work: those that cut come first, those that only speak last."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layers.rule_model import Rule


class SortedRules(NamedTuple):
    """Rules by the way they work, each with its position in the order given."""

    hard: list[tuple[int, Rule]]
    shape: list[tuple[int, Rule]]
    shares: list[tuple[int, Rule]]
    edges: list[tuple[int, Rule]]
    mentions: list[tuple[int, Rule]]


def sort_rules(rules: Sequence[Rule]) -> SortedRules:
    """Sort rules into those that cut, those on shapes, on shares, on edges, and those that only speak."""
    numbered = list(enumerate(rules))
    return SortedRules(
        hard=[(n, rule) for n, rule in numbered if rule.hard],
        shape=[(n, rule) for n, rule in numbered if rule.shape_rule],
        shares=[(n, rule) for n, rule in numbered if rule.share < 1 and not rule.shape_rule],
        edges=[(n, rule) for n, rule in numbered if rule.edge_rule],
        mentions=[(n, rule) for n, rule in numbered if rule.verdict != "forbidden" and not rule.shape_rule],
    )
