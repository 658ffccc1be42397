"""The yearly evaluation (六(四) of the plan): tasks, what the data says, what the office must add."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exports.reporting.model import EvaluationItem, Text
from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FINDINGS = ("pv_potential", "pv_progress", "heat_potential", "heat_progress", "projects", "carbon", "none")
_KEYS = {"paragraph", "zh", "en", "finding"}


@dataclass(frozen=True)
class Task:
    """One task of the plan."""

    paragraph: str
    text: Text
    finding: str
    """Which finding of a report speaks to it; one of FINDINGS."""


def load_tasks(path: Path) -> tuple[Task, ...]:
    """Read the tasks a region is evaluated on.

    Raises
    ------
    InputError
        The file cannot be read, or tasks in it are not complete; all faults at once.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise InputError([Fault("evaluation", None, None, None, str(error), file=path.name)]) from error
    tables = tree.get("task", [])
    faults = [
        Fault("evaluation", row, None, None, f"needs exactly {', '.join(sorted(_KEYS))}", file=path.name)
        for row, table in enumerate(tables, start=1)
        if set(table) != _KEYS
    ]
    faults += [
        Fault("evaluation", row, "finding", str(table.get("finding")), rule, file=path.name)
        for row, table in enumerate(tables, start=1)
        if table.get("finding") not in FINDINGS and (rule := f"must be one of {', '.join(FINDINGS)}")
    ]
    if faults:
        raise InputError(faults)
    return tuple(Task(str(t["paragraph"]), Text(t["zh"], t["en"]), t["finding"]) for t in tables)


def evaluation_items(tasks: tuple[Task, ...], findings: Mapping[str, Text]) -> tuple[EvaluationItem, ...]:
    """Put task and finding together."""
    nothing = Text("", "")
    return tuple(
        EvaluationItem(task.paragraph, task.text, findings.get(task.finding, nothing), task.finding)
        for task in tasks
    )
