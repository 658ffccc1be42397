"""Run the migrations on the connection that the ledger hands over."""

from __future__ import annotations

from alembic import context

from tracking.models import Base

if __name__ == "env_py":  # the name Alembic gives it; without Alembic there is nothing to run
    context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
    context.run_migrations()
