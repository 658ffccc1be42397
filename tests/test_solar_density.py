"""Power density and the photovoltaic types of the catalogues."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assessment.run import PV_TYPES
from assessment.solar_types import CATALOGS, shading_class, type_defaults, usable_share
from layers.catalog import load_catalog
from potential.solar.density import rack_density_w_m2, solstice_shadow

FOLDER = Path(__file__).parents[1] / "data" / "catalog"


@pytest.fixture(scope="module")
def catalogs():
    return {name: load_catalog(FOLDER / f"{name}.toml") for name in CATALOGS}


@pytest.mark.parametrize(
    ("tilt", "low", "high"),
    [(5, 190, 200), (10, 165, 175), (15, 146, 155), (20, 132, 141), (25, 121, 130), (28, 116, 124)],
)
def test_density_of_tilted_rows_in_the_region(tilt, low, high):
    assert rack_density_w_m2(225, tilt, 34.4) == pytest.approx(low, abs=3)
    assert rack_density_w_m2(240, tilt, 34.4) == pytest.approx(high, abs=3)


@pytest.mark.parametrize("lat", [20.0, 34.4, 45.0])
def test_shadow_is_the_closed_form_of_the_standard(lat):
    tangent = np.tan(np.radians(lat))
    assert solstice_shadow(lat) == pytest.approx(
        (0.707 * tangent + 0.4338) / (0.707 - 0.4338 * tangent), rel=2e-3
    )


def test_shadow_is_the_same_in_the_other_hemisphere():
    assert solstice_shadow(-34.4, azimuth_deg=0.0) == pytest.approx(solstice_shadow(34.4))


def test_rows_turned_from_south_need_more_room():
    assert solstice_shadow(34.4, azimuth_deg=150.0) > solstice_shadow(34.4)
    assert solstice_shadow(34.4, azimuth_deg=150.0) == pytest.approx(solstice_shadow(34.4, azimuth_deg=210.0))


def test_no_row_rule_beyond_the_polar_circle():
    with pytest.raises(ValueError, match="latitude 60"):
        solstice_shadow(60.0)


def test_every_type_has_defaults_in_plausible_ranges(catalogs):
    defaults = type_defaults(catalogs, lat=34.35)
    assert set(defaults) == set(PV_TYPES)
    for kind in defaults.values():
        assert kind.density_w_m2.low < kind.density_w_m2.central < kind.density_w_m2.high
        assert 40 < kind.density_w_m2.central < 215
    assert 195 <= defaults["roof_metal"].density_w_m2.central <= 215
    # Shaanxi's spacing for orchards leaves less than open ground, as observed: 1.5 to 2.2 ha per MW
    assert (
        10_000 / 2.2e-2 / 1e4 <= defaults["agrivoltaic_orchard"].density_w_m2.central <= 10_000 / 1.5e-2 / 1e4
    )


def test_share_falls_back_to_the_type(catalogs):
    assert usable_share(catalogs, "roof_metal", "industrial").value == 0.65
    assert usable_share(catalogs, "facade", "office") == usable_share(catalogs, "facade", "default")
    assert shading_class(catalogs, "fish_pond", "x").value == catalogs["shading"].value("open.default")
