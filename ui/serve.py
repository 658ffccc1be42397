"""Serves the app: Streamlit's pages and our own routes in one process on one port."""

from __future__ import annotations

import logging
import os
import tomllib
import uuid
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from starlette.middleware import Middleware

from faults import YijianError
from ui.access import check_listening, load_access
from ui.memory import give_back, keep_little
from ui.routes import routes
from ui.runs import RUN_VARIABLE, current_store
from ui.service import METRICS, gate, watch_routes
from ui.shell import Shell
from ui.warm import in_background
from ui.words import t

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MAIN = Path(__file__).resolve().parent / "main.py"
log = logging.getLogger(__name__)
CONFIG = Path(__file__).resolve().parent / "config.toml"


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Open the run before the first visitor comes, and keep the collector away from what stays for ever.

    What first clicks need is prepared in the background, so that the app answers meanwhile.
    """
    with suppress(YijianError):  # the page says it, with what to do
        current_store()
    give_back()
    in_background()
    yield {}


def say_error(error: Exception) -> bool:
    """Say that something went wrong, with a number that is also in the log; the log has the details."""
    number = uuid.uuid4().hex[:8]
    METRICS.error()
    log.error("page error %s", number, exc_info=error)
    known = isinstance(error, YijianError)
    st.error(t("app.failed", error=str(error) if known else type(error).__name__, number=number))
    return True


def make_app() -> st.App:
    """Return the app with everything that stands around its pages: gate, own routes, watching.

    Raises
    ------
    InputError
        The configuration of access says what nobody understands.
    """
    return st.App(
        MAIN,
        routes=[*routes(), *watch_routes()],
        middleware=[*gate(), Middleware(Shell)],
        lifespan=lifespan,
        on_script_error=say_error,
    )


def serve(run: Path, *, host: str = "127.0.0.1", port: int = 8501) -> None:
    """Serve a run until interrupted.

    Raises
    ------
    RunError
        When `run` is no run folder, or `host` lets other machines in and no sign-in is configured; before
        anything is started.
    """
    check_listening(host, load_access())
    os.environ[RUN_VARIABLE] = str(run.resolve())
    keep_little()
    current_store()
    make_app().run(config={**_options(), "server.address": host, "server.port": port})


def _options() -> dict[str, Any]:
    """Return the project's configuration as dotted options, so that it holds from any working folder."""
    tree = tomllib.loads(CONFIG.read_text(encoding="utf-8")) if CONFIG.is_file() else {}
    return {
        f"{section}.{name}": value
        for section, options in tree.items()
        for name, value in options.items()
        if not isinstance(value, dict)
    } | {
        f"{section}.{name}.{key}": value
        for section, options in tree.items()
        for name, part in options.items()
        if isinstance(part, dict)
        for key, value in part.items()
    }
