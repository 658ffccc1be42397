"""Writing the demonstration layers: files, bytes, progress, all or nothing."""

from __future__ import annotations

import json
import shutil

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from faults import InputError
from layers.demo import build
from layers.demo.build import build_demo, demo_folder
from layers.demo.statistics import floor_area_m2
from layers.region import EMBEDDED, load_region

LAYERS = ("buildings", "farmland", "municipal", "restrictions", "grid", "heat")
REGION = 'id = "small"\nname_zh = "小"\nname_en = "small"\ncrs_metric = "EPSG:4545"\nseed = 3\n'


def small_region(folder, *, corner=(574_000.0, 3_802_800.0), side_m=2200.0, description=True, towns=True):
    folder.mkdir(parents=True, exist_ok=True)
    area = shapely.box(*corner, corner[0] + side_m, corner[1] + side_m)
    row = {"id": ["qinhan"], "name_zh": ["秦汉新城"], "name_en": ["Qinhan"], "planned_area_km2": [4.84]}
    frame = gpd.GeoDataFrame(row | {"management": ["direct"]}, geometry=[area], crs="EPSG:4545")
    frame.to_file(folder / "towns.gpkg")
    if description:
        text = (EMBEDDED / "demo.toml").read_text(encoding="utf-8")
        (folder / "demo.toml").write_text(
            text.replace("margin_m = 5000.0", "margin_m = 300.0"), encoding="utf-8"
        )
    layers = '[layers.towns]\npath = "towns.gpkg"\n' if towns else ""
    (folder / "region.toml").write_text(REGION + layers, encoding="utf-8")
    return load_region(folder)


def quiet(_share, _what):
    pass


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("region")
    told = []
    build_demo(
        small_region(folder), folder / "out", seed=3, progress=lambda share, what: told.append((share, what))
    )
    return folder, told


def test_every_layer_is_written_in_the_metric_crs(built):
    folder, _ = built
    for name in LAYERS:
        frame = gpd.read_parquet(folder / "out" / f"{name}.parquet")
        assert frame.crs.to_epsg() == 4545
        assert frame.columns[0] == "id"
    assert {path.name for path in (folder / "out").iterdir()} == {
        *(f"{name}.parquet" for name in LAYERS), "terrain.tif", "manifest.json",
    }  # fmt: skip


def test_progress_goes_from_little_to_all(built):
    shares = [share for share, _ in built[1]]
    assert shares == sorted(shares)
    assert shares[0] < 0.1
    assert shares[-1] == 1.0


def test_terrain_is_a_cloud_optimised_raster_around_the_region(built):
    folder, _ = built
    with rasterio.open(folder / "out" / "terrain.tif") as terrain:
        assert terrain.crs.to_epsg() == 4545
        assert terrain.res == (20.0, 20.0)
        assert terrain.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert terrain.bounds.left <= 573_700.0
        assert terrain.bounds.top >= 3_805_300.0
        height = terrain.read(1)
    assert 345.0 <= height.min() < height.max() <= 514.0
    assert np.abs(height * 10.0 - np.round(height * 10.0)).max() < 0.01


def test_manifest_counts_what_the_files_hold(built):
    folder, _ = built
    manifest = json.loads((folder / "out" / "manifest.json").read_text(encoding="utf-8"))
    buildings = gpd.read_parquet(folder / "out" / "buildings.parquet")
    assert (manifest["seed"], manifest["region"], manifest["demo"]) == (3, "small", True)
    statistics = manifest["statistics"]
    assert statistics["rows"]["buildings"] == len(buildings)
    assert sum(use["count"] for use in statistics["buildings"].values()) == len(buildings)
    footprint = sum(use["footprint_km2"] for use in statistics["buildings"].values())
    assert footprint == pytest.approx(buildings.area.sum() / 1e6, abs=0.01)
    assert statistics["towns"][0]["area_km2"] == pytest.approx(4.84)


def test_floor_area_by_hand():
    frame = gpd.GeoDataFrame(
        {"use": ["office", "office", "hotel"], "floors": [4, None, None]},
        geometry=[shapely.box(0, 0, 10, 10)] * 3,
    ).astype({"floors": "Int16"})
    assert floor_area_m2(frame).tolist() == [400.0, 400.0, 100.0]


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not(built, tmp_path):
    folder, _ = built
    region = small_region(tmp_path)
    build_demo(region, tmp_path / "again", seed=3, progress=quiet)
    build_demo(region, tmp_path / "other", seed=4, progress=quiet)
    for path in sorted((folder / "out").iterdir()):
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name
    for name in ("buildings.parquet", "farmland.parquet", "terrain.tif"):
        assert (tmp_path / "other" / name).read_bytes() != (folder / "out" / name).read_bytes()


def test_a_failure_leaves_what_was_there(built, tmp_path, monkeypatch):
    out = tmp_path / "out"
    shutil.copytree(built[0] / "out", out)
    before = (out / "buildings.parquet").read_bytes()

    def fail(*_args, **_options):
        raise OSError("disk full")

    monkeypatch.setattr(build, "write_relief", fail)
    with pytest.raises(OSError, match="disk full"):
        build_demo(small_region(tmp_path / "region"), out, seed=9, progress=quiet)
    assert (out / "buildings.parquet").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "region"]


def test_a_region_without_a_description_is_refused(tmp_path):
    region = small_region(tmp_path / "bare", description=False)
    with pytest.raises(InputError, match=r"demo\.toml.*file not found"):
        build_demo(region, tmp_path / "out", seed=1, progress=quiet)
    assert not (tmp_path / "out").exists()


def test_a_region_without_towns_is_refused(tmp_path):
    region = small_region(tmp_path / "bare", towns=False)
    with pytest.raises(InputError, match="no towns: demonstration layers need an area"):
        build_demo(region, tmp_path / "out", seed=1, progress=quiet)


def test_folder_names_region_seed_and_version(tmp_path, monkeypatch):
    region = small_region(tmp_path / "bare")
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path))
    folder = demo_folder(region)
    assert folder.parent == tmp_path / "demo"
    assert folder.name.startswith(f"small-3-v{build.VERSION}-")
    (region.folder / "demo.toml").write_text("", encoding="utf-8")
    assert demo_folder(region) != folder
    monkeypatch.delenv("YIJIAN_HOME")
    assert demo_folder(region).parts[-3:-1] == ("var", "demo")
