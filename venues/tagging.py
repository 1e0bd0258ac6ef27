"""Validators for what the API answers: whoever has a reply already is told so, and not sent it again.

It is plain ASGI. Replies that are made by `venues.replies` bring their own; what is streamed is not held.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from venues.gate import Application, Message, Receive, Send


class Tagging:
    """The middleware."""

    def __init__(self, app: Application) -> None:
        """Tag what `app` answers."""
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith("/api/"):
            send = _Holding(dict(scope["headers"]).get(b"if-none-match", b"").decode("latin-1"), send)
        await self._app(scope, receive, send)


class _Holding:
    """Holds a reply's start until its body is there, if that comes in one piece."""

    def __init__(self, known: str, send: Send) -> None:
        self._known, self._send = known, send
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _may_be_tagged(message):
            self._start = message
            return
        start, self._start = self._start, None
        if start is not None:
            if not message.get("more_body"):
                message = {**message, "body": self._tagged(start, message.get("body", b""))}
            await self._send(start)
        await self._send(message)

    def _tagged(self, start: Message, body: bytes) -> bytes:
        """Put the validator into a reply's start; return the body that is still to be sent."""
        headers = MutableHeaders(raw=start["headers"])
        tag = f'"{sha256(body).hexdigest()[:24]}"'
        headers["etag"] = f"W/{tag}"
        headers["cache-control"] = "private, no-cache"
        if tag not in self._known:
            return body
        start["status"] = 304
        del headers["content-length"], headers["content-type"]
        return b""


def _may_be_tagged(start: Message) -> bool:
    names = {name.lower(): value for name, value in start["headers"]}
    return start["status"] == 200 and names.get(b"content-type") == b"application/json" and b"etag" not in names
