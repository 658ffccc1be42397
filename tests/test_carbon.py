"""Carbon of power and heat against the published factors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from layers.catalog import load_catalog
from potential import carbon
from potential.carbon import HeatBaseline

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


@pytest.mark.parametrize(("scop", "kg"), [(3.5, 52.0), (4.0, 45.5), (4.5, 40.5), (5.0, 36.4)])
def test_heat_pump_heat_carries_what_the_reference_says(scop, kg):
    nothing = HeatBaseline("nothing", kg_per_gj=0)
    found = carbon.heat_t_year(1 / 3.6, baseline=nothing, system_cop=scop, grid_kg_per_kwh=0.6558)
    assert_allclose(-1000 * found, kg, atol=0.06)


def test_the_baseline_decides_the_saving():
    def share(name):
        base = HeatBaseline(name, kg_per_gj=FACTORS.value(f"heat_baseline.{name}"))
        saved = carbon.heat_t_year(1 / 3.6, baseline=base, system_cop=4.0, grid_kg_per_kwh=0.6558)
        return 1000 * float(saved) / base.kg_per_gj

    assert share("purchased_heat") == pytest.approx(0.59, abs=0.005)
    assert share("gas_boiler") == pytest.approx(0.25, abs=0.005)


def test_the_catalogue_boilers_follow_from_their_fuels():
    gas = carbon.boiler_kg_per_gj(
        fuel_kg_co2_per_unit=FACTORS.value("fuel.natural_gas_kg_per_m3"),
        fuel_mj_per_unit=FACTORS.value("fuel.natural_gas_mj_per_m3"),
        efficiency=0.92,
    )
    assert gas == pytest.approx(FACTORS.value("heat_baseline.gas_boiler"), rel=1e-3)
    coal = FACTORS["heat_baseline.coal_boiler"]
    for efficiency, end in ((0.75, coal.high), (0.80, coal.low)):
        found = carbon.boiler_kg_per_gj(
            fuel_kg_co2_per_unit=FACTORS.value("fuel.raw_coal_kg_per_kg"),
            fuel_mj_per_unit=FACTORS.value("fuel.raw_coal_mj_per_kg"),
            efficiency=efficiency,
        )
        assert found == pytest.approx(end, rel=5e-3)


def test_combined_margin_lies_between():
    low, high = FACTORS.value("margin.northwest.build_2019"), FACTORS.value("margin.northwest.operating_2019")
    assert low < carbon.combined_margin(high, low) < high
    assert carbon.combined_margin(high, low, operating_weight=1) == high


def test_wrong_inputs_are_named():
    with pytest.raises(ValueError, match=r"system_cop = 0\.0: must be above 0"):
        carbon.heat_t_year(1, baseline=HeatBaseline("x", kg_per_gj=1), system_cop=0, grid_kg_per_kwh=0.5)
    with pytest.raises(ValueError, match="3 grid factors for 25 years"):
        carbon.pv_t_life(1, grid_kg_per_kwh=[1, 2, 3])
    with pytest.raises(ValueError, match="efficiency = 0: must be above 0"):
        carbon.boiler_kg_per_gj(fuel_kg_co2_per_unit=2, fuel_mj_per_unit=38, efficiency=0)
