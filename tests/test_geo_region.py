"""The heat assessment of a small region: nothing twice, nothing lost, vetoes hold, ranges in order."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import shapely

from assessment.heat import assess_heat
from assessment.heat_report import deep, hydro, shallow
from assessment.heat_suitability import LIGHTS, read_schemes
from assessment.heat_wells import drill_order, wells_for_area
from assessment.run import HEAT
from faults import InputError
from potential.geothermal.suitability import CLASSES
from tests import heat_world

TECHNOLOGIES = ("shallow", "deep", "hydrothermal")


@cache
def result():
    return assess_heat(**heat_world.world(verify=3))


def test_the_table_has_the_columns_of_a_run():
    frame = result().frame
    assert list(frame.columns) == [*(column.name for column in HEAT), "geometry"]
    assert frame["id"].is_unique
    assert set(frame["technology"]) <= set(TECHNOLOGIES)
    assert set(frame["suitability"]) <= set(LIGHTS)
    assert frame.crs.to_epsg() == 4545


def test_no_demand_is_lost_and_none_is_served_twice():
    found = result()
    from assessment.heat_demand import building_demand

    world = heat_world.world()
    whole = building_demand(world["buildings"], world["catalog"])
    assert found.blocks["demand_m2"].sum() == pytest.approx(whole["heated_m2"].sum())
    assert found.blocks["demand_kw"].sum() == pytest.approx(whole["design_w"].sum() / 1000)
    assert found.frame["heatable_m2"].sum() <= found.blocks["demand_m2"].sum() * (1 + 1e-9)
    loss = 1 + world["catalog"].value("station.network_loss")
    assert (found.blocks["served_kw"] <= found.blocks["demand_kw"] * loss * (1 + 1e-6)).all()


def test_no_land_is_used_twice():
    """Boreholes and deep wells of a block share its land: parts of what fits alone add up to all at most."""
    found = result()
    frame = found.frame.assign(block=found.frame["id"].str.rsplit("-", n=1).str[0])
    used = frame.pivot_table(index="block", columns="technology", values="kw_year30", aggfunc="sum").fillna(
        0.0
    )
    blocks = found.blocks.set_index("id")
    share = np.zeros(len(used))
    for technology in ("shallow", "deep"):
        fits = blocks.loc[used.index, f"{technology}_kw_year30"].to_numpy()
        kw = used.get(technology, np.zeros(len(used)))
        share += np.divide(kw, fits, out=np.zeros(len(used)), where=fits > 0)
    # Whole wells may round up by one.
    assert (share <= 1 + 1.0 / np.maximum(blocks.loc[used.index, "deep_wells"], 1)).all()


def test_the_area_of_the_towns_is_divided_without_rest():
    found, world = result(), heat_world.world()
    for town, geometry in zip(world["towns"]["id"], world["towns"].geometry, strict=True):
        assert found.blocks.loc[found.blocks["town"] == town].geometry.area.sum() == pytest.approx(
            geometry.area
        )
    tree = shapely.STRtree(found.blocks.geometry.to_numpy())
    left, right = tree.query(found.blocks.geometry.to_numpy(), predicate="overlaps")
    assert len(left) == len(right) == 0


def test_ranges_and_years_are_in_order():
    frame = result().frame
    assert (frame["heatable_m2_p10"] <= frame["heatable_m2"] * (1 + 1e-9)).all()
    assert (frame["heatable_m2"] <= frame["heatable_m2_p90"] * (1 + 1e-9)).all()
    assert (frame["kw_year30"] <= frame["kw_year1"] * (1 + 1e-9)).all()
    assert (frame["heatable_m2"] <= frame["demand_m2"] * (1 + 1e-9)).all()
    assert (frame["wells"] == frame["wells"].round()).all()
    doublets = frame.loc[frame["technology"] == "hydrothermal", "wells"]
    assert (doublets % 2 == 0).all()


def test_the_summary_adds_up():
    found = result()
    assert found.summary["heatable_m2"].sum() == pytest.approx(found.frame["heatable_m2"].sum())
    assert found.summary["wells"].sum() == found.frame["wells"].sum()
    assert (found.summary["heatable_m2_year1"] >= found.summary["heatable_m2"] * (1 - 1e-9)).all()
    demand = found.summary.drop_duplicates("town")["demand_m2"].sum()
    assert demand == pytest.approx(found.blocks["demand_m2"].sum())


def test_alone_each_technology_gives_at_least_its_part_of_the_whole():
    found = result()
    whole = found.summary.set_index(["town", "technology"])["heatable_m2"].groupby("technology").sum()
    alone = found.alone.set_index(["town", "technology"])["heatable_m2"].groupby("technology").sum()
    assert (alone[whole.index] >= whole * 0.999).all()
    assert alone.max() <= found.blocks["demand_m2"].sum() * (1 + 1e-9)
    assert found.summary["heatable_m2"].sum() >= alone.max() * 0.999


def test_no_well_stands_under_a_veto():
    blocks = result().blocks
    heritage = heat_world.restrictions().geometry.iloc[0]
    inside = blocks.geometry.within(heritage)
    assert inside.any()
    for technology in TECHNOLOGIES:
        assert (blocks.loc[inside, f"{technology}_wells"] == 0).all()
        assert (blocks.loc[inside, f"{technology}_light"] == "red").all()
        assert blocks.loc[inside, f"{technology}_reason_zh"].str.contains("文物保护范围内禁止钻探").all()
        assert blocks.loc[inside, f"{technology}_reason_en"].str.contains("No drilling in a heritage").all()


def test_no_site_stands_in_a_red_block():
    assert (result().frame["suitability"] != "red").all()


def test_open_loops_alone_keep_out_of_no_abstraction_zones():
    blocks = result().blocks
    zone = heat_world.restrictions().geometry.iloc[3]
    inside = blocks.geometry.within(zone.buffer(1.0))
    assert (blocks.loc[inside, "hydrothermal_light"] == "red").all()
    assert (blocks.loc[inside, "hydrothermal_wells"] == 0).all()
    assert (blocks.loc[inside, "shallow_light"] != "red").any()


def test_a_consent_makes_a_site_conditional():
    frame = result().frame
    control = heat_world.restrictions().geometry.iloc[1]
    inside = frame.geometry.intersects(control.buffer(-1.0)) & (frame["technology"] == "shallow")
    listed = frame.loc[inside, "rules"].map(lambda rules: {rule["id"] for rule in rules})
    assert inside.any()
    assert listed.map(lambda ids: "drilling_heritage_control" in ids).all()


def test_a_missing_kind_is_not_checked_and_never_allowed():
    world = heat_world.world()
    kept = world["restrictions"][world["restrictions"]["kind"] != "no_abstraction"]
    found = assess_heat(**{**world, "restrictions": kept})
    assert "no_abstraction" in found.not_checked
    rows = found.frame[found.frame["technology"] == "hydrothermal"]
    assert rows["not_checked"].map(lambda ids: "no_abstraction" in ids).all()
    assert (rows["status"] != "allowed").all()


def test_a_declared_kind_counts_as_checked_though_absent():
    world = heat_world.world()
    kinds = frozenset(world["restrictions"]["kind"]) | {"pipeline"}
    assert "pipeline_drilling" in result().not_checked
    assert "pipeline_drilling" not in assess_heat(**{**world, "covers": kinds}).not_checked


def test_without_restrictions_every_zone_rule_is_not_checked():
    found = assess_heat(**heat_world.world(restrictions=None))
    zone_rules = {rule.id for rule in heat_world.world()["rules"] if rule.layer == "restrictions"}
    assert set(found.not_checked) == zone_rules
    assert (found.blocks["shallow_light"] != "red").all()


def test_the_same_inputs_give_the_same_table():
    again = assess_heat(**heat_world.world())
    for name in ("id", "wells", "heatable_m2", "heatable_m2_p10", "lcoh", "suitability"):
        assert result().frame[name].equals(again.frame[name])
    assert (again.maps.arrays["deep_kw"] == result().maps.arrays["deep_kw"])[
        np.isfinite(again.maps.arrays["deep_kw"])
    ].all()


def test_more_wells_warmer_ground_less_uncertainty_near_them():
    blocks = result().blocks.sort_values("nearest_well_m")
    assert blocks["gradient_sd_k_km"].iloc[0] < blocks["gradient_sd_k_km"].iloc[-1]
    cold = assess_heat(**heat_world.world(wells=None))
    assert np.isinf(cold.blocks["nearest_well_m"]).all()
    assert (cold.blocks["gradient_k_km"] < blocks["gradient_k_km"].max()).all()
    assert cold.blocks["deep_reason_zh"].str.contains("附近无地热井").any()


def test_a_warm_zone_along_a_fault_warms_its_blocks_only():
    import geopandas as gpd

    strip = gpd.GeoDataFrame(
        {"heat_flow_factor": [1.3]},
        geometry=[
            shapely.box(heat_world.WEST, heat_world.SOUTH, heat_world.WEST + 6000, heat_world.SOUTH + 1000)
        ],
        crs=heat_world.CRS,
    )
    warm = assess_heat(**heat_world.world(zones=strip)).blocks["gradient_k_km"]
    plain = result().blocks["gradient_k_km"]
    inside = result().blocks.geometry.within(strip.geometry.iloc[0])
    assert warm[inside].to_numpy() == pytest.approx(1.3 * plain[inside].to_numpy())
    assert (warm[result().blocks.geometry.centroid.y > heat_world.SOUTH + 1600] <= plain.max()).all()


def heat_layer(demand_kw):
    import geopandas as gpd

    box, line = (
        shapely.box(
            heat_world.WEST + x, heat_world.SOUTH, heat_world.WEST + x + 2000, heat_world.SOUTH + 2000
        )
        for x in (0, 3000)
    )
    return gpd.GeoDataFrame(
        {"id": ["z1", "z2", "n1"], "kind": ["zone", "zone", "network"], "name": ["one", "two", "three"],
         "demand_kw": demand_kw},
        geometry=[box, line, line.exterior],
        crs=heat_world.CRS,
    )  # fmt: skip


def test_the_gap_of_a_zone_is_what_geothermal_heat_leaves():
    found = assess_heat(**heat_world.world(heat=heat_layer([1e6, np.nan, np.nan]))).zones.set_index("id")
    assert list(found.index) == ["z1", "z2"]
    assert found.loc["z1", "gap_kw"] == pytest.approx(1e6 - found.loc["z1", "geothermal_kw"])
    assert np.isnan(found.loc["z2", "demand_kw"])
    left = found.loc["z2", "buildings_kw"] - found.loc["z2", "geothermal_kw"]
    assert found.loc["z2", "gap_kw"] == pytest.approx(left, abs=1e-6)
    assert (found["geothermal_kw"] <= found["buildings_kw"] * (1 + 1e-6)).all()


def test_wells_for_a_target_are_the_cheapest_that_reach_it():
    found = result()
    order = drill_order(found.frame)
    half = 0.5 * found.frame["heatable_m2"].sum()
    told = wells_for_area(order, half)
    assert told["reached_m2"] == pytest.approx(half, abs=1)
    by_hand, wells, sites = 0.0, dict.fromkeys(TECHNOLOGIES, 0), 0
    for _, site in found.frame.sort_values(["lcoh", "id"]).iterrows():
        if by_hand >= half:
            break
        by_hand, sites = by_hand + site["heatable_m2"], sites + 1
        wells[site["technology"]] += int(site["wells"])
    assert (told["wells"], told["sites"]) == (wells, sites)
    assert wells_for_area(order, 1e12)["reached_m2"] == pytest.approx(found.frame["heatable_m2"].sum(), abs=1)
    assert order["lcoh"].is_monotonic_increasing
    assert order["cum_wells"].iloc[-1] == found.frame["wells"].sum()


def test_every_goal_and_every_technology_alone_has_its_order():
    found = result()
    sums = found.orders.groupby("supply")["heatable_m2"].sum()
    goals = found.goals.groupby("goal")["heatable_m2"].sum()
    alone = found.alone.groupby("technology")["heatable_m2"].sum()
    for name, area in {**goals, **alone}.items():
        assert sums[name] == pytest.approx(area), name
    for name in TECHNOLOGIES:
        assert set(found.orders.loc[found.orders["supply"] == name, "technology"]) == {name}


def test_the_electricity_of_the_blocks_is_that_of_their_sites():
    found = result()
    assert found.blocks["electricity_mwh_year"].sum() == pytest.approx(
        found.summary["electricity_mwh_year"].sum()
    )


def test_the_baseline_decides_the_carbon():
    gas = assess_heat(**heat_world.world(baseline="gas_boiler")).summary["co2_t_year"].sum()
    coal = result().summary["co2_t_year"].sum()
    heat_gj = 3.6 * result().summary["mwh_year"].sum()
    assert coal - gas == pytest.approx(heat_gj * (0.110 - 0.0604), rel=1e-6)


def test_the_goal_changes_the_choice_but_not_what_is_served():
    by_carbon = assess_heat(**heat_world.world(goal="carbon"))
    served = result().blocks["served_kw"].sum()
    assert by_carbon.blocks["served_kw"].sum() == pytest.approx(served, rel=1e-3)
    electricity = [found.summary["electricity_mwh_year"].sum() for found in (by_carbon, result())]
    assert electricity[0] <= 1.01 * electricity[1]


def test_maps_cover_the_towns_and_nothing_else():
    maps = result().maps
    towns = shapely.union_all(heat_world.world()["towns"].geometry.to_numpy())
    for name, array in maps.arrays.items():
        known = np.isfinite(array)
        if name not in ("suitability_hydrothermal", "suitability_shallow", "suitability_deep"):
            assert known.sum() * maps.cell_m**2 == pytest.approx(towns.area, rel=0.02), name
        assert maps.units[name]
    assert np.nanmin(maps.arrays["temperature_1000m"]) > 40
    assert (maps.arrays["hydrothermal_mw_km2_p90"] <= maps.arrays["hydrothermal_mw_km2_p10"])[
        np.isfinite(maps.arrays["hydrothermal_mw_km2_p10"])
    ].all()


def test_maps_show_vetoes_where_they_are():
    """North up: the heritage zone lies in the south west, some rows above the lower edge."""
    maps = result().maps
    west, _, _, north = maps.bounds
    row = int((north - (heat_world.SOUTH + 1200)) / maps.cell_m)
    column = int((heat_world.WEST + 1000 - west) / maps.cell_m)
    assert maps.arrays["suitability_deep"][row, column] == 0.0
    far = int((heat_world.WEST + 3200 - west) / maps.cell_m)
    assert maps.arrays["suitability_deep"][row, far] > 0.1


def test_a_random_sample_is_checked_and_the_error_is_told():
    error = result().errors["shallow_g_table"]
    assert error["fields"] == 3
    assert error["worst_percent"] < 4.0
    assert result().parameters["heat"]["errors"]["shallow_g_table"] == error


def test_parameters_carry_unit_source_and_confidence():
    listed = result().parameters["heat"]["quantities"]
    assert listed["deep.depth_m"]["unit"] == "m"
    assert all(entry["source"] and entry["confidence"] in "HML" for entry in listed.values())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"baseline": "coal"}, r"heat\.baseline = 'coal': must be one of coal_chp, gas_boiler"),
        ({"buildings": None}, r"buildings: heat needs buildings"),
    ],
)
def test_what_cannot_be_assessed_is_said(change, message):
    with pytest.raises(InputError, match=message):
        assess_heat(**heat_world.world(**change))


def test_a_scheme_that_contradicts_itself_is_said(tmp_path):
    file = tmp_path / "suitability.toml"
    file.write_text("[deep.factors]\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"hydrothermal"):
        read_schemes(file)


def test_classes_are_known_words():
    for technology in TECHNOLOGIES:
        assert set(result().blocks[f"{technology}_class"].dropna()) <= set(CLASSES)


# The three single calculations


def test_reports_name_every_input_with_its_unit():
    for report in (shallow(boreholes=20), deep(), hydro()):
        assert {"kw_year1", "kw_year30", "mwh_year", "formula", "sources", "inputs"} <= set(report)
        assert all(entry["unit"] for entry in report["inputs"].values())
        assert report["kw_year30"] <= report["kw_year1"] * (1 + 1e-9)
    assert deep()["inputs"]["gradient_k_per_km"] == {"value": 31.7, "unit": "K/km"}


def test_deep_report_shows_the_cost_of_near_wells():
    near, far = deep(wells=4, spacing_m=15.0), deep(wells=4, spacing_m=500.0)
    assert near["spacing_penalty_year30_percent"] == pytest.approx(17.0, abs=1.5)
    assert far["spacing_penalty_year30_percent"] == pytest.approx(0.0, abs=0.01)
    assert deep()["ground_year20_kw"] == pytest.approx(320, abs=1)


def test_shallow_report_balances():
    alone, balanced = shallow(), shallow(returned_share=1.0)
    gain = balanced["kw_year30"] / alone["kw_year30"] - 1
    assert alone["balanced_gain_percent"] == pytest.approx(100 * gain, rel=1e-4)
    assert alone["by_code_kw"] > alone["kw_year30"]


def test_hydro_report_prints_its_reference_and_falls_after_breakthrough():
    report = hydro(temp_reference_c=45.0, recovery=0.2)
    assert "T_ref = 45.0 degC" in report["formula"]
    assert report["recoverable_pj"] == pytest.approx(0.2 * report["heat_in_place_pj"], rel=1e-4)
    short = hydro(life_years=10.0, flow_injection_m3_h=150.0, thickness_m=60.0)
    assert short["breakthrough_years"] < 30
    assert short["kw_year30"] < short["kw_year1"]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: deep(kind="x"), r"heat deep: kind 'x' must be coaxial or utype"),
        (lambda: deep(kind="utype", wells=3), r"wells = 3: a U-type well is reckoned alone"),
        (lambda: shallow(boreholes=0), r"heat shallow: boreholes = 0 must be 1 or more"),
        (lambda: hydro(drawdown_bar=0.0), r"heat hydro: drawdown_pa = 0\.0 must be positive"),
    ],
)
def test_reports_refuse_with_the_value(ask, message):
    with pytest.raises(InputError, match=message):
        ask()
