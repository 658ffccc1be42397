"""Why a place is out, and what it would take: a date of approval, other land, a consent, or keeping clear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from layers.eligibility import Eligibility, evaluate

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping, Sequence

    import geopandas as gpd

    from layers.rule_model import Rule

M2_PER_HA = 10_000.0


@dataclass(frozen=True)
class Way:
    """What one rule asks of the place."""

    rule: str
    kind: str
    """date, avoid, condition, check."""
    m2: float
    """Area that the rule takes or touches (m2); 0 where it could not be checked."""
    zh: str
    en: str


@dataclass(frozen=True)
class Explanation:
    """What the rules leave of a place as it is, and what it would take to have more."""

    area_m2: float
    available_m2: float
    """Left by the rules (m2)."""
    unconditional_m2: float
    """Of it, on sites that no condition touches (m2)."""
    with_date_m2: float
    """Left if the place had been approved before the dates that exempt (m2)."""
    by_type_m2: Mapping[str, float]
    """Left, by type (m2)."""
    ways: tuple[Way, ...]
    """One per rule, those that take most first."""
    needed_m2: float | None
    """Land that a project needs (m2); None where no project is meant."""

    @property
    def outcome(self) -> str:
        """Say in a word: enough, date (enough with the date only), short, or unasked."""
        if self.needed_m2 is None:
            return "unasked"
        if self.available_m2 >= self.needed_m2:
            return "enough"
        return "date" if self.with_date_m2 >= self.needed_m2 else "short"

    def lines(self, lang: str = "zh") -> list[str]:
        """Return the explanation as sentences, in Chinese ("zh") or English ("en")."""
        head = _HEAD[lang].format(
            area=_ha(self.area_m2), left=_ha(self.available_m2), free=_ha(self.unconditional_m2)
        )
        ways = [way.zh if lang == "zh" else way.en for way in self.ways]
        verdict = _OUTCOME[lang][self.outcome].format(
            need=_ha(self.needed_m2 or 0.0), left=_ha(self.available_m2), dated=_ha(self.with_date_m2)
        )
        return [line for line in (head, *ways, verdict) if line]


_HEAD = {
    "zh": "总面积{area}公顷，按规则可用{left}公顷，其中无附加条件{free}公顷。",
    "en": "{area} ha in all; the rules leave {left} ha, of which {free} ha without conditions.",
}
_OUTCOME = {
    "zh": {
        "unasked": "",
        "enough": "项目需{need}公顷，可用{left}公顷，满足所列条件即可，不依赖备案日期。",
        "date": "项目需{need}公顷，现可用{left}公顷不足；能证明在豁免日期前核准(备案)则可用{dated}公顷。",
        "short": "项目需{need}公顷，可用{left}公顷；即使适用豁免日期也只有{dated}公顷，须缩小或另选。",
    },
    "en": {
        "unasked": "",
        "enough": "The project needs {need} ha and has {left} ha under the conditions listed, "
        "whatever its date.",
        "date": "The project needs {need} ha; {left} ha do not do. "
        "With proof of approval before the date it has {dated} ha.",
        "short": "The project needs {need} ha; there are {left} ha, and {dated} ha even with the date: "
        "make it smaller, or go elsewhere.",
    },
}
_WAYS = {
    "date": {
        "zh": "{title}({document})：占{ha}公顷；{day}前已核准(备案)的项目不受此限，"
        "否则须改用园地、草地或未利用地。",
        "en": "{title} ({document}): {ha} ha; lifted for projects approved or filed before {day}, "
        "else use orchard, grass or unused land.",
    },
    "avoid": {
        "zh": "{title}({document})：占{ha}公顷，无豁免，须避让。",
        "en": "{title} ({document}): {ha} ha, no exemption, keep clear.",
    },
    "condition": {
        "zh": "{title}({document})：涉及{ha}公顷，须满足或征得同意。",
        "en": "{title} ({document}): {ha} ha, to be met or consented to.",
    },
    "check": {
        "zh": "{title}({document})：缺少图层，未核查。",
        "en": "{title} ({document}): not checked, its layer is missing.",
    },
}


def explain_site(
    sites: gpd.GeoDataFrame,
    rules: Sequence[Rule],
    layers: Mapping[str, Any],
    *,
    covers: Collection[str] | None = None,
    needed_m2: float | None = None,
) -> Explanation:
    """Explain what the rules do to a place: one candidate site, or all those of a planned project.

    The rules are asked twice: of the place as it is, and as if it had been approved before every date that
    exempts from a rule. The difference is what the proof of an early approval is worth.

    Parameters
    ----------
    sites, rules, layers, covers
        As for `layers.eligibility.evaluate`.
    needed_m2
        Land that a project needs, such as 150 MW at 1.5 to 2.2 ha/MW (m2).
    """
    now = evaluate(sites, rules, layers, covers=covers, keep_reasons=False)
    dated = evaluate(_as_if_early(sites, rules), rules, layers, covers=covers, keep_reasons=False)
    conditions = now.touches.loc[now.touches["verdict"] == "conditional", "id"]
    free = now.eligible[~now.eligible["id"].isin(conditions)]
    by_type = now.areas.groupby("type")["available_m2"].sum()
    return Explanation(
        area_m2=float(now.areas["area_m2"].sum()),
        available_m2=float(now.areas["available_m2"].sum()),
        unconditional_m2=float(free["available_m2"].sum()),
        with_date_m2=float(dated.areas["available_m2"].sum()),
        by_type_m2={str(kind): float(m2) for kind, m2 in by_type.items()},
        ways=tuple(_ways(now, rules, set(sites["type"]))),
        needed_m2=needed_m2,
    )


def exempting_day(rule: Rule) -> dt.date | None:
    """Return the day before which an approval frees from the rule, where date alone does; else None."""
    days = [e.approved_before for e in rule.exemptions if e.approved_before is not None and e.where is None]
    return max(days, default=None)


def _as_if_early(sites: gpd.GeoDataFrame, rules: Sequence[Rule]) -> gpd.GeoDataFrame:
    days = [day for rule in rules if (day := exempting_day(rule)) is not None]
    return sites.assign(approved=pd.Timestamp(min(days)) - pd.Timedelta(days=1)) if days else sites


def _ways(now: Eligibility, rules: Sequence[Rule], types: set[str]) -> list[Way]:
    m2 = now.touches.groupby("rule")["m2"].sum()
    missing = {rule for kind in types for rule in now.not_checked[kind]}
    asked = [(rule, float(m2.get(rule.id, 0.0))) for rule in rules if rule.verdict != "notice"]
    asked = [(rule, area) for rule, area in asked if area > 0 or rule.id in missing]
    order = {"forbidden": 0, "conditional": 1}
    asked.sort(key=lambda one: (one[0].id in missing and one[1] == 0, order[one[0].verdict], -one[1]))
    return [_way(rule, area) for rule, area in asked]


def _way(rule: Rule, area: float) -> Way:
    day = exempting_day(rule)
    said = {name: getattr(rule, name) for name in ("id", "verdict", "title_zh", "title_en", "document")}
    return way(said, area, day=None if day is None else day.isoformat())


def way(rule: Mapping[str, Any], area_m2: float, *, day: str | None) -> Way:
    """Say what a rule asks of a place.

    Parameters
    ----------
    rule
        id, verdict, title_zh, title_en and document, as in a run's manifest.
    area_m2
        What it takes or touches (m2); 0: it could not be checked.
    day
        Day before which an approval frees from it; None where none does.
    """
    if area_m2 == 0:
        kind = "check"
    elif rule["verdict"] == "conditional":
        kind = "condition"
    else:
        kind = "avoid" if day is None else "date"
    words = {"document": rule["document"], "ha": _ha(area_m2), "day": day}
    zh, en = (text.format(title=rule[f"title_{lang}"], **words) for lang, text in _WAYS[kind].items())
    return Way(rule["id"], kind, area_m2, zh, en)


def _ha(area_m2: float) -> str:
    return f"{area_m2 / M2_PER_HA:,.1f}"
