"""What first visitors would wait for, done once in the background as soon as the app answers."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from faults import YijianError
from ui.card import card
from ui.casters import casters_of
from ui.hours_all import prepare_hours
from ui.kernels import ensure_kernels
from ui.map_legends import class_limits_of
from ui.map_parts import map_parts
from ui.memory import give_back
from ui.panels import site_html
from ui.runs import current_store
from ui.service import METRICS
from ui.shade import read_moment, shadow_picture
from ui.whatif import WhatIf
from ui.whatif_map import scenario_html, values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.store import Store

log = logging.getLogger(__name__)
REACH_DEG = 0.002
"""Half the side of the first picture of shadows."""
QUIET_S, STEP_S, LONGEST_WAIT_S = 4.0, 0.5, 120.0


def in_background() -> threading.Thread:
    """Start the work in a thread that ends with the process."""
    thread = threading.Thread(target=warm, name="warm", daemon=True)
    thread.start()
    return thread


def warm() -> None:
    """Do all of it; what fails is logged, for whoever asks for it is told why then."""
    try:
        store = current_store()
    except YijianError as error:
        log.info("nothing to prepare: %s", error)
        return
    start = time.perf_counter()
    for name, work in TASKS.items():
        if name in HEAVY:
            wait_for_quiet()
        try:
            work(store)
        except (YijianError, OSError, KeyError, IndexError) as error:
            log.info("not prepared: %s: %s", name, error)
    give_back()
    log.info("prepared in %.1f s", time.perf_counter() - start)


def wait_for_quiet() -> None:
    """Return when nobody has asked for anything for a while, so that first visitors do not share a core."""
    for _ in range(round(LONGEST_WAIT_S / STEP_S)):
        if METRICS.quiet_s() >= QUIET_S:
            return
        time.sleep(STEP_S)


def _map(store: Store) -> None:
    class_limits_of(store.key)
    map_parts(store.key)


def _card(store: Store) -> None:
    card(store, "sites", 0, "zh")
    site_html(store, 0, "zh")


def _scenario(store: Store) -> None:
    ensure_kernels()
    moved = WhatIf(price=0.9).text()
    for lang in ("zh", "en"):
        scenario_html(store, moved, "", lang)
    values_of(store.key, moved)


def _shade(store: Store) -> None:
    casters_of(store, generate=False)
    site = store.layers["sites"].row(0)
    around = (
        site["lon"] - REACH_DEG,
        site["lat"] - REACH_DEG,
        site["lon"] + REACH_DEG,
        site["lat"] + REACH_DEG,
    )
    shadow_picture(store, around, read_moment("06-21", "12"))


def _hours(store: Store) -> None:
    casters_of(store, generate=False)  # layers that are not generated yet are not waited for
    prepare_hours(store)


TASKS: dict[str, Callable[[Store], None]] = {
    "map": _map,
    "card": _card,
    "scenario": _scenario,
    "shade": _shade,
    "hours": _hours,
}
"""In the order in which a visitor would miss them."""
HEAVY = ("shade", "hours")
"""Seconds of a core, for what few visitors ask first."""
