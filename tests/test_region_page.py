"""The page of own data without a browser: what its processes work on, and who may make a region."""

from __future__ import annotations

import pickle

import geopandas as gpd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from faults import Fault, InputError
from layers.climate_region import region_climate
from layers.fetch.download import FetchError
from layers.fetch.written import Origin, write_origin
from layers.region import load_region
from layers.sources import read_layer
from tests.runs import make_run
from tests.test_climate_region import hourly_csv
from tests.test_layers_offers import in_feet
from tests.test_region_wizard import NORMALS, boundary_file, buildings_file
from ui.limited import limited
from ui.limits import Limits, Quota
from ui.own_offers import agreed_before
from ui.own_region import keep
from ui.own_report import fault_table
from ui.own_upload import plain_name, save_upload
from ui.own_words import error_text
from ui.own_work import BUILT_IN_NORMALS, Draft, check_upload, columns_asked, make_draft


def draft(folder, **more) -> Draft:
    return Draft("测试区", "Test Town", boundary_file(folder, "xian"), **({"weather": (NORMALS,)} | more))


def test_a_draft_becomes_a_region_in_a_process_of_its_own(tmp_path):
    given = draft(tmp_path, layers={"buildings": buildings_file(tmp_path)})
    found = limited(make_draft, given, tmp_path / "region", seconds=100)
    assert found.ok
    assert found.svg.startswith("<svg ")
    assert [layer["layer"] for layer in found.layers] == ["towns", "buildings"]
    assert any("900 rows kept" in line for line in found.logs)
    assert "terrain" in found.missing
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own
    assert load_region(tmp_path / "region").name_zh == "测试区"


def test_a_draft_is_made_anew_in_the_same_folder(tmp_path):
    make_draft(draft(tmp_path, layers={"buildings": buildings_file(tmp_path)}), tmp_path / "region")
    found = make_draft(draft(tmp_path), tmp_path / "region")
    assert [layer["layer"] for layer in found.layers] == ["towns"]


def test_a_conversion_is_done_only_where_it_is_agreed_to(tmp_path):
    layers = {"buildings": buildings_file(tmp_path, gcj=True)}
    make_draft(draft(tmp_path, layers=layers), tmp_path / "a")
    make_draft(draft(tmp_path, layers=layers, told={"buildings": ("convert=gcj02",)}), tmp_path / "b")
    shifted, right = (read_layer(load_region(tmp_path / name), "buildings").frame for name in "ab")
    moved = (shifted.total_bounds - right.total_bounds)[:2]
    assert 300 < (moved**2).sum() ** 0.5 < 700


def test_a_region_is_kept_under_its_name_and_never_replaced(tmp_path, monkeypatch):
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path / "home"))
    make_draft(draft(tmp_path), tmp_path / "region")
    folder = keep(tmp_path / "region", draft(tmp_path).id)
    assert folder == tmp_path / "home" / "regions" / "test-town"
    assert load_region(folder).id == "test-town"
    with pytest.raises(FileExistsError):
        keep(tmp_path / "region", "test-town")


def test_findings_are_in_chinese_the_worst_first(tmp_path):
    file = save_upload(tmp_path, "../../buildings.geojson", buildings_file(tmp_path).read_bytes())
    assert file.parent == tmp_path
    found = check_upload(file, "buildings", None)
    table = fault_table(found.faults)
    assert table["severity"].iloc[0] == "warning"
    assert table["severity"].is_monotonic_decreasing
    assert table["rule"].str.contains("[\u4e00-\u9fff]").all()


def test_uploads_of_a_session_have_a_limit():
    quota = Quota(Limits(upload_mb=1, session_upload_mb=1))
    assert quota.take(600_000).used_bytes == 600_000


@pytest.fixture
def page(tmp_path, monkeypatch):
    run = make_run(tmp_path / "run", n_sites=200, seed=6, hourly=False)
    monkeypatch.setenv("YIJIAN_RUN", str(run))
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path))

    def opened(role: str | None) -> AppTest:
        if role is not None:
            access = tmp_path / "access.toml"
            access.write_text(f'sign_in = "network"\nnetwork_role = "{role}"\n', encoding="utf-8")
            monkeypatch.setenv("YIJIAN_ACCESS", str(access))
        st.cache_data.clear()
        return AppTest.from_function(_page, default_timeout=60).run()

    return opened


def _page():
    import streamlit

    from ui.views.own_data import page as show

    streamlit.session_state["own_task_zh"] = "region"
    show()


def test_viewers_may_check_but_not_make_regions(page):
    told = [box.value for box in page("viewer").info]
    assert any("新建区域需要编辑权限" in text for text in told)


def test_editors_get_the_form(page):
    shown = page("editor")
    assert not shown.exception
    assert [field.label for field in shown.text_input] == ["中文名称", "英文名称"]
    button = next(button for button in shown.button if button.label == "检查并预览")
    assert button.disabled


def test_columns_that_may_be_one_are_asked_for_in_a_process_of_its_own(tmp_path):
    frame = gpd.read_file(buildings_file(tmp_path))
    frame = frame.assign(高度=9.0, 建筑高度=30.0)
    frame.to_file(tmp_path / "b.gpkg")
    asked = limited(columns_asked, tmp_path / "b.gpkg", "buildings", seconds=100)
    assert set(asked["height_m"]) == {"高度", "建筑高度"}
    layers = {"buildings": tmp_path / "b.gpkg"}
    given = draft(tmp_path, layers=layers, told={"buildings": ("columns.height_m=建筑高度",)})
    make_draft(given, tmp_path / "region")
    assert (read_layer(load_region(tmp_path / "region"), "buildings").frame["height_m"] == 30).all()


