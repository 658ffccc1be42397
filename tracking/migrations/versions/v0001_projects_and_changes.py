"""Projects and their changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TEXTS = {
    "town": sa.String(64),
    "township": sa.Text(),
    "pv_type": sa.String(32),
    "technology": sa.String(32),
    "sector": sa.String(32),
    "owner": sa.String(32),
}
_NUMBERS = ("capacity_mw_dc", "capacity_mw_ac", "capacity_mw_unstated", "heated_m2")
_DATES = ("date_proposed", "date_approved", "date_started", "date_operating", "date_expected", "date_retired")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "projects",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        *(sa.Column(name, kind) for name, kind in _TEXTS.items()),
        *(sa.Column(name, sa.Float(53)) for name in _NUMBERS),
        sa.Column("status", sa.String(24), nullable=False),
        *(sa.Column(name, sa.Date()) for name in _DATES),
        sa.Column("lon", sa.Float(53)),
        sa.Column("lat", sa.Float(53)),
        sa.Column("source", sa.Text()),
        sa.Column("confidence", sa.String(1)),
        sa.Column("note", sa.Text()),
        sa.Column("geometry_wkt", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("merged_into", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
        sa.ForeignKeyConstraint(["merged_into"], ["projects.id"], name="fk_projects_merged_into_projects"),
    )
    op.create_index("ix_projects_kind_town_status", "projects", ["kind", "town", "status"])
    op.create_index("ix_projects_merged_into", "projects", ["merged_into"])
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_changes_project_id_projects"),
    )
    op.create_index("ix_changes_project_id", "changes", ["project_id"])


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("changes")
    op.drop_table("projects")
