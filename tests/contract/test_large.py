"""A store so large that not all of it is looked at finds what a small one finds, whatever happens to its file."""

from __future__ import annotations

import math
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

from index import arrayfile, cells_build, keeping, looking, searching
from index.merging import Gone, Put, decide
from index.sqlite import SqliteStore
from index.store import Wanted
from index.testing import BRIGHTON, SUSSEX
from venues.errors import WrongModel
from venues.model import Area, Candidate, Kind, Listing, Scope, Whereabouts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.store import Found, Vectors

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
MODEL = "made up"
NEVER = 1 << 60
DIMENSIONS = 48
CHAINS = [
    ("town:brighton", "county:sussex", "country:GB"),
    ("town:hove", "town:brighton", "county:sussex", "country:GB"),
    ("town:lewes", "county:sussex", "country:GB"),
    ("county:sussex", "country:GB"),
    ("country:GB",),
    ("town:leeds", "country:GB"),
    ("town:paris", "country:FR"),
    (),
    (),
    (),
]


class Row(NamedTuple):
    """A venue with where it is and its vector."""

    listing: Listing
    where: Whereabouts | None
    vector: Vectors


def unit(vectors: Vectors) -> Vectors:
    """Vectors of length 1 as a store keeps them."""
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors.astype(np.float16).astype(np.float32)


def where(chain: tuple[str, ...], chance: np.random.Generator) -> Whereabouts | None:
    if not chain:
        return None
    known = chance.random() < 0.9
    return Whereabouts(
        told_by="place",
        confidence=0.9,
        country=chain[-1].removeprefix("country:"),
        area_id=chain[0],
        lat=float(50.82 + chance.normal(0, 0.2)) if known else None,
        lon=float(-0.14 + chance.normal(0, 0.3)) if known else None,
        radius_km=float(chance.choice([1, 5, 59, 61, 500])) if known else None,
        within=chain[1:],
    )


def rows(count: int, seed: int, *, kinds: int = 3, centres: int = 60, first: int = 0, spread: float = 1.0) -> list[Row]:
    """Venues in clusters of near vectors, each cluster with words of its own."""
    chance = np.random.default_rng(seed)
    middles = unit(np.random.default_rng(7).standard_normal((centres, DIMENSIONS)).astype(np.float32))
    of = chance.integers(centres, size=count)
    noise = chance.standard_normal((count, DIMENSIONS)).astype(np.float32)
    vectors = unit(middles[of] + spread * noise / np.sqrt(np.float32(DIMENSIONS)))
    return [
        Row(
            Listing(
                platform="forum",
                native_id=str(first + number),
                title=f"Forum w{of[number]} {chance.choice(['red', 'blue', 'common'])}",
                description="common words here" if chance.random() < 0.3 else None,
                kind=list(Kind)[int(chance.integers(kinds))],
                nsfw=bool(chance.random() < 0.05),
                source="s",
            ),
            where(CHAINS[int(chance.integers(len(CHAINS)))], chance),
            vectors[number],
        )
        for number in range(count)
    ]


def fill(store: SqliteStore, given: Sequence[Row], *, model: str = MODEL) -> None:
    known = store.known([row.listing.id for row in given], model)
    by_listing = {row.listing.id: row for row in given}
    puts = [
        replace(change, whereabouts=by_listing[change.listing.id].where)
        for change in decide(known, [row.listing for row in given], NOW)
        if isinstance(change, Put)
    ]
    vectors = [by_listing[put.listing.id].vector for put in puts if put.embed]
    store.apply(puts, np.stack(vectors) if vectors else np.empty((0, DIMENSIONS), np.float32), model)


def asked(vector: Vectors, words: str = "", **fields: Any) -> Wanted:
    return Wanted(words=words, asked=words, vector=vector, model=MODEL, **fields)


def names(found: Found) -> list[str]:
    return [one.venue.id.native_id for one in found.candidates]


def path_of(store: SqliteStore) -> Path:
    return cells_build.cells_path(Path(store.path))


# written out plainly: what the search must find, one venue after another


def kilometres(area: Area, where: Whereabouts) -> float:
    if where.lat is None or where.lon is None:
        return math.nan
    lat, to_lat = math.radians(area.lat), math.radians(where.lat)
    turn = math.radians(where.lon - area.lon)
    half = math.sin((to_lat - lat) / 2) ** 2 + math.cos(lat) * math.cos(to_lat) * math.sin(turn / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(half))


