"""Assessments started from a page: they work on when the page is closed, and can be watched and cancelled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

from faults import Fault, InputError, RunError
from layers.region import EMBEDDED, load_region
from ui.assess_work import write_text
from ui.runs import RUN_VARIABLE, home

State = Literal["running", "finished", "failed", "cancelled", "lost"]
WORKERS = 2
NICE = 10
LONGEST = 20_000
"""Longest text of a scenario."""


@dataclass(frozen=True)
class Assessment:
    """One assessment: what it is of, and how far it is."""

    folder: Path
    region: str
    name: str
    started: float
    """Seconds since 1970."""
    state: State
    share: float
    stage: str
    error: str
    run: Path | None

    @property
    def seconds(self) -> float:
        """Seconds since it was started."""
        return time.time() - self.started


def regions() -> dict[str, Path]:
    """Return the regions that can be assessed: the embedded one, and those made from own data."""
    own = {file.parent.name: file for file in sorted((home() / "regions").glob("*/region.toml"))}
    return {load_region(EMBEDDED).id: EMBEDDED, **own}


def assessments() -> tuple[Assessment, ...]:
    """Return all assessments started from pages, the newest first."""
    folders = sorted(_home().glob("*/job.json"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    return tuple(_read(file.parent) for file in folders)


def start(region: str, *, scenario: str = "", only: Literal["sites", "heat"] | None = None) -> Assessment:
    """Start an assessment of a region with the text of a scenario (TOML; empty: none).

    Raises
    ------
    InputError
        There is no such region, or the scenario is too long.
    RunError
        Another one is running.
    """
    known = regions()
    if region not in known:
        raise InputError([Fault("assessment", None, "region", region, f"must be one of {', '.join(known)}")])
    if len(scenario) > LONGEST:
        raise InputError([Fault("assessment", None, "scenario", None, f"has more than {LONGEST} characters")])
    if any(one.state == "running" for one in assessments()):
        raise RunError("an assessment is running; wait for it or cancel it")
    name = time.strftime("%Y%m%d-%H%M%S-") + uuid.uuid4().hex[:4]
    folder = _home() / name
    folder.mkdir(parents=True)
    if scenario.strip():
        write_text(folder / "scenario.toml", scenario)
    job = {
        "region": str(known[region].resolve()),
        "name": region,
        "run": str((home() / "runs" / f"{region}-{name}").resolve()),
        "only": only,
        "workers": WORKERS,
        "started": time.time(),
    }
    write_text(folder / "job.json", json.dumps(job))
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "ui.assess_work", str(folder.resolve())],
            cwd=Path(__file__).resolve().parent.parent,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    threading.Thread(target=process.wait, daemon=True).start()  # so that no dead process is left behind
    os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
    born = psutil.Process(process.pid).create_time()
    write_text(folder / "process.json", json.dumps({"pid": process.pid, "born": born}))
    return _read(folder)


def cancel(one: Assessment) -> None:
    """Stop an assessment; the run that was there before stays."""
    process = _process(one.folder)
    if process is None:
        return
    write_text(one.folder / "cancelled.txt", "")
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(5)
    except psutil.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def use(one: Assessment) -> None:
    """Show this assessment's run to everybody who uses this process.

    Raises
    ------
    RunError
        It has no run.
    """
    if one.run is None:
        raise RunError(f"{one.folder.name}: this assessment has no run")
    os.environ[RUN_VARIABLE] = str(one.run)


def _home() -> Path:
    return home() / "assessments"


def _read(folder: Path) -> Assessment:
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    told = _text(folder / "progress.json")
    progress: dict[str, Any] = json.loads(told) if told else {"share": 0.0, "stage": ""}
    error, run = _text(folder / "error.txt"), _text(folder / "run.txt")
    return Assessment(
        folder=folder,
        region=job["region"],
        name=job["name"],
        started=float(job["started"]),
        state=_state(folder, error=error, run=run),
        share=1.0 if run else float(progress["share"]),
        stage=str(progress["stage"]),
        error=error,
        run=Path(run) if run else None,
    )


def _state(folder: Path, *, error: str, run: str) -> State:
    if run:
        return "finished"
    if (folder / "cancelled.txt").is_file():
        return "cancelled"
    if error:
        return "failed"
    if not (folder / "process.json").is_file():
        return "running"  # it is being started
    return "running" if _process(folder) is not None else "lost"


def _process(folder: Path) -> psutil.Process | None:
    """Return the process of an assessment, if it still is that process."""
    told = _text(folder / "process.json")
    if not told:
        return None
    named = json.loads(told)
    try:
        process = psutil.Process(named["pid"])
        alive = process.create_time() == named["born"] and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None
    return process if alive else None


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""
