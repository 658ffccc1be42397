"""What the browser fetches beside the page: vendored files, tiles, cards, rasters; all from this process."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ui.api import api_routes, asked
from ui.filters import Filter
from ui.rasters import raster_png
from ui.runs import current_store
from ui.shade import read_moment, shadow_picture
from ui.tiles import Address, cell_grid, shape_tile
from ui.whatif_map import whatif_cells, whatif_tile

if TYPE_CHECKING:
    from starlette.types import Scope

    from ui.api import Question
    from ui.tiles import CellGrid

STATIC = Path(__file__).parent / "static"
FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
"""For addresses that carry the run's key: new content has a new address."""
LEAST_PX = {"background": 1.5, "excluded": 1.0}


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
        Route("/tiles/cells/{z:int}/{x:int}/{y:int}", asked(_cells)),
        Route("/tiles/whatif/{z:int}/{x:int}/{y:int}", asked(_whatif)),
        Route("/tiles/{layer}/{z:int}/{x:int}/{y:int}", asked(_tile)),
        *api_routes(),
        Route("/raster/{name}.png", asked(_raster)),
        Route("/raster/shadows/{day}/{hour}", asked(_shadows)),
    ]


def _address(question: Question) -> Address:
    path = question.path
    return Address(path["z"], path["x"], path["y"])


def _binary(body: bytes) -> Response:
    headers = {**FOR_EVER, "Content-Encoding": "gzip"}
    return Response(body, media_type="application/octet-stream", headers=headers)


def _tile(question: Question) -> Response:
    store, name = question.store, question.path["layer"]
    if name not in store.layers:
        raise KeyError(f"no layer {name!r}")
    return _binary(_tile_bytes(store.key, name, _address(question)))


@lru_cache(maxsize=2000)
def _tile_bytes(_key: str, name: str, address: Address) -> bytes:
    body = shape_tile(current_store().layers[name], address, least_px=LEAST_PX.get(name, 0.0))
    return gzip.compress(body, 1)


def _cells(question: Question) -> Response:
    store, address = question.store, _address(question)
    grid = _grid(store.key, question.query.get("q", ""), question.query.get("w", ""), address.z)
    return _binary(gzip.compress(grid.tile(address), 1))


@lru_cache(maxsize=60)
def _grid(_key: str, query: str, scenario: str, z: int) -> CellGrid:
    store = current_store()
    chosen = Filter.parse(query) if query else Filter()
    if scenario:
        return whatif_cells(store, scenario, chosen, z)
    return cell_grid(store.layers["sites"], chosen.mask(store), z)


def _raster(question: Question) -> Response:
    name = question.path["name"]
    image = raster_png(question.store.run, name)
    return Response(image.png, media_type="image/png", headers=FOR_EVER)


def _whatif(question: Question) -> Response:
    body = whatif_tile(question.store, question.query.get("w", ""), _address(question))
    return _binary(gzip.compress(body, 1))


def _shadows(question: Question) -> Response:
    """Return the shadows of an hour over a box as a picture; the sun's place is in the headers."""
    text = question.query.get("box", "")
    west, south, east, north = (float(part) for part in text.split(","))
    moment = read_moment(question.path["day"], question.path["hour"])
    picture = shadow_picture(question.store, (west, south, east, north), moment)
    told = {"X-Sun-Elevation": f"{picture.elevation_deg:.1f}", "X-Sun-Azimuth": f"{picture.azimuth_deg:.1f}"}
    told["X-Shadow-Share"] = f"{picture.share:.3f}"
    return Response(picture.png, media_type="image/png", headers={**FOR_EVER, **told})
