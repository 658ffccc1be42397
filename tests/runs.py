"""A made-up but valid run folder: every table of the contract, at any size, the same for the same seed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import rasterio
import shapely
from pyproj import CRS
from rasterio.transform import from_origin

from assessment.run import HEAT_TECHNOLOGIES, PV_TYPES, write_atomically
from assessment.run_versions import FORMAT
from potential.solar.arrays import LAYOUTS

if TYPE_CHECKING:
    from pathlib import Path

CRS_METRIC = "EPSG:4545"
HOURS = 8760

TOWNS = {
    "fengdong": ("沣东新城", "Fengdong New City", 161.0),
    "fengxi": ("沣西新城", "Fengxi New City", 143.0),
    "jinghe": ("泾河新城", "Jinghe New City", 146.0),
    "konggang": ("空港新城", "Konggang (Airport) New City", 141.0),
    "qinhan": ("秦汉新城", "Qinhan New City", 291.0),
}
# Outlines in tens of metres, EPSG:4545, generalised so far that nobody takes them for boundaries.
OUTLINES = {
    "fengdong": "56838,379674 56864,379692 56960,379684 56960,379986 57146,380348 57388,380455 57450,380501 "
    "57574,380472 57619,380489 57769,380639 57804,379216 57427,379172 57549,378619 57120,378410 56855,378482 "
    "56648,378990 56861,379316",
    "fengxi": "56960,379986 56960,379684 56864,379692 56838,379674 56861,379316 56648,378990 56855,378482 "
    "56382,378252 56245,378438 55882,378413 55662,379264 55730,379244 56295,379882",
    "jinghe": "57934,381560 57918,381607 57859,381604 57808,381602 57681,381712 57407,381740 57358,381725 "
    "57271,381823 57170,381993 57331,382371 57926,382523 58113,382324 58637,382808 58898,382429 58881,381569 "
    "58192,381562 58153,381584",
    "konggang": "57170,381993 57271,381823 57358,381725 57407,381740 57660,381716 57439,380930 56402,380969 "
    "56478,381200 56207,381515 56339,381904 56317,382431",
    "qinhan": "56402,380969 57439,380930 57660,381716 57681,381712 57808,381602 57918,381607 57934,381560 "
    "58153,381584 58881,381569 58790,381135 58507,380907 57769,380639 57619,380489 57574,380472 57450,380501 "
    "57388,380455 57146,380348 56793,380510 56238,380437 56205,380711 55911,380380 55571,380378 55689,380214 "
    "54653,379863 54631,380545 55232,380883 55227,381252 55508,381049 55546,381351 56206,380754",
}
TOWNSHIPS = {
    "fengdong": ("三桥", "建章路", "王寺", "斗门", "上林"),
    "fengxi": ("大王", "马王", "高桥", "钓台", "陈杨寨"),
    "jinghe": ("永乐", "崇文", "泾干", "高庄"),
    "konggang": ("底张", "北杜", "太平", "周陵"),
    "qinhan": ("渭城", "窑店", "正阳", "双照", "南位"),
}
# type: sector, use, usable share, W per m2 of usable area, yuan per W, kWh per kWp, weight in the mix
KINDS: dict[str, tuple[str, str, float, float, float, float, float]] = {
    "roof_flat": ("public", "school", 0.45, 150, 3.4, 1080, 0.22),
    "roof_metal": ("industry", "industrial", 0.65, 190, 3.1, 1060, 0.14),
    "roof_pitched": ("residential", "rural_house", 0.40, 200, 3.6, 1090, 0.40),
    "facade": ("commercial", "commercial", 0.30, 180, 5.0, 640, 0.02),
    "carport": ("municipal", "parking", 0.55, 195, 4.3, 1050, 0.04),
    "canopy": ("municipal", "wastewater", 0.50, 195, 4.6, 1050, 0.01),
    "agrivoltaic_orchard": ("agriculture", "orchard", 0.60, 60, 4.2, 1150, 0.05),
    "agrivoltaic_grass": ("agriculture", "grass", 0.60, 65, 3.9, 1150, 0.02),
    "greenhouse": ("agriculture", "facility_agriculture", 0.50, 90, 3.9, 1060, 0.04),
    "fish_pond": ("agriculture", "fish_pond", 0.50, 100, 4.4, 1100, 0.02),
    "ground": ("municipal", "landfill", 0.70, 120, 3.3, 1160, 0.02),
    "verge": ("municipal", "road_verge", 0.35, 110, 4.0, 1120, 0.02),
}
RULES = (
    (
        "power_line_zone",
        "电力线路保护区",
        "Power line protection zone",
        "电力设施保护条例 第十条",
        "H",
        False,
    ),
    ("road_zone", "公路建筑控制区", "Road building-control zone", "公路安全保护条例 第十一条", "M", True),
    (
        "heritage_control",
        "文物建设控制地带",
        "Heritage construction control zone",
        "文物保护法 第十八条",
        "H",
        False,
    ),
    ("airport_surface", "机场净空", "Airport obstacle surfaces", "民用机场管理条例", "M", True),
    ("basic_farmland", "永久基本农田", "Permanent basic farmland", "自然资办发〔2023〕12号", "H", False),
    ("military", "军事设施", "Military sites", "军事设施保护法", "H", True),
)
TOUCHING = RULES[:4]
NOT_CHECKED = ("basic_farmland", "military")
NAMES = (
    "西咸第一中学",
    "沣东先进制造产业园1号厂房",
    "泾河新城第一污水处理厂",
    "空港物流园A座",
    '=HYPERLINK("http://example.org","点我")',
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=2",
    '引号"与,逗号',
    "换行\n第二行",
    "<b>尖括号&amp;</b>",
    "表情🌞屋顶",
    "a/b\\c:d*e?f",
    "控制\x0b字符",
    "＝1+1",
)
MONTH_SHARES = np.array(
    [0.056, 0.062, 0.087, 0.098, 0.110, 0.104, 0.108, 0.105, 0.078, 0.072, 0.061, 0.059], dtype="float64"
)


def make_run(path: Path, *, n_sites: int = 2000, seed: int = 0, hourly: bool = True) -> Path:
    """Write a run folder with `n_sites` PV sites and a tenth as many heat sites; return its path."""
    rng = np.random.default_rng(seed)
    outlines = town_outlines()
    sites, site_geometry = _sites(rng, n_sites, outlines)
    heat, heat_geometry = _heat(rng, max(n_sites // 10, 15), outlines)
    excluded, excluded_geometry = _excluded(rng, max(n_sites // 5, 10), outlines)

    def fill(folder: Path) -> None:
        _write_geo(folder / "sites.parquet", sites, site_geometry)
        _write_geo(folder / "heat.parquet", heat, heat_geometry)
        _write_geo(folder / "excluded.parquet", excluded, excluded_geometry)
        _write_areas(folder, outlines)
        frame = sites.drop_columns(["kwh_month", "rules", "not_checked"]).to_pandas()
        heat_frame = heat.drop_columns(["rules", "not_checked"]).to_pandas()
        _write_tables(folder, frame, heat_frame)
        if hourly:
            _hourly(rng).to_parquet(folder / "hourly.parquet", index=False)
        _write_raster(folder / "rasters" / "annual.tif", outlines)
        _write_rejected(folder / "rejected" / "buildings.csv")
        _write_json(folder / "manifest.json", _manifest(frame, heat_frame, seed))
        _write_json(folder / "timings.json", {"date": "2026-01-31", "seconds": 1.0, "peak_mb": 100.0})

    write_atomically(path, fill)
    return path


def town_outlines() -> dict[str, shapely.Polygon]:
    """Return the outline of every town in EPSG:4545."""
    return {
        town: shapely.Polygon([[10.0 * float(v) for v in pair.split(",")] for pair in text.split()]).buffer(0)
        for town, text in OUTLINES.items()
    }


def _places(rng: np.random.Generator, n: int, outlines: dict[str, shapely.Polygon]) -> tuple[Any, Any, float]:
    """Return n cell centres inside the towns, the town of each (index), and the cell size (m)."""
    shapes = list(outlines.values())
    size = float(np.sqrt(sum(shape.area for shape in shapes) / (1.25 * n + 60)))
    west, south, east, north = shapely.total_bounds(np.array(shapes))
    while True:
        x, y = np.meshgrid(np.arange(west, east, size), np.arange(south, north, size))
        x, y = x.ravel(), y.ravel()
        town = np.full(x.size, -1)
        for index, shape in enumerate(shapes):
            inside = shape.buffer(-size / 2)
            shapely.prepare(inside)
            town[shapely.contains_xy(inside, x, y)] = index
        found = np.flatnonzero(town >= 0)
        if found.size >= n:
            break
        size *= 0.9
    chosen = np.sort(rng.choice(found, n, replace=False))
    return np.column_stack([x[chosen], y[chosen]]), town[chosen], size


def _rectangles(rng: np.random.Generator, centres: Any, area: Any, ratio: Any) -> Any:
    """Return turned rectangles of the given areas (m2) as polygons, some in two parts, some with a yard."""
    width = np.sqrt(area * ratio)
    depth = area / width
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) / 2.0
    rings = _turned(
        rng.uniform(-0.4, 0.4, len(area)), corners[None] * np.column_stack([width, depth])[:, None, :]
    )
    rings += centres[:, None, :]
    shapes = shapely.polygons(rings)
    yards = np.arange(len(area)) % 37 == 5
    shapes[yards] = shapely.polygons(shapely.linearrings(rings[yards]), _inner(rings[yards]))
    twins = np.flatnonzero(np.arange(len(area)) % 53 == 7)
    if twins.size:
        halves = [_part(rings[twins], 0.0, 0.4), _part(rings[twins], 0.6, 1.0)]
        shapes[twins] = shapely.multipolygons(np.column_stack([shapely.polygons(half) for half in halves]))
    return shapes


def _turned(angle: Any, rings: Any) -> Any:
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    return np.stack(
        [rings[..., 0] * cos - rings[..., 1] * sin, rings[..., 0] * sin + rings[..., 1] * cos], axis=-1
    )


def _inner(rings: Any) -> Any:
    middle = rings[:, :4].mean(axis=1, keepdims=True)
    return shapely.linearrings(middle + 0.4 * (rings - middle))[:, None]


def _part(rings: Any, start: float, end: float) -> Any:
    along = rings[:, 1:2] - rings[:, 0:1]
    corners = [rings[:, 0:1] + start * along, rings[:, 0:1] + end * along]
    corners += [rings[:, 3:4] + end * along, rings[:, 3:4] + start * along, corners[0]]
    return np.concatenate(corners, axis=1)


def _sites(rng: np.random.Generator, n: int, outlines: dict[str, shapely.Polygon]) -> tuple[pa.Table, Any]:
    centres, town, size = _places(rng, n, outlines)
    weights = np.array([KINDS[kind][6] for kind in PV_TYPES])
    kind = rng.choice(len(PV_TYPES), n, p=weights / weights.sum())
    kind[: len(PV_TYPES)] = np.arange(len(PV_TYPES))[:n]
    typical = np.array([600, 3000, 160, 900, 2500, 6000, 15000, 20000, 5000, 8000, 12000, 4000.0])[kind]
    ratio = rng.uniform(0.6, 1.6, n)
    largest = (0.65 * size) ** 2
    area = np.clip(typical * rng.lognormal(0, 0.6, n), 40.0, largest)
    geometry = _rectangles(rng, centres, np.round(area, 1), ratio)
    columns = _site_columns(rng, kind, shapely.area(geometry))
    columns["id"] = pa.array(np.char.add("pv-", np.char.zfill(np.arange(n).astype(str), 7)))
    columns["name"] = _mostly_null(rng, n, NAMES, keep=0.05, first=NAMES)
    columns["town"] = _codes(town, tuple(TOWNS))
    columns["township"] = _township(rng, town)
    columns["rules"] = _rules(rng, shapely.area(geometry))
    columns["not_checked"] = _repeated(NOT_CHECKED, n)
    touched = np.diff(columns["rules"].offsets.to_numpy()) > 0
    columns["status"] = _codes(np.where(touched, 1, np.where(rng.random(n) < 0.1, 2, 0)), _STATUSES)
    return pa.table({name: columns[name] for name in _SITE_ORDER}), geometry


_STATUSES = ("allowed", "conditional", "not_checked")
_SITE_ORDER = (
    "id", "name", "town", "township", "type", "sector", "use", "owner", "parcel_id", "area_m2", "usable_m2",
    "kwp_dc_low", "kwp_dc_central", "kwp_dc_high", "kw_ac", "layout", "tilt_deg", "azimuth_deg",
    "shading_loss", "kwh_year_p50", "kwh_year_p90", "kwh_month", "lcoe", "capex", "payback_years",
    "co2_t_year", "rules", "not_checked", "grid_distance_m", "status", "source", "confidence", "demo",
)  # fmt: skip


def _site_columns(rng: np.random.Generator, kind: Any, area: Any) -> dict[str, Any]:
    n = len(kind)
    usable_share, density, price, yield_ = (
        np.array([KINDS[t][i] for t in PV_TYPES])[kind] for i in (2, 3, 4, 5)
    )
    usable = area * usable_share
    kwp = usable * density / 1000
    shading = rng.beta(1.5, 20, n)
    kwh = kwp * yield_ * (1 - shading)
    capex = kwp * 1000 * price * np.where(kwp < 50, 1.1, 1.0)
    lcoe = np.where(rng.random(n) < 0.02, np.nan, 0.078 * capex / kwh)
    tilt = np.select([kind == 2, kind == 3], [25.0, 90.0], 10.0)
    owners = ("government", "school", "hospital", "enterprise", "residents", "village", "unknown")
    return {
        "type": _codes(kind, PV_TYPES),
        "sector": _codes(kind, [KINDS[t][0] for t in PV_TYPES]),
        "use": _codes(kind, [KINDS[t][1] for t in PV_TYPES]),
        "owner": _codes(rng.integers(0, len(owners), n), owners),
        "parcel_id": pa.array(np.char.add("b-", np.char.zfill(np.arange(n).astype(str), 7))),
        "area_m2": pa.array(area),
        "usable_m2": pa.array(usable),
        "kwp_dc_low": pa.array(0.7 * kwp),
        "kwp_dc_central": pa.array(kwp),
        "kwp_dc_high": pa.array(1.35 * kwp),
        "kw_ac": _nullable(np.where(rng.random(n) < 0.02, np.nan, kwp / 1.2)),
        "layout": _codes(np.where(kind == 0, np.arange(n) % 3, 3), LAYOUTS[:4]),
        "tilt_deg": pa.array(tilt),
        "azimuth_deg": pa.array(np.where(kind == 2, rng.choice([90.0, 180.0, 270.0], n), 180.0)),
        "shading_loss": pa.array(shading),
        "kwh_year_p50": pa.array(kwh),
        "kwh_year_p90": pa.array(0.91 * kwh),
        "kwh_month": _months(kwh),
        "lcoe": _nullable(lcoe),
        "capex": pa.array(capex),
        "payback_years": _nullable(capex / kwh / 0.45 + 0 * lcoe),
        "co2_t_year": pa.array(kwh * 0.0005568),
        "grid_distance_m": _nullable(np.where(rng.random(n) < 0.05, np.nan, rng.gamma(2, 900, n))),
        "source": _codes(np.zeros(n, int), ("demonstration layer",)),
        "confidence": _codes(rng.integers(1, 3, n), ("H", "M", "L")),
        "demo": pa.array(np.ones(n, bool)),
    }


def _codes(index: Any, names: Any) -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array(index, pa.int32()), pa.array(list(names))
    ).dictionary_decode()


def _nullable(values: Any) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def _mostly_null(rng: np.random.Generator, n: int, names: Any, *, keep: float, first: Any) -> pa.Array:
    index = rng.integers(0, len(names), n)
    index[: len(first)] = np.arange(min(len(first), n))
    mask = rng.random(n) >= keep
    mask[: len(first)] = False
    return pa.array(np.array(names, dtype=object)[index], mask=mask)


def _township(rng: np.random.Generator, town: Any) -> pa.Array:
    names = np.array([f"{key}-{name}" for key in TOWNS for name in TOWNSHIPS[key]], dtype=object)
    starts = np.cumsum([0, *(len(TOWNSHIPS[key]) for key in TOWNS)])
    counts = np.diff(starts)
    index = starts[town] + (rng.random(len(town)) * counts[town]).astype(int)
    return pa.array(names[index], mask=rng.random(len(town)) < 0.01)


def _months(kwh: Any) -> pa.ListArray:
    offsets = np.arange(len(kwh) + 1, dtype="int32") * 12
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array((kwh[:, None] * MONTH_SHARES).ravel()))


def _repeated(names: Any, n: int) -> pa.ListArray:
    offsets = np.arange(n + 1, dtype="int32") * len(names)
    return pa.ListArray.from_arrays(pa.array(offsets), _codes(np.tile(np.arange(len(names)), n), names))


def _rules(rng: np.random.Generator, area: Any) -> pa.ListArray:
    n = len(area)
    counts = np.where(rng.random(n) < 0.25, rng.integers(1, 3, n), 0)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype("int32")
    owner = np.repeat(np.arange(n), counts)
    start = rng.integers(0, len(TOUCHING), n)[owner]
    which = (start + np.arange(owner.size) - offsets[owner]) % len(TOUCHING)
    items = pa.StructArray.from_arrays(
        [
            _codes(which, [rule[0] for rule in TOUCHING]),
            _codes(np.where(which < 2, 0, 1), ("forbidden", "conditional")),
            pa.array(area[owner] * rng.uniform(0.01, 0.3, owner.size)),
        ],
        names=["id", "verdict", "m2"],
    )
    return pa.ListArray.from_arrays(pa.array(offsets), items)


def _heat(rng: np.random.Generator, n: int, outlines: dict[str, shapely.Polygon]) -> tuple[pa.Table, Any]:
    centres, town, size = _places(rng, n, outlines)
    area = np.clip(rng.lognormal(10, 0.5, n), 2000, (0.65 * size) ** 2)
    geometry = _rectangles(rng, centres, area, np.ones(n))
    technology = np.arange(n) % len(HEAT_TECHNOLOGIES)
    wells = np.array([120, 4, 2])[technology]
    kw = wells * np.array([5.0, 280.0, 2200.0])[technology] * rng.uniform(0.7, 1.3, n)
    heatable = kw * 1000 / 38
    columns = {
        "id": pa.array([f"heat-{index:06d}" for index in range(n)]),
        "town": _codes(town, tuple(TOWNS)),
        "township": _township(rng, town),
        "technology": _codes(technology, HEAT_TECHNOLOGIES),
        "wells": pa.array(wells.astype("int64")),
        "kw_year1": pa.array(kw),
        "kw_year30": pa.array(0.86 * kw),
        "mwh_year": pa.array(kw * 1.9),
        "heatable_m2": pa.array(heatable),
        "heatable_m2_p10": pa.array(0.6 * heatable),
        "heatable_m2_p90": pa.array(1.5 * heatable),
        "demand_m2": _nullable(np.where(rng.random(n) < 0.05, np.nan, heatable * rng.uniform(0.5, 2, n))),
        "demand_mwh_year": _nullable(np.where(rng.random(n) < 0.05, np.nan, kw * 2.0)),
        "lcoh": _nullable(np.where(rng.random(n) < 0.03, np.nan, rng.uniform(35, 95, n))),
        "co2_t_year": pa.array(kw * 1.9 * 0.18),
        "binding": _codes(rng.integers(0, 3, n), ("ground", "demand", "spacing")),
        "suitability": _codes(rng.integers(0, 3, n), ("green", "yellow", "red")),
        "status": _codes(rng.integers(0, 3, n), _STATUSES),
        "rules": _rules(rng, shapely.area(geometry)),
        "not_checked": _repeated(NOT_CHECKED[1:], n),
        "source": _codes(np.zeros(n, int), ("heat flow wells",)),
        "confidence": _codes(rng.integers(1, 3, n), ("H", "M", "L")),
        "demo": pa.array(rng.random(n) < 0.5),
    }
    return pa.table(columns), geometry


def _excluded(rng: np.random.Generator, n: int, outlines: dict[str, shapely.Polygon]) -> tuple[pa.Table, Any]:
    centres, town, size = _places(rng, n, outlines)
    geometry = _rectangles(rng, centres, np.clip(rng.lognormal(6, 1, n), 20, (0.65 * size) ** 2), np.ones(n))
    columns = {
        "parcel_id": pa.array([f"x-{index:06d}" for index in range(n)]),
        "town": _codes(town, tuple(TOWNS)),
        "type": _codes(rng.integers(0, len(PV_TYPES), n), PV_TYPES),
        "rule": _codes(rng.integers(0, len(TOUCHING), n), [rule[0] for rule in TOUCHING]),
        "m2": pa.array(shapely.area(geometry)),
        "demo": pa.array(np.ones(n, bool)),
    }
    return pa.table(columns), geometry


def _write_geo(path: Path, table: pa.Table, geometry: Any) -> None:
    """Write GeoParquet 1.0 without pandas metadata, so that lists come back as they are."""
    column = {
        "encoding": "WKB",
        "geometry_types": sorted({str(kind) for kind in np.unique([g.geom_type for g in geometry])}),
        "crs": CRS(CRS_METRIC).to_json_dict(),
        "bbox": [float(v) for v in shapely.total_bounds(geometry)],
    }
    geo = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": column}}
    table = table.append_column("geometry", pa.array(shapely.to_wkb(geometry), pa.binary()))
    table = table.replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(table, path, compression="zstd", row_group_size=20_000)


def _write_areas(folder: Path, outlines: dict[str, shapely.Polygon]) -> None:
    towns = {
        "id": list(TOWNS),
        "town": list(TOWNS),
        "name_zh": [names[0] for names in TOWNS.values()],
        "name_en": [names[1] for names in TOWNS.values()],
        "planned_area_km2": [names[2] for names in TOWNS.values()],
        "management": ["mixed", "direct", "direct", "mixed", "mixed"],
    }
    _write_geo(folder / "towns.parquet", pa.table(towns), np.array(list(outlines.values())))
    rows = [(f"{town}-{name}", town, name) for town in TOWNS for name in TOWNSHIPS[town]]
    strips = np.concatenate([_strips(outlines[town], len(TOWNSHIPS[town])) for town in TOWNS])
    ids, owners, names = zip(*rows, strict=True)
    townships = {
        "id": ids,
        "town": owners,
        "name_zh": names,
        "name_en": ids,
        "management": ["direct"] * len(ids),
    }
    _write_geo(folder / "townships.parquet", pa.table(townships), strips)


def _strips(shape: shapely.Polygon, count: int) -> Any:
    west, south, east, north = shape.bounds
    edges = np.linspace(west, east, count + 1)
    return shapely.intersection(shape, shapely.box(edges[:-1], south, edges[1:], north))


def _write_tables(folder: Path, sites: pd.DataFrame, heat: pd.DataFrame) -> None:
    for name, table in {
        "summary": _summary(sites),
        "heat_summary": _heat_summary(heat),
        "waterfall": _waterfall(sites),
        "rule_sets": _rule_sets(sites),
    }.items():
        table.to_parquet(folder / f"{name}.parquet", index=False)
        table.to_csv(folder / f"{name}.csv", index=False)
    _supply(sites).to_csv(folder / "supply_curve.csv", index=False)


def _summary(sites: pd.DataFrame) -> pd.DataFrame:
    sums = ["area_m2", "usable_m2", "kwp_dc_low", "kwp_dc_central", "kwp_dc_high", "kw_ac"]
    sums += ["kwh_year_p50", "kwh_year_p90", "capex", "co2_t_year"]
    groups = sites.groupby(["town", "sector", "type"], sort=True)
    table = groups[sums].sum(min_count=1)
    table.insert(0, "sites", groups.size())
    known = sites.dropna(subset=["lcoe"])
    weighted = (
        (known["lcoe"] * known["kwh_year_p50"]).groupby([known["town"], known["sector"], known["type"]]).sum()
    )
    table["lcoe"] = weighted / known.groupby(["town", "sector", "type"])["kwh_year_p50"].sum()
    return table.reset_index()


def _heat_summary(heat: pd.DataFrame) -> pd.DataFrame:
    sums = ["wells", "kw_year1", "kw_year30", "mwh_year", "heatable_m2", "heatable_m2_p10", "heatable_m2_p90"]
    groups = heat.groupby(["town", "technology"], sort=True)
    table = groups[[*sums, "demand_m2", "co2_t_year"]].sum(min_count=1)
    table.insert(0, "sites", groups.size())
    return table.reset_index()


def _rule_sets(sites: pd.DataFrame) -> pd.DataFrame:
    """What rules took, alone and together, as a share of what is left of each town and type."""
    taken = {
        "road_zone": 0.05,
        "airport_surface": 0.04,
        "power_line_zone": 0.02,
        "power_line_zone|road_zone": 0.01,
    }
    keys = ["town", "township", "type"]
    left = sites.groupby(keys, sort=True, dropna=False)[["area_m2", "kwp_dc_central"]].sum().reset_index()
    left = left.rename(columns={"kwp_dc_central": "kwp_dc"})
    rows = [
        left.assign(rules=rules, area_m2=share * left["area_m2"], kwp_dc=share * left["kwp_dc"])
        for rules, share in taken.items()
    ]
    table = pd.concat(rows, ignore_index=True).sort_values([*keys, "rules"], ignore_index=True)
    return table[[*keys, "rules", "area_m2", "kwp_dc"]]


def _waterfall(sites: pd.DataFrame) -> pd.DataFrame:
    left = sites.groupby(["town", "type"], sort=True)[["area_m2", "kwp_dc_central"]].sum()
    rows = []
    for (town, kind), (area, kwp) in zip(left.index, left.to_numpy(), strict=True):
        shares = {
            "all": 0.0,
            "basic_farmland": 0.0,
            "road_zone": 0.06,
            "power_line_zone": 0.03,
            "airport_surface": 0.04,
        }
        remaining = 1.0 + sum(shares.values())
        for step, (rule, share) in enumerate([*shares.items(), ("buildable", 0.0)]):
            remaining -= share
            taken, alone = share * area, 1.2 * share * area
            rows.append(
                (town, kind, step, rule, taken, alone, share * kwp, remaining * area, remaining * kwp)
            )
    names = [
        "town",
        "type",
        "step",
        "rule",
        "taken_m2",
        "alone_m2",
        "taken_kwp",
        "remaining_m2",
        "remaining_kwp",
    ]
    return pd.DataFrame(rows, columns=names)


def _supply(sites: pd.DataFrame) -> pd.DataFrame:
    known = sites.dropna(subset=["lcoe"]).assign(lcoe=lambda frame: frame["lcoe"].round(3))
    groups = known.groupby(["town", "type", "lcoe"], sort=True)
    table = (
        groups[["kwp_dc_central", "kwh_year_p50"]]
        .sum()
        .rename(columns={"kwp_dc_central": "kwp_dc", "kwh_year_p50": "kwh_year"})
    )
    table["sites"] = groups.size()
    table = table.reset_index().sort_values(["lcoe", "town", "type"], ignore_index=True)
    table["cum_kwp_dc"] = table["kwp_dc"].cumsum()
    return table[["town", "type", "lcoe", "kwp_dc", "cum_kwp_dc", "kwh_year", "sites"]]


def _hourly(rng: np.random.Generator) -> pd.DataFrame:
    """Return kWh of a typical year by hour, town and three types; time marks the interval's start."""
    time = pd.date_range("2023-01-01", periods=HOURS, freq="h", tz="Asia/Shanghai")
    hour, day = np.asarray(time.hour) + 0.5, np.asarray(time.day_of_year)
    sun = np.clip(np.cos((hour - 12.75) / 12 * np.pi), 0, None) * (
        0.7 + 0.3 * np.cos((day - 172) / 365 * 2 * np.pi)
    )
    frames = []
    for town in TOWNS:
        for kind in ("roof_flat", "roof_metal", "roof_pitched"):
            kwh = 1000 * sun * rng.uniform(0.3, 1.0, HOURS)
            frames.append(pd.DataFrame({"time": time, "town": town, "type": kind, "kwh": kwh}))
    return pd.concat(frames, ignore_index=True)


