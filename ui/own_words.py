"""Names of columns and sentences of errors in the language of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faults import InputError
from layers.chinese import in_chinese
from layers.schema import SCHEMAS
from layers.told import HEIGHTS
from ui.words import language, t

if TYPE_CHECKING:
    from faults import YijianError


def column_name(layer: str, column: str) -> str:
    """Return what a column of a layer is called."""
    if column == HEIGHTS:
        return t("own.heights")
    found = SCHEMAS[layer].column(column)
    return found.zh if language() == "zh" else found.en


def error_text(error: YijianError) -> str:
    """Return what is wrong, one fault per line; in Chinese where the page is and a translation exists."""
    if not isinstance(error, InputError):
        return _said(str(error))
    lines = []
    for fault in error.faults:
        place = ", ".join(str(part) for part in (fault.file or fault.layer, fault.column) if part)
        value = "" if fault.value is None else f" = {fault.value!r}"
        lines.append(f"{place}{value}: {_said(fault.rule)}")
    return "\n\n".join(lines)


def _said(rule: str) -> str:
    chinese = in_chinese(rule) if language() == "zh" else None
    return chinese or rule
