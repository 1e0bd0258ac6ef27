"""What only a file can suffer: damage, a full disk, a kill, two processes that open it at once."""

from __future__ import annotations

import random
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.merging import Gone, Put, decide
from index.sqlite import SqliteStore
from index.store import Wanted
from index.testing import HashEncoder
from index.words import text_of
from venues.errors import StoreError, VenuesError
from venues.model import CrawlRun, Listing, Site, VenueId

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
ENCODER = HashEncoder()
ROOT = Path(__file__).parents[2]
BATCH = 50


def batch(number: int, *, words: str = "") -> list[Listing]:
    return [
        Listing(platform="forum", native_id=f"{number}-{row}", title=f"Forum {number} {row}", description=words or None)
        for row in range(BATCH)
    ]


def take(store: SqliteStore, listings: list[Listing]) -> None:
    changes = list(decide(store.known({one.id for one in listings}, ENCODER.model), listings, NOW))
    texts = [text_of(change.merged) for change in changes if isinstance(change, Put) and change.embed]
    store.apply(changes, ENCODER.encode(texts), ENCODER.model)


def found(store: SqliteStore) -> int:
    asked = Wanted(words="forum", vector=ENCODER.encode(["forum"])[0], model=ENCODER.model)
    return len(store.candidates(asked, 9999).candidates)


def is_whole(path: Path) -> bool:
    with sqlite3.connect(path) as db:
        checks = db.execute("PRAGMA integrity_check").fetchall() + db.execute("PRAGMA foreign_key_check").fetchall()
        db.execute("INSERT INTO venues_fts (venues_fts, rank) VALUES ('integrity-check', 1)")
    db.close()
    return [("ok",)] == checks


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "venues.db"


def test_the_folder_of_a_new_store_is_made(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "deep" / "down" / "venues.db") as store:
        assert 0 == store.count()


def test_an_old_store_is_brought_up_to_date_and_keeps_its_venues(path: Path) -> None:
    with SqliteStore(path) as store:
        take(store, batch(1))
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE opt_outs")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm005_opt_outs'")
    db.close()

    with SqliteStore(path) as store:
        assert BATCH == found(store)


@pytest.mark.parametrize(
    "content", [b"not a database at all " * 99, b"PK\x03\x04", b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_file_that_is_no_database_is_left_alone_with_advice(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(StoreError, match="Move the file away") as caught:
        SqliteStore(path)
    assert str(path) in str(caught.value)
    assert content == path.read_bytes()


@pytest.mark.parametrize("name", ["a-file/venues.db", "a-file/deep/venues.db"])
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "a-file").touch()

    with pytest.raises(StoreError, match="a-file"):
        SqliteStore(tmp_path / name)


def test_a_folder_in_place_of_the_file_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="name another with --db"):
        SqliteStore(tmp_path)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only Linux has a folder that not even root may write to")
def test_a_folder_that_may_not_be_written_to_is_refused_with_advice() -> None:
    with pytest.raises(StoreError, match="may be written"):
        SqliteStore("/proc/venues.db")


def use(store: SqliteStore) -> None:
    """Ask a store for everything it has, and give it something."""
    found(store)
    store.count()
    for listing in store.listings():
        store.venue(listing.id)
    store.known([one.id for one in batch(1)], ENCODER.model)
    store.listed_by("import")
    store.runs(10)
    store.coverage(None)
    store.unembedded("other", 10)
    store.claim_due(NOW, timedelta(hours=1), 5)
    take(store, batch(3))


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a store with a bit of everything in it."""
    path = tmp_path_factory.mktemp("healthy") / "venues.db"
    with SqliteStore(path) as store:
        take(store, batch(1, words="We meet on Mondays and talk about everything. " * 5))
        store.set_jobs([(Site(name="site", platform="matrix"), NOW)])
        run = CrawlRun(site="site", started_at=NOW, finished_at=NOW, state="read", complete=True)
        store.apply([], ENCODER.encode([]), ENCODER.model, run)
    return path.read_bytes()


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # damage can make a vector's number none
@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_never_raises_anything_but_a_sentence(path: Path, healthy: bytes, seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(healthy)
    for _ in range(chance.choice([1, 30, 1000])):
        content[chance.randrange(100, len(content))] = chance.randrange(256)
    path.write_bytes(content)

    try:
        with SqliteStore(path) as store:
            use(store)
    except VenuesError as error:
        assert str(error)  # noqa: PT017 - whether the damage is noticed depends on where it is


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_file_that_was_cut_off_is_reported_with_advice(path: Path, healthy: bytes, kept: float) -> None:
    path.write_bytes(healthy[: int(len(healthy) * kept)])

    with pytest.raises(StoreError, match="Move the file away"), SqliteStore(path) as store:
        use(store)


@contextmanager
def no_room(store: SqliteStore) -> Iterator[None]:
    """A disk that is nearly full."""
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages + 3}")
    yield
    store._db.execute("PRAGMA max_page_count = 1000000")


@contextmanager
def files_cannot_grow(store: SqliteStore) -> Iterator[None]:
    """A disk that is full: the system refuses to lengthen any file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("full", [no_room, files_cannot_grow])
def test_on_a_full_disk_nothing_is_half_written_and_the_store_goes_on(path: Path, full: object) -> None:
    with SqliteStore(path) as store:
        take(store, batch(1))
        with full(store), pytest.raises(StoreError, match="make room and run the command again"):  # type: ignore[operator]
            take(store, batch(2, words="A description that takes room. " * 500))
        assert BATCH == store.count() == found(store)

        take(store, batch(2))
        assert 2 * BATCH == store.count() == found(store)
    assert is_whole(path)


def test_another_writer_who_never_ends_is_reported_after_a_while(path: Path) -> None:
    with SqliteStore(path) as store:
        store._db.execute("PRAGMA busy_timeout = 50")
        other = sqlite3.connect(path)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="Run this one again"):
            take(store, batch(1))
        other.close()

        take(store, batch(1))
        assert BATCH == store.count()


