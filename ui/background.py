"""The quiet map under the sites: rivers, roads, railways and protected zones of the region's own layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd

if TYPE_CHECKING:
    from assessment.run import Run


def background_frame(run: Run) -> gpd.GeoDataFrame | None:
    """Return the run's background shapes (kind, class, name, width, geometry), or None if it has none."""
    file = run.path / "background.parquet"
    return gpd.read_parquet(file) if file.is_file() else None
