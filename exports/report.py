"""Reports for the offices: one call for one report, one call for all towns and the region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assessment.run import Run
from exports.reporting.document import write_document
from exports.reporting.form import write_form
from exports.reporting.gather import gather
from exports.reporting.workbook import write_workbook
from exports.sites import publish
from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import pandas as pd

    from exports.provenance import Lang
    from exports.reporting.gather import Gathered
    from tracking.targets import Target

REPORTS: dict[str, Callable[[Path, Gathered], None]] = {
    "xlsx": write_workbook,
    "pdf": write_document,
    "docx": write_form,
}


def write_report(
    run: Run | Path,
    town: str | None,
    out: Path,
    *,
    format: str = "xlsx",  # noqa: A002 - the word users know
    lang: Lang = "zh",
    targets: Sequence[Target] = (),
    projects: pd.DataFrame | None = None,
) -> Path:
    """Write the report of a town, or of the region.

    Parameters
    ----------
    run
        A run or its folder.
    town
        Id of the town; None: the whole region.
    out
        The file; a missing suffix is added.
    format
        `xlsx`, `pdf` or `docx` (the yearly evaluation form to edit).
    lang
        `zh` or `en`.
    targets, projects
        What the progress is counted from; without them the report says the potential only.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    InputError
        Town, format or language are not known.
    RunError
        The run lacks a table, or the file cannot be written.
    """
    for name, value, known in (("format", format, tuple(REPORTS)), ("lang", lang, ("zh", "en"))):
        if value not in known:
            raise InputError([Fault("report", None, name, str(value), f"must be one of {', '.join(known)}")])
    opened = run if isinstance(run, Run) else Run(run)
    gathered = gather(opened, town, lang, targets=targets, projects=projects)
    path = out if out.suffix.lower() == f".{format}" else out.with_name(f"{out.name}.{format}")
    publish(path, lambda fresh: REPORTS[format](fresh, gathered))
    return path


def write_all_reports(
    run: Run | Path,
    folder: Path,
    *,
    formats: Iterable[str] = ("xlsx", "pdf", "docx"),
    lang: Lang = "zh",
    targets: Sequence[Target] = (),
    projects: pd.DataFrame | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> tuple[Path, ...]:
    """Write the reports of every town and of the region into a folder; return the files."""
    opened = run if isinstance(run, Run) else Run(run)
    chosen = tuple(formats)
    towns = [None, *opened.towns["town"]]
    written = []
    for town in towns:
        name = f"{town or opened.manifest['region']['id']}-{lang}"
        for kind in chosen:
            path = folder / f"{name}.{kind}"
            written.append(
                write_report(opened, town, path, format=kind, lang=lang, targets=targets, projects=projects)
            )
            if progress is not None:
                progress(len(written) / (len(towns) * len(chosen)), path.name)
    return tuple(written)
