"""Restrictions: heritage, rivers, water sources, traffic, power lines, airport surfaces, ground hazards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
import shapely.ops

from layers.demo.shapes import GRID_M

if TYPE_CHECKING:
    import pandas as pd

    from layers.demo.site import Site

Row = tuple[str, str | None, float | None, str | None, shapely.Geometry]
COLUMNS = ("kind", "class", "kv", "name")
STRIP_M = {"end": 60.0, "side": 150.0}
"""Runway strip of code 4: beyond the ends and to each side of the centre line (ICAO Annex 14, 3.4)."""
APPROACH = {"start": 60.0, "half_width_m": 140.0, "divergence": 0.15, "length_m": 15000.0}
"""Approach surface of an instrument runway of code 4, seen from above (ICAO Annex 14, table 4-1)."""
INNER_M = 4000.0
"""Radius of the inner horizontal surface (ICAO Annex 14, table 4-1)."""


def build_restrictions(
    site: Site, streets: pd.DataFrame, power: list[tuple[float, shapely.LineString]]
) -> gpd.GeoDataFrame:
    """Return kind, class, kv, name and geometry of every restriction, cut at the edge of what is drawn."""
    rows: list[Row] = [
        *_heritage(site), *_rivers(site), *_water_sources(site), *_airport(site), *_hazards(site),
        *_traffic(site, streets), *(("power_line", None, kv, None, line) for kv, line in power),
    ]  # fmt: skip
    table: dict[str, list[Any]] = {name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)}
    shapes = np.array([row[-1] for row in rows], dtype=object)
    cut = shapely.set_precision(shapely.intersection(shapes, site.near), GRID_M)
    frame = gpd.GeoDataFrame(table, geometry=cut).astype({"kv": "float64"})
    frame = frame[~frame.geometry.is_empty & frame.intersects(shapely.buffer(site.boundary, 1000.0))]
    return frame.explode(ignore_index=True)


def _heritage(site: Site) -> list[Row]:
    rows: list[Row] = []
    ranges, rings = [], []
    for monument, core in zip(site.plan["heritage"], site.protected, strict=True):
        ranges.append((monument.name, core))
        rings.append((monument.name, shapely.buffer(core, monument["control_m"], join_style="mitre")))
    rows += [("heritage_protection", None, None, name, core) for name, core in ranges]
    protected = shapely.union_all([core for _, core in ranges])
    rows += [
        ("heritage_control", None, None, name, shapely.difference(ring, protected)) for name, ring in rings
    ]
    return rows


def _rivers(site: Site) -> list[Row]:
    rows: list[Row] = []
    for river in site.plan["river"]:
        rows.append(
            (
                "river_management",
                "range",
                None,
                river.name,
                shapely.buffer(river.geometry, river["management_m"] / 2.0),
            )
        )
        rows.append(
            (
                "river_management",
                "water",
                None,
                river.name,
                shapely.buffer(river.geometry, river["width_m"] / 2.0),
            )
        )
        if river["redline_m"]:
            red = shapely.buffer(river.geometry, river["redline_m"] / 2.0)
            rows.append(("ecological_redline", None, None, river.name, red))
    for lake in site.plan["lake"]:
        rows.append(("river_management", "range", None, lake.name, shapely.buffer(lake.geometry, 60.0)))
        rows.append(("river_management", "water", None, lake.name, lake.geometry))
    for wetland in site.plan["wetland"]:
        line = next(river.geometry for river in site.plan["river"] if river.name == wetland["river"])
        part = shapely.ops.substring(line, *wetland["from_to"], normalized=True)
        rows.append(("wetland", None, None, wetland.name, shapely.buffer(part, wetland["width_m"] / 2.0)))
    return rows


def _water_sources(site: Site) -> list[Row]:
    rows: list[Row] = []
    for field in site.plan["water_source"]:
        first = shapely.union_all(shapely.buffer(shapely.get_parts(field.geometry), 100.0))
        second = shapely.convex_hull(shapely.buffer(field.geometry, 700.0))
        rows.append(("water_source_1", None, None, field.name, first))
        rows.append(("water_source_2", None, None, field.name, shapely.difference(second, first)))
    return rows


def _airport(site: Site) -> list[Row]:
    runways = site.plan["runway"]
    if not runways:
        return []
    rows: list[Row] = []
    for runway in runways:
        line = runway.geometry
        strip = _extended(line, STRIP_M["end"])
        rows.append(
            (
                "airport_surface",
                "runway",
                None,
                runway.name,
                shapely.buffer(line, runway["width_m"] / 2.0, cap_style="flat"),
            )
        )
        rows.append(
            (
                "airport_surface",
                "strip",
                None,
                runway.name,
                shapely.buffer(strip, STRIP_M["side"], cap_style="flat"),
            )
        )
        rows += [("airport_surface", "approach", None, runway.name, fan) for fan in approach_fans(line)]
    lines = shapely.union_all([runway.geometry for runway in runways])
    name, glare = site.plan.settings["airport"]["name"], site.plan.settings["airport"]["glare_m"]
    rows.append(("airport_surface", "inner", None, name, shapely.convex_hull(shapely.buffer(lines, INNER_M))))
    rows.append(("airport_surface", "glare", None, name, shapely.buffer(lines, glare)))
    return rows


def approach_fans(runway: shapely.LineString) -> list[shapely.Polygon]:
    """Return the approach surface at each end, seen from above: a fan that opens away from the runway.

    ICAO Annex 14 vol. I, table 4-1, precision approach, code 4: inner edge 280 m, 60 m before the
    threshold, divergence 15 % to each side, 15 km long.
    """
    ends = shapely.get_coordinates(runway)[[0, -1]]
    fans = []
    for near, far in ((ends[0], ends[1]), (ends[1], ends[0])):
        out = (near - far) / np.hypot(*(near - far))
        side = np.array([-out[1], out[0]])
        inner = near + out * APPROACH["start"]
        outer = inner + out * APPROACH["length_m"]
        wide = APPROACH["half_width_m"] + APPROACH["divergence"] * APPROACH["length_m"]
        narrow = APPROACH["half_width_m"]
        fans.append(
            shapely.Polygon(
                [inner + side * narrow, outer + side * wide, outer - side * wide, inner - side * narrow]
            )
        )
    return fans


def _extended(line: shapely.LineString, by_m: float) -> shapely.LineString:
    first, last = shapely.get_coordinates(line)[[0, -1]]
    along = (last - first) / np.hypot(*(last - first)) * by_m
    return shapely.LineString([first - along, last + along])


def _hazards(site: Site) -> list[Row]:
    plan = site.plan
    rows: list[Row] = [("ground_fissure", None, None, item.name, item.geometry) for item in plan["fissure"]]
    rows += [("subsidence", None, None, item.name, item.geometry) for item in plan["subsidence"]]
    return rows + [
        ("no_abstraction", None, None, item.name, item.geometry) for item in plan["no_abstraction"]
    ]


def _traffic(site: Site, streets: pd.DataFrame) -> list[Row]:
    rows: list[Row] = []
    for kind, table in (("road", site.roads), ("road", streets), ("rail", site.rails)):
        rows += [
            (kind, class_, None, name, line)
            for class_, name, line in zip(table["class"], table["name"], table["line"], strict=True)
        ]
    return rows