def scope_of(row: Row, wanted: Wanted) -> Scope:
    area, place = wanted.area, row.where
    if place is None:
        return Scope.EVERYWHERE
    chain = (place.area_id, *place.within)
    broad = (place.radius_km or 0) > 60
    if area is None:
        home = Scope.CONTAINING if broad else Scope.NEARBY
        return home if f"country:{wanted.home}" in chain else Scope.ELSEWHERE
    if area.id in chain:
        return Scope.LOCAL
    if chain[0] in area.within:
        just_covers = place.radius_km is not None and place.radius_km <= 1.5 * area.radius_km
        return Scope.LOCAL if just_covers else Scope.CONTAINING
    away = math.inf if broad else kilometres(area, place)
    border = -1 if area.kind == "county" else area.radius_km
    if away <= (border if wanted.radius_km is None else wanted.radius_km):
        return Scope.LOCAL
    return Scope.NEARBY if away <= (wanted.radius_km or area.radius_km) + 15 else Scope.ELSEWHERE


SHARES = {Scope.LOCAL: 0.5, Scope.CONTAINING: 0.2, Scope.NEARBY: 0.1, Scope.EVERYWHERE: 0.2}


def merits(given: Sequence[Row], wanted: Wanted) -> dict[str, float]:
    """By what venues are chosen, if by likeness alone."""
    cosines = {row.listing.native_id: float(row.vector @ wanted.vector) for row in given}
    # The first of all by the whole question has a tenth more, the second half of that, and so on.
    order = sorted(cosines, key=lambda name: -cosines[name])
    return {name: cosines[name] + 0.1 / (place + 1) for place, name in enumerate(order)}


def exhaustive(given: Sequence[Row], wanted: Wanted, limit: int, left: frozenset[str]) -> dict[str, Scope]:
    """The names and scopes of the candidates, by likeness alone."""
    merit = merits(given, wanted)
    scopes = {
        row.listing.native_id: scope_of(row, wanted)
        for row in given
        if not row.listing.nsfw
        and row.listing.native_id not in left
        and (not wanted.kinds or row.listing.kind in wanted.kinds)
    }
    ordered = sorted((name for name in scopes if scopes[name] != Scope.ELSEWHERE), key=lambda name: -merit[name])
    chosen: list[str] = []
    for scope, share in SHARES.items():
        chosen += [name for name in ordered if scopes[name] == scope][: int(limit * share)]
    chosen += [name for name in ordered if name not in chosen][: limit - len(chosen)]
    return {name: scopes[name] for name in chosen}


@pytest.mark.parametrize(("large", "packed"), [(NEVER, NEVER), (NEVER, 0), (1, NEVER)])
@pytest.mark.parametrize("seed", range(8))
def test_filtered_neighbours_are_those_of_an_exhaustive_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: int, packed: int, seed: int
) -> None:
    monkeypatch.setattr(searching, "WORTH_PACKING", packed)
    chance = np.random.default_rng(seed)
    given = rows(int(chance.integers(30, 700)), seed, spread=3)
    vector = unit(chance.standard_normal(DIMENSIONS).astype(np.float32))
    limit = int(chance.integers(1, 120))
    with SqliteStore(tmp_path / "venues.db", large=large) as store:
        fill(store, given)
        gone, out = given[3].listing.id, given[5].listing.id
        store.apply([Gone(gone, "s")], np.empty((0, DIMENSIONS), np.float32), MODEL)
        store.opt_out(out, "asked")
        for area in (None, BRIGHTON, SUSSEX):
            for kinds in (frozenset[Kind](), frozenset(list(Kind)[:2])):
                for radius in (None, 12.0) if area else (None,):
                    wanted = asked(vector, area=area, kinds=kinds, radius_km=radius)
                    found = store.candidates(wanted, limit)
                    expected = exhaustive(given, wanted, limit, frozenset({gone.native_id, out.native_id}))
                    came = {one.venue.id.native_id: one.scope for one in found.candidates}
                    assert expected == came or (not packed and are_ties(expected, came, merits(given, wanted)))
                    assert_measures(found.candidates, given, wanted)


def are_ties(expected: dict[str, Scope], came: dict[str, Scope], merit: dict[str, float]) -> bool:
    """Tell whether two choices differ but in venues whose merits are the same to four digits."""
    pairs = [sorted(merit[name] for name in one.keys() - other) for one, other in ((expected, came), (came, expected))]
    return len(expected) == len(came) and pairs[0] == pytest.approx(pairs[1], abs=2e-4)


