"""The ledger of a region: where it lies, and the projects it starts with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from faults import InputError
from layers.region import EMBEDDED, load_region
from tracking.ledger_home import FIRST, ledger_url, open_ledger, town_names


@pytest.fixture(scope="module")
def region():
    return load_region(EMBEDDED)


def test_where_it_lies(region, monkeypatch, tmp_path):
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path))
    monkeypatch.delenv("YIJIAN_LEDGER", raising=False)
    assert ledger_url(region) == f"sqlite:///{tmp_path}/ledger.sqlite"
    assert ledger_url(replace(region, id="other")) == f"sqlite:///{tmp_path}/ledger-other.sqlite"
    monkeypatch.setenv("YIJIAN_LEDGER", "postgresql://host/db")
    assert ledger_url(region) == "postgresql://host/db"


def test_the_first_opening_takes_the_regions_projects_and_only_the_first(region, tmp_path):
    url = str(tmp_path / "ledger.sqlite")
    ledger = open_ledger(region, url)
    assert set(ledger.history()["who"]) == {FIRST}
    assert ledger.get("plan-01")["capacity_mw_unstated"] == 150
    assert ledger.get("plan-01")["town"] == "konggang"
    assert ledger.get("plan-02")["capacity_mw_unstated"] is None
    first = len(ledger.frame())
    ledger.set("plan-03", {"status": "approved"}, who="a")
    ledger.close()
    again = open_ledger(region, url)
    assert len(again.frame()) == first
    assert again.get("plan-03")["status"] == "approved"
    again.close()


def test_two_who_open_it_at_once_get_one_set_of_projects(region, tmp_path):
    url = str(tmp_path / "ledger.sqlite")
    with ThreadPoolExecutor(3) as pool:
        ledgers = list(pool.map(lambda _: open_ledger(region, url), range(3)))
    assert len({len(ledger.frame()) for ledger in ledgers}) == 1
    for ledger in ledgers:
        ledger.close()


def test_towns_are_checked_against_the_region(region, tmp_path):
    assert town_names(region)["fengxi"][0] == "沣西新城"
    ledger = open_ledger(region, str(tmp_path / "ledger.sqlite"))
    with pytest.raises(InputError, match="town = '长安': must be one of fengdong"):
        ledger.add({"name": "A", "kind": "pv", "status": "proposed", "town": "长安"}, who="a")
    ledger.close()
