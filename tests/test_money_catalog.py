"""The shipped catalogues of costs, tariffs, grid and carbon feed the kernels; prices by the hour."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from assessment.run import PV_TYPES, SECTORS
from layers.catalog import load_catalog
from potential.money_costs import M2_PER_MU, pv_costs
from potential.money_tariff import by_hour_of_day, production_weighted_price, self_use

CATALOG = Path(__file__).parents[1] / "data" / "catalog"


def costs(pick="value"):
    catalog = load_catalog(CATALOG / "costs.toml")
    values = {key: getattr(number, pick) for key, number in catalog.items()}
    return pv_costs(values, types=PV_TYPES, sectors=SECTORS)


def test_every_type_and_sector_has_its_costs():
    table = costs()
    assert len(table.capex_cny_per_w) == len(PV_TYPES)
    assert len(table.self_use_share) == len(SECTORS)


def test_economics_by_code_picks_the_row_of_the_type():
    table = costs()
    facade, ground = PV_TYPES.index("facade"), PV_TYPES.index("ground")
    industry = SECTORS.index("industry")
    found = table.economics([facade, ground], industry, 1000, 1e6, land_m2=[0, 15 * M2_PER_MU])
    assert_allclose(found.capex, [4.5e6, 2.9e6])
    free = table.economics(ground, industry, 1000, 1e6)
    rented = found.lcoe[1] - float(free.lcoe)
    assert_allclose(rented, 15 * 900 / 1e6, rtol=0.05)


def test_low_costs_are_below_high_costs():
    def price(pick):
        return costs(pick).economics(np.arange(len(PV_TYPES)), 1, 1000, 1.1e6).capex

    assert (price("low") < price("value")).all()
    assert (price("value") < price("high")).all()


@pytest.mark.parametrize("name", ["costs", "carbon", "tariffs", "grid", "load", "pipeline"])
def test_no_number_without_a_source_and_general_knowledge_is_flagged(name):
    for key, number in load_catalog(CATALOG / f"{name}.toml").items():
        assert number.source, key
        if "general knowledge" in number.source or "assumption" in number.source:
            assert number.unverified, key


@pytest.mark.parametrize("table", ["until_2024", "midday_valley", "flat"])
def test_price_tables_have_every_hour_in_order(table):
    section = load_catalog(CATALOG / "tariffs.toml").section(table)
    assert list(section) == [f"h{hour:02d}" for hour in range(24)]


def test_the_mid_day_valley_takes_value_from_the_sun():
    tariffs = load_catalog(CATALOG / "tariffs.toml")
    sun = np.clip(np.sin(np.pi * (np.arange(24) + 0.5 - 6) / 12), 0, None)

    def worth(table):
        return production_weighted_price([number.value for number in tariffs.section(table).values()], sun)

    assert worth("midday_valley") < 0.85 * worth("until_2024")
    assert worth("flat") == pytest.approx(0.58)


def test_self_use_balances_and_prices_each_interval():
    rng = np.random.default_rng(3)
    made, needed = rng.uniform(0, 5, 8760), rng.uniform(0, 5, 8760)
    retail = by_hour_of_day(np.linspace(0.3, 0.9, 24), np.arange(8760) % 24)
    split = self_use(made, needed, retail_cny_kwh=retail, feed_in_cny_kwh=0.25)
    assert split.used_kwh + split.sold_kwh == pytest.approx(made.sum())
    assert split.used_kwh + split.bought_kwh == pytest.approx(needed.sum())
    by_hand = sum(min(m, n) * p + max(m - n, 0) * 0.25 for m, n, p in zip(made, needed, retail, strict=True))
    assert split.value_cny == pytest.approx(by_hand)
    assert 0 < split.self_use_share < 1
    assert 0 < split.self_sufficiency < 1


def test_self_use_without_sun_or_demand_is_unknown():
    empty = self_use([0.0], [0.0], retail_cny_kwh=0.5, feed_in_cny_kwh=0.3)
    assert np.isnan(empty.self_use_share)
    assert np.isnan(empty.self_sufficiency)


def test_wrong_shapes_are_named():
    with pytest.raises(ValueError, match="23 hours: must have 24"):
        by_hour_of_day([0.5] * 23, [0])
    with pytest.raises(ValueError, match="production has 2 intervals, demand 3"):
        self_use([1, 2], [1, 2, 3], retail_cny_kwh=0.5, feed_in_cny_kwh=0.3)
