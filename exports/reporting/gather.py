"""Put a report together: read the run once, count the ledger, name what is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import shapely

from exports.job import shapes_of
from exports.labels import layer_name
from exports.provenance import provenance_of
from exports.reporting import columns as col
from exports.reporting import potential as pv
from exports.reporting.evaluation import evaluation_items, load_tasks
from exports.reporting.heat import carbon_table, heat_table
from exports.reporting.model import Report, ReportTable, Text, rows_of
from exports.reporting.standing import context_table, projects_table, targets_table, town_table
from exports.reporting.words import facts, findings, problems
from exports.selection import make_selection
from faults import Fault, InputError
from layers.region import DATA
from tracking.progress import progress
from tracking.projects import projects_frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from assessment.run import Run
    from exports.provenance import Lang, Provenance
    from tracking.targets import Target

_VERIFIED = {True: Text("已核实", "verified"), False: Text("未核实", "unverified")}
_CHECKED = {True: Text("已核查", "checked"), False: Text("未核查", "not checked")}


@dataclass(frozen=True)
class Gathered:
    """A report and the drawings' raw material."""

    report: Report
    run: Run
    lang: Lang
    supply: pd.DataFrame
    """Supply curve, every step."""
    marks: tuple[tuple[float, float, str], ...]
    """Position (CRS of the run) and rank of the largest sites."""
    provenance: Provenance


def gather(
    run: Run,
    town: str | None,
    lang: Lang,
    *,
    targets: Sequence[Target] = (),
    projects: pd.DataFrame | None = None,
    tasks: Path | None = None,
) -> Gathered:
    """Gather everything a report of a town (None: of the region) says.

    Raises
    ------
    InputError
        The town is not known.
    RunError
        A table of the run is missing.
    """
    names = {str(row.town): str(getattr(row, f"name_{lang}")) for row in run.towns.itertuples()}
    if town is not None and town not in names:
        raise InputError([Fault("report", None, "town", town, f"must be one of {', '.join(names)}")])
    source = provenance_of(run)
    ledger = projects_frame() if projects is None else projects_frame(projects)
    standing = progress(targets, ledger, run.summary, run.heat_summary, towns=tuple(names))
    curve = pv.supply_frame(run, town)
    best = pv.largest_sites(run, make_selection(run, "sites", town=town))
    tables = {
        table.key: table
        for table in (
            *_potential(run, town, lang, names),
            pv.top_sites(best, run, lang),
            pv.supply_table(curve),
            heat_table(run, town, lang),
            carbon_table(run, town, lang),
            targets_table(standing, targets, lang),
            town_table(standing, targets, town, lang, names),
            context_table(standing, lang),
            projects_table(ledger, town, lang, names),
            _sources(run, lang),
            _rules(run, lang),
        )
    }
    statuses = pv.sites_by_status(run, town)
    path = tasks or DATA / source.region_id / "evaluation.toml"
    known_tasks = load_tasks(path) if tasks or path.is_file() else ()
    report = Report(
        place=_place(run, town, source),
        town=town,
        facts=facts(tables, standing, statuses),
        tables=tables,
        problems=problems(source, standing, statuses),
        evaluation=evaluation_items(known_tasks, findings(tables, standing)),
        notices={"zh": source.items("zh"), "en": source.items("en")},
        short_notice=Text(source.short("zh"), source.short("en")),
    )
    centres = shapely.get_coordinates(shapely.centroid(shapes_of(best)))
    marks = tuple((float(x), float(y), str(rank)) for rank, (x, y) in enumerate(centres, start=1))
    return Gathered(report, run, lang, curve, marks, source)


def _potential(run: Run, town: str | None, lang: Lang, names: Mapping[str, str]) -> Iterator[ReportTable]:
    """Yield the photovoltaic tables; the region's are also by town."""
    summary = pv.of_town(run.summary, town)
    selection = make_selection(run, "sites", town=town)
    if town is None:
        by_town = summary.assign(town=[names.get(key, key) for key in summary["town"]])
        yield pv.grouped(by_town, "town", col.BY_TOWN, Text("按新城", "By new town"), lang)
    yield pv.grouped(summary, "sector", col.BY_SECTOR, Text("按领域", "By sector"), lang)
    yield pv.grouped(summary, "type", col.BY_TYPE, Text("按类型", "By type"), lang)
    yield pv.monthly_table(pv.monthly_energy(run, selection))
    yield pv.waterfall_table(run, town, lang)


def _place(run: Run, town: str | None, source: Provenance) -> Text:
    if town is None:
        return Text(source.region["zh"], source.region["en"])
    row = run.towns[run.towns["town"] == town].iloc[0]
    return Text(str(row["name_zh"]), str(row["name_en"]))


def _sources(run: Run, lang: Lang) -> ReportTable:
    yes = Text("是", "yes")[lang]
    names = [column.key for column in col.SOURCES]
    frame = pd.DataFrame(run.manifest.get("inputs", ())).reindex(columns=names)
    frame["layer"] = [layer_name(str(layer), lang) for layer in frame["layer"]]
    frame["demo"] = [yes if demo is True else "" for demo in frame["demo"]]
    rows = tuple(tuple("–" if cell is None else cell for cell in row) for row in rows_of(frame, col.SOURCES))
    return ReportTable("sources", Text("数据来源", "Sources"), col.SOURCES, rows)


def _rules(run: Run, lang: Lang) -> ReportTable:
    skipped = set(run.manifest.get("not_checked", ()))
    rows = [
        (
            rule.get(f"title_{lang}") or rule["id"],
            " ".join(str(rule[key]) for key in ("document", "article") if rule.get(key)),
            rule.get("confidence"),
            _VERIFIED[not rule.get("unverified")][lang],
            Text("未核查", "not checked")[lang] if rule["id"] in skipped else Text("已核查", "checked")[lang],
        )
        for rule in run.manifest.get("rules", ())
    ]
    frame = pd.DataFrame(rows, columns=[column.key for column in col.RULES])
    note = Text(
        "“未核查”表示缺少该规则所需图层；“未核实”表示规则内容尚未与官方文本核对。",
        "'Not checked': the layer the rule needs is missing. "
        "'Unverified': the rule was not compared with the official text.",
    )
    return ReportTable(
        "rules",
        Text("规则与核查情况", "Rules and what was checked"),
        col.RULES,
        rows_of(frame, col.RULES),
        note=note,
    )
