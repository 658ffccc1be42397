"""What the tables mean in words: the overview, what is found on each task, what stands in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.labels import STATUS, layer_names
from exports.reporting.model import Fact, Text
from exports.reporting.standing import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from exports.provenance import Lang, Provenance
    from exports.reporting.model import Cell, ReportTable
    from tracking.progress import Progress

_MW, _GWH, _HA, _KT = Text("MW", "MW"), Text("GWh/a", "GWh/a"), Text("万m²", "ha"), Text("千t/a", "kt/a")
_MEASURES = {
    "pv_mw": (Text("光伏目标", "PV target"), _MW, 1.0),
    "heat_m2": (Text("地热供暖目标", "Geothermal target"), _HA, 1e-4),
}
_BASES = {"dc": Text("直流", "DC"), "ac": Text("交流", "AC")}


class _Totals:
    """The totals of a report's tables, as text."""

    def __init__(self, tables: Mapping[str, ReportTable]) -> None:
        self._tables = tables

    def __call__(self, table: str, key: str, decimals: int = 1) -> str:
        shown = self._tables[table]
        return _number(shown.rows[-1][[column.key for column in shown.columns].index(key)], decimals)

    def span(self, table: str, low: str, high: str) -> str:
        return f"{self(table, low)} – {self(table, high)}"


def _number(value: Cell, decimals: int = 1) -> str:
    return f"{value:,.{decimals}f}" if isinstance(value, float | int) else "?"


def facts(
    tables: Mapping[str, ReportTable], standing: Progress, statuses: Mapping[str, int]
) -> tuple[Fact, ...]:
    """Return the numbers of the overview."""
    total = _Totals(tables)
    power = total.span("by_sector", "kwp_dc_low", "kwp_dc_high")
    heat = total.span("heat", "heatable_m2_p10", "heatable_m2_p90")
    ac, p90 = total("by_sector", "kw_ac"), total("by_sector", "kwh_year_p90")
    counts = {key: f"{statuses.get(key, 0):,}" for key in STATUS}
    kinds = Text(
        "、".join(f"{STATUS[key].zh} {count}" for key, count in counts.items()),
        ", ".join(f"{STATUS[key].en} {count}" for key, count in counts.items()),
    )
    both = Text("光伏与地热合计", "PV and geothermal")
    return (
        Fact(
            Text("光伏技术潜力（直流）", "PV potential (DC)"),
            total("by_sector", "kwp_dc_central"),
            _MW,
            Text(f"{power}；交流 {ac}", f"{power}; AC {ac}"),
        ),
        Fact(
            Text("首年发电量 P50", "First-year energy P50"),
            total("by_sector", "kwh_year_p50"),
            _GWH,
            Text(f"P90 {p90}", f"P90 {p90}"),
        ),
        Fact(Text("候选场址", "Candidate sites"), f"{sum(statuses.values()):,}", Text("处", ""), kinds),
        Fact(
            Text("地热可供暖面积", "Geothermal heatable area"),
            total("heat", "heatable_m2"),
            _HA,
            Text(f"P10 – P90：{heat}", f"P10 – P90: {heat}"),
        ),
        Fact(Text("年减碳潜力", "CO2 avoided per year"), total("carbon", "co2_t_year"), _KT, both),
        *_target_facts(standing),
    )


def _target_facts(standing: Progress) -> list[Fact]:
    """Return the state of the last target of each measure."""
    found = []
    for measure, (title, unit, scale) in _MEASURES.items():
        rows = standing.targets[standing.targets["measure"] == measure]
        if rows.empty:
            continue
        row = rows.sort_values("year", kind="stable").iloc[-1]
        verdict, unknown = VERDICTS[str(row["verdict"])], int(row["unknown_count"])
        done = f"{row['progress'] * scale:,.1f}"
        detail = Text(
            f"全区进展 {done}（{verdict.zh}）；{unknown}个项目规模未知",
            f"progress of the region {done} ({verdict.en}); {unknown} projects of unknown size",
        )
        name = Text(f"{row['year']}年{title.zh}", f"{title.en} {row['year']}")
        found.append(Fact(name, f"{row['value'] * scale:,.0f}", unit, detail))
    return found


