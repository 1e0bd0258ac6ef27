"""Elements of a page, found in one pass, and pages that nest without end."""

from __future__ import annotations

import pytest

from crawlers.contract import Page, Request
from crawlers.markup import attribute, by_class, elements, outermost, soup
from crawlers.testing import Reply, page_of
from venues.errors import PageChanged


def page(source: str) -> Page:
    return page_of(Request(url="https://f.example/"), Reply(source.encode()))


def test_elements_are_found_by_class_and_by_name_in_the_order_of_the_page() -> None:
    parts = by_class(soup(page('<p class="a b" id=1><i class=b id=2></i></p><p id=3></p>')))
    found = {name: "".join(attribute(each, "id") for each in parts[name]) for name in ("a", "b", "<p>", "<i>")}
    assert found == {"a": "1", "b": "12", "<p>": "13", "<i>": "2"}


def test_elements_of_some_names_are_found() -> None:
    tree = soup(page("<ul><li id=1><b id=2></b></li><li id=3></li></ul>"))
    assert [attribute(each, "id") for each in elements(tree, "li", "b")] == ["1", "2", "3"]


def test_rows_within_rows_are_not_rows() -> None:
    tree = soup(page("<div id=1><p></p><div id=2><div id=3></div></div></div><div id=4></div>"))
    assert [attribute(each, "id") for each in outermost(elements(tree, "div"))] == ["1", "4"]


@pytest.mark.parametrize(("deep", "refused"), [(200, False), (400, True), (100_000, True)])
def test_a_page_that_nests_without_end_is_refused(deep: int, refused: bool) -> None:
    if refused:
        with pytest.raises(PageChanged, match="cannot be read"):
            soup(page("<div>" * deep))
    else:
        assert len(list(elements(soup(page("<div>" * deep)), "div"))) == deep
