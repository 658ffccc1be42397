"""The words people write in tables for the ledger's fixed choices, in two languages."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from tracking.units import clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracking.projects import Field

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "kind": {
        "pv": ("光伏", "光伏发电", "太阳能", "分布式光伏", "集中式光伏", "solar", "photovoltaic"),
        "geothermal": ("地热", "地热能", "地热供暖", "地源热泵"),
        "storage": ("储能",),
        "heat": ("供热", "余热", "余热供热"),
        "other": ("其他", "其它"),
    },
    "status": {
        "proposed": ("拟建", "规划", "前期", "储备", "谋划", "planned"),
        "approved": ("已批准", "批准", "已备案", "备案", "已核准", "核准", "permitted"),
        "under_construction": ("在建", "建设中", "施工", "已开工", "under construction"),
        "operating": ("已投运", "投运", "运行", "在运", "已并网", "并网", "已建成", "建成", "in operation"),
        "retired": ("退役", "停运", "已拆除"),
    },
    "pv_type": {
        "roof": ("屋顶", "屋顶光伏", "分布式", "光伏上房"),
        "roof_flat": ("平屋顶", "混凝土屋顶"),
        "roof_metal": ("金属屋顶", "彩钢瓦", "彩钢屋顶"),
        "roof_pitched": ("坡屋顶", "户用"),
        "facade": ("立面", "幕墙", "bipv立面"),
        "carport": ("车棚", "光伏车棚"),
        "canopy": ("水厂上盖", "污水厂上盖", "上盖"),
        "agrivoltaic": ("农光互补", "农光"),
        "agrivoltaic_orchard": ("园地农光", "果园"),
        "agrivoltaic_grass": ("草地", "牧光互补"),
        "greenhouse": ("大棚", "光伏大棚", "设施农业"),
        "fish_pond": ("渔光互补", "渔光", "鱼塘"),
        "ground": ("地面", "地面电站", "集中式"),
        "verge": ("路侧", "道路边坡", "边坡"),
    },
    "technology": {
        "shallow": ("浅层", "浅层地热", "浅层地热能"),
        "deep": ("中深层", "中深层无干扰", "无干扰", "中深层地埋管"),
        "hydrothermal": ("水热型", "水热", "水热型地热"),
    },
    "sector": {
        "agriculture": ("农业",),
        "industry": ("工业", "工商业", "园区"),
        "municipal": ("市政", "市政设施"),
        "public": ("公共", "公共机构", "公共建筑"),
        "residential": ("居住", "住宅", "居民"),
        "commercial": ("商业",),
    },
    "owner": {
        "government": ("政府", "党政机关"),
        "school": ("学校",),
        "hospital": ("医院",),
        "enterprise": ("企业",),
        "residents": ("居民", "业主"),
        "village": ("村集体", "村"),
        "unknown": ("未知",),
    },
    "confidence": {"H": ("高", "high"), "M": ("中", "medium"), "L": ("低", "low")},
}
"""Field -> choice -> words; the choice's own spelling always counts."""


def folded(text: str) -> str:
    """Return a text as it is compared: half width, lower case, without spaces, dashes and underscores.

    Examples
    --------
    >>> folded("Under-construction"), folded("ＢＩＰＶ 立面")
    ('underconstruction', 'bipv立面')
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    return "".join(char for char in plain if char not in " _-·　")


def _lookup() -> dict[str, dict[str, str]]:
    return {
        name: {folded(word): choice for choice, words in choices.items() for word in (choice, *words)}
        for name, choices in WORDS.items()
    }


_CHOICE_BY_WORD = _lookup()


def parse_choice(text: object, field: Field) -> str | None:
    """Read one of a field's choices in either language; None where it is unknown.

    Raises
    ------
    ValueError
        The text is none of the choices; they are listed.

    Examples
    --------
    >>> from tracking.projects import BY_NAME
    >>> parse_choice("在建", BY_NAME["status"]), parse_choice("Under construction", BY_NAME["status"])
    ('under_construction', 'under_construction')
    """
    tidy = clean_text(text)
    if tidy is None:
        return None
    choice = _CHOICE_BY_WORD[field.name].get(folded(tidy))
    if choice is None:
        raise ValueError(f"must be one of {', '.join(field.choices)}")
    return choice


def parse_town(text: object, towns: Mapping[str, tuple[str, ...]]) -> str | None:
    """Read a town by id or name, with or without 新城; None where it is unknown.

    Without known towns any text is taken as it is.

    Examples
    --------
    >>> parse_town("沔西", {"fengxi": ("沣西新城", "Fengxi New City")})
    'fengxi'
    """
    tidy = clean_text(text)
    if tidy is None or not towns:
        return tidy
    key = folded(tidy)
    for town, names in towns.items():
        spellings = {folded(name) for name in (town, *names)}
        spellings |= {name.removesuffix("新城").removesuffix("newcity") for name in spellings}
        if key in spellings:
            return town
    known = ", ".join(f"{town} ({names[0]})" if names else town for town, names in towns.items())
    raise ValueError(f"must be one of {known}")
