"""What the browser fetches beside the page: vendored files, tiles, cards, rasters; all from this process."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from faults import YijianError
from ui.card import card
from ui.filters import Filter
from ui.rasters import raster_png
from ui.runs import current_store
from ui.tiles import Address, cell_grid, shape_tile

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import Scope

    from ui.store import Store
    from ui.tiles import CellGrid
    from ui.words import Language

    Handler = Callable[[Request], Awaitable[Response]]

STATIC = Path(__file__).parent / "static"
FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
"""For addresses that carry the run's key: new content has a new address."""
LEAST_PX = {"background": 1.5}


class Vendored(StaticFiles):
    """Files that ship with the app; browsers ask again only after an hour."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file with a cache header."""
        response = await super().get_response(path, scope)
        response.headers.setdefault("Cache-Control", "private, max-age=3600")
        return response


def routes() -> list[Route | Mount]:
    """Return all routes of the app beside Streamlit's own."""
    return [
        Mount("/vendor", Vendored(directory=STATIC), name="vendor"),
        Route("/tiles/cells/{z:int}/{x:int}/{y:int}", _guarded(_cells)),
        Route("/tiles/{layer}/{z:int}/{x:int}/{y:int}", _guarded(_tile)),
        Route("/api/{layer}", _guarded(_card)),
        Route("/raster/{name}.png", _guarded(_raster)),
    ]


def _guarded(work: Callable[[Request], Response]) -> Handler:
    """Run a handler in a thread; bad addresses end as 400, unknown things as 404, with the reason as JSON."""

    async def handler(request: Request) -> Response:
        try:
            return await run_in_threadpool(work, request)
        except (KeyError, IndexError) as error:
            return JSONResponse({"error": str(error.args[0] if error.args else error)}, status_code=404)
        except (ValueError, YijianError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return handler


def _address(request: Request) -> Address:
    path = request.path_params
    return Address(path["z"], path["x"], path["y"])


def _binary(body: bytes) -> Response:
    headers = {**FOR_EVER, "Content-Encoding": "gzip"}
    return Response(body, media_type="application/octet-stream", headers=headers)


def _tile(request: Request) -> Response:
    store, name = current_store(), request.path_params["layer"]
    if name not in store.layers:
        raise KeyError(f"no layer {name!r}")
    return _binary(_tile_bytes(store.key, name, _address(request)))


@lru_cache(maxsize=2000)
def _tile_bytes(_key: str, name: str, address: Address) -> bytes:
    body = shape_tile(current_store().layers[name], address, least_px=LEAST_PX.get(name, 0.0))
    return gzip.compress(body, 1)


def _cells(request: Request) -> Response:
    store, address = current_store(), _address(request)
    grid = _grid(store.key, request.query_params.get("q", ""), address.z)
    return _binary(gzip.compress(grid.tile(address), 1))


@lru_cache(maxsize=60)
def _grid(_key: str, query: str, z: int) -> CellGrid:
    store = current_store()
    chosen = Filter.parse(query) if query else Filter()
    return cell_grid(store.layers["sites"], chosen.mask(store), z)


def _card(request: Request) -> Response:
    store, name = current_store(), request.path_params["layer"]
    if name not in ("site", "sites", "heat"):
        raise KeyError(f"no card for {name!r}")
    name = "heat" if name == "heat" else "sites"
    query = request.query_params
    lang: Language = "en" if query.get("lang") == "en" else "zh"
    return JSONResponse(card(store, name, _row(store, name, query.get("row"), query.get("id")), lang))


def _row(store: Store, name: str, row: str | None, identity: str | None) -> int:
    """Return the row that is meant by its number or its id."""
    layer = store.layers[name]
    if row is not None:
        if not row.isdecimal():
            raise ValueError(f"row = {row!r}: must be a whole number")
        return int(row)
    if identity is None:
        raise ValueError("row or id is missing")
    found = layer.find("id", identity)
    if found is None:
        raise KeyError(f"{name} has no id {identity!r}")
    return found


def _raster(request: Request) -> Response:
    name = request.path_params["name"]
    image = raster_png(current_store().run, name)
    return Response(image.png, media_type="image/png", headers=FOR_EVER)
