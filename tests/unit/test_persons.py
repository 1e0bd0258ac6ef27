"""Persons go out of every text that is kept, and what only looks like one stays."""

from __future__ import annotations

import time

import pytest

from crawlers.cleaning import cleaned
from crawlers.contract import Request
from crawlers.persons import without_persons, without_telephones
from crawlers.testing import Reply, page_of
from venues.model import Kind, Listing, Site


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Ask @ann.", "Ask …."),
        ("Ask @ann_b-c or (@Bo)", "Ask … or (…)"),
        ("Founded by @ann@social.example and @bo:matrix.example", "Founded by … and …"),
        ("Made by ann-b.bsky.social", "Made by …"),
        ("Mail ann.b+club@mail.example.org", "Mail …"),
        ("Ask u/ann_b or /u/bo-c", "Ask … or …"),
        ("Follow https://social.example/@ann, or www.linkedin.com/in/ann-b.", "Follow …, or …."),
        ("https://www.reddit.com/user/ann_b", "…"),
    ],
)
def test_a_person_is_blanked(written: str, kept: str) -> None:
    assert kept == without_persons(written)


@pytest.mark.parametrize(
    "text",
    [
        "Coffee @ Four",
        "Meet @ 7pm, or @7pm, @19:30 and @8",
        "Art@TheMill",
        "See !leeds@feddit.example",
        "Join #leeds:matrix.example",
        "Do not use @everyone or @here",
        "At r/leeds and https://x.example/users-guide",
        "Either and/or, du/ihr",
    ],
)
def test_what_is_no_person_stays(text: str) -> None:
    assert text == without_persons(text)


def test_telephone_numbers_are_blanked_and_years_are_not() -> None:
    assert without_telephones("Ring 01632 960983 or +44 1632 960983") == "Ring … or …"
    assert without_telephones("Since 2019, 0 to 5 years, 1,204 posts") == "Since 2019, 0 to 5 years, 1,204 posts"


def kept(**facts: object) -> Listing:
    listing = Listing(**({"platform": "x", "native_id": "x.example/7", "title": "A", "kind": Kind.BOARD} | facts))  # type: ignore[arg-type]
    found = cleaned(listing, Site(name="x:", platform="x"), page_of(Request(url="https://x.example"), Reply()))
    assert found is not None
    return found


def test_no_text_of_a_listing_keeps_a_person() -> None:
    found = kept(title="Club of @ann", description="Ask @ann, 01632 960983", parent="@bo's boards", rules=("No @cy",))
    assert ("Club of …", "Ask …, …", "…'s boards", ("No …",)) == (
        found.title,
        found.description,
        found.parent,
        found.rules,
    )


def test_a_title_that_is_a_person_alone_gives_way_to_the_identity() -> None:
    assert kept(title="@ann").title == "x.example/7"


def test_a_mailing_list_may_be_called_by_its_address() -> None:
    assert kept(title="leeds@lists.example.org", kind=Kind.LIST).title == "leeds@lists.example.org"


@pytest.mark.parametrize("text", ["@" * 4000, "a." * 2000 + "/@", "a@" * 2000, "u/" * 2000, "a-" * 2000 + "@b"])
def test_no_text_takes_long(text: str) -> None:
    begun = time.process_time()
    without_persons(text)
    assert time.process_time() - begun < 0.5
