"""What stands around the pages when the app serves many: the gate, the watching, the stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware import Middleware

from ui.access import load_access
from ui.gate import Gate
from ui.health import health_routes
from ui.metrics import Metrics
from ui.region import ledger_of
from ui.runs import current_store
from ui.signin import who_sent

if TYPE_CHECKING:
    from starlette.routing import Route

METRICS = Metrics()
"""Counters of this process."""


def gate() -> list[Middleware]:
    """Return the middleware of the app, as `access.toml` says.

    Raises
    ------
    InputError
        `access.toml` says what nobody understands; the app must not start then.
    """
    return [Middleware(Gate, access=load_access(), metrics=METRICS, who=who_sent)]


def watch_routes() -> list[Route]:
    """Return the addresses for who watches the app: ready when the run opens and its ledger answers."""
    return health_routes(METRICS, {"run": current_store, "ledger": ask_ledger})


def ask_ledger() -> None:
    """Ask the ledger something cheap; a region that is not known here has none, which is fine.

    Raises
    ------
    YijianError, sqlalchemy.exc.SQLAlchemyError
        It does not answer.
    """
    ledger = ledger_of(current_store())
    if ledger is not None:
        ledger.is_untouched()
