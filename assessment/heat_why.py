"""Why here: the traffic light, the class and the reason in words at any place of a finished run."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import rasterio
from pyproj import Transformer
from rasterio.windows import Window

from assessment.run import HEAT_TECHNOLOGIES
from faults import RunError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from assessment.run import Run

COLUMNS = (
    "point",
    "technology",
    "light",
    "class",
    "score",
    "reason_zh",
    "reason_en",
    "nearest_well_km",
    "best",
)
"""Columns of the answer; outside the towns light, class and reasons are null."""


def why_here(run: Run, lon: ArrayLike, lat: ArrayLike) -> pd.DataFrame:
    """Return why each place is suited or not, one row per place and technology.

    Parameters
    ----------
    run : Run
        A finished run with heat maps.
    lon, lat : array_like
        WGS-84, deg, shape (places,).

    Returns
    -------
    pandas.DataFrame
        Columns COLUMNS: `point` counts the places from 0; `score` is 0 to 1; `best` is the technology that
        carries most of the demand around.

    Raises
    ------
    RunError
        The run holds no reasons: heat was not assessed, or by an older version.
    """
    table = _reasons(run)
    points = metric_points(run, lon, lat)
    near = _sample(run, "nearest_well_km", points)
    best = np.array([None, *HEAT_TECHNOLOGIES], dtype=object)[_codes(run, "best_technology", points)]
    parts = []
    for technology in HEAT_TECHNOLOGIES:
        codes = _codes(run, f"reason_{technology}", points)
        told = table[table["technology"] == technology].set_index("code").reindex(codes)
        parts.append(
            pd.DataFrame(
                {
                    "point": np.arange(len(points)),
                    "technology": technology,
                    **{name: told[name].to_numpy(object) for name in ("light", "class")},
                    "score": _sample(run, f"suitability_{technology}", points),
                    **{name: told[name].to_numpy(object) for name in ("reason_zh", "reason_en")},
                    "nearest_well_km": near,
                    "best": best,
                }
            )
        )
    found = pd.concat(parts, ignore_index=True).sort_values("point", kind="stable", ignore_index=True)
    text = ["light", "class", "reason_zh", "reason_en", "best"]
    found[text] = found[text].astype(object).where(found[text].notna(), None)
    return found[list(COLUMNS)]


def why_card(run: Run, lon: float, lat: float) -> dict[str, dict[str, Any]]:
    """Return the answer for one place by technology, for a card on a map; empty outside the towns."""
    found = why_here(run, lon, lat)
    known = found[found["light"].notna()]
    rows: list[dict[str, Any]] = known.drop(columns="point").to_dict("records")  # type: ignore[assignment]
    return {row["technology"]: row for row in rows}


def _reasons(run: Run) -> pd.DataFrame:
    return pd.read_parquet(_present(run, "heat_reasons.parquet"))


def _present(run: Run, name: str) -> Path:
    file = run.path / name
    if not file.is_file():
        raise RunError(f"{run.path.name}: {name} is missing from the run; assess it again")
    return file


def metric_points(run: Run, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.float64]:
    """Return places (WGS-84, deg) in the metric CRS of the run's heat maps, shape (places, 2)."""
    with rasterio.open(_present(run, f"rasters/reason_{HEAT_TECHNOLOGIES[0]}.tif")) as source:
        to = _to_metric(source.crs.to_wkt())
    lon_deg, lat_deg = (np.atleast_1d(np.asarray(values, float)) for values in (lon, lat))
    return np.stack(to.transform(lon_deg, lat_deg), axis=-1)


@lru_cache(maxsize=8)
def _to_metric(crs: str) -> Transformer:
    """Return the transformer to a CRS; making one takes longer than all else that a card asks."""
    return Transformer.from_crs("EPSG:4326", crs, always_xy=True)


def _codes(run: Run, name: str, points: NDArray[np.float64]) -> NDArray[np.intp]:
    values = _sample(run, name, points)
    return np.where(np.isfinite(values), values, 0).astype(np.intp)


def _sample(run: Run, name: str, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the value of a raster at points; NaN outside it and where it has none."""
    found = np.full(len(points), np.nan)
    with rasterio.open(_present(run, f"rasters/{name}.tif")) as source:
        rows, columns = _cells(source, points)
        inside = (rows >= 0) & (rows < source.height) & (columns >= 0) & (columns < source.width)
        if not inside.any():
            return found
        rows, columns = rows[inside], columns[inside]
        top, left = int(rows.min()), int(columns.min())
        around = Window(left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1)
        band = source.read(1, masked=True, window=around).astype(float).filled(np.nan)
    found[inside] = band[rows - top, columns - left]
    return found


def _cells(
    source: rasterio.DatasetReader, points: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return row and column of points; -1 where a point is no number."""
    known = np.isfinite(points).all(axis=1)
    place = source.transform
    column = np.floor((np.where(known, points[:, 0], -np.inf) - place.c) / place.a)
    row = np.floor((np.where(known, points[:, 1], np.inf) - place.f) / place.e)
    limit = 10.0 * max(source.width, source.height)
    return (
        np.nan_to_num(np.clip(row, -1, limit), nan=-1).astype(np.intp),
        np.nan_to_num(np.clip(column, -1, limit), nan=-1).astype(np.intp),
    )
