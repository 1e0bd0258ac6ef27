from __future__ import annotations

import io
import os
import sqlite3
import tarfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from crawlers import podcastindex_dump
from crawlers.podcastindex_dump import ADDRESS, Wanted, read_dump
from index.testing import HashEncoder
from venues.app import App
from venues.errors import QueryError
from venues.importing import import_podcasts
from venues.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from venues.gazetteer import Gazetteer

# The columns of the published file, in its order.
COLUMNS = (
    "id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, title TEXT NOT NULL, lastUpdate INTEGER, link TEXT NOT NULL, "
    "lastHttpStatus INTEGER, dead INTEGER, contentType TEXT NOT NULL, itunesId INTEGER, originalUrl TEXT NOT NULL, "
    "itunesAuthor TEXT NOT NULL, itunesOwnerName TEXT NOT NULL, explicit INTEGER, imageUrl TEXT NOT NULL, "
    "itunesType TEXT NOT NULL, generator TEXT NOT NULL, newestItemPubdate INTEGER, language TEXT NOT NULL, "
    "oldestItemPubdate INTEGER, episodeCount INTEGER, popularityScore INTEGER, priority INTEGER, createdOn INTEGER, "
    "updateFrequency INTEGER, chash TEXT NOT NULL, host TEXT NOT NULL, newestEnclosureUrl TEXT NOT NULL, "
    "podcastGuid TEXT NOT NULL, description TEXT NOT NULL, "
    + ", ".join(f"category{number} TEXT NOT NULL" for number in range(1, 11))
    + ", newestEnclosureDuration INTEGER"
)
TEXTS = ("link", "contentType", "originalUrl", "itunesAuthor", "itunesOwnerName", "imageUrl", "itunesType", "generator",
         "language", "chash", "host", "newestEnclosureUrl", "podcastGuid", "description")  # fmt: skip


def row(number: int, title: str, **values: Any) -> dict[str, Any]:
    empty = dict.fromkeys([*TEXTS, *(f"category{at}" for at in range(1, 11))], "")
    return empty | {"id": number, "url": f"https://feeds.example.org/{number}.xml", "title": title} | values


ROWS = (
    row(1, "Ambridge Natter", language="en-gb", itunesId=1500000001, dead=0, episodeCount=112, category1="Society",
        newestItemPubdate=1762000000, link="https://natter.example.org", itunesAuthor="Somebody Made Up",
        description="<p>What the village says. Write to natter@example.org</p>"),
    row(2, "Parish Pump", language="en", description="From Ambridge, weekly.", link="https://pump.example.org.uk/"),
    row(3, "Ambridge Gold", language="en-gb", dead=1),
    row(4, "Stories to Fall Asleep To", language="en-us", link="https://sleep.example.com"),
    row(5, "Histoires d'Ambridge", language="fr-FR"),
    row(6, "Enga Stories", language="enq", link="https://www.uk.example.com/"),
)  # fmt: skip


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "podcastindex_feeds.db"
    make(path, ROWS)
    os.utime(path, (1_763_000_000, 1_763_000_000))
    return path


def make(path: Path, rows: tuple[dict[str, Any], ...], columns: str = COLUMNS) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE podcasts ({columns})")
        for each in rows:
            marks = ", ".join("?" for _ in each)
            connection.execute(f"INSERT INTO podcasts ({', '.join(each)}) VALUES ({marks})", list(each.values()))
    connection.close()


def packed(database: Path, name: str = "./podcastindex_feeds.db") -> Path:
    path = database.with_suffix(".db.tgz")
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("./readme.txt"), io.BytesIO())
        archive.add(database, name)
    return path


def titles(path: Path, **wanted: Any) -> list[str]:
    return [each.title for each in read_dump(path, Wanted(**wanted))]


