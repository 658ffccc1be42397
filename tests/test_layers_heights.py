"""Heights of buildings from a measured surface and from storeys; rasters of heights put right."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from assessment.capacity import _with_size
from assessment.inputs import provenance, read_inputs, sha256
from assessment.scenario import Scenario
from assessment.solar_terrain import read_terrain
from faults import InputError
from layers import heights
from layers.catalog import load_catalog
from layers.footprint_heights import surface_heights
from layers.heights import complete_heights
from layers.mended import usable_raster
from layers.rasters import check_raster
from layers.region import DATA, load_region
from layers.storeys import storey_heights, unit_faults
from layers.surfaces import enclosed, fill_holes, put_right
from tests.command import yijian

CATALOG = load_catalog(DATA / "catalog" / "heat.toml")
ALEXANDRIA = Path(__file__).parents[2] / "shared/surfaces/alexandria"
WEST, NORTH, CELL = 500_000.0, 3_800_000.0, 1.0


def raster(
    file: Path,
    band: np.ndarray,
    *,
    crs: str = "EPSG:4545",
    nodata: float | None = -9999.0,
    unit: str | None = None,
    cell: float = CELL,
) -> Path:
    profile = {
        "driver": "GTiff",
        "height": band.shape[0],
        "width": band.shape[1],
        "count": 1,
        "dtype": "float32",
        "crs": crs,
    }
    with rasterio.open(
        file, "w", nodata=nodata, transform=from_origin(WEST, NORTH, cell, cell), **profile
    ) as target:
        target.write(band.astype("float32"), 1)
        if unit is not None:
            target.set_band_unit(1, unit)
    return file


def town(folder: Path, measured=(6.0, 15.0, 30.0)) -> tuple[gpd.GeoDataFrame, Path, Path]:
    """Buildings of 20 m x 20 m on a slope, as footprints, surface and terrain."""
    _rows, columns = np.indices((200, 300))
    ground = 400 + 0.05 * columns
    surface = ground.copy()
    shapes = []
    for number, height in enumerate(measured):
        row, column = 40, 40 + 80 * number
        surface[row : row + 20, column : column + 20] += height
        shapes.append(shapely.box(WEST + column, NORTH - row - 20, WEST + column + 20, NORTH - row))
    count = len(measured)
    table = {"height_m": [np.nan] * count, "floors": [np.nan] * count, "use": ["residential"] * count}
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4545")
    return frame, raster(folder / "dsm.tif", surface), raster(folder / "dtm.tif", ground)


def test_heights_of_a_surface_above_its_terrain(tmp_path):
    frame, dsm, dtm = town(tmp_path)
    found = surface_heights(frame, dsm, dtm)
    np.testing.assert_allclose(found["height_m"], [6, 15, 30], atol=1e-3)
    assert found["quality"].tolist() == ["H", "H", "H"]
    assert ((found["low_m"] < found["height_m"]) & (found["height_m"] < found["high_m"])).all()


def test_footprints_in_degrees_and_a_coarser_terrain(tmp_path):
    frame, dsm, _ = town(tmp_path)
    _, columns = np.indices((40, 60))
    dtm = raster(tmp_path / "coarse.tif", 400 + 0.05 * (5 * columns + 2), cell=5.0)
    found = surface_heights(frame.to_crs(4490), dsm, dtm)
    np.testing.assert_allclose(found["height_m"], [6, 15, 30], atol=0.15)


def test_without_a_terrain_the_ground_is_around_the_building(tmp_path):
    frame, dsm, _ = town(tmp_path)
    found = surface_heights(frame, dsm, None)
    np.testing.assert_allclose(found["height_m"], [6, 15, 30], atol=1.5)
    assert set(found["quality"]) == {"M"}


def test_what_does_not_rise_or_lies_outside_has_no_height(tmp_path):
    frame, dsm, dtm = town(tmp_path, measured=(6.0, 0.4))
    far = gpd.GeoDataFrame(
        {"height_m": [np.nan], "floors": [np.nan], "use": ["other"]},
        geometry=[shapely.box(0, 0, 20, 20)],
        crs="EPSG:4545",
    )
    frame = gpd.GeoDataFrame(
        np.concatenate([frame, far]), columns=frame.columns, geometry="geometry", crs="EPSG:4545"
    )
    found = surface_heights(frame, dsm, dtm)
    assert found["height_m"].isna().tolist() == [False, True, True]
    assert found["quality"].tolist() == ["H", "", ""]


@pytest.mark.skipif(not ALEXANDRIA.is_dir(), reason="the surface of Alexandria is not part of the project")
def test_measured_heights_of_alexandria():
    frame = gpd.read_file(ALEXANDRIA / "buildings.geojson").to_crs("EPSG:26918")
    found = surface_heights(frame, ALEXANDRIA / "dsm.tif", ALEXANDRIA / "dtm.tif")
    off = (found["height_m"] - frame["HEIGHT"]).abs()
    assert found["height_m"].notna().all()
    assert off.median() < 0.5
    assert off[found["quality"] == "H"].max() < 2.0
    inside = (frame["HEIGHT"] >= found["low_m"]) & (frame["HEIGHT"] <= found["high_m"])
    assert inside.mean() > 0.8


def test_storeys_give_a_height_with_a_range():
    frame = gpd.GeoDataFrame({"floors": [6.0, 1.0, np.nan], "use": ["residential", "industrial", "school"]})
    height, low, high = storey_heights(frame, CATALOG)
    assert height[:2].tolist() == [18.0, 8.0]
    assert low[:2].tolist() == pytest.approx([16.8, 6.0])
    assert high[:2].tolist() == pytest.approx([19.2, 12.0])
    assert np.isnan(height[2])


def test_each_height_says_where_it_is_from(tmp_path):
    frame, dsm, dtm = town(tmp_path)
    frame.loc[0, "height_m"] = 7.0
    frame["floors"] = [2.0, 5.0, 10.0]
    blind = frame.geometry.copy()
    blind.iloc[2] = shapely.box(0, 0, 20, 20)
    done, faults = complete_heights(frame.set_geometry(blind), surface=dsm, terrain=dtm, catalog=CATALOG)
    assert done["height_from"].tolist() == ["file", "surface", "floors"]
    assert done["height_m"].tolist() == [7.0, pytest.approx(15.0, abs=1e-3), 30.0]
    assert np.isnan(done["height_low_m"][0])
    assert done["height_quality"].tolist() == ["M", "H", "L"]
    told = "\n".join(map(str, faults))
    assert "heights of 1 of 3 buildings are measured as dsm.tif above the ground" in told
    assert "heights of 1 of 3 buildings are reckoned from their floors" in told


def test_given_heights_in_another_unit_are_suspected(tmp_path, monkeypatch):
    monkeypatch.setattr(heights, "ENOUGH", 3)
    frame, dsm, dtm = town(tmp_path, measured=(6.0, 15.0, 30.0))
    frame["height_m"] = np.array([6.0, 15.0, 30.0]) / 0.3048
    _, faults = complete_heights(frame, surface=dsm, terrain=dtm, catalog=CATALOG)
    assert any("look like feet; give units" in fault.rule for fault in faults)
    frame["height_m"] = [6.0, 15.0, 30.0]
    assert complete_heights(frame, surface=dsm, terrain=dtm, catalog=CATALOG)[1] == []


# ---- rasters ----------------------------------------------------------------------------------------


def test_holes_are_filled_and_the_outside_stays():
    rows, columns = np.indices((60, 60))
    plane = (400 + 0.1 * rows + 0.2 * columns).astype("float32")
    broken = plane.copy()
    broken[20:26, 30:36] = np.nan
    broken[:10] = np.nan
    filled = fill_holes(broken)
    assert np.isnan(filled[:10]).all()
    np.testing.assert_allclose(filled[20:26, 30:36], plane[20:26, 30:36], atol=0.5)
    np.testing.assert_array_equal(filled[40:], plane[40:])


def test_only_cells_that_others_enclose_are_holes():
    empty = np.zeros((5, 5), dtype=bool)
    empty[2, 2] = empty[0, 0] = empty[1, 1] = True
    assert not enclosed(empty).any()
    empty[1, 1] = False
    assert enclosed(empty).sum() == 1


@pytest.mark.parametrize(
    ("unit", "factor"), [("ft", 0.3048), ("cm", 0.01), ("US survey foot", 1200 / 3937), ("m", 1.0)]
)
def test_declared_units_become_metres(tmp_path, unit, factor):
    file = raster(tmp_path / "t.tif", np.full((8, 8), 400.0) / factor, unit=unit)
    changes = put_right(file, tmp_path / "out.tif", "terrain")
    with rasterio.open(tmp_path / "out.tif") as done:
        np.testing.assert_allclose(done.read(1), 400.0, rtol=1e-5)
        assert done.units[0] == "m"
    assert bool(changes) == (unit != "m")


def test_what_was_done_is_said(tmp_path):
    heights = np.full((30, 30), 400.0)
    heights[10:12, 10:13] = -32768
    file = raster(tmp_path / "t.tif", heights, nodata=None)
    changes = put_right(file, tmp_path / "out.tif", "terrain")
    assert changes == [
        "6 cells of -32768 taken as no height",
        "6 cells in holes filled from their edges (0.67% of all)",
    ]


def test_a_unit_that_nobody_knows_and_heights_that_cannot_be_are_refused(tmp_path):
    with pytest.raises(InputError, match="'fathom': is no known unit of height"):
        put_right(
            raster(tmp_path / "f.tif", np.full((8, 8), 4.0), unit="fathom"), tmp_path / "o.tif", "terrain"
        )
    with pytest.raises(InputError, match="heights must lie between"):
        put_right(raster(tmp_path / "c.tif", np.full((8, 8), 40_000.0)), tmp_path / "o.tif", "terrain")
    assert not (tmp_path / "o.tif").exists()


@pytest.mark.parametrize(
    ("heights", "crs", "unit", "message"),
    [
        (np.full((8, 8), 40_000.0), "EPSG:4545", None, "heights look like cm; declare the unit"),
        (np.full((8, 8), 900.0), "EPSG:2248", None, "heights look like foot; declare the unit"),
        (np.full((8, 8), 900.0), "EPSG:4545", "ft", "heights are in ft, not in metres"),
    ],
)
def test_heights_in_another_unit_are_suspected_by_the_check(tmp_path, heights, crs, unit, message):
    _, faults = check_raster(raster(tmp_path / "t.tif", heights, crs=crs, unit=unit), "terrain")
    assert any(message in fault.rule for fault in faults), [fault.rule for fault in faults]


def test_holes_are_reported_by_the_check(tmp_path):
    heights = np.full((40, 40), 400.0)
    heights[10:12, 10:12] = -9999
    _, faults = check_raster(raster(tmp_path / "t.tif", heights), "terrain")
    assert any("4 cells in holes" in fault.rule and "--fix" in fault.rule for fault in faults)


def test_the_command_fills_holes_into_a_new_file(tmp_path):
    band = np.full((20, 20), 400.0)
    band[5:7, 5:7] = -9999
    file = raster(tmp_path / "terrain.tif", band)
    done = yijian("check", file, "--fix", tmp_path / "fixed.tif")
    assert done.returncode == 0
    assert "4 cells in holes filled from their edges" in done.stderr
    with rasterio.open(tmp_path / "fixed.tif") as fixed:
        assert (fixed.read(1) == 400.0).all()


def test_the_range_of_a_height_widens_that_of_its_walls():
    """Relative distances add as squares: 10 % of the height and 20 % of the density make 22.4 %."""
    frame = pd.DataFrame({"w_m2_low": [80.0] * 2, "w_m2_central": [100.0] * 2, "w_m2_high": [120.0] * 2})
    dense = _with_size(frame.assign(size_low=[0.9, np.nan], size_high=[1.1, np.nan]))
    assert dense["w_m2_low"].tolist() == pytest.approx([100 - 100 * np.hypot(0.1, 0.2), 80.0])
    assert dense["w_m2_high"].tolist() == pytest.approx([100 + 100 * np.hypot(0.1, 0.2), 120.0])


def storeys_of(metres_per_unit: float, *, rows: int = 400, seed: int = 4) -> gpd.GeoDataFrame:
    """Buildings whose heights are floors times a storey height of their own, in some unit."""
    rng = np.random.default_rng(seed)
    floors = rng.integers(1, 19, rows).astype(float)
    metres = floors * rng.uniform(2.8, 3.3, rows) + rng.uniform(0, 1.5, rows)
    use = rng.choice(["residential", "rural_house"], rows)
    table = {"use": use, "floors": floors, "height_m": metres / metres_per_unit}
    return gpd.GeoDataFrame(table, geometry=[shapely.box(0, 0, 9, 9)] * rows, crs="EPSG:4545")


@pytest.mark.parametrize(("unit", "metres"), [("ft", 0.3048), ("dm", 0.1), ("cm", 0.01)])
def test_heights_in_another_unit_do_not_fit_the_floors(unit, metres):
    (fault,) = unit_faults(storeys_of(metres), CATALOG)
    assert f"look like {unit}, not m" in fault.rule
    assert fault.severity == "warning"


@pytest.mark.parametrize("seed", range(20))
def test_heights_in_metres_raise_no_doubt(seed):
    frame = storeys_of(1.0, seed=seed)
    assert list(unit_faults(frame, CATALOG)) == []
    halls = frame.assign(floors=1.0, height_m=frame["height_m"].clip(6, 15), use="industrial")
    assert list(unit_faults(halls, CATALOG)) == []
    assert list(unit_faults(halls.assign(floors=np.nan, use="logistics"), CATALOG)) == []


def test_tall_halls_of_one_floor_are_no_evidence_of_feet():
    frame = storeys_of(1.0).assign(floors=1.0, height_m=12.5, use="other")
    assert list(unit_faults(frame, CATALOG)) == []


def hilly(folder: Path, *, unit: str | None = None) -> Path:
    """A slope with a hole of 5 x 5 cells and an edge without heights."""
    band = np.tile(np.arange(60, dtype=float), (40, 1)) + 400
    band[10:15, 20:25] = -9999
    band[:, :3] = -9999
    return raster(folder / "dem.tif", band, unit=unit)


def test_terrain_with_holes_is_put_right_into_a_copy(tmp_path, monkeypatch):
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path / "home"))
    file = hilly(tmp_path)
    before = file.read_bytes()
    found = usable_raster(file, "terrain")
    assert found.path != file
    assert file.read_bytes() == before
    assert found.changes == ("25 cells in holes filled from their edges (1.04% of all)",)
    with rasterio.open(found.path) as copy:
        band = copy.read(1, masked=True)
    assert band[10:15, 20:25].mean() == pytest.approx(422, abs=1)
    assert band.mask[:, :3].all()
    assert usable_raster(file, "terrain") == found
    assert [fault.rule for fault in found.faults("terrain", "dem.tif")] == list(found.changes)


def test_a_raster_that_is_right_is_used_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path / "home"))
    file = raster(tmp_path / "dem.tif", np.full((20, 20), 400.0), unit="m")
    assert usable_raster(file, "terrain").path == file
    assert not (tmp_path / "home").exists()


def test_a_surface_keeps_its_holes_and_loses_its_feet(tmp_path, monkeypatch):
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path / "home"))
    assert usable_raster(hilly(tmp_path), "surface").changes == ()
    (change,) = usable_raster(hilly(tmp_path, unit="ft"), "surface").changes
    assert change == "heights multiplied by 0.3048: metres"


def test_terrain_named_straight_in_a_region_is_filled_at_assessment_and_said(tmp_path, monkeypatch):
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path / "home"))
    hilly(tmp_path)
    shape = shapely.box(WEST + 5, NORTH - 30, WEST + 25, NORTH - 10)
    table = {"use": ["industrial"], "height_m": [9.0]}
    gpd.GeoDataFrame(table, geometry=[shape], crs="EPSG:4545").to_parquet(tmp_path / "b.parquet")
    (tmp_path / "region.toml").write_text(
        """id = "r"
name_zh = "甲"
name_en = "A"
crs_metric = "EPSG:4545"
[layers.buildings]
path = "b.parquet"
[layers.terrain]
path = "dem.tif"
""",
        encoding="utf-8",
    )
    inputs = read_inputs(load_region(tmp_path), Scenario(), progress=lambda _share, _what: None)
    ground = read_terrain(inputs.terrain, inputs.layers["buildings"].frame)
    assert ground.heights_m[10:15, 20:25].mean() == pytest.approx(422, abs=1)
    (entry,) = [entry for entry in provenance(inputs) if entry["layer"] == "terrain"]
    assert entry["file"] == "dem.tif"
    assert entry["sha256"] == sha256(tmp_path / "dem.tif")
    assert entry["put_right"] == ["25 cells in holes filled from their edges (1.04% of all)"]
