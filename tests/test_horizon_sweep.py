"""Horizon sweeps: against the exact hull, against walked rays, and their symmetries."""

from __future__ import annotations

import numpy as np
import pytest

from gis.far import EARTH_RADIUS_M, curvature_drop_m, far_horizon_tangent
from gis.grid import Grid
from gis.heights import fixed_point, quantum_for
from gis.horizon import Blocks, sweeps, thresholds_deg
from gis.hull import horizon_tangent
from gis.sweep import STANDING, WANTED
from tests.solar_scenes import blocks_scene, march, town_scene

AZIMUTHS = np.array([0.0, 17.0, 45.0, 63.0, 90.0, 133.0, 181.0, 222.0, 270.0, 300.0, 315.0, 350.0])
LEVELS = thresholds_deg(1)[0]
"""One row of thresholds for all azimuths: symmetries must not depend on where a sector stands."""


def codes_of(heights, azimuths=AZIMUTHS, *, resolution_m=1.0, blocks=None, workers=2, levels=LEVELS):
    stored = fixed_point(heights, resolution_m=resolution_m)
    blocks = blocks(stored) if blocks else Blocks.everywhere(stored)
    found = sweeps(
        stored, azimuths, blocks=blocks, levels_deg=np.tile(levels, (len(azimuths), 1)), workers=workers
    )
    return np.stack([code.raster() for code in found])


@pytest.fixture(scope="module")
def scene():
    return blocks_scene(500, seed=1, turn_deg=25.0)


def test_codes_are_those_of_the_exact_hull(scene):
    heights = np.round(scene[0] * 64) / 64
    heights = heights[:, :437]
    for code, azimuth in zip(codes_of(heights), AZIMUTHS, strict=True):
        tangent = horizon_tangent(heights, azimuth, resolution_m=1.0)
        exact = (tangent[:, :, None] > np.tan(np.radians(LEVELS))).sum(axis=2)
        away = np.abs(code.astype(int) - exact)
        assert away.max() <= 1
        assert (away > 0).mean() < 0.01


def test_codes_of_a_continuous_surface_are_those_of_the_exact_hull(scene):
    heights = np.round(scene[0] * 64) / 64
    heights = heights[:, :437].copy()
    for edge in (heights[:2], heights[-2:], heights[:, :2], heights[:, -2:]):
        edge[:] = heights.min()  # beside the raster lies the lowest height, and lines lean on it
    stored = fixed_point(heights, resolution_m=1.0, continuous=True)
    levels = np.tile(LEVELS, (len(AZIMUTHS), 1))
    found = sweeps(stored, AZIMUTHS, blocks=Blocks.everywhere(stored), levels_deg=levels, workers=2)
    away = []
    for code, azimuth in zip(found, AZIMUTHS, strict=True):
        tangent = horizon_tangent(heights, azimuth, resolution_m=1.0, continuous=True)
        exact = (tangent[:, :, None] > np.tan(np.radians(LEVELS))).sum(axis=2)
        away.append(np.abs(code.raster().astype(int) - exact))
    assert np.max(away) <= 2
    assert np.mean(np.array(away) > 0) < 0.02


def test_a_continuous_surface_is_met_between_its_pixels():
    """By hand: one step towards azimuth atan(1/2) passes midway between two pixels of the row ahead."""
    heights = np.zeros((9, 9))
    heights[3, 4:] = 8.0
    azimuth = np.degrees(np.arctan(0.5))
    for column, height in ((4, 8.0), (3, 4.0), (2, 0.0)):  # lines pass at column + 0.5
        tangent = horizon_tangent(heights, azimuth, resolution_m=1.0, continuous=True)[4, column]
        assert tangent == pytest.approx(height / np.hypot(1.0, 0.5) if height else 0.0, abs=1e-9)


