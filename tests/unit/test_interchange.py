"""Files of listings as people and machines send them: whole, broken, packed, endless, hostile."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import threading
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venues.errors import ListingError, QueryError
from venues.interchange import LONGEST_LINE, Line, Source, open_source, read_lines, to_line
from venues.model import Listing

if TYPE_CHECKING:
    from pathlib import Path


def row(native_id: str = "a", **more: Any) -> bytes:
    record = {"platform": "forum", "native_id": native_id, "title": f"Forum {native_id}"} | more
    return json.dumps(record).encode()


def read_file(path: Path, content: bytes) -> list[Line]:
    path.write_bytes(content)
    with open_source(str(path)) as source:
        return list(read_lines(source))


def read_bytes(content: bytes) -> list[Line]:
    stream = io.BytesIO(content)
    return list(read_lines(Source("memory", len(content), stream, stream)))


def told(lines: list[Line]) -> list[str]:
    """Each line's identity, or the line's number of its error."""
    return [line.listing.native_id if line.listing else f"bad at {line.error and line.error.line}" for line in lines]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", [], id="an empty file"),
        pytest.param(b"\n \n\t\n", [], id="blank lines alone"),
        pytest.param(row("a") + b"\n" + row("b"), ["a", "b"], id="no end on the last line"),
        pytest.param(row("a") + b"\r\n" + row("b") + b"\r\n", ["a", "b"], id="lines of Windows"),
        pytest.param(b"\xef\xbb\xbf" + row("a") + b"\n", ["a"], id="a byte order mark"),
        pytest.param(b"\n\n" + row("a") + b"\n\n{\n" + row("b"), ["a", "bad at 5", "b"], id="blank lines count"),
        pytest.param(b"\xff\xfe{}\n" + row("a"), ["bad at 1", "a"], id="no UTF-8"),
        pytest.param(b"nonsense\n" + row("a"), ["bad at 1", "a"], id="no JSON"),
        pytest.param(b"[]\n" + row("a"), ["bad at 1", "a"], id="a list"),
        pytest.param(b'"text"\n7\nnull\n' + row("a"), ["bad at 1", "bad at 2", "bad at 3", "a"], id="no objects"),
        pytest.param(row("a") + row("b") + b"\n", ["bad at 1"], id="two on one line"),
        pytest.param(b"[" * 100_000 + b"\n" + row("a"), ["bad at 1", "a"], id="deep nesting"),
        pytest.param(b'{"a":' * 100_000 + b"\n" + row("a"), ["bad at 1", "a"], id="deep nesting of objects"),
        pytest.param(b"9" * 10_000 + b"\n" + row("a"), ["bad at 1", "a"], id="a number without end"),
        pytest.param(row("a", members=-1) + b"\n" + row("b"), ["bad at 1", "b"], id="a bad field"),
        pytest.param(b"\x00\n" + row("a"), ["bad at 1", "a"], id="a zero byte"),
        pytest.param(row("a").replace(b"}", b', "lat": NaN}') + b"\n", ["bad at 1"], id="not a number"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_good_lines_are_read_and_bad_ones_numbered(
    tmp_path: Path, content: bytes, expected: list[str], packed: bool
) -> None:
    assert expected == told(read_file(tmp_path / "listings", gzip.compress(content) if packed else content))


def test_an_error_names_the_line_the_field_and_the_reason() -> None:
    (line,) = read_bytes(row(members="many"))

    assert "line 1: members: must be a whole number" == str(line.error)


def test_gzip_is_known_by_its_first_bytes_and_not_by_its_name(tmp_path: Path) -> None:
    assert ["a"] == told(read_file(tmp_path / "packed.jsonl", gzip.compress(row("a"))))
    assert ["a"] == told(read_file(tmp_path / "plain.jsonl.gz", row("a")))


def test_gzip_of_several_members_is_read_to_the_end(tmp_path: Path) -> None:
    packed = gzip.compress(row("a") + b"\n") + gzip.compress(row("b") + b"\n")

    assert ["a", "b"] == told(read_file(tmp_path / "two.gz", packed))


def test_a_truncated_gzip_gives_its_good_lines_and_says_where_it_breaks(tmp_path: Path) -> None:
    noise = "".join(chr(0x4E00 + (number * 7919) % 20_000) for number in range(30_000))
    packed = gzip.compress(row("a") + b"\n" + row("b", description=noise) + b"\n")

    lines = read_file(tmp_path / "cut.gz", packed[: len(packed) // 2])

    assert ["a", "bad at 2"] == told(lines)
    assert "damaged" in str(lines[-1].error)


@pytest.mark.parametrize("spoilt", [slice(2, 3), slice(-8, -4), slice(-200, -100)])
def test_a_damaged_gzip_ends_in_an_error_and_not_in_a_crash(tmp_path: Path, spoilt: slice) -> None:
    packed = bytearray(gzip.compress(b"\n".join(row(str(number)) for number in range(2000))))
    packed[spoilt] = bytes(byte ^ 0xFF for byte in packed[spoilt])

    lines = read_file(tmp_path / "spoilt.gz", bytes(packed))

    assert lines[-1].error
    assert "damaged" in str(lines[-1].error)


@pytest.mark.parametrize("packed", [False, True])
def test_a_line_that_is_too_long_is_refused_in_little_memory_and_the_next_is_read(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "long"
    with gzip.open(path, "wb", compresslevel=1) if packed else path.open("wb") as stream:
        stream.write(b'{"title": "')
        for _ in range(64):
            stream.write(b"x" * LONGEST_LINE)
        stream.write(b'"}\n' + row("b") + b"\n")

    tracemalloc.start()
    with open_source(str(path)) as source:
        lines = list(read_lines(source))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert ["bad at 1", "b"] == told(lines)
    assert "longer than 1,048,576 bytes" in str(lines[0].error)
    assert peak < 8 * LONGEST_LINE


@pytest.mark.parametrize(("excess", "expected"), [(0, ["a", "b"]), (1, ["bad at 1", "b"])])
def test_the_longest_line_is_still_a_line(excess: int, expected: list[str]) -> None:
    start, end = row("a")[:-1] + b', "description": "', b'"}\n'
    padding = LONGEST_LINE - len(start) - len(end) + excess

    assert expected == told(read_bytes(start + b"x" * padding + end + row("b")))


def test_a_long_line_at_the_end_of_the_file_is_refused() -> None:
    assert ["bad at 1"] == told(read_bytes(b"x" * (3 * LONGEST_LINE)))


def test_positions_rise_to_the_size_of_the_file(tmp_path: Path) -> None:
    content = b"\n".join(row(str(number)) for number in range(5000))
    positions = [line.position for line in read_file(tmp_path / "many", content)]

    assert sorted(positions) == positions
    assert positions[0] < len(content)
    assert len(content) == positions[-1]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch, pack: Any) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pack(row("a") + b"\n" + row("b")))))

    with open_source("-") as source:
        assert ["a", "b"] == told(list(read_lines(source)))
    assert ("standard input", None) == (source.name, source.size)
    assert not sys.stdin.buffer.closed


def test_a_named_pipe_has_no_size(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=[row("a") + b"\n"])
    writer.start()

    with open_source(str(pipe)) as source:
        assert ["a"] == told(list(read_lines(source)))
    writer.join()
    assert source.size is None


@pytest.mark.parametrize("name", ["missing.jsonl", ".", "a-file/below", "zero\0byte"])
def test_what_is_no_file_is_a_bad_request_that_names_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "a-file").touch()
    path = f"{tmp_path}/{name}"

    with pytest.raises(QueryError, match="cannot be read") as caught, open_source(path):
        pass
    assert path in str(caught.value)


def test_a_file_that_fails_while_it_is_read_is_a_bad_request_that_names_it() -> None:
    class Failing(io.BytesIO):
        def readline(self, _size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(QueryError, match=r"usb-stick cannot be read: Input/output error"):
        list(read_lines(Source("usb-stick", 1, Failing(), Failing())))


def test_the_readers_own_trouble_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    (tmp_path / "fine").write_bytes(row())

    with pytest.raises(OSError, match="No space left") as caught, open_source(str(tmp_path / "fine")):
        raise OSError(28, "No space left on device")
    assert not isinstance(caught.value, QueryError)


def test_a_file_is_closed_when_it_is_done_with(tmp_path: Path) -> None:
    (tmp_path / "packed").write_bytes(gzip.compress(row()))

    with open_source(str(tmp_path / "packed")) as source:
        pass
    assert (True, True) == (source.raw.closed, source.stream.closed)


@given(st.binary() | st.lists(st.binary() | st.just(row()), max_size=6).map(b"\n".join))
def test_whatever_the_bytes_each_line_is_a_listing_or_an_error_with_its_number(content: bytes) -> None:
    for line in read_bytes(content):
        assert (line.listing is None) != (line.error is None)
        assert line.error is None or isinstance(line.error.line, int)


@given(st.binary(), st.integers(0, 10))
def test_whatever_the_packed_bytes_nothing_is_raised(content: bytes, kept: int) -> None:
    packed = gzip.compress(row())[: kept + 2] + content
    stream = io.BytesIO(packed)
    unpacked: Any = gzip.GzipFile(fileobj=stream)

    for line in read_lines(Source("memory", len(packed), unpacked, stream)):
        assert (line.listing is None) != (line.error is None)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_the_words_a_listing_is_one_line_and_the_same_when_read(words: str) -> None:
    listing = Listing(platform="forum", native_id="a", title=f"x{words}", description=words, rules=(words,))
    line = to_line(listing)

    assert [listing] == [read.listing for read in read_bytes(line.encode())]
    assert "\n" not in line


def test_the_line_of_an_error_is_a_listing_error() -> None:
    assert isinstance(read_bytes(b"x")[0].error, ListingError)
