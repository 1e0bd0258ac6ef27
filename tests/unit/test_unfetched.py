"""Hosts that are never asked: the gate refuses them whoever asks, and whatever leads there."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from crawlers.addresses import CheckedTransport, origin
from crawlers.contract import Manners, Request
from crawlers.fetching import Fetcher
from crawlers.registry import site_from
from crawlers.testing import Loopback, Reply
from crawlers.unfetched import NEVER_FETCHED, is_never_fetched
from venues.errors import AddressRefused, SettingsError


@pytest.mark.parametrize("end", NEVER_FETCHED)
def test_every_host_on_the_list_is_refused_with_all_that_is_below_it(end: str) -> None:
    for host in (end.replace("*", "co.uk"), end.replace("*", "com"), f"a.b.{end.replace('*', 'fr')}"):
        for url in (f"https://{host}/", f"http://{host.upper()}:8080/x", f"https://{host}./"):
            with pytest.raises(AddressRefused, match="never fetched"):
                origin(url)


@pytest.mark.parametrize(
    "host",
    [
        "notfacebook.com",
        "facebook.com.example.org",
        "box.com",
        "oauth.reddit.com",
        "t.me",
        "discord.com",
        "nextdoor.example.com",
        "mynextdoor.co.uk",
        "nextdoor",
        "127.0.0.1",
        "::1",
        "",
    ],
)
def test_other_hosts_are_not(host: str) -> None:
    assert not is_never_fetched(host)


@pytest.mark.parametrize("host", ["facebook.com", "www.facebook.com", "chat.whatsapp.com", "nextdoor.co.uk"])
def test_the_gate_makes_no_request_to_such_a_host_not_even_for_its_robots_txt(host: str) -> None:
    looked_up: list[str] = []

    async def resolver(name: str, _port: int) -> list[str]:
        looked_up.append(name)
        return ["93.184.215.14"]

    async def ask() -> None:
        # Even with a log-in for the host: what its terms forbid, no key of ours allows.
        async with Fetcher(resolver=resolver, auths={host: httpx.BasicAuth("a", "b")}) as fetcher:
            await fetcher.fetch(Request(url=f"https://{host}/groups/1"))

    with pytest.raises(AddressRefused, match="never fetched"):
        asyncio.run(ask())
    assert looked_up == []


def test_a_redirect_to_such_a_host_is_not_followed() -> None:
    def answer(path: str) -> Reply:
        if path == "/robots.txt":
            return Reply(status=404)
        return Reply(status=302, headers={"Location": "https://www.facebook.com/groups/1"})

    async def ask(server: Loopback) -> None:
        async with Fetcher() as fetcher:
            homes = frozenset({("127.0.0.1", server.port)})
            await fetcher.fetch(Request(url=f"{server.url}/go"), Manners(pace=0.01, homes=homes))

    with Loopback(answer) as server, pytest.raises(AddressRefused, match="facebook"):
        asyncio.run(ask(server))


def test_the_connection_refuses_it_too_for_what_a_log_in_sends_by_itself() -> None:
    async def ask() -> None:
        async with httpx.AsyncClient(transport=CheckedTransport(), trust_env=False) as client:
            await client.post("https://graph.facebook.com/oauth/access_token")

    with pytest.raises(AddressRefused, match="never fetched"):
        asyncio.run(ask())


def test_such_a_host_cannot_be_configured_as_a_site() -> None:
    with pytest.raises(SettingsError, match="never fetched"):
        site_from("matrix:https://nextdoor.co.uk")


def test_a_request_keeps_its_words() -> None:
    # The check looks at hosts alone: an address that merely speaks of Facebook may be fetched.
    request = replace(Request(url="https://example.org/search?q=site:facebook.com/groups"))
    assert origin(request.url) == ("https", "example.org", 443)
