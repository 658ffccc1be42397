"""The schema of every layer: its geometry, its columns, their units, ranges and allowed values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "choice"]


@dataclass(frozen=True)
class LayerColumn:
    """One column of a layer.

    Examples
    --------
    >>> LayerColumn("height_m", "number", "高度", "height", unit="m", low=0.0, high=600.0).unit
    'm'
    >>> LayerColumn("use", "choice", "用途", "use")
    Traceback (most recent call last):
    ValueError: use: a choice needs its allowed values
    """

    name: str
    kind: Kind
    zh: str
    en: str
    unit: str = ""
    """Unit as text; empty for names and codes."""
    allowed: tuple[str, ...] = ()
    """Values of a choice."""
    default: str | None = None
    """What an unknown choice is called; None: it has no value for unknown."""
    low: float | None = None
    """Smallest number that can be right."""
    high: float | None = None
    """Largest number that can be right."""
    unknown_numbers: tuple[float, ...] = ()
    """Numbers that stand for unknown in files people send."""
    required: bool = False
    """A row without a usable value is rejected; a file without the column cannot be used."""
    where: tuple[str, tuple[str, ...]] | None = None
    """Needed only where another column has one of these values; missing there is a warning."""

    def __post_init__(self) -> None:
        """Check that choices have values and numbers a range in order."""
        if (self.kind == "choice") != bool(self.allowed):
            raise ValueError(f"{self.name}: a choice needs its allowed values")
        if self.default is not None and self.default not in self.allowed:
            raise ValueError(f"{self.name}: default {self.default!r} is not allowed")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"{self.name}: range {self.low} to {self.high} is empty")

    @property
    def is_number(self) -> bool:
        """Whether values are numbers."""
        return self.kind == "number"


@dataclass(frozen=True)
class Schema:
    """One layer: what geometry it has and which columns."""

    name: str
    zh: str
    en: str
    geometry: tuple[str, ...]
    """Kinds of geometry, of gis.shapes.KINDS."""
    columns: tuple[LayerColumn, ...]
    """Columns beside `id` and `geometry`, which every layer has."""
    place_required: bool = True
    """A row without geometry is rejected; else its place is unknown."""

    def column(self, name: str) -> LayerColumn:
        """Return a column by name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns beside `id` and `geometry`."""
        return tuple(column.name for column in self.columns)


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

NAME = LayerColumn("name", "text", "名称", "name")
NAMES = (
    LayerColumn("name_zh", "text", "中文名称", "Chinese name"),
    LayerColumn("name_en", "text", "英文名称", "English name"),
)

TOWNS = Schema(
    "towns",
    "新城",
    "new towns",
    ("polygon",),
    (
        *NAMES,
        LayerColumn("planned_area_km2", "number", "规划面积", "planned area", unit="km2", low=0.01, high=1e5),
        LayerColumn(
            "management",
            "choice",
            "管理方式",
            "management",
            allowed=("direct", "co", "mixed"),
            default="direct",
        ),
    ),
)
TOWNSHIPS = Schema(
    "townships",
    "街镇",
    "townships",
    ("polygon",),
    (
        LayerColumn("town", "text", "所属新城", "id of the new town", required=True),
        *NAMES,
        LayerColumn(
            "management", "choice", "管理方式", "management", allowed=("direct", "co"), default="direct"
        ),
    ),
)
BUILDINGS = Schema(
    "buildings",
    "建筑",
    "buildings",
    ("polygon",),
    (
        LayerColumn("use", "choice", "用途", "use", allowed=BUILDING_USES, default="unknown"),
        LayerColumn(
            "height_m",
            "number",
            "高度",
            "height above ground",
            unit="m",
            low=1.5,
            high=700.0,
            unknown_numbers=NO_HEIGHT,
        ),
        LayerColumn(
            "floors",
            "number",
            "层数",
            "floors above ground",
            unit="1",
            low=1.0,
            high=150.0,
            unknown_numbers=NO_HEIGHT,
        ),
        LayerColumn(
            "roof_form",
            "choice",
            "屋顶形式",
            "roof form",
            allowed=("flat", "gabled", "hipped", "metal", "unknown"),
            default="unknown",
        ),
        LayerColumn(
            "year",
            "number",
            "建成年份",
            "year built",
            unit="a",
            low=1000.0,
            high=2100.0,
            unknown_numbers=(0.0, 9999.0, -9999.0),
        ),
        LayerColumn(
            "owner",
            "choice",
            "权属类别",
            "owner class",
            allowed=(
                "government",
                "school",
                "hospital",
                "enterprise",
                "residents",
                "village",
                "unknown",
            ),
            default="unknown",
        ),
        NAME,
    ),
)
FARMLAND = Schema(
    "farmland",
    "农用地",
    "farmland and open land",
    ("polygon",),
    (
        LayerColumn("class", "choice", "地类", "land class", allowed=FARMLAND_CLASSES, required=True),
        NAME,
    ),
)
MUNICIPAL = Schema(
    "municipal",
    "市政设施",
    "municipal parcels",
    ("polygon",),
    (LayerColumn("facility", "choice", "设施", "facility", allowed=FACILITIES, default="other"), NAME),
)
RESTRICTIONS = Schema(
    "restrictions",
    "限制因素",
    "restrictions",
    ("polygon", "line"),
    (
        LayerColumn("kind", "choice", "类别", "kind", allowed=RESTRICTION_KINDS, required=True),
        LayerColumn(
            "class",
            "text",
            "等级",
            "class (road class, airport surface)",
            where=("kind", ("road", "airport_surface")),
        ),
        LayerColumn(
            "kv",
            "number",
            "电压等级",
            "voltage",
            unit="kV",
            low=0.2,
            high=1100.0,
            unknown_numbers=(0.0, *NO_NUMBER),
            where=("kind", ("power_line",)),
        ),
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
        LayerColumn(
            "kv",
            "number",
            "电压等级",
            "voltage",
            unit="kV",
            low=0.2,
            high=1100.0,
            unknown_numbers=(0.0, *NO_NUMBER),
        ),
        LayerColumn(
            "headroom_mw",
            "number",
            "可接入容量",
            "capacity left for connection",
            unit="MW",
            low=0.0,
            high=10000.0,
            unknown_numbers=NO_NUMBER,
        ),
    ),
)
HEAT = Schema(
    "heat",
    "供热设施",
    "heat supply",
    ("polygon", "line", "point"),
    (
        LayerColumn("kind", "choice", "类别", "kind", allowed=("network", "station", "zone"), required=True),
        NAME,
        LayerColumn(
            "demand_kw",
            "number",
            "热负荷",
            "heat demand",
            unit="kW",
            low=0.0,
            high=1e7,
            unknown_numbers=NO_NUMBER,
        ),
    ),
)
WELLS = Schema(
    "wells",
    "地温井",
    "heat-flow wells",
    ("point",),
    (
        LayerColumn("elevation_m", "number", "井口高程", "elevation", unit="m", low=-500.0, high=6000.0),
        LayerColumn("heat_flow_mw_m2", "number", "大地热流", "heat flow", unit="mW/m2", low=1.0, high=1000.0),
        LayerColumn(
            "gradient_k_per_km",
            "number",
            "地温梯度",
            "temperature gradient",
            unit="K/km",
            low=1.0,
            high=500.0,
        ),
        LayerColumn(
            "conductivity_w_mk", "number", "热导率", "conductivity", unit="W/(m K)", low=0.1, high=10.0
        ),
        LayerColumn("top_m", "number", "测段顶深", "top of the interval", unit="m", low=0.0, high=10000.0),
        LayerColumn(
            "bottom_m", "number", "测段底深", "bottom of the interval", unit="m", low=0.0, high=10000.0
        ),
        LayerColumn("source", "text", "来源", "source"),
        LayerColumn("note", "text", "备注", "note"),
    ),
)
FACILITY_POINTS = Schema(
    "facilities",
    "重点设施",
    "landmarks",
    ("point",),
    (
        *NAMES,
        LayerColumn("kind", "text", "类别", "kind"),
        LayerColumn(
            "accuracy_m", "number", "位置精度", "accuracy of the position", unit="m", low=0.0, high=1e5
        ),
        LayerColumn("town", "text", "所属新城", "id of the new town"),
        LayerColumn("facts", "text", "事实", "facts"),
        LayerColumn("source", "text", "来源", "source"),
        LayerColumn("confidence", "choice", "可信度", "confidence", allowed=("H", "M", "L")),
    ),
    place_required=False,
)


def _with_spread(*columns: LayerColumn) -> tuple[LayerColumn, ...]:
    """Give each number a second column for its standard deviation."""
    spreads = (
        LayerColumn(
            f"{column.name}_sd",
            "number",
            f"{column.zh}标准差",
            f"{column.en}, standard deviation",
            unit=column.unit,
            low=0.0,
            high=column.high,
        )
        for column in columns
    )
    return tuple(pair for both in zip(columns, spreads, strict=True) for pair in both)


GROUND = Schema(
    "ground",
    "地质分区",
    "ground zones",
    ("polygon", "point"),
    (
        *_with_spread(
            LayerColumn(
                "gradient_k_per_km",
                "number",
                "地温梯度",
                "temperature gradient",
                unit="K/km",
                low=1.0,
                high=500.0,
            ),
            LayerColumn(
                "conductivity_w_mk", "number", "热导率", "conductivity", unit="W/(m K)", low=0.1, high=10.0
            ),
            LayerColumn(
                "thickness_m", "number", "热储厚度", "reservoir thickness", unit="m", low=0.0, high=10000.0
            ),
            LayerColumn("porosity", "number", "孔隙度", "porosity", unit="1", low=0.0, high=0.7),
            LayerColumn("permeability_md", "number", "渗透率", "permeability", unit="mD", low=0.0, high=1e6),
            LayerColumn(
                "temp_reservoir_c",
                "number",
                "热储温度",
                "reservoir temperature",
                unit="degC",
                low=0.0,
                high=400.0,
            ),
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
        FACILITY_POINTS,
        GROUND,
    )
}
"""Schema of every vector layer by its name."""