def assert_measures(candidates: Sequence[Candidate], given: Sequence[Row], wanted: Wanted) -> None:
    by_name = {row.listing.native_id: row for row in given}
    for one in candidates:
        row = by_name[one.venue.id.native_id]
        assert float(row.vector @ wanted.vector) == pytest.approx(one.similarity, abs=1e-3)
        away = kilometres(wanted.area, row.where) if wanted.area and row.where else math.nan
        assert (None if math.isnan(away) else pytest.approx(away, rel=1e-3, abs=0.05)) == one.distance_km


@pytest.fixture
def finely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells so small, and so few of them looked into, that a few thousand venues are many."""
    monkeypatch.setattr(cells_build, "_EACH", 40)
    monkeypatch.setattr(looking, "INTO", 12)
    monkeypatch.setattr(looking, "OF_SCOPE", 600)
    monkeypatch.setattr(looking, "BY_WORDS", 200)


def test_a_part_holds_nearly_all_that_an_exhaustive_search_finds(tmp_path: Path, finely: None) -> None:
    given = rows(6000, 1, centres=150, spread=0.6)
    chance = np.random.default_rng(2)
    questions = [
        asked(
            unit(
                given[int(chance.integers(6000))].vector + 0.05 * chance.standard_normal(DIMENSIONS).astype(np.float32)
            ),
            words=f"w{chance.integers(150)} red",
            area=[None, BRIGHTON, SUSSEX][turn % 3],
            kinds=frozenset() if turn % 2 else frozenset(list(Kind)[:1]),
        )
        for turn in range(60)
    ]
    with SqliteStore(tmp_path / "venues.db", large=NEVER) as store:
        fill(store, given)
        expected = [store.candidates(wanted, 50) for wanted in questions]
    with SqliteStore(tmp_path / "venues.db", large=1) as store:
        parts = [store.candidates(wanted, 50) for wanted in questions]
        looked = store._searcher._keeper.current(MODEL).look(questions[0], [], [], (questions[0].vector,) * 2, 50)

    assert len(looked.places) < 3000
    recalls = [
        len(set(names(all_of_it)) & set(names(part))) / len(all_of_it.candidates)
        for all_of_it, part in zip(expected, parts, strict=True)
    ]
    assert np.mean(recalls) >= 0.99
    for all_of_it, part in zip(expected, parts, strict=True):
        there, got = (Counter(one.scope for one in found.candidates) for found in (all_of_it, part))
        assert all(got[scope] >= min(int(50 * share), there[scope]) for scope, share in SHARES.items())


@pytest.mark.parametrize("limit", [1, 50, 3000])
def test_a_part_never_holds_fewer_than_are_wanted(tmp_path: Path, finely: None, limit: int) -> None:
    given = [row for row in rows(4500, 4) if row.where is None and not row.listing.nsfw]
    with SqliteStore(tmp_path / "venues.db", large=1) as store:
        fill(store, given)
        assert min(limit, len(given)) == len(names(store.candidates(asked(given[0].vector, area=BRIGHTON), limit)))


# what is written after the file was made


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with SqliteStore(tmp_path / "venues.db", large=100) as opened:
        fill(opened, rows(400, 3))
        opened.read_ahead()
        yield opened


DIRECTION = unit(np.eye(1, DIMENSIONS, 5, dtype=np.float32)[0])


def newcomer(number: int, **fields: Any) -> Row:
    said = {"platform": "forum", "native_id": f"new{number}", "title": "Zebra keepers", "source": "s"} | fields
    return Row(Listing(**said), None, DIRECTION)


def first(store: SqliteStore, words: str = "", limit: int = 5, **fields: Any) -> list[str]:
    return names(store.candidates(asked(DIRECTION, words, **fields), limit))


def test_a_small_store_has_no_file(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "venues.db", large=100) as opened:
        fill(opened, rows(99, 1))
        assert 5 == len(first(opened))
        assert not path_of(opened).exists()
        fill(opened, rows(1, 1, first=99))
        assert 5 == len(first(opened))
        assert path_of(opened).exists()


def test_what_was_written_since_is_found_by_meaning_and_by_words(store: SqliteStore) -> None:
    before = path_of(store).stat().st_mtime_ns
    fill(store, [newcomer(1), newcomer(2, title="Others")])

    assert {"new1", "new2"} == set(first(store, limit=2))
    (one,) = [one for one in store.candidates(asked(-DIRECTION, "zebra"), 400).candidates if one.words]
    assert "new1" == one.venue.id.native_id
    assert before == path_of(store).stat().st_mtime_ns


def test_what_another_connection_wrote_is_found_and_counts_once(store: SqliteStore) -> None:
    with SqliteStore(store.path, large=100) as other:
        fill(other, [newcomer(1)])
        fill(other, [newcomer(1, title="Zebra friends")])
        store.opt_out(other.venue(newcomer(1).listing.id).id, "asked")
        fill(other, [newcomer(2)])

    found = store.candidates(asked(DIRECTION, "zebra"), 500)
    assert 1 == names(found).count("new2")
    assert "new1" not in names(found)
    assert 1 == found.left_out["opted out"]


def test_a_venue_that_says_something_else_is_found_by_that_alone(store: SqliteStore) -> None:
    row = next(row for row in rows(400, 3) if row.where is None and not row.listing.nsfw)
    own_words = row.listing.title.split()[1]
    fill(store, [Row(replace(row.listing, title="Zebra keepers", description=None), None, DIRECTION)])

    assert [row.listing.native_id] == first(store, "zebra", limit=1)
    by_words = {
        one.venue.id.native_id for one in store.candidates(asked(DIRECTION, own_words), 500).candidates if one.words
    }
    assert by_words
    assert row.listing.native_id not in by_words


def test_a_venue_that_is_gone_is_found_no_more(store: SqliteStore) -> None:
    fill(store, [newcomer(1)])
    assert ["new1"] == first(store, limit=1)
    store.apply([Gone(newcomer(1).listing.id, "s")], np.empty((0, DIMENSIONS), np.float32), MODEL)

    assert "new1" not in first(store, limit=500)


def test_the_same_is_found_before_and_after_the_file_is_made_anew(store: SqliteStore) -> None:
    fill(store, [newcomer(number) for number in range(20)])
    wanted = asked(DIRECTION, "zebra w3 common", area=BRIGHTON)
    before = store.candidates(wanted, 100)
    path_of(store).unlink()
    with SqliteStore(store.path, large=100) as other:
        after = other.candidates(wanted, 100)

    assert names(before) == names(after)
    assert before.left_out == after.left_out
    assert [one.words for one in before.candidates] == pytest.approx([one.words for one in after.candidates], rel=1e-4)


def test_after_many_changes_the_file_is_made_anew_beside_what_else_goes_on(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FRESH", 10)
    fill(store, [newcomer(number) for number in range(11)])
    assert 11 == sum(name.startswith("new") for name in first(store, limit=200))
    making = store._searcher._keeper._making
    assert making is not None
    making.join(30)

    assert 11 == sum(name.startswith("new") for name in first(store, limit=200))
    assert 11 <= store._searcher._keeper.current(MODEL).cells.seq
    assert store._searcher._keeper._making is None


def test_a_file_that_another_process_made_anew_is_taken(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store, [newcomer(number) for number in range(11)])
    assert 11 == sum(name.startswith("new") for name in first(store, limit=200))
    cells_build.build(Path(store.path), MODEL)
    monkeypatch.setattr(keeping, "FRESH", 10)
    fill(store, [newcomer(11)])

    assert 12 == sum(name.startswith("new") for name in first(store, limit=200))
    assert 411 == len(store._searcher._keeper.current(MODEL).cells.table.ids)
    assert store._searcher._keeper._making is None


def test_a_file_that_cannot_be_made_anew_is_not_tried_at_every_question(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def full(*_: object) -> None:
        tried.append(1)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keeping, "FRESH", 10)
    monkeypatch.setattr(arrayfile, "write", full)
    for number in range(30):
        fill(store, [newcomer(number)])
        assert number + 1 == sum(name.startswith("new") for name in first(store, limit=400))
        if store._searcher._keeper._making:
            store._searcher._keeper._making.join(30)

    assert 1 <= len(tried) <= 3


def test_so_many_changes_that_looking_at_them_takes_longer_are_waited_for(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FRESH", 10)
    monkeypatch.setattr(keeping, "WAITED_FOR", 10)
    fill(store, [newcomer(number) for number in range(11)])

    assert 11 == sum(name.startswith("new") for name in first(store, limit=200))
    assert 411 == len(store._searcher._keeper.current(MODEL).cells.table.ids)


def test_a_venue_without_a_vector_of_the_model_is_an_error_here_too(store: SqliteStore) -> None:
    with pytest.raises(WrongModel, match="made up"):
        store.candidates(replace(asked(DIRECTION), model="another"), 5)
    store.embed([rows(400, 3)[0].listing], DIRECTION[None], "another")
    assert 5 == len(first(store))


# what may happen to the file


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:-5000]), id="cut short"),
        pytest.param(lambda path: path.write_bytes(b"\0" * path.stat().st_size), id="never written"),
        pytest.param(lambda path: path.unlink(), id="deleted"),
    ],
)
def test_a_broken_file_is_made_anew_in_silence(store: SqliteStore, damage: Any) -> None:
    expected = first(store, "w3", limit=50)
    path = path_of(store)
    # A file that is in use keeps its contents under its old name.
    path.rename(path.with_suffix(".kept"))
    path.write_bytes(path.with_suffix(".kept").read_bytes())
    damage(path)

    with SqliteStore(store.path, large=100) as again:
        assert expected == first(again, "w3", limit=50)
    assert arrayfile.read(path) is not None
    assert expected == first(store, "w3", limit=50)


def test_the_file_of_another_store_under_this_name_is_not_believed(tmp_path: Path, store: SqliteStore) -> None:
    with SqliteStore(tmp_path / "other.db", large=100) as other:
        fill(other, rows(150, 9, first=1000))
        expected = first(other, limit=20)
    path_of(store).replace(tmp_path / "other.db-cells")

    with SqliteStore(tmp_path / "other.db", large=100) as other:
        assert expected == first(other, limit=20)


def test_where_no_file_can_be_written_all_venues_are_looked_at(
    tmp_path: Path, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = first(store, "w3", limit=50)
    path_of(store).unlink()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(arrayfile, "write", full)
    with SqliteStore(store.path, large=100) as again:
        assert expected == first(again, "w3", limit=50)
        assert not path_of(store).exists()


def test_a_process_killed_while_it_writes_the_file_loses_nothing(store: SqliteStore) -> None:
    expected = first(store, "w3", limit=50)
    path = path_of(store)
    path.unlink()
    slow = "import os, time; os.fsync = lambda _: time.sleep(60)"
    code = (
        f"{slow}; import sys, pathlib; from index.cells_build import build; build(pathlib.Path(sys.argv[1]), {MODEL!r})"
    )
    process = subprocess.Popen([sys.executable, "-c", code, store.path], cwd=Path(__file__).parents[2])
    ends = time.monotonic() + 60
    while not list(path.parent.glob("*.new")) and time.monotonic() < ends:
        time.sleep(0.02)
    process.kill()
    process.wait()

    assert list(path.parent.glob("*.new"))
    assert not path.exists()
    with SqliteStore(store.path, large=100) as again:
        assert expected == first(again, "w3", limit=50)
        assert path.exists()


def test_what_a_killed_process_left_is_cleared_away_by_and_by(store: SqliteStore) -> None:
    path = path_of(store)
    left, being_written = path.with_name(path.name + "-a.new"), path.with_name(path.name + "-b.new")
    for one in (left, being_written):
        one.write_bytes(b"half")
    os.utime(left, (1, 1))
    path.unlink()
    with SqliteStore(store.path, large=100) as again:
        assert 5 == len(first(again))

    assert not left.exists()
    assert being_written.exists()


def test_a_store_of_no_large_size_counts_no_changes(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "venues.db") as opened:
        fill(opened, rows(50, 1))
    with sqlite3.connect(tmp_path / "venues.db") as db:
        assert (0,) == db.execute("SELECT count(*) FROM changed").fetchone()
    db.close()


def test_a_store_that_is_asked_often_answers_as_it_did_at_first(tmp_path: Path) -> None:
    given = rows(300, 6)
    wanted = asked(given[9].vector, "w3 common", area=BRIGHTON)
    with SqliteStore(tmp_path / "venues.db") as often:
        fill(often, given)
        at_first = often.candidates(wanted, 60)
        for _ in range(30):
            again = often.candidates(wanted, 60)
        assert often._searcher._shelf is not None
        assert often._searcher._packed is not None
        assert at_first.left_out == again.left_out
        for one, other in zip(at_first.candidates, again.candidates, strict=True):
            assert other == replace(one, question=other.question)
            assert one.question == pytest.approx(other.question, abs=1e-4)

        fill(often, [newcomer(1)])
        (one,) = [one for one in often.candidates(asked(DIRECTION, "zebra"), 400).candidates if one.words]
        assert "new1" == one.venue.id.native_id
