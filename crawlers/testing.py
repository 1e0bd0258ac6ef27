"""Doubles that ship with the code: a gate that answers from memory, pages made from files, a server on loopback."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from crawlers.bodies import encoding_of
from crawlers.contract import Manners, Page, Request
from crawlers.fetching import fault_of
from venues.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

MOMENT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
"""When all recorded pages were fetched."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a recorded site answers to one address."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: float = 0.0
    """Seconds between two bytes of the body, from a server on loopback."""


@dataclass
class Recorded:
    """A gate that answers from `pages`, by address; an address that is not there is unreachable."""

    pages: Mapping[str, Reply | bytes | str | Exception]
    asked: list[Request] = field(default_factory=list)
    """Every request made, in order."""
    manners: Manners | None = None
    """Those of the last request."""

    async def fetch(self, request: Request, manners: Manners = Manners()) -> Page:  # noqa: B008 - frozen
        """Return the recorded page, or raise what the gate raises for its status."""
        self.asked.append(request)
        self.manners = manners
        reply = self.pages.get(request.url)
        if reply is None:
            raise Unreachable(request.url, "is not recorded")
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, bytes | str):
            reply = Reply(reply if isinstance(reply, bytes) else reply.encode())
        if not 200 <= reply.status < 300 and reply.status not in request.tolerates:
            raise fault_of(request.url, reply.status)
        return page_of(request, reply)


def page_of(request: Request, reply: Reply) -> Page:
    """Make the page that the gate would make of a reply."""
    return Page(
        request=request,
        url=request.url,
        status=reply.status,
        body=reply.body,
        fetched_at=MOMENT,
        headers=reply.headers,
        encoding=encoding_of(reply.headers.get("content-type", ""), reply.body),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as a server on loopback saw it."""

    at: float
    """By time.monotonic."""
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""


class Loopback:
    """A real web server on a free port of this machine; it answers by a function of the path, and keeps a record."""

    def __init__(self, answer: Callable[[str], Reply]) -> None:
        self.asked: list[Asked] = []
        """Every request, in order of arrival."""
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked.append(Asked(time.monotonic(), self.path, headers))
                reply = answer(self.path)
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self._send(reply)

            def _send(self, reply: Reply) -> None:
                pieces = [reply.body[at : at + 1] for at in range(len(reply.body))] if reply.drip else [reply.body]
                try:
                    for piece in pieces:
                        self.wfile.write(piece)
                        time.sleep(reply.drip)
                except OSError:
                    self.close_connection = True  # the client had enough, which is what such a test is about

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        """Its root, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [each.path for each in self.asked]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
