"""The ledger on both databases: edits, conflicts, merging, history, backup; the same answers on each."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from faults import InputError
from tests.ledgers import TOWNS, postgresql_server
from tracking.database import LedgerError, writing
from tracking.ledger import Ledger
from tracking.ledger_files import backup, restore
from tracking.ledger_rows import ConflictError
from tracking.models import Base
from tracking.projects import FIELDS

PROJECT = {"name": "一期", "kind": "pv", "status": "approved", "town": "沣西", "capacity_mw_dc": "1.2万千瓦"}


@pytest.fixture(scope="module")
def server():
    with postgresql_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        yield str(tmp_path / "ledger.sqlite")
        return
    found = request.getfixturevalue("server")
    admin = create_engine(found.replace("postgresql://", "postgresql+psycopg://"))
    with admin.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        connection.commit()
    admin.dispose()
    yield found


@pytest.fixture
def ledger(url):
    opened = Ledger(url, towns=TOWNS)
    yield opened
    opened.close()


def test_an_edit_is_kept_and_told(ledger):
    key = ledger.add(PROJECT, who="李")
    assert ledger.set(key, {"status": "在建", "capacity_mw_dc": ""}, who="王") == 2
    now = ledger.get(key)
    assert (now["status"], now["capacity_mw_dc"], now["town"]) == ("under_construction", None, "fengxi")
    assert (now["version"], now["updated_by"]) == (2, "王")
    told = ledger.history(key)
    edits = told[told["action"] == "set"].set_index("field")
    assert edits.loc["status", ["old", "new", "who"]].tolist() == ["approved", "under_construction", "王"]
    assert edits.loc["capacity_mw_dc", ["old", "new"]].tolist() == [12.0, None]
    assert edits["at"].iloc[0].tzinfo is not None


def test_setting_what_already_stands_changes_nothing(ledger):
    key = ledger.add(PROJECT, who="a")
    assert ledger.set(key, {"status": "approved"}, who="b") == 1
    assert set(ledger.history(key)["who"]) == {"a"}


def test_the_second_of_two_editors_is_told_what_the_first_did(ledger):
    key = ledger.add(PROJECT, who="李")
    seen = ledger.get(key)["version"]
    ledger.set(key, {"capacity_mw_dc": 15}, who="李", version=seen)
    with pytest.raises(ConflictError) as caught:
        ledger.set(key, {"capacity_mw_dc": 20}, who="王", version=seen)
    assert "changed since version 1 was read (now 2); nothing was saved" in str(caught.value)
    assert "李 at" in str(caught.value)
    assert "capacity_mw_dc 12.0 -> 15.0" in str(caught.value)
    assert ledger.get(key)["capacity_mw_dc"] == 15.0


def test_of_many_editors_at_once_exactly_one_wins_each_version(url):
    first = Ledger(url)
    key = first.add({**PROJECT, "town": None}, who="a")
    start = threading.Barrier(6)

    def edit(number):
        mine = Ledger(url)
        start.wait()
        saved = 0
        for _ in range(5):
            try:
                mine.set(
                    key,
                    {"note": f"{number}-{saved}"},
                    who=f"editor {number}",
                    version=mine.get(key)["version"],
                )
                saved += 1
            except ConflictError:
                continue
        mine.close()
        return saved

    with ThreadPoolExecutor(6) as pool:
        saved = sum(pool.map(edit, range(6)))
    history = first.history(key)
    assert first.get(key)["version"] == 1 + saved
    assert len(history[history["action"] == "set"]) == saved > 0
    assert history[history["action"] == "set"]["version"].tolist() == list(range(2, saved + 2))
    first.close()


def test_edits_of_different_fields_without_a_version_both_hold(url):
    first = Ledger(url)
    key = first.add({**PROJECT, "town": None}, who="a")
    fields = ["note", "source", "township", "confidence"]

    def edit(name):
        mine = Ledger(url)
        mine.set(key, {name: "H"}, who=name)
        mine.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(edit, fields))
    assert [first.get(key)[name] for name in fields] == ["H"] * 4
    assert first.get(key)["version"] == 5
    first.close()


def test_opening_an_empty_database_at_once(url):
    with ThreadPoolExecutor(4) as pool:
        ledgers = list(pool.map(lambda _: Ledger(url), range(4)))
    assert [ledger.count() for ledger in ledgers] == [0] * 4
    for ledger in ledgers:
        ledger.close()


def test_all_faults_of_a_project_at_once(ledger):
    with pytest.raises(InputError) as caught:
        ledger.add({"name": "x", "status": "gone", "kind": "pv", "town": "长安", "lat": "north"}, who="a")
    assert {fault.column for fault in caught.value.faults} == {"status", "town", "lat"}
    with pytest.raises(InputError) as caught:
        ledger.add({"kind": "geothermal", "status": "approved", "capacity_mw_dc": 3, "lon": 200}, who="a")
    assert {fault.column for fault in caught.value.faults} == {"name", "capacity_mw_dc", "lat", "lon"}
    assert ledger.count() == 0


def test_what_does_not_go_together(ledger):
    key = ledger.add(PROJECT, who="a")
    with pytest.raises(InputError, match="must be empty where the DC or AC capacity is given"):
        ledger.set(key, {"capacity_mw_unstated": 3}, who="a")
    with pytest.raises(InputError, match=r"date_retired = '2020-01-01': must not be before date_operating"):
        ledger.set(key, {"date_operating": "2024-01-01", "date_retired": "2020-01-01"}, who="a")
    with pytest.raises(InputError, match="id = 'p-9': cannot be changed"):
        ledger.set(key, {"id": "p-9"}, who="a")
    with pytest.raises(InputError, match="must name who"):
        ledger.set(key, {"note": "x"}, who=" ")
    with pytest.raises(InputError, match="colour: is no field of a project"):
        ledger.set(key, {"colour": "x"}, who="a")
    with pytest.raises(InputError, match="'nothing': is not in the ledger"):
        ledger.get("nothing")


def test_an_id_is_given_once(ledger):
    ledger.add({**PROJECT, "id": "plan-01"}, who="a")
    with pytest.raises(InputError, match="id = 'plan-01': is taken"):
        ledger.add({**PROJECT, "id": "plan-01"}, who="a")


def test_merging_keeps_everything_that_was_known(ledger):
    keep = ledger.add(
        {"name": "隆基屋顶", "kind": "pv", "status": "proposed", "capacity_mw_unstated": 5}, who="a"
    )
    drop = ledger.add({**PROJECT, "name": "隆基分布式", "note": "¶8", "capacity_mw_dc": None}, who="b")
    assert ledger.merge(keep, drop, who="c") == 2
    now = ledger.get(keep)
    assert (now["name"], now["town"], now["note"], now["status"]) == ("隆基屋顶", "fengxi", "¶8", "proposed")
    assert now["capacity_mw_unstated"] == 5
    assert ledger.frame()["id"].tolist() == [keep]
    assert ledger.count() == 1
    with pytest.raises(InputError, match=f"was merged into {keep}"):
        ledger.set(drop, {"note": "y"}, who="a")
    assert "merged_into" in set(ledger.history(drop)["field"])
    with pytest.raises(InputError, match="cannot be merged with itself"):
        ledger.merge(keep, keep, who="a")


def test_merging_never_gives_a_project_two_sizes(ledger):
    keep = ledger.add({"name": "A", "kind": "pv", "status": "proposed", "capacity_mw_unstated": 5}, who="a")
    drop = ledger.add({"name": "B", "kind": "pv", "status": "proposed", "capacity_mw_dc": 6}, who="a")
    ledger.merge(keep, drop, who="a")
    now = ledger.get(keep)
    assert (now["capacity_mw_dc"], now["capacity_mw_unstated"]) == (None, 5)


def test_frames_filter_and_keep_types(ledger):
    ledger.add({**PROJECT, "date_expected": "2027-06"}, who="a")
    ledger.add(
        {"name": "地热", "kind": "geothermal", "status": "operating", "heated_m2": "580万平方米"}, who="a"
    )
    both = ledger.frame()
    assert [field.name for field in FIELDS] == list(both.columns[: len(FIELDS)])
    assert both["date_expected"].dtype.kind == "M"
    assert ledger.frame(kind="geothermal")["heated_m2"].tolist() == [5.8e6]
    assert ledger.frame(town="fengxi", status="approved")["name"].tolist() == ["一期"]
    assert ledger.frame(town="jinghe").empty


def test_a_backup_is_the_whole_ledger(ledger, tmp_path):
    keep = ledger.add({**PROJECT, "date_operating": "2024-05-01", "note": '引号"与,\n换行'}, who="李")
    drop = ledger.add({**PROJECT, "name": "二期"}, who="李")
    ledger.merge(keep, drop, who="王")
    file = tmp_path / "ledger.backup.gz"
    assert backup(ledger, file) == {"projects": 2, "changes": 3}
    other = Ledger(str(tmp_path / "other.sqlite"))
    counts = restore(other, file)
    assert counts["projects"] == 2
    pd.testing.assert_frame_equal(other.frame(), ledger.frame())
    pd.testing.assert_frame_equal(other.history(), ledger.history())
    with pytest.raises(InputError, match="has 2 projects already"):
        restore(ledger, file)
    restore(ledger, file, replace=True)
    pd.testing.assert_frame_equal(ledger.frame(), other.frame())
    ledger.set(keep, {"note": "weiter"}, who="a")
    assert ledger.history(keep)["version"].iloc[-1] == ledger.get(keep)["version"]
    other.close()


def test_the_migrations_make_what_the_models_say(ledger):
    with ledger.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_newer_ledger_is_refused(url):
    first = Ledger(url)
    with writing(first.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    first.close()
    with pytest.raises(LedgerError, match="written by a newer program"):
        Ledger(url)


def test_both_databases_give_the_same_answers(server, tmp_path):
    """The same work on each; ids are given, times differ."""
    admin = create_engine(server.replace("postgresql://", "postgresql+psycopg://"))
    with admin.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        connection.commit()
    admin.dispose()
    frames = []
    for url in (server, str(tmp_path / "ledger.sqlite")):
        ledger = Ledger(url, towns=TOWNS)
        for number in range(30):
            values = {
                **PROJECT,
                "id": f"p{number:02d}",
                "name": f"屋顶 {number}",
                "capacity_mw_dc": number / 7,
            }
            ledger.add(values, who="a")
        for number in range(0, 30, 3):
            ledger.set(f"p{number:02d}", {"status": "operating", "date_operating": "2025-07"}, who="b")
        ledger.merge("p01", "p02", who="c")
        frames.append((ledger.frame().drop(columns="updated_at"), ledger.history().drop(columns="at")))
        ledger.close()
    for one, two in zip(*frames, strict=True):
        pd.testing.assert_frame_equal(one, two)


def test_urls_that_cannot_be(tmp_path):
    with pytest.raises(InputError, match="must be sqlite:/// with a path, or postgresql://"):
        Ledger("mysql://host/db")
    with pytest.raises(InputError, match="is no database URL"):
        Ledger("://")
    with pytest.raises(LedgerError, match="cannot be opened") as caught:
        Ledger("postgresql://me:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"this is no database at all, but long enough to be read as one" * 20)
    with pytest.raises(LedgerError, match="file is not a database"):
        Ledger(str(broken))
