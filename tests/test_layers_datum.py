from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis.offset import measure_offset
from layers.checks import check_path
from layers.datum import Suspicion, datum_fault, suspect_datum
from layers.fit import offset_faults

FILE = Path(__file__).parent.parent / "benchmarks" / "gcj02.py"
SPEC = importlib.util.spec_from_file_location("benchmark_gcj02", FILE)
draws = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(draws)


@pytest.mark.parametrize("seed", range(200, 203))
def test_offset_datums_are_found_within_20_m_and_not_where_there_is_none(seed):
    result = draws.draw(seed)
    assert result["named"]
    assert result["error_m"] < 20
    assert not result["false"]


def town(seed=3):
    rng = np.random.default_rng(seed)
    return draws.two_sources(draws.town(rng), rng)


def test_it_is_said_when_the_reference_is_the_one_that_is_offset():
    layer, reference = town()
    found = suspect_datum(layer, draws.shifted(reference, "gcj02"), crs=draws.CRS)
    assert found.datum == "gcj02"
    assert found.of_reference
    assert found.east_m == pytest.approx(-428, abs=40)


def test_another_offset_is_reported_without_a_datum():
    layer, reference = town()
    moved = shapely.transform(layer, lambda xy: xy + np.array([-200.0, 90.0]))
    found = suspect_datum(moved, reference, crs=draws.CRS)
    assert found.datum is None
    assert (found.east_m, found.north_m) == (pytest.approx(-200, abs=5), pytest.approx(90, abs=5))
    assert "200 m west and 90 m north of osm.gpkg" in datum_fault("buildings", "b", "osm.gpkg", found).rule


def test_layers_of_two_places_are_not_compared():
    layer, _ = town()
    far = shapely.transform(layer, lambda xy: xy + 50_000)
    assert measure_offset(layer, far) is None
    assert suspect_datum(layer, far, crs=draws.CRS) is None


def test_layers_that_show_different_things_give_no_offset():
    rng = np.random.default_rng(8)
    one, two = draws.town(rng), draws.town(rng)
    centre = shapely.get_coordinates(one).mean(axis=0) - shapely.get_coordinates(two).mean(axis=0)
    other = shapely.transform(two, lambda xy: xy + centre)
    found = suspect_datum(one, other, crs=draws.CRS)
    assert found is None


def test_the_fault_says_what_to_write():
    told = datum_fault("b", "b.shp", "osm.gpkg", Suspicion(428.0, -163.0, 0.62, "gcj02"))
    assert "428 m east and 163 m south of osm.gpkg (confidence 0.62)" in told.rule
    assert 'look like GCJ-02; write convert = "gcj02" to convert' in told.rule


def test_a_check_measures_against_the_reference_it_is_given(tmp_path):
    layer, reference = town()
    for name, shapes in (("mine", draws.shifted(layer, "gcj02")), ("right", reference)):
        gpd.GeoDataFrame(
            {"use": "industrial"}, index=range(len(shapes)), geometry=shapes, crs=draws.CRS
        ).to_parquet(tmp_path / f"{name}.parquet")
    report = check_path(tmp_path / "mine.parquet", as_layer="buildings", reference=tmp_path / "right.parquet")
    assert "the coordinates look like GCJ-02" in "\n".join(map(str, report.faults))
    report = check_path(
        tmp_path / "right.parquet", as_layer="buildings", reference=tmp_path / "right.parquet"
    )
    assert "GCJ-02" not in "\n".join(map(str, report.faults))


def test_a_plain_shift_between_layers_of_a_region_is_reported_where_it_is_sure():
    parcels, houses = draws.blocks(np.random.default_rng(12), 0.9)

    def told(buildings):
        frames = {
            name: gpd.GeoDataFrame(geometry=shapes, crs=draws.CRS)
            for name, shapes in (("municipal", parcels), ("buildings", buildings))
        }
        return list(offset_faults(frames, {name: f"{name}.gpkg" for name in frames}, crs=draws.CRS))

    assert told(houses) == []
    (fault,) = told(shapely.transform(houses, lambda xy: xy + np.array([106.0, 106.0])))
    found = re.match(r"lies (\d+) m east and (\d+) m north of municipal.gpkg \(confidence 0", fault.rule)
    assert [float(metres) for metres in found.groups()] == pytest.approx([106, 106], abs=5)
    assert "the offset of no known datum" in fault.rule
    assert fault.severity == "warning"
