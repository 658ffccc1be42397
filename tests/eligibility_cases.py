"""Small sites, layers and rules for the tests of the rule engine, and a brute-force judge."""

from __future__ import annotations

import geopandas as gpd
import shapely

from layers.expression import compile_expression
from layers.rule_model import Distance, Exemption, Rule, expand_types

CRS = 4545


def sites(geometry, kind="ground", **columns):
    ids = [f"s{number}" for number in range(len(geometry))]
    return gpd.GeoDataFrame({"id": ids, "type": kind, **columns}, geometry=list(geometry), crs=CRS)


def layer(geometry, **columns):
    frame = {
        "id": [f"f{number}" for number in range(len(geometry))],
        "kind": "zone",
        "class": None,
        "kv": None,
    }
    return gpd.GeoDataFrame(frame | columns, geometry=list(geometry), crs=CRS)


def rule(name="r", *, layer="zones", where=None, buffer=0.0, types=("all",), verdict="forbidden", **fields):
    text = {
        "title_zh": name,
        "title_en": name,
        "document": "D",
        "article": "",
        "source": "S",
        "confidence": "H",
    }
    plain = {
        "unverified": False,
        "kinds": (),
        "values": None,
        "line_half_width": Distance(),
        "share": 1.0,
        "exemptions": (),
        "weight": 1.0,
        "decisive": True,
        "note_zh": "",
        "note_en": "",
    }
    return Rule(
        id=name,
        pack="test",
        layer=layer,
        where=None if where is None else compile_expression(where),
        buffer=buffer if isinstance(buffer, Distance) else Distance(buffer),
        applies_to=expand_types(types),
        verdict=verdict,
        **(text | plain | fields),
    )


def exemption(**fields):
    where = fields.pop("where", None)
    return Exemption(where=None if where is None else compile_expression(where), **fields)


def box(x, y, width, height):
    return shapely.box(x, y, x + width, y + height)


def around(shape, distance):
    """The buffer, or the shape itself where shapely's own buffer of almost nothing comes out empty."""
    return shape.buffer(distance, quad_segs=256) if distance > 0.001 else shape


def judged(site, zones):
    """What is left of one site outside all zones, the slow and obvious way."""
    return shapely.difference(site, shapely.union_all(list(zones))) if zones else site
