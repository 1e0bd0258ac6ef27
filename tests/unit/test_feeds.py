"""Feeds of each kind, and feeds made to do harm."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from crawlers.contract import Page, Request
from crawlers.feeds import is_feed, read_feed
from crawlers.testing import Reply, page_of
from venues.errors import PageChanged


def feed(source: str) -> Page:
    return page_of(Request(url="https://site.test/feed"), Reply(source.encode()))


ITEM = "<item><title>x</title><pubDate>{0} Nov 2026 10:00:00 GMT</pubDate>{1}</item>"
SOUND = '<enclosure url="https://site.test/1.mp3" type="audio/mpeg"/>'


def rss(*items: str) -> Page:
    return feed(f"<rss><channel><title>Site</title>{''.join(items)}</channel></rss>")


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        ('<?xml version="1.0"?><!-- <html> --><rss version="2.0"/>', True),
        ("\n<feed xmlns='http://www.w3.org/2005/Atom'/>", True),
        ("<rdf:RDF xmlns:rdf='x'/>", True),
        ('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><rss/></html>', False),
        ("<!DOCTYPE html><html>", False),
        ("feed", False),
    ],
)
def test_a_feed_is_known_by_its_first_element(source: str, is_one: bool) -> None:
    assert is_one == is_feed(feed(source))


def test_a_page_that_is_no_feed_is_refused() -> None:
    with pytest.raises(PageChanged, match="no feed"):
        read_feed(feed("<html></html>"))


def test_entries_to_listen_to_make_a_podcast_and_one_among_many_does_not() -> None:
    assert read_feed(rss(ITEM.format(1, SOUND), ITEM.format(2, SOUND))).podcast
    assert not read_feed(rss(ITEM.format(1, SOUND), ITEM.format(2, ""), ITEM.format(3, ""))).podcast


def test_the_newest_entry_and_the_rate_are_found_in_any_order() -> None:
    found = read_feed(rss(ITEM.format(8, ""), ITEM.format(22, ""), ITEM.format(15, "")))
    assert datetime(2026, 11, 22, 10, tzinfo=UTC) == found.newest
    assert found.per_week == pytest.approx(1.0)


def test_two_entries_or_entries_of_one_moment_have_no_rate() -> None:
    assert read_feed(rss(ITEM.format(8, ""), ITEM.format(22, ""))).per_week is None
    assert read_feed(rss(*[ITEM.format(8, "")] * 3)).per_week is None


def test_a_feed_of_the_first_resource_description_format_is_read() -> None:
    source = (
        '<rdf:RDF xmlns:rdf="r" xmlns:dc="d"><channel><title>Old</title><link>https://site.test/</link></channel>'
        "<item><dc:date>2026-11-03T10:00:00Z</dc:date></item></rdf:RDF>"
    )
    found = read_feed(feed(source))
    assert ("Old", "https://site.test/", 1) == (found.title, found.url, found.entries)
    assert datetime(2026, 11, 3, 10, tzinfo=UTC) == found.newest


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss [<!entity a SYSTEM "http://127.0.0.1/">]>',
        '<!DOCTYPE rss [<!ENTITY % a SYSTEM "http://127.0.0.1/a.dtd">%a;]>',
    ],
)
def test_a_feed_that_defines_entities_is_refused_unread(doctype: str) -> None:
    with pytest.raises(PageChanged, match="entities"):
        read_feed(feed(f"{doctype}<rss><channel><title>&a;</title></channel></rss>"))


def test_an_unknown_entity_and_a_doctype_of_old_do_no_harm() -> None:
    doctype = (
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">'
    )
    found = read_feed(feed(f"{doctype}<rss><channel><title>Tea&nbsp;room</title></channel></rss>"))
    assert found.title is not None
    assert found.title.startswith("Tea")


def test_a_feed_ten_thousand_deep_or_cut_short_is_read_in_seconds() -> None:
    began = time.process_time()
    read_feed(feed("<rss><channel><title>Deep</title>" + "<item>" * 10_000))
    assert time.process_time() - began < 10
