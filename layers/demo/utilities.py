"""Substations with their lines, and district heat with its stations and zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from layers.demo.shapes import Taken

if TYPE_CHECKING:
    from layers.demo.site import Site

SPACING_M = {110.0: 3900.0, 35.0: 7000.0}
"""Distance between substations of a level, roughly."""
HEADROOM_MW = {110.0: (4.0, 38.0), 35.0: (1.0, 9.0)}
UNKNOWN_HEADROOM = 0.35
FEEDING_KV = 110.0
"""Highest voltage of a substation that feeds the 10 kV lines."""
FEEDERS = 2
"""10 kV overhead lines per substation that are drawn."""
CORRIDOR_M = {750.0: 40.0, 330.0: 22.0, 110.0: 12.0}
"""Half the width of the strip without houses, by kV: conductors and the protection zone beside them."""
YARD_M = {750.0: 180.0, 330.0: 110.0, 110.0: 40.0, 35.0: 25.0}
"""Half the side of a substation, by kV."""
HEAT_W_M2 = (38.0, 46.0)
"""Design heat load of the floor area of a zone, low and high."""


def build_grid(site: Site) -> gpd.GeoDataFrame:
    """Return name, kv, headroom_mw and the place of every substation."""
    named = [
        (station.name, float(station["kv"]), station.get("headroom_mw", np.nan), station.geometry)
        for station in site.plan["substation"]
        if site.near.contains(station.geometry)
    ]
    rows = [*named, *_scattered(site)]
    frame = gpd.GeoDataFrame(rows, columns=["name", "kv", "headroom_mw", "geometry"], geometry="geometry")
    return frame.astype({"kv": "float64", "headroom_mw": "float64"})


def _scattered(site: Site) -> list[tuple[str, float, float, shapely.Point]]:
    rows = []
    inner = shapely.buffer(site.boundary, -250.0)
    for kv, spacing in SPACING_M.items():
        dice = site.dice(f"substations {kv:.0f}")
        west, south, east, north = site.boundary.bounds
        columns = np.arange(int(west // spacing), int(east // spacing) + 1)
        rows_ = np.arange(int(south // spacing), int(north // spacing) + 1)
        column, row = (grid.ravel() for grid in np.meshgrid(columns, rows_))
        x = np.round((column + dice.between(0.2, 0.8, 1, column, row)) * spacing, 1)
        y = np.round((row + dice.between(0.2, 0.8, 2, column, row)) * spacing, 1)
        points = shapely.points(x, y)
        keep = shapely.contains(inner, points) & ~site.taken.touches(shapely.buffer(points, 60.0))
        headroom = np.round(dice.between(*HEADROOM_MW[kv], 3, column, row), 1)
        headroom[dice.unit(4, column, row) < UNKNOWN_HEADROOM] = np.nan
        for number, index in enumerate(np.flatnonzero(keep), start=1):
            rows.append((f"示意{kv:.0f}kV变电站{number:02d}", kv, float(headroom[index]), points[index]))
    return rows


def build_lines(site: Site, grid: gpd.GeoDataFrame) -> list[tuple[float, shapely.LineString]]:
    """Return voltage and course of the overhead lines: the trunk lines, and a tree at every lower level."""
    lines = [(float(line["kv"]), line.geometry) for line in site.plan["ehv"]]
    for kv, above in ((110.0, 330.0), (35.0, 110.0)):
        lower = grid[grid["kv"] == kv]
        upper = grid[grid["kv"] == above]
        fed = list(upper.geometry)
        for point in lower.geometry:
            if fed:
                source = min(fed, key=point.distance)
                lines.append((kv, _elbow(source, point)))
            fed.append(point)
    return lines + _feeders(site, grid)


def _feeders(site: Site, grid: gpd.GeoDataFrame) -> list[tuple[float, shapely.LineString]]:
    dice = site.dice("feeders")
    lines = []
    for number, station in enumerate(grid[grid["kv"] <= FEEDING_KV].geometry):
        for feeder in range(FEEDERS):
            turn = np.radians(
                90.0 * (2 * feeder + int(2 * dice.unit(1, number)[0]))
                + dice.between(-8.0, 8.0, 2, number, feeder)[0]
            )
            long = float(dice.between(1200.0, 2800.0, 3, number, feeder)[0])
            steps = np.linspace(0.0, long, 5)
            sway = dice.between(-40.0, 40.0, 4, number, feeder, np.arange(5)) * (steps > 0)
            x = station.x + steps * np.cos(turn) - sway * np.sin(turn)
            y = station.y + steps * np.sin(turn) + sway * np.cos(turn)
            lines.append((10.0, shapely.LineString(np.round(np.column_stack([x, y]), 2))))
    return lines


def _elbow(source: shapely.Point, point: shapely.Point) -> shapely.LineString:
    """Return a line with one bend: east first for two fifths of the way, then straight on."""
    bend = (source.x + 0.4 * (point.x - source.x), source.y + 0.15 * (point.y - source.y))
    return shapely.LineString([source, bend, point])


def corridors(grid: gpd.GeoDataFrame, lines: list[tuple[float, shapely.LineString]]) -> Taken:
    """Return the ground no house stands on: under lines of 110 kV and more, and around substations."""
    under = [shapely.buffer(line, half) for kv, line in lines if (half := CORRIDOR_M.get(kv)) is not None]
    yards = shapely.buffer(grid.geometry.to_numpy(), grid["kv"].map(YARD_M).to_numpy(), cap_style="square")
    return Taken(np.array([*under, *yards], dtype=object))


def build_heat(site: Site, floor_m2: dict[str, float]) -> gpd.GeoDataFrame:
    """Return kind, name, demand_kw and geometry of heat zones, stations and the mains between them."""
    zones = {zone.name: zone.geometry for zone in site.plan["zone"]}
    dice = site.dice("heat")
    rows = []
    for number, network in enumerate(site.plan["heat"]):
        source = network["source_at"]
        served = [name for name in network["zones"] if zones[name].intersects(site.boundary)]
        for index, name in enumerate(served):
            load = float(dice.between(*HEAT_W_M2, number, index)[0]) * floor_m2.get(name, 0.0) / 1000.0
            area = shapely.intersection(zones[name], site.boundary)
            rows.append(("zone", f"{network.name}:{name}", np.round(load, -1) if load else np.nan, area))
            centre = shapely.point_on_surface(area)
            main = shapely.LineString([source, (centre.x, source[1]), (centre.x, centre.y)])
            rows.append(("network", network.name, np.nan, shapely.intersection(main, site.near)))
        if served:
            station = shapely.box(source[0] - 30.0, source[1] - 30.0, source[0] + 30.0, source[1] + 30.0)
            rows.append(("station", network.name, np.nan, station))
    frame = gpd.GeoDataFrame(rows, columns=["kind", "name", "demand_kw", "geometry"], geometry="geometry")
    frame = frame[~frame.geometry.is_empty]
    whole_m2 = frame.area.replace(0.0, np.nan)
    frame = frame.explode()
    frame["demand_kw"] *= frame.area / whole_m2.reindex(frame.index)
    return frame.reset_index(drop=True)
