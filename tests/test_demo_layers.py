"""The demonstration layers: laws that hold for every window of the region and every seed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
import shapely.affinity

from layers.demo.generate import generate
from layers.demo.plan import read_plan
from layers.demo.quarters import HOUSING, STOREY_M
from layers.demo.site import ROAD_WIDTH_M, Site
from layers.demo.utilities import build_grid
from layers.region import EMBEDDED

CRS = "EPSG:4545"
USES = {
    "industrial", "logistics", "public", "office", "school", "university", "hospital", "commercial", "hotel",
    "residential", "rural_house", "transport", "data_centre", "agricultural", "other", "unknown",
}  # fmt: skip
CLASSES = {
    "permanent_basic", "cultivated", "orchard", "grass", "facility_agriculture", "fish_pond", "forest",
    "unused",
}  # fmt: skip
FACILITIES = {
    "wastewater", "waterworks", "parking", "depot", "station", "landfill", "school_yard", "park", "airport",
    "road_verge", "data_centre", "heat_station", "other",
}  # fmt: skip
KINDS = {
    "heritage_protection", "heritage_control", "ecological_redline", "river_management", "water_source_1",
    "water_source_2", "road", "rail", "power_line", "airport_surface", "ground_fissure", "subsidence",
    "no_abstraction", "wetland",
}  # fmt: skip
ROAD_CLASSES = {"expressway", "provincial", "county", "township", "urban"}
WINDOW = (572_500.0, 3_801_500.0, 578_000.0, 3_806_500.0)
"""Five kilometres around the Wei: city and fields on both banks, an expressway, rails, heritage."""
AIRPORT = (567_800.0, 3_809_000.0, 571_500.0, 3_813_500.0)


def read_towns():
    return gpd.read_file(EMBEDDED / "towns.geojson").to_crs(CRS)


def site_of(window, seed=882):
    plan = read_plan(EMBEDDED / "demo.toml", crs=CRS)
    whole = shapely.union_all(read_towns().geometry.to_numpy())
    return Site(plan, whole if window is None else whole.intersection(shapely.box(*window)), seed)


def build(window, seed=882):
    return generate(site_of(window, seed), lambda _share, _what: None)


@pytest.fixture(scope="module")
def site():
    return site_of(WINDOW)


@pytest.fixture(scope="module")
def layers(site):
    return generate(site, lambda _share, _what: None)


@pytest.fixture(scope="module", params=[(WINDOW, 7), (AIRPORT, 882)], ids=["other seed", "airport"])
def elsewhere(request):
    return site_of(*request.param), build(*request.param)


def overlap_m2(one, two):
    """Return the area two sets of shapes share, pair by pair."""
    first, second = shapely.STRtree(two).query(one, predicate="intersects")
    return shapely.area(shapely.intersection(one[first], two[second]))


def own_overlap_m2(shapes):
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pair = first < second
    return shapely.area(shapely.intersection(shapes[first[pair]], shapes[second[pair]]))


def check_ground(site, layers):
    """What holds wherever and however the layers are generated."""
    buildings = layers["buildings"].geometry.to_numpy()
    fields = layers["farmland"].geometry.to_numpy()
    municipal = layers["municipal"]
    assert own_overlap_m2(buildings).sum() == 0.0
    assert own_overlap_m2(fields).max(initial=0.0) < 1.0
    assert own_overlap_m2(municipal.geometry.to_numpy()).max(initial=0.0) < 1.0
    blocked = np.concatenate([site.water, site.strips, site.mounds])
    assert overlap_m2(buildings, blocked).sum() == 0.0
    assert overlap_m2(fields, blocked).max(initial=0.0) < 1.0
    assert overlap_m2(fields, buildings).max(initial=0.0) < 1.0
    assert overlap_m2(fields, municipal.geometry.to_numpy()).max(initial=0.0) < 1.0
    roads = layers["restrictions"].query("kind == 'road' and `class` != 'urban'")
    width = roads["class"].map(ROAD_WIDTH_M).to_numpy()
    assert overlap_m2(buildings, shapely.buffer(roads.geometry.to_numpy(), width / 2.0 - 0.2)).sum() == 0.0
    streets = layers["restrictions"].query("`class` == 'urban'").geometry.to_numpy()
    assert overlap_m2(buildings, shapely.buffer(streets, 11.0, cap_style="flat")).sum() == 0.0
    open_ground = municipal[municipal["facility"].isin(["park", "parking", "school_yard", "road_verge"])]
    assert overlap_m2(buildings, open_ground.geometry.to_numpy()).max(initial=0.0) < 0.1
    shapely.prepare(site.boundary)
    assert shapely.contains(site.boundary, buildings).all()
    wider = shapely.buffer(site.boundary, 0.05)
    for parcels in (fields, municipal.geometry.to_numpy()):
        assert shapely.within(parcels, wider).all()


def test_nothing_stands_on_anything_else(site, layers):
    check_ground(site, layers)


def test_nothing_stands_on_anything_else_for_other_seeds_and_places(elsewhere):
    check_ground(*elsewhere)


def test_no_building_stands_on_a_runway_or_its_strip():
    layers = build(AIRPORT)
    surfaces = layers["restrictions"].query("kind == 'airport_surface'")
    strips = surfaces[surfaces["class"].isin(["runway", "strip"])].geometry.to_numpy()
    assert len(strips) >= 6
    assert overlap_m2(layers["buildings"].geometry.to_numpy(), strips).sum() == 0.0
    inside = layers["buildings"][layers["buildings"].within(site_of(AIRPORT).airport)]
    assert {"transport", "logistics"} == set(inside["use"])


def test_the_land_is_filled(site, layers):
    """Fields, blocks, villages, municipal land, water and roads leave hardly a gap."""
    free = shapely.difference(
        site.boundary,
        shapely.union_all(
            np.concatenate(
                [
                    layers["farmland"].geometry.to_numpy(),
                    shapely.buffer(layers["buildings"].geometry.to_numpy(), 45.0),
                    layers["municipal"].geometry.to_numpy(),
                    site.water,
                    shapely.buffer(
                        layers["restrictions"].query("kind in ['road', 'rail']").geometry.to_numpy(), 22.0
                    ),
                ]
            )
        ),
    )
    assert free.area < 0.07 * site.boundary.area


@pytest.mark.parametrize(
    ("layer", "column", "allowed"),
    [
        ("buildings", "use", USES),
        ("buildings", "roof_form", {"flat", "gabled", "hipped", "metal", "unknown"}),
        (
            "buildings",
            "owner",
            {"government", "school", "hospital", "enterprise", "residents", "village", "unknown"},
        ),
        ("farmland", "class", CLASSES),
        ("municipal", "facility", FACILITIES),
        ("restrictions", "kind", KINDS),
        ("heat", "kind", {"network", "station", "zone"}),
    ],
)
def test_values_are_those_of_the_schema(layers, layer, column, allowed):
    assert set(layers[layer][column]) <= allowed


@pytest.mark.parametrize("layer", ["buildings", "farmland", "municipal", "restrictions", "grid", "heat"])
def test_rows_are_valid_and_numbered(layers, layer):
    frame = layers[layer]
    assert len(frame) > 0
    assert frame["id"].is_unique
    assert frame["id"].map(type).eq(str).all()
    assert frame.geometry.is_valid.all()
    assert not frame.geometry.is_empty.any()


def test_roads_and_lines_have_their_class_and_voltage(layers):
    restrictions = layers["restrictions"]
    roads = restrictions[restrictions["kind"] == "road"]
    assert {"expressway", "provincial", "township", "urban"} <= set(roads["class"]) <= ROAD_CLASSES
    lines = restrictions[restrictions["kind"] == "power_line"]
    assert set(lines["kv"]) <= {750.0, 330.0, 110.0, 35.0, 10.0}
    assert restrictions.loc[restrictions["kind"] != "power_line", "kv"].isna().all()
    assert lines["kv"].notna().all()


def test_no_military_layer_is_invented(layers):
    assert "military" not in set(layers["restrictions"]["kind"])


def test_some_attributes_are_unknown_but_few(layers):
    buildings = layers["buildings"]
    for column, least, most in (("height_m", 0.02, 0.06), ("floors", 0.01, 0.04), ("year", 0.03, 0.09)):
        assert least < buildings[column].isna().mean() < most
    assert 0.01 < (buildings["roof_form"] == "unknown").mean() < 0.1
    assert layers["grid"]["kv"].notna().all()


def test_heights_go_with_storeys(layers):
    known = layers["buildings"].dropna(subset=["height_m", "floors"])
    per_floor = known["height_m"] / known["floors"].astype("float64")
    homes = known["use"].isin(["residential", "rural_house"])
    assert per_floor[homes].between(2.7, 4.2).all()
    assert (known["height_m"] > 2.0).all()
    assert known["height_m"].max() < 130.0


def test_metal_roofs_are_on_halls(layers):
    buildings = layers["buildings"]
    halls = buildings["use"].isin(["industrial", "logistics"])
    assert (buildings.loc[halls, "roof_form"] == "metal").mean() > 0.75
    assert buildings[halls].area.median() > 8 * buildings[buildings["use"] == "rural_house"].area.median()
    assert not (buildings.loc[buildings["use"] == "residential", "roof_form"] == "metal").any()


def test_homes_leave_the_sun_to_the_row_behind(layers):
    """North of a home of seven storeys or more lies open ground 0.7 times as deep as it is high."""
    buildings = layers["buildings"]
    homes = buildings[(buildings["use"] == "residential") & (buildings["floors"] >= min(HOUSING))]
    assert len(homes) > 100
    high = homes["floors"].to_numpy(dtype=np.float64) * STOREY_M
    shadow = np.array(
        [
            shapely.union_all([shapely.affinity.translate(shape, 0.0, tall * k) for k in (0.2, 0.45, 0.7)])
            for shape, tall in zip(homes.geometry, high, strict=True)
        ],
        dtype=object,
    )
    first, second = shapely.STRtree(homes.geometry.to_numpy()).query(shadow, predicate="intersects")
    blocked = (first != second).sum()
    assert blocked < 0.06 * len(homes)  # turned estates look past each other


def test_villages_are_rows_of_houses_that_face_south():
    layers = build((548_000.0, 3_803_000.0, 552_000.0, 3_807_000.0))
    houses = layers["buildings"].query("use == 'rural_house'")
    assert len(houses) > 1500
    centres = shapely.centroid(houses.geometry.to_numpy())
    pairs = shapely.STRtree(centres).query(centres, predicate="dwithin", distance=14.0)
    neighbours = np.bincount(pairs[0], minlength=len(houses)) - 1
    assert np.mean(neighbours >= 1) > 0.95  # hardly a house stands alone
    sides = shapely.get_coordinates(shapely.oriented_envelope(houses.geometry.to_numpy())).reshape(-1, 5, 2)
    first = sides[:, 1] - sides[:, 0]
    angle = np.degrees(np.arctan2(first[:, 1], first[:, 0])) % 90.0
    assert np.mean(np.minimum(angle, 90.0 - angle) < 15.0) > 0.95


def test_few_buildings_stand_on_protected_ground(layers, site):
    """Villages were there before; factories and estates were not built there."""
    protected = shapely.union_all(site.protected)
    shapely.prepare(protected)
    inside = layers["buildings"][
        shapely.contains_properly(protected, layers["buildings"].geometry.to_numpy())
    ]
    old = inside["use"].isin(
        ["rural_house", "other", "agricultural", "public", "school", "unknown", "residential", "commercial"]
    )
    assert len(inside) > 100
    assert old.mean() > 0.97
    assert inside["year"].max() <= 2005
    assert layers["buildings"]["year"].max() > 2020


def test_heritage_areas_are_the_published_ones():
    """Qinhan 104 km2 of 291, Fengdong 13.3 km2 of 161."""
    protected = shapely.union_all(site_of(None).protected)
    towns = read_towns().set_index("id").geometry
    assert protected.intersection(towns["qinhan"]).area / 1e6 == pytest.approx(104.0, abs=2.0)
    assert protected.intersection(towns["fengdong"]).area / 1e6 == pytest.approx(13.3, abs=0.4)


def test_control_zones_ring_the_protection_ranges(layers):
    restrictions = layers["restrictions"]
    cores = restrictions.query("kind == 'heritage_protection'").geometry.to_numpy()
    rings = restrictions.query("kind == 'heritage_control'").geometry.to_numpy()
    assert overlap_m2(rings, cores).max(initial=0.0) < 1.0
    assert all(shapely.dwithin(ring, cores, 1.0).any() for ring in rings)


def test_the_same_seed_gives_the_same_rows(layers):
    again = build(WINDOW)
    for name, frame in layers.items():
        assert frame.equals(again[name]), name


def test_another_seed_gives_another_place(layers):
    other = build((572_500.0, 3_801_500.0, 574_500.0, 3_803_500.0), 1)
    mine = set(layers["buildings"].geometry.to_wkb())
    assert len(mine & set(other["buildings"].geometry.to_wkb())) < 0.02 * len(other["buildings"])


def test_a_part_is_generated_as_in_the_whole(layers):
    """A building well inside a smaller window is there, with the same attributes, in the larger one."""
    window = (573_500.0, 3_802_500.0, 576_500.0, 3_805_500.0)
    part = build(window)["buildings"].drop(columns="id")
    inner = part[part.within(shapely.box(*window).buffer(-700.0))]
    whole = layers["buildings"].drop(columns="id")
    found = whole[whole.geometry.to_wkb().isin(inner.geometry.to_wkb())]
    assert len(inner) > 300
    assert len(found) >= 0.98 * len(inner)


def test_demand_of_a_zone_that_the_boundary_cuts_is_shared_out(layers):
    heat = layers["heat"]
    assert heat.loc[heat["kind"] != "zone", "demand_kw"].isna().all()
    zones = heat[heat["kind"] == "zone"].assign(km2=heat.area / 1e6)
    for _, parts in zones.groupby("name"):
        share = parts["demand_kw"] / parts["km2"]
        assert share.min() == pytest.approx(share.max())
    whole = zones.groupby("name")["demand_kw"].sum().dropna()
    assert whole.between(1000.0, 500_000.0).all()


def test_headroom_is_known_for_some_substations_only():
    grid = build_grid(site_of(None))
    assert {750.0, 330.0, 110.0, 35.0} == set(grid["kv"])
    assert 0.1 < grid["headroom_mw"].isna().mean() < 0.7
    assert (grid["headroom_mw"].dropna() > 0.0).all()
