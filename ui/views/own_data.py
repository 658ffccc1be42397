"""Own data: check a layer and see everything that is wrong with it, or make a region of one's own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from faults import YijianError
from layers.region import LAYER_NAMES
from ui.own_offers import say_changes
from ui.own_region import region_form
from ui.own_report import show_report
from ui.own_upload import TYPES, careful, count, save_upload
from ui.own_work import check_upload
from ui.page import footer, header, open_page
from ui.region import region_of
from ui.state import local
from ui.words import name_of, t

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from ui.own_work import Shown
    from ui.store import Store

__all__ = ["page", "save_upload"]
TASKS = ("check", "region")


def page() -> None:
    """Show the page."""
    store = open_page()
    header(store, t("own.title"), t("own.lead"))
    task = st.segmented_control(
        t("own.title"),
        TASKS,
        key=local("own_task"),
        default=TASKS[0],
        required=True,
        label_visibility="collapsed",
        format_func=lambda code: t(f"own.tab_{code}"),
    )
    if task == "region":
        region_form()
    else:
        _layer_form(store)
    footer(store)


def _layer_form(store: Store) -> None:
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
        elif (found := _checked(store, file, layer or None)) is not None:
            show_report(found, key="own_layer")
            say_changes(found.offers, file.name)
            _how_to_use(found, layer, file.name)


def _checked(store: Store, file: UploadedFile, layer: str | None) -> Shown | None:
    """Check an upload once; the page runs anew on every click."""
    key = f"{file.file_id} {layer} {store.key}"
    if st.session_state.get("own_checked_key") != key:
        region = region_of(store.run)
        try:
            count(file)
        except YijianError as error:
            st.error(str(error))
            return None
        with st.spinner(t("own.working")), tempfile.TemporaryDirectory() as folder:
            path = save_upload(Path(folder), file.name, file.getvalue())
            found = careful(check_upload, path, layer, None if region is None else region.file)
        st.session_state["own_checked_key"], st.session_state["own_checked"] = key, found
    shown: Shown | None = st.session_state["own_checked"]
    return shown


def _how_to_use(found: Shown, layer: str, file: str) -> None:
    name = found.layers[0]["layer"] if found.layers else layer or "buildings"
    st.subheader(t("own.use"))
    st.markdown(t("own.use_text"))
    st.code(
        f'[layers.{name}]\npath = "{Path(file).name}"\nsource = "…"\nlicence = "…"\nconfidence = "H"',
        language="toml",
    )
    st.code("yijian check .\nyijian assess .\nyijian app", language="bash")
