"""A region as the text of a region.toml, with comments, as people go on editing it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from layers.region import DATA
from layers.spec import LAYER_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from layers.region import ClimateSpec, LayerSpec, Region


def region_text(region: Region) -> str:
    """Return a region.toml that reads as this region; paths are relative to its folder where they lie in it.

    The name of the region comes first, then its boundary, layers, climate, ground, rules, targets and
    projects, each with a line that says what it is.
    """
    return "\n".join(_lines(region)) + "\n"


def _lines(region: Region) -> Iterator[str]:
    yield "# 区域说明 The region: its layers, climate and rules. See docs/own_data.md."
    yield "# 换图层：改 path，再运行 yijian check .  To replace a layer: change its path, run yijian check ."
    yield ""
    yield from _pairs(
        ("id", region.id),
        ("name_zh", region.name_zh),
        ("name_en", region.name_en),
        ("crs_metric", region.crs_metric),
        ("crs_geographic", region.crs_geographic),
    )
    yield f"seed = {region.seed}"
    if region.boundary_note_zh or region.boundary_note_en:
        yield "\n[boundary]"
        yield from _pairs(("note_zh", region.boundary_note_zh), ("note_en", region.boundary_note_en))
    for spec in region.layers.values():
        yield from _layer(spec, region.folder)
    yield from _missing(region)
    yield from _climate(region.climate, region.folder)
    yield from _rest(region)


def _pairs(*pairs: tuple[str, str]) -> Iterator[str]:
    yield from (f"{key} = {_text(value)}" for key, value in pairs)


def _text(value: str) -> str:
    """Write a text as TOML: a JSON string is one, but for the one character JSON leaves as it is."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _path(path: Path, folder: Path) -> str:
    inside = path.is_relative_to(folder)
    return _text((path.relative_to(folder) if inside else path.resolve()).as_posix())


def _layer(spec: LayerSpec, folder: Path) -> Iterator[str]:
    yield f"\n[layers.{spec.name}]"
    yield "demo = true" if spec.path is None else f"path = {_path(spec.path, folder)}"
    told = ("layer", "crs", "convert", "encoding")
    yield from _pairs(*((key, value) for key in told if (value := getattr(spec, key)) is not None))
    if spec.axis != "xy":
        yield from _pairs(("axis", spec.axis))
    for key in ("columns", "units", "defaults"):
        if table := getattr(spec, key):
            inner = ", ".join(
                f"{_text(name)} = {json.dumps(value, ensure_ascii=False)}" for name, value in table.items()
            )
            yield f"{key} = {{ {inner} }}"
    for column, table in spec.values.items():
        inner = ", ".join(f"{_text(name)} = {_text(value)}" for name, value in table.items())
        yield f"values.{column} = {{ {inner} }}"
    if spec.covers is not None:
        yield f"covers = {_list(sorted(spec.covers))}"
        yield "# covers: 数据完整的类别 the kinds that are complete; rules on others are 'not checked'"
    yield from _pairs(("source", spec.source), ("licence", spec.licence), ("confidence", spec.confidence))


def _missing(region: Region) -> Iterator[str]:
    missing = [name for name in LAYER_NAMES if name not in region.layers]
    if missing:
        yield ""
        yield f"# 尚无的图层 Layers not here yet: {', '.join(missing)}"
        yield "# 相关规则按“未核查”处理 Rules on them are 'not checked' until they are:"
        yield "# [layers.restrictions]"
        yield '# path = "restrictions.gpkg"'


def _climate(climate: ClimateSpec, folder: Path) -> Iterator[str]:
    yield "\n# 气候 Weather. hourly: 逐时文件，可多个（多年成典型年，多点按距离加权）hourly files;"
    yield "# station_normals: 按站点月值订正 measured months that they are scaled to"
    yield "[climate]"
    if climate.normals is not None:
        yield f"normals = {_path(climate.normals, folder)}"
    if climate.epw is not None:
        yield f"epw = {_path(climate.epw, folder)}"
    if len(climate.hourly) == 1:
        yield f"hourly = {_path(climate.hourly[0], folder)}"
    elif climate.hourly:
        yield f"hourly = [{', '.join(_path(file, folder) for file in climate.hourly)}]"
    if climate.station_normals is not None:
        yield f"station_normals = {_path(climate.station_normals, folder)}"
    if climate.shift_min:
        yield f"shift_min = {climate.shift_min}"


def _rest(region: Region) -> Iterator[str]:
    if region.ground is not None:
        yield "\n[ground]"
        yield f"parameters = {_path(region.ground, region.folder)}"
    yield f"\n# 规则包 Rule packs: {', '.join(sorted(path.stem for path in (DATA / 'rules').glob('*.toml')))}"
    yield "[rules]"
    yield f"packs = {_list(region.rule_packs)}"
    for name in ("targets", "projects"):
        path = getattr(region, name)
        if path is not None:
            yield f"\n[{name}]"
            yield f"path = {_path(path, region.folder)}"
