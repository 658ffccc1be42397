"""Tabs of the ledger's page: importing a table, projects entered twice, and who changed what."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from faults import YijianError
from tracking.duplicates import suspected
from tracking.ledger_import import apply_import, preview_import
from tracking.projects import FIELDS
from ui.access import load_access, require
from ui.blocks import figures
from ui.format import count
from ui.own_upload import save_upload
from ui.signin import role_here
from ui.words import language, t

if TYPE_CHECKING:
    from tracking.ledger import Ledger
    from tracking.ledger_import import Preview

MOST_PAIRS = 30


def import_tab(ledger: Ledger, who: str) -> None:
    """Look at a table before it is applied; headings that are not understood are named by hand."""
    st.caption(t("ledger.import_note"))
    file = st.file_uploader(
        t("ledger.file"), type=["csv", "xlsx", "xls", "gpkg", "geojson"], key="ledger_file"
    )
    if file is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = save_upload(Path(folder), file.name, file.getvalue())
        try:
            preview = preview_import(ledger, path)
            if mapping := _mapping(preview):
                preview = preview_import(ledger, path, mapping={**preview.mapping, **mapping})
        except YijianError as error:
            st.error(str(error))
            return
    counts = preview.counts
    figures([(t(f"ledger.step_{name}"), count(counts[name]), "") for name in ("add", "set", "same")])
    for fault in preview.faults:
        (st.error if fault.severity == "error" else st.warning)(str(fault))
    for suspicion in preview.suspicions:
        st.warning(str(suspicion))
    st.dataframe(preview.frame().dropna(axis=1, how="all"), hide_index=True, width="stretch")
    if st.button(t("ledger.apply"), type="primary", disabled=not preview.applicable):
        try:
            require("edit", role_here(load_access()))
            done = apply_import(ledger, preview, who=who)
        except YijianError as error:
            st.error(str(error))
            return
        st.success(t("ledger.applied", add=done["add"], set=done["set"]))


def _mapping(preview: Preview) -> dict[str, str]:
    """Ask what the headings mean that no field was found for; return heading by field."""
    if not preview.ignored:
        return {}
    st.caption(t("ledger.map"))
    free = [field for field in FIELDS if field.name not in preview.mapping]
    words = {field.name: field.zh if language() == "zh" else field.en for field in free}
    columns = st.columns(min(len(preview.ignored), 4))
    chosen = {
        heading: columns[place % len(columns)].selectbox(
            heading,
            [field.name for field in free],
            None,
            format_func=lambda name: words[name],
            key=f"map_{heading}",
            placeholder=t("ledger.not_imported"),
        )
        for place, heading in enumerate(preview.ignored)
    }
    return {str(name): heading for heading, name in chosen.items() if name is not None}


def duplicates_tab(ledger: Ledger, who: str) -> None:
    """List pairs that may be one project, and merge them."""
    frame = ledger.frame()
    pairs = suspected([{str(key): value for key, value in row.items()} for row in frame.to_dict("records")])
    st.caption(t("ledger.twice_how"))
    if not pairs:
        st.info(t("ledger.twice_none"))
    names = dict(zip(frame["id"], frame["name"], strict=True))
    for pair in pairs[:MOST_PAIRS]:
        words, first, second = st.columns([3, 1, 1], vertical_alignment="center")
        why = pair.zh if language() == "zh" else pair.en
        words.markdown(f"**{names[pair.first]}** · **{names[pair.second]}**  \n{why} ({pair.score:.0%})")
        for place, keep, drop in ((first, pair.first, pair.second), (second, pair.second, pair.first)):
            if place.button(
                t("ledger.keep", name=names[keep][:12]), key=f"merge_{keep}_{drop}", width="stretch"
            ):
                _merge(ledger, keep, drop, who)


def _merge(ledger: Ledger, keep: str, drop: str, who: str) -> None:
    try:
        require("edit", role_here(load_access()))
        ledger.merge(keep, drop, who=who)
    except YijianError as error:
        st.error(str(error))
        return
    st.rerun()


def history_tab(ledger: Ledger) -> None:
    """Show who changed what."""
    frame = ledger.history().iloc[::-1]
    st.caption(t("ledger.history_note", n=len(frame)))
    config = st.column_config
    st.dataframe(
        frame.head(500).astype({"old": str, "new": str}),
        hide_index=True,
        width="stretch",
        height=420,
        column_config={
            "at": config.DatetimeColumn(t("ledger.at"), format="YYYY-MM-DD HH:mm"),
            "who": t("ledger.by"),
            "action": t("ledger.action"),
            "id": t("col.id"),
            "version": t("ledger.version"),
            "field": t("ledger.field"),
            "old": t("ledger.old"),
            "new": t("ledger.new_value"),
        },
    )
