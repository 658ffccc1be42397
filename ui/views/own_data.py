"""Own data: upload a layer, see everything that is wrong with it, and how to use it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from layers.checks import check_path
from layers.region import LAYER_NAMES
from ui.blocks import figures
from ui.format import amount, count, percent
from ui.page import footer, header, open_page
from ui.region import region_of
from ui.state import local
from ui.words import name_of, t

if TYPE_CHECKING:
    from layers.checks import CheckReport, LayerCheck
    from ui.store import Store

TYPES = ["gpkg", "geojson", "json", "parquet", "csv", "zip", "tif", "tiff", "kml"]
MOST_FAULTS = 2000


def page() -> None:
    """Show the page."""
    store = open_page()
    header(store, t("own.title"), t("own.lead"))
    left, right = st.columns([1, 2], gap="large")
    with left:
        layer = st.selectbox(
            t("own.layer"),
            ["", *LAYER_NAMES],
            key=local("own_layer"),
            format_func=lambda code: name_of("layer", code) if code else t("own.guess"),
        )
        file = st.file_uploader(t("own.file"), type=TYPES, key="own_file", help=t("own.help"))
        st.caption(t("own.private"))
    with right:
        if file is None:
            st.markdown(t("own.how"))
        else:
            _report(_check(store, file.name, file.getvalue(), layer or None), layer)
    footer(store)


def _check(store: Store, name: str, content: bytes, layer: str | None) -> CheckReport:
    with st.spinner(t("own.working")), tempfile.TemporaryDirectory() as folder:
        path = save_upload(Path(folder), name, content)
        region = region_of(store.run)
        return check_path(path, as_layer=layer, region=region)


def save_upload(folder: Path, name: str, content: bytes) -> Path:
    """Write an upload into a folder under its plain name, so that nothing can leave the folder.

    Archives stay packed: the readers look into them within limits.
    """
    path = folder / Path(name).name
    path.write_bytes(content)
    return path


def _report(report: CheckReport, layer: str) -> None:
    if report.ok:
        st.success(t("own.ok"))
    else:
        st.error(t("own.wrong"))
    for check in report.layers:
        _layer(check)
    if report.faults:
        st.subheader(t("own.faults", n=len(report.faults)))
        rows = [fault.as_dict() for fault in report.faults[:MOST_FAULTS]]
        frame = pd.DataFrame(rows)
        st.dataframe(frame, hide_index=True, width="stretch", column_config=_columns())
        st.download_button(
            t("own.download"),
            frame.to_csv(index=False).encode("utf-8-sig"),
            "faults.csv",
            "text/csv",
            on_click="ignore",
        )
    name = report.layers[0].layer if report.layers else layer or "buildings"
    st.subheader(t("own.use"))
    st.markdown(t("own.use_text"))
    st.code(
        f'[layers.{name}]\npath = "{Path(report.path).name}"\nsource = "…"\nlicence = "…"\nconfidence = "H"',
        language="toml",
    )
    st.code("yijian check .\nyijian assess .\nyijian app", language="bash")


def _layer(check: LayerCheck) -> None:
    figures(
        [
            (t("col.layer"), name_of("layer", check.layer), check.crs),
            (t("col.rows"), count(check.rows), t("own.usable", n=count(check.usable))),
            (t("col.rejected"), count(check.rejected), t("own.left_out", n=count(check.left_out))),
            (t("own.score"), amount(check.score, "%"), t("own.score_note")),
        ]
    )
    if check.known:
        frame = pd.DataFrame(
            [{t("own.column"): name, t("own.known"): percent(share)} for name, share in check.known.items()]
        )
        st.dataframe(frame, hide_index=True, width="stretch")


def _columns() -> dict[str, Any]:
    return {
        "layer": t("col.layer"),
        "row": t("own.row"),
        "column": t("own.column"),
        "value": t("col.value"),
        "rule": t("col.rule"),
        "severity": t("own.severity"),
        "file": t("own.file"),
    }
