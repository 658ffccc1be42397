from __future__ import annotations

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults import InputError, RunError
from ui.access import (
    ROLES,
    Access,
    check_listening,
    is_loopback,
    load_access,
    may,
    parse_access,
    require,
)
from ui.limits import Limits, Quota
from ui.logs import JsonLines

STAFF = Access(
    "oidc",
    members=(
        ("viewer", ("*@example.org",)),
        ("editor", ("li@example.org", "zhao@example.com")),
        ("admin", ("wang@example.org",)),
    ),
)


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("someone@example.org", "viewer"),
        ("li@example.org", "editor"),
        ("LI@EXAMPLE.ORG", "editor"),
        ("  wang@example.org ", "admin"),
        ("zhao@example.com", "editor"),
        ("other@example.com", None),
        ("li@example.org.evil.example", None),
        ("wang@example.orgx", None),
        ("wang@example.org\n", "admin"),
        ("", None),
        (None, None),
    ],
)
def test_the_role_of_an_address(email, role):
    assert STAFF.role_of(email) == role


def test_an_address_that_the_provider_did_not_verify_proves_nothing():
    assert STAFF.role_of("wang@example.org", verified=False) is None


@given(st.emails())
def test_nobody_outside_the_lists_comes_in(email):
    listed = email.casefold().endswith("@example.org") or email.casefold() == "zhao@example.com"
    assert (STAFF.role_of(email) is not None) == listed


def test_each_role_may_do_what_those_before_it_may():
    table = {role: [may(action, role) for action in ("view", "edit", "administer")] for role in ROLES}
    assert table == {
        "viewer": [True, False, False],
        "editor": [True, True, False],
        "admin": [True, True, True],
    }
    assert not any(may(action, None) for action in ("view", "edit", "administer"))


def test_what_is_not_allowed_says_which_role_is_needed():
    require("edit", "admin")
    with pytest.raises(RunError, match="needs the role editor; yours is viewer"):
        require("edit", "viewer")
    with pytest.raises(RunError, match="needs the role viewer; yours is none"):
        require("view", None)


def test_without_sign_in_the_one_at_this_machine_may_do_all():
    assert Access().role_of(None) == "admin"
    assert Access("network", network_role="editor").role_of(None) == "editor"
    assert Access("network", network_role="viewer").role_of("wang@example.org") == "viewer"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_loopback_needs_no_sign_in(host):
    assert is_loopback(host)
    check_listening(host, Access())


EVERYWHERE = ["0.0.0.0", "::", "192.168.1.4", "example.org", "", "127.0.0.1.example.org"]  # noqa: S104


@pytest.mark.parametrize("host", EVERYWHERE)
def test_any_other_address_needs_sign_in(host):
    with pytest.raises(RunError, match=r"lets other machines in, and no sign-in.*access\.toml"):
        check_listening(host, Access())
    check_listening(host, STAFF)
    check_listening(host, Access("network"))


FILE = """
sign_in = "oidc"

[roles]
viewer = ["*@example.org"]
admin = ["wang@example.org"]

[limits]
upload_mb = 50
"""


def test_the_file_is_read(tmp_path, monkeypatch):
    file = tmp_path / "a.toml"
    file.write_text(FILE, encoding="utf-8")
    monkeypatch.setenv("YIJIAN_ACCESS", str(file))
    access = load_access()
    assert access.role_of("wang@example.org") == "admin"
    assert access.limits == Limits(upload_mb=50)
    assert access == load_access(file)


def test_a_file_that_is_not_there_means_this_machine_only(tmp_path, monkeypatch):
    monkeypatch.delenv("YIJIAN_ACCESS", raising=False)
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path))
    assert load_access() == Access()
    (tmp_path / "access.toml").write_text(FILE, encoding="utf-8")
    assert load_access().sign_in == "oidc"


def test_a_named_file_that_is_not_there_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("YIJIAN_ACCESS", str(tmp_path / "no.toml"))
    with pytest.raises(InputError, match=r"no\.toml.*cannot be read"):
        load_access()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sign_in = 'saml'", r"sign_in = 'saml': must be one of nobody, network, oidc"),
        ("network_role = 'root'", r"network_role = 'root': must be one of viewer, editor, admin"),
        ("sign_in = 'oidc'", "names nobody"),
        ("sign_in = 'oidc'\n[roles]\nviewer = []", "names nobody"),
        ("[roles]\nowner = ['a@example.org']", r"roles\.owner: must be one of"),
        ("[roles]\nviewer = '*@example.org'", "must be a list of addresses"),
        ("[roles]\nviewer = ['*']", r"\['\*'\].*each with one @"),
        ("[roles]\nviewer = [1]", "must be a list of addresses"),
        ("roles = 5", "roles = '5': must be a table"),
        ("[limits]\nupload_mb = 0", "upload_mb = 0: must be a whole number above 0"),
        ("[limits]\nupload_mb = 3000", "upload_mb = 3000: must not be above session_upload_mb = 2000"),
        ("[limits]\nupload_mb = true", "upload_mb = True"),
        ("[limits]\nspeed = 1", "speed"),
        ("singin = 'oidc'", "singin: is no key"),
        ("sign_in = ", "is not valid TOML"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(text, said, tmp_path):
    file = tmp_path / "access.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_access(file)


def test_all_faults_come_at_once():
    with pytest.raises(InputError) as caught:
        parse_access({"sign_in": "x", "network_role": "y", "z": 1, "limits": {"seconds": -1}})
    assert len(caught.value.faults) == 4


@given(st.lists(st.integers(0, 3_000_000), max_size=20))
def test_a_quota_lets_through_exactly_what_fits(sizes):
    quota = Quota(Limits(upload_mb=2, session_upload_mb=10))
    total = 0
    for size in sizes:
        fits = size <= 2_000_000 and total + size <= 10_000_000
        if fits:
            quota = quota.take(size)
            total += size
        else:
            with pytest.raises(InputError, match=r"at most (2|10) MB"):
                quota.take(size)
    assert quota.used_bytes == total


def test_a_log_line_is_one_object_whatever_is_in_it():
    record = logging.makeLogRecord(
        {"name": "x", "msg": "a\nb %s", "args": ("c\r\n{",), "levelname": "INFO", "part": "页"}
    )
    line = JsonLines().format(record)
    assert "\n" not in line
    said = json.loads(line)
    assert said["text"] == "a\nb c\r\n{"
    assert said["part"] == "页"
    assert set(said) == {"time", "level", "logger", "text", "part"}
