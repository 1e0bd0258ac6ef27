"""What an answer over the starter directory, with the default model, may claim and must admit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from venues.app import App
from venues.model import Listing, Scope, Section
from venues.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ABSENT = (
    *("Welsh speakers in Ipswich", "Spanish speakers in Edinburgh", "beekeepers in Coventry"),
    *("Portuguese mums in Carlisle", "deaf people in Inverness", "fencing club members in Wolverhampton"),
    *("Sikh women in Truro", "widowed people in Derby", "stamp collectors in Aberdeen", "home educators in Dundee"),
    *("nurses in Plymouth", "archery clubs in Luton", "Brazilian students in Exeter", "philosophy readers in Wigan"),
    *("autistic adults in Portsmouth", "divorced dads in Swansea", "choir singers in Grimsby", "vegan runners in Hull"),
    *("Jewish parents in Belfast", "chess players in Wrexham"),
)
"""Of none of these has the starter directory a space."""

PRESENT = {
    "young mums in Brighton": "Tots and Toddlers at St Peter's Church",
    "cyclists in Leeds": "Leeds Cycling Campaign",
    "runners in Cardiff": "Cardiff Foxes",
    "students in Manchester": "University of Manchester Dance Society",
    "football fans in Liverpool": "Spirit of Shankly",
    "LGBT people in Birmingham": "Birmingham LGBT",
    "people in Bath": "r/bath",
    "Muslims in Bradford": "Muslim Women's Council",
    "tenants in London": "London Renters Union",
    "older people in Norwich": "UEA Retirement Association",
}

NAMESAKES = (
    ("Brighton moms", "Moms of Brighton, Michigan, meet at the mill pond.", "young mums in Brighton"),
    ("r/BirminghamAL", "LGBT people and everybody else in Birmingham, Alabama.", "LGBT people in Birmingham"),
    ("Bradford Muslims", "Muslims of Bradford, Ontario.", "Muslims in Bradford"),
    ("Manchester NH students", "Students in Manchester, New Hampshire.", "students in Manchester"),
    ("Liverpool NSW football", "Football fans of Liverpool, New South Wales.", "football fans in Liverpool"),
    ("London Ontario tenants", "Tenants of London, Ontario.", "tenants in London"),
    ("Bath, Maine", "Neighbors of Bath, Maine.", "people in Bath"),
)
"""Spaces of places abroad with the name of one at home, and the question that each most likely answers wrongly."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with App(read_settings(db=str(tmp_path_factory.mktemp("answers") / "venues.db"))) as app:
        for _ in app.import_lines(app.starter_lines(), pytest.fail, lambda _line: None):
            pass
        abroad = [
            Listing(platform="forum", native_id=title, title=title, description=about) for title, about, _ in NAMESAKES
        ]
        for _ in app.intake().take(abroad):
            pass
        yield app


@pytest.mark.parametrize("text", ABSENT)
def test_a_question_without_an_answer_says_so_first_and_nothing_is_passed_off_as_one(app: App, text: str) -> None:
    answer = app.find(text)

    assert [note for note in answer.notes if note.startswith("No group for")]
    assert [] == [one.venue.listing.title for one in answer.suggestions if one.section is Section.LOCAL]


@pytest.mark.parametrize(("text", "title"), PRESENT.items())
def test_a_question_with_an_answer_gives_it_and_does_not_deny_it(app: App, text: str, title: str) -> None:
    answer = app.find(text)

    assert not answer.notes
    assert title in {one.venue.listing.title for one in answer.suggestions if one.section is Section.LOCAL}


@pytest.mark.parametrize(("title", "_about", "text"), NAMESAKES)
def test_a_namesake_abroad_is_never_local(app: App, title: str, _about: str, text: str) -> None:
    scopes = {one.venue.listing.title: one.candidate.scope for one in app.find(text).suggestions}

    assert scopes
    assert Scope.LOCAL is not scopes.get(title)


def test_a_namesake_abroad_is_found_where_it_is_meant(app: App) -> None:
    local = [one.venue.listing.title for one in app.find("moms in Brighton, Michigan").suggestions if one.rank == 1]

    assert ["Brighton moms"] == local
