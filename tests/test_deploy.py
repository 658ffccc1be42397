"""The files of deploy/ against the project: what they name exists, what they promise holds."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from ui.access import is_loopback, load_access

PROJECT = Path(__file__).parents[1]
DEPLOY = PROJECT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
UNIT = (DEPLOY / "yijian.service").read_text(encoding="utf-8")
NGINX = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")


def test_services_and_volumes_of_compose_are_all_declared():
    for name, service in COMPOSE["services"].items():
        assert set(service.get("depends_on", {})) <= set(COMPOSE["services"]), name
        named = {volume.partition(":")[0] for volume in service.get("volumes", [])}
        assert {one for one in named if re.fullmatch(r"\w+", one)} <= set(COMPOSE["volumes"]), name


def test_nothing_is_published_beyond_this_machine():
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert len(ports) == 2
    assert all(is_loopback(port.split(":")[0]) for port in ports)


def test_our_containers_cannot_write_what_they_should_not():
    for name in ("app", "scheduler", "worker"):
        service = COMPOSE["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    assert re.search(r"^USER yijian$", DOCKERFILE, re.MULTILINE)


def test_variables_of_compose_are_in_the_example_and_no_secret_is():
    used = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    lines = (DEPLOY / "example.env").read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert used - set(given) == {"YIJIAN_VERSION"}
    assert given["POSTGRES_PASSWORD"] == ""
    secrets = tomllib.loads((DEPLOY / "secrets.example.toml").read_text(encoding="utf-8"))["auth"]
    assert {secrets[name] for name in ("cookie_secret", "client_id", "client_secret")} == {""}


def test_the_image_holds_every_part_of_the_project():
    setup = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    copied = {
        word for line in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE) for word in line.split()
    }
    packages = {pattern.rstrip("*") for pattern in setup["packages"]["find"]["include"]}
    modules = {f"{name}.py" for name in setup["py-modules"]}
    assert packages | modules | {"data", ".streamlit", "requirements.lock", "pyproject.toml"} <= copied
    sources = {word for word in copied if not word.startswith(("--from", "/", "wheelhous"))}
    assert all((PROJECT / word).exists() for word in sources)


def test_the_image_starts_a_command_that_exists():
    assert 'ENTRYPOINT ["yijian"]' in DOCKERFILE
    words = re.search(r"^CMD (\[.+\])$", DOCKERFILE, re.MULTILINE)[1]
    assert words == '["app", "--host", "0.0.0.0", "--port", "8501"]'


def test_the_example_of_access_is_valid_and_asks_for_sign_in():
    access = load_access(DEPLOY / "access.toml")
    assert access.sign_in == "oidc"
    assert access.role_of("it@example.org") == "admin"
    assert access.role_of("it@example.com") is None


def test_the_proxy_lets_uploads_through_and_hides_the_metrics():
    body_mb = int(re.search(r"client_max_body_size (\d+)m;", NGINX)[1])
    assert body_mb >= load_access(DEPLOY / "access.toml").limits.upload_mb
    assert "location = /metrics { deny all; }" in NGINX
    assert "proxy_set_header Host              $host;" in NGINX
    assert "$proxy_add_x_forwarded_for" not in NGINX
    assert NGINX.count("{") == NGINX.count("}")
    statements = [
        line.strip() for line in NGINX.splitlines() if line.strip() and not line.strip().startswith("#")
    ]
    assert [line for line in statements if not line.endswith((";", "{", "}"))] == []


def test_the_unit_listens_on_this_machine_and_stops_gracefully():
    host = re.search(r"--host (\S+)", UNIT)[1]
    assert is_loopback(host)
    assert "KillSignal=SIGTERM" in UNIT
    assert "ProtectSystem=strict" in UNIT


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="the machine has no systemd")
def test_systemd_accepts_the_unit(tmp_path):
    unit = tmp_path / "yijian.service"
    unit.write_text(UNIT.replace("/opt/yijian/.venv/bin/yijian", sys.executable), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if "yijian" in line]
    assert said == []


def test_the_guide_names_every_file_of_deploy():
    guide = (PROJECT / "docs" / "deploy.md").read_text(encoding="utf-8")
    missing = [
        path.name for path in DEPLOY.iterdir() if not path.name.startswith(".") and path.name not in guide
    ]
    assert missing == []


def test_links_of_the_guide_lead_somewhere():
    for name in ("deploy.md", "scale.md"):
        text = (PROJECT / "docs" / name).read_text(encoding="utf-8")
        links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
        assert [link for link in links if not (PROJECT / "docs" / link).exists()] == []
