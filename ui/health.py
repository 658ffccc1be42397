"""For who watches the app: is it alive, can it serve, and what does it do."""

from __future__ import annotations

import hmac
import os
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ui.access import is_loopback
from ui.metrics import TYPE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from ui.metrics import Metrics

    Check = Callable[[], object]

TOKEN_VARIABLE = "YIJIAN_METRICS_TOKEN"  # noqa: S105 - the name of a variable
NO_STORE = {"Cache-Control": "no-store"}


def health_routes(metrics: Metrics, checks: Mapping[str, Check]) -> list[Route]:
    """Return /healthz (the process answers), /readyz (its parts do) and /metrics.

    Parameters
    ----------
    checks
        By name what must work for the app to be of use, such as opening the run; one that raises is not
        ready. What it raises is not told: these addresses may be open to others.
    """

    async def alive(_request: Request) -> Response:
        return PlainTextResponse("ok\n", headers=NO_STORE)

    async def ready(_request: Request) -> Response:
        found = await run_in_threadpool(check_all, checks)
        return JSONResponse(found, status_code=200 if all(found.values()) else 503, headers=NO_STORE)

    async def measured(request: Request) -> Response:
        if not may_read_metrics(request):
            return PlainTextResponse("only from this machine, or with the token\n", status_code=403)
        return Response(await run_in_threadpool(metrics.text), media_type=TYPE, headers=NO_STORE)

    return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", measured)]


def check_all(checks: Mapping[str, Check]) -> dict[str, bool]:
    """Say of each part whether it works."""
    return {name: _works(check) for name, check in checks.items()}


def _works(check: Check) -> bool:
    try:
        check()
    except Exception:  # noqa: BLE001 - whatever is wrong, this part is not ready
        return False
    return True


def may_read_metrics(request: Request) -> bool:
    """Say whether a request may read the metrics: it bears the token, or, without one, is from this machine.

    A request that a proxy passed on is not from this machine.
    """
    token = os.environ.get(TOKEN_VARIABLE)
    if token:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    passed_on = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    return not passed_on and request.client is not None and is_loopback(request.client.host)
