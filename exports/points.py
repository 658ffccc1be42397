"""The answers for a list of places as a file: CSV, XLSX or GeoPackage, each with a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyogrio
import xlsxwriter

from assessment.heat_suit_maps import LIGHT_WORDS
from assessment.points import POINTS, answer_places, read_places
from assessment.run import HEAT_TECHNOLOGIES, Run
from exports.formats.sheetrows import TEXT_LIMIT
from exports.formats.text import BOM, guard
from exports.formats.xlsx import write_notices
from exports.labels import Label, label
from exports.provenance import provenance_of
from exports.sites import publish
from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import geopandas as gpd

    from exports.provenance import Lang, Provenance

ANSWER_WORDS: Mapping[str, Label] = {
    "allowed": Label("可建", "may be built"),
    "conditional": Label("有条件可建", "may be built under conditions"),
    "not_checked": Label("可建性未核查完毕", "not fully checked"),
    "excluded": Label("不可建", "ruled out"),
    "no_candidate": Label("无候选场址", "no candidate here"),
    "outside": Label("不在评估范围内", "outside the area assessed"),
    "unusable": Label("坐标无法使用", "position not usable"),
}


@dataclass(frozen=True)
class PointsResult:
    """What was written."""

    path: Path
    rows: int
    answers: dict[str, int]
    """How many places got each answer."""
    faults: tuple[Fault, ...]
    """Rows whose position could not be used; they are in the file, answered `unusable`."""


def answer_points(run: Run | Path, path: Path, out: Path, *, datum: str) -> PointsResult:
    """Read a list of places, answer each, and write the answers beside the list's own columns.

    Parameters
    ----------
    path
        CSV, XLSX, GeoPackage, GeoJSON, Shapefile or KML with positions.
    out
        `.csv`, `.xlsx` or `.gpkg`.
    datum
        `wgs84`, `gcj02` or `EPSG:<code>` of the coordinates in the list; said, never guessed.

    Raises
    ------
    InputError
        The list, the datum or the kind of the output is not usable.
    """
    write = _WRITERS.get(out.suffix.lower())
    if write is None:
        raise InputError([Fault("points", None, "out", out.name, f"must end in {', '.join(_WRITERS)}")])
    opened = run if isinstance(run, Run) else Run(run)
    places = read_places(path, datum=datum)
    answers = _with_sentences(answer_places(opened, places), opened)
    source = provenance_of(opened)
    publish(out, lambda fresh: write(fresh, answers, source))
    counts = {str(name): int(count) for name, count in answers["answer"].value_counts().items()}
    return PointsResult(out, len(answers), counts, places.faults)


def _with_sentences(answers: gpd.GeoDataFrame, run: Run) -> gpd.GeoDataFrame:
    titles = {rule["id"]: rule for rule in run.manifest.get("rules", ())}
    records = answers.drop(columns="geometry").to_dict("records")
    langs: tuple[Lang, ...] = ("zh", "en")
    for lang in langs:
        sentences = [_sentence(record, titles, lang) for record in records]
        answers.insert(answers.columns.get_loc("geometry"), f"answer_{lang}", sentences)
    return answers


def _sentence(record: Mapping[str, Any], titles: Mapping[str, Any], lang: Lang) -> str:
    """Say the answer in a sentence or two."""
    zh = lang == "zh"
    parts = [ANSWER_WORDS[record["answer"]][lang]]
    if _known(record["site_ids"]):
        types = [label("type", code, lang) for code in record["types"].split("; ")]
        power = f"{record['kwp_dc_central']:,.0f} kWp"
        parts.append(("、" if zh else ", ").join(types) + (" " if zh else ": ") + power)
    for column, words in _REASONS.items():
        if _known(record[column]):
            names = [
                str(titles.get(key, {}).get(f"title_{lang}") or key) for key in record[column].split("; ")
            ]
            parts.append(words[lang] + ("、" if zh else ", ").join(names))
    if not _known(record["site_ids"]) and _known(record["nearest_id"]) and record["answer"] != "unusable":
        kind = label("type", record["nearest_type"], lang)
        distance = f"{record['nearest_m']:,.0f} m"
        parts.append(
            f"最近候选场址 {record['nearest_id']}（{kind}），相距 {distance}"
            if zh
            else f"nearest candidate {record['nearest_id']} ({kind}), {distance} away"
        )
    if _known(record["heat_technologies"]):
        kinds = [label("technology", code, lang) for code in record["heat_technologies"].split("; ")]
        parts.append(("选用地热：" if zh else "geothermal chosen: ") + ("、" if zh else ", ").join(kinds))
    parts += _heat_reasons(record, lang)
    return ("；".join(parts) + "。") if zh else ("; ".join(parts) + ".")


def _heat_reasons(record: Mapping[str, Any], lang: Lang) -> list[str]:
    """Say light and reason of every technology; of an older run, that it does not know them."""
    zh = lang == "zh"
    told = [code for code in HEAT_TECHNOLOGIES if _known(record[f"{code}_light"])]
    if not told and record["answer"] not in ("outside", "unusable"):
        return [_NO_REASONS[lang]]
    said = []
    for code in told:
        light = LIGHT_WORDS[record[f"{code}_light"]][0 if zh else 1]
        name, reason = label("technology", code, lang), record[f"{code}_reason_{lang}"]
        said.append(f"{name}：{light}（{reason}）" if zh else f"{name}: {light} ({reason})")
    return said


_NO_REASONS = Label("本次评估没有逐处的地热结论", "this run holds no geothermal verdict by place")
_REASONS: Mapping[str, Label] = {
    "rules": Label("涉及规则：", "rules touched: "),
    "excluded_by": Label("排除规则：", "ruled out by: "),
    "not_checked": Label("未核查：", "not checked: "),
}


def _known(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _headers(answers: gpd.GeoDataFrame, lang: Lang) -> list[str]:
    words = {column.name: column for column in POINTS}
    named = {"answer_zh": Label("说明", "in words (Chinese)"), "answer_en": Label("说明(英文)", "in words")}
    heads = []
    for name in answers.columns.drop("geometry"):
        column = words.get(name)
        if column is not None:
            heads.append(
                (column.zh if lang == "zh" else column.en) + (f" ({column.unit})" if column.unit else "")
            )
        else:
            heads.append(named[name][lang] if name in named else str(name))
    return heads


def _write_csv(path: Path, answers: gpd.GeoDataFrame, source: Provenance) -> None:
    frame = pd.DataFrame(answers.drop(columns="geometry"))
    units = {column.name: f"{column.name} [{column.unit}]" for column in POINTS if column.unit}
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            texts = [None if pd.isna(value) else str(value) for value in frame[name]]
            frame[name] = guard(pa.array(texts, pa.string())).to_pylist()
    frame = frame.rename(columns=units).assign(run_id=source.run_id, notice=source.short("zh"))
    with path.open("wb") as sink:
        sink.write(BOM)
        frame.to_csv(sink, index=False, encoding="utf-8", lineterminator="\r\n")


def _write_gpkg(path: Path, answers: gpd.GeoDataFrame, source: Provenance) -> None:
    pyogrio.write_dataframe(
        answers, path, layer="points", driver="GPKG", geometry_type="Point",
        dataset_metadata=source.as_strings(), dataset_options={"VERSION": "1.3"},
    )  # fmt: skip


def _write_xlsx(path: Path, answers: gpd.GeoDataFrame, source: Provenance) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet("点位 Points")
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#dfe7ef"})
        frame = pd.DataFrame(answers.drop(columns="geometry"))
        both = zip(_headers(answers, "zh"), _headers(answers, "en"), strict=True)
        for column, (zh, en) in enumerate(both):
            sheet.write_string(0, column, zh if zh == en else f"{zh}\n{en}", head)
        for row, values in enumerate(frame.itertuples(index=False, name=None), start=1):
            for column, value in enumerate(values):
                _write_cell(sheet, row, column, value)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(len(frame), 1), len(frame.columns) - 1)
        sheet.set_column(0, len(frame.columns) - 1, 15)
        sheet.set_column(len(frame.columns) - 2, len(frame.columns) - 1, 70)
        write_notices(book, source)


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:  # noqa: ANN401 - XlsxWriter carries no types
    if value is None or pd.isna(value):
        return
    if isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value)[:TEXT_LIMIT])


_WRITERS: Mapping[str, Callable[[Path, gpd.GeoDataFrame, Provenance], None]] = {
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
    ".gpkg": _write_gpkg,
}
