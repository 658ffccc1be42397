"""The page around the pages: tells the browser where the app is, and what it will need, before it asks.

Streamlit's page looks for its server below its own address first (/map/_stcore/health), which is not there,
and learns of the map's scripts only when the page has run. Both are said in the page itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.mapview import first_files

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

WHERE = '<script>window.__streamlit={BACKEND_BASE_URL:new URL(".",location.href).href}</script>'
MARK = b"<head>"


class Shell:
    """ASGI middleware that writes into the head of Streamlit's page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; an HTML page gets the additions."""
        if scope["type"] != "http" or not _asks_for_page(scope):
            await self.app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self.app({**scope, "headers": plain}, receive, _Head(send, head_of(scope["path"])).send)


def head_of(path: str) -> bytes:
    """Return what is written into the head of the page at an address."""
    wanted = first_files() if path.rstrip("/").endswith("/map") else ()
    kinds = {"js": "script", "css": "style"}
    links = "".join(
        f'<link rel="preload" as="{kinds[url.split("?")[0].rsplit(".", 1)[-1]]}" href="./{url}">'
        for url in wanted
    )
    return f"{WHERE}{links}".encode()


class _Head:
    """Holds back the start of an answer until it is known whether it is a page."""

    def __init__(self, send: Send, addition: bytes) -> None:
        self._send, self._addition = send, addition
        self._start: Message | None = None
        self._parts: list[bytes] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if _is_page(message):
                self._start = message
            else:
                await self._send(message)
        elif self._start is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            self._parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        body = b"".join(self._parts).replace(MARK, MARK + self._addition, 1)
        own = (b"content-length", b"etag")
        kept = [(name, value) for name, value in start["headers"] if name.lower() not in own]
        await self._send({**start, "headers": [*kept, (b"content-length", str(len(body)).encode())]})
        await self._send({"type": "http.response.body", "body": body})


def _asks_for_page(scope: Scope) -> bool:
    return scope["method"] == "GET" and b"text/html" in dict(scope["headers"]).get(b"accept", b"")


def _is_page(start: Message) -> bool:
    headers = {name.lower(): value for name, value in start["headers"]}
    return start["status"] == 200 and headers.get(b"content-type", b"").startswith(b"text/html")  # noqa: PLR2004
