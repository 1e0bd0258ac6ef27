"""How sure the reader of any page is, what it calls a page, and what sort of venue it takes it for."""

from __future__ import annotations

import pytest

from crawlers.contract import Page, Request
from crawlers.linktables import plain_boards
from crawlers.markup import soup
from crawlers.registry import build, site_from
from crawlers.sites.web import sureness
from crawlers.testing import Reply, page_of
from venues.model import Kind, Listing


def web(source: str, url: str = "https://site.test/", note: str = "index") -> Page:
    return page_of(Request(url=url, note=note), Reply(source.encode()))


def venue(source: str, url: str = "https://site.test/") -> Listing:
    found = next(iter(build(site_from("web:https://site.test")).read(web(source, url))))
    assert isinstance(found, Listing)
    return found


def ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def test_each_sign_makes_the_reader_surer_and_none_makes_it_certain() -> None:
    signs = [
        "<title>Otley Harriers</title>",
        '<meta name="description" content="A club">',
        '<meta property="og:site_name" content="Otley Harriers">',
        '<link rel="alternate" type="application/rss+xml" href="/feed">',
        ld('{"@type": "SportsClub", "name": "Otley Harriers"}'),
    ]
    measured = [sureness(web("<html>" + "".join(signs[: count + 1]))) for count in range(len(signs))]
    assert sorted(measured) == measured
    assert len(set(measured)) == len(signs)
    assert 0.9 < measured[-1] < 1


@pytest.mark.parametrize(
    "source", ["<p>hello</p>", '<meta property="og:type" content="profile"><title>A Person</title>']
)
def test_a_page_without_a_name_or_of_a_person_is_no_venue(source: str) -> None:
    assert sureness(web(source)) == 0


def test_an_article_is_half_as_sure_as_a_page() -> None:
    page = "<title>Mud</title>"
    article = sureness(web(f'<meta property="og:type" content="article">{page}', "https://site.test/mud"))
    assert pytest.approx(sureness(web(page, "https://site.test/mud")) / 2) == article


def test_a_feed_with_entries_is_surer_than_one_without() -> None:
    item = "<item><title>x</title></item>"
    found = [
        sureness(web(f"<rss><channel>{name}{each}</channel></rss>"))
        for name, each in (("<title>A</title>", item), ("<title>A</title>", ""), ("", item))
    ]
    assert [0.9, 0.5, 0.0] == found


@pytest.mark.parametrize(
    ("source", "url", "kind"),
    [
        (ld('{"@type": "PodcastSeries", "name": "A"}'), "/", Kind.PODCAST),
        (ld('{"@type": ["Thing", "https://schema.org/EventSeries"], "name": "A"}'), "/", Kind.MEETUP),
        ("<title>Settle Chess Club</title>", "/", Kind.CLUB),
        ("<title>Talk</title>", "/forum/", Kind.FORUM),
        ("<title>The Dales Newsletter</title>", "/", Kind.NEWSLETTER),
        ('<meta name="generator" content="Ghost 5"><title>Notes</title>', "/", Kind.BLOG),
        ('<meta name="generator" content="WordPress 6"><title>Village hall</title>', "/", Kind.PAGE),
    ],
)
def test_what_a_page_states_or_its_name_suggests_is_its_kind(source: str, url: str, kind: Kind) -> None:
    assert (
        kind == venue(f"<title>A</title>{source}", f"https://site.test{url}").kind
        or kind == venue(source, f"https://site.test{url}").kind
    )


def test_a_page_of_a_site_is_named_without_the_site_and_is_part_of_it() -> None:
    head = '<meta property="og:site_name" content="Site"><title>Parents of Settle | Site</title>'
    found = venue(head, "https://site.test/groups/settle")
    assert ("Parents of Settle", "Site") == (found.title, found.parent)


def test_a_canonical_address_counts_only_on_the_site_itself() -> None:
    head = "<title>A</title><link rel=canonical href='{0}'>"
    assert venue(head.format("https://www.site.test/a")).url == "https://www.site.test/a"
    assert venue(head.format("https://other.example/a")).url == "https://site.test/"


def test_the_feed_of_comments_is_not_followed() -> None:
    feeds = '<link rel="alternate" type="application/rss+xml" href="/{0}">'
    page = web("<title>A</title>" + feeds.format("comments/feed/") + feeds.format("feed/"))
    found = list(build(site_from("web:https://site.test")).read(page))
    assert ["https://site.test/feed/"] == [each.url for each in found if isinstance(each, Request)]


def boards(source: str) -> tuple[float, list[str]]:
    sure, found = plain_boards(soup(web(source)), "https://site.test/")
    return sure, [each.url.removeprefix("https://site.test/") for each in found]


def table(heading: str, *rows: str) -> str:
    cells = "".join(f"<th>{each}</th>" for each in heading.split(","))
    return f"<table><tr>{cells}</tr>{''.join(f'<tr>{each}</tr>' for each in rows)}</table>"


def row(href: str, *others: object) -> str:
    return f"<td><a href='{href}'>{href}</a></td>" + "".join(f"<td>{each}</td>" for each in others)


@pytest.mark.parametrize(
    ("heading", "first", "second"),
    [
        ("Forum,Topics,Posts", row("a", 1, 2), row("b", 3, 4)),
        ("Forum,Themen,Beiträge,Letzter Beitrag", row("a", 1, "1.204", "x"), row("b", 3, 4, "y")),
        ("Форум,Темы,Сообщения", row("a", 1, 2), row("b", 3, 4)),
        ("Forum,Topics / Messages", row("a", "2,040 / 10,382"), row("b", "0 / 0")),
    ],
)
def test_a_table_that_counts_topics_and_posts_lists_boards(heading: str, first: str, second: str) -> None:
    assert (0.8, ["a", "b"]) == boards(table(heading, first, second))
    assert boards(table(heading, first.replace("'a'", "'forum/a'"), second.replace("'b'", "'forum/b'")))[0] == 0.9


@pytest.mark.parametrize(
    "source",
    [
        table("Topic,Replies,Views", row("a", 1, 2), row("b", 3, 4)),
        table("Topic,Author,Posts", row("a", "x", 2), row("b", "y", 4)),
        table("Product,Price,Reviews", row("a", 1, 2), row("b", 3, 4)),
        table("Forum,Topics,Posts", row("a", 1, 2)),
        table("Forum,Topics,Posts", row("a", "x", "y"), row("b", "x", "y")),
        table("Forum,Topics,Posts", row("https://other.example/a", 1, 2), row("https://other.example/b", 1, 2)),
        table("Name,Topics,Posts", row("profile/a", 1, 2), row("profile/b", 3, 4)),
        "<p><a href='a'>a</a> 12 topics 30 posts</p><p><a href='b'>b</a> 1 topic 2 posts</p>",
    ],
)
def test_what_is_not_plainly_a_list_of_boards_is_none(source: str) -> None:
    assert (0.0, []) == boards(source)


def test_rows_of_any_shape_that_say_their_counts_in_words_list_boards() -> None:
    item = "<li><a href='forum/{0}'>{0}</a> <span>12 topics</span>, <span>345 posts</span></li>"
    assert (0.7, ["forum/a", "forum/b"]) == boards(f"<ul>{item.format('a')}{item.format('b')}</ul>")
