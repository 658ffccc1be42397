"""Downloads: files are made by `exports` when they are asked for, never before."""

from __future__ import annotations

import io
import tempfile
import zipfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from exports.report import REPORTS, write_report
from exports.sites import FORMATS, export_table
from ui.region import projects_of, targets_of
from ui.state import local
from ui.words import language, t

if TYPE_CHECKING:
    from ui.store import Store
    from ui.words import Language

OFFERED = ("xlsx", "csv", "geojson", "gpkg", "parquet", "kml", "shp")
"""Formats in the order of the list."""


def export_bytes(store: Store, kind: str, file_format: str, **choices: Any) -> bytes:  # noqa: ANN401 - of export_table
    """Return one export as bytes; formats of several files come as one ZIP."""
    with tempfile.TemporaryDirectory() as folder:
        result = export_table(store.run, kind, Path(folder) / kind, format=file_format, **choices)
        files = result.files or (result.path,)
        if len(files) == 1:
            return result.path.read_bytes()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.name)
        return packed.getvalue()


def suffix_of(file_format: str) -> str:
    """Return the suffix of the downloaded file: Shapefiles and CSV with their companions come as ZIP."""
    return ".zip" if file_format in ("shp", "shp-gbk", "csv") else FORMATS[file_format].suffix


def downloads(store: Store, kind: str, name: str, *, key: str, **choices: Any) -> None:  # noqa: ANN401
    """Show the choice of format and the button; the file is made when the button is pressed."""
    left, right = st.columns([1, 1], vertical_alignment="bottom")
    with left:
        chosen = st.selectbox(
            t("download.format"), OFFERED, key=local(f"{key}_format"), format_func=lambda f: t(f"format.{f}")
        )
    with right:
        st.download_button(
            t("download.button"),
            data=partial(export_bytes, store, kind, chosen, **choices),
            file_name=f"{name}{suffix_of(chosen)}",
            mime="application/octet-stream",
            on_click="ignore",
            key=f"{key}_{chosen}",
            icon=":material/download:",
            width="stretch",
        )


def report_bytes(store: Store, town: str, file_format: str, lang: Language) -> bytes:
    """Return the office's report of a town, or of the region where `town` is empty."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report"
        targets, projects = targets_of(store), projects_of(store)
        report = write_report(
            store.run, town or None, out, format=file_format, lang=lang, targets=targets, projects=projects
        )
        return report.read_bytes()


def report_downloads(store: Store, town: str, *, key: str) -> None:
    """Offer the report in the language of the page."""
    left, right = st.columns([1, 1], vertical_alignment="bottom")
    with left:
        chosen = st.selectbox(
            t("download.format"),
            list(REPORTS),
            key=local(f"{key}_report"),
            format_func=lambda name: t(f"report.{name}"),
        )
    with right:
        st.download_button(
            t("download.button"),
            data=partial(report_bytes, store, town, chosen, language()),
            file_name=f"yijian-{town or 'region'}-{language()}.{chosen}",
            on_click="ignore",
            key=f"{key}_report_{chosen}_{language()}",
            icon=":material/download:",
            width="stretch",
        )
