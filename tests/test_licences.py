from __future__ import annotations

import contextlib
import importlib.util
import json
import re
import subprocess
import sys
import urllib.error
from email.message import Message
from importlib.metadata import PackageNotFoundError, files, metadata, requires
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[1]
ALLOWED = re.compile(
    r"(0?BSD|MIT|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla Public|LGPL|Lesser General Public|Zlib"
    r"|CC0|Unlicense|HPND)",
    re.IGNORECASE,
)
STRONGER = re.compile(
    r"(?<![a-z])(A?GPL|SSPL|EUPL|CC-BY-NC|Proprietary|Commercial|GNU (Affero )?General)", re.IGNORECASE
)


def locked():
    lines = (PROJECT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    wanted = [
        Requirement(line.rstrip("\\").strip()) for line in lines if re.match(r"[a-z0-9]", line, re.IGNORECASE)
    ]
    return sorted({one.name for one in wanted if one.marker is None or one.marker.evaluate()})


def licence_of(name):
    told = metadata(name)
    if told.get("License-Expression"):
        return told["License-Expression"]
    classifiers = [
        line.rpartition("::")[2].strip()
        for line in told.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    named = [one for one in classifiers if one != "OSI Approved"]
    told_so = " AND ".join(named) or (told.get("License") or "").strip().partition("\n")[0]
    return told_so or title_of_licence_file(name)


def title_of_licence_file(name):
    """Return the first line of the licence that came with a package whose metadata name none."""
    came = [one for one in files(name) or [] if re.match(r"(LICEN[CS]E|COPYING)", one.name, re.IGNORECASE)]
    return came[0].read_text().strip().partition("\n")[0] if came else ""


def allowed(expression):
    """Every part that holds at once must be allowed; of alternatives one."""
    parts = [part for part in re.split(r"\bAND\b|;", expression) if part.strip(" ()")]
    return bool(parts) and all(
        any(ALLOWED.search(one) and not STRONGER.search(one) for one in re.split(r"\bOR\b", part))
        for part in parts
    )


@pytest.mark.parametrize(
    ("expression", "fine"),
    [
        ("MIT", True),
        ("LGPL-3.0-only", True),
        ("GNU Lesser General Public License v3 (LGPLv3)", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("BSD-3-Clause AND GPL-3.0-only", False),
        ("GPL-2.0-only", False),
        ("GNU General Public License v3 (GPLv3)", False),
        ("GNU Affero General Public License v3", False),
        ("AGPL-3.0", False),
        ("Proprietary", False),
        ("", False),
        ("UNKNOWN", False),
    ],
)
def test_the_judge_knows_strong_licences(expression, fine):
    assert allowed(expression) is fine


def test_no_dependency_has_a_licence_stronger_than_lgpl():
    names = locked()
    assert len(names) > 100
    refused = {name: licence_of(name) for name in names if not allowed(licence_of(name))}
    assert refused == {}


def test_what_is_shipped_needs_no_exception():
    """The runtime dependencies, followed to their ends."""
    todo, seen = ["yijian"], set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for line in requires(name) or []:
            one = Requirement(line)
            if one.marker is None or one.marker.evaluate({"extra": ""}):
                todo.append(one.name)
    seen.discard("yijian")
    assert len(seen) > 40
    assert not {name for name in seen if not allowed(licence_of(name))}


def test_every_locked_package_is_installed_as_locked():
    text = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    missing = []
    for name in locked():
        try:
            pins = re.findall(rf"^{re.escape(name)}==([^\s;\\]+)", text, re.MULTILINE)
            if metadata(name)["Version"] not in pins:
                missing.append(name)
        except PackageNotFoundError:
            missing.append(name)
    assert missing == []


def test_every_pin_has_a_hash():
    text = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text.partition("\n#")[2].partition("\n")[2], flags=re.IGNORECASE)
    bare = [entry.partition("==")[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry]
    assert bare == []


def audit(monkeypatch, *, opened):
    spec = importlib.util.spec_from_file_location("audit", PROJECT / ".ci" / "audit.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    ran = []
    monkeypatch.setattr(module.urllib.request, "urlopen", opened)
    monkeypatch.setattr(
        module.subprocess, "run", lambda words, **_: (ran.append(words), SimpleNamespace(returncode=1))[1]
    )
    return module.main(), ran


def test_without_a_network_the_audit_says_that_it_did_nothing(monkeypatch, capsys):
    def refused(*_args, **_kwargs):
        raise urllib.error.URLError("no route")

    assert audit(monkeypatch, opened=refused) == (0, [])
    assert "NOTHING WAS AUDITED" in capsys.readouterr().err


@pytest.mark.parametrize("answer", ["fine", "refusal"])
def test_with_a_network_what_the_audit_finds_fails(answer, monkeypatch):
    def opened(*_args, **_kwargs):
        if answer == "refusal":
            raise urllib.error.HTTPError("https://x", 404, "not found", Message(), None)
        return contextlib.nullcontext()

    code, ran = audit(monkeypatch, opened=opened)
    assert code == 1
    assert "--require-hashes" in ran[0]
    assert str(PROJECT / "requirements.lock") in ran[0]


def test_the_list_of_dependencies_names_every_locked_package(tmp_path):
    file = tmp_path / "sbom.json"
    words = [
        sys.executable,
        "-m",
        "cyclonedx_py",
        "environment",
        "--of",
        "JSON",
        "-o",
        str(file),
        sys.executable,
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    listed = {
        part["name"].lower().replace("_", "-").replace(".", "-")
        for part in json.loads(file.read_text())["components"]
    }
    assert {name.lower() for name in locked()} <= listed