def test_progress_travels_out_of_the_process(tmp_path):
    told = []
    given = draft(tmp_path, layers={"buildings": buildings_file(tmp_path)})
    limited(
        make_draft,
        given,
        tmp_path / "region",
        seconds=100,
        progress=lambda share, what: told.append((share, what)),
    )
    assert [what for _, what in told][:3] == ["towns", "buildings", "climate"]
    assert [share for share, _ in told] == sorted(share for share, _ in told)


def test_station_normals_scale_an_hourly_year_of_a_draft(tmp_path):
    hourly = hourly_csv(tmp_path / "w.csv", 2021, 2021)
    make_draft(draft(tmp_path, weather=(hourly,)), tmp_path / "a")
    make_draft(draft(tmp_path, weather=(hourly,), station_normals=BUILT_IN_NORMALS), tmp_path / "b")
    plain, scaled = (load_region(tmp_path / name).climate for name in "ab")
    assert plain.station_normals is None
    assert scaled.station_normals.read_bytes() == BUILT_IN_NORMALS.read_bytes()
    ghi = [region_climate(climate, lat=34.3, lon=108.7, seed=1).ghi.sum() for climate in (plain, scaled)]
    assert ghi[1] != pytest.approx(ghi[0], rel=0.02)


def test_open_data_become_layers_of_a_draft_with_their_licence(tmp_path, monkeypatch):
    def fetched(what, _bbox, out, *, source, progress, **_more):
        progress(0.5, what)
        gpd.read_file(buildings_file(tmp_path)).to_file(out)
        return write_origin(out, Origin("Open things", "ODbL 1.0", f"© {source}"), rows=900, bbox=None)

    monkeypatch.setattr("layers.wizard.fetch", fetched)
    found = make_draft(draft(tmp_path, fetched={"buildings": "overture"}), tmp_path / "region")
    assert any("900 rows kept" in line for line in found.logs)
    spec = load_region(tmp_path / "region").layers["buildings"]
    assert (spec.source, spec.licence) == ("Open things", "ODbL 1.0; © overture")
    assert list((tmp_path / "region" / "sources").glob("*.source.json"))


def test_errors_are_said_in_the_language_of_the_page(monkeypatch):
    offline = FetchError(
        "cannot fetch from a.org: no route. Without internet, get the file elsewhere (http://a.org/x) "
        'and name it by path = "..." in region.toml'
    )
    monkeypatch.setattr("ui.own_words.language", lambda: "zh")
    assert error_text(offline).startswith("无法从 a.org 获取数据：no route。没有网络时")
    fault = InputError([Fault("buildings", None, "crs", None, "is the same shape as row 12", file="b.gpkg")])
    assert error_text(fault) == "b.gpkg, crs: 与第 12 行图形相同"
    monkeypatch.setattr("ui.own_words.language", lambda: "en")
    assert error_text(offline) == str(offline)


def test_agreed_changes_stay_with_their_file_only(tmp_path):
    told = {"buildings": ("columns.height_m=H", "units.height_m=ft"), "towns": ("convert=gcj02",)}
    before = draft(tmp_path, layers={"buildings": tmp_path / "a.gpkg"}, told=told)
    same = {"buildings": tmp_path / "a.gpkg", "towns": before.boundary}
    assert agreed_before(before, same) == {
        "buildings": ("units.height_m=ft",),
        "towns": ("convert=gcj02",),
    }
    assert agreed_before(before, {"buildings": tmp_path / "b.gpkg"}) == {}
    assert agreed_before(None, same) == {}


def test_the_form_offers_open_data_and_station_normals(page):
    shown = page("editor")
    (fetch,) = shown.multiselect
    assert fetch.label == "取开放数据（需联网）"
    assert {"建筑", "农用地", "变电站", "地形"} <= set(fetch.options)
    shown = fetch.select("建筑").run()
    assert not shown.exception
    (source,) = [box for box in shown.selectbox if box.label == "“建筑”取自"]
    assert source.options == ["OpenStreetMap", "Overture Maps", "Microsoft"]
    (scale,) = [box for box in shown.selectbox if box.label == "按站点实测订正"]
    assert scale.options[1] == "西安站月值（随程序）"


def test_a_check_of_one_file_says_the_command_that_converts(tmp_path):
    found = check_upload(in_feet(tmp_path), None, None)
    assert [offer.setting for offer in found.offers] == ["units.height_m=ft"]
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own
    again = check_upload(in_feet(tmp_path), None, None, ("units.height_m=ft",))
    assert again.offers == ()

    def _script():
        import streamlit as st

        from ui.own_offers import say_changes

        say_changes(st.session_state["offers"], "b.gpkg")

    shown = AppTest.from_function(_script, default_timeout=60)
    shown.session_state["offers"] = found.offers
    shown.run()
    assert not shown.exception
    (command,) = [block.value for block in shown.code]
    assert command == "yijian check b.gpkg --as buildings --set units.height_m=ft --fix fixed.gpkg"


@pytest.mark.parametrize("name", ["a" * 300 + ".csv", "城" * 200 + ".csv", "../../x.csv", "b\0.csv", ".csv"])
def test_any_name_of_an_upload_becomes_one_that_can_be_written(tmp_path, name):
    file = save_upload(tmp_path, name, b"x")
    assert file.parent == tmp_path
    assert file.read_bytes() == b"x"
    assert file.name == plain_name(name)
