"""A record from outside becomes a listing, or an error that names the first field that is wrong."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venues.errors import ListingError
from venues.model import Access, Area, Kind, Listing, Part, VenueId

MINIMAL = {"platform": "reddit", "native_id": "brighton", "title": "r/brighton"}

FULL = MINIMAL | {
    "kind": "community",
    "url": "https://example.org/r/brighton",
    "description": "All about Brighton",
    "place": "Brighton",
    "country": "GB",
    "lat": 50.82,
    "lon": -0.14,
    "parent": "Sussex > Towns",
    "members": 90_000,
    "active_members": 0,
    "topics": 12,
    "posts": 340,
    "posts_per_week": 12.5,
    "last_post_at": "2026-10-30T08:00:00+00:00",
    "seen_at": "2026-10-31T08:00:00+00:00",
    "access": "on request",
    "language": "en-GB",
    "nsfw": False,
    "rules": ["Be kind", "No adverts"],
    "source": "starter",
    "source_url": "https://example.org/list",
    "licence": "CC BY 4.0",
}


def record(**changed: Any) -> dict[str, Any]:
    return MINIMAL | changed


def test_every_field_of_a_listing_is_read_and_written() -> None:
    assert {item.name for item in fields(Listing)} == set(FULL)
    assert Listing.from_record(FULL).to_record() == FULL


def test_what_is_not_said_is_none_and_absent_from_the_record() -> None:
    listing = Listing.from_record(MINIMAL)

    assert MINIMAL == listing.to_record()
    assert (None, None, (), None) == (listing.members, listing.nsfw, listing.rules, listing.kind)


@pytest.mark.parametrize("name", sorted(set(FULL) - set(MINIMAL)))
def test_null_is_the_same_as_absent(name: str) -> None:
    assert Listing.from_record(MINIMAL) == Listing.from_record(record(**{name: None}))


@pytest.mark.parametrize("name", ["platform", "native_id", "title"])
@pytest.mark.parametrize("absent", [True, False])
def test_a_mandatory_field_that_is_absent_or_null_is_named(name: str, absent: bool) -> None:
    bad = {key: value for key, value in MINIMAL.items() if key != name} if absent else record(**{name: None})

    with pytest.raises(ListingError, match="is mandatory") as caught:
        Listing.from_record(bad)
    assert name == caught.value.field


REFUSED = [
    *((name, value) for name in ("platform", "native_id", "title") for value in ("", "  \n", 7, True, ["x"], {})),
    *((name, value) for name in ("url", "description", "place", "language", "source") for value in (1, False, [], {})),
    *((name, "\ud800") for name in ("title", "description", "source_url", "licence")),
    *(("kind", value) for value in ("pub", "Forum", "", 1, None.__class__)),
    *(("access", value) for value in ("maybe", "OPEN", True)),
    *(("country", value) for value in ("", " ", 44, True)),
    *(("lat", value) for value in (90.1, -91, "50", True, float("nan"), float("inf"), 10**400, [1])),
    *(("lon", value) for value in (180.5, -181, None.__class__, float("-inf"))),
    *(("members", value) for value in (-1, 1.0, "7", True, 2**63, 10**400, float("nan"))),
    *(("active_members", value) for value in (-1, False, 3.5)),
    *(("posts_per_week", value) for value in (-0.1, float("nan"), float("inf"), "1", True)),
    *(
        (name, value)
        for name in ("last_post_at", "seen_at")
        for value in ("2026-11-01T09:00:00", "2026-11-01", "yesterday", "", 0, True, "0001-01-01T00:00:00+23:59")
    ),
    *(("nsfw", value) for value in (0, 1, "false", [])),
    *(("rules", value) for value in ("be kind", {"a": 1}, ["ok", 1], ["ok", None], ["\ud800"], True)),
]


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_a_value_not_of_its_type_is_refused_under_its_fields_name(name: str, value: object) -> None:
    with pytest.raises(ListingError) as caught:
        Listing.from_record(record(**{name: value}))
    assert name == caught.value.field
    assert len(caught.value.reason) < 250


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("lat", -90, -90.0),
        ("lon", 180, 180.0),
        ("members", 0, 0),
        ("members", 2**63 - 1, 2**63 - 1),
        ("posts_per_week", 0, 0.0),
        ("access", "closed", Access.CLOSED),
        ("kind", "newsletter", Kind.NEWSLETTER),
        ("rules", [], ()),
        ("description", "", ""),
        ("country", "United Kingdom", "United Kingdom"),
        ("title", "\u202ebackwards\x00", "\u202ebackwards\x00"),
        ("last_post_at", "2026-11-01T09:00:00Z", datetime(2026, 11, 1, 9, tzinfo=UTC)),
        ("last_post_at", "2026-11-01T09:00:00+05:30", datetime(2026, 11, 1, 3, 30, tzinfo=UTC)),
    ],
)
def test_the_edges_of_what_is_allowed_are_taken(name: str, value: object, expected: object) -> None:
    assert expected == getattr(Listing.from_record(record(**{name: value})), name)


def test_times_are_kept_in_utc() -> None:
    seen_at = Listing.from_record(record(seen_at="2026-11-01T09:00:00-05:00")).seen_at

    assert seen_at is not None
    assert timedelta(0) == seen_at.utcoffset()
    assert UTC is seen_at.tzinfo


def test_an_unknown_field_is_refused_by_its_name() -> None:
    with pytest.raises(ListingError, match=r"^memberz: no such field$"):
        Listing.from_record(record(memberz=1))


def test_an_unknown_field_is_refused_even_when_it_says_nothing() -> None:
    with pytest.raises(ListingError, match=r"^memberz: no such field$"):
        Listing.from_record(record(memberz=None))


def test_of_two_bad_fields_the_first_is_named() -> None:
    with pytest.raises(ListingError) as caught:
        Listing.from_record({"platform": "x", "members": -1, "title": 7, "nonsense": 1})
    assert "members" == caught.value.field


@pytest.mark.parametrize("name", ["\x1b[2Jgone", "\ud800", "\u202ename", "n" * 100_000, "a\nb"])
def test_an_unknown_fields_name_can_neither_move_the_cursor_nor_fill_the_screen(name: str) -> None:
    with pytest.raises(ListingError) as caught:
        Listing.from_record(record(**{name: 1}))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 450


@pytest.mark.parametrize("name", ["kind", "access", "seen_at", "members"])
def test_a_long_bad_value_is_not_repeated_in_the_error(name: str) -> None:
    with pytest.raises(ListingError) as caught:
        Listing.from_record(record(**{name: "\x1b[2J" * 100_000}))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 250


text = st.text(st.characters(exclude_categories=["Cs"]))
name = text.filter(lambda value: bool(value.strip()))
moments = st.datetimes(
    min_value=datetime(2, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone itself
    max_value=datetime(9998, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
finite = st.floats(allow_nan=False, allow_infinity=False)
count = st.integers(0, 2**63 - 1)
records = st.fixed_dictionaries(
    {"platform": name, "native_id": name, "title": name},
    optional={
        "kind": st.sampled_from([kind.value for kind in Kind]),
        "access": st.sampled_from([access.value for access in Access]),
        **dict.fromkeys(("url", "description", "place", "parent", "language", "source", "source_url", "licence"), text),
        "country": name,
        "lat": st.floats(-90, 90) | st.integers(-90, 90),
        "lon": st.floats(-180, 180),
        "members": count,
        "active_members": count,
        "topics": count,
        "posts": count,
        "posts_per_week": finite.map(abs),
        "last_post_at": moments.map(datetime.isoformat),
        "seen_at": moments.map(datetime.isoformat),
        "nsfw": st.booleans(),
        "rules": st.lists(text),
    },
)


@given(records)
def test_a_listing_survives_the_way_out_and_in_again(said: dict[str, Any]) -> None:
    listing = Listing.from_record(said)
    line = json.dumps(listing.to_record(), ensure_ascii=False, allow_nan=False)

    assert listing == Listing.from_record(json.loads(line))
    for key, value in said.items():
        if key in {"last_post_at", "seen_at"}:
            assert datetime.fromisoformat(value) == getattr(listing, key)
        elif value != []:
            assert value == listing.to_record()[key]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*FULL, "nonsense"]), json_values))
def test_whatever_is_in_a_record_it_is_a_listing_or_a_listing_error(said: dict[str, Any]) -> None:
    try:
        listing = Listing.from_record(said)
    except ListingError as error:
        assert error.field in {*FULL, "nonsense"}  # noqa: PT017 - most records are refused, and each by name
    else:
        assert VenueId(said["platform"], said["native_id"]) == listing.id


def test_an_areas_label_tells_it_from_its_namesakes() -> None:
    brighton = Area(
        id="geonames:2654710",
        name="Brighton",
        kind="city",
        country="GB",
        lat=50.8,
        lon=-0.1,
        radius_km=8,
        part_of=("East Sussex", "England", "United Kingdom"),
    )

    assert "Brighton, East Sussex, England" == brighton.label


def test_a_parts_points_are_its_weight_times_its_value() -> None:
    assert 11.25 == Part("audience", 45, 0.25, "near").points
