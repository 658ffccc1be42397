"""Stands before every request: lets in who may come, refuses what is too large, adds headers, counts."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.websockets import WebSocketClose

from ui.access import may

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ui.access import Access, Role
    from ui.metrics import Metrics

    Who = Callable[[Mapping[str, str]], tuple[str | None, bool]]

log = logging.getLogger("yijian.access")
OWN = {"tiles": "tiles", "api": "api", "ogc": "api", "raster": "raster"}
"""First step of addresses that give out contents of the run beside the page; each needs the right to view."""
PARTS = {**OWN, "vendor": "vendor", "healthz": "health", "readyz": "health", "metrics": "health"}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "frame-ancestors 'self'; object-src 'none'; base-uri 'self'",
    "Permissions-Policy": "camera=(), microphone=(), payment=()",
}
TOO_MANY = 1013
"""Code of a closed web socket: try again later."""


class Gate:
    """ASGI middleware; give it to the app as `Middleware(Gate, access=..., metrics=..., who=...)`.

    Parameters
    ----------
    who
        Given the cookies of a request, who it is from: address, or None, and whether that is verified.
    """

    def __init__(self, app: ASGIApp, *, access: Access, metrics: Metrics, who: Who) -> None:
        self.app, self.access, self.metrics, self.who = app, access, metrics, who

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, answer = time.perf_counter(), _Answer(send, self.access.limits.upload_mb * 1_000_000)
        refusal = self._refusal(scope)
        try:
            if refusal is not None:
                await refusal(scope, receive, answer.send)
            else:
                await self.app(scope, answer.counted(receive), answer.send)
        finally:
            seconds = time.perf_counter() - began
            part = part_of(scope["path"])
            self.metrics.request(part, answer.code, seconds)
            log.info("request", extra={"part": part, "code": answer.code, "ms": round(1000 * seconds, 1)})

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = Headers(scope=scope)
        most = self.access.limits.upload_mb
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > most * 1_000_000:
            return JSONResponse({"error": f"a request may have at most {most} MB"}, status_code=413)
        if first_step(scope["path"]) in OWN and not may("view", self._role(headers)):
            return JSONResponse({"error": "sign in first"}, status_code=401)
        return None

    def _role(self, headers: Headers) -> Role | None:
        if self.access.sign_in != "oidc":
            return self.access.role_of(None)
        email, verified = self.who(cookies_of(headers))
        return self.access.role_of(email, verified=verified)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.metrics.session(1) > self.access.limits.sessions:
            self.metrics.session(-1)
            await WebSocketClose(TOO_MANY, "too many open pages")(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            self.metrics.session(-1)


class _Answer:
    """What is sent back: its code is kept, headers are added; a body that is too large is cut off."""

    def __init__(self, send: Send, most_bytes: int) -> None:
        self._send, self._most = send, most_bytes
        self.code = 500

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.code = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)

    def counted(self, receive: Receive) -> Receive:
        seen = 0

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            return {"type": "http.disconnect"} if seen > self._most else message

        return counting


def first_step(path: str) -> str:
    """Return the first step of an address.

    Examples
    --------
    >>> first_step("//tiles/sites/3/1/2"), first_step("/")
    ('tiles', '')
    """
    return path.strip("/").partition("/")[0]


def part_of(path: str) -> str:
    """Return the part of the app that an address belongs to; there are few, so that counters stay few."""
    return PARTS.get(first_step(path), "page")


def cookies_of(headers: Headers) -> dict[str, str]:
    """Return the cookies of a request by name."""
    pairs = (pair.strip().partition("=") for pair in headers.get("cookie", "").split(";"))
    return {name: value.strip('"') for name, _, value in pairs if name}
