"""Scenarios kept by name, as files, and loaded again."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import streamlit as st

from assessment.scenario import load_scenario, scenario_from_tree
from faults import Fault, InputError, YijianError
from tracking.scenario import LARGEST_TEXT, keep_scenario, saved_scenarios, scenario_text
from ui.access import load_access, require
from ui.runs import home
from ui.signin import role_here
from ui.words import t

if TYPE_CHECKING:
    from pathlib import Path

    from assessment.scenario import Scenario
    from ui.store import Store


def folder_of(store: Store) -> Path:
    """Return where the saved scenarios of the run's region are."""
    return home() / "scenarios" / str(store.run.manifest["region"]["id"])


def scenario_files(store: Store, scenario: Scenario, side: str) -> Scenario | None:
    """Show saving, loading and files of one side; return the scenario that was loaded, if any."""
    saved = saved_scenarios(folder_of(store))
    left, right = st.columns(2, vertical_alignment="bottom")
    if left.button(t("scenario.save"), key=f"save_{side}", icon=":material/save:", width="stretch"):
        _save(store, scenario)
    right.download_button(
        t("scenario.download"),
        scenario_text(scenario),
        "yijian-scenario.toml",
        "application/toml",
        key=f"file_{side}",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
    )
    chosen = left.selectbox(t("scenario.saved"), sorted(saved), None, key=f"saved_{side}", placeholder="—")
    if right.button(t("scenario.load"), key=f"load_{side}", disabled=chosen is None, width="stretch"):
        return _read(saved[str(chosen)])
    return _uploaded(side)


def _save(store: Store, scenario: Scenario) -> None:
    try:
        require("edit", role_here(load_access()))
        keep_scenario(scenario, folder_of(store))
    except YijianError as error:
        st.error(str(error))
        return
    st.toast(t("scenario.kept", name=scenario.name))


def _read(file: Path) -> Scenario | None:
    try:
        return load_scenario(file)
    except InputError as error:
        st.error(str(error))
        return None


def _uploaded(side: str) -> Scenario | None:
    """Read an uploaded file once; it is not read again while it stands in the box."""
    file = st.file_uploader(t("scenario.upload"), type=["toml"], key=f"upload_{side}")
    mark = None if file is None else file.file_id
    if mark == st.session_state.get(f"uploaded_{side}"):
        return None
    st.session_state[f"uploaded_{side}"] = mark
    if file is None:
        return None
    try:
        return parse_file(file.getvalue(), file.name)
    except InputError as error:
        st.error(str(error))
        return None


def parse_file(content: bytes, name: str) -> Scenario:
    """Read a scenario from the bytes of a TOML file.

    Raises
    ------
    InputError
        It is too long, no TOML, or says something wrong.
    """
    try:
        if len(content) > LARGEST_TEXT:
            raise ValueError(f"is longer than {LARGEST_TEXT} bytes")  # noqa: TRY301 - one answer for all of them
        tree = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError) as error:
        raise InputError([Fault("scenario", None, None, name, f"cannot be read: {error}")]) from error
    return scenario_from_tree(tree, file=name)
