"""How a check is shown: verdict, figures, the map, and every finding in the language of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from layers.check_html import MARK, colour_of
from ui.blocks import figures, legend
from ui.format import amount, count, percent
from ui.words import language, name_of, t

if TYPE_CHECKING:
    from ui.own_work import Shown

MOST_FAULTS = 2000
SEVERITIES = ("error", "warning", "info")
COLUMNS = ("severity", "layer", "row", "rule", "value", "column", "file")


def show_report(found: Shown, *, key: str) -> None:
    """Show the verdict, the layers, where they lie, and the findings, the worst first."""
    (st.success if found.ok else st.error)(t("own.ok") if found.ok else t("own.wrong"))
    if found.svg:
        with st.expander(t("own.map"), expanded=True):
            st.image(found.svg, width="stretch")
            placed = [layer["layer"] for layer in found.layers if layer["extent"] is not None]
            legend(
                {name_of("layer", name): colour_of(number) for number, name in enumerate(placed)} | _marked()
            )
    for layer in found.layers:
        _layer(layer)
    if found.faults:
        _faults(found, key)


def _marked() -> dict[str, str]:
    return {t("own.marked"): MARK}


def _layer(layer: dict[str, Any]) -> None:
    figures(
        [
            (t("col.layer"), name_of("layer", layer["layer"]), layer["crs"]),
            (t("col.rows"), count(layer["rows"]), t("own.usable", n=count(layer["usable"]))),
            (t("col.rejected"), count(layer["rejected"]), t("own.left_out", n=count(layer["left_out"]))),
            (t("own.score"), amount(layer["score"], "%"), t("own.score_note")),
        ]
    )
    if layer["known"]:
        rows = [
            {t("own.column"): name, t("own.known"): percent(share)} for name, share in layer["known"].items()
        ]
        with st.expander(t("own.known")):
            st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")


def _faults(found: Shown, key: str) -> None:
    st.subheader(t("own.faults", n=len(found.faults)))
    table = fault_table(found.faults)
    shown = table[:MOST_FAULTS].assign(
        severity=table["severity"].map({name: t(f"own.is_{name}") for name in SEVERITIES}),
        row=table["row"].map(_row_text),
        layer=table["layer"].map(lambda name: name_of("layer", name)),
    )
    config = {
        "severity": t("own.severity"),
        "layer": t("col.layer"),
        "row": t("own.row"),
        "rule": t("col.rule"),
        "value": t("col.value"),
        "column": t("own.column"),
        "file": t("own.file"),
    }
    st.dataframe(shown, hide_index=True, width="stretch", column_config=config)
    text = table.to_csv(index=False).encode("utf-8-sig")
    st.download_button(t("own.download"), text, "faults.csv", "text/csv", key=f"{key}_csv", on_click="ignore")


def _row_text(row: float | None) -> str:
    return "" if row is None or np.isnan(row) else f"{row:.0f}"


def fault_table(faults: tuple[dict[str, Any], ...]) -> pd.DataFrame:
    """Return the findings, the worst first; in Chinese where the page is and a translation exists."""
    table = pd.DataFrame(faults)
    if language() == "zh":
        table["rule"] = table["rule_zh"].fillna(table["rule"])
    order = table["severity"].map({name: number for number, name in enumerate(SEVERITIES)})
    table = table.iloc[order.argsort(kind="stable")][list(COLUMNS)]
    return table.astype({"value": object, "column": object}).fillna({"value": "", "column": "", "file": ""})
