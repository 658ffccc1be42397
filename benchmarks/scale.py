"""Time, memory and bytes of an assessment against the size of its region, on regions made here.

Run `python benchmarks/scale.py 20000 200000 [--workers 1] [--only sites] [--keep DIR]`. Each size is a region
of quarters of 4,096 m with 4,000 buildings each (a district of 256 larger buildings and 12 villages), 25 x 25
fields, municipal parcels, roads, power lines, heritage zones and substations, on a hilly terrain of 30 m;
each is assessed in a process of its own. Prints one line of JSON per size, then a table. `--per-quarter` and
`--fields` change the density, so that what a building, a field and a square kilometre cost can be told apart:
`python benchmarks/scale.py --fit FILE` does that from lines of JSON, for data/effort.toml.
`--scaling 100000` holds one worker against two, on the same region and on one twice as large.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import rasterio
import shapely
from scipy.optimize import nnls

from assessment.assess import Settings, assess_region
from assessment.blocks import CELL_M
from assessment.irradiation_maps import pixel_m
from layers.region import EMBEDDED, load_region

STAGES = {"read": 0.0999, "heat": 0.2999, "sun": 0.3299, "sites": 0.9699, "write": 2.0}
"""Share of the whole at which a stage ends, as `assess_region` reports it."""
QUARTER_M = 4096.0
PER_QUARTER, FIELDS = 4000, 25
CRS = "EPSG:4545"
WEST, SOUTH = 27 * 16384.0, 230 * 16384.0
VILLAGE_M, VILLAGES, DISTRICT = 20.0, 12, 256
AMOUNTS = {"work": "work_mb", "run": "run_mb"}
SOURCE = "measured here, benchmarks/scale.py"
UNITS = ("building", "parcel", "km2", "pixel")
COUNTED = ("buildings", "farmland", "municipal")
USES = ("residential", "office", "commercial", "industrial", "school", "hospital", "logistics", "unknown")
CLASSES = ("cultivated", "permanent_basic", "orchard", "grass", "unused", "facility_agriculture", "fish_pond")
SHARES = (0.35, 0.3, 0.15, 0.06, 0.06, 0.05, 0.03)
FACILITIES = ("parking", "wastewater", "waterworks", "depot", "school_yard", "park")

REGION = """
id = "scale{n}"
name_zh = "规模{n}"
name_en = "Scale {n}"
crs_metric = "EPSG:4545"
seed = 1
{layers}
[climate]
normals = "{embedded}/climate_normals.csv"

[ground]
parameters = "{embedded}/ground.toml"

