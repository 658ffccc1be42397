"""A new region from uploads and open data: check, preview, changes on request, and its folder."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import streamlit as st

from faults import YijianError
from ui.access import load_access, may, require
from ui.own_offers import agreed_before, offer_changes, ticked
from ui.own_report import show_report
from ui.own_sources import columns_of, open_data, own_files, weather
from ui.own_upload import TYPES, careful, session_folder, taken
from ui.own_words import error_text
from ui.own_work import Draft, Shown, make_draft
from ui.runs import home
from ui.signin import role_here
from ui.words import name_of, t

if TYPE_CHECKING:
    from pathlib import Path

FETCH_S = 900.0
"""Time for a draft with open data in it; what is fetched is kept, so that another try goes on from there."""


def region_form() -> None:
    """Show the form, and below it what came of the last check."""
    if not may("edit", role_here(load_access())):
        st.info(t("own.region_role"))
        return
    st.markdown(t("own.region_how"))
    left, right = st.columns([1, 2], gap="large")
    with left:
        draft = _given()
        pressed = st.button(t("own.make"), type="primary", disabled=draft is None, width="stretch")
        if draft is None:
            st.caption(t("own.need"))
    with right:
        if pressed and draft is not None:
            _make(draft)
        _outcome(draft)


def _given() -> Draft | None:
    """Ask for everything; None where something needed is not given yet."""
    name_zh = st.text_input(t("own.name_zh"), key="own_name_zh").strip()
    name_en = st.text_input(t("own.name_en"), key="own_name_en").strip()
    boundary = st.file_uploader(
        t("own.boundary"), type=TYPES, key="own_boundary", help=t("own.boundary_help")
    )
    try:
        folder = session_folder() / "uploads"
        layers = own_files(folder)
        columns = columns_of(layers or {})
        fetched = open_data(layers or {})
        service, files, normals = weather(folder)
        if not (name_zh and name_en and boundary) or layers is None or not (service or files):
            return None
        place = taken(boundary, folder)
    except YijianError as error:
        st.error(error_text(error))
        return None
    told = {
        name: (*columns.get(name, ()), *settings)
        for name, settings in _settings(layers | {"towns": place}).items()
    }
    return Draft(name_zh, name_en, place, layers, columns | told, fetched, files, service, normals)


def _settings(files: dict[str, Path]) -> dict[str, tuple[str, ...]]:
    """Return the changes that are ticked now, or were when the draft was made of the same file."""
    found: Shown | None = st.session_state.get("own_found")
    before: Draft | None = st.session_state.get("own_draft")
    now = ticked(() if found is None else found.offers)
    old = agreed_before(before, files)
    return {name: tuple(dict.fromkeys((*old.get(name, ()), *now.get(name, ())))) for name in {*old, *now}}


def _make(draft: Draft) -> None:
    bar = st.progress(0.0, t("own.making"))

    def tell(share: float, what: str) -> None:
        bar.progress(min(max(share, 0.0), 1.0), f"{t('own.making')} {what}")

    found = careful(
        make_draft,
        draft,
        session_folder() / "region",
        progress=tell,
        seconds=FETCH_S if draft.fetched or draft.service in {"pvgis", "nasa_power"} else None,
    )
    bar.empty()
    st.session_state["own_found"], st.session_state["own_draft"] = found, draft
    if found is not None:
        st.rerun()


def _outcome(draft: Draft | None) -> None:
    found: Shown | None = st.session_state.get("own_found")
    if found is None:
        return
    stale = draft is not None and draft != st.session_state.get("own_draft")
    if stale:
        st.warning(t("own.changed_since"))
    offer_changes(found.offers)
    show_report(found, key="own_region")
    if found.logs:
        with st.expander(t("own.done")):
            st.markdown("\n".join(f"- {line}" for line in found.logs))
    if found.missing:
        layers = t("own.comma").join(name_of("layer", name) for name in found.missing)
        st.caption(t("own.missing", layers=layers))
    if found.ok and not stale and draft is not None:
        _use(draft)


def _use(draft: Draft) -> None:
    if st.button(t("own.take"), type="primary"):
        try:
            require("edit", role_here(load_access()))
            st.session_state["own_taken"] = str(keep(session_folder() / "region", draft.id))
        except FileExistsError:
            st.error(t("own.exists", id=draft.id))
        except YijianError as error:
            st.error(error_text(error))
    if folder := st.session_state.get("own_taken"):
        st.success(t("own.taken", folder=folder))
        st.markdown(t("own.next"))
        st.code(f"yijian assess {folder}\nyijian app", language="bash")


def keep(draft: Path, name: str) -> Path:
    """Copy a draft to the regions of the app.

    Raises
    ------
    FileExistsError
        There is a region of that name; it is not replaced.
    """
    folder = home() / "regions" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(draft, folder)
    return folder
