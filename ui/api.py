"""What the map asks for while people work on it: cards, energy, areas, files, without running the page."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from exports.area import read_area
from exports.dossier import write_dossier
from exports.sites import FORMATS
from faults import Fault, InputError, YijianError
from ui.area import area_html, export_choices, find_area, read_geometry
from ui.area_report import report_html
from ui.card import card
from ui.downloads import OFFERED, export_bytes, suffix_of
from ui.energy import site_energy
from ui.energy_html import energy_html, shade_html
from ui.filters import Filter
from ui.limited import limited
from ui.panels import heat_html, site_html
from ui.projects import projects_geojson
from ui.region import region_of
from ui.runs import current_store
from ui.shade import shade_of
from ui.whatif import WhatIf
from ui.whatif_map import scenario_html

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from ui.area import Area
    from ui.store import Store
    from ui.words import Language

    Handler = Callable[[Request], Awaitable[Response]]
    Work = Callable[["Question"], Response]

MOST_BYTES = 20_000_000
"""Largest body of a question."""
MOST_SECONDS = 30.0
"""Longest time that reading an uploaded area may take."""
OCTETS = "application/octet-stream"


class Question:
    """One question: the run, the words of the address, and the body, all read and checked in one place."""

    def __init__(self, request: Request, body: bytes) -> None:
        self.store: Store = current_store()
        self.path = request.path_params
        self.query = request.query_params
        self.body = body

    @property
    def lang(self) -> Language:
        """Language of the answer."""
        return "en" if self.query.get("lang") == "en" else "zh"

    def row(self, layer: str) -> int:
        """Return the row that is meant by its number or its id.

        Raises
        ------
        ValueError
            Neither is given, or the row is no number.
        KeyError
            No such id, or the run has no such layer.
        """
        if layer not in self.store.layers:
            raise KeyError(f"this assessment has no {layer}")
        row, identity = self.query.get("row"), self.query.get("id")
        if row is not None:
            if not row.isdecimal():
                raise ValueError(f"row = {row!r}: must be a whole number")
            return int(row)
        if identity is None:
            raise ValueError("row or id is missing")
        found = self.store.layers[layer].find("id", identity)
        if found is None:
            raise KeyError(f"{layer} has no id {identity!r}")
        return found

    def content(self) -> dict[str, Any]:
        """Return the body as a JSON object.

        Raises
        ------
        InputError
            It is none.
        """
        try:
            found = json.loads(self.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise InputError([Fault("question", None, "body", None, "must be a JSON object")])
        return found

    def area(self) -> tuple[Area, Filter]:
        """Return the area and the filter of the body."""
        asked = self.content()
        text = asked.get("filter") or ""
        chosen = Filter.parse(str(text)) if text else Filter()
        return find_area(self.store, read_geometry(json.dumps(asked.get("geometry"))), chosen), chosen


def api_routes() -> list[Route]:
    """Return the addresses below /api."""
    return [
        Route("/api/energy", asked(_energy)),
        Route("/api/shade", asked(_shade)),
        Route("/api/dossier", asked(_dossier)),
        Route("/api/projects", asked(_projects)),
        Route("/api/whatif", asked(_whatif)),
        Route("/api/area", asked(_area), methods=["POST"]),
        Route("/api/area/export", asked(_export), methods=["POST"]),
        Route("/api/area/report", asked(_report), methods=["POST"]),
        Route("/api/area/file", asked(_file), methods=["POST"]),
        Route("/api/{layer}", asked(_card)),
    ]


def asked(work: Work) -> Handler:
    """Run a handler in a thread; bad questions end as 400, unknown things as 404, with the reason as JSON."""

    async def handler(request: Request) -> Response:
        try:
            body = await _body(request) if request.method == "POST" else b""
            return await run_in_threadpool(lambda: work(Question(request, body)))
        except (KeyError, IndexError) as error:
            return JSONResponse({"error": str(error.args[0] if error.args else error)}, status_code=404)
        except (ValueError, YijianError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return handler


async def _body(request: Request) -> bytes:
    """Return the body, no more than is allowed.

    Raises
    ------
    ValueError
        It is larger.
    """
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES // 1_000_000} MB")
        parts.append(part)
    return b"".join(parts)


def _card(question: Question) -> Response:
    name = question.path["layer"]
    if name not in ("site", "sites", "heat"):
        raise KeyError(f"no card for {name!r}")
    layer = "heat" if name == "heat" else "sites"
    row, lang = question.row(layer), question.lang
    found = card(question.store, layer, row, lang)
    make = heat_html if layer == "heat" else site_html
    return JSONResponse({**found, "row": row, "panel": make(question.store, row, lang)})


def _energy(question: Question) -> Response:
    site = question.store.layers["sites"].row(question.row("sites"))
    return HTMLResponse(energy_html(site_energy(question.store, site), question.lang))


def _shade(question: Question) -> Response:
    site = question.store.layers["sites"].row(question.row("sites"))
    return HTMLResponse(shade_html(shade_of(question.store, str(site["parcel_id"])), question.lang))


def _dossier(question: Question) -> Response:
    store = question.store
    site = store.layers["sites"].row(question.row("sites"))
    region = region_of(store.run)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "dossier"
        file = None if region is None else region.file
        files = write_dossier(store.run, site["id"], out, region=file, lang=question.lang)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.name)
    return _attached(packed.getvalue(), "application/zip", f"{site['id']}.zip")


def _projects(question: Question) -> Response:
    return JSONResponse(projects_geojson(question.store, question.lang))


def _whatif(question: Question) -> Response:
    scenario, chosen = question.query.get("w", ""), question.query.get("q", "")
    html = scenario_html(question.store, WhatIf.parse(scenario).text(), chosen, question.lang)
    return JSONResponse({"html": html}, headers={"Cache-Control": "no-store"})


def _area(question: Question) -> Response:
    area, _ = question.area()
    return JSONResponse({"html": area_html(question.store, area, question.lang), "sites": area.rows.size})


def _export(question: Question) -> Response:
    asked_for, (area, chosen) = question.content(), question.area()
    kind, file_format = asked_for.get("kind", "sites"), asked_for.get("format", "xlsx")
    if kind not in ("sites", "heat") or file_format not in OFFERED or file_format not in FORMATS:
        raise InputError([Fault("export", None, "format", f"{kind} {file_format}", "is not offered")])
    choices = export_choices(question.store, area, chosen, kind)
    body = export_bytes(question.store, kind, file_format, **choices)
    return _attached(body, OCTETS, f"yijian-area-{kind}{suffix_of(file_format)}")


def _report(question: Question) -> Response:
    area, chosen = question.area()
    body = report_html(question.store, area, chosen, question.lang)
    return _attached(body.encode(), "text/html; charset=utf-8", "yijian-area.html")


def _file(question: Question) -> Response:
    """Return the area that a file describes, as GeoJSON in longitude and latitude."""
    name = Path(question.query.get("name", "")).name
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (name or "area")
        path.write_bytes(question.body)
        shape = limited(read_area, path, seconds=MOST_SECONDS)
    return Response(shapely.to_geojson(shapely.set_precision(shape, 1e-7)), media_type="application/json")


def _attached(body: bytes, kind: str, name: str) -> Response:
    return Response(
        body,
        media_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
