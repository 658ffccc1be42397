"""Projects that may be entered twice: similar name, same place, same size. A suspicion, never a decision."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Any

from tracking.words import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_FILLER = re.compile(
    r"项目|工程|发电|光伏|分布式|屋顶|集中式|储能|供暖|供热|地热能?|综合能源|基地|产业园|配套|新城|西咸新区|陕西省?|西安市?"
    r"|有限公司|公司|建设|[0-9.]+(?:万?千瓦|兆瓦|mw|kw|万?平方米)|[\"'“”‘’()（）《》·,,、。+]"
)
_STAGE = re.compile(r"[第]?([一二三四五六七八九十\d]+)[、一二三四五六七八九十\d]*[期批标段]")
_CLOSE_M = 300.0
_SIZE_TOLERANCE = 0.05
_SURE, _LIKELY = 0.85, 0.6
_EARTH_M = 6_371_000.0
_COMMON = 50
"""A pair of letters that more names share says nothing, and would compare everybody with everybody."""


@dataclass(frozen=True)
class Suspicion:
    """Two entries that may be one project, with the reasons in words."""

    first: str
    second: str
    score: float
    """0 … 1."""
    zh: str
    en: str


def suspected(
    projects: Sequence[Mapping[str, Any]], *, among: Iterable[str] | None = None
) -> list[Suspicion]:
    """Find pairs that may be the same project, likeliest first.

    Two entries are compared if they are of one kind and share a place or a pair of letters of the name's core
    (the name without what every project is called). Different stages (一期, 二期) are different projects.

    Parameters
    ----------
    projects
        Records with id, name, kind, town, sizes, lon and lat.
    among
        Ids of which at least one must be in a pair; None: all.

    Examples
    --------
    >>> a = {"id": "a", "kind": "pv", "name": "隆基绿能光伏产业园配套基地屋顶光伏发电"}
    >>> b = {"id": "b", "kind": "pv", "name": "隆基绿能光伏产业园分布式光伏发电项目"}
    >>> [(pair.first, pair.second) for pair in suspected([a, b])]
    [('a', 'b')]
    """
    chosen = None if among is None else set(among)
    found = [
        suspicion
        for one, two in _candidates(projects)
        if (chosen is None or one["id"] in chosen or two["id"] in chosen)
        and (suspicion := _compare(one, two)) is not None
    ]
    return sorted(found, key=lambda pair: (-pair.score, pair.first, pair.second))


@lru_cache(maxsize=100_000)
def core(name: str) -> str:
    """Return what is particular about a name.

    Examples
    --------
    >>> core("隆基绿能光伏产业园分布式光伏发电项目")
    '隆基绿能'
    """
    plain = folded(name)
    return _FILLER.sub("", plain) or plain


def _candidates(
    projects: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Give each pair worth comparing once."""
    blocks: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for index, project in enumerate(projects):
        text = core(project["name"])
        for piece in _pairs(text) or {text}:
            blocks[project["kind"], "name", piece].append(index)
        for cell in _cells(project):
            blocks[project["kind"], "place", *cell].append(index)
    seen = set()
    for members in blocks.values():
        if len(members) > _COMMON:
            continue
        for pair in combinations(members, 2):
            if pair not in seen:
                seen.add(pair)
                yield projects[pair[0]], projects[pair[1]]


def _cells(project: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Return the half-kilometre cells round a place, so that close neighbours share one."""
    lon, lat = _number(project.get("lon")), _number(project.get("lat"))
    if lon is None or lat is None:
        return []
    x, y = math.floor(lon / 0.006), math.floor(lat / 0.005)
    return [(x + i, y + j) for i in (0, 1) for j in (0, 1)]


def _compare(one: Mapping[str, Any], two: Mapping[str, Any]) -> Suspicion | None:
    if _different(one, two):
        return None
    alike = _similarity(core(one["name"]), core(two["name"]))
    near, size = _distance_m(one, two), _same_size(one, two)
    close = near is not None and near <= _CLOSE_M
    if near is not None and not close:
        return None
    score = 0.6 * alike + (0.25 if close else 0.0) + (0.15 if size else 0.0)
    if one.get("town") == two.get("town") and one.get("town") is not None:
        score += 0.1
    enough = alike >= _SURE or (alike >= _LIKELY and (size or close)) or (close and size)
    if not enough or (size is False and alike < 1):
        return None
    zh, en = [f"名称相似度{alike:.0%}"], [f"names {alike:.0%} alike"]
    if close:
        zh, en = [*zh, f"相距{near:.0f}米"], [*en, f"{near:.0f} m apart"]
    if size:
        zh, en = [*zh, "规模相同"], [*en, "same size"]
    return Suspicion(one["id"], two["id"], round(min(score, 1.0), 3), "、".join(zh), ", ".join(en))


def _different(one: Mapping[str, Any], two: Mapping[str, Any]) -> bool:
    """Say whether the two contradict each other: other towns, or other stages of one programme."""
    towns = {one.get("town"), two.get("town")} - {None}
    return len(towns) > 1 or _stages(one["name"]) != _stages(two["name"])


@lru_cache(maxsize=100_000)
def _stages(name: str) -> tuple[str, ...]:
    return tuple(_STAGE.findall(name))


@lru_cache(maxsize=100_000)
def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))


def _similarity(one: str, two: str) -> float:
    """Return the share of letter pairs that two texts have in common (Dice)."""
    if one == two:
        return 1.0
    first, second = _pairs(one), _pairs(two)
    total = len(first) + len(second)
    return 2 * len(first & second) / total if total else 0.0


def _same_size(one: Mapping[str, Any], two: Mapping[str, Any]) -> bool | None:
    """Say whether sizes agree; None where they are not both known in one measure."""
    for name in ("capacity_mw_dc", "capacity_mw_ac", "capacity_mw_unstated", "heated_m2"):
        first, second = _number(one.get(name)), _number(two.get(name))
        if first is not None and second is not None:
            return abs(first - second) <= _SIZE_TOLERANCE * max(first, second)
    return None


def _distance_m(one: Mapping[str, Any], two: Mapping[str, Any]) -> float | None:
    places = [_number(project.get(name)) for project in (one, two) for name in ("lon", "lat")]
    if any(value is None for value in places):
        return None
    lon1, lat1, lon2, lat2 = (math.radians(value) for value in places if value is not None)
    x = (lon2 - lon1) * math.cos((lat1 + lat2) / 2)
    return math.hypot(x, lat2 - lat1) * _EARTH_M


def _number(value: object) -> float | None:
    return None if value is None or math.isnan(value) else float(value)  # type: ignore[arg-type]