[rules]
packs = [
    "national", "shaanxi", "water", "heritage", "infrastructure", "airport", "roof", "geothermal_drilling",
]
"""


def make_region(
    buildings: int, folder: Path, *, per_quarter: int = PER_QUARTER, fields: int = FIELDS
) -> Path:
    """Write a region with about this many buildings; return its region.toml."""
    count = max(round(buildings / per_quarter), 1)
    across = int(np.ceil(np.sqrt(count)))
    corners = np.array(
        [(WEST + QUARTER_M * (k % across), SOUTH + QUARTER_M * (k // across)) for k in range(count)]
    )
    folder.mkdir(parents=True, exist_ok=True)
    makers = {
        "towns": lambda: _areas(corners, across, 4, "t"),
        "townships": lambda: _areas(corners, across, 2, "s"),
        "buildings": lambda: _gather(
            corners, partial(_buildings, houses=(per_quarter - DISTRICT) // VILLAGES)
        ),
        "farmland": lambda: _gather(corners, partial(_farmland, across=fields)),
        "municipal": lambda: _gather(corners, _municipal),
        "restrictions": lambda: _gather(corners, _restrictions),
        "grid": lambda: _gather(corners, _grid),
    }
    for name, make in makers.items():
        make().to_parquet(folder / f"{name}.parquet", index=False)
    _write_terrain(folder / "terrain.tif", corners)
    layers = "".join(
        f'\n[layers.{name}]\npath = "{name}.{"tif" if name == "terrain" else "parquet"}"\n'
        f'source = "made by benchmarks/scale.py"\n'
        for name in (*makers, "terrain")
    )
    file = folder / "region.toml"
    file.write_text(REGION.format(n=buildings, layers=layers, embedded=EMBEDDED.as_posix()), encoding="utf-8")
    return file


def _gather(corners: np.ndarray, make) -> gpd.GeoDataFrame:
    frames = [
        make(np.random.default_rng([7, k]), west, south).assign(quarter=k)
        for k, (west, south) in enumerate(corners)
    ]
    joined = pd.concat(frames, ignore_index=True)
    joined.insert(0, "id", [f"o{i}" for i in range(len(joined))])
    return gpd.GeoDataFrame(joined.drop(columns="quarter"), geometry="geometry", crs=CRS)


def _areas(corners: np.ndarray, across: int, step: int, letter: str) -> gpd.GeoDataFrame:
    number = np.arange(len(corners))
    column, row = (number % across) // step, (number // across) // step
    squares = gpd.GeoDataFrame(
        {"id": [f"{letter}{c}-{r}" for c, r in zip(column, row, strict=True)]},
        geometry=shapely.box(*corners.T, *(corners + QUARTER_M).T),
        crs=CRS,
    )
    areas = squares.dissolve("id").reset_index()
    names = areas.assign(name_zh=areas["id"], name_en=areas["id"], management="direct")
    if letter == "t":
        return names.assign(planned_area_km2=areas.area / 1e6)
    inside = areas.representative_point()
    towns = _areas(corners, across, 4, "t")
    found = gpd.sjoin(gpd.GeoDataFrame(geometry=inside), towns[["id", "geometry"]], predicate="within")
    return names.assign(town=found["id"])


def _rectangles(rng, x, y, length, width) -> np.ndarray:
    """Rectangles turned by a little, with their middle at x, y."""
    turn = rng.normal(0, 0.1, len(x))
    along = np.stack([np.cos(turn), np.sin(turn)], axis=1) * (length / 2)[:, None]
    aside = np.stack([-np.sin(turn), np.cos(turn)], axis=1) * (width / 2)[:, None]
    middle = np.stack([x, y], axis=1)
    ring = np.stack(
        [middle - along - aside, middle + along - aside, middle + along + aside, middle - along + aside], 1
    )
    return shapely.polygons(ring)


def _buildings(rng, west, south, *, houses) -> gpd.GeoDataFrame:
    step = np.arange(16) * 64.0 + 32
    x, y = (part.ravel() + start for part, start in zip(np.meshgrid(step, step), (west, south), strict=True))
    n = len(x)
    floors = rng.integers(1, 25, n)
    district = pd.DataFrame(
        {
            "use": rng.choice(USES, n),
            "floors": floors,
            "height_m": np.where(rng.random(n) < 0.1, np.nan, floors * 3.2),
            "roof_form": rng.choice(["flat", "metal", "gabled", "unknown"], n, p=[0.6, 0.2, 0.1, 0.1]),
            "owner": rng.choice(["enterprise", "residents", "government", "unknown"], n),
            "geometry": _rectangles(rng, x, y, rng.uniform(25, 45, n), rng.uniform(14, 22, n)),
        }
    )
    place = np.stack(np.meshgrid([1400, 2300, 3300], [200, 1200, 2200, 3300]), axis=-1).reshape(-1, 2)
    house = np.stack(np.meshgrid(np.arange(18), np.arange(18)), axis=-1).reshape(-1, 2)[:houses] * VILLAGE_M
    spots = (place[:, None, :] + house[None]).reshape(-1, 2) + np.array([west, south])
    m = len(spots)
    spots = spots + rng.uniform(-1, 1, (m, 2))
    villages = pd.DataFrame(
        {
            "use": "rural_house",
            "floors": rng.integers(1, 4, m),
            "height_m": np.round(rng.uniform(3, 10, m), 1),
            "roof_form": rng.choice(["gabled", "flat", "unknown"], m, p=[0.5, 0.4, 0.1]),
            "owner": "village",
            "geometry": _rectangles(rng, *spots.T, rng.uniform(9, 15, m), rng.uniform(7, 11, m)),
        }
    )
    joined = pd.concat([district, villages], ignore_index=True)
    return joined.assign(year=rng.integers(1975, 2025, len(joined)))


def _farmland(rng, west, south, *, across) -> gpd.GeoDataFrame:
    side = QUARTER_M / across
    step = np.arange(across) * side
    x, y = (part.ravel() + start for part, start in zip(np.meshgrid(step, step), (west, south), strict=True))
    outside = (x - west >= 1024) | (y - south >= 1024)
    x, y = x[outside], y[outside]
    geometry = shapely.box(x + 4, y + 4, x + side - 4, y + side - 4)
    return pd.DataFrame({"class": rng.choice(CLASSES, len(x), p=SHARES), "geometry": geometry})


def _municipal(rng, west, south) -> gpd.GeoDataFrame:
    step = np.arange(5) * 800.0 + 300
    x, y = (part.ravel() + start for part, start in zip(np.meshgrid(step, step), (west, south), strict=True))
    n = len(x)
    size = rng.uniform(50, 120, n)
    geometry = _rectangles(rng, x, y, size, size)
    return pd.DataFrame({"facility": rng.choice(FACILITIES, n), "geometry": geometry})


def _restrictions(rng, west, south) -> gpd.GeoDataFrame:
    lines = [
        ("road", "provincial", np.nan, shapely.LineString([(west, south + y), (west + QUARTER_M, south + y)]))
        for y in (1100, 2100, 3150)
    ]
    lines += [
        ("road", "township", np.nan, shapely.LineString([(west + x, south), (west + x, south + QUARTER_M)]))
        for x in (1150, 2200, 3100)
    ]
    wire = shapely.LineString([(west, south + rng.uniform(0, 4000)), (west + QUARTER_M, south + 2050)])
    lines.append(("power_line", None, 110.0, wire))
    for x, y in rng.uniform(1200, 3800, (4, 2)):
        zone = shapely.Point(west + x, south + y).buffer(rng.uniform(60, 200))
        lines.append(("heritage_protection", None, np.nan, zone))
    return pd.DataFrame(lines, columns=["kind", "class", "kv", "geometry"])


def _grid(rng, west, south) -> gpd.GeoDataFrame:
    point = shapely.Point(west + rng.uniform(0, QUARTER_M), south + rng.uniform(0, QUARTER_M))
    return pd.DataFrame({"name": ["substation"], "kv": [110.0], "geometry": [point]})


def _write_terrain(file: Path, corners: np.ndarray) -> None:
    cell = 30.0
    (west, south), (east, north) = corners.min(axis=0) - 2000, corners.max(axis=0) + QUARTER_M + 2000
    rows, columns = int((north - south) // cell) + 1, int((east - west) // cell) + 1
    x, y = np.arange(columns) * cell / 5000, np.arange(rows)[:, None] * cell / 7000
    heights = (450 + 60 * np.sin(x) + 40 * np.cos(y)).astype(np.float32)
    transform = rasterio.transform.from_origin(west, south + rows * cell, cell, cell)
    profile = {"driver": "GTiff", "height": rows, "width": columns, "count": 1, "dtype": "float32"}
    with rasterio.open(file, "w", **profile, crs=CRS, transform=transform, tiled=True) as raster:
        raster.write(heights, 1)


def assess(region: Path, out: Path, only: str | None, workers: int) -> None:
    """Assess in this process and print what it took; meant to be a process of its own."""
    begin, cpu = time.perf_counter(), time.process_time()
    starts: dict[str, float] = {}
    watch, work_mb = Watch(), 0.0
    watch.start()

    def tell(share: float, what: str) -> None:
        wall = time.perf_counter() - begin
        stage = next(name for name, end in STAGES.items() if share < end)
        if stage == "write" and stage not in starts:
            nonlocal work_mb
            work_mb = _size_mb(out.with_name(f".{out.name}.work"))
        starts.setdefault(stage, time.process_time())
        watch.stage = stage
        print(f"{wall:7.1f} s {_rss_mb():6.0f} MB {share:4.0%} {what}", file=sys.stderr)

    outcome = assess_region(
        load_region(region), out=out, settings=Settings(only=only, workers=workers), progress=tell
    )
    ends = [*list(starts.values())[1:], time.process_time()]
    io = dict(line.split(": ") for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines())
    stages = json.loads((out / "timings.json").read_text(encoding="utf-8"))["seconds"]
    said = {
        "sites": outcome.sites,
        "seconds": round(time.perf_counter() - begin, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6),
        "read_mb": round(int(io["rchar"]) / 1e6),
        "written_mb": round(int(io["wchar"]) / 1e6),
        "work_mb": work_mb,
        "run_mb": _size_mb(out),
        "stages": stages,
        "peaks_mb": {name: round(peak) for name, peak in watch.peaks.items()},
        "cpu": {name: round(b - a, 2) for (name, a), b in zip(starts.items(), ends, strict=True)},
    }
    print(json.dumps(said))


def _size_mb(folder: Path) -> float:
    return round(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6, 1)


class Watch(threading.Thread):
    """Looks at the memory of this process ten times a second, and keeps the most of each stage."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.stage, self.peaks = "read", {}

    def run(self) -> None:
        while True:
            self.peaks[self.stage] = max(self.peaks.get(self.stage, 0.0), _rss_mb())
            time.sleep(0.1)


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def measure(size: int, given: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Make a region of this size if it is not there, and assess it in a process of its own."""
    home = folder / f"{size}-{given.per_quarter}-{given.fields}"
    file = home / "region.toml"
    if not file.is_file():
        begin = time.perf_counter()
        make_region(size, home, per_quarter=given.per_quarter, fields=given.fields)
        print(f"made {size} buildings in {time.perf_counter() - begin:.0f} s", file=sys.stderr)
    words = [sys.executable, __file__, "--assess", str(file), "--out", str(home / "run")]
    words += ["--workers", str(given.workers), *(["--only", given.only] if given.only else [])]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
    rows = {name: pq.read_metadata(home / f"{name}.parquet").num_rows for name in COUNTED}
    towns = gpd.read_parquet(home / "towns.parquet")
    said = rows | {
        "km2": round(towns.area.sum() / 1e6, 1),
        "pixels": round(towns.area.sum() / pixel_m(towns) ** 2),
        "inputs_mb": round(sum(path.stat().st_size for path in home.glob("*.parquet")) / 1e6, 1),
        "workers": given.workers,
        "only": given.only,
    }
    return said | json.loads(done.stdout)


def scaling(size: int, given: argparse.Namespace, folder: Path) -> None:
    """Measure one worker against two: the same region (strong), and one twice as large (weak)."""
    runs = []
    for buildings, workers in ((size, 1), (size, 2), (2 * size, 2)):
        asked = argparse.Namespace(**vars(given) | {"workers": workers})
        runs.append(measure(buildings, asked, folder))
        print(json.dumps(runs[-1]), flush=True)
    one, two, twice = ({**run["stages"], "all": run["seconds"]} for run in runs)
    for name in ("sites", "all"):
        strong, weak = one[name] / two[name], one[name] / twice[name]
        print(f"{name:6s} strong: {strong:.2f} times as fast with two; weak: {weak:.2f} of one worker's pace")


def fit(file: Path) -> None:
    """Print the costs of data/effort.toml: nonnegative least squares of relative errors."""
    runs = pd.DataFrame([json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()])
    one, buildings = np.ones(len(runs)), runs["buildings"]
    amounts = np.column_stack(
        [one, buildings, runs["farmland"] + runs["municipal"], runs["km2"], runs["pixels"]]
    )
    for name in STAGES:
        found = runs["cpu"].map(lambda cpu, name=name: cpu[name])
        _print_costs(name, amounts, found, ("fixed", *UNITS), "s")
    for name, column in AMOUNTS.items():
        _print_costs(name, amounts, runs[column], ("fixed", *UNITS), "MB")
    share = np.minimum(1.0, (CELL_M / 1000) ** 2 / runs["km2"])  # of the region in one block
    blocks = np.minimum(runs["workers"], np.ceil(1 / share))
    held = np.column_stack(
        [one, buildings, blocks * share * runs["km2"], blocks * share * buildings, runs["pixels"]]
    )
    of = ("fixed", "building", "block_km2", "block_building", "pixel")
    _print_costs("memory", held, runs["peak_mb"], of, "MB")


def _print_costs(name: str, amounts: np.ndarray, found: pd.Series, of: tuple[str, ...], unit: str) -> None:
    cost, _ = nnls(amounts / found.to_numpy()[:, None], np.ones(len(found)))
    ratio = found / (amounts @ cost)
    print(f"\n# measured over reckoned: {ratio.min():.2f} to {ratio.max():.2f} in {len(found)} regions")
    print(f"[{name}]")
    for key, one in zip(of, cost, strict=True):
        per = "" if key == "fixed" else f"/{key.removeprefix('block_')}"
        print(f'{key} = {{ value = {one:.3g}, unit = "{unit}{per}", source = "{SOURCE}", confidence = "M" }}')


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", type=int, nargs="*")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--only", choices=["sites", "heat"])
    parser.add_argument("--keep", type=Path, help="folder for regions and runs; kept")
    parser.add_argument("--per-quarter", type=int, default=PER_QUARTER)
    parser.add_argument("--fields", type=int, default=FIELDS)
    parser.add_argument("--scaling", type=int, metavar="SIZE", help="1 against 2 workers, strong and weak")
    parser.add_argument("--fit", type=Path, help="file of JSON lines to take the costs from")
    parser.add_argument("--assess", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.assess:
        assess(given.assess, given.out, given.only, given.workers)
        return
    if given.fit:
        fit(given.fit)
        return
    with tempfile.TemporaryDirectory() as scratch:
        if given.scaling:
            scaling(given.scaling, given, given.keep or Path(scratch))
            return
        results = []
        for size in given.sizes:
            results.append(measure(size, given, given.keep or Path(scratch)))
            print(json.dumps(results[-1]), flush=True)
    columns = ["buildings", "km2", "workers", "seconds", "cpu_seconds", "peak_mb", "read_mb", "written_mb"]
    table = pd.DataFrame(results)[[*columns, "run_mb"]]
    table["ms_per_building"] = (1000 * table["seconds"] / table["buildings"]).round(2)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
