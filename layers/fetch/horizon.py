"""The horizon that terrain makes at a place, from PVGIS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pandas as pd

from layers.demo_source import NO_PROGRESS
from layers.fetch.download import FetchError, download, forget
from layers.fetch.written import Fetched, Origin, write_origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PVGIS_HORIZON = "https://re.jrc.ec.europa.eu/api/v5_3/printhorizon"
ORIGIN = Origin(
    "PVGIS horizon", "free with attribution", "PVGIS © European Union, 2001-2025",
    notes=("from terrain of about 90 m: buildings and trees are not in it",),
)  # fmt: skip
SOUTH_DEG = 180.0
"""PVGIS counts from south, east negative; here north is 0, clockwise."""


def fetch_horizon(
    lat: float,
    lon: float,
    out: Path,
    *,
    url: str = PVGIS_HORIZON,
    progress: Callable[[float, str], None] = NO_PROGRESS,
) -> Fetched:
    """Fetch the horizon of a place as CSV: azimuth_deg (0 = north, clockwise), horizon_deg.

    Raises
    ------
    FetchError
        No connection, or the answer is no horizon.
    """
    address = f"{url}?{urlencode({'lat': f'{lat:.5f}', 'lon': f'{lon:.5f}', 'outputformat': 'json'})}"
    answer = download(address, progress=progress)
    try:
        profile = json.loads(answer.path.read_bytes())["outputs"]["horizon_profile"]
        rows = [((float(row["A"]) + SOUTH_DEG) % 360.0, float(row["H_hor"])) for row in profile]
    except (ValueError, KeyError, TypeError) as error:
        forget(answer.path)
        raise FetchError(f"{url} answers no horizon for {lat:g}, {lon:g}") from error
    table = pd.DataFrame(rows, columns=["azimuth_deg", "horizon_deg"]).drop_duplicates("azimuth_deg")
    out.parent.mkdir(parents=True, exist_ok=True)
    table.sort_values("azimuth_deg").to_csv(out, index=False)
    origin = Origin(ORIGIN.title, ORIGIN.licence, ORIGIN.attribution, (address,), ORIGIN.notes)
    return write_origin(out, origin, rows=len(table), bbox=None)
