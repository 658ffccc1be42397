"""The description the demonstration is generated from: demo.toml of the region, in metres."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Transformer

from faults import Fault, InputError
from layers.demo.plan_check import SHAPES, check_plan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GEOGRAPHIC = "EPSG:4326"
SMOOTHED = ("river", "road", "rail")
STEP_M = 120.0
"""Spacing of the points of a smoothed course."""


@dataclass(frozen=True)
class Feature:
    """One thing of the description: its shape in metres and what else is said of it."""

    name: str
    geometry: shapely.Geometry
    values: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - whatever the file holds
        """Return one value of the description."""
        return self.values[key]

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - whatever the file holds
        """Return one value of the description, or what stands for it where it is not given."""
        return self.values.get(key, default)


@dataclass(frozen=True)
class Plan:
    """Rivers, roads, built areas, heritage and works of a region, and the numbers the rest is drawn with."""

    sections: Mapping[str, tuple[Feature, ...]]
    settings: Mapping[str, Mapping[str, Any]]

    def __getitem__(self, section: str) -> tuple[Feature, ...]:
        """Return the features of a section; a section that is not there is empty."""
        return self.sections.get(section, ())


def read_plan(path: Path, *, crs: str) -> Plan:
    """Read a demo.toml and put its shapes into a metric CRS.

    Raises
    ------
    InputError
        The file is missing or no TOML, or the description is incomplete or points to nothing: all at once.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        rule = "file not found: the region has no description to generate demonstration layers from"
        raise InputError([Fault("demo", None, None, str(path), rule)]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            [Fault("demo", None, None, None, f"is not valid TOML: {error}", file=path.name)]
        ) from error
    check_plan(tables, path.name)
    to_metric = Transformer.from_crs(GEOGRAPHIC, crs, always_xy=True)
    features = {name: rows for name, rows in tables.items() if isinstance(rows, list)}
    return Plan(
        MappingProxyType(
            {name: tuple(_feature(row, name, to_metric) for row in rows) for name, rows in features.items()}
        ),
        MappingProxyType(
            {name: _settings(row, to_metric) for name, row in tables.items() if isinstance(row, dict)}
        ),
    )


def _feature(row: Mapping[str, Any], section: str, to_metric: Transformer) -> Feature:
    shape = next((key for key in SHAPES if key in row), None)
    values = {key: value for key, value in row.items() if key not in {*SHAPES, "name"}}
    values |= {key: _metric(value, to_metric) for key, value in values.items() if key.endswith("_at")}
    if shape is None:
        return Feature(row["name"], shapely.Point(), MappingProxyType(values))
    points = np.array(row[shape], dtype=np.float64).reshape(-1, 2)
    metric = np.round(np.column_stack(to_metric.transform(points[:, 0], points[:, 1])), 2)
    if section in SMOOTHED:
        metric = smooth(metric)
    if "water_m" in values:
        degrees, level_m = np.array(values["water_m"], dtype=np.float64).T
        easting = to_metric.transform(degrees, np.full_like(degrees, points[:, 1].mean()))[0]
        values["water_m"] = np.column_stack([easting, level_m])
    return Feature(row.get("name", ""), _BUILD[shape](metric), MappingProxyType(values))


def _settings(row: Mapping[str, Any], to_metric: Transformer) -> Mapping[str, Any]:
    """Return a table of numbers; keys that end in `_at` are places, put into metres."""
    return MappingProxyType(
        {key: _metric(value, to_metric) if key.endswith("_at") else value for key, value in row.items()}
    )


def _metric(places: Any, to_metric: Transformer) -> np.ndarray:  # noqa: ANN401 - one place or several
    degrees = np.array(places, dtype=np.float64)
    return np.round(np.stack(to_metric.transform(degrees[..., 0], degrees[..., 1]), axis=-1), 2)


_BUILD: dict[str, Any] = {
    "line": shapely.LineString,
    "polygon": shapely.Polygon,
    "at": lambda points: shapely.Point(points[0]),
    "wells": shapely.MultiPoint,
}


def smooth(points: np.ndarray, step_m: float = STEP_M) -> np.ndarray:
    """Return a Catmull-Rom curve through the points, sampled about every `step_m`."""
    before = np.vstack([2.0 * points[0] - points[1], points, 2.0 * points[-1] - points[-2]])
    parts = []
    for p0, p1, p2, p3 in zip(before[:-3], before[1:-2], before[2:-1], before[3:], strict=True):
        count = max(2, int(np.hypot(*(p2 - p1)) // step_m))
        t = np.linspace(0.0, 1.0, count, endpoint=False)[:, None]
        curve = 2.0 * p1 + (p2 - p0) * t + (2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3) * t**2
        parts.append(0.5 * (curve + (3.0 * p1 - p0 - 3.0 * p2 + p3) * t**3))
    return np.round(np.vstack([*parts, points[-1:]]), 2)
