"""A list of places in, what is allowed there out: candidates at each place, why not, the nearest one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from assessment.heat_points import WHY_COLUMNS, why_table
from assessment.run import Column
from faults import Fault, InputError, RunError
from gis.crs import gcj02_to_wgs84
from layers.files import read_file
from layers.mapping import normal
from layers.tables import X_NAMES, Y_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from assessment.run import Run

    Floats = NDArray[np.float64]

DATUMS = ("wgs84", "gcj02")
ANSWERS = ("allowed", "conditional", "not_checked", "excluded", "no_candidate", "outside", "unusable")
"""What can be said of a place, best first: a candidate of that status; ruled out; nothing known to build on;
in no town of the run; no position."""
POINTS = (
    Column("row", "", "行号", "row of the list"),
    Column("x_given", "", "所给坐标(东/经)", "coordinate given, east"),
    Column("y_given", "", "所给坐标(北/纬)", "coordinate given, north"),
    Column("lon", "deg", "经度(WGS-84)", "longitude, WGS-84"),
    Column("lat", "deg", "纬度(WGS-84)", "latitude, WGS-84"),
    Column("town", "", "新城", "new town"),
    Column("township", "", "街镇", "township"),
    Column("answer", "", "结论", "answer"),
    Column("site_ids", "", "此处候选场址", "candidate sites here"),
    Column("types", "", "光伏类型", "PV types"),
    Column("kwp_dc_low", "kWp", "直流容量(低)", "DC capacity, low"),
    Column("kwp_dc_central", "kWp", "直流容量(中)", "DC capacity, central"),
    Column("kwp_dc_high", "kWp", "直流容量(高)", "DC capacity, high"),
    Column("kwh_year_p50", "kWh/a", "首年发电量 P50", "first-year energy P50"),
    Column("rules", "", "涉及规则", "rules touched"),
    Column("excluded_by", "", "排除规则", "rules that exclude it"),
    Column("not_checked", "", "未核查规则", "rules not checked"),
    Column("nearest_id", "", "最近候选场址", "nearest candidate"),
    Column("nearest_type", "", "最近场址类型", "its type"),
    Column("nearest_kwp_dc", "kWp", "最近场址容量", "its DC capacity"),
    Column("nearest_m", "m", "最近场址距离", "distance to it"),
    Column("heat_technologies", "", "地热技术", "geothermal technologies"),
    Column("heatable_m2", "m2", "可供暖面积", "heatable floor area"),
    *WHY_COLUMNS,
)
"""Columns of the answer, behind the list's own; unknown is null."""
_SUMS = ("kwp_dc_low", "kwp_dc_central", "kwp_dc_high", "kwh_year_p50")
_SITE_COLUMNS = ("id", "type", "status", *_SUMS, "rules", "not_checked")
_SEPARATOR = "; "


@dataclass(frozen=True)
class Places:
    """A list of places as read."""

    frame: pd.DataFrame
    """The list's own columns, one row per place, in order."""
    x: Floats
    """Coordinates as given."""
    y: Floats
    lon: Floats
    """WGS-84; NaN where a row has no usable position."""
    lat: Floats
    faults: tuple[Fault, ...]
    """What was wrong with rows, for the reader."""


def read_places(path: Path, *, datum: str) -> Places:
    """Read a list of places from CSV, XLSX, GeoPackage, GeoJSON, Shapefile or KML.

    Parameters
    ----------
    datum
        `wgs84`, `gcj02`, or `EPSG:<code>` of the coordinates; it is never guessed. A file that declares a
        CRS of its own is read in that, unless `gcj02` is said.

    Raises
    ------
    InputError
        The file cannot be read, has no positions, or the datum is not known.
    """
    source = _source_crs(datum)
    if path.suffix.lower() == ".xlsx":
        frame, x, y, faults = _read_xlsx(path)
    else:
        vector, faults = read_file(path)
        points = shapely.point_on_surface(np.asarray(vector.geometry))
        frame = pd.DataFrame(vector.drop(columns=vector.geometry.name))
        x, y = shapely.get_x(points), shapely.get_y(points)
        if vector.crs is not None and datum.lower() != "gcj02":
            source = CRS(vector.crs)
    lon, lat = _to_wgs84(x, y, source)
    wrong = np.isfinite(lon) & ((np.abs(lon) > 180) | (np.abs(lat) > 90))  # noqa: PLR2004 - the globe
    rule = "is no longitude and latitude; are the columns swapped, or is it another CRS?"
    faults = (
        *faults,
        *(
            _row_fault(path, row, f"{lon[row]:g}, {lat[row]:g}", rule)
            for row in np.flatnonzero(wrong).tolist()
        ),
    )
    lon, lat = (np.where(wrong, np.nan, values) for values in (lon, lat))
    return Places(frame.reset_index(drop=True), x, y, lon, lat, faults)


