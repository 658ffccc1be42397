"""A file that is read in batches has the report of one that is read at once."""

from __future__ import annotations

import errno
import pickle

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from faults import RunError
from gis.topology import overlapping, overlaps
from layers import curves
from layers.batches import rows_in_batches
from layers.check_html import write_check_html
from layers.checks import check_path
from layers.curves import plain_codes
from layers.rows import Stored, boxes, stored
from tests.test_layers_gallery import CASES

WHOLE = 10**9
TELLING = (".parquet", ".gpkg", ".fgb", ".shp", ".csv")


def told(file, out, **how):
    """Return all that a check says: report, page, which rows."""
    report = check_path(file, **how)
    write_check_html(report, out)
    layer = report.layers[0] if report.layers else None
    rows = None if layer is None or layer.positions is None else layer.positions.tolist()
    return report.as_dict(), out.read_text(encoding="utf-8"), rows


def assert_alike(file, out, sizes=(2, 7), **how):
    whole = told(file, out, batch_rows=WHOLE, **how)
    for size in sizes:
        assert told(file, out, batch_rows=size, **how) == whole, size


def in_batches(file, size=7, **how):
    return rows_in_batches(file, layer=None, encoding=None, keep=lambda names: names, batch_rows=size, **how)


def faulty(rows, seed=5):
    """Buildings with every kind of fault in some rows."""
    rng = np.random.default_rng(seed)
    row, column = np.divmod(np.arange(rows), int(np.ceil(np.sqrt(rows))))
    x, y = 480_000 + 45.0 * column, 3_780_000 + 45.0 * row
    shapes = shapely.box(x, y, x + rng.uniform(1, 60, rows), y + rng.uniform(0.5, 44, rows))
    ring = np.stack([(x, y), (x + 20, y + 20), (x + 20, y), (x, y + 20), (x, y)]).transpose(2, 0, 1)
    broken = rng.random(rows) < 0.1
    shapes[broken] = shapely.polygons(ring[broken])
    twice = np.flatnonzero(rng.random(rows) < 0.1)[1:]
    shapes[twice] = shapes[rng.integers(0, rows, len(twice))]
    shapes[rng.random(rows) < 0.05] = None
    shapes[rng.random(rows) < 0.05] = shapely.Point(480_000, 3_780_000)
    away = rng.random(rows) < 0.05
    shapes[away] = shapely.box(0, 0, 10, rng.uniform(1, 5, away.sum()))
    far = rng.random(rows) < 0.05
    shapes[far] = shapely.transform(shapes[far], lambda xy: xy + np.array([3e6, 0]))
    words = np.array(["厂房", "住宅", "飞碟", "未知", None], dtype=object)
    heights = rng.uniform(3, 900, rows).round(1).astype(str).astype(object)
    heights[rng.random(rows) < 0.2] = "0"
    heights[rng.random(rows) < 0.1] = "高"
    ids = rng.integers(0, 2 * rows, rows).astype(str).astype(object)
    ids[rng.random(rows) < 0.1] = None
    year = rng.integers(1900, 2200, rows).astype(float)
    year[: rows // 2] = np.nan
    names = np.array([None] * (rows // 2) + [f"楼 {n}" for n in range(rows - rows // 2)], dtype=object)
    table = {"id": ids, "use": rng.choice(words, rows), "height_m": heights, "year": year, "name": names}
    table |= {"floors": rng.integers(0, 9, rows), "面积": shapely.area(shapes) * 1.01, "other": heights}
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4545")


def write(frame, file):
    if file.suffix == ".parquet":
        frame.to_parquet(file, row_group_size=11)
    elif file.suffix == ".csv":
        frame = frame.to_crs(4490)
        table = frame.drop(columns="geometry").assign(wkt=frame.geometry.to_wkt())
        table.to_csv(file, index=False)
    else:
        options = {"encoding": "utf-8"} if file.suffix == ".shp" else {}
        only = {".shp": frame.geom_type != "Point", ".fgb": frame.geometry.notna()}
        frame[only.get(file.suffix, slice(None))].to_file(file, **options)
    return file


@pytest.mark.parametrize("row", CASES, ids=[row[0] for row in CASES])
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.filterwarnings("ignore::UserWarning:pyogrio", "ignore::RuntimeWarning:pyogrio")
def test_the_gallery_is_told_alike(tmp_path, row):
    name, layer, _, _, make = row
    assert_alike(
        make(tmp_path), tmp_path / "r.html", as_layer="roofs" if name == "an_unknown_layer" else layer
    )


@pytest.mark.parametrize("suffix", TELLING)
@pytest.mark.filterwarnings("ignore::UserWarning:pyogrio", "ignore::RuntimeWarning:pyogrio")
def test_faulty_buildings_are_told_alike(tmp_path, suffix):
    file = write(faulty(150), tmp_path / f"buildings{suffix}")
    how = {"told": ["crs=EPSG:4490"]} if suffix == ".csv" else {}
    assert in_batches(file) is not None
    assert_alike(file, tmp_path / "r.html", (7, 100), **how)


ROWS = st.lists(
    st.tuples(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 5), st.integers(1, 5)),
        st.sampled_from(["a", "b", "", None]),
        st.sampled_from(["厂房", "飞碟", None, "0"]),
        st.sampled_from([None, "3", "0", "高", "900"]),
        st.sampled_from([None, 0, 7, 2000]),
        st.sampled_from(["", "bow", "none", "empty", "far", "point", "high"]),
    ),
    min_size=2,
    max_size=40,
)


def shape_of(box, what):
    x, y = 480_000 + 10 * box[0], 3_780_000 + 10 * box[1]
    east, north = x + 10 * box[2], y + 10 * box[3]
    made = {
        "bow": shapely.Polygon([(x, y), (east, north), (east, y), (x, north)]),
        "none": None,
        "empty": shapely.Polygon(),
        "far": shapely.box(x + 4e6, y, east + 4e6, north),
        "point": shapely.Point(x, y),
        "high": shapely.force_3d(shapely.box(x, y, east, north), 3.0),
    }
    return made.get(what, shapely.box(x, y, east, north))


@given(ROWS, st.sampled_from(["buildings", "farmland", "restrictions"]), st.integers(1, 12))
@settings(max_examples=25, deadline=None)
def test_random_tables_are_told_alike(tmp_path_factory, rows, layer, size):
    columns = {
        name: [row[place] for row in rows] for name, place in (("id", 1), ("height_m", 3), ("year", 4))
    }
    columns |= {name: [row[2] for row in rows] for name in ("use", "class", "kind")}
    shapes = [shape_of(row[0], row[5]) for row in rows]
    folder = tmp_path_factory.mktemp("rows")
    file = folder / "some.parquet"
    gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4545").to_parquet(file)
    if len(rows) > size:
        assert in_batches(file, size) is not None
    assert_alike(file, folder / "r.html", (size,), as_layer=layer)


@given(ROWS, st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_overlaps_are_the_same_in_any_batches(rows, size):
    shapes = np.array([shape_of(row[0], "") for row in rows])
    whole = overlaps(shapes, min_m2=1.0)
    asked = []

    def taken(which):
        asked.append(len(which))
        return shapes[which]

    found = overlapping(shapely.bounds(shapes), taken, min_m2=1.0, batch_rows=size)
    assert [part.tolist() for part in found] == [part.tolist() for part in whole]
    assert max(asked, default=0) <= size


def test_stored_shapes_are_those_that_were_stored():
    shapes = np.array(
        [shape_of((n, n, 1, 2), what) for n, what in enumerate(["", "none", "empty", "high", "bow"])]
    )
    kept = stored(iter([shapes[:2], shapes[2:]]), batch_rows=2)
    assert [len(batch) for _, batch in kept.batches()] == [2, 2, 1]
    assert shapely.to_wkt(np.concatenate([batch for _, batch in kept.batches()])).tolist() == (
        shapely.to_wkt(shapes).tolist()
    )
    assert shapely.equals_identical(kept.taken(np.array([4, 0, 4])), shapes[[4, 0, 4]]).all()
    some = kept.chosen(np.array([True, False, False, True, True]))
    assert np.array_equal(boxes(some), shapely.bounds(shapes[[0, 3, 4]]))
    moved = some.mapped(lambda _, batch: shapely.force_2d(batch))
    assert isinstance(moved, Stored)
    assert not shapely.has_z(moved.taken(np.arange(3))).any()
    again = pickle.loads(pickle.dumps(some))  # noqa: S301 - our own bytes
    assert shapely.equals_identical(again.taken(np.arange(3)), shapes[[0, 3, 4]]).all()


@pytest.mark.parametrize("shape", [shapely.LinearRing([(0, 0), (1, 0), (1, 1)]), shapely.Point(np.nan, 1)])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_shapes_that_binary_changes_are_not_stored(shape):
    with pytest.raises(ValueError, match="that binary does not keep"):
        stored(iter([np.array([shape])]), batch_rows=1)


def test_what_only_the_reader_of_whole_files_says_is_left_to_it(tmp_path):
    (tmp_path / "heat.csv").write_text('id,wkt\n1,"LINEARRING (0 0, 1 0, 1 1, 0 0)"\n2,\n', encoding="utf-8")
    assert in_batches(tmp_path / "heat.csv", 1) is None
    (tmp_path / "cut.parquet").write_bytes(write(faulty(60), tmp_path / "whole.parquet").read_bytes()[:-100])
    assert in_batches(tmp_path / "cut.parquet") is None
    assert in_batches(tmp_path / "whole.parquet", 60) is None


def test_empty_cells_of_wkt_are_rows_without_a_shape(tmp_path):
    (tmp_path / "wells.csv").write_text('note,wkt\na,\nb,"POINT (108.7 34.3)"\n', encoding="utf-8")
    report = check_path(tmp_path / "wells.csv", told=["crs=EPSG:4490"])
    assert [(fault.row, fault.rule) for fault in report.faults if fault.severity == "error"] == [
        (1, "has no geometry")
    ]


def test_columns_that_are_not_looked_at_are_not_kept(tmp_path):
    file = write(faulty(60), tmp_path / "buildings.parquet")
    rows, _ = rows_in_batches(file, layer=None, encoding=None, keep=lambda _: {"use"}, batch_rows=7)
    assert rows.table.columns.tolist() == ["use"]
    assert "other" in rows.names


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("heads", [("经度", "纬度"), ("wkt",)])
def test_tables_with_broken_positions_are_told_alike(tmp_path, encoding, heads):
    rng = np.random.default_rng(11)
    lines = [f"名称,{','.join(heads)}"]
    for row in range(60):
        x, y = 108.7 + row / 1000, 34.3 + rng.random() / 10
        broken = rng.random() < 0.2
        arc = (
            f"CIRCULARSTRING ({x} {y}, {x + 0.1} {y}, {x} {y + 0.1})" if row % 7 == 0 else f"POINT ({x} {y})"
        )
        place = f'"{"POINT (1" if broken else arc}"'
        cells = ("东" if broken else x, "北" if rng.random() < 0.2 else y) if len(heads) > 1 else (place,)
        lines.append(",".join(map(str, (f"井{row}", *cells))))
    file = tmp_path / "heat.csv"
    file.write_text("\n".join(lines), encoding=encoding)
    assert in_batches(file) is not None
    assert_alike(file, tmp_path / "r.html", (7, 25), told=["crs=EPSG:4490"])


def test_a_full_disk_is_said(monkeypatch):
    def full(_handle, _binary):
        raise OSError(errno.ENOSPC, "No space left on device")

    kept = stored(iter([np.array([shapely.Point(0, 1)])]), batch_rows=1)
    monkeypatch.setattr("os.write", full)
    with pytest.raises(RunError, match="does not take the shapes of a large file: No space left on device"):
        kept.mapped(lambda _, batch: batch)


@pytest.mark.parametrize("rows_at_once", [5, 12, 100])
def test_a_flatgeobuf_with_missing_shapes_and_no_index_is_read(tmp_path, monkeypatch, rows_at_once):
    """GDAL's stream of such a file gives wrong places after each shape that is missing."""
    shapes = [None if row % 3 == 0 else shapely.box(row, 0, row + 0.5, 1) for row in range(12)]
    frame = gpd.GeoDataFrame({"id": [str(row) for row in range(12)]}, geometry=shapes, crs="EPSG:4545")
    frame.to_file(tmp_path / "b.fgb", SPATIAL_INDEX="NO")
    monkeypatch.setattr(curves, "ROWS_AT_ONCE", rows_at_once)
    codes = np.concatenate(list(curves._codes(tmp_path / "b.fgb", None)))
    assert list(codes) == [0, 3, 3] * 4
    assert plain_codes(tmp_path / "b.fgb", None)
