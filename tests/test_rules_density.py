"""Capacity density of each type out of geometry: the row pitch of the no-shade rule, or the rule's."""

from __future__ import annotations

from math import cos, radians, sin, tan
from pathlib import Path

import pytest

from assessment.solar_types import CATALOGS, type_defaults
from layers.catalog import load_catalog

FOLDER = Path(__file__).parents[1] / "data" / "catalog"
MODULE_W_M2 = {"monofacial": 230.0, "bifacial": 229.0}
TILTED = {
    "roof_flat": (15.0, 0.95, "monofacial"),
    "canopy": (8.0, 0.9, "monofacial"),
    "fish_pond": (15.0, 0.55, "bifacial"),
    "ground": (25.0, 0.82, "bifacial"),
    "verge": (20.0, 0.7, "monofacial"),
}
"""Tilt (degrees), share of the area under arrays, and module of the types in rows."""


@pytest.fixture(scope="module")
def density():
    catalogs = {name: load_catalog(FOLDER / f"{name}.toml") for name in CATALOGS}

    def at(lat):
        return {kind: plan.density_w_m2.central for kind, plan in type_defaults(catalogs, lat=lat).items()}

    return at


def pitch_ratio(lat, tilt_deg):
    """GB 50797: D = L cos b + L sin b (0.707 tan f + 0.4338) / (0.707 - 0.4338 tan f), per L."""
    shadow = (0.707 * tan(radians(lat)) + 0.4338) / (0.707 - 0.4338 * tan(radians(lat)))
    return cos(radians(tilt_deg)) + sin(radians(tilt_deg)) * shadow


@pytest.mark.parametrize("lat", [20.0, 34.35, 45.0])
@pytest.mark.parametrize("kind", TILTED)
def test_rows_are_as_far_apart_as_the_latitude_asks(density, kind, lat):
    tilt_deg, covered, module = TILTED[kind]
    assert density(lat)[kind] == pytest.approx(
        MODULE_W_M2[module] * covered / pitch_ratio(lat, tilt_deg), rel=2e-3
    )


def test_open_ground_by_hand(density):
    # 34.35 N: shadow 0.9171 / 0.4104 = 2.2344; pitch 0.9063 + 0.4226 x 2.2344 = 1.8506; 229 x 0.82 / 1.8506
    assert density(34.35)["ground"] == pytest.approx(101.5, abs=0.2)
    # 20 N: shadow 1.2586, pitch 1.4382
    assert density(20.0)["ground"] == pytest.approx(130.6, abs=0.3)


def test_the_spacings_of_shaanxi_hold_where_they_ask_more_than_shade(density):
    # Grass: 6.5 m clear between tables of 4.764 m at 25 degrees: 6.5 + 4.764 cos 25 = 10.8 m, ratio 2.267
    for lat in (20.0, 34.35):
        assert density(lat)["agrivoltaic_grass"] == pytest.approx(229 * 0.6 / (10.8 / 4.764), rel=1e-3)
    # Orchard: 8 m from row to row, ratio 1.679: more than shade asks at 20 N (1.438), less at 34.35 N (1.851)
    assert density(20.0)["agrivoltaic_orchard"] == pytest.approx(229 * 0.5 / (8 / 4.764), rel=1e-3)
    assert density(34.35)["agrivoltaic_orchard"] == pytest.approx(229 * 0.5 / 1.8506, rel=2e-3)


@pytest.mark.parametrize(
    ("kind", "module_w_m2", "covered"),
    [
        ("roof_metal", 230.0, 0.9),
        ("roof_pitched", 230.0, 0.88),
        ("carport", 230.0, 0.83),
        ("greenhouse", 230.0, 0.35),
        ("facade", 140.0, 0.8),
    ],
)
def test_what_lies_flush_knows_no_latitude(density, kind, module_w_m2, covered):
    assert density(20.0)[kind] == pytest.approx(module_w_m2 * covered)
    assert density(45.0)[kind] == density(20.0)[kind]