def _row_fault(path: Path, row: int, value: str, rule: str) -> Fault:
    return Fault("points", int(row) + 1, "lon, lat", value, rule, "warning", path.name)


def _source_crs(datum: str) -> CRS | None:
    """Return the CRS of the coordinates; None for GCJ-02."""
    name = datum.strip().lower()
    if name == "gcj02":
        return None
    try:
        return CRS.from_user_input("EPSG:4326" if name == "wgs84" else datum)
    except CRSError as error:
        rule = f"must be {', '.join(DATUMS)} or EPSG:<code>"
        raise InputError([Fault("points", None, "datum", datum, rule)]) from error


def _to_wgs84(x: Floats, y: Floats, source: CRS | None) -> tuple[Floats, Floats]:
    if source is None:
        return gcj02_to_wgs84(x, y)
    if source.is_geographic:
        return np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    lon, lat = Transformer.from_crs(source, "EPSG:4326", always_xy=True).transform(x, y)
    finite = np.isfinite(lon) & np.isfinite(lat)
    return np.where(finite, lon, np.nan), np.where(finite, lat, np.nan)


def _read_xlsx(path: Path) -> tuple[pd.DataFrame, Floats, Floats, tuple[Fault, ...]]:
    """Read the first sheet; the first row names the columns."""
    try:
        frame = pd.read_excel(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            [Fault("points", None, None, None, f"cannot be read: {error}", file=path.name)]
        ) from error
    names = {normal(name): str(name) for name in frame.columns}
    found = [next((names[name] for name in wanted if name in names), None) for wanted in (X_NAMES, Y_NAMES)]
    chosen = [name for name in found if name is not None]
    if len(chosen) < len(found):
        columns = ", ".join(map(str, frame.columns))
        rule = "needs two columns of coordinates (lon, lat or 经度, 纬度)"
        raise InputError([Fault("points", None, None, columns, rule, file=path.name)])
    numbers = [pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float) for name in chosen]
    bad = np.flatnonzero(~np.isfinite(numbers).all(axis=0))
    faults = tuple(
        _row_fault(path, row, ", ".join(frame[chosen].iloc[row]), "must be coordinates as decimal numbers")
        for row in bad.tolist()
    )
    return frame.drop(columns=chosen), numbers[0], numbers[1], faults


def answer_places(run: Run, places: Places) -> gpd.GeoDataFrame:
    """Say of every place what may be built there and how much, why not, and where the nearest candidate is.

    Returns
    -------
    geopandas.GeoDataFrame
        The list's own columns, then POINTS; geometry is the place in WGS-84. No row is dropped.
    """
    metric = Transformer.from_crs("EPSG:4326", run.manifest["crs"], always_xy=True)
    usable = np.flatnonzero(np.isfinite(places.lon) & np.isfinite(places.lat))
    points = shapely.points(*metric.transform(places.lon[usable], places.lat[usable]))
    answers = pd.DataFrame(index=np.arange(len(places.frame)), columns=[c.name for c in POINTS], dtype=object)
    answers["row"], answers["lon"], answers["lat"] = np.arange(1, len(answers) + 1), places.lon, places.lat
    answers["x_given"], answers["y_given"] = places.x, places.y
    answers["answer"] = "unusable"
    if usable.size:
        found = _answers(run, points, np.stack([places.lon[usable], places.lat[usable]]))
        answers.loc[usable, found.columns] = found.to_numpy()
    for column in POINTS:
        if column.unit:
            answers[column.name] = pd.to_numeric(answers[column.name])
    own = places.frame.rename(columns={name: f"{name}_given" for name in places.frame if name in answers})
    geometry = shapely.points(places.lon, places.lat)
    geometry[~np.isfinite(places.lon)] = None
    return gpd.GeoDataFrame(own.join(answers), geometry=geometry, crs="EPSG:4326")


def _answers(run: Run, points: NDArray[np.object_], lonlat: Floats) -> pd.DataFrame:
    table = pd.DataFrame(index=np.arange(len(points)))
    table["town"] = _first(_hits(run.path / "towns.parquet", ("town",), points), "town", len(points))
    townships = run.path / "townships.parquet"
    if townships.is_file():
        table["township"] = _first(_hits(townships, ("id",), points), "id", len(points))
    here, nearest = _candidates(run.path / "sites.parquet", points)
    table = table.join(_at_each_point(here))
    table = table.join(nearest)
    excluded = _hits(run.path / "excluded.parquet", ("rule",), points)
    table["excluded_by"] = excluded.groupby("point")["rule"].agg(_joined)
    table = table.join(why_table(run, lonlat))
    heat = _hits(run.path / "heat.parquet", ("technology", "heatable_m2"), points)
    table["heat_technologies"] = heat.groupby("point")["technology"].agg(_joined)
    table["heatable_m2"] = heat.groupby("point")["heatable_m2"].sum(min_count=1)
    table["answer"] = np.select(
        [table["town"].isna(), table["site_ids"].notna(), table["excluded_by"].notna()],
        ["outside", table["answer"], "excluded"],
        "no_candidate",
    )
    return table


