"""Files in and out through the commands: what is told, what is refused, what is left behind."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from index.testing import HashEncoder
from venues.app import App
from venues.errors import ListingError, QueryError
from venues.importing import export_file, import_files
from venues.refresh import Intake
from venues.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from venues.model import Listing, Whereabouts

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


class Placeless(App):
    """An app that needs neither a gazetteer nor a model."""

    def intake(self) -> Intake:
        def nowhere(_listing: Listing) -> Whereabouts | None:
            return None

        return Intake(store=self.store, encoder=HashEncoder(), locate=nowhere, now=NOW)


@pytest.fixture
def venues(tmp_path: Path) -> Iterator[App]:
    with Placeless(Settings(db=str(tmp_path / "venues.db"))) as venues:
        yield venues


def row(native_id: str = "a", **more: Any) -> bytes:
    return json.dumps({"platform": "forum", "native_id": native_id, "title": "Forum"} | more).encode() + b"\n"


def take(venues: App, *files: Path | str, strict: bool = False) -> str:
    """Import the files and return what was told."""
    out = io.StringIO()
    names: Sequence[str] = [str(file) for file in files]
    import_files(venues, names, strict=strict, console=Console(file=out, width=80, highlight=False))
    return out.getvalue()


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.jsonl"
    path.write_bytes(row("a") + row("b"))
    return path


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    path = tmp_path / "mixed.jsonl"
    path.write_bytes(row("c") + row("d", members=-1) + b"nonsense\n" + row("e"))
    return path


def test_what_came_of_each_file_is_told(venues: App, good: Path, mixed: Path) -> None:
    told = take(venues, good, mixed)

    assert f"{good}: 2 new, 0 changed, 0 as before.\n" in told
    assert f"{mixed}: 2 new, 0 changed, 0 as before, 2 refused.\n" in told
    assert 4 == venues.store.count()


def test_each_bad_line_is_told_with_its_number_field_and_reason(venues: App, mixed: Path) -> None:
    told = take(venues, mixed)

    assert "refused line 2: members: must be a count of at least 0" in told
    assert "refused line 3: line: is not JSON" in told


def test_of_very_many_bad_lines_the_first_are_shown_and_all_counted(venues: App, tmp_path: Path) -> None:
    path = tmp_path / "bad"
    path.write_bytes(row() + b"nonsense\n" * 500)
    told = take(venues, path)

    assert "500 refused" in told
    assert len(told.splitlines()) < 30


def test_a_second_time_changes_nothing(venues: App, good: Path) -> None:
    take(venues, good)

    assert "0 new, 0 changed, 2 as before." in take(venues, good)


def test_a_file_without_one_listing_is_a_bad_request(venues: App, tmp_path: Path) -> None:
    (tmp_path / "prose").write_bytes(b"Dear all,\nyours\n")

    with pytest.raises(QueryError, match="none of its 2 lines is a listing"):
        take(venues, tmp_path / "prose")


def test_an_empty_file_is_told_and_no_fault(venues: App, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()

    assert "nothing in it." in take(venues, tmp_path / "empty")


def test_strict_takes_nothing_of_any_file_when_a_line_of_the_last_is_bad(venues: App, good: Path, mixed: Path) -> None:
    with pytest.raises(ListingError, match=r"line 2: members.*Nothing was imported") as caught:
        take(venues, good, mixed, strict=True)
    assert str(mixed) in str(caught.value)
    assert 0 == venues.store.count()


def test_strict_takes_all_when_all_is_good(venues: App, good: Path) -> None:
    assert "2 new" in take(venues, good, strict=True)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_strict_reads_standard_input_twice_though_it_comes_once(
    venues: App, monkeypatch: pytest.MonkeyPatch, pack: Any
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pack(row("a") + row("b")))))

    assert "standard input: 2 new" in take(venues, "-", strict=True)


def test_strict_reads_a_named_pipe_twice_though_it_comes_once(venues: App, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=[row("a")])
    writer.start()

    assert "1 new" in take(venues, pipe, strict=True)
    writer.join()


def test_strict_refuses_a_damaged_packed_file_from_standard_input(venues: App, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress(b"".join(row(str(number)) for number in range(1000)))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(packed[:-100])))

    with pytest.raises(ListingError, match="damaged"):
        take(venues, "-", strict=True)
    assert 0 == venues.store.count()


def test_a_missing_file_is_noticed_before_the_others_are_taken(venues: App, good: Path, tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="missing"):
        take(venues, good, tmp_path / "missing")
    assert 0 == venues.store.count()


@pytest.mark.parametrize("name", ["[red]x[/red].jsonl", "[/].jsonl", "100%.jsonl", "{0}.jsonl"])
def test_a_files_name_is_no_markup(venues: App, tmp_path: Path, name: str) -> None:
    (tmp_path / name.replace("/", "")).write_bytes(row())
    out = io.StringIO()
    console = Console(file=out, width=200, force_terminal=True, highlight=False)

    import_files(venues, [str(tmp_path / name.replace("/", ""))], strict=False, console=console)

    assert f"{name.replace('/', '')}: 1 new" in out.getvalue()


# export


def exported(path: Path) -> list[dict[str, Any]]:
    content = path.read_bytes()
    return [json.loads(line) for line in (gzip.decompress(content) if path.suffix == ".gz" else content).splitlines()]


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_what_is_exported_is_what_was_imported(venues: App, good: Path, tmp_path: Path, name: str) -> None:
    take(venues, good)

    assert 2 == export_file(venues, str(tmp_path / name))
    assert [json.loads(line) for line in good.read_bytes().splitlines()] == exported(tmp_path / name)
    assert "0 new, 0 changed, 2 as before." in take(venues, tmp_path / name)


def test_a_dash_is_standard_output(venues: App, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take(venues, good)
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out))

    assert 2 == export_file(venues, "-")
    assert 2 == out.getvalue().count(b"\n")


def test_an_export_that_is_stopped_leaves_the_old_file_and_no_litter(
    venues: App, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(venues, good)
    target = tmp_path / "out.jsonl"
    target.write_text("the old one")
    listings = venues.store.listings()

    def stopped() -> Iterator[Listing]:
        yield next(listings)
        raise KeyboardInterrupt

    monkeypatch.setattr(venues.store, "listings", stopped)
    with pytest.raises(KeyboardInterrupt):
        export_file(venues, str(target))

    assert "the old one" == target.read_text()
    assert [] == [path.name for path in tmp_path.iterdir() if ".part" in path.name]


@pytest.mark.parametrize("name", ["missing/out.jsonl", "."])
def test_a_file_that_cannot_be_written_is_a_bad_request_that_names_it(
    venues: App, good: Path, tmp_path: Path, name: str
) -> None:
    take(venues, good)

    with pytest.raises(QueryError, match="cannot be written"):
        export_file(venues, f"{tmp_path}/{name}")


def test_a_pipe_is_written_to_and_not_replaced(venues: App, good: Path, tmp_path: Path) -> None:
    take(venues, good)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()

    assert 2 == export_file(venues, str(pipe))
    reader.join()
    assert 2 == read[0].count(b"\n")
    assert pipe.is_fifo()
