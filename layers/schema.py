"""The schema of every layer: its geometry, its columns, their units, ranges and allowed values."""

from __future__ import annotations

from dataclasses import replace

from layers.columns import LayerColumn, Schema, choice, number, text, with_spread

NO_HEIGHT = (0.0, -1.0, -99.0, -999.0, -9999.0, 999.0, 9999.0, 99999.0)
"""What files hold where nobody measured a height or counted floors."""
NO_NUMBER = (-1.0, -99.0, -999.0, -9999.0, 9999.0, 99999.0)

BUILDING_USES = (
    "industrial",
    "logistics",
    "public",
    "office",
    "school",
    "university",
    "hospital",
    "commercial",
    "hotel",
    "residential",
    "rural_house",
    "transport",
    "data_centre",
    "agricultural",
    "other",
    "unknown",
)
FARMLAND_CLASSES = (
    "permanent_basic",
    "cultivated",
    "orchard",
    "grass",
    "facility_agriculture",
    "fish_pond",
    "forest",
    "unused",
)
FACILITIES = (
    "wastewater",
    "waterworks",
    "parking",
    "depot",
    "station",
    "landfill",
    "school_yard",
    "park",
    "airport",
    "road_verge",
    "data_centre",
    "heat_station",
    "other",
)
RESTRICTION_KINDS = (
    "heritage_protection",
    "heritage_control",
    "ecological_redline",
    "river_management",
    "water_source_1",
    "water_source_2",
    "road",
    "rail",
    "power_line",
    "airport_surface",
    "ground_fissure",
    "subsidence",
    "no_abstraction",
    "military",
    "pipeline",
    "wetland",
)
ROAD_CLASSES = ("expressway", "national", "provincial", "county", "township", "urban")

BUILDING_OWNERS = ("government", "school", "hospital", "enterprise", "residents", "village", "unknown")
ROOF_FORMS = ("flat", "gabled", "hipped", "metal", "unknown")

NAME = text("name", "名称", "name")
NAMES = (text("name_zh", "中文名称", "Chinese name"), text("name_en", "英文名称", "English name"))
KV = number("kv", "kV", (0.2, 1100.0), "电压等级", "voltage", unknown=(0.0, *NO_NUMBER))
TOWN = text("town", "所属新城", "id of the new town")
SOURCE = text("source", "来源", "source")
GRADIENT = number("gradient_k_per_km", "K/km", (1.0, 500.0), "地温梯度", "temperature gradient")
CONDUCTIVITY = number("conductivity_w_mk", "W/(m K)", (0.1, 10.0), "热导率", "conductivity")


def _management(*allowed: str) -> LayerColumn:
    return choice("management", allowed, "管理方式", "management", default="direct")


TOWNS = Schema(
    "towns",
    "新城",
    "new towns",
    ("polygon",),
    (
        *NAMES,
        number("planned_area_km2", "km2", (0.01, 1e5), "规划面积", "planned area"),
        _management("direct", "co", "mixed"),
    ),
)
TOWNSHIPS = Schema(
    "townships",
    "街镇",
    "townships",
    ("polygon",),
    (replace(TOWN, required=True), *NAMES, _management("direct", "co")),
)
BUILDINGS = Schema(
    "buildings",
    "建筑",
    "buildings",
    ("polygon",),
    (
        choice("use", BUILDING_USES, "用途", "use", default="unknown"),
        number("height_m", "m", (1.5, 700.0), "高度", "height above ground", unknown=NO_HEIGHT),
        number("floors", "1", (1.0, 150.0), "层数", "floors above ground", unknown=NO_HEIGHT),
        choice("roof_form", ROOF_FORMS, "屋顶形式", "roof form", default="unknown"),
        number("year", "a", (1000.0, 2100.0), "建成年份", "year built", unknown=(0.0, 9999.0, -9999.0)),
        choice("owner", BUILDING_OWNERS, "权属类别", "owner class", default="unknown"),
        NAME,
    ),
)
FARMLAND = Schema(
    "farmland",
    "农用地",
    "farmland and open land",
    ("polygon",),
    (choice("class", FARMLAND_CLASSES, "地类", "land class", required=True), NAME),
)
MUNICIPAL = Schema(
    "municipal",
    "市政设施",
    "municipal parcels",
    ("polygon",),
    (choice("facility", FACILITIES, "设施", "facility", default="other"), NAME),
)
RESTRICTIONS = Schema(
    "restrictions",
    "限制因素",
    "restrictions",
    ("polygon", "line"),
    (
        choice("kind", RESTRICTION_KINDS, "类别", "kind", required=True),
        replace(
            text("class", "等级", "class (road class, airport surface)"),
            where=("kind", ("road", "airport_surface")),
        ),
        replace(KV, where=("kind", ("power_line",))),
        NAME,
    ),
)
GRID = Schema(
    "grid",
    "变电站",
    "substations",
    ("point",),
    (
        NAME,
        KV,
        number(
            "headroom_mw", "MW", (0.0, 1e4), "可接入容量", "capacity left for connection", unknown=NO_NUMBER
        ),
    ),
)
HEAT = Schema(
    "heat",
    "供热设施",
    "heat supply",
    ("polygon", "line", "point"),
    (
        choice("kind", ("network", "station", "zone"), "类别", "kind", required=True),
        NAME,
        number("demand_kw", "kW", (0.0, 1e7), "热负荷", "heat demand", unknown=NO_NUMBER),
    ),
)
WELLS = Schema(
    "wells",
    "地温井",
    "heat-flow wells",
    ("point",),
    (
        number("elevation_m", "m", (-500.0, 6000.0), "井口高程", "elevation"),
        number("heat_flow_mw_m2", "mW/m2", (1.0, 1000.0), "大地热流", "heat flow"),
        GRADIENT,
        CONDUCTIVITY,
        number("top_m", "m", (0.0, 1e4), "测段顶深", "top of the interval"),
        number("bottom_m", "m", (0.0, 1e4), "测段底深", "bottom of the interval"),
        SOURCE,
        text("note", "备注", "note"),
    ),
)
LANDMARKS = Schema(
    "facilities",
    "重点设施",
    "landmarks",
    ("point",),
    (
        *NAMES,
        text("kind", "类别", "kind"),
        number("accuracy_m", "m", (0.0, 1e5), "位置精度", "accuracy of the position"),
        TOWN,
        text("facts", "事实", "facts"),
        SOURCE,
        choice("confidence", ("H", "M", "L"), "可信度", "confidence"),
    ),
    place_required=False,
)
GROUND = Schema(
    "ground",
    "地质分区",
    "ground zones",
    ("polygon", "point"),
    (
        *with_spread(
            GRADIENT,
            CONDUCTIVITY,
            number("thickness_m", "m", (0.0, 1e4), "热储厚度", "reservoir thickness"),
            number("porosity", "1", (0.0, 0.7), "孔隙度", "porosity"),
            number("permeability_md", "mD", (0.0, 1e6), "渗透率", "permeability"),
            number("temp_reservoir_c", "degC", (0.0, 400.0), "热储温度", "reservoir temperature"),
        ),
        NAME,
    ),
)

SCHEMAS: dict[str, Schema] = {
    schema.name: schema
    for schema in (
        TOWNS,
        TOWNSHIPS,
        BUILDINGS,
        FARMLAND,
        MUNICIPAL,
        RESTRICTIONS,
        GRID,
        HEAT,
        WELLS,
        LANDMARKS,
        GROUND,
    )
}
"""Schema of every vector layer by its name."""
