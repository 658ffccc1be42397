"""The engine against a slow judge: walked rays, every ten-minute sun, Perez' sky without tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio

from assessment.solar import weather_table
from assessment.sun import Pixels, irradiate, read_surface, sun_rasters
from faults import InputError
from gis.heights import fixed_point
from layers.climate import read_climate
from potential.solar.irradiation import normals
from potential.solar.sun import substep_angles
from tests.solar_scenes import blocks_scene, walked_horizons, walked_irradiation

NORMALS = Path(__file__).parents[1] / "data" / "xixian" / "climate_normals.csv"
ALEXANDRIA = Path(__file__).parents[2] / "shared" / "surfaces" / "alexandria" / "dsm.tif"
WALKS = np.arange(720) * 0.5


@pytest.fixture(scope="module")
def weather():
    return read_climate(NORMALS, lat=34.35, lon=108.8)


@pytest.fixture(scope="module")
def table(weather):
    return weather_table(weather)


def judged(heights, pixels, weather, plane, *, resolution_m=1.0, reach_px=1000):
    zenith, azimuth = substep_angles(
        weather.times, lat=weather.lat, lon=weather.lon, altitude_m=weather.altitude_m
    )
    horizons = walked_horizons(heights, pixels[:, 0], pixels[:, 1], np.radians(WALKS), resolution_m, reach_px)
    return walked_irradiation(horizons, WALKS, weather.sky, zenith, azimuth, plane[0])


def light_of(heights, table, pixels=None, *, plane=None, resolution_m=1.0):
    """Wh/m2 of twelve months of listed pixels, else of all."""
    chosen = Pixels.of(np.ones(heights.shape, bool)) if pixels is None else Pixels(*pixels.T.astype(np.int32))
    return irradiate(fixed_point(heights, resolution_m=resolution_m), table, chosen, plane=plane)[:, :12]


def errors(ours, theirs, table, plane):
    """Shares of the unobstructed value: annual and monthly."""
    flat = light_of(np.zeros((2, 2)), table, plane=plane)[0]
    return (ours - theirs).sum(axis=1) / flat.sum(), (ours - theirs) / flat


@pytest.mark.parametrize(("turn_deg", "tilt", "azimuth"), [(0, 0, 0), (25, 0, 0), (45, 0, 0), (25, 25, 180)])
def test_roof_pixels_of_generated_towns(weather, table, turn_deg, tilt, azimuth):
    heights, roof = blocks_scene(600, seed=11 + turn_deg, turn_deg=turn_deg)
    heights = np.round(heights * 64) / 64
    pixels = np.argwhere(roof)[np.random.default_rng(1).choice(roof.sum(), 250, replace=False)]
    plane = normals(np.array([tilt]), np.array([azimuth]))
    ours = light_of(heights, table, pixels, plane=plane)
    year, month = errors(ours, judged(heights, pixels, weather, plane), table, plane)
    assert abs(year.mean()) < 0.004
    assert np.sqrt((year**2).mean()) < 0.012
    assert np.abs(month.mean(axis=0)).max() < 0.008


@pytest.mark.shared
@pytest.mark.skipif(not ALEXANDRIA.exists(), reason="the measured surface is not beside the project")
def test_pixels_of_a_measured_surface(weather, table):
    with rasterio.open(ALEXANDRIA) as source:
        heights = np.round(source.read(1).astype(float) * 64) / 64
        resolution_m = source.res[0]
    rng = np.random.default_rng(1)
    pixels = np.column_stack([rng.integers(0, heights.shape[0], 400), rng.integers(0, heights.shape[1], 400)])
    plane = normals(np.zeros(1), np.zeros(1))
    ours = light_of(heights, table, pixels, plane=plane, resolution_m=resolution_m)
    theirs = judged(heights, pixels, weather, plane, resolution_m=resolution_m)
    year, month = errors(ours, theirs, table, plane)
    assert abs(year.mean()) < 0.01
    assert np.sqrt((year**2).mean()) < 0.03
    assert np.abs(month.mean(axis=0)).max() < 0.02


def write_surface(path, heights, *, crs="EPSG:4545", resolution_m=1.0, nodata=None):
    transform = rasterio.transform.from_origin(560_000.0, 3_800_000.0, resolution_m, resolution_m)
    profile = {
        "driver": "GTiff",
        "dtype": "float32",
        "count": 1,
        "crs": crs,
        "transform": transform,
        "nodata": nodata,
    }
    height, width = heights.shape
    with rasterio.open(path, "w", width=width, height=height, **profile) as target:
        target.write(heights.astype("float32"), 1)
    return path


def test_rasters_of_a_plain_are_ghi(tmp_path, weather):
    answer = sun_rasters(
        write_surface(tmp_path / "dsm.tif", np.full((70, 90), 400.0)), weather, out=tmp_path / "out"
    )
    assert answer["pixels"] == 6300
    assert answer["annual_mean_kwh_m2"] == pytest.approx(weather.ghi.sum() / 1000, rel=1e-4)
    with (
        rasterio.open(tmp_path / "out" / "monthly.tif") as monthly,
        rasterio.open(tmp_path / "out" / "annual.tif") as annual,
    ):
        assert monthly.count == 12
        np.testing.assert_allclose(monthly.read().mean(axis=(1, 2)), weather.ghi_kwh_m2_month, atol=0.03)
        np.testing.assert_allclose(monthly.read().sum(axis=0), annual.read(1), atol=0.3)
        assert annual.transform.a == 1.0
    with rasterio.open(tmp_path / "out" / "skyview.tif") as view:
        np.testing.assert_allclose(view.read(1), 1.0, atol=1e-3)


def test_slopes_get_what_planes_get(table):
    """A smooth southern slope as it lies equals the plane of its tilt and azimuth."""
    y = np.mgrid[0:120, 0:120][0]
    heights = 500.0 - y * np.tan(np.radians(20))
    sloped = light_of(heights, table).sum(axis=1).reshape(120, 120)[10:110, 10:110]
    plane = normals(np.array([20.0]), np.array([180.0]))
    flat = light_of(np.zeros((4, 4)), table, plane=plane)[0].sum()
    np.testing.assert_allclose(sloped, flat, rtol=5e-3)


def test_unknown_heights_stay_unknown(tmp_path, weather):
    heights = np.full((64, 64), 10.0)
    heights[20:30, 20:30] = -9999.0
    path = write_surface(tmp_path / "dsm.tif", heights, nodata=-9999.0)
    answer = sun_rasters(path, weather, out=tmp_path / "out")
    assert answer["pixels"] == 64 * 64 - 100
    with rasterio.open(tmp_path / "out" / "annual.tif") as annual:
        assert annual.read(1, masked=True).mask.sum() == 100
    assert answer["annual_mean_kwh_m2"] == pytest.approx(weather.ghi.sum() / 1000, rel=1e-4)


def test_grid_north_is_turned_to_true_north(tmp_path):
    near = read_surface(write_surface(tmp_path / "a.tif", np.zeros((4, 4))))
    assert near.convergence_deg == pytest.approx((near.lon - 108) * np.sin(np.radians(near.lat)), abs=0.02)


@pytest.mark.parametrize(
    ("crs", "message"),
    [("EPSG:4326", "must be in a projected CRS in metres"), (None, "has no CRS")],
)
def test_a_surface_without_metres_is_refused(tmp_path, weather, crs, message):
    path = write_surface(tmp_path / "dsm.tif", np.zeros((10, 10)), crs=crs)
    with pytest.raises(InputError, match=message):
        sun_rasters(path, weather, out=tmp_path / "out")


def test_an_azimuth_needs_a_tilt(tmp_path, weather):
    path = write_surface(tmp_path / "dsm.tif", np.zeros((10, 10)))
    with pytest.raises(InputError, match=r"azimuth = '90\.0': needs a tilt"):
        sun_rasters(path, weather, out=tmp_path / "out", azimuth_deg=90.0)


def test_only_masked_pixels_are_reckoned(tmp_path, weather):
    heights = np.full((80, 80), 10.0)
    heights[20:40, 20:50] = 22.0
    path = write_surface(tmp_path / "dsm.tif", heights)
    answer = sun_rasters(path, weather, out=tmp_path / "out", mask=heights > 20)
    assert answer["pixels"] == 600
    assert answer["annual_mean_kwh_m2"] == pytest.approx(weather.ghi.sum() / 1000, rel=1e-4)
    with rasterio.open(tmp_path / "out" / "annual.tif") as annual:
        assert (~annual.read(1, masked=True).mask).sum() == 600
    with pytest.raises(InputError, match=r"dsm\.tif: no pixel to work on"):
        sun_rasters(path, weather, out=tmp_path / "out", mask=heights > 99)
