"""Which addresses may be asked, and connections that go to the very address that was checked.

A name is resolved once, each address it has is checked, and the socket is opened to that address and no other: a
second look-up could answer differently (DNS rebinding). The name still goes into the Host header and TLS.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import sys
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpcore
import httpx

from crawlers.unfetched import refuse_unfetched
from venues.errors import AddressRefused, Unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    Resolver = Callable[[str, int], Awaitable[list[str]]]

if find_spec("sniffio") is None:
    # httpcore looks for it several times a request, and to search the whole path for what is not there takes longer
    # than the rest of the request. This says once and for all that it is not.
    sys.modules["sniffio"] = None  # type: ignore[assignment]

_IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NOT_PUBLIC = tuple(ipaddress.IPv6Network(net) for net in ("64:ff9b:1::/48", "fec0::/10", "::/96", "5f00::/16"))
"""Local or void by their standards, but public to some versions of the ipaddress module."""
_LOCAL_ENDINGS = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address that may be fetched. Raises AddressRefused for any other."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError as error:
        raise AddressRefused(url, "is not an address") from error
    if scheme not in _DEFAULT_PORTS or not host:
        raise AddressRefused(url, "is not an http or https address")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(url, "carries a user name")
    refuse_unfetched(url, host)
    return scheme, host.rstrip("."), port or _DEFAULT_PORTS[scheme]


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the open internet, also when it is wrapped in another."""
    try:
        found: _IPAddress = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_plainly_public(each) for each in _unwrapped(found))


def _unwrapped(address: _IPAddress) -> Iterable[_IPAddress]:
    """Return the address and every IPv4 address that it stands for: mapped, translated or tunnelled."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    inner = [address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [address, *(each for each in inner if each)]


def _plainly_public(address: _IPAddress) -> bool:
    if address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback:
        # NAT64 counts as reserved; what it wraps is checked beside it.
        return address in _NAT64
    if isinstance(address, ipaddress.IPv6Address) and any(address in net for net in _NOT_PUBLIC):
        return False
    return address.is_global


def says_it_is_private(host: str) -> bool:
    """Tell whether a host's very spelling is private: an address that is not public, or a name for local use.

    Only such a host in a site's settings may be asked at a private address. A public name that leads to one is
    refused even there: its owner decides where it leads, and the user never asked for that.
    """
    host = host.rstrip(".").lower()
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_ENDINGS)
    return not is_public(host)


_LOOKUPS = ThreadPoolExecutor(32, thread_name_prefix="names")
"""Threads of their own: names that nobody answers for hold theirs for many seconds, and others need not wait."""


async def resolve(host: str, port: int) -> list[str]:
    """Return all IP addresses of a host, in the system's order of preference."""
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_LOOKUPS, look_up)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _CheckedBackend(httpcore.AsyncNetworkBackend):
    """Opens sockets only to addresses that were checked; `private` ones for the hosts that a user has named."""

    def __init__(self, resolver: Resolver, *, private: bool) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._resolve = resolver
        self._private = private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._checked(host, port)
        for address in addresses[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def _checked(self, host: str, port: int) -> list[str]:
        # The gate has checked its own requests; a log-in may send some of its own.
        refuse_unfetched(f"{host}:{port}", host)
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise Unreachable(host, f"its name leads nowhere ({getattr(error, 'strerror', None) or error})") from error
        if not addresses:
            raise Unreachable(host, "its name leads nowhere")
        # One private address among public ones is refused whole: which of them answers would be a matter of luck.
        if not self._private and not all(is_public(address) for address in addresses):
            raise AddressRefused(f"{host}:{port}", "leads to an address that is not public")
        return addresses


@dataclass(slots=True)
class _Origin:
    """The connections to one scheme, host and port, and how many replies of it are being read."""

    pool: httpcore.AsyncConnectionPool
    open: int = 0


class CheckedTransport(httpx.AsyncBaseTransport):
    """An httpx transport over httpcore that goes nowhere unchecked, and through no proxy."""

    def __init__(self, *, private: bool = False, resolver: Resolver = resolve, origins: int = 256) -> None:
        """Keep connections of its own, so that one to a private address is never lent to a public site.

        `origins`: to so many at most, an idle connection is kept. Each has its own pool, since a pool goes through
        all its connections, and asks the system about each, at every request.
        """
        self._ssl = httpx.create_ssl_context()
        self._backend = _CheckedBackend(resolver, private=private)
        self._most = origins
        self._origins: OrderedDict[tuple[bytes, bytes, int | None], _Origin] = OrderedDict()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises AddressRefused, or Unreachable for whatever goes wrong on the way."""
        assert isinstance(request.stream, httpx.AsyncByteStream)
        url = request.url
        origin = await self._origin(url)
        origin.open += 1
        try:
            async with _named_faults(str(url)):
                response = await origin.pool.handle_async_request(
                    httpcore.Request(
                        method=request.method,
                        url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                        headers=request.headers.raw,
                        content=request.stream,
                        extensions=request.extensions,
                    )
                )
        except BaseException:
            origin.open -= 1
            raise
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Stream(response, str(url), origin),
            extensions=response.extensions,
        )

    async def _origin(self, url: httpx.URL) -> _Origin:
        key = (url.raw_scheme, url.raw_host, url.port)
        found = self._origins.get(key)
        if found is None:
            pool = httpcore.AsyncConnectionPool(
                ssl_context=self._ssl,
                max_keepalive_connections=1,
                keepalive_expiry=30.0,
                network_backend=self._backend,
            )
            found = self._origins[key] = _Origin(pool)
            await self._forget_idle()
        self._origins.move_to_end(key)
        return found

    async def _forget_idle(self) -> None:
        """Close the connections that were unused for longest, where there are too many."""
        surplus = len(self._origins) - self._most
        newest = next(reversed(self._origins))
        idle = [key for key, each in self._origins.items() if not each.open and key != newest]
        for key in idle[: max(surplus, 0)]:
            await self._origins.pop(key).pool.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        for each in self._origins.values():
            await each.pool.aclose()


class _Stream(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response, url: str, origin: _Origin) -> None:
        self._response = response
        self._url = url
        self._origin = origin
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with _named_faults(self._url):
            async for chunk in self._response.aiter_stream():
                yield chunk

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            self._origin.open -= 1
        await self._response.aclose()


@asynccontextmanager
async def _named_faults(url: str) -> AsyncIterator[None]:
    """Turn the faults of the wire into ours."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise Unreachable(url, "gave no answer in time") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise Unreachable(url, f"broke off: {error or type(error).__name__}") from error
