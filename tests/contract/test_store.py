"""What every store must do: one suite over all of them, through the contract alone."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from index.merging import Gone, Missed, Put, decide
from index.store import Found, Store, Wanted, open_store
from index.testing import BRIGHTON, HashEncoder
from index.words import text_of
from venues.errors import StoreError, VenueNotFound, WrongModel
from venues.model import CrawlRun, Kind, Listing, Scope, Site, VenueId, Whereabouts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from index.merging import Change
    from index.store import Vectors

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
ENCODER = HashEncoder()
OTHER = HashEncoder(model="other")
NOTHING = np.empty((0, 64), dtype=np.float32)


def where(*chain: str, lat: float = 50.82, lon: float = -0.14, radius_km: float = 5) -> Whereabouts:
    return Whereabouts(
        told_by="place",
        confidence=0.9,
        country=chain[-1].removeprefix("country:"),
        area_id=chain[0],
        name=chain[0].partition(":")[2].title(),
        lat=lat,
        lon=lon,
        radius_km=radius_km,
        within=chain[1:],
    )


WHERE = {
    Scope.LOCAL: where("town:brighton", "county:sussex", "country:GB"),
    Scope.CONTAINING: where("county:sussex", "country:GB", radius_km=50),
    Scope.NEARBY: where("town:lewes", "county:sussex", "country:GB", lat=50.87, lon=0.01),
    Scope.EVERYWHERE: None,
    Scope.ELSEWHERE: where("town:brighton-us", "country:US", lat=42.53, lon=-83.78),
}


def listing(native_id: str = "a", **fields: Any) -> Listing:
    given = {"platform": "forum", "native_id": native_id, "title": f"Forum {native_id}", "source": "s"} | fields
    return Listing(**given)


def changes_for(
    store: Store, listings: Sequence[Listing], place: Whereabouts | None = None, *, encoder: HashEncoder = ENCODER
) -> tuple[list[Change], Vectors]:
    known = store.known({one.id for one in listings}, encoder.model)
    changes = [
        replace(change, whereabouts=place) if isinstance(change, Put) else change
        for change in decide(known, listings, NOW)
    ]
    texts = [text_of(change.merged) for change in changes if isinstance(change, Put) and change.embed]
    return changes, encoder.encode(texts)


def take(store: Store, *listings: Listing, place: Whereabouts | None = None, encoder: HashEncoder = ENCODER) -> None:
    changes, vectors = changes_for(store, listings, place, encoder=encoder)
    store.apply(changes, vectors, encoder.model)


def wanted(words: str = "forum", encoder: HashEncoder = ENCODER, **fields: Any) -> Wanted:
    return Wanted(words=words, vector=encoder.encode([words])[0], model=encoder.model, **fields)


def found(store: Store, words: str = "forum", limit: int = 100, **fields: Any) -> list[str]:
    return [one.venue.id.native_id for one in store.candidates(wanted(words, **fields), limit).candidates]


def run(site: str = "site", *, started_at: datetime = NOW, **fields: Any) -> CrawlRun:
    defaults = {"finished_at": started_at + timedelta(minutes=1), "state": "read", "complete": True}
    return CrawlRun(site=site, started_at=started_at, **defaults | fields)


def site(name: str = "site", **fields: Any) -> Site:
    return Site(**{"name": name, "platform": "matrix"} | fields)


def contents(store: Store) -> dict[str, Any]:
    """Everything that can be seen of a store."""
    return {
        "listings": list(store.listings()),
        "venues": [store.venue(one.id) for one in store.listings()],
        "found": store.candidates(wanted(), 1000) if store.count() else [],
        "count": store.count(),
        "runs": store.runs(100),
        "coverage": store.coverage(None),
    }


@dataclass
class Place:
    """Where a store is kept, so that it can be opened more than once."""

    name: str
    shared: bool
    """Whether two that are opened see the same venues."""
    opened: list[Store]

    def open(self) -> Store:
        store = open_store(self.name)
        self.opened.append(store)
        return store


@pytest.fixture(params=["memory", "file"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    shared = request.param == "file"
    place = Place(str(tmp_path / "venues.db") if shared else ":memory:", shared, [])
    yield place
    for store in place.opened:
        store.close()


@pytest.fixture
def store(place: Place) -> Store:
    return place.open()


@pytest.fixture
def shared(place: Place) -> Place:
    if not place.shared:
        pytest.skip("each store in memory is alone")
    return place


# an empty store


def test_an_empty_store_answers_everything_with_nothing(store: Store) -> None:
    assert Found([], {}) == store.candidates(wanted(area=BRIGHTON), 10)
    assert (0, {}, {}, []) == (store.count(), store.known([ID], "m"), store.listed_by("s"), list(store.listings()))
    assert ([], [], []) == (store.runs(5), store.coverage(None), store.unembedded("m", 5))
    assert [] == store.claim_due(NOW, DAY, 5)


def test_a_venue_that_is_not_there_is_an_error_that_names_it(store: Store) -> None:
    with pytest.raises(VenueNotFound, match="forum:nobody") as caught:
        store.venue(VenueId("forum", "nobody"))
    assert VenueId("forum", "nobody") == caught.value.venue_id


def test_a_store_is_up_to_date_once_open(store: Store) -> None:
    assert [] == store.migrate()


def test_closing_twice_is_safe_and_using_it_afterwards_is_a_store_error(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError):
        store.count()


def test_a_kind_of_store_that_is_not_known_is_refused() -> None:
    with pytest.raises(StoreError, match="mongodb"):
        open_store("mongodb://secret@host/venues")


# writing


def test_a_venue_comes_back_as_it_was_given(store: Store) -> None:
    given = listing(
        kind=Kind.CHAT,
        description="Zürich \x00 \u202e 🎉",
        members=2**63 - 1,
        lat=50.8,
        lon=-0.1,
        rules=("a", "b"),
        seen_at=NOW - DAY,
        last_post_at=NOW - 2 * DAY,
        nsfw=False,
        url="https://example.org/a",
        licence="CC0",
    )
    take(store, given, place=WHERE[Scope.LOCAL])
    venue = store.venue(given.id)

    assert (given, WHERE[Scope.LOCAL]) == (venue.listing, venue.whereabouts)
    assert [("s", "https://example.org/a", NOW - DAY, "CC0")] == [
        (one.source, one.url, one.seen_at, one.licence) for one in venue.evidence
    ]
    assert (NOW - DAY, NOW - DAY) == (venue.first_seen, venue.last_seen)
    assert [given] == list(store.listings())


def test_evidence_is_newest_first_and_first_seen_stays(store: Store) -> None:
    take(store, listing(source="old", seen_at=NOW - 9 * DAY))
    take(store, listing(source="new", seen_at=NOW - DAY))
    take(store, listing(source="old", members=1, seen_at=NOW - 5 * DAY))
    venue = store.venue(ID)

    assert ["new", "old"] == [one.source for one in venue.evidence]
    assert (NOW - 9 * DAY, NOW - DAY) == (venue.first_seen, venue.last_seen)


def test_a_venue_read_before_an_update_is_read_anew_after_it(store: Store) -> None:
    take(store, listing(title="Before"))
    assert "Before" == store.venue(ID).listing.title
    assert ["Before"] == [one.venue.listing.title for one in store.candidates(wanted(), 5).candidates]

    take(store, listing(title="After"))

    assert "After" == store.venue(ID).listing.title
    assert ["After"] == [one.venue.listing.title for one in store.candidates(wanted(), 5).candidates]


def test_known_tells_what_each_source_said_and_whether_this_model_embedded_it(store: Store) -> None:
    take(store, listing(source="s"), listing(source="t", members=5))
    known = store.known([ID, VenueId("forum", "absent")], ENCODER.model)

    assert [ID] == list(known)
    assert {"s", "t"} == set(known[ID].said)
    assert {(NOW, 0)} == {(said.seen_at, said.missed) for said in known[ID].said.values()}
    assert isinstance(known[ID].words_hash, str)
    assert store.known([ID], OTHER.model)[ID].words_hash is None


def test_known_takes_any_number_of_venues(store: Store) -> None:
    many = [listing(str(number)) for number in range(1203)]
    take(store, *many)

    assert {one.id for one in many} == set(store.known([one.id for one in many], ENCODER.model))


def test_a_touch_moves_the_date_alone(store: Store) -> None:
    take(store, listing(seen_at=NOW - DAY))
    take(store, listing(seen_at=NOW))

    assert NOW == store.venue(ID).last_seen
    assert NOW == store.known([ID], ENCODER.model)[ID].said["s"].seen_at


def test_listings_are_ordered_by_identity_and_source_whatever_the_order_of_writing(store: Store) -> None:
    keys = [(platform, native, source) for platform in "zaM" for native in ("10", "9", "é", "Z") for source in "ts"]
    take(store, *(listing(native, platform=platform, source=source) for platform, native, source in keys))

    assert sorted(keys) == [(one.platform, one.native_id, one.source) for one in store.listings()]


def test_listings_are_all_yielded_however_many(store: Store) -> None:
    take(store, *(listing(str(number), source=source) for number in range(701) for source in ("s", "t")))

    assert 1402 == len(list(store.listings()))


def test_writing_while_listings_are_read_disturbs_neither(store: Store) -> None:
    take(store, *(listing(f"{number:04}") for number in range(1200)))
    read = store.listings()
    first = next(read)
    take(store, listing("0000", members=5), listing("zzz"))

    assert ["0000", "zzz"] == [first.native_id, [*read][-1].native_id]


# all or nothing


def spoilt(store: Store) -> dict[str, tuple[Any, ...]]:
    changes, vectors = changes_for(store, [listing("b"), listing("c")])
    broken = replace(changes[1], listing=replace(listing("c"), title="\ud800"))  # type: ignore[type-var]
    return {
        "too few vectors": (changes, vectors[:1]),
        "too many vectors": (changes, np.vstack([vectors, vectors])),
        "vectors too short": (changes, vectors[:, :10]),
        "vectors of one dimension": (changes, vectors[:, 0]),
        "a change that cannot be written": ([changes[0], broken], vectors),
        "a run that cannot be written": (changes, vectors, ENCODER.model, replace(run(), error="\ud800")),
        "another model": (changes, vectors, OTHER.model),
    }


@pytest.mark.parametrize("fault", list(spoilt(open_store(":memory:"))))
def test_changes_are_written_all_or_none(store: Store, fault: str) -> None:
    take(store, listing("a"))
    changes, vectors, *rest = spoilt(store)[fault]
    before = contents(store)

    with pytest.raises((StoreError, ValueError, IndexError)):
        store.apply(changes, vectors, *(rest or [ENCODER.model]))
    assert before == contents(store)

    take(store, listing("b"))
    assert 2 == store.count()


def test_an_interruption_in_the_middle_of_writing_leaves_nothing(store: Store) -> None:
    class Interrupting(np.ndarray):  # type: ignore[type-arg]
        def astype(self, *args: Any, **kwargs: Any) -> Any:
            raise KeyboardInterrupt

    take(store, listing("a"))
    before = contents(store)
    changes, vectors = changes_for(store, [listing("b")])

    with pytest.raises(KeyboardInterrupt):
        store.apply(changes, vectors.view(Interrupting), ENCODER.model)
    assert before == contents(store)


def test_changes_and_the_run_are_written_together(store: Store) -> None:
    changes, vectors = changes_for(store, [listing("a")])
    store.apply(changes, vectors, ENCODER.model, run())

    assert (1, [run()]) == (store.count(), store.runs(5))


# models


def test_a_question_in_another_models_terms_is_refused_with_both_names(store: Store) -> None:
    take(store, listing())

    with pytest.raises(WrongModel) as caught:
        store.candidates(wanted(encoder=OTHER), 5)
    assert (ENCODER.model, OTHER.model) == (caught.value.stored, caught.value.wanted)


def test_a_store_is_embedded_anew_bit_by_bit(store: Store) -> None:
    take(store, *(listing(str(number)) for number in range(5)))

    while batch := store.unembedded(OTHER.model, 2):
        assert len(batch) <= 2
        store.embed(batch, OTHER.encode([text_of(one) for one in batch]), OTHER.model)
        assert store.candidates(wanted(), 5).candidates
    store.keep_model(OTHER.model)

    assert [str(number) for number in range(5)] == sorted(
        one.venue.id.native_id for one in store.candidates(wanted(encoder=OTHER), 5).candidates
    )
    with pytest.raises(WrongModel):
        store.candidates(wanted(), 5)


def test_words_that_change_while_a_store_is_embedded_anew_are_embedded_anew_too(store: Store) -> None:
    take(store, listing("a"), listing("b"))
    store.embed([listing("a")], OTHER.encode(["Forum a"]), OTHER.model)

    take(store, listing("a", title="Other words"))

    assert {"a", "b"} == {one.native_id for one in store.unembedded(OTHER.model, 5)}


def test_embedding_with_vectors_of_another_length_is_refused_whole(store: Store) -> None:
    take(store, listing("a"))
    before = contents(store)

    with pytest.raises(StoreError, match="64"):
        store.embed([listing("a")], ENCODER.encode(["x"])[:, :5], ENCODER.model)
    with pytest.raises(ValueError, match="longer"):
        store.embed([listing("a")], ENCODER.encode(["x", "y"]), ENCODER.model)
    assert before == contents(store)


# gone, and back


ID = VenueId("forum", "a")


def lose(store: Store, *changes: Change) -> None:
    store.apply(changes, NOTHING, ENCODER.model, run())


def test_a_missed_venue_is_still_there_and_counted(store: Store) -> None:
    take(store, listing())
    lose(store, Missed(ID, "s", 1))

    assert ({ID: 1}, 1, ["a"]) == (store.listed_by("s"), store.count(), found(store))


def test_a_gone_venue_is_neither_counted_nor_suggested_nor_exported_but_known(store: Store) -> None:
    take(store, listing())
    lose(store, Gone(ID, "s"))

    assert ({}, 0, [], []) == (store.listed_by("s"), store.count(), found(store), list(store.listings()))
    assert {"gone": 1} == store.candidates(wanted(), 5).left_out
    assert [ID] == list(store.known([ID], ENCODER.model))


@pytest.mark.parametrize("missed_before", [True, False])
def test_a_gone_venue_that_is_listed_again_as_it_was_reappears(store: Store, missed_before: bool) -> None:
    take(store, listing())
    if missed_before:
        lose(store, Missed(ID, "s", 1))
    lose(store, Gone(ID, "s"))

    take(store, listing())

    assert ({ID: 0}, 1, ["a"]) == (store.listed_by("s"), store.count(), found(store))
    assert 1 == len(list(store.listings()))


def test_a_venue_is_there_as_long_as_one_source_lists_it(store: Store) -> None:
    take(store, listing(source="s"), listing(source="t"))
    lose(store, Gone(ID, "s"))
    assert (1, {}, {ID: 0}) == (store.count(), store.listed_by("s"), store.listed_by("t"))

    lose(store, Gone(ID, "t"))
    assert 0 == store.count()


def test_losing_what_is_not_there_changes_nothing(store: Store) -> None:
    take(store, listing())
    lose(store, Gone(VenueId("forum", "x"), "s"), Missed(ID, "nobody", 1), Gone(ID, "nobody"))

    assert ({ID: 0}, 1) == (store.listed_by("s"), store.count())


# opting out


def test_a_venue_that_opted_out_is_left_out_and_counted_aloud(store: Store) -> None:
    take(store, listing("a"), listing("b"))
    assert {"a", "b"} == set(found(store))

    store.opt_out(ID, "asked")
    store.opt_out(ID, "asked twice")

    assert (["b"], {"opted out": 1}) == (found(store), store.candidates(wanted(), 5).left_out)


def test_a_venue_that_is_gone_or_opted_out_is_withdrawn_and_no_other(store: Store) -> None:
    take(store, listing("a"), listing("b"), listing("c"))
    lose(store, Gone(VenueId("forum", "b"), "s"))
    store.opt_out(VenueId("forum", "c"), "asked")
    ids = [VenueId("forum", name) for name in ("a", "b", "c", "never")]

    assert {ids[1]: False, ids[2]: True, ids[3]: False} == store.withdrawn(ids)
    assert {} == store.withdrawn([])


def test_a_venue_can_opt_out_before_it_is_ever_listed(store: Store) -> None:
    store.opt_out(ID, "asked")
    take(store, listing("a"), listing("b"))
    take(store, listing("a", title="New name"))

    assert ["b"] == found(store)


# searching


def test_each_reason_for_leaving_out_is_counted(store: Store) -> None:
    take(store, listing("here"), place=WHERE[Scope.LOCAL])
    take(store, listing("unsafe", nsfw=True), place=WHERE[Scope.LOCAL])
    take(store, listing("chat", kind=Kind.CHAT), place=WHERE[Scope.LOCAL])
    take(store, listing("far"), listing("farther"), place=WHERE[Scope.ELSEWHERE])
    take(store, listing("gone"))
    lose(store, Gone(VenueId("forum", "gone"), "s"))

    result = store.candidates(wanted(area=BRIGHTON, kinds=frozenset({"other"})), 10)

    assert ["here"] == [one.venue.id.native_id for one in result.candidates]
    assert {"not safe for work": 1, "another kind": 1, "elsewhere": 2, "gone": 1} == result.left_out


@pytest.mark.parametrize("scope", list(Scope))
def test_a_candidate_says_how_it_stands_to_the_area(store: Store, scope: Scope) -> None:
    take(store, listing(), place=WHERE[scope])
    candidates = store.candidates(wanted(area=BRIGHTON), 5).candidates

    assert ([] if scope is Scope.ELSEWHERE else [scope]) == [one.scope for one in candidates]
    if scope is Scope.NEARBY:
        assert 12.0 == pytest.approx(candidates[0].distance_km, abs=0.5)
    if scope is Scope.EVERYWHERE:
        assert candidates[0].distance_km is None


def test_a_radius_overrides_the_areas_own(store: Store) -> None:
    take(store, listing(), place=WHERE[Scope.NEARBY])

    assert [Scope.LOCAL] == [one.scope for one in store.candidates(wanted(area=BRIGHTON, radius_km=20), 5).candidates]


def test_where_no_area_is_asked_the_home_country_and_the_placeless_are_candidates(store: Store) -> None:
    take(store, listing("here"), place=WHERE[Scope.LOCAL])
    take(store, listing("us"), place=WHERE[Scope.ELSEWHERE])
    take(store, listing("nowhere"))

    assert {"here", "nowhere"} == set(found(store))
    assert {"us", "nowhere"} == set(found(store, home="US"))


def test_words_of_the_query_are_found_in_names_and_descriptions(store: Store) -> None:
    take(store, listing("a", title="Knitting in the park"), listing("b", description="We love to knit"), listing("c"))
    words = {one.venue.id.native_id: one.words for one in store.candidates(wanted("knitters knitting"), 9).candidates}

    assert words["a"] > 0
    assert words["b"] > 0
    assert 0 == words["c"]


def test_words_no_longer_said_are_no_longer_found(store: Store) -> None:
    take(store, listing(title="Knitting"))
    take(store, listing(title="Crochet"))

    assert [0.0] == [one.words for one in store.candidates(wanted("knitting"), 5).candidates]
    assert [True] == [one.words > 0 for one in store.candidates(wanted("crochet"), 5).candidates]


@pytest.mark.parametrize(
    "words",
    [
        "",
        "   ",
        "the and of",
        '"',
        'young "mums',
        "NEAR(a b) AND NOT c*",
        "name:forum",
        "^forum",
        "_ __ ___",
        "a\x00b",
        "\ud800",
        "🎉",
        "'; DROP TABLE venues; --",
        "forum " * 20_000,
        " ".join(f"word{number}" for number in range(20_000)),
        "x" * 1_000_000,
        "e\u0301cole ÀÉ ß",
        "日本語 フォーラム",
    ],
    ids=lambda words: ascii(words[:20]),
)
def test_no_words_can_break_a_search(store: Store, words: str) -> None:
    take(store, listing("a"), listing("b"))

    asked = Wanted(words=words, vector=ENCODER.encode(["forum"])[0], model=ENCODER.model)
    assert {"a", "b"} == {one.venue.id.native_id for one in store.candidates(asked, 5).candidates}


def test_equal_venues_come_in_the_same_order_every_time(store: Store) -> None:
    take(store, *(listing(str(number), title="Same") for number in range(50)))
    first = found(store, "Same", limit=7)
    take(store, listing("other", title="Nothing alike"))

    assert 7 == len(first)
    assert first == found(store, "Same", limit=7)


@pytest.mark.parametrize("limit", [1, 2, 3, 9, 10, 40])
def test_never_more_than_the_limit_and_never_fewer_than_there_are(store: Store, limit: int) -> None:
    for scope, whereabouts in WHERE.items():
        take(store, *(listing(f"{scope}{number}") for number in range(5)), place=whereabouts)

    assert min(limit, 20) == len(found(store, limit=limit, area=BRIGHTON))


def fill(store: Store, rows: Sequence[tuple[Listing, Whereabouts | None]], vectors: Vectors) -> None:
    pairs = dict(rows)
    changes = [
        replace(change, whereabouts=pairs[change.listing])
        for change in decide({}, list(pairs), NOW)
        if isinstance(change, Put)
    ]
    assert len(vectors) == sum(change.embed for change in changes)
    store.apply(changes, vectors, ENCODER.model)


def directions(rows: int, chance: np.random.Generator) -> Vectors:
    """Vectors of length 1 as a store keeps them, so that ours and its cosines are the same."""
    vectors = chance.standard_normal((rows, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float16).astype(np.float32)


SHARES = {Scope.LOCAL: 0.5, Scope.CONTAINING: 0.2, Scope.NEARBY: 0.1, Scope.EVERYWHERE: 0.2}


@pytest.mark.parametrize("seed", range(6))
def test_filtered_neighbours_are_those_of_an_exhaustive_search(store: Store, seed: int) -> None:
    chance = np.random.default_rng(seed)
    size = int(chance.integers(50, 900))
    scopes = chance.choice(list(Scope), size, p=chance.dirichlet(np.ones(len(Scope)))).tolist()
    kinds = chance.choice(list(Kind)[:3], size).tolist()
    rows = [
        (listing(f"{number}", kind=Kind(kind), nsfw=bool(chance.random() < 0.1)), WHERE[Scope(scope)])
        for number, (kind, scope) in enumerate(zip(kinds, scopes, strict=True))
    ]
    vectors = directions(size, chance)
    fill(store, rows, vectors)
    asked = directions(1, chance)[0]
    limit = int(chance.integers(1, 200))
    wanted_kinds = frozenset([Kind.GROUP, Kind.FORUM]) if seed % 2 else frozenset[str]()

    result = store.candidates(
        Wanted(words="", vector=asked, model=ENCODER.model, area=BRIGHTON, kinds=wanted_kinds), limit
    )

    cosine = {str(number): float(vectors[number] @ asked) for number in range(size)}
    allowed = {
        one.native_id: Scope(scope)
        for (one, _), scope in zip(rows, scopes, strict=True)
        if not one.nsfw and scope != Scope.ELSEWHERE and (not wanted_kinds or one.kind in wanted_kinds)
    }
    got = {one.venue.id.native_id: one for one in result.candidates}
    assert min(limit, len(allowed)) == len(got) == len(result.candidates)
    assert {name: allowed[name] for name in got} == {name: one.scope for name, one in got.items()}
    for name, one in got.items():
        assert cosine[name] == pytest.approx(one.similarity, abs=1e-5)
    spare: list[float] = []
    for scope, share in SHARES.items():
        ordered = sorted((name for name in allowed if allowed[name] == scope), key=lambda name: -cosine[name])
        taken = [name for name in ordered if name in got]
        assert ordered[: len(taken)] == taken
        assert min(int(limit * share), len(ordered)) <= len(taken)
        spare += [cosine[name] for name in taken[int(limit * share) :]]
    left = [cosine[name] for name in allowed if name not in got]
    assert min(spare, default=1) >= max(left, default=-1) - 1e-6


def test_neither_thousands_of_local_nor_of_placeless_venues_crowd_the_others_out(store: Store) -> None:
    sizes = {Scope.LOCAL: 4000, Scope.EVERYWHERE: 9000, Scope.CONTAINING: 60, Scope.NEARBY: 30}
    chance = np.random.default_rng(1)
    rows = [(listing(f"{scope}{number}"), WHERE[scope]) for scope, size in sizes.items() for number in range(size)]
    vectors = directions(len(rows), chance)
    asked = directions(1, chance)[0]
    # The few are the worst matches of all: only their share can bring them in.
    vectors[-90:] = -asked
    fill(store, rows, vectors)

    result = store.candidates(Wanted(words="", vector=asked, model=ENCODER.model, area=BRIGHTON), 200)

    assert {Scope.LOCAL: 100, Scope.CONTAINING: 40, Scope.NEARBY: 20, Scope.EVERYWHERE: 40} == Counter(
        one.scope for one in result.candidates
    )


# sites and runs


def test_a_site_is_claimed_when_its_time_has_come_and_then_by_nobody_else(store: Store) -> None:
    named = site(options=(("a", "1"), ("base_url", "https://example.org")), reason="why")
    store.set_jobs([(named, NOW), (site("later"), NOW + DAY)])

    assert [] == store.claim_due(NOW - timedelta(seconds=1), DAY, 5)
    assert [(named, NOW)] == [(job.site, job.due_at) for job in store.claim_due(NOW, DAY, 5)]
    assert [] == store.claim_due(NOW, DAY, 5)


def test_a_claim_ends_with_its_lease(store: Store) -> None:
    store.set_jobs([(site(), NOW)])
    store.claim_due(NOW, timedelta(hours=1), 5)

    assert [] == store.claim_due(NOW + timedelta(minutes=59), DAY, 5)
    assert [NOW] == [job.due_at for job in store.claim_due(NOW + timedelta(hours=1), DAY, 5)]


def test_a_claim_is_prolonged_or_given_back(store: Store) -> None:
    store.set_jobs([(site("a"), NOW), (site("b"), NOW), (site("unclaimed"), NOW + DAY)])
    store.claim_due(NOW, timedelta(hours=1), 5)
    store.prolong(["a", "unclaimed", "unknown"], NOW + timedelta(hours=3))
    store.prolong(["b"], NOW)

    assert ["b"] == [job.site.name for job in store.claim_due(NOW, timedelta(minutes=1), 5)]
    assert ["b"] == [job.site.name for job in store.claim_due(NOW + timedelta(hours=2), timedelta(minutes=1), 5)]
    assert 3 == len(store.claim_due(NOW + DAY, DAY, 5)), "what was never claimed is not held"


def test_a_run_gives_the_site_back_with_its_next_due_time(store: Store) -> None:
    store.set_jobs([(site(), NOW)])
    store.claim_due(NOW, 9 * DAY, 5)
    store.apply([], NOTHING, ENCODER.model, run(next_due=NOW + DAY))

    assert [] == store.claim_due(NOW + DAY - timedelta(seconds=1), DAY, 5)
    assert [NOW + DAY] == [job.due_at for job in store.claim_due(NOW + DAY, DAY, 5)]


def test_registering_a_site_again_keeps_its_time_and_its_claim_but_takes_its_new_options(store: Store) -> None:
    store.set_jobs([(site(), NOW)])
    store.set_jobs([(site(options=(("a", "2"),)), NOW + 9 * DAY)])
    (job,) = store.claim_due(NOW, DAY, 5)
    store.set_jobs([(site(), NOW - DAY)])

    assert ((("a", "2"),), NOW) == (job.site.options, job.due_at)
    assert [] == store.claim_due(NOW, DAY, 5)


def test_sites_are_claimed_longest_due_first_and_no_more_than_asked(store: Store) -> None:
    store.set_jobs([(site("b"), NOW), (site("a"), NOW), (site("old"), NOW - DAY)])

    assert ["old", "a"] == [job.site.name for job in store.claim_due(NOW, DAY, 2)]
    assert ["b"] == [job.site.name for job in store.claim_due(NOW, DAY, 2)]


def test_a_site_is_kept_with_all_that_is_set_of_it(store: Store) -> None:
    whole = site(
        options=(("base_url", "https://example.org"),), place="Leeds", country="GB", area="Leeds, Alabama", reason="why"
    )
    store.set_jobs([(whole, NOW)])

    assert [whole] == [state.site for state in store.sites()]
    assert [whole] == [job.site for job in store.claim_due(NOW, DAY, 5)]


def test_every_site_is_told_with_its_latest_run_and_its_claim(store: Store) -> None:
    store.set_jobs([(site("b"), NOW), (site("a"), NOW + DAY)])
    store.apply([], NOTHING, ENCODER.model, run("b", started_at=NOW - DAY, listings=1))
    store.apply([], NOTHING, ENCODER.model, run("b", started_at=NOW, listings=2))
    store.claim_due(NOW, DAY, 5)

    first, second = store.sites()
    assert ("a", NOW + DAY, None, None) == (first.site.name, first.due_at, first.leased_until, first.last)
    assert ("b", NOW, NOW + DAY) == (second.site.name, second.due_at, second.leased_until)
    assert second.last is not None
    assert 2 == second.last.listings


def test_a_site_that_is_switched_off_is_never_due_and_stays_off(store: Store) -> None:
    store.set_jobs([(site(), NOW)])
    assert store.set_due("site", None)
    store.set_jobs([(site(), NOW)])

    assert [] == store.claim_due(NOW + 9999 * DAY, DAY, 5)
    assert [None] == [state.due_at for state in store.sites()]
    assert store.set_due("site", NOW)
    assert ["site"] == [job.site.name for job in store.claim_due(NOW, DAY, 5)]
    assert not store.set_due("another", NOW)


def test_only_those_asked_for_are_claimed(store: Store) -> None:
    store.set_jobs([(site("a"), NOW), (site("b"), NOW), (site("later"), NOW + DAY)])

    assert ["b"] == [job.site.name for job in store.claim_due(NOW, DAY, 5, among={"b", "later", "unknown"})]
    assert [] == store.claim_due(NOW, DAY, 5, among=())
    assert ["a"] == [job.site.name for job in store.claim_due(NOW, DAY, 5)]


def test_due_times_in_other_zones_mean_the_same_moment(store: Store) -> None:
    store.set_jobs([(site(), datetime.fromisoformat("2026-11-01T10:00:00+05:00"))])

    assert 1 == len(store.claim_due(datetime.fromisoformat("2026-11-01T05:00:00+00:00"), DAY, 5))


def test_registering_is_all_or_nothing(store: Store) -> None:
    def jobs() -> Iterator[tuple[Site, datetime]]:
        yield site(), NOW
        raise RuntimeError("the second cannot be made")

    with pytest.raises(RuntimeError):
        store.set_jobs(jobs())
    assert [] == store.claim_due(NOW, DAY, 5)


def test_two_claimers_never_hold_the_same_site(shared: Place) -> None:
    first = shared.open()
    first.set_jobs((site(f"site {number:02}"), NOW) for number in range(60))
    stores = [first, first, shared.open(), shared.open()]

    def claim(store: Store) -> list[str]:
        names = []
        while jobs := store.claim_due(NOW, DAY, 1):
            names += [job.site.name for job in jobs]
        return names

    with ThreadPoolExecutor(len(stores)) as pool:
        claimed = [name for names in pool.map(claim, stores) for name in names]

    assert [f"site {number:02}" for number in range(60)] == sorted(claimed)


def test_runs_come_back_whole_and_newest_first(store: Store) -> None:
    whole = run(
        requests=5,
        listings=4,
        added=3,
        updated=2,
        gone=1,
        refused=("https://a: robots.txt",),
        error="a fault",
        next_due=NOW + DAY,
        area="town:brighton",
    )
    for one in (whole, run(started_at=NOW - DAY), run("other", started_at=NOW + DAY)):
        store.apply([], NOTHING, ENCODER.model, one)

    assert [run("other", started_at=NOW + DAY), whole] == store.runs(2)
    assert [whole, run(started_at=NOW - DAY)] == store.runs(5, "site")


def test_coverage_is_the_last_word_on_each_site_for_the_area_or_for_everywhere(store: Store) -> None:
    for one in (
        run("a", started_at=NOW - DAY),
        run("a", state="failed", error="down"),
        run("b", area=BRIGHTON.id),
        run("c", area="town:leeds"),
    ):
        store.apply([], NOTHING, ENCODER.model, one)

    said = [(one.site, one.state, one.seen_at, one.note) for one in store.coverage(BRIGHTON)]
    assert [
        ("a", "failed", NOW + timedelta(minutes=1), "down"),
        ("b", "read", NOW + timedelta(minutes=1), None),
    ] == said
    assert ["a"] == [one.site for one in store.coverage(None)]


# several at once


def test_a_search_sees_what_another_connection_wrote(shared: Place) -> None:
    ours, theirs = shared.open(), shared.open()
    take(ours, listing("a"))
    assert (["a"], ["a"]) == (found(ours), found(theirs))
    assert "Forum a" == ours.venue(ID).listing.title

    take(theirs, listing("b"), listing("a", title="Forum renamed"))

    assert {"a", "b"} == set(found(ours)) == set(found(theirs))
    assert "Forum renamed" == ours.venue(ID).listing.title

    ours.opt_out(ID, "asked")
    assert (["b"], ["b"]) == (found(ours), found(theirs))


def test_what_is_written_is_there_when_the_store_is_opened_again(shared: Place) -> None:
    first = shared.open()
    take(first, listing(), place=WHERE[Scope.LOCAL])
    store_contents = contents(first)
    first.close()

    assert store_contents == contents(shared.open())


def hammer(works: Sequence[Callable[[], object]], seconds: float = 1.5) -> None:
    """Do all of these again and again, all at once; whatever one raises is raised."""
    ends = datetime.now(UTC) + timedelta(seconds=seconds)

    def repeat(work: Callable[[], object]) -> None:
        while datetime.now(UTC) < ends:
            work()

    with ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(repeat, work) for work in works]:
            future.result()


def test_searching_while_others_write_never_fails(shared: Place) -> None:
    reader, writer = shared.open(), shared.open()
    numbers = count()
    take(writer, *(listing(f"first {number}") for number in range(200)))

    def write() -> None:
        take(writer, *(listing(str(next(numbers))) for _ in range(3)))

    def read() -> None:
        assert 10 == len(found(reader, limit=10))

    hammer([write, read, read])
    assert 200 + next(numbers) == reader.count()


def test_one_store_can_be_shared_between_threads(store: Store) -> None:
    numbers = count()
    take(store, listing("first"))

    def write() -> None:
        take(store, listing(str(next(numbers))))

    hammer([write, write, lambda: found(store), lambda: list(store.listings()), store.count], seconds=1)
    assert 1 + next(numbers) == store.count()