@pytest.mark.parametrize("turn_deg", [0.0, 25.0])
def test_a_continuous_surface_is_that_of_walked_rays(turn_deg):
    """Interpolation leaves a tenth of the bias of nearest neighbours and less scatter."""
    heights, roof = town_scene(512, seed=3, turn_deg=turn_deg)
    pixels = np.argwhere(roof)[np.random.default_rng(0).choice(roof.sum(), 200, replace=False)]
    at, errors = tuple(pixels.T), {True: [], False: []}
    for azimuth in np.arange(0.0, 360.0, 20.0):
        true = [march(heights, i, j, np.radians(azimuth), 1.0, 800, np.inf, heights.max()) for i, j in pixels]
        for continuous, found in errors.items():
            kind = {"resolution_m": 1.0, "wall_slope": np.inf, "continuous": continuous}
            ours = horizon_tangent(heights, azimuth, **kind)[at]
            found.append(np.degrees(np.arctan(np.maximum(ours, 0)) - np.arctan(np.maximum(true, 0))))
    between, nearest = np.array(errors[True]), np.array(errors[False])
    assert abs(between.mean()) < 0.07 < nearest.mean()
    assert np.sqrt((between**2).mean()) < np.sqrt((nearest**2).mean())


def test_a_window_of_a_continuous_surface_gives_what_the_whole_gives():
    heights, _ = town_scene(512, seed=4, turn_deg=25.0)
    heights = np.maximum(heights, 30.0)  # no plot ends at another height than the whole
    top, left = 96, 37
    stored = fixed_point(heights, resolution_m=1.0, continuous=True)
    part = fixed_point(heights[top:, left:], resolution_m=1.0, origin=(top, left), continuous=True)
    azimuths = np.array([100.0, 117.0, 135.0, 171.0])  # away from the cut edges
    levels = np.tile(LEVELS, (4, 1))

    def codes(surface, blocks, workers):
        found = sweeps(surface, azimuths, blocks=blocks, levels_deg=levels, workers=workers)
        return np.stack([code.raster() for code in found])

    whole = codes(stored, Blocks.everywhere(stored), 1)
    cut = codes(part, Blocks.everywhere(part), 3)
    # lines along the cut lean on pixels beyond it
    np.testing.assert_array_equal(cut[:, 1:, 1:], whole[:, top + 1 :, left + 1 :])
    standing = heights > 30.0
    plain = Blocks.on_plain(stored)
    plain.mark(*(index.astype(np.int32) for index in np.nonzero(standing)), STANDING | WANTED)
    np.testing.assert_array_equal(codes(stored, plain, 2)[:, standing], whole[:, standing])


def test_the_hull_is_the_highest_point_of_its_line():
    rng = np.random.default_rng(3)
    heights = rng.normal(0, 5, (60, 45))
    for azimuth, step in ((0.0, (-1, 0)), (90.0, (0, 1)), (225.0, (1, -1))):
        tangent = horizon_tangent(heights, azimuth, resolution_m=2.0, wall_slope=np.inf)
        for i, j in rng.integers(0, (60, 45), (40, 2)):
            line = [(i + n * step[0], j + n * step[1], n * 2.0 * np.hypot(*step)) for n in range(1, 60)]
            seen = [(heights[a, b] - heights[i, j]) / d for a, b, d in line if 0 <= a < 60 and 0 <= b < 45]
            assert tangent[i, j] == pytest.approx(max(seen, default=-np.inf))


def test_horizon_is_that_of_walked_rays_within_half_a_pixel(scene):
    """Median error below half a level and half a pixel's angle; outliers are edges half a pixel off."""
    heights, roof = scene
    rng = np.random.default_rng(0)
    pixels = np.argwhere(roof)[rng.choice(roof.sum(), 300, replace=False)]
    levels = np.append(LEVELS, 90.0)
    errors = []
    for code, azimuth in zip(codes_of(heights), AZIMUTHS, strict=True):
        for i, j in pixels:
            true = max(np.degrees(np.arctan(march(heights, i, j, np.radians(azimuth), 1.0, 2000))), 0.0)
            level = int(code[i, j])
            ours = 0.0 if level == 0 else 0.5 * (levels[level - 1] + levels[level])
            errors.append(ours - true)
    errors = np.array(errors)
    assert abs(errors.mean()) < 0.5
    assert np.median(np.abs(errors)) < 1.0
    assert np.sqrt(np.mean(errors**2)) < 3.0


