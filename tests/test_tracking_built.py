"""What is built leaves the potential once: by place, by town and type, and said where it cannot."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from assessment.summary import SUMMARY_SUMS
from tracking.built import subtract_built
from tracking.projects import projects_frame

X, Y = 492000.0, 3805000.0


def sites():
    """Four squares of 100 m in a row: three roofs of 1 MW (two towns) and a ground site of 2 MW."""
    shapes = [shapely.box(X + 200 * i, Y, X + 200 * i + 100, Y + 100) for i in range(4)]
    table = {
        "id": list("abcd"),
        "town": ["fengxi", "fengxi", "jinghe", "fengxi"],
        "type": ["roof_flat", "roof_metal", "roof_flat", "ground"],
        "kwp_dc_central": [1000.0, 1000.0, 1000.0, 2000.0],
        "kw_ac": [800.0, 800.0, 800.0, 1600.0],
        "kwh_year_p50": [1.1e6, 1.1e6, 1.1e6, 2.3e6],
    }
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4545")


def project(**values):
    return {"name": "P", "kind": "pv", "status": "operating", **values}


def at(shape):
    return gpd.GeoSeries([shape], crs="EPSG:4545").to_crs("EPSG:4490").iloc[0]


def left(*projects):
    return subtract_built(sites(), projects_frame(projects))


def test_an_outline_takes_off_the_sites_it_meets_by_overlap():
    outline = at(shapely.box(X, Y, X + 250, Y + 100)).wkt
    found = left(project(geometry_wkt=outline, capacity_mw_dc=0.9, pv_type="roof"))
    np.testing.assert_allclose(found.sites["built_kwp"], [600, 300, 0, 0], rtol=1e-4)
    assert found.notes == ()


def test_a_point_takes_off_the_nearest_site_of_its_type():
    point = at(shapely.Point(X + 130, Y + 50))
    found = left(project(lon=point.x, lat=point.y, capacity_mw_ac=0.4, pv_type="roof_flat"))
    np.testing.assert_allclose(found.sites["built_kwp"], [500, 0, 0, 0])
    far = at(shapely.Point(X + 4000, Y))
    spread = left(project(lon=far.x, lat=far.y, capacity_mw_dc=0.5, pv_type="roof_flat", town="fengxi"))
    np.testing.assert_allclose(spread.sites["built_kwp"], [500, 0, 0, 0])
    assert "have no place" in spread.notes[0].en


def test_without_a_place_by_town_and_type_in_proportion():
    found = left(project(capacity_mw_dc=1.0, pv_type="roof", town="fengxi"))
    np.testing.assert_allclose(found.sites["built_kwp"], [500, 500, 0, 0])
    everywhere = left(project(capacity_mw_unstated=1.0))
    np.testing.assert_allclose(everywhere.sites["built_kwp"], [200, 200, 200, 400])
    assert "taken as DC" in everywhere.notes[-1].en


def test_more_than_the_sites_hold_flows_on_and_what_is_left_is_said():
    outline = at(shapely.box(X, Y, X + 100, Y + 100)).wkt
    found = left(project(geometry_wkt=outline, capacity_mw_dc=1.5, pv_type="roof", town="fengxi"))
    np.testing.assert_allclose(found.sites["built_kwp"], [1000, 500, 0, 0])
    much = left(project(capacity_mw_dc=5.0, pv_type="roof", town="fengxi"))
    np.testing.assert_allclose(much.sites["built_kwp"], [1000, 1000, 0, 0])
    assert "3.00 MW exceed all potential" in much.notes[1].en
    assert "3.00 MW超出" in much.notes[1].zh


def test_an_outline_of_unknown_capacity_takes_off_what_it_covers():
    outline = at(shapely.box(X, Y, X + 25, Y + 100)).wkt
    found = left(project(geometry_wkt=outline))
    np.testing.assert_allclose(found.sites["left_share"], [0.75, 1, 1, 1], rtol=1e-4)


def test_unknown_in_every_way_is_said_and_others_do_not_count():
    found = left(
        project(name="谜", town="fengxi"),
        project(status="approved", capacity_mw_dc=1),
        {**project(capacity_mw_dc=1), "kind": "storage"},
    )
    assert found.sites["built_kwp"].sum() == 0
    assert found.notes[0].zh.endswith("谜")


def test_every_amount_shrinks_together_and_nothing_goes_twice():
    found = left(*[project(name=str(i), capacity_mw_dc=0.4, pv_type="roof", town="fengxi") for i in range(3)])
    assert found.sites["built_kwp"].sum() == pytest.approx(1200)
    share = found.sites["left_share"]
    for name in set(SUMMARY_SUMS) & set(sites().columns):
        pd.testing.assert_series_equal(found.sites[name], sites()[name] * share, check_names=False)


def test_an_empty_ledger_leaves_all():
    found = left()
    assert (found.sites["left_share"] == 1).all()
    assert found.notes == ()


def test_the_months_shrink_with_the_year_and_unknown_months_stay_unknown():
    given = sites().assign(kwh_month=[None, *([[1.0] * 12] * (len(sites()) - 1))])
    projects = projects_frame([project(name="A", capacity_mw_dc=0.4, town="fengxi", pv_type="roof")])
    found = subtract_built(given, projects).sites
    assert found["kwh_month"].iloc[0] is None
    for months, share in zip(found["kwh_month"].iloc[1:], found["left_share"].iloc[1:], strict=True):
        assert np.sum(months) == pytest.approx(12 * share)
    assert found["left_share"].min() < 1
