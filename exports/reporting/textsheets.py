"""The sheets of the report's workbook that are words: the overview, and the yearly evaluation to fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exports.reporting import columns as col
from exports.reporting.book import BLUE, GREY, HAIRLINE, INK
from exports.reporting.model import Text

if TYPE_CHECKING:
    from exports.reporting.book import Book

_OVERVIEW, _EVALUATION = Text("概要", "Overview"), Text("年度评估", "Evaluation")


def write_overview(book: Book) -> None:
    """Write the numbers, the problems, the notices."""
    sheet, name = book.sheet(_OVERVIEW, widths=(30, 16, 10, 60))
    report, lang = book.report, book.lang
    sheet.write_string(0, 0, report.place[lang], book.format(font_size=20, bold=True, font_color=INK))
    sheet.write_string(1, 0, report.title[lang], book.format(font_size=12, font_color=GREY))
    row = 3
    for fact in report.facts:
        sheet.write_string(row, 0, fact.title[lang], book.format(bottom=4, bottom_color=HAIRLINE))
        value = fact.value.replace(",", "")
        style = book.format(
            bold=True, font_size=14, font_color=BLUE, num_format=_fact_format(fact.value), bottom=4
        )
        if value.replace(".", "", 1).isdecimal():
            sheet.write_number(row, 1, float(value), style)
        else:
            sheet.write_string(row, 1, fact.value, style)
        sheet.write_string(row, 2, fact.unit[lang], book.format(bottom=4, font_color=GREY))
        sheet.write_string(row, 3, fact.detail[lang], book.format(bottom=4, font_color=GREY))
        row += 1
    row = book.heading(sheet, row + 1, Text("主要问题", "Major problems"))
    for problem in report.problems:
        sheet.merge_range(row, 0, row, 3, "", book.format(text_wrap=True, valign="top"))
        sheet.write_string(row, 0, problem[lang], book.format(text_wrap=True, valign="top"))
        sheet.set_row(row, 15 * (1 + len(problem[lang]) // 60))
        row += 1
    row = book.heading(sheet, row + 1, Text("说明", "Notices"))
    for label, text in report.notices[lang]:
        sheet.write_string(row, 0, label, book.format(bold=True, valign="top"))
        sheet.merge_range(row, 1, row, 3, "", book.format(text_wrap=True, valign="top"))
        sheet.write_string(row, 1, text, book.format(text_wrap=True, valign="top"))
        sheet.set_row(row, 15 * (1 + len(text) // 50))
        row += 1
    book.set_print(sheet, row, 3, name)


def write_evaluation(book: Book) -> None:
    """Write the yearly evaluation as a form."""
    sheet, name = book.sheet(_EVALUATION, widths=[column.width for column in col.EVALUATION])
    heading = Text("年度评估表（方案六（四））", "Yearly evaluation (section VI.4 of the plan)")
    row = book.heading(sheet, 0, heading)
    for index, column in enumerate(col.EVALUATION):
        sheet.write_string(row, index, column.head(book.lang), book.header())
    sheet.freeze_panes(row + 1, 0)
    style = book.format(text_wrap=True, valign="top", border=1, border_color=HAIRLINE)
    blank = book.format(
        text_wrap=True, valign="top", border=1, border_color=HAIRLINE, bg_color="#fff8e1", locked=False
    )
    for item in book.report.evaluation:
        row += 1
        for index, text in enumerate((item.paragraph, item.task[book.lang], item.finding[book.lang])):
            sheet.write_string(row, index, text, style)
        sheet.write_string(row, len(col.EVALUATION) - 1, "", blank)
        longest = max(len(item.task[book.lang]), len(item.finding[book.lang]))
        sheet.set_row(row, 18 * (1 + longest // 22))
    book.set_print(sheet, row + 1, len(col.EVALUATION) - 1, name)


def _fact_format(text: str) -> str:
    return "#,##0.0" if "." in text else "#,##0"
