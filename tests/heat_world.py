"""A small region for tests of the heat assessment: two towns, three townships, some thousand buildings."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assessment.heat_catalog import heat_catalog
from layers.catalog import load_catalog
from layers.region import DATA
from layers.rules import load_rules

CRS = "EPSG:4545"
WEST, SOUTH = 380_000.0, 3_800_000.0


def _box(x0, y0, x1, y1):
    return shapely.box(WEST + x0, SOUTH + y0, WEST + x1, SOUTH + y1)


def _frame(columns, geometry):
    return gpd.GeoDataFrame(columns, geometry=list(geometry), crs=CRS)


def buildings(n=2500, seed=1):
    rng = np.random.default_rng(seed)
    x, y = WEST + rng.uniform(30, 5950, n), SOUTH + rng.uniform(30, 3950, n)
    uses = ["residential", "office", "school", "industrial", "rural_house", "logistics", "unknown"]
    return _frame(
        {
            "id": [f"b{i}" for i in range(n)],
            "use": rng.choice(uses, n),
            "floors": pd.array(rng.choice([1, 2, 6, 18], n), dtype="Int64"),
            "height_m": np.nan,
            "year": rng.choice([np.nan, 1998, 2010, 2022], n),
            "source": "test",
            "confidence": "L",
            "demo": True,
        },
        shapely.box(x, y, x + 15, y + 25),
    )


def restrictions():
    rows = {
        "heritage_protection": _box(500, 500, 1600, 1900),
        "heritage_control": _box(300, 300, 1800, 2100),
        "water_source_1": _box(4000, 0, 6000, 1000),
        "no_abstraction": _box(2000, 2000, 3000, 4000),
        "ground_fissure": shapely.LineString([(WEST, SOUTH + 3000), (WEST + 6000, SOUTH + 3500)]),
        "road": shapely.LineString([(WEST, SOUTH + 2000), (WEST + 6000, SOUTH + 2100)]),
    }
    classes = [None, None, None, None, None, "urban"]
    ids = [f"r{i}" for i in range(len(rows))]
    return _frame({"id": ids, "kind": list(rows), "class": classes, "kv": np.nan}, rows.values())


def wells():
    columns = {"id": ["W1", "W2"], "heat_flow_mw_m2": [80.0, np.nan], "conductivity_w_mk": [2.3, 2.0],
               "bottom_m": [2000.0, 290.0]}  # fmt: skip
    return _frame(
        columns, [shapely.Point(WEST + 1000, SOUTH + 1000), shapely.Point(WEST + 3000, SOUTH + 500)]
    )


def world(**changed):
    """Return the arguments of `assess_heat`, some of them replaced."""
    towns = _frame({"id": ["a", "b"]}, [_box(0, 0, 3300, 4000), _box(3300, 0, 6000, 4000)])
    townships = _frame(
        {"id": ["a1", "a2", "b1"], "town": ["a", "a", "b"]},
        [_box(0, 0, 1700, 4000), _box(1700, 0, 3300, 4000), _box(3300, 0, 6000, 4000)],
    )
    base = {
        "region": SimpleNamespace(id="test", seed=7),
        "towns": towns,
        "townships": townships,
        "buildings": buildings(),
        "farmland": _frame({"id": ["f1"], "class": ["permanent_basic"]}, [_box(3500, 1500, 3900, 3500)]),
        "municipal": _frame({"id": ["m1"], "facility": ["park"]}, [_box(100, 100, 400, 300)]),
        "restrictions": restrictions(),
        "wells": wells(),
        "ground": load_catalog(DATA / "xixian" / "ground.toml"),
        "catalog": heat_catalog(
            {name: load_catalog(DATA / "catalog" / f"{name}.toml") for name in ("heat", "costs", "carbon")}
        ),
        "rules": load_rules(["geothermal_drilling"]),
        "baseline": "coal_chp",
        "verify": 0,
    }
    return {**base, **changed}
