"""What a terminal shows, whatever strangers call their venues."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from index.ranking import rank
from index.rows import run_record
from venues import terminal, terminal_sites
from venues.model import (
    Answer,
    Area,
    Candidate,
    Coverage,
    CrawlRun,
    Evidence,
    Kind,
    Listing,
    Query,
    Scope,
    Section,
    Venue,
    Whereabouts,
)

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
BRIGHTON = Area(
    id="geonames:2654710",
    name="Brighton",
    kind="city",
    country="GB",
    lat=50.82,
    lon=-0.14,
    radius_km=8,
    within=("county:sussex", "country:GB"),
    part_of=("East Sussex", "England", "United Kingdom"),
)
HOSTILE = [
    "\x1b[2J\x1b[1;1Hgone",
    "\x1b]0;title\x07\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x9b31mred",
    "[red]not red[/red]",
    "[/]",
    "[link=https://evil.example]x[/link]",
    "\u202egnimoc\u2066 ti rof\u2069",
    "line one\nline two\r\rover\ttab\x0b\x0c\x08\x08",
    "zero\x00wide\u200b\u200d\ufeff",
    "a" * 5000,
    "word " * 1000,
    "日本語" * 300,
    "e\u0301" * 300,
    "\u2028\u2029\x85",
    ":smile: :warning:",
    "🎉" * 300,
    "\u202e",
]


def candidate(
    native_id: str = "a", *, scope: Scope = Scope.LOCAL, place_name: str | None = "Hove", **fields: Any
) -> Candidate:
    given = {"platform": "forum", "native_id": native_id, "title": f"Forum {native_id}"} | fields
    where = Whereabouts(told_by="place", confidence=0.9, name=place_name, country="GB") if place_name else None
    venue = Venue(
        listing=Listing(**given),
        whereabouts=where,
        evidence=(Evidence(source="s", url="https://example.org/list", seen_at=NOW),),
        first_seen=NOW,
        last_seen=NOW,
    )
    return Candidate(venue=venue, similarity=0.6, words=9.0, scope=scope, distance_km=12.3)


def answer(*candidates: Candidate, area: Area | None = BRIGHTON, **more: Any) -> Answer:
    query = Query(text="young mums in Brighton", audience="young mums", area=area)
    return Answer(**{"query": query, "suggestions": rank(query, candidates, NOW, 100)} | more)


def shown(said: Answer, *, explain: bool = False, width: int = 80, colour: bool = False) -> str:
    out = io.StringIO()
    console = Console(
        width=width, file=out, highlight=False, force_terminal=colour, color_system="truecolor" if colour else None
    )
    terminal.show_answer(console, said, explain=explain)
    return out.getvalue()


def is_address(line: str) -> bool:
    return line.lstrip()[:3].strip().isdigit() and "://" in line


def cells(line: str) -> int:
    from rich.cells import cell_len

    return cell_len(line)


# JSON

FIELDS = [
    *("rank", "score", "platform", "native_id", "kind", "title", "url", "description", "place", "scope", "members"),
    *("last_post_at", "parts", "sources"),
]


def test_json_is_as_the_design_has_it() -> None:
    about = {"kind": Kind.FORUM, "url": "https://example.org", "description": "For mums", "place": "Hove Town"}
    read = Coverage(site="matrix:x", state="read", seen_at=NOW)
    said = answer(
        candidate(**about, members=7, last_post_at=NOW),
        left_out={"elsewhere": 38},
        coverage=(read, Coverage(site="y", state="failed", note="down")),
    )
    record = json.loads(json.dumps(terminal.answer_record(said), allow_nan=False))
    (suggestion,) = record["suggestions"]

    assert ["query", "suggestions", "notes", "left_out", "coverage"] == list(record)
    assert {
        "text": "young mums in Brighton",
        "audience": "young mums",
        "area": {"name": "Brighton", "country": "GB", "lat": 50.82, "lon": -0.14, "radius_km": 8},
    } == record["query"]
    assert (
        [
            "rank",
            "score",
            "platform",
            "native_id",
            "kind",
            "title",
            "url",
            "description",
            "place",
            "scope",
            "members",
            "last_post_at",
            "section",
            "confidence",
            "reach",
            "also",
            "parts",
            "sources",
        ]
    ) == list(suggestion)
    assert {
        "rank": 1,
        "platform": "forum",
        "native_id": "a",
        "kind": "forum",
        "title": "Forum a",
        "url": "https://example.org",
        "description": "For mums",
        "place": "Hove Town",
        "scope": "local",
        "members": 7,
        "last_post_at": "2026-11-01T09:00:00+00:00",
        "section": "local",
        "also": [],
        "sources": [{"source": "s", "url": "https://example.org/list", "seen_at": "2026-11-01T09:00:00+00:00"}],
    } == {key: value for key, value in suggestion.items() if key not in {"score", "parts", "confidence", "reach"}}
    assert 0 < suggestion["confidence"] < 1
    assert suggestion["reach"]["low"] <= suggestion["reach"]["high"] <= 7
    assert ["readers", "in the area", "on target"] == [one["name"] for one in suggestion["reach"]["factors"]]
    assert all(["signal", "weight", "value", "points", "reason"] == list(part) for part in suggestion["parts"])
    assert suggestion["score"] == pytest.approx(sum(part["points"] for part in suggestion["parts"]), abs=1e-3)
    assert {"elsewhere": 38} == record["left_out"]
    assert [
        {"site": "matrix:x", "state": "read", "seen_at": "2026-11-01T09:00:00+00:00"},
        {"site": "y", "state": "failed", "seen_at": None},
    ] == record["coverage"]


def test_what_is_not_known_is_null_in_json() -> None:
    record = terminal.answer_record(answer(candidate(place_name=None), area=None))
    (suggestion,) = record["suggestions"]

    assert record["query"]["area"] is None
    assert [None] * 5 == [suggestion[key] for key in ("url", "description", "place", "members", "last_post_at")]


def test_a_place_in_json_says_which_one_and_which_others_it_could_be() -> None:
    query = Query(text="mums in Brighton", audience="mums", area=BRIGHTON, alternatives=(BRIGHTON,))
    record = terminal.place_record(query)

    assert ["text", "audience", "area", "alternatives"] == list(record)
    assert {"id": "geonames:2654710", "label": "Brighton, East Sussex, England"}.items() <= record["area"].items()
    assert [record["area"]] == record["alternatives"]


# the table


@pytest.mark.parametrize("width", [80, 100, 200])
def test_the_table_is_no_wider_than_the_terminal(width: int) -> None:
    said = answer(
        *(
            candidate(str(number), title=title, url="https://example.org/" + "x" * 300)
            for number, title in enumerate(HOSTILE)
        ),
        candidate("big", members=2**63 - 1, kind=Kind.NEWSLETTER, place_name="Llanfairpwllgwyngyllgogerychwyrndrobwll"),
        candidate("near", scope=Scope.NEARBY),
        left_out={"elsewhere": 38, "not safe for work": 4, "another kind": 200, "gone": 8, "opted out": 50},
        coverage=(Coverage(site="matrix:https://matrix.example.org", state="failed", note="no answer " * 30),),
    )

    for line in shown(said, explain=True, width=width).splitlines():
        assert cells(line) <= width or is_address(line), line


@pytest.mark.parametrize("field", ["title", "place", "url", "description", "platform", "native_id"])
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_no_strangers_words_can_move_the_cursor_or_hide(field: str, text: str) -> None:
    for one in (candidate(place_name=None, **{field: text}), candidate(place_name=text, scope=Scope.NEARBY)):
        for line in shown(answer(one), explain=True).split("\n"):
            assert line.isprintable(), ascii(line)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_what_sites_say_of_their_faults_cannot_move_the_cursor_either(text: str) -> None:
    out = io.StringIO()
    coverage = (Coverage(site=text, state="failed", note=text), Coverage(site=text, state="read", seen_at=NOW))
    run = CrawlRun(site=text, started_at=NOW, finished_at=NOW, state="failed", complete=False, error=text)
    terminal_sites.show_runs(Console(width=80, file=out, highlight=False), [run])

    for line in (shown(answer(candidate(), coverage=coverage)) + out.getvalue()).split("\n"):
        assert line.isprintable(), ascii(line)


@given(st.text(min_size=1))
def test_plain_text_is_printable_and_keeps_every_printable_letter(text: str) -> None:
    plain = terminal.plain(text)

    assert plain.isprintable()
    assert [char for char in text if char.isprintable() and char != " "] == [char for char in plain if char != " "]


@pytest.mark.parametrize(
    ("text", "longest", "expected"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a\x1b\x1b\x1bc", 2, "ac"), ("", 3, "")]
)
def test_plain_text_is_cut_where_it_is_too_long(text: str, longest: int, expected: str) -> None:
    assert expected == terminal.plain(text, longest)


def test_markup_in_a_name_is_shown_as_it_is() -> None:
    assert "[red]not red[/red]" in shown(answer(candidate(title="[red]not red[/red]")), width=200)


def test_a_name_of_any_length_takes_a_few_lines() -> None:
    assert len(shown(answer(candidate(title="a " * 100_000, place_name="b " * 100_000))).splitlines()) < 40
    assert len(shown(answer(candidate(url="https://example.org/" + "a" * 100_000)))) < 4000


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://example.org/a", True),
        ("http://example.org/a b red", True),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https://example.org/\x1b\\\x1b[2J", True),
    ],
)
def test_only_addresses_of_the_web_can_be_clicked(url: str, linked: bool) -> None:
    text = shown(answer(candidate(url=url)), colour=True)

    assert linked == ("\x1b]8;" in text)
    assert "\x1b[2J" not in text


def test_rank_name_place_kind_members_why_and_address_are_shown() -> None:
    text = shown(answer(candidate(title="Brighton Mums", kind=Kind.FORUM, members=1234, url="https://example.org/m")))

    for part in ("Looking for young mums in Brighton, East Sussex, England (8 km around).", " 1 ", "Brighton Mums"):
        assert part in text
    for part in ("Hove", "forum", "1,234", "about these people", "https://example.org/m"):
        assert part in text


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (None, "?"),
        (0, "0"),
        (999, "999"),
        (999_999, "999,999"),
        (1_000_000, "1.0M"),
        (12_345_678, "12.3M"),
        (999_999_999, "999.9M"),
        (1_000_000_000, "1.0bn"),
        (2**63 - 1, ">999bn"),
    ],
)
def test_members_fit_their_column_and_none_is_not_nought(members: int | None, expected: str) -> None:
    row = next(line for line in shown(answer(candidate(members=members))).splitlines() if "Forum a" in line)

    assert expected in row.split()


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_fits_on_one_line(kind: Kind) -> None:
    assert kind in shown(answer(candidate(kind=kind)))


def test_ranks_of_three_digits_stay_on_one_line() -> None:
    text = shown(answer(*(candidate(f"{number:03}") for number in range(100))))

    assert ["100", "Forum", "099"] in [line.split()[:3] for line in text.splitlines()]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope.LOCAL, "Hove"),
        (Scope.NEARBY, "Hove, 12 km away"),
        (Scope.EVERYWHERE, "anywhere"),
        (Scope.CONTAINING, "Hove"),
    ],
)
def test_where_a_venue_is_in_a_few_words(scope: Scope, expected: str) -> None:
    (suggestion,) = answer(candidate(scope=scope)).suggestions

    assert expected == terminal.where(suggestion)


def test_an_explanation_shows_every_part_with_its_points() -> None:
    said = answer(candidate(members=50))
    text = shown(said, explain=True)

    for part in said.suggestions[0].parts:
        assert part.signal in text
        assert f"{part.points:.1f}" in text
    assert f"{said.suggestions[0].score:.1f} points" in text
    assert "points" not in shown(said)


def test_what_was_left_out_and_not_reached_is_said() -> None:
    text = " ".join(
        shown(
            answer(
                candidate(),
                left_out={"elsewhere": 38, "gone": 2},
                coverage=(
                    Coverage(site="matrix:a", state="read", seen_at=NOW),
                    Coverage(site="matrix:b", state="none found", seen_at=NOW),
                    Coverage(site="matrix:c", state="needs key"),
                    Coverage(site="matrix:d", state="failed", note="timed out"),
                ),
            )
        ).split()
    )

    assert "Left out, though they match: 38 elsewhere, 2 gone." in text
    assert "Read live: a (matrix) (01 Nov 2026); b (matrix) (01 Nov 2026)." in text
    assert "A key is needed for: c (matrix). What is listed there is not in here." in text
    assert "No answer from: d (matrix) (timed out)." in text


def test_no_answer_says_what_to_do() -> None:
    text = shown(answer())

    assert "Nothing in the index answers this. Try fewer or other words, or a larger place." in text


def test_namesakes_not_taken_are_named() -> None:
    michigan = Area(
        id="x", name="Brighton", kind="city", country="US", lat=42, lon=-83, radius_km=5, part_of=("Michigan",)
    )
    query = Query(text="x", audience="mums", area=BRIGHTON, alternatives=(michigan,))

    assert "Not Brighton, Michigan: name the county or country to mean another." in terminal.understood(query)
    assert "Looking for people of every kind, anywhere" in terminal.understood(Query(text="", audience=""))


def test_a_run_in_json_is_plain_values() -> None:
    run = CrawlRun(site="s", started_at=NOW, finished_at=NOW, state="read", complete=True, refused=("a",), next_due=NOW)
    record = json.loads(json.dumps(run_record(run)))

    assert ("2026-11-01T09:00:00+00:00", ["a"], None) == (record["next_due"], record["refused"], record["error"])


def test_what_was_not_found_is_said_before_the_list() -> None:
    text = shown(answer(candidate(url="https://example.org"), notes=("No group for young mums found in Brighton.",)))

    assert text.index("No group for young mums") < text.index("https://example.org")


def test_each_heading_stands_over_its_own() -> None:
    said = answer(candidate("a", title="Local mums"), candidate("b", scope=Scope.EVERYWHERE, title="All mums"))
    aimed = replace(said, suggestions=tuple(replace(one, section=_SECTIONS[one.rank - 1]) for one in said.suggestions))
    text = shown(aimed, width=120)

    assert (
        text.index("In Brighton")
        < text.index("Local mums")
        < text.index("not only in Brighton")
        < text.index("All mums")
    )


_SECTIONS = (Section.LOCAL, Section.WIDER)
