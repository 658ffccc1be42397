"""Layouts of flat roofs: density, shade between rows, and the choice under a roof's own horizon."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.affinity

from assessment.arrays import FlatRoofs, arranged
from assessment.energy import planes
from assessment.horizons import RoofHorizons, roof_horizons
from assessment.roof_energy import roof_losses
from assessment.site_array import SiteArray
from assessment.solar_types import CATALOGS, type_defaults
from faults import InputError
from layers.catalog import Catalog, Quantity, load_catalog
from layers.climate import read_climate
from potential.solar.arrays import (
    ALIGNED,
    CHEAPEST,
    FULLEST,
    SOUTH,
    TENTS,
    WORTHIEST,
    RowShadows,
    Worth,
    best_of,
    scores,
    skewed_share,
    tent_cover,
)
from potential.solar.density import ModuleSize, row_pitch_ratio
from potential.solar.irradiation import normals, own_levels, plane_tables
from potential.solar.layout import pack_modules
from potential.solar.plane_light import kept_light
from tests.test_solar_shading import NORTH, WEST, write_terrain

DATA = Path(__file__).parents[1] / "data"
LAT = 34.35
MODULE = ModuleSize(620.0, 2.382, 1.134)


@pytest.fixture(scope="module")
def weather():
    return read_climate(DATA / "xixian" / "climate_normals.csv", lat=LAT, lon=108.8)


@pytest.fixture(scope="module")
def catalogs():
    return {name: load_catalog(DATA / "catalog" / f"{name}.toml") for name in (*CATALOGS, "costs")}


@pytest.fixture(scope="module")
def types(catalogs):
    return type_defaults(catalogs, lat=LAT)


@pytest.fixture(scope="module")
def flat(catalogs, types, weather):
    return FlatRoofs.of(catalogs, types["roof_flat"], weather, lat=LAT, costs=catalogs["costs"])


def roofs(turns_deg, types, *, height_m=12.0):
    """Roofs of 40 x 20 m, 200 m apart, turned against the clock."""
    corner = (WEST + 400, NORTH - 1000)
    shapes = [
        shapely.affinity.rotate(
            shapely.box(corner[0] + 200 * i, corner[1], corner[0] + 200 * i + 40, corner[1] + 20), turn
        )
        for i, turn in enumerate(turns_deg)
    ]
    names = [f"b{i}" for i in range(len(shapes))]
    frame = gpd.GeoDataFrame(
        {
            "id": names,
            "parcel_id": names,
            "type": "roof_flat",
            "use": "office",
            "roof_form": "flat",
            "height_m": height_m,
            "facing_deg": 180.0 - np.asarray(turns_deg, float),
        },
        geometry=shapes,
        crs="EPSG:4545",
    )
    return planes(frame, types=types)


@pytest.mark.parametrize("azimuth", [140.0, 163.4, 180.0, 214.0])
@pytest.mark.parametrize("tilt", [10.0, 28.0])
def test_pitch_of_many_rows_is_that_of_one(tilt, azimuth):
    ratio = RowShadows.at(LAT).pitch_ratio(tilt, azimuth)
    assert float(ratio) == pytest.approx(row_pitch_ratio(LAT, tilt, azimuth_deg=azimuth), rel=1e-3)


def test_half_a_tent_sees_the_next_ridge_as_a_row_sees_the_one_in_front():
    tilt, gap_share, length = 10.0, 0.12, 1.0
    cosine, sine = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
    gap = 2 * length * cosine * gap_share / (1 - gap_share)
    to_ridge = np.arctan2(length * sine, gap + length * cosine)
    pitch = length / tent_cover(tilt, gap_share)
    assert np.arctan2(length * sine, pitch - length * cosine) == pytest.approx(to_ridge)


@pytest.mark.parametrize(("long_m", "wide_m"), [(20.0, 12.0), (30.0, 15.0), (60.0, 25.0), (100.0, 40.0)])
def test_rows_askew_lose_the_strip_of_the_catalogue(catalogs, long_m, wide_m):
    """Against module rectangles packed into the same roof, mean of three angles, three tilts, five sizes."""
    density = catalogs["density"]
    skews = (10.0, 20.0, 45.0)
    held = np.zeros(1 + len(skews))
    for tilt in (10.0, 15.0, 25.0):
        for scale in (0.92, 0.96, 1.0, 1.04, 1.08):
            outline = shapely.box(0, 0, long_m * scale, wide_m * scale).buffer(-0.8, join_style="mitre")
            points = np.asarray(outline.exterior.coords) - np.asarray(outline.centroid.coords)[0]
            starts, pitch = np.array([0, len(points)]), row_pitch_ratio(34.4, tilt)
            for place, turn in enumerate((0.0, *skews)):
                azimuth = 180.0 + turn
                laid = pack_modules(
                    points, starts, module=MODULE, azimuth_deg=azimuth, tilt_deg=tilt, pitch_ratio=pitch
                )
                held[place] += len(laid.row)
    said = skewed_share(
        long_m * wide_m,
        2 * (long_m + wide_m),
        skews,
        strip_m=density.value("skewed_rows.strip_m"),
        full_deg=density.value("skewed_rows.full_deg"),
    )
    assert held[1:].mean() / held[0] == pytest.approx(said.mean(), abs=0.04)


def test_each_objective_takes_what_it_names():
    kwp_m2 = np.array([[0.12, 0.16, 0.20]])
    kwh_kwp = np.array([[1200.0, 1160.0, 1090.0]])
    worth = Worth(3.7, 3380.0)
    chosen = {o: int(best_of(scores(o, kwp_m2, kwh_kwp, worth))[0]) for o in (CHEAPEST, WORTHIEST, FULLEST)}
    assert chosen == {CHEAPEST: 0, WORTHIEST: 1, FULLEST: 2}
    assert best_of(scores(WORTHIEST, kwp_m2, kwh_kwp, Worth(5.5, 3380.0)))[0] == 2
    poor = scores(WORTHIEST, kwp_m2, kwh_kwp * 0.7, worth)
    assert (poor < 0).all()
    assert int(best_of(poor)[0]) == 0, "what loses money is not the better for being dense or empty"
    with pytest.raises(ValueError, match="got 9"):
        scores(9, kwp_m2, kwh_kwp, worth)


def test_an_even_roof_gets_racks_along_it_and_an_oblique_one_racks_to_the_south(types, flat):
    found = arranged(roofs([0.0, 5.0, 40.0], types), flat, types, None)
    assert list(found["layout"]) == [ALIGNED, ALIGNED, SOUTH]
    assert found["azimuth_deg"].iloc[2] == 180.0
    assert 10.0 <= found["tilt_deg"].min() <= found["tilt_deg"].max() <= 30.0


@pytest.mark.parametrize("turn", [0.0, 12.0, 31.0, 45.0])
@pytest.mark.parametrize("objective", [CHEAPEST, WORTHIEST, FULLEST])
def test_no_other_layout_serves_the_objective_better(types, flat, turn, objective):
    """Brute force: every layout by itself from density, tables and costs."""
    options = replace(flat, objective=objective)
    best = arranged(roofs([turn], types), options, types, None).iloc[0]
    base = types["roof_flat"].density_w_m2.central / 1000

    def score(tilt, azimuth, layout):
        row = {"type": "roof_flat", "layout": layout, "tilt_deg": tilt, "azimuth_deg": azimuth}
        ratio = row_pitch_ratio(LAT, tilt, azimuth_deg=azimuth)
        dense = row_pitch_ratio(LAT, 15.0) / ratio
        if layout == SOUTH:
            dense *= float(skewed_share(800.0, 120.0, facing - 180.0, strip_m=0.62, full_deg=8.0))
        if layout == TENTS:
            dense = row_pitch_ratio(LAT, 15.0) * 0.88 / np.cos(np.radians(10.0))
        energy = options.open_sky_month(gpd.GeoDataFrame(pd.DataFrame([row]))).sum()
        return float(scores(objective, np.array(base * dense), energy, options.worth))

    facing = roofs([turn], types)["azimuth_deg"].iloc[0]
    tilts = np.arange(10.0, 31.0, 5.0)
    every = {(ALIGNED, tilt): score(tilt, facing, ALIGNED) for tilt in tilts}
    every |= {(SOUTH, tilt): score(tilt, 180.0, SOUTH) for tilt in tilts}
    every[TENTS, 10.0] = score(10.0, facing - 90.0, TENTS)
    assert every[best["layout"], best["tilt_deg"]] == pytest.approx(max(every.values()), rel=1e-4)


def test_capacity_stays_within_what_roofs_carry(types, flat):
    found = [
        arranged(roofs(np.arange(0.0, 46.0, 5.0), types), replace(flat, objective=o), types, None)
        for o in (CHEAPEST, WORTHIEST, FULLEST)
    ]
    w_m2 = np.concatenate([types["roof_flat"].density_w_m2.central * frame["dense"] for frame in found])
    assert 85 < w_m2.min() < w_m2.max() < 205


def test_the_catalogue_can_leave_roofs_as_they_were(catalogs, types, weather):
    density = catalogs["density"]
    given = Quantity(0, 0, 3, unit="choice", source="test", confidence="H")
    changed = {**catalogs, "density": Catalog({**density, "roof_flat.objective": given}, name="density.toml")}
    options = FlatRoofs.of(changed, types["roof_flat"], weather, lat=LAT, costs=catalogs["costs"])
    found = arranged(roofs([0.0, 40.0], types), options, types, None)
    assert list(found["layout"]) == [ALIGNED, ALIGNED]
    assert list(found["tilt_deg"]) == [15.0, 15.0]
    wrong = replace(given, value=7, high=9)
    wrong = {**catalogs, "density": Catalog({**density, "roof_flat.objective": wrong}, name="density.toml")}
    with pytest.raises(InputError, match=r"roof_flat\.objective.*7.*must be one of 0, 1, 2, 3"):
        FlatRoofs.of(wrong, types["roof_flat"], weather, lat=LAT, costs=catalogs["costs"])


@pytest.fixture(scope="module")
def walled(tmp_path_factory, types, weather):
    """One low roof with a tower close to its west, one in the open."""
    terrain = write_terrain(tmp_path_factory.mktemp("arrays") / "plain.tif", np.full((100, 100), 400.0))
    frame = roofs([0.0, 0.0], types)
    x, y, _, _ = frame.geometry.iloc[0].bounds
    tower = frame.iloc[[0]].assign(id="t", parcel_id="t", height_m=70.0)
    tower = tower.set_geometry([shapely.box(x - 40, y - 10, x - 8, y + 40)], crs=frame.crs)
    near = gpd.GeoDataFrame(pd.concat([frame, tower], ignore_index=True), crs=frame.crs)
    found = roof_horizons(
        frame, near, terrain=terrain, weather=weather, types=types, workers=1, progress=lambda _s, _w: None
    )
    assert isinstance(found, RoofHorizons)
    return frame, found


def test_light_left_to_planes_is_the_sum_over_the_table(walled):
    """One roof, one plane, sector by sector in plain numpy."""
    frame, horizons = walled
    tilt, azimuth = 20.0, 215.0
    shares = np.stack(horizons.of(frame["parcel_id"].to_numpy())["horizon"].to_list())
    left = kept_light(shares, np.full((2, 1), tilt), np.full((2, 1), azimuth), horizons.table, albedo=0.2)
    table, normal = horizons.table, normals(np.array([tilt]), np.array([azimuth]))
    own = own_levels(normal, table.azimuths_deg, table.levels_deg)
    light = plane_tables(table.light.sum(axis=2), normal, own)[0]
    view = plane_tables(table.view, normal, own)[0]
    for roof in range(2):
        seen = (shares[roof] * view).sum()
        whole = view[:, 0].sum()
        ghi = table.ghi.sum()
        year = (shares[roof] * light).sum() + 0.2 * ghi * (1 - seen) * seen / whole
        free = light[:, 0].sum() + 0.2 * ghi * (1 - whole)
        assert left.view[roof, 0] == pytest.approx(seen / whole, rel=1e-6)
        assert left.year[roof, 0] == pytest.approx(year / free, rel=1e-6)
    assert left.year[0, 0] < left.year[1, 0] <= 1.0


def test_a_tower_in_the_west_takes_the_afternoon(walled):
    frame, horizons = walled
    tilt = np.full((1, 2), 20.0)
    east, west = horizons.kept(frame["parcel_id"].to_numpy()[:1], tilt, np.array([[90.0, 270.0]])).year[0]
    assert west < east - 0.03
    assert horizons.kept(frame["parcel_id"].to_numpy()[1:], tilt, np.array([[90.0, 270.0]])).year.min() > 0.97


def test_shaded_energy_of_tents_is_the_mean_of_their_halves(walled, types, flat, weather):
    frame, horizons = walled
    tents = arranged(frame, replace(flat, objective=FULLEST), types, horizons)
    assert set(tents["layout"]) == {TENTS}
    loss, hours = roof_losses(tents, horizons, weather=weather, types=types)
    halves = []
    for turn in (0.0, 180.0):
        half = tents.assign(layout=ALIGNED, azimuth_deg=(tents["azimuth_deg"] + turn) % 360)
        halves.append(roof_losses(half, horizons, weather=weather, types=types)[1])
    np.testing.assert_allclose(hours, (halves[0] + halves[1]) / 2, rtol=1e-9, atol=1e-12)
    assert loss[0].mean() > loss[1].mean()


def test_the_card_of_a_site_reckons_the_array_of_the_run(types, catalogs, flat, weather):
    for objective in (CHEAPEST, WORTHIEST, FULLEST):
        found = arranged(roofs([0.0, 33.0], types), replace(flat, objective=objective), types, None)
        open_sky = flat.open_sky_month(found).sum(axis=1)
        for row, kwh in zip(found.to_dict("records"), open_sky, strict=True):
            array = SiteArray.of(row, types["roof_flat"], catalogs["density"], lat=LAT)
            assert array.hours(weather.sky).total.ac_kwh_kwp == pytest.approx(kwh, rel=2e-3)
            assert array.system.rows.ground_cover_ratio == pytest.approx(row["cover"], rel=1e-3)


def test_a_roof_of_an_older_run_has_the_array_of_its_type(types, catalogs):
    row = {"type": "roof_flat", "tilt_deg": 15.0, "azimuth_deg": 170.0}
    array = SiteArray.of(row, types["roof_flat"], catalogs["density"], lat=LAT)
    assert array.system == types["roof_flat"].system
    assert array.azimuths_deg == (170.0,)