def test_plain_ground_may_be_passed_over():
    heights = np.zeros((640, 570))
    roof = np.zeros_like(heights, bool)
    rng = np.random.default_rng(5)
    for _ in range(40):
        i, j = rng.integers(0, 520, 2)
        heights[i : i + 20, j : j + 12] = np.maximum(heights[i : i + 20, j : j + 12], rng.uniform(5, 80))
        roof[i : i + 20, j : j + 12] = True
    row, column = (part.astype(np.int32) for part in np.nonzero(roof))

    def only_roofs(stored):
        blocks = Blocks.on_plain(stored)
        blocks.mark(row, column, STANDING | WANTED)
        return blocks

    everywhere, skipping = codes_of(heights), codes_of(heights, blocks=only_roofs)
    np.testing.assert_array_equal(everywhere[:, roof], skipping[:, roof])


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_number_of_threads_changes_nothing(scene, workers):
    np.testing.assert_array_equal(codes_of(scene[0], workers=workers), codes_of(scene[0], workers=4))


def test_quarter_turns_mirrors_and_lifts_change_nothing(scene):
    heights = np.round(scene[0] * 64) / 64
    azimuths = np.array([10.0, 55.0, 120.0])
    codes = codes_of(heights, azimuths)
    turned = codes_of(np.rot90(heights, -1).copy(), azimuths + 90)
    lifted = codes_of(heights + 250.0, azimuths)
    np.testing.assert_array_equal(codes, lifted)
    # digital lines round halves one way, so a turn may move single pixels by a level
    assert np.mean([np.rot90(code, -1) != other for code, other in zip(codes, turned, strict=True)]) < 0.02
    mirrored = codes_of(heights[:, ::-1].copy(), 360 - azimuths)
    assert np.mean([code[:, ::-1] != other for code, other in zip(codes, mirrored, strict=True)]) < 0.05


def test_a_wall_is_seen_at_its_angle():
    heights = np.zeros((40, 400))
    heights[:, 300:] = 30.0
    codes = codes_of(heights, np.array([90.0, 270.0]))
    for column in (10, 100, 250, 291):
        angle = np.degrees(np.arctan(30.0 / (300 - column - 0.5)))  # the face stands between pixel centres
        assert codes[0, 20, column] == np.searchsorted(LEVELS, angle)
        assert codes[1, 20, column] == 0


def test_heights_that_do_not_fit_are_stored_coarser():
    heights = np.zeros((8, 300))
    heights[:, 200:] = 2500.0
    stored = fixed_point(heights, resolution_m=10.0)
    assert stored.quantum_m == 0.125
    np.testing.assert_allclose(stored.metres(), heights, atol=stored.quantum_m / 2)
    assert quantum_for(100.0, 1.0) == 1 / 64
    angle = np.degrees(np.arctan(2500.0 / 1495.0))
    assert codes_of(heights, np.array([90.0]), resolution_m=10.0)[0, 4, 50] == np.searchsorted(LEVELS, angle)


def test_a_surface_with_holes_is_refused():
    heights = np.zeros((8, 8))
    heights[3, 3] = np.nan
    with pytest.raises(ValueError, match="without a height"):
        fixed_point(heights, resolution_m=1.0)


def test_a_plateau_beyond_five_kilometres_rises_by_its_angle_less_curvature():
    grid = Grid(-20_000.0, 20_000.0, 100.0, 400, 400)
    x, y = np.meshgrid(grid.x_of(np.arange(400)), grid.y_of(np.arange(400)))
    terrain = np.where(np.hypot(x, y) > 5000, 1000.0, 0.0)
    args = (terrain, grid, np.zeros((1, 2)), np.zeros(1))
    azimuths = np.arange(0, 360, 30.0)
    flat = far_horizon_tangent(*args, azimuths_deg=azimuths, beyond_m=200.0, refraction=1.0)
    round_ = far_horizon_tangent(*args, azimuths_deg=azimuths, beyond_m=200.0, refraction=0.0)
    assert np.arctan(flat).mean() == pytest.approx(np.arctan(0.2), abs=0.004)  # 0.197 rad
    drop = 5000.0**2 / (2 * EARTH_RADIUS_M) / 5000.0
    assert (flat - round_).mean() == pytest.approx(drop, rel=0.1)
    assert curvature_drop_m(5000.0, refraction=0.0) == pytest.approx(1.96, abs=0.01)
