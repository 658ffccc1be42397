"""Weather of a region: at the measured level, typical of several years, between points."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from assessment.weather import local_share, region_weather
from faults import InputError
from layers.climate import Weather, read_climate, read_climate_years
from layers.climate_normals import normals_at
from layers.climate_points import LAPSE_K_PER_M, interpolated, point_weights
from layers.climate_region import region_climate
from layers.climate_scale import scaled
from layers.climate_years import finkelstein_schafer, ghi_p50_p90, ghi_summary, typical_year, year_to_year
from layers.region import EMBEDDED, ClimateSpec, load_region

NORMALS = EMBEDDED / "climate_normals.csv"
XIAN = Path(__file__).parents[2] / "shared/climate/CHN_Shaanxi.Xian.570360_CSWD.epw"


@pytest.fixture(scope="module")
def base() -> Weather:
    return read_climate(NORMALS, lat=34.3, lon=108.7, seed=1)


def of_year(base: Weather, year: int, seed: int, level: float = 1.0) -> Weather:
    """Another year of the place: its days in another order within each month, and another level."""
    rng = np.random.default_rng(seed)
    days = np.arange(365).reshape(365, 1)
    month = base.times[::24].month.to_numpy()
    order = np.concatenate(
        [rng.choice(days[month == number, 0], (month == number).sum()) for number in range(1, 13)]
    )
    hour = (order[:, None] * 24 + np.arange(24)).ravel()
    times = pd.date_range(f"{year}-01-01", periods=8760, freq="h", tz=base.times.tz)
    ghi, dhi, dni = (getattr(base, name)[hour] * level for name in ("ghi", "dhi", "dni"))
    return replace(
        base, times=times, ghi=ghi, dhi=dhi, dni=dni, temp_air=base.temp_air[hour], source=f"{year}"
    )


def closes(weather: Weather) -> None:
    cosine = np.maximum(np.cos(np.radians(weather.sky.zenith_deg)), 0)
    np.testing.assert_allclose(weather.dhi + weather.dni * cosine, weather.ghi, atol=1e-6)


def monthly_temperature(weather: Weather) -> np.ndarray:
    return np.array([weather.temp_air[weather.times.month == month].mean() for month in range(1, 13)])


# ---- the measured level -----------------------------------------------------------------------------


def test_months_come_out_at_the_level_they_are_given(base):
    rng = np.random.default_rng(3)
    ghi = base.ghi_kwh_m2_month * rng.uniform(0.75, 1.2, 12)
    share, temp = rng.uniform(0.45, 0.65, 12), rng.uniform(-3, 28, 12)
    made = scaled(base, ghi, diffuse_fraction=share, temp_air_c=temp, level="a station")
    np.testing.assert_allclose(made.ghi_kwh_m2_month, ghi, rtol=1e-6)
    np.testing.assert_allclose(made.dhi_kwh_m2_month / ghi, share, rtol=0.01)
    np.testing.assert_allclose(monthly_temperature(made), temp, atol=1e-9)
    closes(made)
    assert (made.dni <= made.sky.dni_extra + 1e-9).all()
    assert (made.dhi <= made.ghi + 1e-9).all()
    assert any("scaled to a station: GHI" in note for note in made.notes)


def test_scaling_to_its_own_level_changes_nothing(base):
    made = scaled(base, base.ghi_kwh_m2_month, level="itself")
    np.testing.assert_allclose(made.ghi, base.ghi, atol=1e-9)
    np.testing.assert_allclose(made.dhi, base.dhi, atol=1e-6)
    np.testing.assert_array_equal(made.temp_air, base.temp_air)


def test_a_level_that_the_sky_cannot_reach_in_some_hours_goes_to_the_others(base):
    made = scaled(base, base.ghi_kwh_m2_month * 1.45, level="too much")
    assert (made.ghi <= np.maximum(base.ghi, made.sky.dni_extra)).all()
    np.testing.assert_allclose(made.ghi_kwh_m2_month, base.ghi_kwh_m2_month * 1.45, rtol=1e-3)
    closes(made)


def test_unknown_months_stay_as_they_are(base):
    ghi = np.where(np.arange(12) == 5, 100.0, np.nan)
    made = scaled(base, ghi, temp_air_c=np.full(12, np.nan), level="June")
    kept = np.delete(np.arange(12), 5)
    np.testing.assert_allclose(made.ghi_kwh_m2_month[kept], base.ghi_kwh_m2_month[kept])
    assert made.ghi_kwh_m2_month[5] == pytest.approx(100.0)
    np.testing.assert_array_equal(made.temp_air, base.temp_air)


@pytest.mark.skipif(not XIAN.is_file(), reason="the weather file of Xi'an is not part of the project")
def test_the_weather_file_of_xian_does_not_close_and_what_is_done_about_it():
    made = read_climate(XIAN)
    closes(made)
    assert any("GHI = DHI + DNI cos z did not hold in" in note for note in made.notes)
    region = region_climate(ClimateSpec(epw=XIAN, station_normals=NORMALS), lat=34.3, lon=108.7)
    near = normals_at(NORMALS, lat=made.lat, lon=made.lon).normals
    np.testing.assert_allclose(region.ghi_kwh_m2_month, near.ghi_kwh_m2, rtol=1e-6)
    np.testing.assert_allclose(monthly_temperature(region), near.temp_air_c, atol=1e-6)
    closes(region)


# ---- several years ----------------------------------------------------------------------------------


def test_the_statistic_of_finkelstein_and_schafer_by_hand():
    """Days 1 and 4 of 1..4: own steps 1/2, 1; those of all 1/4, 1; distances 1/4 and 0."""
    assert finkelstein_schafer(np.array([4.0, 1.0]), np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx(0.125)


def test_a_typical_year_has_the_mean_and_months_of_real_years(base):
    years = [
        of_year(base, year, seed=year, level=level)
        for year, level in zip((2017, 2018, 2019, 2021, 2022), (0.9, 0.95, 1.0, 1.04, 1.1), strict=True)
    ]
    made = typical_year(years)
    mean = np.mean([year.ghi_kwh_m2_month for year in years], axis=0)
    np.testing.assert_allclose(made.ghi_kwh_m2_month, mean, rtol=1e-3)
    closes(made)
    month = made.times.month.to_numpy()
    for number in range(1, 13):
        rows = month == number
        assert any(np.array_equal(made.temp_air[rows], year.temp_air[rows]) for year in years)
    sums = np.array([year.ghi.sum() / 1000 for year in years])
    assert made.annual_ghi == tuple(
        (label, pytest.approx(value, abs=1e-3))
        for label, value in zip((2017, 2018, 2019, 2021, 2022), sums, strict=True)
    )
    spread = sums.std(ddof=1) / sums.mean()
    assert year_to_year(made) == pytest.approx(spread, abs=1e-5)
    p50, p90 = ghi_p50_p90(made)
    assert p50 == pytest.approx(sums.mean(), rel=1e-3)
    assert p90 == pytest.approx(p50 * (1 - 1.28155 * spread), rel=1e-4)
    assert any("typical year of 2017-2022 (5 years" in note for note in made.notes)


def test_the_year_in_the_middle_is_the_typical_one(base):
    """Of years that differ in nothing but level the middle one is nearest to all together."""
    years = [
        replace(of_year(base, year, seed=9, level=level))
        for year, level in ((2017, 0.8), (2018, 1.0), (2019, 1.2))
    ]
    note = next(note for note in typical_year(years).notes if "typical year" in note)
    assert note.count("2018") == 12


def test_few_years_say_nothing_of_how_far_years_lie_apart(base):
    made = typical_year([of_year(base, 2017, 1), of_year(base, 2018, 2)])
    assert year_to_year(made) is None
    assert ghi_summary(made)["p90"] is None
    assert ghi_summary(made)["years"] == 2


def test_years_that_cannot_be_put_together_are_refused(base):
    one = of_year(base, 2017, 1)
    with pytest.raises(InputError, match="'2017': is given more than once for one place"):
        typical_year([one, one])
    with pytest.raises(InputError, match="lie apart: a typical year is made of years of one place"):
        typical_year([one, replace(of_year(base, 2018, 1), lat=35.9)])


def hourly_csv(path: Path, first: int, last: int) -> Path:
    index = pd.date_range(f"{first}-01-01", f"{last}-12-31 23:00", freq="h", tz="Asia/Shanghai")
    sun = np.maximum(np.sin((index.hour.to_numpy() - 6.5) / 12 * np.pi), 0)
    level = 1 + 0.02 * (index.year.to_numpy() - first)
    table = pd.DataFrame(
        {
            "time": index,
            "ghi": 600 * sun * level,
            "dni": 200 * sun,
            "dhi": 300 * sun,
            "temp_air": 12.0,
            "wind_speed": 2.0,
        }
    )
    path.write_text(
        "# lat: 34.3\n# lon: 108.7\n# altitude: 400\n" + table.to_csv(index=False), encoding="utf-8"
    )
    return path


def test_a_file_of_several_years_with_a_leap_day(tmp_path):
    file = hourly_csv(tmp_path / "w.csv", 2019, 2023)
    years = read_climate_years(file)
    assert [year.annual_ghi[0][0] for year in years] == [2019, 2020, 2021, 2022, 2023]
    with pytest.raises(InputError, match="holds 5 years; one year"):
        read_climate(file)
    made = region_climate(ClimateSpec(hourly=(file,)), lat=34.3, lon=108.7)
    assert ghi_summary(made)["years"] == 5
    assert year_to_year(made) == pytest.approx(np.std([1, 1.02, 1.04, 1.06, 1.08], ddof=1) / 1.04, rel=0.02)


def test_a_year_that_is_not_whole_is_left_out_and_said(tmp_path):
    file = hourly_csv(tmp_path / "w.csv", 2021, 2022)
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(lines[: -24 * 40]), encoding="utf-8")
    (year,) = read_climate_years(file)
    assert any(note.startswith("2022: 7800 of 8760 hours; the year is left out") for note in year.notes)


# ---- several points ---------------------------------------------------------------------------------


def test_between_two_equal_points_lies_the_same(base):
    there = replace(base, lon=base.lon + 0.4)
    made = interpolated([base, there], lat=base.lat, lon=base.lon + 0.2)
    np.testing.assert_allclose(made.ghi, base.ghi, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(np.array(made.field.ratio), 1.0, rtol=1e-9)


def test_halfway_between_points_is_the_mean_and_heights_are_heeded(base):
    low = replace(base, altitude_m=400.0)
    high = replace(
        base,
        lon=base.lon + 0.4,
        altitude_m=1400.0,
        ghi=base.ghi * 0.9,
        dni=base.dni * 0.9,
        dhi=base.dhi * 0.9,
    )
    made = interpolated([low, high], lat=base.lat, lon=base.lon + 0.2, altitude_m=400.0)
    np.testing.assert_allclose(made.ghi_kwh_m2_month, base.ghi_kwh_m2_month * 0.95, rtol=1e-6)
    warmer = monthly_temperature(made) - monthly_temperature(base)
    np.testing.assert_allclose(warmer, 0.5 * -LAPSE_K_PER_M * 1000, atol=1e-6)
    closes(made)
    lon = np.array([base.lon, base.lon + 0.2, base.lon + 0.4])
    ratio = made.field.at(np.full(3, base.lat), lon)[:, 6]
    np.testing.assert_allclose(ratio, [1 / 0.95, 1.0, 0.9 / 0.95], rtol=1e-3)


def test_weights_of_points_sum_to_one_and_fall_with_the_square():
    weights = point_weights(
        np.array([34.0, 34.0]), np.array([108.0, 109.0]), lat=np.array([34.0]), lon=np.array([108.25])
    )
    assert weights.sum() == pytest.approx(1.0)
    assert weights[0, 0] / weights[0, 1] == pytest.approx(9.0, rel=1e-6)


def test_sites_near_a_dark_point_get_less(base):
    dark = replace(base, lon=base.lon + 0.4, ghi=base.ghi * 0.8, dni=base.dni * 0.8, dhi=base.dhi * 0.8)
    made = interpolated([base, dark], lat=base.lat, lon=base.lon + 0.2)
    here = gpd.GeoDataFrame(
        geometry=shapely.points([[base.lon + 0.01, base.lat], [base.lon + 0.39, base.lat]]), crs=4326
    )
    bright, dim = local_share(made, here.to_crs("EPSG:4545"))[:, 5]
    assert bright / dim == pytest.approx(1.25, rel=0.01)
    assert local_share(base, here) is None


# ---- region.toml ------------------------------------------------------------------------------------


def region_with(folder: Path, climate: str):
    text = 'id = "r"\nname_zh = "区"\nname_en = "R"\ncrs_metric = "EPSG:4545"\n[climate]\n' + climate
    (folder / "region.toml").write_text(text, encoding="utf-8")
    return load_region(folder)


def test_region_toml_names_several_files_and_the_measured_level(tmp_path):
    hourly_csv(tmp_path / "a.csv", 2021, 2021)
    hourly_csv(tmp_path / "b.csv", 2022, 2022)
    region = region_with(tmp_path, f'hourly = ["a.csv", "b.csv"]\nstation_normals = "{NORMALS.as_posix()}"\n')
    assert len(region.climate.files) == 3
    towns = gpd.GeoDataFrame({"id": ["t"]}, geometry=[shapely.box(108.6, 34.2, 108.8, 34.4)], crs=4326)
    made = region_weather(region, towns)
    near = normals_at(NORMALS, lat=34.3, lon=108.7).normals
    np.testing.assert_allclose(made.ghi_kwh_m2_month, near.ghi_kwh_m2, rtol=1e-6)
    assert made.annual_ghi[0][0] == 2021


def test_files_of_the_climate_that_are_not_there_are_all_said(tmp_path):
    with pytest.raises(InputError) as caught:
        region_with(tmp_path, 'hourly = ["a.csv", "b.csv"]\nstation_normals = "n.csv"\n')
    assert str(caught.value).count("file not found") == 3


def test_a_region_without_a_climate_is_told_so():
    with pytest.raises(InputError, match="needs a climate: normals, epw or hourly"):
        region_climate(ClimateSpec(), lat=34.3, lon=108.7)