def _write_raster(path: Path, outlines: dict[str, shapely.Polygon]) -> None:
    path.parent.mkdir()
    west, south, east, north = shapely.total_bounds(np.array(list(outlines.values())))
    shape = (int((north - south) / 200) + 1, int((east - west) / 200) + 1)
    values = np.add.outer(np.linspace(1350, 1300, shape[0]), np.linspace(0, 20, shape[1])).astype("float32")
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "crs": CRS_METRIC, "nodata": -9999.0}
    transform = from_origin(west, north, 200, 200)
    with rasterio.open(path, "w", height=shape[0], width=shape[1], transform=transform, **profile) as sink:
        sink.write(values, 1)
        sink.units = ("kWh/m2",)


def _write_rejected(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("row,column,value,rule\n7,height_m,abc,must be a number (m)\n", encoding="utf-8")


def _manifest(sites: pd.DataFrame, heat: pd.DataFrame, seed: int) -> dict[str, Any]:
    layers = ("buildings", "farmland", "municipal", "restrictions", "grid", "heat")
    inputs = [
        {"layer": name, "file": f"{name}.parquet", "sha256": f"{seed:064x}", "demo": True,
         "source": "generated", "licence": "CC0-1.0", "confidence": "L", "rows": len(sites), "rejected": 1}
        for name in layers
    ]  # fmt: skip
    towns = {
        "layer": "towns",
        "file": "towns.geojson",
        "sha256": "0" * 64,
        "demo": False,
        "rows": 5,
        "rejected": 0,
    }
    inputs.append({**towns, "source": "GeoNames; cnmaps", "licence": "CC BY 4.0", "confidence": "M"})
    names = ("id", "title_zh", "title_en", "document", "confidence", "unverified")
    return {
        "format": FORMAT,
        "incomplete": [],
        "run_id": f"synthetic-{len(sites)}-{seed}",
        "region": {"id": "xixian", "name_zh": "西咸新区", "name_en": "Xixian New Area"},
        "version": "0.1.0",
        "crs": CRS_METRIC,
        "inputs": inputs,
        "parameters": {"module_efficiency": 0.23, "discount_rate": 0.06, "baseline": "gas boiler"},
        "rules": [dict(zip(names, rule, strict=True)) | _manifest_terms(rule[0]) for rule in RULES],
        "not_checked": list(NOT_CHECKED),
        "demo_layers": list(layers),
        "boundary_note_zh": "新城边界为示意边界，非官方勘界成果。",
        "boundary_note_en": "Town boundaries are schematic, not the official survey.",
        "totals": {
            "sites": len(sites),
            "kwp_dc": {key: float(sites[f"kwp_dc_{key}"].sum()) for key in ("low", "central", "high")},
            "kwh_year": {key: float(sites[f"kwh_year_{key}"].sum()) for key in ("p50", "p90")},
            "heatable_m2": float(heat["heatable_m2"].sum()),
        },
        "scenario": "default",
    }


def _manifest_terms(rule: str) -> dict[str, Any]:
    """What the manifest says of a rule beside its texts; the road zone spares what was approved early."""
    day = "2023-03-20" if rule == "road_zone" else None
    return {"verdict": "forbidden", "applies_to": list(PV_TYPES), "exempt_before": day}


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True), encoding="utf-8")
