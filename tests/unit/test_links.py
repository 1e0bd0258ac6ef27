"""What an address is, in every spelling that people paste."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.links import read_link, untracked
from venues.model import Kind

CODE = "Ab3dEfGh1jKlMn0pQrStUv"
GROUP = ("facebook", "groups/brightonmums", "https://www.facebook.com/groups/brightonmums/", Kind.GROUP)
NUMBER = ("facebook", "groups/123456789", "https://www.facebook.com/groups/123456789/", Kind.GROUP)
MEETUP = ("meetup", "brighton-ramblers", "https://www.meetup.com/brighton-ramblers/", Kind.MEETUP)
REDDIT = ("reddit", "brighton", "https://www.reddit.com/r/brighton/", Kind.COMMUNITY)
WHATSAPP = ("whatsapp", CODE, f"https://chat.whatsapp.com/{CODE}", Kind.CHAT)
NEXTDOOR = ("nextdoor", "nextdoor.co.uk/g/abc123xyz", "https://nextdoor.co.uk/g/abc123xyz/", Kind.GROUP)
DISCORD = ("discord", "AbCd12", "https://discord.gg/AbCd12", Kind.SERVER)
TELEGRAM = ("telegram", "brightonchat", "https://t.me/BrightonChat", Kind.CHAT)
INVITED = ("telegram", "+AbCdEfGhIjKl_123", "https://t.me/+AbCdEfGhIjKl_123", Kind.CHAT)
BOARD = ("mumsnet", "talk/am_i_being", "https://www.mumsnet.com/talk/am_i_being", Kind.BOARD)
NETMUMS = (
    "netmums",
    "coffeehouse/being-mum-794/general-chat-18",
    "https://www.netmums.com/coffeehouse/being-mum-794/general-chat-18/",
    Kind.BOARD,
)

VENUES = [
    ("https://www.facebook.com/groups/brightonmums/", GROUP),
    ("http://m.facebook.com/groups/BrightonMums?ref=share&fbclid=x", GROUP),
    ("https://mbasic.facebook.com/groups/brightonmums/about/?locale=de_DE", GROUP),
    ("https://en-gb.facebook.com//groups/brightonmums/members#top", GROUP),
    ("https://web.facebook.com/groups/123456789/?_rdc=1&_rdr", NUMBER),
    ("https://www.facebook.com/group.php?gid=123456789&v=wall", NUMBER),
    ("https://www.meetup.com/Brighton-Ramblers", MEETUP),
    ("https://www.meetup.com/en-GB/Brighton-Ramblers/?eventOrigin=home", MEETUP),
    ("https://www.meetup.com/fr-fr/brighton-ramblers/members/", MEETUP),
    ("https://old.reddit.com/r/brighton/?sort=new", REDDIT),
    ("https://reddit.com/r/brighton.rss", None),
    (f"https://chat.whatsapp.com/{CODE}?mode=ac_t", WHATSAPP),
    (f"https://chat.whatsapp.com/invite/{CODE}", WHATSAPP),
    (f"https://chat.whatsapp.com/{CODE}&sa=D&ust=1", WHATSAPP),
    ("https://www.google.com/url?q=https://www.facebook.com/groups/123456789/&sa=D", NUMBER),
    ("https://www.google.co.uk/url?sa=t&url=https%3A%2F%2Fm.facebook.com%2Fgroups%2F123456789", NUMBER),
    ("https://l.facebook.com/l.php?u=https%3A%2F%2Fchat.whatsapp.com%2FAb3dEfGh1jKlMn0pQrStUv&h=x", WHATSAPP),
    ("https://nextdoor.co.uk/g/abc123xyz/?is=tophat", NEXTDOOR),
    ("https://www.nextdoor.co.uk/g/abc123xyz", NEXTDOOR),
    ("https://discord.gg/AbCd12", DISCORD),
    ("https://discord.com/invite/AbCd12?utm_source=x", DISCORD),
    ("https://discordapp.com/invite/AbCd12", DISCORD),
    ("https://t.me/BrightonChat", TELEGRAM),
    ("https://t.me/s/BrightonChat?before=10", TELEGRAM),
    ("https://telegram.me/BrightonChat", TELEGRAM),
    ("https://t.me/+AbCdEfGhIjKl_123", INVITED),
    ("https://t.me/joinchat/AbCdEfGhIjKl_123", INVITED),
    ("https://www.mumsnet.com/Talk/am_i_being", BOARD),
    ("https://www.netmums.com/coffeehouse/being-mum-794/general-chat-18/", NETMUMS),
]


@pytest.mark.parametrize(("url", "venue"), [case for case in VENUES if case[1]])
def test_each_spelling_of_a_venue_leads_to_one_identity(url: str, venue: tuple[Any, ...]) -> None:
    link = read_link(url)
    assert link is not None
    assert venue == (link.platform, link.native_id, link.url, link.kind)
    assert not link.below


BELOW = [
    ("https://www.facebook.com/groups/brightonmums/posts/4567/", GROUP),
    ("https://m.facebook.com/groups/123456789/permalink/4567?comment_id=8", NUMBER),
    ("https://www.facebook.com/groups/123456789/?multi_permalinks=4567", NUMBER),
    ("https://www.meetup.com/brighton-ramblers/events/301234567/", MEETUP),
    ("https://www.reddit.com/r/brighton/comments/1abcde/where_to_walk/", REDDIT),
    ("https://t.me/BrightonChat/488", TELEGRAM),
    ("https://www.mumsnet.com/talk/am_i_being/4567890-unreasonable", BOARD),
    ("https://www.netmums.com/coffeehouse/being-mum-794/general-chat-18/797571-tired-all.html", NETMUMS),
]


@pytest.mark.parametrize(("url", "venue"), BELOW)
def test_what_lies_below_a_venue_leads_to_it_and_says_so(url: str, venue: tuple[Any, ...]) -> None:
    link = read_link(url)
    assert link is not None
    assert (*venue, True) == (link.platform, link.native_id, link.url, link.kind, link.below)


@pytest.mark.parametrize(
    ("url", "native_id"),
    [
        ("https://www.facebook.com/BrightonParents/", "brightonparents"),
        ("https://www.facebook.com/pages/Brighton-Parents/123456", "123456"),
        ("https://www.facebook.com/p/Brighton-Parents-100063000000000/", "100063000000000"),
        ("https://www.facebook.com/share/g/1AbCdEfG/", "share/g/1AbCdEfG"),
        ("https://nextdoor.co.uk/neighbourhood/hove--england/", "nextdoor.co.uk/neighbourhood/hove--england"),
        ("https://www.whatsapp.com/channel/0029VaAbCdEf", "channel/0029VaAbCdEf"),
        ("https://discord.com/servers/brighton-gamers-123456789012345678", "123456789012345678"),
        ("https://www.mumsnet.com/talk", "talk"),
        ("https://www.gransnet.com/forums/house_and_home/123-Roof", "forums/house_and_home"),
        ("https://www.netmums.com/coffeehouse/", "coffeehouse"),
        ("https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv", "UCabcdefghijklmnopqrstuv"),
        ("https://www.youtube.com/@BrightonSociety/videos", "@brightonsociety"),
        ("https://www.linkedin.com/groups/1234567/", "groups/1234567"),
        ("https://x.com/i/communities/1500000000000000000", "communities/1500000000000000000"),
        ("https://groups.io/g/Brighton-Cyclists/topics", "groups.io/g/brighton-cyclists"),
        ("https://groups.google.com/a/example.org/g/Hove-List/c/abc", "groups.google.com/g/hove-list"),
        ("https://join.slack.com/t/brightondev/shared_invite/zt-1", "brightondev"),
        ("https://signal.group/#CjQKIAbCdEf-ghijk", "CjQKIAbCdEf-ghijk"),
        ("https://matrix.to/#/%23hove:example.org", "#hove:example.org"),
        ("https://matrix.to/#/!AbC:example.org?via=example.org", "!AbC:example.org"),
        ("https://healthunlocked.com/bhf/posts/123", "bhf"),
        ("https://Forum.example.org/viewforum.php?f=2&sid=abc#top", "forum.example.org/viewforum.php?f=2"),
    ],
)  # fmt: skip
def test_other_venues_have_their_platforms_name(url: str, native_id: str) -> None:
    link = read_link(url)
    assert link is not None
    assert native_id == link.native_id


@pytest.mark.parametrize(
    "url",
    [
        "https://www.facebook.com/events/123456789/",
        "https://www.facebook.com/marketplace/item/123456789/",
        "https://www.facebook.com/marketplace/brighton",
        "https://www.facebook.com/profile.php?id=100000000000000",
        "https://www.facebook.com/people/A-Person/100000000000000/",
        "https://www.facebook.com/permalink.php?story_fbid=1&id=2",
        "https://www.facebook.com/groups/brightonmums/user/100000000000000/",
        "https://www.facebook.com/groups/discover/",
        "https://www.facebook.com/groups/",
        "https://www.facebook.com/",
        "https://www.facebook.com/watch/?v=1",
        "https://m.me/someone",
        "https://l.facebook.com/l.php?h=x",
        "https://wa.me/447700900000",
        "https://nextdoor.co.uk/p/AbCd/",
        "https://nextdoor.co.uk/pages/a-plumber/",
        "https://nextdoor.co.uk/profile/1/",
        "https://www.meetup.com/find/gb--brighton/",
        "https://www.meetup.com/members/123/",
        "https://www.meetup.com/brighton-ramblers/members/123/profile/",
        "https://www.reddit.com/user/somebody/",
        "https://www.reddit.com/r/u_somebody/",
        "https://www.reddit.com/r/popular/",
        "https://www.instagram.com/brighton/",
        "https://twitter.com/brighton/status/1",
        "https://www.tiktok.com/@brighton",
        "https://www.linkedin.com/in/somebody/",
        "https://t.me/addstickers/Cats",
        "https://t.me/SomeHelpBot",
        "https://discord.com/download",
        "https://www.youtube.com/watch?v=1",
        "https://matrix.to/#/@somebody:example.org",
        "https://www.mumsnet.com/reviews",
    ],
)
def test_what_is_no_venue_has_no_identity_and_says_what_it_is(url: str) -> None:
    link = read_link(url)
    assert link is not None
    assert link.native_id is None
    assert link.what
    assert url == link.url


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://www.facebook.com/groups/1234/", False),
        (f"https://chat.whatsapp.com/{CODE}", False),
        ("https://nextdoor.co.uk/g/abc/", False),
        ("https://www.meetup.com/brighton-ramblers/", False),
        ("https://discord.gg/AbCd12", True),
        ("https://forum.example.org/", True),
    ],
)
def test_it_is_said_whether_the_address_may_be_fetched(url: str, may: bool) -> None:
    link = read_link(url)
    assert link is not None
    assert may is link.may_fetch


@pytest.mark.parametrize("text", ["", "brighton mums", "ftp://example.org", "javascript:alert(1)", "https://"])
def test_what_is_no_web_address_is_nothing(text: str) -> None:
    assert read_link(text) is None


def test_tracking_is_taken_off_an_address_and_nothing_else() -> None:
    url = "HTTPS://Example.org/Forum/index.php?board=3.0&utm_source=x&fbclid=y&PHPSESSID=z&f=#new"
    assert "https://example.org/Forum/index.php?board=3.0&f=" == untracked(url)


ODD = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), max_size=30)


@given(
    st.sampled_from([case[0] for case in VENUES + BELOW]),
    st.lists(ODD, max_size=4),
    st.integers(0, 60),
)
def test_nothing_that_is_pasted_makes_it_fail(url: str, parts: list[str], cut: int) -> None:
    read_link(url[: len(url) - cut] + "/".join(parts))