def _site_words(sites: pd.DataFrame) -> list[Any]:
    """Put the candidates at one place together."""
    status = next(name for name in ANSWERS if name in set(sites["status"]))
    touched = [str(rule["id"]) for rules in sites["rules"] for rule in rules]
    unchecked = [str(rule) for rules in sites["not_checked"] for rule in rules]
    words = [_joined(texts) for texts in (sites["id"], sites["type"], touched, unchecked)]
    return [status, *words, *(sites[name].sum(min_count=1) for name in _SUMS)]


def _at_each_point(here: pd.DataFrame) -> pd.DataFrame:
    names = ["answer", "site_ids", "types", "rules", "not_checked", *_SUMS]
    words = {point: _site_words(sites) for point, sites in here.groupby("point")}
    return pd.DataFrame.from_dict(words, orient="index", columns=names)


def _joined(values: Any) -> str | None:  # noqa: ANN401 - a list or a series of texts
    return _SEPARATOR.join(dict.fromkeys(str(value) for value in values)) or None


def _first(hits: pd.DataFrame, column: str, count: int) -> pd.Series[Any]:
    first = hits.drop_duplicates("point").set_index("point")[column]
    return first.reindex(np.arange(count))


def _hits(path: Path, columns: Sequence[str], points: NDArray[np.object_]) -> pd.DataFrame:
    """Return one row per point and geometry that holds it: point (index) and the columns."""
    parts = []
    for table in _batches(path, columns):
        tree = shapely.STRtree(shapely.from_wkb(table["geometry"].to_numpy()))
        point, row = tree.query(points, predicate="intersects")
        if point.size:
            part = table.select(list(columns)).take(pa.array(row)).to_pandas()
            parts.append(part.assign(point=point))
    if not parts:
        return pd.DataFrame(columns=[*columns, "point"])
    return pd.concat(parts, ignore_index=True).sort_values("point", kind="stable", ignore_index=True)


def _candidates(path: Path, points: NDArray[np.object_]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the sites at each point, and the nearest one of each point, in one pass over the table."""
    here: list[pd.DataFrame] = []
    best = pd.DataFrame(
        index=np.arange(len(points)), columns=["nearest_id", "nearest_type", "nearest_kwp_dc"]
    )
    best["nearest_m"] = np.inf
    for table in _batches(path, _SITE_COLUMNS):
        tree = shapely.STRtree(shapely.from_wkb(table["geometry"].to_numpy()))
        point, row = tree.query(points, predicate="intersects")
        here.append(table.drop_columns(["geometry"]).take(pa.array(row)).to_pandas().assign(point=point))
        _keep_nearer(best, tree, table, points)
    best.loc[~np.isfinite(best["nearest_m"]), "nearest_m"] = np.nan
    return (pd.concat(here, ignore_index=True) if here else pd.DataFrame(columns=["point"])), best


def _keep_nearer(
    best: pd.DataFrame, tree: shapely.STRtree, table: pa.Table, points: NDArray[np.object_]
) -> None:
    """Put the batch's nearest sites where they are nearer than what is known; ties go to the first."""
    (point, row), distance = tree.query_nearest(points, all_matches=False, return_distance=True)
    nearer = distance < best["nearest_m"].to_numpy()[point]
    chosen = table.select(["id", "type", "kwp_dc_central"]).take(pa.array(row[nearer])).to_pandas()
    columns = ["nearest_id", "nearest_type", "nearest_kwp_dc"]
    best.loc[point[nearer], columns] = chosen.to_numpy(dtype=object)
    best.loc[point[nearer], "nearest_m"] = distance[nearer]


def _batches(path: Path, columns: Sequence[str]) -> Iterator[pa.Table]:
    try:
        file = pq.ParquetFile(path, pre_buffer=False)  # else what was read stays in memory
    except (OSError, pa.ArrowInvalid) as error:
        raise RunError(f"{path} cannot be read: {error}") from error
    with file:
        for batch in file.iter_batches(batch_size=65_536, columns=[*columns, "geometry"]):
            if batch.num_rows:
                yield pa.Table.from_batches([batch])
