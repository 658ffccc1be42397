"""Colour scales: read in grey print and by colour-blind eyes, and text that can be read on its ground."""

from __future__ import annotations

import tomllib
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

from assessment.heat_suit_maps import CLASS_COLOURS, LIGHT_COLOURS
from ui import theme

RAMPS = {"pv": theme.PV_RAMP, "cost": theme.COST_RAMP, "heat": theme.HEAT_RAMP}
LEAST_STEP = 6.0
"""Least difference in CIE L* between neighbours of a scale; about 2 can just be seen side by side."""
LEAST_APART = 9.0
"""Least distance in CIE L*a*b* between kinds; about 2 can just be seen side by side."""
DEFICIENT = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
               (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
               (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
               (0.004733, 0.691367, 0.303900)),
}  # fmt: skip
"""Complete loss of one cone, on linear light (Machado, Oliveira and Fernandes 2009, severity 1)."""


def linear(colour):
    """Return a colour's linear light (sRGB, IEC 61966-2-1)."""
    parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def luminance(light):
    return float(np.clip(light, 0, 1) @ (0.2126, 0.7152, 0.0722))


def lightness(light):
    """Return CIE L*, 0 black to 100 white."""
    y = luminance(light)
    return 116 * np.cbrt(y) - 16 if y > (6 / 29) ** 3 else y * (29 / 3) ** 3


def contrast(one, other):
    """Return the contrast of two colours (WCAG 2)."""
    low, high = sorted(luminance(linear(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def test_lightness_is_that_of_known_greys():
    assert lightness(linear("#ffffff")) == pytest.approx(100)
    assert lightness(linear("#000000")) == pytest.approx(0)
    assert lightness(linear("#777777")) == pytest.approx(50.03, abs=0.05)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("name", RAMPS)
@pytest.mark.parametrize("eyes", [None, *DEFICIENT])
def test_scales_run_one_way_in_lightness(name, eyes):
    seen = np.eye(3) if eyes is None else np.array(DEFICIENT[eyes])
    values = [lightness(seen @ linear(colour)) for colour in RAMPS[name]]
    steps = [later - earlier for earlier, later in pairwise(values)]
    assert all(step > LEAST_STEP for step in steps) or all(step < -LEAST_STEP for step in steps), values


KINDS = {
    "lights": (theme.LIGHTS, 8.0),
    "statuses": (theme.STATUS_COLOURS, 8.0),
    "technologies": (theme.HEAT_COLOURS, 8.0),
    "progress": (theme.PROGRESS_COLOURS, 4.0),
    "classes": (CLASS_COLOURS, 8.0),
}


@pytest.mark.parametrize("name", KINDS)
def test_few_kinds_differ_in_grey(name):
    colours, least = KINDS[name]
    values = sorted(lightness(linear(colour)) for colour in colours.values())
    assert min(later - earlier for earlier, later in pairwise(values)) > least


def lab(light):
    """Return CIE L*a*b* (white of D65)."""
    xyz = (
        np.clip(light, 0, 1)
        @ np.array(((0.4124, 0.2126, 0.0193), (0.3576, 0.7152, 0.1192), (0.1805, 0.0722, 0.9505)))
        / (0.9505, 1.0, 1.089)
    )
    x, y, z = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array((116 * y - 16, 500 * (x - y), 200 * (y - z)))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("eyes", DEFICIENT)
def test_few_kinds_differ_for_colour_blind_eyes(name, eyes):
    seen = [lab(np.array(DEFICIENT[eyes]) @ linear(colour)) for colour in KINDS[name][0].values()]
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) > LEAST_APART


def test_rasters_and_cards_share_one_traffic_light():
    assert theme.LIGHTS == LIGHT_COLOURS
    assert lightness(linear(theme.REGAINED["line"])) < lightness(linear(theme.PV_COLOURS["ground"])) - 8


@pytest.mark.parametrize("colour", theme.ON_DARK.values())
def test_words_can_be_read_on_a_dark_page(colour):
    dark = tomllib.loads((Path(theme.__file__).parent / "config.toml").read_text(encoding="utf-8"))["theme"][
        "dark"
    ]
    assert contrast(colour, dark["backgroundColor"]) >= 4.5


@pytest.mark.parametrize("colour", [theme.INK, theme.MUTED, theme.ACCENT])
def test_text_can_be_read_on_paper(colour):
    assert contrast(colour, theme.PAPER) >= 4.5
