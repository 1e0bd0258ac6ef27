"""Reading HTML: what is cut before parsing, and helpers that never raise."""

from __future__ import annotations

import time

import pytest
from bs4.filter import SoupStrainer

from crawlers.contract import Request
from crawlers.markup import attribute, base_of, language, link, meta, soup, title, words
from crawlers.testing import Reply, page_of
from venues.errors import PageChanged

URL = "https://f.example/forum/index.php"


def page(source: str | bytes) -> object:
    return page_of(Request(url=URL), Reply(source if isinstance(source, bytes) else source.encode()))


def test_scripts_styles_lists_and_comments_are_left_out() -> None:
    tree = soup(page("<p>One<script>a < b</script><!-- <a href=x>x</a> --><select><option>Two</select><p>Three"))
    assert "One Three" == words(tree)
    assert [] == tree.find_all("a")


def test_scripts_are_kept_on_demand() -> None:
    assert soup(page("<script type=a>1</script>"), scripts=True).find("script") is not None


def test_what_is_opened_and_never_closed_is_passed_over_in_no_time() -> None:
    start = time.process_time()
    tree = soup(page("<p>One</p>" + "<!-- <script <style " * 30_000))
    assert tree.find("p") is not None
    assert time.process_time() - start < 5


def test_a_page_that_declares_another_encoding_than_its_utf_8_is_read() -> None:
    source = '<meta http-equiv=Content-Type content="text/html; charset=windows-1251"><p>Форум'.encode()
    assert "Форум" == words(soup(page(source)).find("p"))
    older = source.decode().encode("cp1251")
    assert "Форум" == words(soup(page(older)).find("p"))


@pytest.mark.parametrize("source", ["", "{}", "no tags"])
def test_what_is_no_html_is_refused(source: str) -> None:
    with pytest.raises(PageChanged):
        soup(page(source))


def test_a_part_of_a_page_can_be_read_alone() -> None:
    assert ["b"] == [each.name for each in soup(page("<i>1</i><b>2</b>"), SoupStrainer("b")).find_all(True)]


def test_helpers_take_what_is_there() -> None:
    tree = soup(
        page("<html lang=en_GB><title> A  forum</title><meta property=OG:title content=Name><a href=../x>y</a>")
    )
    assert "A forum" == title(tree)
    assert "en-GB" == language(tree)
    assert "Name" == meta(tree, "og:title")
    assert "https://f.example/x" == link(page(""), tree.find("a"))
    assert (URL, "", None) == (base_of(page(""), tree), attribute(tree.find("b"), "class"), words(None))
