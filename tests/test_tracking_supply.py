"""The supply curve: sums kept, order right, the way back to the sites, the same as the run's own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment import summary
from potential.supply import supply_curve as kernel
from tracking.supply import supply_curve

NUMBER = st.floats(0.1, 100)


@settings(deadline=None)
@given(rows=st.lists(st.tuples(NUMBER, NUMBER, NUMBER, st.integers(0, 3)), min_size=1, max_size=60),
       steps=st.integers(1, 9))  # fmt: skip
def test_laws_of_the_curve(rows, steps):
    cost, amount, energy, group = (np.array(column) for column in zip(*rows, strict=True))
    curve = kernel(cost, amount, energy, group, steps_per_group=steps)
    assert curve.amount.sum() == pytest.approx(amount.sum())
    assert curve.energy.sum() == pytest.approx(energy.sum())
    assert curve.sites.sum() == len(rows)
    assert (np.diff(curve.cost) >= -1e-12).all()
    assert curve.cumulative[-1] == pytest.approx(amount.sum())
    for step in range(curve.cost.size):
        members = curve.step_of_site == step
        assert set(group[members]) == {curve.group[step]}
        assert np.average(cost[members], weights=energy[members]) == pytest.approx(curve.cost[step])
        assert amount[members].sum() == pytest.approx(curve.amount[step])
    for number in set(group):
        own = group == number
        dear, cheap = cost[own][:, None], cost[own][None, :]
        later = curve.step_of_site[own][:, None] < curve.step_of_site[own][None, :]
        assert (dear[later.nonzero()[0], 0] <= cheap[0, later.nonzero()[1]] + 1e-12).all()


def made_up(count=4000):
    rng = np.random.default_rng(7)
    kwp = rng.lognormal(3, 1, count)
    return pd.DataFrame(
        {
            "id": [f"s{i}" for i in range(count)],
            "town": rng.choice(["a", "b"], count),
            "type": rng.choice(["roof_flat", "ground"], count),
            "owner": rng.choice(np.array(["school", None], dtype=object), count),
            "lcoe": np.where(rng.uniform(size=count) < 0.02, np.nan, rng.normal(0.3, 0.03, count)),
            "kwp_dc_central": kwp,
            "kwh_year_p50": kwp * 1100,
        }
    )


def test_it_is_the_curve_of_the_run():
    sites = made_up()
    ours, theirs = supply_curve(sites).steps, summary.supply_curve(sites)
    assert ours["cum_kwp_dc"].iloc[-1] == pytest.approx(theirs["cum_kwp_dc"].iloc[-1])
    pd.testing.assert_frame_equal(
        ours[list(theirs.columns)].reset_index(drop=True), theirs, check_dtype=False, rtol=1e-9
    )


def test_a_step_leads_back_to_its_sites():
    sites = made_up()
    curve = supply_curve(sites, by=("owner",), steps_per_group=20)
    for step in (0, 7, len(curve.steps) - 1):
        behind = curve.sites_of(sites, step)
        assert behind["kwp_dc_central"].sum() == pytest.approx(curve.steps["kwp_dc"].iloc[step])
        assert len(behind) == curve.steps["sites"].iloc[step]
    assert curve.steps["owner"].isna().any()
    unknown = sites["lcoe"].isna().to_numpy()
    assert (curve.step_of_site[unknown] == -1).all()
    assert (curve.step_of_site[~unknown] >= 0).all()
