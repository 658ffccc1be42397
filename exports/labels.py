"""Codes in words of two languages, and the colour each has in maps and charts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from exports.provenance import Lang


@dataclass(frozen=True)
class Label:
    """A code in words."""

    zh: str
    en: str
    colour: str = "#7f7f7f"
    """Hex RGB."""

    def __getitem__(self, lang: Lang) -> str:
        """Return the words in one language."""
        return self.zh if lang == "zh" else self.en

    @property
    def both(self) -> str:
        """Both languages, for files that have no language."""
        return f"{self.zh} {self.en}"


TYPES: Mapping[str, Label] = {
    "roof_flat": Label("平屋顶", "flat roof", "#4e79a7"),
    "roof_metal": Label("金属屋顶", "metal roof", "#2f4b6e"),
    "roof_pitched": Label("坡屋顶", "pitched roof", "#9c6b4e"),
    "facade": Label("立面", "facade", "#b07aa1"),
    "carport": Label("车棚", "carport", "#76b7b2"),
    "canopy": Label("水厂/污水厂棚架", "canopy over works", "#499894"),
    "agrivoltaic_orchard": Label("农光互补（园地）", "agrivoltaic, orchard", "#59a14f"),
    "agrivoltaic_grass": Label("农光互补（草地）", "agrivoltaic, grass", "#8cd17d"),
    "greenhouse": Label("设施农业大棚", "greenhouse", "#b6992d"),
    "fish_pond": Label("渔光互补", "fish pond", "#86bcb6"),
    "ground": Label("地面（未利用/填埋场）", "ground", "#e15759"),
    "verge": Label("道路边坡", "road verge", "#f28e2b"),
}
SECTORS: Mapping[str, Label] = {
    "agriculture": Label("农业", "agriculture", "#59a14f"),
    "industry": Label("工业", "industry", "#4e79a7"),
    "municipal": Label("市政设施", "municipal", "#76b7b2"),
    "public": Label("公共机构", "public", "#b07aa1"),
    "residential": Label("居住", "residential", "#edc948"),
    "commercial": Label("商业", "commercial", "#f28e2b"),
}
LAYERS: Mapping[str, Label] = {
    "towns": Label("新城边界", "town boundaries"),
    "townships": Label("街镇边界", "township boundaries"),
    "buildings": Label("建筑", "buildings"),
    "farmland": Label("农用地", "farmland"),
    "municipal": Label("市政设施", "municipal parcels"),
    "restrictions": Label("限制范围", "restrictions"),
    "grid": Label("变电站", "substations"),
    "heat": Label("热力", "heat"),
    "wells": Label("热流井", "heat-flow wells"),
    "terrain": Label("地形", "terrain"),
    "surface": Label("地表高程", "surface"),
    "climate": Label("气候", "climate"),
    "ground": Label("地层参数", "ground parameters"),
}
STATUS: Mapping[str, Label] = {
    "allowed": Label("可建", "allowed", "#2e8b57"),
    "conditional": Label("有条件", "conditional", "#e0a500"),
    "not_checked": Label("未核查", "not checked", "#8a8f98"),
}
TECHNOLOGIES: Mapping[str, Label] = {
    "shallow": Label("浅层地热能", "shallow ground source", "#e8b04a"),
    "deep": Label("中深层无干扰地热能", "medium-deep closed loop", "#c8553d"),
    "hydrothermal": Label("水热型地热", "hydrothermal", "#2a6f97"),
}
VERDICTS: Mapping[str, Label] = {
    "forbidden": Label("禁止", "forbidden"),
    "conditional": Label("有条件", "conditional"),
    "notice": Label("提示", "notice"),
}
UNKNOWN = Label("未知", "unknown")
GROUPS: Mapping[str, Mapping[str, Label]] = {
    "type": TYPES,
    "sector": SECTORS,
    "status": STATUS,
    "technology": TECHNOLOGIES,
    "verdict": VERDICTS,
}


def label(group: str, code: str, lang: Lang) -> str:
    """Return the words for a code; a code without words stands for itself."""
    found = GROUPS[group].get(code, UNKNOWN if code == "unknown" else None)
    return code if found is None else found[lang]


def layer_name(layer: str, lang: Lang) -> str:
    """Return what a layer is called; one without words stands for itself."""
    return LAYERS[layer][lang] if layer in LAYERS else layer


def layer_names(layers: Iterable[str], lang: Lang) -> str:
    """Return what layers are called, as a list in a sentence.

    Examples
    --------
    >>> layer_names(["grid", "terrain", "else"], "zh")
    '变电站、地形、else'
    """
    return ("、" if lang == "zh" else ", ").join(layer_name(layer, lang) for layer in layers)
