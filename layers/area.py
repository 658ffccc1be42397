"""The area of a region that has no towns: what lies around its buildings."""

from __future__ import annotations

import geopandas as gpd
import shapely

AROUND_M = 200.0
"""Distance around a building that still belongs to the area."""
GENERALISED_M = 20.0
"""The outline may be off by this much: it is a stand-in, and a short one is quick to clip with."""


def whole_area(buildings: gpd.GeoDataFrame, *, id: str, name_zh: str, name_en: str) -> gpd.GeoDataFrame:  # noqa: A002
    """Return one town: the closed area within `AROUND_M` of any building, without holes.

    Every building lies inside, and touching neighbourhoods become one area.
    """
    boxes = shapely.box(*shapely.bounds(buildings.geometry.to_numpy()).T)
    near = shapely.union_all(shapely.buffer(boxes, 2 * AROUND_M, join_style="mitre"))
    outline = shapely.buffer(near, -AROUND_M, join_style="mitre")
    parts = shapely.get_parts(outline)
    filled = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(parts)))
    area = shapely.simplify(filled, GENERALISED_M)
    columns = {
        "id": [id],
        "name_zh": [name_zh],
        "name_en": [name_en],
        "planned_area_km2": [float("nan")],
        "management": ["direct"],
    }
    return gpd.GeoDataFrame(columns, geometry=[area], crs=buildings.crs)
