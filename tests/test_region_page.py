"""The page of own data without a browser: what its processes work on, and who may make a region."""

from __future__ import annotations

import pickle

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from layers.region import load_region
from layers.sources import read_layer
from tests.runs import make_run
from tests.test_region_wizard import NORMALS, boundary_file, buildings_file
from ui.access import Limits, Quota
from ui.limited import limited
from ui.own_region import keep
from ui.own_report import fault_table
from ui.own_upload import save_upload
from ui.own_work import Draft, check_upload, make_draft


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
