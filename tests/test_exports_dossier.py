from __future__ import annotations

import json

import ezdxf
import geopandas as gpd
import numpy as np
import pandas as pd
import pypdf
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from assessment.run import Run
from exports.dossier import write_dossier
from exports.drawing import write_drawing
from exports.layout import lay_modules
from exports.siteplan import strips
from faults import InputError
from potential.solar.density import ModuleSize
from tests.runs import make_run

MODULE = ModuleSize(620.0, 2.382, 1.134)
GAP_M = 0.02
COS_25 = np.cos(np.radians(25))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run(make_run(tmp_path_factory.mktemp("runs") / "run", n_sites=60, hourly=False))


@pytest.fixture(scope="module")
def site(run):
    return run.sites[run.sites["type"] == "roof_flat"].iloc[0]


@pytest.fixture(scope="module")
def dossier(run, site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dossier") / "site"
    write_dossier(run, site["id"], folder)
    return folder


@settings(max_examples=40, deadline=None)
@given(
    width=st.floats(3, 60),
    depth=st.floats(3, 60),
    turn=st.floats(0, 360),
    azimuth=st.floats(0, 360),
    tilt=st.floats(0, 60),
    ratio=st.sampled_from([0.0, 0.45, 0.9]),
    kwp=st.floats(0, 500),
)
def test_modules_lie_inside_apart_and_along_the_azimuth(*, width, depth, turn, azimuth, tilt, ratio, kwp):
    outline = affinity.rotate(shapely.box(1e5, 3e6, 1e5 + width, 3e6 + depth), turn)
    laid = lay_modules(
        outline,
        tilt_deg=tilt,
        azimuth_deg=azimuth,
        ground_cover_ratio=ratio,
        setback_m=0.5,
        kwp=kwp,
        module=MODULE,
    )
    if not len(laid.modules):
        return
    inside = outline.buffer(-0.5 + 1e-6, join_style="mitre")
    assert shapely.covers(inside, laid.modules).all()
    areas = shapely.area(laid.modules)
    np.testing.assert_allclose(areas, MODULE.length_m * np.cos(np.radians(tilt)) * MODULE.width_m, rtol=1e-6)
    assert shapely.union_all(laid.modules, grid_size=1e-6).area == pytest.approx(areas.sum(), rel=1e-5)
    corners = shapely.get_coordinates(laid.modules[0])
    along = corners[1] - corners[0]
    bearing = np.degrees(np.arctan2(*along)) % 180
    apart = abs(bearing - (azimuth - 90) % 180)
    assert min(apart, 180 - apart) < 1e-3
    assert laid.kwp_planned <= kwp + 1e-9
    assert laid.kwp_planned == pytest.approx(min(np.floor(kwp / 0.62 + 1e-9) * 0.62, laid.kwp_fitting))


@pytest.mark.parametrize("ratio", [0.5, 0.0])
def test_rows_repeat_at_the_pitch_of_the_ground_cover_ratio(ratio):
    field = shapely.box(0, 0, 30, 60)
    laid = lay_modules(
        field, tilt_deg=25, azimuth_deg=180, ground_cover_ratio=ratio, setback_m=0.0, kwp=1e9, module=MODULE
    )
    boxes = shapely.bounds(laid.modules)
    depth = boxes[0, 3] - boxes[0, 1]
    along = min((MODULE.length_m, MODULE.width_m), key=lambda side: abs(side * COS_25 - depth))
    assert depth == pytest.approx(along * COS_25, abs=1e-9)
    pitch = along / ratio if ratio else depth + GAP_M
    np.testing.assert_allclose(np.diff(np.unique(boxes[:, 1].round(6))), pitch, atol=2e-6)


def test_parts_of_a_site_have_rows_of_their_own():
    left, right = shapely.box(0, 0, 12, 10), shapely.box(40, 3, 52, 13)
    flat = {"tilt_deg": 0, "azimuth_deg": 180, "ground_cover_ratio": 0, "setback_m": 0.5, "module": MODULE}
    both = lay_modules(shapely.MultiPolygon([left, right]), kwp=1e9, **flat)
    one = lay_modules(left, kwp=1e9, **flat)
    assert len(both.corners) == 2 * len(one.corners)
    assert both.row.max() == 2 * one.row.max()
    middle = both.corners[:, :, 0].mean(axis=1)
    assert set(both.row[middle < 30]).isdisjoint(both.row[middle > 30])


def test_a_site_smaller_than_its_setback_holds_nothing():
    laid = lay_modules(
        shapely.box(0, 0, 1, 1),
        tilt_deg=5,
        azimuth_deg=90,
        ground_cover_ratio=0,
        setback_m=0.8,
        kwp=9,
        module=MODULE,
    )
    assert len(laid.corners) == len(laid.row) == len(laid.modules) == 0
    assert laid.kwp_fitting == laid.kwp_planned == 0


def test_strips_cover_the_modules_they_join():
    outline = affinity.rotate(shapely.box(0, 0, 40, 20).difference(shapely.box(10, 5, 20, 12)), 20)
    laid = lay_modules(
        outline, tilt_deg=10, azimuth_deg=160, ground_cover_ratio=0.6, setback_m=0.0, kwp=1e9, module=MODULE
    )
    joined = strips(laid.corners, laid.row)
    assert len(joined) < len(laid.modules) / 3
    together = shapely.union_all(joined)
    assert shapely.covers(together.buffer(1e-6), laid.modules).all()
    assert together.area < shapely.area(laid.modules).sum() * (1 + 1.5 * GAP_M / MODULE.width_m)


def test_vertical_modules_have_no_layout():
    with pytest.raises(InputError, match=r"'90'.*vertical"):
        lay_modules(
            shapely.box(0, 0, 9, 9),
            tilt_deg=90,
            azimuth_deg=180,
            ground_cover_ratio=0,
            setback_m=0,
            kwp=1,
            module=MODULE,
        )


def test_hours_sum_to_the_months_of_the_site(dossier, site):
    hours = pd.read_csv(dossier / "hourly.csv", encoding="utf-8-sig")
    assert len(hours) == 8760
    times = pd.to_datetime(hours["time"])
    months = hours["E_Grid [kWh]"].groupby(times.dt.month).sum()
    np.testing.assert_allclose(months, site["kwh_month"], rtol=1e-6)
    night = hours["GlobHor [W/m2]"] == 0
    assert night.sum() > 3000
    assert (hours.loc[night, "E_Grid [kWh]"] == 0).all()
    assert (hours["EArray [kWh]"] >= hours["E_Grid [kWh]"] - 1e-6).all()


def test_outline_and_layout_are_where_the_site_is(dossier, site, run):
    outline = gpd.read_file(dossier / "outline.geojson").to_crs(run.sites.crs)
    assert outline.geometry.area.iloc[0] == pytest.approx(site.geometry.area, rel=1e-6)
    layout = gpd.read_file(dossier / "layout.geojson").to_crs(run.sites.crs)
    assert shapely.covers(site.geometry.buffer(0.01), layout.geometry.to_numpy()).all()
    planned = layout.loc[layout["planned"].astype(bool), "kwp"].sum()
    assert 0 < planned <= site["kwp_dc_central"] + 1e-9


def test_drawing_has_layers_metres_and_the_same_modules(dossier, site):
    drawing = ezdxf.readfile(dossier / "layout.dxf")
    assert drawing.header["$INSUNITS"] == 6
    assert not drawing.audit().has_errors
    by_layer = {}
    for entity in drawing.modelspace().query("LWPOLYLINE"):
        by_layer.setdefault(entity.dxf.layer, []).append(shapely.Polygon(entity.get_points("xy")))
    assert shapely.Polygon(by_layer["SITE"][0]).area == pytest.approx(
        max(part.area for part in shapely.get_parts(site.geometry)), rel=1e-4
    )
    layout = json.loads((dossier / "layout.geojson").read_text(encoding="utf-8"))["features"]
    planned = [feature for feature in layout if feature["properties"]["planned"]]
    assert len(by_layer["MODULES"]) == len(planned)
    notes = " ".join(note.dxf.text for note in drawing.modelspace().query("TEXT"))
    assert site["id"] in notes


def test_page_names_rules_assumptions_and_notices(dossier, site, run):
    reader = pypdf.PdfReader(dossier / "dossier.pdf")
    text = "".join("".join(page.extract_text() for page in reader.pages).split())
    values = json.loads((dossier / "site.json").read_text(encoding="utf-8"))
    titles = {rule["id"]: rule["title_zh"] for rule in run.manifest["rules"]}
    for rule in [*(rule["id"] for rule in site["rules"]), *site["not_checked"]]:
        assert titles[rule] in text
    assert run.manifest["boundary_note_zh"] in text
    assert "usable_share" in values["assumptions"]
    assert all(number["source"] for number in values["assumptions"].values())


def test_a_facade_has_a_dossier_without_a_layout(run, tmp_path):
    facade = run.sites[run.sites["type"] == "facade"].iloc[0]
    files = write_dossier(run, facade["id"], tmp_path / "facade", lang="en")
    assert {path.name for path in files} == {"dossier.pdf", "hourly.csv", "outline.geojson", "site.json"}


def test_an_unknown_site_or_another_region_is_refused(run, tmp_path):
    with pytest.raises(InputError, match=r"'nowhere'.*no site of this run"):
        write_dossier(run, "nowhere", tmp_path / "x")
    manifest = {**run.manifest, "region": {**run.manifest["region"], "id": "elsewhere"}}
    other = make_run(tmp_path / "other", n_sites=12, hourly=False)
    (other / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(InputError, match=r"'xixian'.*not the region of the run \(elsewhere\)"):
        write_dossier(other, "pv-0000000", tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_a_large_drawing_holds_every_module_and_no_handle_twice(tmp_path):
    field = affinity.rotate(shapely.box(4e5, 3.8e6, 4e5 + 220, 3.8e6 + 130), 12)
    laid = lay_modules(
        field, tilt_deg=10, azimuth_deg=168, ground_cover_ratio=0.0, setback_m=0.8, kwp=3000, module=MODULE
    )
    path = tmp_path / "field.dxf"
    write_drawing(path, field, laid, crs="EPSG:4545", run_id="r", notes=["note"])
    drawing = ezdxf.readfile(path)
    assert not drawing.audit().has_errors
    assert not drawing.audit().has_fixes
    found = drawing.modelspace().query("LWPOLYLINE[layer!='SITE']")
    assert len(found) == len(laid.corners) > 8000
    assert len({entity.dxf.handle for entity in found}) == len(found)
    assert int(drawing.header["$HANDSEED"], 16) > max(int(entity.dxf.handle, 16) for entity in found)
    assert all(entity.closed for entity in found)
    drawn = shapely.area([shapely.Polygon(entity.get_points("xy")) for entity in found]).sum()
    assert drawn == pytest.approx(shapely.area(laid.modules).sum(), rel=1e-4)
    read = gpd.read_file(path)  # GDAL
    modules = read[read["Layer"].isin(["MODULES", "MODULES_FITTING"])]
    assert len(modules) == len(laid.corners)
