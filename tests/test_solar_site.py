"""The shade of one building, hour by hour."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import shapely.affinity

from assessment.solar import shade_buildings
from assessment.solar_site import shadows, site_shade
from faults import InputError
from layers.climate import read_climate
from potential.solar.pv_yield import hourly_yield, unit_yield
from tests.test_solar_shading import NORMALS, town, write_terrain


@pytest.fixture(scope="module")
def weather():
    return read_climate(NORMALS, lat=34.35, lon=108.8)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return write_terrain(tmp_path_factory.mktemp("site") / "plain.tif", np.full((100, 100), 400.0))


@pytest.fixture(scope="module")
def court():
    """A low hall with a tower to the south and one far to the east."""
    return town([(0, 0, 30, 20), (-20, -36, 50, -16), (150, 0, 170, 40)], [12.0, 50.0, 60.0])


def test_an_open_roof_is_always_lit(plain, weather):
    shade = site_shade(town([(0, 0, 30, 20)], [12.0]), "b0", plain, weather)
    up = weather.sky.zenith_deg < 88
    np.testing.assert_allclose(shade.lit[up], 1.0, atol=1e-9)
    assert shade.sky_view == pytest.approx(1.0)
    assert (shade.horizon_deg == 0).all()


def test_shade_falls_when_the_sun_stands_behind_the_tower(court, plain, weather):
    shade = site_shade(court, "b0", plain, weather)
    south = np.abs(weather.sky.azimuth_deg - 180) < 20
    winter = np.isin(weather.sky.month, [11, 0])
    summer = np.isin(weather.sky.month, [5, 6])
    noon = south & (weather.sky.zenith_deg < 80)
    assert shade.lit[noon & winter].mean() < 0.35
    assert shade.lit[noon & summer].mean() > 0.95
    assert np.nanmax(shade.month_hour_loss[0, 11:14]) > 0.6
    assert np.nanmax(shade.month_hour_loss[6, 11:14]) < 0.1
    assert shade.horizon_deg[36] > 45 > shade.horizon_deg[0]


def test_a_year_of_hours_is_the_year_of_the_region(court, plain, weather):
    """Hours dimmed one by one add up to what the folded sky gives the same roof."""
    site = site_shade(court, "b0", plain, weather, resolution_m=2.0)
    whole = shade_buildings(court, plain, weather).set_index("id").loc["b0"]
    shaded = hourly_yield(weather.sky, 0.0, 180.0, shade=site.shade).total
    free = unit_yield(weather.sky, 0.0, 180.0)
    assert site.sky_view == pytest.approx(whole["sky_view"], abs=1e-6)
    # without the light that walls throw back, which only the folded sky counts
    sky_month = whole["sun_month"] + whole["dome_month"]
    np.testing.assert_allclose(shaded.poa_kwh_m2_month, sky_month, rtol=0.012)
    assert shaded.poa_kwh_m2 == pytest.approx(sky_month.sum(), rel=0.004)
    assert 1 - shaded.poa_kwh_m2 / free.poa_kwh_m2 > whole["shading_loss"] > 0.2


def test_no_shade_leaves_the_hours_as_they_are(plain, weather):
    shade = site_shade(town([(0, 0, 30, 20)], [12.0]), "b0", plain, weather).shade
    dimmed = hourly_yield(weather.sky, 20.0, 180.0, shade=shade)
    free = hourly_yield(weather.sky, 20.0, 180.0)
    assert dimmed.total.ac_kwh_kwp == pytest.approx(free.total.ac_kwh_kwp, rel=1e-3)


def test_what_cannot_be_shaded_is_said(court, plain, weather):
    with pytest.raises(InputError, match="id = 'nowhere': no building has this id"):
        site_shade(court, "nowhere", plain, weather)
    with pytest.raises(InputError, match="the height of b1 is unknown"):
        site_shade(court.assign(height_m=[12.0, np.nan, 60.0]), "b1", plain, weather)


def test_a_tower_throws_its_shadow_by_the_cotangent(plain):
    """A 40 m tower, the sun in the south-west at 30 degrees: 69.3 m of shadow to the north-east."""
    frame = town([(0, 0, 20, 20)], [40.0])
    west, south, _, _ = frame.total_bounds
    bounds = (west - 60, south - 60, west + 140, south + 140)
    dark, grid = shadows(frame, plain, bounds, sun_zenith_deg=60.0, sun_azimuth_deg=225.0, resolution_m=1.0)
    x, y = np.meshgrid(grid.x_of(np.arange(grid.columns)), grid.y_of(np.arange(grid.rows)))
    reach = 40.0 / np.tan(np.radians(30.0)) / np.sqrt(2)
    tower = shapely.box(west, south, west + 20, south + 20)
    moved = [shapely.affinity.translate(tower, step, step) for step in np.linspace(0, reach, 200)]
    expected = shapely.contains_xy(shapely.union_all(moved).difference(tower), x, y)
    assert (dark ^ expected).sum() < 0.04 * expected.sum()
    assert not dark[shapely.contains_xy(tower, x, y)].any()
    night, _ = shadows(frame, plain, bounds, sun_zenith_deg=95.0, sun_azimuth_deg=225.0)
    assert night.all()