def findings(tables: Mapping[str, ReportTable], standing: Progress) -> dict[str, Text]:
    """Say in a sentence each what the data shows on the tasks of the plan."""
    total = _Totals(tables)
    sites, power = total("by_sector", "sites", 0), total("by_sector", "kwp_dc_central")
    span = total.span("by_sector", "kwp_dc_low", "kwp_dc_high")
    area, area_span = total("heat", "heatable_m2"), total.span("heat", "heatable_m2_p10", "heatable_m2_p90")
    saved = total("carbon", "co2_t_year")
    projects = len(tables["projects"].rows)
    gaps = sum(1 for cell in tables["projects"].column("gaps") if cell)
    return {
        "pv_potential": Text(
            f"已摸底候选场址 {sites} 处，技术潜力 {power} MW（直流，范围 {span} MW）。",
            f"{sites} candidate sites found, {power} MW DC (range {span} MW).",
        ),
        "pv_progress": _progress_words(standing, "pv_mw"),
        "heat_potential": Text(
            f"三类技术可供暖面积合计 {area} 万m²（P10 – P90：{area_span} 万m²）。",
            f"{area} ha of floor area heatable by the three technologies (P10 – P90: {area_span} ha).",
        ),
        "heat_progress": _progress_words(standing, "heat_m2"),
        "projects": Text(
            f"台账项目 {projects} 个，其中 {gaps} 个有缺失信息，详见项目表。",
            f"{projects} projects in the ledger, {gaps} with gaps, see their table.",
        ),
        "carbon": Text(
            f"潜力对应年减碳 {saved} 千t（非已实现量）。",
            f"The potential would avoid {saved} kt CO2 a year (not achieved).",
        ),
    }


def _progress_words(standing: Progress, measure: str) -> Text:
    rows = standing.targets[standing.targets["measure"] == measure]
    _, unit, scale = _MEASURES[measure]
    zh, en = [], []
    for _, group in rows.groupby(["year", "value"], sort=True):
        cases = group.to_dict("records")
        year, target = cases[0]["year"], float(cases[0]["value"])
        done = [f"{row['progress'] * scale:,.1f}" for row in cases]
        bases = [_BASES.get(row["basis"], Text("", "")) for row in cases]
        verdicts = [VERDICTS[row["verdict"]] for row in cases]
        unknown = max(row["unknown_count"] for row in cases)
        amounts = Text("、".join(_amounts(bases, done, "zh")), ", ".join(_amounts(bases, done, "en")))
        kinds = Text(
            *("/".join(dict.fromkeys(verdict[lang] for verdict in verdicts)) for lang in ("zh", "en"))
        )
        value = f"{target * scale:,.0f}"
        zh.append(
            f"{year}年目标 {value} {unit.zh}：全区已投运、在建、已批准合计 {amounts.zh} {unit.zh}"
            f"（{kinds.zh}），另有{unknown}个项目规模未知"
        )
        en.append(
            f"{year} target {value} {unit.en}: {amounts.en} {unit.en} operating, building or "
            f"approved in the region ({kinds.en}); {unknown} projects of unknown size"
        )
    return Text("；".join(zh) + "。" if zh else "", "; ".join(en) + "." if en else "")


def _amounts(bases: Sequence[Text], done: Sequence[str], lang: Lang) -> list[str]:
    return [f"{basis[lang]} {amount}".strip() for basis, amount in zip(bases, done, strict=True)]


def problems(source: Provenance, standing: Progress, statuses: Mapping[str, int]) -> tuple[Text, ...]:
    """Name what stands between these numbers and a decision."""
    unclear = list(standing.targets[standing.targets["verdict"] == "unknown"]["target"].unique())
    found = (
        _not_checked(source),
        _demo(source),
        Text(source.boundary_note["zh"], source.boundary_note["en"]),
        _counted(
            len(standing.unknown),
            "台账中{}个光伏或地热项目规模未知，进度为下限。",
            "{} PV or geothermal projects are of unknown size; progress is a lower bound.",
        ),
        _counted(
            ", ".join(unclear),
            "现有数据无法判定是否达标的目标：{}。",
            "Targets that the data cannot judge: {}.",
        ),
        _counted(
            statuses.get("conditional", 0),
            "{}处场址须先取得主管部门同意（有条件）。",
            "{} sites need the consent of an authority first (conditional).",
        ),
    )
    return tuple(text for text in found if text.zh)


def _counted(value: int | str, zh: str, en: str) -> Text:
    """Return the sentence with the value in it; nothing where there is nothing to say."""
    shown = f"{value:,}" if isinstance(value, int) else value
    return Text(zh.format(shown), en.format(shown)) if value else Text("", "")


def _not_checked(source: Provenance) -> Text:
    count = len(source.not_checked)
    zh = "、".join(title["zh"] for title in source.not_checked.values())
    en = ", ".join(title["en"] for title in source.not_checked.values())
    if not count:
        return Text("", "")
    return Text(
        f"{count}条规则因缺少官方图层未核查：{zh}。取得图层后须重新评估。",
        f"{count} rules could not be checked for want of official layers: {en}. "
        "Assess again once they are there.",
    )


def _demo(source: Provenance) -> Text:
    if not source.demo_layers:
        return Text("", "")
    zh, en = (layer_names(source.demo_layers, lang) for lang in ("zh", "en"))
    return Text(
        f"以下图层为示范数据，结果仅用于演示流程，不得作为决策依据：{zh}。",
        f"These layers are generated for demonstration; results show the method "
        f"and are no basis for decisions: {en}.",
    )
