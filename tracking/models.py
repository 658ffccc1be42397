"""The tables of the ledger: projects, and every change ever made to them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Float, ForeignKey, Index, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """A moment, kept as UTC without zone (SQLite has none) and given back with it."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a moment without zone: it could be any."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Put the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Declarative base; constraints are named so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Project(Base):
    """A project as it stands now; fields as in `tracking.projects.FIELDS`, null is unknown."""

    __tablename__ = "projects"
    __table_args__ = (Index("ix_projects_kind_town_status", "kind", "town", "status"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    town: Mapped[str | None] = mapped_column(String(64))
    township: Mapped[str | None] = mapped_column(Text)
    pv_type: Mapped[str | None] = mapped_column(String(32))
    technology: Mapped[str | None] = mapped_column(String(32))
    sector: Mapped[str | None] = mapped_column(String(32))
    owner: Mapped[str | None] = mapped_column(String(32))
    capacity_mw_dc: Mapped[float | None] = mapped_column(Float(53))
    capacity_mw_ac: Mapped[float | None] = mapped_column(Float(53))
    capacity_mw_unstated: Mapped[float | None] = mapped_column(Float(53))
    heated_m2: Mapped[float | None] = mapped_column(Float(53))
    status: Mapped[str] = mapped_column(String(24))
    date_proposed: Mapped[date | None]
    date_approved: Mapped[date | None]
    date_started: Mapped[date | None]
    date_operating: Mapped[date | None]
    date_expected: Mapped[date | None]
    date_retired: Mapped[date | None]
    lon: Mapped[float | None] = mapped_column(Float(53))
    lat: Mapped[float | None] = mapped_column(Float(53))
    source: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[str | None] = mapped_column(String(1))
    note: Mapped[str | None] = mapped_column(Text)
    geometry_wkt: Mapped[str | None] = mapped_column(Text)
    """Outline in EPSG:4490, lon lat."""
    version: Mapped[int]
    """1 when added, one more with every change: who edits names the version that was read."""
    updated_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_by: Mapped[str] = mapped_column(Text)
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("projects.id"), index=True)
    """The project that this one turned out to be; such rows are kept but not listed."""


class Change(Base):
    """One change of one project: the audit trail, only ever added to."""

    __tablename__ = "changes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    version: Mapped[int]
    """Version of the project after the change."""
    at: Mapped[datetime] = mapped_column(UtcTime)
    who: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(16))
    """add, set, import, merge or restore."""
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Field -> [old, new]; dates as ISO text."""
