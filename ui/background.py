"""The quiet map under the sites: rivers, roads, railways and protected zones of the run's own layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from assessment.run import Run

LOOKS: dict[str, tuple[tuple[str, ...], tuple[str, ...], float]] = {
    "river_range": (("river_management",), ("range",), 0.0),
    "wetland": (("wetland",), (), 0.0),
    "water": (("river_management",), ("water",), 0.0),
    "heritage_control": (("heritage_control",), (), 0.0),
    "heritage_protection": (("heritage_protection",), (), 0.0),
    "ecological_redline": (("ecological_redline",), (), 0.0),
    "runway": (("airport_surface",), ("runway",), 0.0),
    "power_line": (("power_line",), (), 0.7),
    "rail": (("rail",), (), 1.2),
    "street": (("road",), ("urban", "township"), 1.0),
    "road": (("road",), ("county", "provincial", "national"), 2.0),
    "expressway": (("road",), ("expressway",), 3.0),
}
"""Restriction kinds and classes (none: all) of each look, in drawing order, and the width of its line."""
BACKGROUND_KINDS = tuple(LOOKS)


def background_frame(run: Run) -> gpd.GeoDataFrame | None:
    """Return the run's restrictions by look (kind, name, width, geometry), or None where it has none."""
    file = run.path / "restrictions.parquet"
    if not file.is_file():
        return None
    frame = gpd.read_parquet(file)
    classes = frame.get("class", pd.Series(None, index=frame.index, dtype=object))
    look = looks_of(frame["kind"], classes)
    frame = frame.assign(look=look, order=[BACKGROUND_KINDS.index(kind) if kind else -1 for kind in look])
    frame = frame[frame["order"] >= 0].sort_values("order", kind="stable", ignore_index=True)
    return gpd.GeoDataFrame(
        {
            "kind": frame["look"],
            "name": frame.get("name"),
            "width": [LOOKS[kind][2] for kind in frame["look"]],
        },
        geometry=frame.geometry,
        crs=frame.crs,
    )


def looks_of(kinds: pd.Series, classes: pd.Series) -> list[str]:
    """Return the look of each restriction, empty for those that are not drawn.

    Examples
    --------
    >>> looks_of(pd.Series(["road", "river_management", "military"]), pd.Series(["national", "water", None]))
    ['road', 'water', '']
    """
    found = np.full(len(kinds), "", dtype=object)
    for look, (wanted, only, _) in LOOKS.items():
        match = kinds.isin(wanted).to_numpy()
        if only:
            match = match & classes.isin(only).to_numpy()
        found[match] = look
    return found.tolist()
