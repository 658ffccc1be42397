"""Carbon of power against the published factors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.testing import assert_allclose

from layers.catalog import load_catalog
from potential import carbon

FACTORS = load_catalog(Path(__file__).parents[1] / "data" / "catalog" / "carbon.toml")


def test_a_kilowatt_peak_saves_what_the_reference_says():
    shaanxi, nation = FACTORS.value("grid.shaanxi.2022"), FACTORS.value("grid.national.2023")
    saved = carbon.pv_t_year(1130, grid_kg_per_kwh=[shaanxi, nation])
    assert_allclose(saved, [0.741, 0.600], atol=5e-4)


def test_life_equals_the_sum_of_the_years():
    factors = np.linspace(0.6, 0.2, 25)
    by_hand = sum(1000 * 0.996**t * factors[t] for t in range(25)) / 1000 - 0.7
    found = carbon.pv_t_life(1000, grid_kg_per_kwh=factors, kwp_dc=1, embodied_kg_per_kwp=700)
    assert_allclose(found, by_hand)


def test_embodied_carbon_is_spread_over_the_life():
    gross = carbon.pv_t_year(1130, grid_kg_per_kwh=0.5)
    net = carbon.pv_t_year(1130, grid_kg_per_kwh=0.5, kwp_dc=1, embodied_kg_per_kwp=700, life_years=25)
    assert_allclose(gross - net, 0.028)


def test_combined_margin_lies_between():
    low, high = FACTORS.value("margin.northwest.build_2019"), FACTORS.value("margin.northwest.operating_2019")
    assert low < carbon.combined_margin(high, low) < high
    assert carbon.combined_margin(high, low, operating_weight=1) == high
