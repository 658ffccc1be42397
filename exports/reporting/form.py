"""The yearly evaluation as a text document that the office edits: filled in as far as the data goes."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from exports.reporting.model import Text, shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from exports.reporting.gather import Gathered
    from exports.reporting.model import Col, ReportTable

_FONTS = {"zh": "宋体", "en": "Times New Roman"}
_HEADING_FONT = "黑体"
_BLUE, _PALE, _FILL_IN = RGBColor(0x1F, 0x4E, 0x6B), "E8EFF5", "FFF6E0"
_BLANK = Text("（待填写）", "(to be filled in)")
_HEAD_FIELDS = (
    Text("填报单位", "Reporting unit"),
    Text("评估年度", "Year evaluated"),
    Text("填报人 / 联系电话", "Prepared by / phone"),
    Text("审核人", "Checked by"),
    Text("填报日期", "Date"),
)
_TABLE_CM = 16.6
_LEAST_WIDTH = 10
_LEFT_OUT = {
    "targets": {"unit", "potential"},
    "by_sector": {"area_m2", "capex", "co2_t_year", "kwh_year_p90"},
    "heat": {"kw_year30", "co2_t_year"},
    "projects": {"id", "note", "source", "capacity_mw_unstated"},
}


def write_form(path: Path, gathered: Gathered) -> None:
    """Write the evaluation form as DOCX; the same content gives the same bytes."""
    document = _Form(gathered).document()
    packed = io.BytesIO()
    document.save(packed)
    _repack(packed, path)


def _repack(packed: io.BytesIO, path: Path) -> None:
    """Write the parts again with one fixed date, which python-docx takes from the clock."""
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as sink:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            sink.writestr(entry, source.read(name))


class _Form:
    """The parts of the form, in the order an evaluation is read."""

    def __init__(self, gathered: Gathered) -> None:
        self._gathered, self._report, self._lang = gathered, gathered.report, gathered.lang
        self._document = docx.Document()
        self._set_up()

    def document(self) -> Any:  # noqa: ANN401 - python-docx carries no types
        self._title()
        self._head_table()
        self._heading(Text("一、目标完成情况", "1 Targets"))
        self._table("targets")
        self._context()
        self._heading(Text("二、资源摸底情况（宜建尽建）", "2 Stock-taking"))
        self._findings(("pv_potential", "heat_potential"))
        self._table("by_sector")
        self._table("heat")
        self._heading(Text("三、任务落实情况", "3 Tasks of the plan"))
        self._tasks()
        self._heading(Text("四、重点项目进展", "4 Projects"))
        self._table("projects")
        self._heading(Text("五、存在的重大问题", "5 Major problems"))
        for problem in self._report.problems:
            self._document.add_paragraph(_clean(problem[self._lang]), style="List Bullet")
        self._blank(Text("补充说明：", "Add:"))
        self._heading(Text("六、下一步工作安排", "6 Next steps"))
        self._blank()
        self._heading(Text("七、自评结论", "7 Self-assessment"))
        self._blank()
        self._heading(Text("八、数据来源与未核查事项", "8 Sources and what was not checked"))
        for label, text in self._report.notices[self._lang]:
            paragraph = self._document.add_paragraph()
            paragraph.add_run(_clean(f"{label}：" if self._lang == "zh" else f"{label}: ")).bold = True
            paragraph.add_run(_clean(text))
        return self._document

    def _set_up(self) -> None:
        section = self._document.sections[0]
        section.orientation = WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.2)
        section.top_margin = section.bottom_margin = Cm(2.2)
        style = self._document.styles["Normal"]
        style.font.size = Pt(10.5)
        _set_font(style, _FONTS["en"], _FONTS["zh"])
        for level, size in ((1, 14), (2, 12)):
            heading = self._document.styles[f"Heading {level}"]
            heading.font.size, heading.font.color.rgb = Pt(size), _BLUE
            _set_font(heading, "Arial", _HEADING_FONT)
        footer = section.footer.paragraphs[0]
        run = footer.add_run(_clean(self._report.short_notice[self._lang]))
        run.font.size = Pt(7.5)
        core = self._document.core_properties
        core.title = _clean(f"{self._report.place[self._lang]} {self._report.title[self._lang]}")
        core.author, core.comments = "Yijian", self._gathered.provenance.run_id

    def _title(self) -> None:
        heading = Text(
            f"{self._report.place.zh}光伏与地热年度评估表",
            f"{self._report.place.en}: yearly evaluation of photovoltaics and geothermal heat",
        )
        paragraph = self._document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run(_clean(heading[self._lang]))
        run.font.size, run.bold = Pt(18), True
        _set_font(run, "Arial", _HEADING_FONT)
        basis = Text("（依据实施方案六（四）年度评估要求）", "(section VI.4 of the plan)")
        note = self._document.add_paragraph(basis[self._lang])
        note.alignment = WD_ALIGN_PARAGRAPH.CENTER

    def _head_table(self) -> None:
        table = self._grid(len(_HEAD_FIELDS), 2, (0.3, 0.7))
        for row, label in enumerate(_HEAD_FIELDS):
            _write(table.cell(row, 0), label[self._lang], fill=_PALE)
            own = self._report.place[self._lang] if row == 0 else _BLANK[self._lang]
            _write(table.cell(row, 1), own, fill=None if row == 0 else _FILL_IN)

    def _context(self) -> None:
        """Ask for the results that only the departments know."""
        table = self._report.tables["context"]
        if table.rows:
            self._document.add_heading(table.title[self._lang], level=2)
            blank = {"result": _BLANK[self._lang]}
            self._fill(table, ("name", "year", "value", "unit", "paragraph", "result"), blank)

    def _findings(self, keys: Sequence[str]) -> None:
        for item in self._report.evaluation:
            if item.key in keys:
                self._document.add_paragraph(_clean(item.finding[self._lang]))

    def _tasks(self) -> None:
        heads = (
            Text("条款", "¶"),
            Text("任务要求", "Task"),
            Text("数据所示", "What the data says"),
            Text("落实情况（单位填写）", "What was done (to fill in)"),
        )
        table = self._grid(1 + len(self._report.evaluation), 4, (0.1, 0.32, 0.33, 0.25))
        for index, head in enumerate(heads):
            _write(table.cell(0, index), head[self._lang], fill=_PALE, bold=True)
        _repeat_header(table)
        for row, item in enumerate(self._report.evaluation, start=1):
            texts = (item.paragraph, item.task[self._lang], item.finding[self._lang])
            for index, text in enumerate(texts):
                _write(table.cell(row, index), text)
            _write(table.cell(row, 3), _BLANK[self._lang], fill=_FILL_IN)

    def _table(self, key: str) -> None:
        table = self._report.tables[key]
        self._document.add_heading(table.title[self._lang], level=2)
        left_out = _LEFT_OUT.get(key, set())
        self._fill(table, tuple(column.key for column in table.columns if column.key not in left_out), {})
        if table.note.zh:
            run = self._document.add_paragraph().add_run(_clean(table.note[self._lang]))
            run.font.size = Pt(8.5)

    def _fill(self, table: ReportTable, keys: Sequence[str], blank: dict[str, str]) -> None:
        places = [index for index, column in enumerate(table.columns) if column.key in keys]
        columns: list[Col] = [table.columns[index] for index in places]
        widths = [max(column.width, _LEAST_WIDTH) for column in columns]
        shares = [width / sum(widths) for width in widths]
        grid = self._grid(1 + len(table.rows), len(columns), shares)
        for index, column in enumerate(columns):
            _write(grid.cell(0, index), column.head(self._lang), fill=_PALE, bold=True)
        _repeat_header(grid)
        for row, cells in enumerate(table.rows, start=1):
            for index, (place, column) in enumerate(zip(places, columns, strict=True)):
                text = blank.get(column.key) or shown(cells[place], column, self._lang)
                fill = _FILL_IN if column.key in blank else None
                _write(grid.cell(row, index), text, fill=fill, right=column.decimals is not None)

    def _grid(self, rows: int, across: int, shares: Sequence[float]) -> Any:  # noqa: ANN401
        table = self._document.add_table(rows=rows, cols=across)
        table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
        widths = [Cm(_TABLE_CM * share) for share in shares]
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        for row in table.rows:
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = width
        return table

    def _heading(self, text: Text) -> None:
        self._document.add_heading(text[self._lang], level=1)

    def _blank(self, label: Text | None = None) -> None:
        paragraph = self._document.add_paragraph(label[self._lang] if label else "")
        paragraph.add_run(_BLANK[self._lang]).font.color.rgb = RGBColor(0xA0, 0x6A, 0x00)


def _clean(text: str) -> str:
    """Drop the signs XML cannot hold."""
    return "".join(sign for sign in text if sign in "\n\t" or ord(sign) >= ord(" "))


def _set_font(owner: Any, latin: str, east_asian: str) -> None:  # noqa: ANN401
    """Name both fonts; Word takes the second for Chinese."""
    owner.font.name = latin
    element = owner.element if hasattr(owner, "style_id") else owner._element  # noqa: SLF001 - a run's only way
    properties = element.get_or_add_rPr()
    properties.get_or_add_rFonts().set(qn("w:eastAsia"), east_asian)


def _write(cell: Any, text: str, *, fill: str | None = None, bold: bool = False, right: bool = False) -> None:  # noqa: ANN401
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(_clean(text))
    run.font.size, run.bold = Pt(8.5), bold
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if fill is not None:
        shade = OxmlElement("w:shd")
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:color"), "auto")
        shade.set(qn("w:fill"), fill)
        cell._element.get_or_add_tcPr().append(shade)  # noqa: SLF001 - python-docx has no call for it


def _repeat_header(table: Any) -> None:  # noqa: ANN401
    """Let the header row stand on every page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(mark)  # noqa: SLF001 - python-docx has no call for it
