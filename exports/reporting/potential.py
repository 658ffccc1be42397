"""The photovoltaic part of a report: sums, months, waterfall, best sites, supply curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from exports.flat import MONTHS, flatten
from exports.labels import GROUPS, label
from exports.reporting import columns as col
from exports.reporting.model import Col, ReportTable, Text, rows_of, total_row
from exports.selection import read_batches, read_schema
from faults import RunError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assessment.run import Run
    from exports.provenance import Lang
    from exports.selection import Selection

TOP = 20
STEPS = 40
"""Rows of the supply curve in a report."""
TOTAL = Text("合计", "total")
_START, _END = "all", "buildable"
_TAKEN = ("taken_m2", "alone_m2", "taken_kwp")
NOT_CHECKED = Text("未核查", "not checked")
_ENDS = {_START: Text("全部面积", "all area"), _END: Text("可建", "buildable")}


def of_town(frame: pd.DataFrame, town: str | None) -> pd.DataFrame:
    """Return the rows of a town; None: all rows."""
    return frame if town is None else frame[frame["town"] == town]


def grouped(summary: pd.DataFrame, by: str, columns: Sequence[Col], title: Text, lang: Lang) -> ReportTable:
    """Sum the summary by sector, type or town, largest first, with a total."""
    groups = summary.groupby(by, sort=True, observed=True)
    table = groups[list(col.SUMS)].sum(min_count=1)
    table["lcoe"] = _mean_lcoe(summary, by)
    table = table.sort_values("kwp_dc_central", ascending=False, kind="stable").reset_index()
    total = total_row(table, first=by, sums=col.SUMS, label=TOTAL[lang])
    total["lcoe"] = _weighted(summary)
    if by in GROUPS:
        table[by] = [label(by, code, lang) for code in table[by]]
    frame = _with_total(table, total)
    note = Text(
        "容量为低/中/高三档；能量为首年 P50/P90；度电成本按发电量加权。一处场地只计一次。",
        "Capacity as low/central/high; first-year energy as P50/P90; LCOE weighted by energy. "
        "No area counts twice.",
    )
    return ReportTable(f"by_{by}", title, tuple(columns), rows_of(frame, columns), total=True, note=note)


def _with_total(table: pd.DataFrame, total: dict[str, object]) -> pd.DataFrame:
    """Append the total; as object columns, so that nothing changes its type."""
    return pd.concat([table.astype(object), pd.DataFrame([total], dtype=object)], ignore_index=True)


def _mean_lcoe(summary: pd.DataFrame, by: str) -> Any:  # noqa: ANN401 - a series
    known = summary[summary["lcoe"].notna()]
    weight = known["kwh_year_p50"]
    return (known["lcoe"] * weight).groupby(known[by]).sum() / weight.groupby(known[by]).sum()


def _weighted(summary: pd.DataFrame) -> float:
    known = summary[summary["lcoe"].notna()]
    energy = float(known["kwh_year_p50"].sum())
    return float((known["lcoe"] * known["kwh_year_p50"]).sum()) / energy if energy else np.nan


def waterfall_table(run: Run, town: str | None, lang: Lang) -> ReportTable:
    """Sum the waterfall over types (and towns): from all area through every rule to what is left.

    A rule that was not checked takes an unknown amount; it is named, with no number.
    """
    rules = {rule["id"]: rule for rule in run.manifest.get("rules", ())}
    skipped = set(run.manifest.get("not_checked", ()))
    frame = of_town(run.waterfall, town)
    table = frame.groupby("rule", observed=True)[[*_TAKEN, "remaining_m2", "remaining_kwp"]].sum(min_count=1)
    order = [key for key in rules if key in table.index or key in skipped]
    order += [key for key in table.index if key not in (*order, _START, _END)]
    table = table.reindex([_START, *order, _END])
    for unit in ("m2", "kwp"):
        left = table[f"remaining_{unit}"].iloc[0] - table[f"taken_{unit}"].fillna(0).cumsum()
        table[f"remaining_{unit}"] = left.where(table.index != _END, table[f"remaining_{unit}"])
    table["document"] = [_document(rules.get(key, {})) for key in table.index]
    names = [_rule_name(key, rules, lang) for key in table.index]
    words = dict.fromkeys((_START, _END), "–") | dict.fromkeys(skipped, NOT_CHECKED[lang])
    rows = tuple(
        tuple(
            words[key] if key in words and column.key in _TAKEN else cell
            for cell, column in zip(row, col.WATERFALL, strict=True)
        )
        for row, key in zip(rows_of(table.assign(rule=names), col.WATERFALL), table.index, strict=True)
    )
    note = Text(
        "按规则顺序依次扣除，已被前一规则扣除的面积不重复计；“单独解除可恢复”指仅取消该规则时可恢复的面积。",
        "Rules act in order and no area is taken twice; "
        "'back if lifted alone' is what returns if only that rule goes.",
    )
    title = Text("规则扣除", "What the rules take")
    return ReportTable("waterfall", title, col.WATERFALL, rows, note=note)


def _document(rule: dict[str, Any]) -> str:
    return " ".join(str(rule[key]) for key in ("document", "article") if rule.get(key))


def _rule_name(key: str, rules: dict[str, Any], lang: Lang) -> str:
    if key in _ENDS:
        return _ENDS[key][lang]
    return str(rules.get(key, {}).get(f"title_{lang}") or key)


def largest_sites(run: Run, selection: Selection) -> pa.Table:
    """Return the sites with the largest capacity, largest first, as they are in the run."""
    best: pa.Table | None = None
    for table in read_batches(run, selection):
        both = table if best is None else pa.concat_tables([best, table])
        chosen = pc.select_k_unstable(both, TOP, [("kwp_dc_central", "descending")])
        best = both.take(chosen)
    if best is None:
        return read_schema(run, selection).empty_table()
    return best.sort_by([("kwp_dc_central", "descending"), ("id", "ascending")])


def top_sites(best: pa.Table, run: Run, lang: Lang) -> ReportTable:
    """Return the largest sites in words."""
    frame = flatten(best, "sites").drop_columns(["geometry"]).to_pandas()
    frame["rank"] = np.arange(1, len(frame) + 1)
    frame["type"] = [label("type", code, lang) for code in frame["type"]]
    frame["status"] = [label("status", code, lang) for code in frame["status"]]
    frame["township"] = frame["township"].map(township_names(run, lang)).fillna(frame["township"])
    frame["rules"] = _rule_titles(best, run, lang)
    title = Text(f"容量最大的{TOP}处场址", f"The {TOP} largest sites")
    return ReportTable("top_sites", title, col.TOP_SITES, rows_of(frame, col.TOP_SITES))


def township_names(run: Run, lang: Lang) -> dict[str, str]:
    """Return the name of each township by its id; empty where the run has no townships."""
    path = run.path / "townships.parquet"
    if not path.is_file():
        return {}
    table = pq.read_table(path)
    names = table[f"name_{lang}"] if f"name_{lang}" in table.column_names else table["name_zh"]
    return dict(zip(table["id"].to_pylist(), names.to_pylist(), strict=True))


def _rule_titles(table: pa.Table, run: Run, lang: Lang) -> list[str]:
    rules = {rule["id"]: rule for rule in run.manifest.get("rules", ())}
    return [
        "; ".join(_rule_name(str(item["id"]), rules, lang) for item in items or () if isinstance(item, dict))
        for items in table["rules"].to_pylist()
    ]


def supply_frame(run: Run, town: str | None) -> pd.DataFrame:
    """Return the supply curve of a town or the region, cumulative anew, cheapest first."""
    path = run.path / "supply_curve.csv"
    try:
        frame = of_town(pd.read_csv(path, encoding="utf-8-sig"), town)
    except (OSError, ValueError, KeyError) as error:
        raise RunError(f"{path} cannot be read: {error}") from error
    frame = frame.sort_values(["lcoe", "town", "type"], kind="stable", ignore_index=True)
    frame["cum_kwp_dc"] = frame["kwp_dc"].cumsum()
    frame["cum_kwh_year"] = frame["kwh_year"].cumsum()
    return frame


def supply_table(curve: pd.DataFrame) -> ReportTable:
    """Return the supply curve in at most STEPS rows of about equal capacity."""
    table = curve
    if len(curve) > STEPS:
        share = curve["cum_kwp_dc"] / curve["cum_kwp_dc"].iloc[-1]
        step = np.ceil(share * STEPS - 1e-9).clip(1, STEPS).astype(int)
        last = curve.groupby(step)[["lcoe", "cum_kwp_dc", "cum_kwh_year"]].last()
        table = last.join(curve.groupby(step)[["kwp_dc", "sites"]].sum()).reset_index(drop=True)
    note = Text(
        "成本未知的场址不在曲线上，但计入潜力。",
        "Sites of unknown cost are not on the curve, but in the potential.",
    )
    return ReportTable(
        "supply", Text("供给曲线", "Supply curve"), col.SUPPLY, rows_of(table, col.SUPPLY), note=note
    )


def monthly_energy(run: Run, selection: Selection) -> list[float] | None:
    """Return the kWh of each month over all selected sites; None where no site has months."""
    sums = np.zeros(MONTHS)
    known = False
    for table in read_batches(run, selection):
        flat = flatten(table, "sites")
        values = [pc.sum(flat[f"kwh_{month:02d}"]).as_py() for month in range(1, MONTHS + 1)]
        known |= values[0] is not None
        sums += np.array([value or 0.0 for value in values])
    return sums.tolist() if known else None


def monthly_table(months: Sequence[float] | None) -> ReportTable:
    """Return energy by month."""
    rows = [(str(month), None if months is None else months[month - 1]) for month in range(1, MONTHS + 1)]
    frame = pd.DataFrame(rows, columns=["month", "kwh"])
    title = Text("逐月发电量", "Energy by month")
    return ReportTable("monthly", title, col.MONTHLY, rows_of(frame, col.MONTHLY))


def sites_by_status(run: Run, town: str | None) -> dict[str, int]:
    """Count the sites of each status."""
    table = pq.read_table(run.path / "sites.parquet", columns=["town", "status"])
    if town is not None:
        table = table.filter(pc.equal(table["town"], town))
    counts = pc.value_counts(table["status"])
    return {item["values"]: item["counts"] for item in counts.to_pylist()}
