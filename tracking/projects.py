"""A project as the ledger knows it: its fields, what they may hold, and the table of many projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from assessment.run import HEAT_TECHNOLOGIES, PV_TYPES, SECTORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KINDS = ("pv", "geothermal", "storage", "heat", "other")
"""What the project is; only pv and geothermal feed the counted targets."""
STATUSES = ("proposed", "approved", "under_construction", "operating", "retired")
DONE = ("operating", "under_construction", "approved")
"""Statuses that count as progress, surest first."""
TYPE_GROUPS: dict[str, tuple[str, ...]] = {
    "roof": ("roof_flat", "roof_metal", "roof_pitched"),
    "agrivoltaic": ("agrivoltaic_orchard", "agrivoltaic_grass", "greenhouse"),
}
"""What a source says when it does not name the PV type more closely."""
OWNERS = ("government", "school", "hospital", "enterprise", "residents", "village", "unknown")

FieldKind = Literal["text", "choice", "mw", "m2", "date", "degrees"]


@dataclass(frozen=True)
class Field:
    """One field of a project."""

    name: str
    kind: FieldKind
    zh: str
    en: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    """Other headings under which tables carry it."""
    required: bool = False


FIELDS = (
    Field("id", "text", "编号", "id", aliases=("项目编号", "序号编码", "code")),
    Field("name", "text", "项目名称", "name", aliases=("名称", "项目", "project"), required=True),
    Field("kind", "choice", "类别", "kind", choices=KINDS, aliases=("项目类别", "能源类别"), required=True),
    Field("town", "text", "新城", "new town", aliases=("所属新城", "所在新城", "区域")),
    Field("township", "text", "街镇", "township", aliases=("所属街镇", "镇街", "街道")),
    Field(
        "pv_type",
        "choice",
        "光伏类型",
        "PV type",
        choices=(*PV_TYPES, *TYPE_GROUPS),
        aliases=("类型", "建设类型", "type"),
    ),
    Field(
        "technology",
        "choice",
        "地热技术",
        "technology",
        choices=HEAT_TECHNOLOGIES,
        aliases=("技术路线", "供热技术"),
    ),
    Field("sector", "choice", "领域", "sector", choices=SECTORS, aliases=("行业", "应用领域")),
    Field("owner", "choice", "权属类别", "owner class", choices=OWNERS, aliases=("业主类别", "权属")),
    Field(
        "capacity_mw_dc",
        "mw",
        "直流容量",
        "DC capacity",
        "MW",
        aliases=("直流侧容量", "直流装机容量", "组件容量", "mw_dc", "mwp"),
    ),
    Field(
        "capacity_mw_ac",
        "mw",
        "交流容量",
        "AC capacity",
        "MW",
        aliases=("交流侧容量", "交流装机容量", "并网容量", "逆变器容量", "mw_ac"),
    ),
    Field(
        "capacity_mw_unstated",
        "mw",
        "容量(口径未说明)",
        "capacity, basis not stated",
        "MW",
        aliases=("装机容量", "装机规模", "容量", "规模", "capacity", "capacity_mw"),
    ),
    Field(
        "heated_m2",
        "m2",
        "供暖面积",
        "heated floor area",
        "m2",
        aliases=("供热面积", "建筑面积", "供暖建筑面积", "heated_area"),
    ),
    Field(
        "status",
        "choice",
        "状态",
        "status",
        choices=STATUSES,
        aliases=("项目状态", "进度", "建设状态"),
        required=True,
    ),
    Field("date_proposed", "date", "提出日期", "proposed on", aliases=("申报日期",)),
    Field("date_approved", "date", "批准日期", "approved on", aliases=("备案日期", "核准日期", "批复日期")),
    Field("date_started", "date", "开工日期", "construction began on", aliases=("开工时间",)),
    Field(
        "date_operating",
        "date",
        "投运日期",
        "in operation since",
        aliases=("并网日期", "投产日期", "投运时间"),
    ),
    Field(
        "date_expected", "date", "预计投运日期", "expected in operation", aliases=("计划投运", "预计并网日期")
    ),
    Field("date_retired", "date", "退役日期", "retired on", aliases=("停运日期",)),
    Field("lon", "degrees", "经度", "longitude", "deg", aliases=("longitude", "lng", "x")),
    Field("lat", "degrees", "纬度", "latitude", "deg", aliases=("latitude", "y")),
    Field("source", "text", "来源", "source", aliases=("数据来源", "依据")),
    Field("confidence", "choice", "可信度", "confidence", choices=("H", "M", "L"), aliases=("置信度",)),
    Field("note", "text", "备注", "note", aliases=("说明", "remark")),
)
"""Fields of a project in the order of every table; the geometry is kept beside them as WKT."""

BY_NAME = {field.name: field for field in FIELDS}
_NUMERIC = {"mw", "m2", "degrees"}


def projects_frame(records: pd.DataFrame | Iterable[Mapping[str, object]] = ()) -> pd.DataFrame:
    """Return projects as a table with all fields, in order; what is missing is null, never zero.

    Numbers are float64 with NaN, dates datetime64, everything else is text or None; other columns follow.

    Examples
    --------
    >>> frame = projects_frame([{"name": "A", "capacity_mw_dc": 2, "date_operating": "2024-05-01"}])
    >>> frame.loc[0, ["capacity_mw_dc", "heated_m2"]].tolist()
    [2.0, nan]
    """
    frame = records.copy() if isinstance(records, pd.DataFrame) else pd.DataFrame(list(records))
    for field in FIELDS:
        if field.name not in frame:
            frame[field.name] = None
        column = frame[field.name]
        if field.kind in _NUMERIC:
            frame[field.name] = pd.to_numeric(column).astype("float64")
        elif field.kind == "date":
            frame[field.name] = pd.to_datetime(column).astype("datetime64[s]")
        else:
            frame[field.name] = column.astype(object).where(column.notna(), None)
    ours = [field.name for field in FIELDS]
    return frame[[*ours, *(name for name in frame.columns if name not in ours)]]
