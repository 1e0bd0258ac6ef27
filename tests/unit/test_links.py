from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.links import Link, link_to
from venues.model import Kind


@pytest.mark.parametrize(
    ("url", "platform", "native_id", "kind"),
    [
        ("https://www.facebook.com/groups/Hulme.Swaps/?ref=share", "facebook", "groups/hulme.swaps", Kind.GROUP),
        ("https://m.facebook.com/groups/123456789", "facebook", "groups/123456789", Kind.GROUP),
        ("http://en-gb.facebook.com/TransitionAmbridge/about", "facebook", "transitionambridge", Kind.PAGE),
        ("facebook.com/TransitionAmbridge", "facebook", "transitionambridge", Kind.PAGE),
        ("https://fb.com/pg/ambridge.fete/posts/", "facebook", "ambridge.fete", Kind.PAGE),
        ("https://www.facebook.com/pages/Ambridge-Fete/1122334455", "facebook", "1122334455", Kind.PAGE),
        ("https://www.facebook.com/p/Ambridge-Fete-61550000000000/", "facebook", "p/ambridge-fete-61550000000000",
         Kind.PAGE),
        ("https://old.reddit.com/r/Brighton/top", "reddit", "brighton", Kind.COMMUNITY),
        ("https://t.me/s/OSM_Leeds/42", "telegram", "osm_leeds", Kind.CHAT),
        ("https://t.me/+AbC-9_x", "telegram", "+AbC-9_x", Kind.CHAT),
        ("https://t.me/joinchat/AbC-9_x", "telegram", "+AbC-9_x", Kind.CHAT),
        ("https://discord.gg/vY7K", "discord", "discord.gg/vY7K", Kind.SERVER),
        ("https://discord.com/invite/vY7K", "discord", "discord.gg/vY7K", Kind.SERVER),
        ("https://discord.com/channels/81384788765712384/1", "discord", "81384788765712384", Kind.SERVER),
        ("https://chat.whatsapp.com/invite/AbCdEf", "whatsapp", "AbCdEf", Kind.GROUP),
        ("https://www.whatsapp.com/channel/0029Va", "whatsapp", "channel/0029Va", Kind.CHANNEL),
        ("https://matrix.to/#/%23leeds:example.org?via=example.org", "matrix", "#leeds:example.org", Kind.CHAT),
        ("https://signal.group/#CjQKIJ", "signal", "CjQKIJ", Kind.CHAT),
        ("https://www.meetup.com/en-AU/Perth-Knitters/events/", "meetup", "perth-knitters", Kind.MEETUP),
        ("https://www.youtube.com/channel/UCabc_d-E/videos", "youtube", "UCabc_d-E", Kind.CHANNEL),
        ("https://www.youtube.com/@LeedsLive", "youtube", "@leedslive", Kind.CHANNEL),
    ],
)  # fmt: skip
def test_an_address_tells_the_venue(url: str, platform: str, native_id: str, kind: Kind) -> None:
    link = link_to(url)
    assert link is not None
    assert (platform, native_id, kind) == link[:3]
    assert link == link_to(link.url), "the tidy address leads to the same venue"


@pytest.mark.parametrize(
    "url",
    [
        "https://www.facebook.com/profile.php?id=100012345",
        "https://www.facebook.com/people/Jane-Doe/100012345",
        "https://www.facebook.com/events/123/",
        "https://www.facebook.com/sharer/sharer.php?u=https://example.org",
        "https://www.facebook.com/",
        "https://www.facebook.com/groups/",
        "https://www.reddit.com/user/someone",
        "https://t.me/helperbot",
        "https://t.me/share/url?url=x",
        "https://matrix.to/#/@someone:example.org",
        "https://discord.com/users/1",
        "https://www.meetup.com/members/12",
        "https://www.youtube.com/watch?v=x",
        "https://example.org/groups/x",
        "https://notfacebook.com/groups/x",
        "mailto:someone@example.org",
        "a friend told me",
        "",
        None,
        7,
    ],
)
def test_an_address_of_a_person_or_of_nothing_known_is_no_venue(url: object) -> None:
    assert link_to(url) is None


@given(st.text() | st.text().map(lambda text: f"https://www.facebook.com/{text}") | st.binary())
def test_nothing_raises(value: object) -> None:
    assert link_to(value) is None or isinstance(link_to(value), Link)
