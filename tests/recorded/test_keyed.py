"""Sources with a key, and look-ups by link: what is asked, and real replies of Reddit and Telegram read whole."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crawlers.contract import NoList, Page, Request
from crawlers.registry import build, site_from
from crawlers.testing import Reply, page_of
from venues.errors import Blocked, PageChanged
from venues.model import Area, Listing

if TYPE_CHECKING:
    from collections.abc import Sequence

SHARED = Path(os.environ.get("VENUES_TEST_SHARED") or Path(__file__).parents[3] / "shared") / "payloads"
BRIGHTON = Area(id="x", name="Brighton and Hove", kind="city", country="GB", lat=50.8, lon=-0.1, radius_km=9)


def planned(site: str, area: Area | None = BRIGHTON) -> list[Request]:
    return list(build(site_from(site)).plan(area))


def reading(site: str, url: str, body: bytes, note: str = "") -> tuple[list[Listing], list[str]]:
    page: Page = page_of(Request(url=url, note=note), Reply(body))
    found = list(build(site_from(site)).read(page))
    return [each for each in found if isinstance(each, Listing)], [e.url for e in found if isinstance(e, Request)]


def payloads(platform: str, pattern: str) -> Sequence[Any]:
    """Return captured replies, or one parameter that is skipped aloud where there are none."""
    files = sorted(each for each in (SHARED / platform).glob(pattern) if not each.name.endswith(".meta.json"))
    missing = pytest.param(None, marks=pytest.mark.skip(reason=f"no captured replies beside this checkout: {SHARED}"))
    return [pytest.param(each, id=each.name) for each in files] or [missing]


# what is asked


@pytest.mark.parametrize(
    "site", ["reddit:?words=mums", "youtube:?words=mums", "charity:", "brave:", "searxng:https://s"]
)
def test_without_an_area_a_source_that_is_asked_by_area_is_asked_nothing(site: str) -> None:
    assert [] == planned(site, None)
    assert planned(site)


@pytest.mark.parametrize(
    "site", ["youtube:?searches=3", "brave:?queries=3", "searxng:https://search.example?queries=3"]
)
def test_no_more_is_asked_of_an_area_than_the_settings_allow(site: str) -> None:
    assert 3 == len(planned(f"{site}&words=young%20mums&names=Kemptown;Hanover"))


def test_reddit_is_searched_by_each_name_alone_and_with_the_words() -> None:
    asked = [request.param("q") for request in planned("reddit:?words=mums&names=Kemptown")]
    names = ["Brighton and Hove", "Brighton & Hove", "Brighton", "Hove", "Kemptown"]
    assert [query for name in names for query in (name, f"{name} mums")] == asked
    assert {"oauth.reddit.com"} == {Page.url.split("/")[2] for Page in planned("reddit:?subreddits=brighton;hove")}


def test_subreddits_that_are_named_are_looked_up_without_an_area() -> None:
    urls = [request.url for request in planned("reddit:?subreddits=brighton; Hove", None)]
    assert [f"https://oauth.reddit.com/r/{name}/about?raw_json=1" for name in ("brighton", "Hove")] == urls


def test_the_registers_endpoints_with_trustees_are_never_asked() -> None:
    body = json.dumps(
        [{"reg_charity_number": 1, "charity_name": "A", "reg_status": "R", "group_subsid_suffix": 0}] * 99
    )
    _, urls = reading("charity:?charities=2", "https://api.charitycommission.gov.uk/x", body.encode(), "search")
    assert {"charityoverview", "charitydetails", "charityareaofoperation"} == {url.split("/")[5] for url in urls}
    assert 6 == len(urls)


def test_discord_invitations_are_asked_for_by_code_or_link_and_each_once() -> None:
    given = "hove-games, https://discord.gg/aB3xYz https://discord.com/invite/hove-games;discord.gg/x1 a/b ../me"
    urls = [request.url for request in planned(f"discord:?invites={given}", None)]
    codes = ["hove-games", "aB3xYz", "x1"]
    assert [f"https://discord.com/api/v10/invites/{code}?with_counts=true" for code in codes] == urls


def test_telegram_is_off_unless_the_settings_allow_it() -> None:
    with pytest.raises(Blocked, match="allowed=true"):
        planned("telegram:?names=hovenews")
    given = "HoveNews @leeds_chat https://t.me/s/York_News/12,t.me/+AbCdEfGhIjKlMn, no-name"
    urls = [request.url for request in planned(f"telegram:?allowed=true&names={given.replace('+', '%2B')}")]
    assert [f"https://t.me/s/{name}" for name in ("hovenews", "leeds_chat", "york_news")] == urls


# replies that are something else


@pytest.mark.parametrize(
    "site", ["reddit:", "youtube:", "charity:", "brave:", "searxng:https://s", "discord:?invites=a"]
)
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"kind": "Listing"}', b'{"message": "no", "code": 0}']
)
def test_a_reply_that_is_no_list_is_not_one_that_is_empty(site: str, body: bytes) -> None:
    if (site, body) == ("charity:", b"[]"):
        return  # that is how the register says that it found nothing
    with pytest.raises(PageChanged):
        reading(site, "https://example.org/x", body)


def test_an_instance_whose_engines_are_all_silent_has_not_said_that_nothing_is_there() -> None:
    body = b'{"results": [], "unresponsive_engines": [["a", "timeout"], ["b", "CAPTCHA"]]}'
    with pytest.raises(PageChanged, match="2 of its engines"):
        reading("searxng:https://s", "https://s/search", body)


def test_an_invitation_to_a_conversation_is_to_no_server() -> None:
    with pytest.raises(NoList):
        reading("discord:?invites=a", "https://discord.com/x", b'{"code": "a", "type": 1, "channel": {"name": null}}')


PERSON = """<div class="tgme_page"><div class="tgme_page_title">A Person</div>
<div class="tgme_page_extra">@a_person</div>
<div class="tgme_page_action"><a>Send Message</a></div></div>"""


def test_a_persons_page_on_telegram_is_no_venue() -> None:
    with pytest.raises(NoList, match="person"):
        reading("telegram:", "https://t.me/a_person", PERSON.encode())


# real replies


@pytest.mark.parametrize("file", payloads("reddit", "*.TestSubreddits.test_*.json"))
def test_real_lists_of_subreddits_are_read_whole(file: Path) -> None:
    reply = json.loads(file.read_bytes())
    if not isinstance(reply, dict) or reply.get("kind") not in {"Listing", "t5"}:
        with pytest.raises(PageChanged):
            reading("reddit:", "https://oauth.reddit.com/x", file.read_bytes())
        return
    rows = [each["data"] for each in reply["data"]["children"]] if reply["kind"] == "Listing" else [reply["data"]]
    wanted = [row for row in rows if row["subreddit_type"] != "user" and re.fullmatch(r"\w+", row["display_name"])]
    listings, _ = reading("reddit:", "https://oauth.reddit.com/x", file.read_bytes())
    assert [f"r/{row['display_name']}" for row in wanted] == [listing.title for listing in listings]
    assert [row["subscribers"] for row in wanted] == [listing.members for listing in listings]
    assert all(listing.access for listing in listings)


@pytest.mark.parametrize("file", payloads("reddit", "*Rule.test_*.json"))
def test_real_rules_are_read_whole(file: Path) -> None:
    rules = json.loads(file.read_bytes())["rules"]
    (listing,), _ = reading("reddit:", "https://oauth.reddit.com/r/test/about/rules?raw_json=1", file.read_bytes())
    assert len(rules) == len(listing.rules)
    assert all(rule["short_name"] in said for rule, said in zip(rules, listing.rules, strict=True))


@pytest.mark.parametrize("file", payloads("reddit", "*Listings.test_*.json"))
def test_real_lists_of_posts_are_no_lists_of_subreddits(file: Path) -> None:
    with pytest.raises(NoList):
        reading("reddit:", "https://oauth.reddit.com/r/x/new", file.read_bytes())


@pytest.mark.parametrize("file", payloads("telegram", "*.full.html"))
def test_a_real_channel_is_read_and_nobody_in_it(file: Path) -> None:
    (listing,), _ = reading("telegram:", "https://t.me/s/topwar_official", file.read_bytes())
    assert ("topwar_official", "Военное обозрение", 109_000) == (listing.native_id, listing.title, listing.members)
    assert "2023-02-28T13:14:03+00:00" == (listing.last_post_at.isoformat() if listing.last_post_at else None)
    assert "@" not in (listing.description or "@")


@pytest.mark.parametrize("file", payloads("telegram", "*.message_*.html"))
def test_a_real_message_is_no_venue(file: Path) -> None:
    with pytest.raises(NoList):
        reading("telegram:", "https://t.me/x_y_z/1?embed=1", file.read_bytes())
