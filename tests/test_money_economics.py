"""Levelised cost, cash flow, return and payback: laws, published cases, independent judges."""

from __future__ import annotations

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import brentq

from potential import money, money_costs, money_return
from potential.money import Finance


def test_lcoe_of_the_published_reskit_case():
    found = money.lcoe(1100, 2300, om_year=0.02 * 1100, life_years=25, discount_rate=0.08)
    assert_allclose(found, 0.05436811172, rtol=1e-9)


def test_lcoe_equals_the_sum_year_by_year():
    years = np.arange(1, 26)
    discount = 1.06**-years
    costs = 2760 + np.sum(45 * discount) + 100 * 1.06**-13
    energy = np.sum(1130 * 0.996 ** (years - 1) * discount)
    found = money.lcoe(
        2760,
        1130,
        om_year=45,
        life_years=25,
        discount_rate=0.06,
        degradation=0.004,
        one_off=100,
        one_off_year=13,
    )
    assert_allclose(found, costs / energy, rtol=1e-12)


def test_one_off_after_the_life_costs_nothing():
    def price(year):
        return money.lcoe(
            100, 10, om_year=1, life_years=10, discount_rate=0.05, one_off=50, one_off_year=year
        )

    assert price(11) == money.lcoe(100, 10, om_year=1, life_years=10, discount_rate=0.05)
    assert price(10) > price(11)


def test_lcoe_is_the_price_at_which_the_project_is_worth_nothing():
    terms = Finance(inverter_cny_per_w=0.1)
    args = {"capex_cny_per_w": 2.9, "om_cny_per_w_year": 0.05, "finance": terms}
    levelised = money.site_economics(250, 270e3, price_cny_kwh=0.3, **args).lcoe
    at_cost = money.site_economics(250, 270e3, price_cny_kwh=levelised, **args)
    assert_allclose(at_cost.npv, 0, atol=1e-6)
    assert_allclose(at_cost.irr, terms.discount_rate, atol=1e-9)


def test_annuity_without_interest_is_the_straight_line():
    assert_allclose(money.annuity_factor([0.0, 1e-12], 20), 0.05, rtol=1e-4)


@settings(deadline=None)
@given(
    outlay=st.floats(10, 1e7),
    income=st.lists(st.floats(0.1, 1e6), min_size=2, max_size=40),
    rate=st.floats(-0.2, 0.5),
)
def test_npv_and_irr_agree_with_independent_judges(outlay, income, rate):
    flows = np.array([-outlay, *income])
    assert_allclose(money_return.npv(flows, rate), npf.npv(rate, flows), rtol=1e-9, atol=1e-6 * outlay)
    found = float(money_return.irr(flows))

    def worth(r):
        return float(np.sum(flows * (1 + r) ** -np.arange(flows.size, dtype=float)))

    if worth(-0.99) > 0 > worth(10.0):
        assert_allclose(found, brentq(worth, -0.99, 10.0, xtol=1e-13), atol=1e-8)
    else:
        assert np.isnan(found)


def test_irr_of_what_never_earns_is_unknown():
    assert np.isnan(money_return.irr([-100.0, -1.0, -1.0]))
    assert np.isnan(money_return.irr([0.0, 0.0]))


def test_payback_counts_the_last_time_below_zero():
    replacement = [-100, 60, 60, -40, 30, 30]
    assert_allclose(money_return.payback_years(replacement), 3 + 20 / 30)
    assert money_return.payback_years([0.0, 1.0]) == 0
    assert np.isnan(money_return.payback_years([-10.0, 5.0, 5.0 - 1e-9]))


def test_vectorised_economics_equal_the_cash_flow_of_each_site():
    rng = np.random.default_rng(1)
    kwp, price = rng.uniform(5, 5000, 50), rng.uniform(0.2, 0.6, 50)
    kwh = kwp * rng.uniform(700, 1200, 50)
    terms = Finance(inverter_cny_per_w=0.1, loan_share=0.7, loan_rate=0.035, loan_years=15)
    every = money.site_economics(
        kwp, kwh, capex_cny_per_w=3.0, om_cny_per_w_year=0.05, price_cny_kwh=price, finance=terms
    )
    flows = money.cash_flow(
        3000 * kwp, kwh, price_cny_kwh=price, costs_year=50 * kwp, inverter=100 * kwp, finance=terms
    )
    assert flows.shape == (50, 26)
    assert_allclose(every.npv, [npf.npv(0.06, row) for row in flows], rtol=1e-9, atol=1e-6)
    assert_allclose(every.irr, money_return.irr(flows))
    assert_allclose(every.payback_years, money_return.payback_years(flows))


def test_loan_by_hand():
    terms = Finance(life_years=3, degradation=0, loan_share=0.5, loan_rate=0.1, loan_years=2)
    flows = money.cash_flow(100, 100, price_cny_kwh=1, costs_year=10, finance=terms)
    payment = -npf.pmt(0.1, 2, 50)
    assert_allclose(flows, [-50, 90 - payment, 90 - payment, 90])


def test_loan_leaves_the_levelised_cost_alone():
    args = {"capex_cny_per_w": 3.0, "om_cny_per_w_year": 0.05, "price_cny_kwh": 0.4}
    plain = money.site_economics(10, 11e3, **args, finance=Finance())
    lent = money.site_economics(10, 11e3, **args, finance=Finance(loan_share=0.8))
    assert plain.lcoe == lent.lcoe
    assert lent.irr > plain.irr > 0.04


def test_a_site_without_energy_is_unknown_not_free():
    none = money.site_economics([0, 10], [0, 0], capex_cny_per_w=3, om_cny_per_w_year=0.05, price_cny_kwh=0.4)
    for column in (none.lcoe, none.payback_years, none.npv, none.irr):
        assert np.isnan(column).all()


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"life_years": 0}, "life_years = 0: must be at least 1"),
        ({"degradation": 1.0}, "degradation = 1.0: must be from 0 to below 1"),
        ({"loan_share": 1.2}, "loan_share = 1.2: must be from 0 to below 1"),
        ({"discount_rate": -1.0}, "discount_rate = -1.0: must be above -1"),
    ],
)
def test_terms_that_cannot_be(terms, message):
    with pytest.raises(ValueError, match=message):
        Finance(**terms)


def test_size_classes_that_do_not_fit():
    with pytest.raises(ValueError, match="2 size factors for 0 limits: must be one more"):
        money_costs.capex_by_type([0], [1], cny_per_w=[3], size_factors=[1, 2])
    with pytest.raises(ValueError, match=r"size_limits_kw = \[50.0, 10.0\]: must rise"):
        money_costs.capex_by_type([0], [1], cny_per_w=[3], size_limits_kw=[50, 10], size_factors=[1, 2, 3])


def test_size_limit_belongs_to_the_larger_class():
    found = money_costs.capex_by_type(
        [0, 0], [49.9, 50], cny_per_w=[2.0], size_limits_kw=[50], size_factors=[2, 1]
    )
    assert_allclose(found, [4, 2])