IMPORTER = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(Path(__file__).parent)!r}]
from test_sqlite import SqliteStore, batch, take
with SqliteStore(sys.argv[1]) as store:
    for number in range(100_000):
        take(store, batch(number, words="Some words. " * 20))
        print(number + 1, flush=True)
"""


@pytest.mark.parametrize("committed", [0, 1, 4, 9])
def test_a_kill_in_the_middle_of_writing_leaves_whole_batches(path: Path, committed: int) -> None:
    with subprocess.Popen([sys.executable, "-c", IMPORTER, path], stdout=subprocess.PIPE, text=True) as importer:
        assert importer.stdout
        for _ in range(committed):
            importer.stdout.readline()
        threading.Event().wait(random.Random(committed).random() / 20)
        importer.kill()
        said = committed + len(importer.stdout.read().splitlines())
    assert -signal.SIGKILL == importer.returncode

    with SqliteStore(path) as store:
        count = store.count()
        assert 0 == count % BATCH
        assert said <= count // BATCH <= said + 1
        assert count == found(store)
        take(store, batch(count // BATCH))
        assert count + BATCH == found(store)
    assert is_whole(path)


def test_many_that_open_a_new_file_at_once_all_find_it_ready(path: Path) -> None:
    opening = threading.Barrier(6)
    faults: list[BaseException] = []

    def open_and_use(number: int) -> None:
        try:
            opening.wait()
            with SqliteStore(path) as store:
                take(store, batch(number))
        except BaseException as error:  # noqa: BLE001 - shown below
            faults.append(error)

    threads = [threading.Thread(target=open_and_use, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [] == faults
    with SqliteStore(path) as store:
        assert 6 * BATCH == store.count()


CLAIMER = f"""
import sys, time
from datetime import datetime, timedelta
sys.path[:0] = [{str(ROOT)!r}]
from index.sqlite import SqliteStore
with SqliteStore(sys.argv[1]) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    while jobs := store.claim_due(datetime.fromisoformat({NOW.isoformat()!r}), timedelta(hours=1), 1):
        print(jobs[0].site.name, flush=True)
        time.sleep(0.002)
    print("done", flush=True)
    sys.stdin.readline()
"""


def test_two_processes_never_claim_the_same_site(path: Path) -> None:
    with SqliteStore(path) as store:
        store.set_jobs((Site(name=f"site {number:03}", platform="matrix"), NOW) for number in range(200))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    claimers = [subprocess.Popen([sys.executable, "-c", CLAIMER, path], **pipes) for _ in range(2)]  # type: ignore[call-overload]
    for claimer in claimers:
        assert "ready\n" == claimer.stdout.readline()
    for claimer in claimers:
        claimer.stdin.write("\n")
        claimer.stdin.flush()
    # Neither ends before both are done: the claims of a process that is no more are anyone's.
    claimed = [list(iter(lambda each=each: each.stdout.readline().strip(), "done")) for each in claimers]
    for claimer in claimers:
        claimer.communicate(timeout=60)

    assert [f"site {number:03}" for number in range(200)] == sorted(claimed[0] + claimed[1])


def test_the_claims_of_a_process_that_was_killed_are_anyones_at_once(path: Path) -> None:
    with SqliteStore(path) as store:
        store.set_jobs([(Site(name="one", platform="matrix"), NOW)])
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        claimer = subprocess.Popen([sys.executable, "-c", CLAIMER, path], **pipes)  # type: ignore[call-overload]
        claimer.stdout.readline()
        claimer.stdin.write("\n")
        claimer.stdin.flush()
        assert "one\n" == claimer.stdout.readline()
        assert [] == store.claim_due(NOW, timedelta(hours=1), 5)
        claimer.kill()
        claimer.communicate()
        assert ["one"] == [job.site.name for job in store.claim_due(NOW, timedelta(hours=1), 5)]


@pytest.mark.parametrize("holder", ["elsewhere 1", "no number", ""])
def test_a_claim_whose_holder_cannot_be_told_dead_stands_until_it_ends(path: Path, holder: str) -> None:
    with SqliteStore(path) as store:
        store.set_jobs([(Site(name="one", platform="matrix"), NOW)])
        store.claim_due(NOW, timedelta(hours=1), 5)
        store._db.execute("UPDATE sites SET leased_by = ?", [holder])
        assert [] == store.claim_due(NOW, timedelta(hours=1), 5)
        assert 1 == len(store.claim_due(NOW + timedelta(hours=1), timedelta(hours=1), 5))


def test_a_claim_that_another_process_has_by_now_is_not_prolonged(path: Path) -> None:
    with SqliteStore(path) as store:
        store.set_jobs([(Site(name="one", platform="matrix"), NOW)])
        store.claim_due(NOW, timedelta(hours=1), 5)
        store._db.execute("UPDATE sites SET leased_by = 'elsewhere 1'")
        store.prolong(["one"], NOW)
        assert [] == store.claim_due(NOW, timedelta(hours=1), 5)


def test_the_words_index_agrees_with_the_venues_after_every_kind_of_change(path: Path) -> None:
    with SqliteStore(path) as store:
        take(store, batch(1))
        take(store, batch(1, words="Changed"))
        store.apply([Gone(VenueId("forum", "1-0"), "import")], ENCODER.encode([]), ENCODER.model)
        store.opt_out(VenueId("forum", "1-1"), "asked")
    assert is_whole(path)
