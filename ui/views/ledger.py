"""The ledger of projects: look, change, import with a preview, and see who changed what."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from faults import YijianError
from tracking.ledger_files import export_ledger
from tracking.projects import FIELDS, KINDS, STATUSES
from ui.access import load_access, require
from ui.blocks import figures
from ui.format import count, quantity
from ui.ledger_progress import progress_tab
from ui.ledger_tabs import duplicates_tab, history_tab, import_tab
from ui.page import footer, header, open_page, town_names
from ui.region import ledger_of
from ui.signin import role_here
from ui.words import language, name_of, t

if TYPE_CHECKING:
    from tracking.ledger import Ledger
    from tracking.projects import Field
    from ui.store import Store

SHOWN = (
    "id",
    "name",
    "kind",
    "town",
    "status",
    "capacity_mw_dc",
    "capacity_mw_ac",
    "capacity_mw_unstated",
    "heated_m2",
    "date_operating",
    "date_expected",
    "source",
    "note",
)
SUFFIXES = (".xlsx", ".csv", ".gpkg")


def page() -> None:
    """Show the page."""
    store = open_page()
    header(store, t("ledger.title"), t("ledger.lead"))
    ledger = ledger_of(store)
    if ledger is None:
        st.info(t("ledger.none"))
        footer(store)
        return
    who = st.text_input(t("ledger.who"), key="who", max_chars=40, help=t("ledger.who_help"))
    names = ("projects", "progress", "new", "import", "twice", "history")
    projects, progress, new, imports, twice, history = st.tabs([t(f"ledger.{name}") for name in names])
    with projects:
        _projects(store, ledger, who)
    with progress:
        progress_tab(store)
    with new:
        _new(store, ledger, who)
    with imports:
        import_tab(ledger, who)
    with twice:
        duplicates_tab(ledger, who)
    with history:
        history_tab(ledger)
    footer(store)


def _label(field: Field) -> str:
    words = field.zh if language() == "zh" else field.en[0].upper() + field.en[1:]
    return f"{words} ({field.unit})" if field.unit else words


def _projects(store: Store, ledger: Ledger, who: str) -> None:
    frame = ledger.frame()
    pv = frame[frame["kind"] == "pv"]
    sized = pv[["capacity_mw_dc", "capacity_mw_ac", "capacity_mw_unstated"]].notna().any(axis=1)
    figures(
        [
            (t("ledger.count"), count(len(frame)), ""),
            (t("ledger.pv"), count(len(pv)), t("ledger.unknown", n=int((~sized).sum()))),
            (t("ledger.heat"), count((frame["kind"] == "geothermal").sum()), ""),
            (
                t("ledger.heated"),
                quantity(frame.loc[frame["status"] == "operating", "heated_m2"].sum(), "m2"),
                name_of("project", "operating"),
            ),
        ]
    )
    st.caption(t("ledger.edit"))
    table = frame[list(SHOWN)]
    edited = st.data_editor(
        table,
        hide_index=True,
        width="stretch",
        key="ledger_table",
        disabled=["id"],
        num_rows="fixed",
        placeholder=t("unknown"),
        column_config=_columns(store),
    )
    changes = changed_cells(table, edited)
    left, right = st.columns([1, 3], vertical_alignment="center")
    if left.button(t("ledger.save", n=len(changes)), type="primary", disabled=not changes):
        _save(ledger, frame, changes, who)
    with right:
        _files(ledger)


def changed_cells(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, dict[str, object]]:
    """Return the changed fields by project id; an emptied cell becomes unknown (None)."""
    changes: dict[str, dict[str, object]] = {}
    for (_, old), (_, new) in zip(before.iterrows(), after.iterrows(), strict=True):
        fields = {
            str(name): None if pd.isna(new[name]) else new[name]
            for name in before.columns
            if not (pd.isna(old[name]) and pd.isna(new[name])) and old[name] != new[name]
        }
        if fields:
            changes[str(old["id"])] = fields
    return changes


def _save(ledger: Ledger, frame: pd.DataFrame, changes: dict[str, dict[str, object]], who: str) -> None:
    versions = frame.set_index("id")["version"]
    try:
        for key, values in changes.items():
            require("edit", role_here(load_access()))
            ledger.set(key, values, who=who, version=int(versions[key]))
    except YijianError as error:
        st.error(str(error))
        return
    st.session_state.pop("ledger_table", None)
    st.toast(t("ledger.saved", n=len(changes)))
    st.rerun()


def _columns(store: Store) -> dict[str, Any]:
    fields = {field.name: field for field in FIELDS}
    config = st.column_config
    columns: dict[str, Any] = {name: _label(fields[name]) for name in SHOWN}
    columns["kind"] = config.SelectboxColumn(
        _label(fields["kind"]), options=list(KINDS), format_func=lambda code: name_of("project_kind", code)
    )
    columns["status"] = config.SelectboxColumn(
        _label(fields["status"]), options=list(STATUSES), format_func=lambda code: name_of("project", code)
    )
    names = town_names(store)
    columns["town"] = config.SelectboxColumn(
        _label(fields["town"]),
        options=list(store.towns),
        format_func=lambda code: names.get(str(code), str(code)),
    )
    for name in ("date_operating", "date_expected"):
        columns[name] = config.DateColumn(_label(fields[name]))
    return columns


def _files(ledger: Ledger) -> None:
    columns = st.columns(len(SUFFIXES))
    for column, suffix in zip(columns, SUFFIXES, strict=True):
        column.download_button(
            f"{t('download.button')} {suffix[1:].upper()}",
            data=partial(_exported, ledger, suffix),
            file_name=f"yijian-ledger{suffix}",
            on_click="ignore",
            key=f"ledger{suffix}",
            icon=":material/download:",
            width="stretch",
        )


def _exported(ledger: Ledger, suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"ledger{suffix}"
        export_ledger(ledger, file)
        return file.read_bytes()


def _new(store: Store, ledger: Ledger, who: str) -> None:
    names = town_names(store)
    with st.form("new_project", clear_on_submit=False):
        one, two, three = st.columns(3)
        name = one.text_input(t("col.name"), max_chars=120)
        kind = two.selectbox(t("col.kind"), KINDS, format_func=lambda code: name_of("project_kind", code))
        status = three.selectbox(t("col.status"), STATUSES, format_func=lambda code: name_of("project", code))
        one, two, three, four = st.columns(4)
        town = one.selectbox(
            t("col.town"), ["", *store.towns], format_func=lambda code: names.get(code, t("unknown"))
        )
        dc = two.number_input(f"{t('col.kwp')} (MW)", 0.0, None, None, help=t("ledger.empty"))
        ac = three.number_input(f"{t('col.kw_ac')} (MW)", 0.0, None, None, help=t("ledger.empty"))
        heated = four.number_input(f"{t('col.heatable')} (m²)", 0.0, None, None, help=t("ledger.empty"))
        one, two = st.columns([1, 2])
        when = one.date_input(t("ledger.operating"), value=None)
        source = two.text_input(t("col.source"), max_chars=200)
        sent = st.form_submit_button(t("ledger.add"), type="primary")
    if not sent:
        return
    given = {
        "name": name,
        "kind": kind,
        "status": status,
        "town": town,
        "capacity_mw_dc": dc,
        "capacity_mw_ac": ac,
        "heated_m2": heated,
        "date_operating": when.isoformat() if when else None,
        "source": source,
    }
    try:
        require("edit", role_here(load_access()))
        key = ledger.add({field: value for field, value in given.items() if value not in (None, "")}, who=who)
    except YijianError as error:
        st.error(str(error))
        return
    st.success(t("ledger.added", id=key))
