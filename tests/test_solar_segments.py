"""Roof planes found in measured heights: generated roofs with noise and plant, and a measured city."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.features import geometry_mask
from scipy import ndimage
from shapely import box

from gis.segments import NO_PLANE, OBSTACLE, roof_segments

ALEXANDRIA = Path(__file__).parents[2] / "shared" / "surfaces" / "alexandria"


def gable(tilt_deg, turn_deg, *, noise_m=0.06, size=60, seed=0):
    """A gabled roof of 36 x 20 pixels of half a metre with its ridge along a direction, and its mask."""
    y, x = np.mgrid[0:size, 0:size] - size / 2.0
    turn = np.radians(turn_deg)
    along, across = x * np.sin(turn) - y * np.cos(turn), x * np.cos(turn) + y * np.sin(turn)
    roof = (np.abs(along) <= 18) & (np.abs(across) <= 10)
    heights = np.where(roof, 12.0 - np.abs(across) * 0.5 * np.tan(np.radians(tilt_deg)), 2.0)
    return heights + np.random.default_rng(seed).normal(0, noise_m, heights.shape), roof


@pytest.mark.parametrize("turn", [0, 25, 60, 110])
@pytest.mark.parametrize("tilt", [20, 35])
def test_both_sides_of_a_gable_are_found(tilt, turn):
    heights, roof = gable(tilt, turn)
    found = roof_segments(heights, roof, resolution_m=0.5)
    assert len(found.tilt_deg) == 2
    np.testing.assert_allclose(found.tilt_deg, tilt, atol=1.5)
    sides = sorted(((turn + 90) % 360, (turn + 270) % 360))
    away = np.abs((np.sort(found.azimuth_deg) - sides + 180) % 360 - 180)
    assert away.max() < 3
    expected = roof.sum() * 0.25 / np.cos(np.radians(tilt))
    assert found.area_m2.sum() == pytest.approx(expected, rel=0.05)
    assert found.residual_m.max() < 0.1


def test_plant_on_a_flat_roof_is_an_obstacle():
    heights, roof = gable(0, 0)
    heights[26:30, 24:29] += 1.8
    found = roof_segments(heights, roof, resolution_m=0.5)
    assert len(found.tilt_deg) == 1
    assert found.tilt_deg[0] < 1
    assert found.azimuth_deg.tolist() == [180.0]
    assert (found.labels[26:30, 24:29] == OBSTACLE).all()
    assert (found.labels == OBSTACLE).sum() <= 20 + 4
    assert (found.labels[~roof] == NO_PLANE).all()


def test_two_levels_are_two_planes():
    heights, roof = gable(0, 0)
    upper = roof & (np.mgrid[0:60, 0:60][0] < 26)
    heights[upper] += 3.0
    found = roof_segments(heights, roof, resolution_m=0.5)
    assert sorted(found.area_m2.round(0)) == pytest.approx(
        sorted([upper.sum() * 0.25, (roof & ~upper).sum() * 0.25]), rel=0.06
    )


def test_outliers_do_not_turn_a_plane():
    heights, roof = gable(25, 0)
    rng = np.random.default_rng(5)
    spikes = roof & (rng.random(roof.shape) < 0.08)
    heights[spikes] += rng.uniform(0.6, 4.0, spikes.sum())
    found = roof_segments(heights, roof, resolution_m=0.5)
    np.testing.assert_allclose(found.tilt_deg[:2], 25, atol=1.5)
    assert (found.labels[spikes] == OBSTACLE).mean() > 0.9


def test_a_thicket_has_no_plane():
    rng = np.random.default_rng(1)
    found = roof_segments(rng.uniform(0, 12, (30, 30)), np.ones((30, 30), bool), resolution_m=1.0)
    assert len(found.tilt_deg) == 0
    assert (found.labels == NO_PLANE).all()


@pytest.mark.parametrize(
    ("heights", "roof", "options", "message"),
    [
        (np.zeros((4, 4)), np.ones((4, 5), bool), {}, r"shape \(4, 4\), the roof \(4, 5\)"),
        (np.zeros((4, 4)), np.ones((4, 4), bool), {"tolerance_m": 0.0}, "must be positive, got 0"),
        (np.full((4, 4), np.nan), np.ones((4, 4), bool), {}, "16 pixels of the roof have no height"),
    ],
)
def test_what_cannot_be_split_is_refused(heights, roof, options, message):
    with pytest.raises(ValueError, match=message):
        roof_segments(heights, roof, resolution_m=1.0, **options)


@pytest.mark.skipif(not ALEXANDRIA.is_dir(), reason="the measured surface lies beside the project only")
def test_large_roofs_of_a_measured_city_are_mostly_planes():
    with rasterio.open(ALEXANDRIA / "dsm.tif") as source:
        heights, resolution_m = source.read(1).astype(float), source.res[0]
        houses = gpd.read_file(ALEXANDRIA / "buildings.geojson").to_crs(source.crs).buffer(-resolution_m)
        houses = houses[houses.within(box(*source.bounds)) & (houses.area > 200)]
        masks = [geometry_mask([one], source.shape, source.transform, invert=True) for one in houses]
    shares = []
    for mask in masks:
        window = ndimage.find_objects(mask.astype(int))[0]
        roof = mask[window]
        found = roof_segments(
            heights[window], roof, resolution_m=resolution_m, tolerance_m=0.5, least_m2=40.0
        )
        shares.append((found.labels >= 0)[roof].mean())
    assert len(shares) >= 10
    assert np.median(shares) > 0.7
