"""Weather files of every kind, made small and exact, and what is said of broken ones."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults import InputError
from layers.climate import closed, read_climate
from layers.climate_clock import shifted, sun_lag_h
from layers.region import EMBEDDED
from potential.solar.sun import hourly_sky

LAT, LON, ALT = 34.3, 108.9, 400.0
TIMES = pd.date_range("2021-01-01", periods=8760, freq="h", tz="Asia/Shanghai")


@pytest.fixture(scope="module")
def year():
    """A clear, smooth year whose irradiance closes in every hour."""
    zeros = np.zeros(8760)
    sky = hourly_sky(TIMES, zeros, zeros, zeros, zeros, zeros, lat=LAT, lon=LON, altitude_m=ALT)
    cosine = np.maximum(np.cos(np.radians(sky.zenith_deg)), 0)
    dni = np.where(cosine > 0.05, 700 * cosine**0.3, 0)
    dhi = 120 * cosine
    day = np.arange(8760) / 24
    return pd.DataFrame(
        {
            "ghi": dhi + dni * cosine,
            "dni": dni,
            "dhi": dhi,
            "temp_air": 14 - 13 * np.cos(2 * np.pi * (day - 15) / 365),
            "wind_speed": np.full(8760, 1.7),
        },
        index=TIMES,
    )


def check(weather, year, *, decimals=0):
    np.testing.assert_allclose(weather.ghi, year["ghi"], atol=0.6 * 10.0**-decimals)
    np.testing.assert_allclose(weather.dhi, year["dhi"], atol=1.2 * 10.0**-decimals)
    assert abs(weather.dni.sum() / year["dni"].sum() - 1) < 2e-3
    assert weather.lat == pytest.approx(LAT, abs=0.01)
    assert weather.lon == pytest.approx(LON, abs=0.01)
    assert abs(sun_lag_h(weather)) < 0.1
    assert weather.notes == ()
    assert weather.times[0].strftime("%m-%d %H:%M") == "01-01 00:00"
    assert (weather.times.month.to_numpy() == TIMES.month.to_numpy()).all()


def write_csv(path, year, *, label="", index=None, tz=""):
    frame = year.assign(time=(year.index if index is None else index))
    frame["time"] = [stamp.isoformat() for stamp in frame["time"]]
    head = "".join(f"# {line}\n" for line in (label, tz) if line)
    path.write_text(head + frame.to_csv(index=False), encoding="utf-8")
    return path


def test_plain_csv(tmp_path, year):
    path = write_csv(tmp_path / "w.csv", year)
    check(read_climate(path, lat=LAT, lon=LON, altitude_m=ALT), year, decimals=3)


def test_plain_csv_of_interval_ends_is_the_same_year(tmp_path, year):
    start = read_climate(write_csv(tmp_path / "a.csv", year), lat=LAT, lon=LON)
    ends = write_csv(tmp_path / "b.csv", year, label="interval: end", index=year.index + pd.Timedelta("1h"))
    end = read_climate(ends, lat=LAT, lon=LON)
    np.testing.assert_array_equal(start.ghi, end.ghi)
    np.testing.assert_allclose(start.dni, end.dni, atol=1e-9)


def test_plain_csv_in_another_zone_is_the_same_sun(tmp_path, year):
    utc = year.tz_convert("UTC")
    weather = read_climate(write_csv(tmp_path / "utc.csv", utc), lat=LAT, lon=LON)
    assert abs(sun_lag_h(weather)) < 0.1
    assert weather.notes == ()


def epw_text(year):
    head = [f"LOCATION,Test,-,CHN,own,0,{LAT},{LON},8.0,{ALT}"]
    head += ["DESIGN CONDITIONS,0", "TYPICAL/EXTREME PERIODS,0", "GROUND TEMPERATURES,0"]
    head += ["HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0", "COMMENTS 1,-", "COMMENTS 2,-"]
    head += ["DATA PERIODS,1,1,Data,Sunday, 1/ 1,12/31"]
    rows = []
    for stamp, row in year.iterrows():
        cells = [
            2021,
            stamp.month,
            stamp.day,
            stamp.hour + 1,
            0,
            "-",
            row.temp_air,
            5.0,
            60,
            97000,
            0,
            0,
            300,
        ]
        cells += [
            row.ghi,
            row.dni,
            row.dhi,
            0,
            0,
            0,
            0,
            180,
            row.wind_speed,
            5,
            5,
            10,
            7777,
            9,
            0,
            10,
            0.1,
            0,
            88,
            0.2,
            0,
            0,
        ]
        rows.append(",".join(str(cell) for cell in cells))
    return "\n".join(head + rows) + "\n"


def test_epw(tmp_path, year):
    path = tmp_path / "w.epw"
    path.write_text(epw_text(year), encoding="utf-8")
    weather = read_climate(path)
    check(weather, year, decimals=2)
    assert weather.altitude_m == ALT


def test_tmy3(tmp_path, year):
    columns = {"Date (MM/DD/YYYY)": [], "Time (HH:MM)": []}
    for stamp in year.index:
        columns["Date (MM/DD/YYYY)"].append(stamp.strftime("%m/%d/%Y"))
        columns["Time (HH:MM)"].append(f"{stamp.hour + 1:02d}:00")
    frame = pd.DataFrame(columns)
    names = {
        "ghi": "GHI (W/m^2)",
        "dni": "DNI (W/m^2)",
        "dhi": "DHI (W/m^2)",
        "temp_air": "Dry-bulb (C)",
        "wind_speed": "Wspd (m/s)",
    }
    for ours, theirs in names.items():
        frame[theirs] = year[ours].to_numpy()
    path = tmp_path / "w.csv"
    path.write_text(
        f'123,"TEST",XX,8.0,{LAT},{LON},{ALT:.0f}\n' + frame.to_csv(index=False), encoding="utf-8"
    )
    check(read_climate(path), year, decimals=2)


def test_nasa_power(tmp_path, year):
    local = year.tz_convert("Etc/GMT-7")
    frame = pd.DataFrame(
        {"YEAR": local.index.year, "MO": local.index.month, "DY": local.index.day, "HR": local.index.hour}
    )
    names = {
        "ghi": "ALLSKY_SFC_SW_DWN",
        "dhi": "ALLSKY_SFC_SW_DIFF",
        "dni": "ALLSKY_SFC_SW_DNI",
        "temp_air": "T2M",
        "wind_speed": "WS10M",
    }
    for ours, theirs in names.items():
        frame[theirs] = local[ours].to_numpy()
    head = (
        "-BEGIN HEADER-\nNASA/POWER Source Native Resolution Hourly Data\n"
        "Dates: 01/01/2021 through 12/31/2021 in LST\n"
        f"Location: Latitude  {LAT}   Longitude {LON}\nElevation from MERRA-2: Average = {ALT} meters\n"
        "ALLSKY_SFC_SW_DWN (Wh/m^2)\n-END HEADER-\n"
    )
    path = tmp_path / "power.csv"
    path.write_text(head + frame.to_csv(index=False), encoding="utf-8")
    weather = read_climate(path)
    assert weather.ghi.sum() == pytest.approx(year["ghi"].sum(), rel=1e-6)
    assert abs(sun_lag_h(weather)) < 0.1
    assert weather.notes == ()


def test_pvgis_tmy_json(tmp_path, year):
    utc = year.tz_convert("UTC")
    utc = utc[utc.index.year == 2021].reindex(
        pd.date_range("2021-01-01", periods=8760, freq="h", tz="UTC"), method="nearest"
    )
    hours = [
        {"time(UTC)": stamp.strftime("%Y%m%d:%H%M"), "T2m": row.temp_air, "RH": 60.0, "G(h)": row.ghi,
         "Gb(n)": row.dni, "Gd(h)": row.dhi, "IR(h)": 300.0,
         "WS10m": row.wind_speed, "WD10m": 180.0, "SP": 97000.0}
        for stamp, row in utc.iterrows()
    ]  # fmt: skip
    months = [{"month": month, "year": 2021} for month in range(1, 13)]
    data = {
        "inputs": {
            "location": {"latitude": LAT, "longitude": LON, "elevation": ALT, "irradiance_time_offset": 0.5}
        },
        "outputs": {"months_selected": months, "tmy_hourly": hours},
        "meta": {"inputs": {}},
    }
    path = tmp_path / "tmy.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    weather = read_climate(path)
    assert weather.ghi.sum() == pytest.approx(year["ghi"].sum(), rel=1e-3)
    assert weather.sun_minute == 30.0
    assert abs(sun_lag_h(weather)) < 0.1


def test_irradiance_that_does_not_close_is_mended_and_said(tmp_path, year):
    broken = year.assign(dni=year["dni"] * 0.6)
    weather = read_climate(write_csv(tmp_path / "w.csv", broken), lat=LAT, lon=LON)
    np.testing.assert_allclose(weather.ghi, year["ghi"], atol=1e-6)
    assert weather.dni.sum() == pytest.approx(year["dni"].sum(), rel=0.02)
    assert "did not hold in" in weather.notes[0]
    again = closed(weather)
    np.testing.assert_allclose(again.dni, weather.dni, atol=1e-9)


def test_a_clock_an_hour_wrong_is_noticed(tmp_path, year):
    late = year.set_axis(year.index + pd.Timedelta("1h"), axis=0)
    late.index = pd.date_range("2021-01-01", periods=8760, freq="h", tz="Asia/Shanghai")
    late[:] = np.roll(year.to_numpy(), 1, axis=0)
    weather = read_climate(write_csv(tmp_path / "w.csv", late), lat=LAT, lon=LON)
    assert any("+1.0 h against the sun" in note and "-6" in note for note in weather.notes)


@pytest.mark.parametrize("late_h", [-2, 1, 3])
def test_a_wrong_clock_is_set_right_with_its_energy_kept(tmp_path, year, late_h):
    late = year.copy()
    late[:] = np.roll(year.to_numpy(), late_h, axis=0)
    path = write_csv(tmp_path / "w.csv", late)
    right = read_climate(write_csv(tmp_path / "r.csv", year), lat=LAT, lon=LON)
    mended = read_climate(path, lat=LAT, lon=LON, shift_min=-60.0 * late_h)
    np.testing.assert_allclose(mended.ghi, right.ghi, atol=1e-9)
    np.testing.assert_allclose(mended.dni, right.dni, atol=1e-6)
    assert not any("against the sun" in note for note in mended.notes)
    assert any(f"{-60 * late_h:+d} minutes" in note for note in mended.notes)


@given(st.floats(-720, 720))
def test_a_shift_of_any_length_keeps_energy_and_moves_the_middle(shift_min):
    values = np.zeros(8760)
    values[4000:4010] = np.arange(10.0)
    moved = shifted(values, shift_min)
    assert moved.sum() == pytest.approx(values.sum())
    assert moved.min() >= 0
    hours = np.arange(8760)
    middle = (moved * hours).sum() / moved.sum() - (values * hours).sum() / values.sum()
    assert middle * 60 == pytest.approx(shift_min, abs=1e-6)


def test_half_an_hour_and_back_leaves_the_sun_where_it_was(tmp_path, year):
    path = write_csv(tmp_path / "w.csv", year)
    plain, moved = (read_climate(path, lat=LAT, lon=LON, shift_min=by) for by in (0.0, 30.0))
    assert sun_lag_h(moved) - sun_lag_h(plain) == pytest.approx(0.5, abs=0.02)
    assert moved.ghi.sum() == pytest.approx(plain.ghi.sum())


def test_a_shift_that_cannot_be_is_refused(tmp_path, year):
    path = write_csv(tmp_path / "w.csv", year)
    with pytest.raises(InputError, match=r"shift_min.*'900'.*between -720 and 720"):
        read_climate(path, lat=LAT, lon=LON, shift_min=900.0)
    with pytest.raises(InputError, match=r"shift_min.*'30'.*normals have no clock"):
        read_climate(EMBEDDED / "climate_normals.csv", lat=LAT, lon=LON, shift_min=30.0)


def test_diffuse_is_derived_where_only_direct_is_there(tmp_path, year):
    weather = read_climate(write_csv(tmp_path / "w.csv", year.drop(columns="dhi")), lat=LAT, lon=LON)
    assert np.abs(weather.dhi - year["dhi"]).max() < 6  # the place's height above sea moves refraction
    assert weather.dhi.sum() == pytest.approx(year["dhi"].sum(), rel=0.01)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop(columns="ghi").assign(ghi_=1), "is no EPW"),
        (lambda frame: frame.drop(columns="temp_air"), "temp_air: column is missing"),
        (lambda frame: frame.iloc[:8000], "'8000': a year must have 8760"),
        (lambda frame: frame.assign(ghi=frame["ghi"] * 3), r"ghi = '[\d.]+': must lie between 0 and 1500"),
        (lambda frame: frame.assign(wind_speed="calm"), "wind_speed: 8760 hours have no number"),
    ],
)
def test_a_broken_file_is_refused_with_the_reason(tmp_path, year, change, message):
    path = write_csv(tmp_path / "w.csv", change(year))
    with pytest.raises(InputError, match=message):
        read_climate(path, lat=LAT, lon=LON)


def test_times_without_a_zone_are_not_guessed(tmp_path, year):
    naive = year.set_axis(year.index.tz_localize(None), axis=0)
    path = write_csv(tmp_path / "w.csv", naive)
    with pytest.raises(InputError, match=r"row 1, time = '2021-01-01T00:00:00': must carry its offset"):
        read_climate(path, lat=LAT, lon=LON)
    zoned = write_csv(tmp_path / "z.csv", naive, tz="tz: Asia/Shanghai")
    check(read_climate(zoned, lat=LAT, lon=LON), year, decimals=3)


def test_a_file_that_does_not_say_where_needs_a_place(tmp_path, year):
    with pytest.raises(InputError, match="give lat and lon"):
        read_climate(write_csv(tmp_path / "w.csv", year))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere.epw.*cannot be read"):
        read_climate(tmp_path / "nowhere.epw")


@pytest.mark.parametrize("text", ["", "hello\nworld\n", "\x00\x01\x02", "a,b,c\n1,2,3\n"])
def test_what_is_no_climate_is_refused(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="is no EPW, TMY3, PVGIS"):
        read_climate(path, lat=LAT, lon=LON)
