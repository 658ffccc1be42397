from __future__ import annotations

import pytest

from assessment.scenario import Scenario, find_scenario, load_scenario
from faults import InputError
from layers.catalog import Catalog, Quantity, load_catalog


def quantity(value=2.0):
    return Quantity(value, 1.0, 4.0, unit="CNY/W", source="test", confidence="M")


def test_a_changed_number_moves_its_range_in_proportion():
    catalog = Catalog({"capex.ground": quantity()}, name="costs.toml")
    changed = Scenario(name="cheap", values={"costs.capex.ground": 1.0}).change("costs", catalog)
    assert (changed["capex.ground"].low, changed["capex.ground"].high) == (0.5, 2.0)
    assert changed["capex.ground"].source == "scenario cheap"
    assert catalog.value("capex.ground") == 2.0


def test_a_number_of_another_catalogue_is_left_alone():
    catalog = Catalog({"capex.ground": quantity()}, name="costs.toml")
    assert Scenario(values={"carbon.grid": 1.0}).change("costs", catalog).value("capex.ground") == 2.0


def test_a_number_that_no_catalogue_has_is_named():
    catalog = Catalog({"capex.ground": quantity()}, name="costs.toml")
    with pytest.raises(InputError, match=r"costs\.toml, capex\.groud: this number is missing"):
        Scenario(values={"costs.capex.groud": 1.0}).change("costs", catalog)


def test_all_faults_of_a_scenario_file_are_said_at_once(tmp_path):
    file = tmp_path / "s.toml"
    wrong = 'pack = ["national"]\nheat_baseline = "wood"\n[values.costs.capex]\nground = -3\n'
    file.write_text(wrong + 'roof_flat = "cheap"\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_scenario(file)
    text = str(caught.value)
    assert "pack: is none of" in text
    assert "heat_baseline = 'wood': is none of coal_chp, gas_boiler" in text
    assert "values.costs.capex.ground = '-3': must be a number, not negative" in text
    assert "values.costs.capex.roof_flat = 'cheap'" in text


def test_a_scenario_file_is_read(tmp_path):
    file = tmp_path / "open.toml"
    file.write_text(
        'packs = ["national"]\nrules_off = ["x"]\n[values.costs.capex]\nground = 3\n', encoding="utf-8"
    )
    scenario = load_scenario(file)
    assert scenario.as_dict() == {
        "name": "open",
        "packs": ["national"],
        "rules_off": ["x"],
        "values": {"costs.capex.ground": 3.0},
        "heat_baseline": "coal_chp",
        "reading": "reference",
    }


@pytest.mark.parametrize("name", ["strict", "reference", "open"])
def test_a_reading_is_a_scenario_by_its_name_and_survives_the_manifest(name):
    scenario = find_scenario(name)
    assert (scenario.name, scenario.reading) == (name, name)
    assert Scenario.from_dict(scenario.as_dict()) == scenario


def test_a_file_can_name_a_reading_and_change_it(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text('reading = "strict"\nrules_off = ["slope_north"]\n', encoding="utf-8")
    ids = {rule.id for rule in find_scenario(str(file)).rules(["national"])}
    assert "slope_steep" in ids
    assert "slope_north" not in ids


def test_readings_decide_what_the_same_packs_say():
    packs = ["heritage", "water"]
    verdicts = {
        name: {rule.id: rule.verdict for rule in find_scenario(name).rules(packs)}
        for name in ("strict", "reference", "open")
    }
    assert verdicts["strict"]["heritage_control"] == "forbidden"
    assert verdicts["reference"]["heritage_control"] == "conditional"
    assert verdicts["reference"].keys() == verdicts["open"].keys() < verdicts["strict"].keys()


def test_neither_reading_nor_file_is_said_with_the_choices(tmp_path):
    with pytest.raises(InputError, match=r"strickt.*is no file and none of strict, reference, open"):
        find_scenario("strickt")
    file = tmp_path / "own.toml"
    file.write_text('reading = "strickt"\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"strickt.*is none of strict, reference, open"):
        find_scenario(str(file))
    with pytest.raises(ValueError, match="reading 'strickt' is none of strict"):
        Scenario(reading="strickt")


def test_a_missing_scenario_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.toml.*cannot be read"):
        load_scenario(tmp_path / "nowhere.toml")


def test_all_faults_of_a_catalogue_are_said_at_once(tmp_path):
    file = tmp_path / "c.toml"
    file.write_text(
        '[a]\nvalue = 1\nunit = "1"\nsource = ""\nconfidence = "M"\n'
        '[b.c]\nvalue = 5\nlow = 6\nunit = "1"\nsource = "s"\nconfidence = "X"\n'
        "[d]\nvalue = 1\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        load_catalog(file)
    text = str(caught.value)
    assert "c.toml, a: source is empty" in text
    assert "b.c: low 6.0 <= value 5.0 <= high 5.0 does not hold" in text
    assert "d: fields are missing: confidence, source, unit" in text


@pytest.mark.parametrize(("text", "message"), [("a = [", "is not valid TOML"), (None, "cannot be read")])
def test_a_catalogue_that_cannot_be_read_says_so(tmp_path, text, message):
    file = tmp_path / "c.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_catalog(file)
