"""Each platform told from its root and from deep within, by servers that answer as it does and no more."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawlers.probing import Probed, probe
from crawlers.testing import MOMENT, Recorded, Reply

RECORDED = Path(__file__).parents[1] / "recorded"
HOST = "https://host.example"
FRONT = "<!DOCTYPE html><html><head><title>Welcome</title></head><body><p>Welcome.</p></body></html>"


def recorded(name: str) -> bytes:
    return next(each for each in RECORDED.glob(f"{name}.*") if "expected" not in each.name).read_bytes()


def nodeinfo(software: str) -> dict[str, str]:
    links = {"links": [{"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": f"{HOST}/nodeinfo/2.0"}]}
    told = {"version": "2.0", "software": {"name": software, "version": "1"}, "usage": {"users": {"total": 3}}}
    return {"/.well-known/nodeinfo": json.dumps(links), "/nodeinfo/2.0": json.dumps(told)}


SERVERS: dict[str, dict[str, Any]] = {
    "lemmy": {"/api/v3/site": "lemmy/v3_site", "/api/v3/community/list": "lemmy/v3_communities"},
    "piefed": {"/api/alpha/site": "piefed/site", "/api/alpha/community/list": "piefed/communities"},
    "mbin": {"/api/info": "mbin/info", "/api/magazines": "mbin/magazines"},
    "mastodon": {"/api/v2/instance": "mastodon/instance"},
    "discourse": {"/site/basic-info.json": "discourse/basic_info", "/about.json": "discourse/about"},
    "flarum": {"/api": "flarum/api", "/api/tags": "flarum/tags"},
    "nodebb": {"/api/config": "nodebb/config", "/api/categories": "nodebb/categories"},
    "vanilla": {"/api/v2/categories": "vanilla/categories"},
    "matrix": {"/_matrix/client/v3/publicRooms": "matrix/last_page"},
    "mobilizon": {"/api": "mobilizon/first_page", **nodeinfo("mobilizon")},
    "buddypress": {"/wp-json/buddypress/v2/groups": "buddypress/groups"},
    "hyperkitty": {"/archives/api/lists/": "hyperkitty/api_page"},
    "prosody": {"/muc_log/": "prosody/rooms"},
}
"""What each server answers besides its front page, which says nothing of what it runs; and 404 to all else."""
NAMED = {name: {**SERVERS[name], **nodeinfo(name)} for name in ("lemmy", "piefed", "mbin", "mastodon", "nodebb")}
ROOTS = {"prosody": "/muc_log"}


class Server(dict[str, Any]):
    """Pages by their path, whatever is asked in the query; deep addresses of people's pages show the front page."""

    def get(self, url: str, default: Any = None) -> Any:
        path = urlsplit(url).path
        answer = super().get(path)
        if answer is None:
            return Reply(FRONT.encode()) if path in {"", "/"} or path.startswith("/deep/") else Reply(b"No", 404)
        return answer if answer.startswith(("<", "{", "[")) else Reply(recorded(answer))


def probed(path: str, answers: dict[str, Any]) -> tuple[Probed, int]:
    gate = Recorded(Server(answers))
    return asyncio.run(probe(HOST + path, gate, lambda: MOMENT)), len(gate.asked)


@pytest.mark.parametrize("path", ["", "/deep/in/it/7"])
@pytest.mark.parametrize("platform", sorted(SERVERS))
def test_a_platform_is_told_by_what_its_server_answers(platform: str, path: str) -> None:
    found, asked = probed(path, SERVERS[platform])
    assert f"{platform}:{HOST}{ROOTS.get(platform, '')}" == found.site.name
    assert found.trial.listings
    assert asked <= 40


@pytest.mark.parametrize("path", ["", "/deep/in/it/7"])
@pytest.mark.parametrize("platform", sorted(NAMED))
def test_a_platform_is_told_by_its_nodeinfo_with_few_requests(platform: str, path: str) -> None:
    found, asked = probed(path, NAMED[platform])
    assert f"{platform}:{HOST}" == found.site.name
    assert found.trial.listings
    assert asked <= 6


@pytest.mark.parametrize("path", ["/forum", "/forum/viewforum.php?f=2"])
def test_a_forum_in_a_folder_is_told_from_any_of_its_pages(path: str) -> None:
    page = recorded("phpbb/prosilver").decode()
    found, _ = probed(path, dict.fromkeys(("/forum", "/forum/", "/forum/viewforum.php"), page))
    assert f"phpbb:{HOST}/forum" == found.site.name
    assert (found.site.platform, bool(found.trial.listings)) == ("phpbb", True)