def test_a_feed_becomes_a_listing_without_its_author(database: Path) -> None:
    first = next(read_dump(database))
    assert {
        "platform": "itunes",
        "native_id": "1500000001",
        "title": "Ambridge Natter",
        "kind": "podcast",
        "url": "https://natter.example.org",
        "description": "What the village says. Write to …. Podcast: Society.",
        "country": "GB",
        "posts": 112,
        "last_post_at": "2025-11-01T12:26:40+00:00",
        "seen_at": datetime.fromtimestamp(1_763_000_000, tz=UTC).isoformat(),
        "language": "en-GB",
        "source": "podcastindex:file",
        "source_url": ADDRESS,
    } == first.to_record()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [1, 2, 4, 5, 6]),
        ({"country": "GB"}, [1, 2]),
        ({"country": "FR"}, [5]),
        ({"language": "en"}, [1, 2, 4]),
        ({"words": ("Ambridge",)}, [1, 2, 5]),
        ({"words": ("Bridge",)}, []),
        ({"words": ("asleep", "Pump")}, [2, 4]),
        ({"words": ("Ambridge",), "language": "en", "country": "GB"}, [1, 2]),
        ({"limit": 1}, [1]),
    ],
)
def test_only_what_is_wanted_is_given(database: Path, wanted: dict[str, Any], expected: list[int]) -> None:
    assert [ROWS[number - 1]["title"] for number in expected] == titles(database, **wanted)


def test_the_packed_file_gives_the_same_and_leaves_nothing_behind(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    assert titles(database) == titles(packed(database))
    assert next(read_dump(packed(database)), None), "a reader that stops early is cleaned up after, too"
    assert [] == list(folder.iterdir())


def test_a_path_in_the_archive_leads_nowhere_else(database: Path, tmp_path: Path) -> None:
    assert titles(database) == titles(packed(database, "../../escaped.db"))
    assert not list(tmp_path.parent.parent.glob("escaped.db"))


def test_an_older_file_with_fewer_columns_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    make(path, ({"id": 1, "title": "Ambridge Natter", "url": "https://feeds.example.org/1.xml"},),
         "id INTEGER PRIMARY KEY, title TEXT, url TEXT")  # fmt: skip
    assert ["Ambridge Natter"] == titles(path, words=("Ambridge",))


def spoilt(database: Path, kind: str) -> Path:
    path = database.with_name(kind)
    good = packed(database).read_bytes()
    contents = {
        "text": b"<html>",
        "empty": b"",
        "cut": good[: len(good) // 2],
        "noise": good[:40] + b"\0" * 400,
        "half a database": database.read_bytes()[:5000],
        "gzip of nothing": b"\x1f\x8b\x08" + b"\0" * 20,
    }
    path.write_bytes(contents[kind])
    return path


@pytest.mark.parametrize("kind", ["text", "empty", "cut", "noise", "half a database", "gzip of nothing"])
def test_a_file_that_is_not_the_index_is_refused_with_its_name(database: Path, kind: str) -> None:
    with pytest.raises(QueryError, match=kind):
        titles(spoilt(database, kind))


def test_a_file_that_is_not_there_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match=r"missing\.db"):
        titles(tmp_path / "missing.db")


def test_an_archive_without_a_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.tgz"
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("readme.txt"), io.BytesIO())
    with pytest.raises(QueryError, match="holds no database"):
        titles(path)


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (id INTEGER)")
    connection.close()
    with pytest.raises(QueryError, match="no table of podcasts"):
        titles(path)


def test_a_view_that_computes_for_ever_is_never_asked(tmp_path: Path) -> None:
    path = tmp_path / "endless.db"
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE VIEW podcasts AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) "
            "SELECT id, 'a' AS title, 'b' AS url FROM n WHERE id < 0"
        )
    connection.close()
    with pytest.raises(QueryError, match="no table of podcasts"):
        titles(path)


def test_reading_ends_when_its_time_is_over(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(podcastindex_dump, "_STEPS", 1)
    with pytest.raises(QueryError, match="interrupted"):
        titles(database, seconds=-1.0)


def test_an_archive_that_unpacks_to_more_than_there_is_room_for_is_refused(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(podcastindex_dump, "_LARGEST", 100)
    with pytest.raises(QueryError, match="has no room"):
        titles(packed(database))


def test_the_file_itself_is_never_written(database: Path) -> None:
    before = database.read_bytes()
    database.chmod(0o444)
    titles(database)
    assert before == database.read_bytes()
    assert [database] == [each for each in database.parent.iterdir() if each.name.startswith(database.name)]


def test_the_import_command_takes_the_file_in(database: Path, gazetteer: Gazetteer) -> None:
    out = io.StringIO()
    with App(Settings(db=":memory:")) as venues:
        venues.__dict__ |= {"gazetteer": gazetteer, "encoder": HashEncoder()}
        import_podcasts(venues, str(packed(database)), Wanted(words=("Ambridge",)), Console(file=out, width=200))
        assert {"Ambridge Natter", "Parish Pump", "Histoires d'Ambridge"} == {
            listing.title for listing in venues.store.listings()
        }
    assert "3 new, 0 changed" in out.getvalue()
