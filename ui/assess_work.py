"""One assessment in a process of its own: `python -m ui.assess_work FOLDER` does what FOLDER/job.json says.

It writes progress.json while it works, and at the end run.txt (where the run is) or error.txt (why not).
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from assessment.assess import Settings, assess_region
from assessment.scenario import load_scenario
from faults import YijianError
from layers.region import load_region

EVERY_S = 0.3


def work(folder: Path) -> None:
    """Do the assessment of a folder; what goes wrong is written there, not raised."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    told = [0.0]

    def progress(share: float, stage: str) -> None:
        if time.monotonic() - told[0] >= EVERY_S:
            told[0] = time.monotonic()
            write_text(folder / "progress.json", json.dumps({"share": share, "stage": stage}))

    scenario = folder / "scenario.toml"
    try:
        settings = Settings(
            only=job["only"],
            scenario=load_scenario(scenario if scenario.is_file() else None),
            workers=job["workers"],
        )
        assess_region(
            load_region(Path(job["region"])), out=Path(job["run"]), settings=settings, progress=progress
        )
    except YijianError as error:
        write_text(folder / "error.txt", str(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, the page says it
        write_text(folder / "error.txt", f"{type(error).__name__}: {error}")
    else:
        write_text(folder / "run.txt", job["run"])


def write_text(file: Path, text: str) -> None:
    """Write a file so that readers see the old or the new text, never half of it."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)


if __name__ == "__main__":
    work(Path(sys.argv[1]))
