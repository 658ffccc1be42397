"""Suspected duplicates: found by name, place and size; stages and other places are no duplicates."""

from __future__ import annotations

import time
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest

from tracking.duplicates import _compare, suspected
from tracking.projects import projects_frame

LONGI = [
    "隆基绿能光伏产业园配套基地屋顶光伏发电",
    "隆基绿能光伏产业园分布式光伏发电项目",
    "隆基绿能“光伏+储能”",
]


def project(key, name, **values):
    return {"id": key, "name": name, "kind": "pv", **values}


def pairs(projects, **options):
    return {(pair.first, pair.second) for pair in suspected(projects, **options)}


def test_the_plans_three_wordings_of_one_site():
    found = pairs([project(str(index), name) for index, name in enumerate(LONGI)])
    assert found == {("0", "1"), ("0", "2"), ("1", "2")}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"name": "泾河屋顶一期"}, {"name": "泾河屋顶二期"}),
        ({"name": "第一批分布式"}, {"name": "第二批分布式"}),
        ({"name": "奔驰厂房屋顶", "town": "fengxi"}, {"name": "奔驰厂房屋顶", "town": "jinghe"}),
        ({"name": "奔驰厂房", "kind": "pv"}, {"name": "奔驰厂房", "kind": "storage"}),
        ({"name": "奔驰厂房", "lon": 108.7, "lat": 34.3}, {"name": "奔驰厂房", "lon": 108.8, "lat": 34.3}),
        ({"name": "奔驰东厂房", "capacity_mw_dc": 1.0}, {"name": "奔驰西厂房", "capacity_mw_dc": 9.0}),
    ],
)
def test_what_is_no_duplicate(one, two):
    assert pairs([project("a", **one) if "kind" not in one else {"id": "a", **one},
                  project("b", **two) if "kind" not in two else {"id": "b", **two}]) == set()  # fmt: skip


def test_place_and_size_say_it_where_names_differ():
    here = {"lon": 108.7001, "lat": 34.3001, "capacity_mw_dc": 2.0}
    near = {"lon": 108.7003, "lat": 34.3003, "capacity_mw_dc": 2.05}
    found = suspected([project("a", "长庆仓库", **here), project("b", "顺丰物流", **near)])
    assert [(pair.first, pair.second) for pair in found] == [("a", "b")]
    assert "same size" in found[0].en
    assert "m apart" in found[0].en
    assert "规模相同" in found[0].zh


def test_only_pairs_with_a_chosen_one():
    three = [project(str(index), name) for index, name in enumerate(LONGI)]
    assert pairs(three, among=["2"]) == {("0", "2"), ("1", "2")}


def test_the_regions_own_projects_are_not_suspected():
    file = Path(__file__).parents[1] / "data" / "xixian" / "projects.csv"
    records = projects_frame(pd.read_csv(file)).to_dict("records")
    assert suspected(records) == []


def test_the_shortcut_finds_what_comparing_everybody_finds():
    names = [
        f"{place}{thing}"
        for place in ("渭河", "泾河", "沣河", "秦汉")
        for thing in ("仓库", "医院", "中学", "仓储")
    ]
    many = [
        project(f"{index}", name, lon=108.7 + index % 5 * 1e-4, lat=34.3, capacity_mw_dc=float(index % 3))
        for index, name in enumerate(names)
    ]
    everybody = {(one["id"], two["id"]) for one, two in combinations(many, 2) if _compare(one, two)}
    assert pairs(many) == everybody
    assert everybody


def test_ten_thousand_projects_take_seconds_not_minutes():
    many = [project(str(index), f"{index * 7919 % 99991:05d}号厂房") for index in range(10_000)]
    start = time.perf_counter()
    suspected(many)
    assert time.perf_counter() - start < 10
