"""The online base map: none unless the configuration names one, and never one with shifted coordinates."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from faults import Fault, InputError
from ui.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ui.words import Language

VARIABLE = "YIJIAN_BASEMAP"
"""`osm`, `tianditu`, or an address of tiles with {z}, {x}, {y}; unset: no base map, no outside request."""
KEY_VARIABLE = "YIJIAN_TIANDITU_KEY"
SHIFTED = ("amap.", "autonavi.", "gtimg.", "map.qq.", "baidu.", "bdimg.", "google.cn")
"""Hosts whose tiles are drawn in GCJ-02 or BD-09: several hundred metres off everything here."""
TIANDITU = (
    "https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}"
    "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)


@dataclass(frozen=True)
class BaseMap:
    """Tiles of a base map, bottom first."""

    name: str
    urls: tuple[str, ...]
    subdomains: str
    most_zoom: int


def basemap(environment: Mapping[str, str] = os.environ) -> BaseMap | None:
    """Return the base map that the environment names, None for none.

    Raises
    ------
    InputError
        Tianditu without its key, an address without {z}, {x}, {y}, or tiles with shifted coordinates.

    Examples
    --------
    >>> basemap({})
    >>> basemap({"YIJIAN_BASEMAP": "osm"}).urls
    ('https://tile.openstreetmap.org/{z}/{x}/{y}.png',)
    """
    named = environment.get(VARIABLE, "").strip()
    if not named:
        return None
    if named == "osm":
        return BaseMap("osm", ("https://tile.openstreetmap.org/{z}/{x}/{y}.png",), "", 19)
    if named == "tianditu":
        key = environment.get(KEY_VARIABLE, "").strip()
        if not key.isalnum():
            raise _wrong(KEY_VARIABLE, key, "must be the key of this site at Tianditu")
        urls = tuple(TIANDITU.format(layer=layer, key=key) for layer in ("vec", "cva"))
        return BaseMap("tianditu", urls, "01234567", 18)
    _check(named)
    return BaseMap("own", (named,), "", 19)


def _check(url: str) -> None:
    host = urlsplit(url).hostname or ""
    if not url.startswith(("http://", "https://")) or not all(part in url for part in ("{z}", "{x}", "{y}")):
        raise _wrong(VARIABLE, url, "must be osm, tianditu, or an http address with {z}, {x} and {y}")
    if any(part in f"{host}." for part in SHIFTED):
        raise _wrong(VARIABLE, url, "has shifted coordinates (GCJ-02, BD-09) and would not fit the sites")


def _wrong(name: str, value: str, rule: str) -> InputError:
    return InputError([Fault("base map", None, name, value, rule)])


def basemap_data(lang: Language) -> dict[str, Any] | None:
    """Return the base map as the browser needs it."""
    found = basemap()
    if found is None:
        return None
    return {
        "urls": found.urls,
        "subdomains": found.subdomains,
        "maxNativeZoom": found.most_zoom,
        "attribution": say(f"basemap.{found.name}", lang),
    }
