"""The geothermal part of a report, and the carbon both parts save."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from exports.labels import SECTORS, TECHNOLOGIES, label
from exports.reporting import columns as col
from exports.reporting.model import ReportTable, Text, rows_of, total_row
from exports.reporting.potential import TOTAL, of_town

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assessment.run import Run
    from exports.provenance import Lang


def heat_table(run: Run, town: str | None, lang: Lang) -> ReportTable:
    """Return the geothermal potential by technology, in the order of the plan."""
    summary = of_town(run.heat_summary, town)
    table = summary.groupby("technology", observed=True)[list(col.HEAT_SUMS)].sum(min_count=1)
    table = table.loc[_ordered(table, TECHNOLOGIES)].reset_index()
    total = total_row(table, first="technology", sums=col.HEAT_SUMS, label=TOTAL[lang])
    table["technology"] = [label("technology", code, lang) for code in table["technology"]]
    frame = pd.concat([table.astype(object), pd.DataFrame([total], dtype=object)], ignore_index=True)
    note = Text(
        "P10 为保守值（90%概率超过），P90 为乐观值；各技术分项相加的 P10/P90 为简单加和。",
        "P10 is cautious (exceeded with 90 %), P90 hopeful; sums of P10 and P90 are plain sums.",
    )
    return ReportTable(
        "heat",
        Text("地热潜力", "Geothermal potential"),
        col.HEAT,
        rows_of(frame, col.HEAT),
        total=True,
        note=note,
    )


def carbon_table(run: Run, town: str | None, lang: Lang) -> ReportTable:
    """Return the carbon saved, photovoltaics by sector and geothermal by technology."""
    pv = (
        of_town(run.summary, town)
        .groupby("sector", observed=True)[["kwh_year_p50", "co2_t_year"]]
        .sum(min_count=1)
    )
    groups = of_town(run.heat_summary, town).groupby("technology", observed=True)
    heat = groups[["mwh_year", "co2_t_year"]].sum(min_count=1)
    rows = [
        (
            Text("光伏", "PV")[lang],
            label("sector", str(code), lang),
            _gwh(row["kwh_year_p50"] / 1e6),
            row["co2_t_year"],
        )
        for code, row in pv.loc[_ordered(pv, SECTORS)].iterrows()
    ]
    rows += [
        (
            Text("地热", "geothermal")[lang],
            label("technology", str(code), lang),
            _gwh(row["mwh_year"] / 1e3),
            row["co2_t_year"],
        )
        for code, row in heat.loc[_ordered(heat, TECHNOLOGIES)].iterrows()
    ]
    frame = pd.DataFrame(rows, columns=["source", "part", "amount", "co2_t_year"])
    total = {
        "source": TOTAL[lang],
        "part": "",
        "amount": "",
        "co2_t_year": frame["co2_t_year"].sum(min_count=1),
    }
    frame = pd.concat([frame.astype(object), pd.DataFrame([total], dtype=object)], ignore_index=True)
    note = Text(
        "光伏按电网因子折算；地热减碳量取决于被替代的热源（基准），见参数。潜力值，非已实现量。",
        "PV by the grid factor; geothermal depends on the heat source it replaces (baseline), "
        "see the parameters. Potential, not achieved.",
    )
    return ReportTable(
        "carbon", Text("减碳", "Carbon"), col.CARBON, rows_of(frame, col.CARBON), total=True, note=note
    )


def _ordered(table: pd.DataFrame, known: Iterable[str]) -> list[str]:
    """Return the codes of a table in the order they are known, then those that are not known."""
    order = [key for key in known if key in table.index]
    return [*order, *(str(key) for key in table.index if key not in order)]


def _gwh(value: float) -> str:
    return f"{value:,.1f} GWh/a"
