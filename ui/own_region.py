"""A new region from uploads: check, preview, conversions on request, and its folder."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import streamlit as st

from faults import YijianError
from layers.spec import LAYER_NAMES
from ui.access import load_access, may, require
from ui.own_report import show_report
from ui.own_upload import TYPES, WEATHER_TYPES, careful, session_folder, taken
from ui.own_work import Draft, Shown, make_draft
from ui.runs import home
from ui.signin import role_here
from ui.words import name_of, t

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.runtime.uploaded_file_manager import UploadedFile

CHOOSABLE = tuple(name for name in LAYER_NAMES if name != "towns")
WEATHER = ("file", "normals", "pvgis", "nasa_power")
DATUM_NAMES = {"gcj02": "GCJ-02", "bd09": "BD-09"}


def region_form() -> None:
    """Show the form, and below it what came of the last check."""
    if not may("edit", role_here(load_access())):
        st.info(t("own.region_role"))
        return
    st.markdown(t("own.region_how"))
    left, right = st.columns([1, 2], gap="large")
    with left:
        draft = _given()
        if st.button(t("own.make"), type="primary", disabled=draft is None, width="stretch"):
            _make(draft)
        if draft is None:
            st.caption(t("own.need"))
    with right:
        _outcome(draft)


def _given() -> Draft | None:
    """Ask for everything; None where something needed is not given yet."""
    name_zh = st.text_input(t("own.name_zh"), key="own_name_zh").strip()
    name_en = st.text_input(t("own.name_en"), key="own_name_en").strip()
    boundary = st.file_uploader(
        t("own.boundary"), type=TYPES, key="own_boundary", help=t("own.boundary_help")
    )
    files = st.file_uploader(
        t("own.layers"), type=TYPES, key="own_layers", accept_multiple_files=True, help=t("own.layers_help")
    )
    try:
        folder = session_folder() / "uploads"
        layers = _layers(files, folder)
        service, weather = _weather(folder)
        if not (name_zh and name_en and boundary) or layers is None or not (service or weather):
            return None
        place = taken(boundary, folder)
    except YijianError as error:
        st.error(str(error))
        return None
    convert = {
        name: datum
        for name, datum, _ in _offsets()
        if st.session_state.get(f"own_convert_{name}_{datum}", False)
    }
    return Draft(name_zh, name_en, place, layers, convert | _converted(layers), weather, service)


def _layers(files: list[UploadedFile], folder: Path) -> dict[str, Path] | None:
    """Match files and layers; None where two files are one layer."""
    layers: dict[str, Path] = {}
    for file in files:
        guess = next((name for name in CHOOSABLE if name in file.name.lower()), "")
        options = ["", *CHOOSABLE]
        name = st.selectbox(
            t("own.is_layer", file=file.name),
            options,
            index=options.index(guess),
            key=f"own_is_{file.file_id}",
            format_func=lambda code: name_of("layer", code) if code else t("own.skip"),
        )
        if name in layers:
            st.error(t("own.twice", layer=name_of("layer", name)))
            return None
        if name:
            layers[name] = taken(file, folder)
    return layers


def _weather(folder: Path) -> tuple[str | None, Path | None]:
    kind = st.selectbox(
        t("own.weather"), WEATHER, key="own_weather", format_func=lambda code: t(f"own.weather_{code}")
    )
    if kind != "file":
        return kind, None
    file = st.file_uploader(t("own.weather_file"), type=WEATHER_TYPES, key="own_weather_file")
    return None, None if file is None else taken(file, folder)


def _offsets() -> tuple[tuple[str, str, str], ...]:
    found: Shown | None = st.session_state.get("own_found")
    return () if found is None else found.offsets


def _converted(layers: dict[str, Path]) -> dict[str, str]:
    """Return the conversions that were agreed to before; once made, nothing is offset any more."""
    before: Draft | None = st.session_state.get("own_draft")
    if before is None:
        return {}
    return {
        name: datum for name, datum in before.convert.items() if before.layers.get(name) == layers.get(name)
    }


def _make(draft: Draft | None) -> None:
    assert draft is not None
    with st.spinner(t("own.making")):
        st.session_state["own_found"] = careful(make_draft, draft, session_folder() / "region")
    st.session_state["own_draft"] = draft
    st.rerun()


def _outcome(draft: Draft | None) -> None:
    found: Shown | None = st.session_state.get("own_found")
    if found is None:
        return
    stale = draft is not None and draft != st.session_state.get("own_draft")
    if stale:
        st.warning(t("own.changed_since"))
    _offer(found)
    show_report(found, key="own_region")
    if found.logs:
        with st.expander(t("own.done")):
            st.markdown("\n".join(f"- {line}" for line in found.logs))
    if found.missing:
        layers = t("own.comma").join(name_of("layer", name) for name in found.missing)
        st.caption(t("own.missing", layers=layers))
    if found.ok and not stale and draft is not None:
        _use(draft)


def _offer(found: Shown) -> None:
    """Offer to undo an offset datum; nothing is undone unless it is ticked and checked again."""
    if not found.offsets:
        return
    with st.container(border=True):
        st.markdown(f"**{t('own.offset')}**")
        for name, datum, _ in found.offsets:
            label = t("own.convert", layer=name_of("layer", name), datum=DATUM_NAMES[datum])
            st.checkbox(label, key=f"own_convert_{name}_{datum}")
        st.caption(t("own.offset_note"))


def _use(draft: Draft) -> None:
    if st.button(t("own.take"), type="primary"):
        try:
            require("edit", role_here(load_access()))
            st.session_state["own_taken"] = str(keep(session_folder() / "region", draft.id))
        except FileExistsError:
            st.error(t("own.exists", id=draft.id))
        except YijianError as error:
            st.error(str(error))
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
