"""What every page begins and ends with: its title, the language switch, notes on the data."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from faults import YijianError
from ui.places import town_names, township_names
from ui.runs import current_store
from ui.state import put, remember, take, widget, write_address
from ui.words import LANGUAGES, language, t

if TYPE_CHECKING:
    from ui.store import Store

__all__ = [
    "choose_town", "footer", "header", "open_page", "town_names", "township_names",
]  # fmt: skip
LANGUAGE_NAMES = {"zh": "中文", "en": "English"}


@lru_cache(maxsize=1)
def _styles() -> str:
    return (Path(__file__).parent / "static" / "page.css").read_text(encoding="utf-8")


def open_page() -> Store:
    """Return the run that is shown, with the session's state ready; without one, say what to do and stop."""
    try:
        store = current_store()
    except YijianError as error:
        st.title(t("app.name"))
        st.info(t("app.no_run"))
        st.code("yijian assess\nyijian app", language="bash")
        st.caption(str(error))
        st.stop()
    remember(store)
    st.html(f"<style>{_styles()}</style>")
    return store


def header(store: Store, title: str, lead: str = "") -> None:
    """Show the page's title with one sentence, and the language switch at its right."""
    left, right = st.columns([5, 1], vertical_alignment="top")
    with right, st.container(horizontal_alignment="right"):
        st.segmented_control(
            t("app.language"),
            LANGUAGES,
            key=widget("lang"),
            required=True,
            label_visibility="collapsed",
            on_change=take,
            args=("lang",),
            format_func=LANGUAGE_NAMES.__getitem__,
        )
    with left:
        region = store.run.manifest["region"]
        st.html(
            f'<div class="yj-eyebrow">{region[f"name_{language()}"]} · {t("app.name")}</div>'
            f'<h1 class="yj-title">{title}</h1>' + (f'<p class="yj-lead">{lead}</p>' if lead else "")
        )
    if missing := store.run.manifest.get("incomplete"):
        st.warning(t("app.incomplete", n=len(missing)))
    for name in st.session_state.pop("wrong_address", ()):
        st.warning(t("app.wrong_address", name=name))


def footer(store: Store) -> None:
    """Say where the data is from and what it is not, then bring the address up to date."""
    manifest = store.run.manifest
    notes = []
    if manifest.get("demo_layers"):
        layers = "、" if language() == "zh" else ", "
        notes.append(
            t("demo.long", layers=layers.join(t(f"layer.{name}") for name in manifest["demo_layers"]))
        )
    notes.append(manifest.get(f"boundary_note_{language()}") or "")
    notes.append(t("app.disclaimer"))
    body = "".join(f"<p>{note}</p>" for note in notes if note)
    st.html(f'<footer class="yj-footer">{body}<p>{t("app.run", run=manifest["run_id"])}</p></footer>')
    write_address()


def choose_town(store: Store, *, all_towns: bool = True) -> str:
    """Let the user choose a town, or all of them; return its code, empty for all."""
    options = ["", *store.towns] if all_towns else list(store.towns)
    if not all_towns and not st.session_state["town"]:
        put("town", store.towns[0])
    names = town_names(store)
    st.selectbox(
        t("col.town"),
        options,
        key=widget("town"),
        on_change=take,
        args=("town",),
        format_func=lambda code: names[code] if code else t("app.all_towns"),
    )
    town: str = st.session_state["town"]
    return town
