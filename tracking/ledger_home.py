"""Where a region's ledger is kept, and its first opening: the projects that the region brings along."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from faults import InputError
from layers.sources import read_layer
from tracking.ledger import Ledger
from tracking.ledger_import import apply_import, preview_import

if TYPE_CHECKING:
    from layers.region import Region

URL_VARIABLE = "YIJIAN_LEDGER"
"""Environment variable with the ledger's URL, so that no password stands on a command line."""
HOME_VARIABLE = "YIJIAN_HOME"
FIRST = "region"
"""Who is named in the history for the projects that the region brings along."""


def ledger_url(region: Region | None = None) -> str:
    """Return the URL of the ledger: $YIJIAN_LEDGER, else a file in the folder of everything generated.

    The embedded region has `ledger.sqlite`, every other region a file with its own id.
    """
    if url := os.environ.get(URL_VARIABLE):
        return url
    home = Path(os.environ.get(HOME_VARIABLE, Path(__file__).parent.parent / "var"))
    name = "ledger" if region is None or region.id == "xixian" else f"ledger-{region.id}"
    return f"sqlite:///{home / f'{name}.sqlite'}"


def open_ledger(region: Region, url: str | None = None) -> Ledger:
    """Open the ledger of a region; an empty one takes the region's own projects first."""
    ledger = Ledger(url or ledger_url(region), towns=town_names(region))
    if region.projects is not None and ledger.is_untouched():
        preview = preview_import(ledger, region.projects)
        try:
            apply_import(ledger, preview, who=FIRST)
        except InputError:
            if ledger.is_untouched():  # else another process was first, which is as good
                raise
    return ledger


def town_names(region: Region) -> dict[str, tuple[str, ...]]:
    """Return the names of the region's towns by id; empty where the region has no towns."""
    layer = read_layer(region, "towns")
    if layer is None:
        return {}
    columns = [layer.frame[name] for name in ("id", "name_zh", "name_en")]
    return {str(key): (str(zh), str(en)) for key, zh, en in zip(*columns, strict=True)}
