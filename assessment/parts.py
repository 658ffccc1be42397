"""What a cell came to, as a folder: written whole or not at all, sealed with the digest of each file."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from assessment.inputs import sha256
from assessment.run import EXCLUDED, SITES
from assessment.sites import SiteResult
from assessment.write import write_geo, write_json, write_table

if TYPE_CHECKING:
    from pathlib import Path

    from assessment.blocks import Cell
    from assessment.depot import Depot

SEAL = "part.json"


def name_of(cell: Cell) -> str:
    """Return the name of a cell's part in the depot."""
    return f"parts/{cell.name}"


def write_part(depot: Depot, cell: Cell, result: SiteResult | pd.DataFrame) -> None:
    """Write what a cell came to; only what was set aside where nothing in it is a candidate."""
    depot.put_folder(name_of(cell), lambda folder: _fill(folder, result), seal=SEAL)


def _fill(folder: Path, result: SiteResult | pd.DataFrame) -> None:
    said: dict[str, object] = {"sites": 0, "shaded": 0, "not_checked": [], "towns": []}
    set_aside = result if isinstance(result, pd.DataFrame) else result.set_aside
    write_table(set_aside, folder, "set_aside", csv=False)
    if isinstance(result, SiteResult):
        write_geo(result.frame, folder / "sites.parquet", columns=SITES)
        write_geo(result.excluded, folder / "excluded.parquet", columns=EXCLUDED)
        write_table(result.waterfall, folder, "waterfall", csv=False)
        write_table(result.rule_sets, folder, "rule_sets", csv=False)
        write_table(result.months, folder, "months", csv=False)
        said = {
            "sites": len(result.frame),
            "shaded": result.shaded,
            "not_checked": list(result.not_checked),
            "towns": sorted(set(result.frame["town"])),
        }
    digests = {file.name: sha256(file) for file in sorted(folder.iterdir())}
    write_json(said | {"sha256": digests}, folder / SEAL)


def is_finished(depot: Depot, cell: Cell) -> bool:
    """Say whether a part is there with every byte it was written with."""
    name = name_of(cell)
    if not depot.has(f"{name}/{SEAL}"):
        return False
    if depot.local is not None:
        return is_whole(depot.local / name)
    try:
        digests = json.loads(depot.read(f"{name}/{SEAL}"))["sha256"]
        return all(
            hashlib.sha256(depot.read(f"{name}/{file}")).hexdigest() == digest
            for file, digest in digests.items()
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return False


def is_whole(folder: Path) -> bool:
    """Say whether a folder holds a part with every byte it was written with."""
    try:
        digests = json.loads((folder / SEAL).read_text(encoding="utf-8"))["sha256"]
        return all(sha256(folder / name) == digest for name, digest in digests.items())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def here(depot: Depot, cell: Cell, scratch: Path) -> Path | None:
    """Return the folder of a part on this machine, copied here if need be; None: it is not whole."""
    name = name_of(cell)
    if depot.local is not None:
        folder = depot.local / name
    else:
        folder = scratch / cell.name
        _copy(depot, name, folder)
    return folder if is_whole(folder) else None


def said_by(folder: Path) -> dict[str, Any]:
    """Return what the seal of a part says beside its digests."""
    said: dict[str, Any] = json.loads((folder / SEAL).read_text(encoding="utf-8"))
    return said


def _copy(depot: Depot, name: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    try:
        seal = depot.read(f"{name}/{SEAL}")
        (folder / SEAL).write_bytes(seal)
        for file in json.loads(seal)["sha256"]:
            (folder / file).write_bytes(depot.read(f"{name}/{file}"))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return
