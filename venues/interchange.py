"""Listings in and out as JSON Lines: one listing a line, plain or gzip, from a file or standard input."""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, cast

from venues.errors import ListingError, QueryError
from venues.model import Listing

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_LINE = 1 << 20
"""Bytes; a longer line is no listing."""

_GZIP_MAGIC = b"\x1f\x8b"


class Line(NamedTuple):
    """One line of a file, read: a listing, or why it is none."""

    listing: Listing | None
    error: ListingError | None
    position: int
    """Bytes of the file, as stored, that were read up to here."""


class Source(NamedTuple):
    """An open file of listings."""

    name: str
    size: int | None
    """Bytes as stored; None where it cannot be known, as on a pipe."""
    stream: IO[bytes]
    raw: IO[bytes]


@contextmanager
def open_source(path: str) -> Iterator[Source]:
    """Open a file, or standard input for "-"; gzip is known by its first bytes. Raises QueryError."""
    with ExitStack() as opened:
        try:
            raw = sys.stdin.buffer if path == "-" else opened.enter_context(Path(path).open("rb"))
            peeked = raw if hasattr(raw, "peek") else io.BufferedReader(cast("io.RawIOBase", raw))
            packed = peeked.peek(2)[:2] == _GZIP_MAGIC
            size = Path(path).stat().st_size if path != "-" and Path(path).is_file() else None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise QueryError(f"{path} cannot be read: {reason}. Check the name.") from error
        stream = cast("IO[bytes]", opened.enter_context(gzip.GzipFile(fileobj=peeked)) if packed else peeked)
        yield Source("standard input" if path == "-" else path, size, stream, peeked)


def read_lines(source: Source) -> Iterator[Line]:
    """Yield each line that is not blank, read or with what is wrong with it; memory stays bounded whatever is sent.

    Raises QueryError where the file cannot be read on.
    """
    number = 0
    while True:
        number += 1
        try:
            text = source.stream.readline(LONGEST_LINE + 1)
            if len(text) > LONGEST_LINE:
                _skip_line(source.stream, text)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            yield Line(None, ListingError("file", f"the compressed file is damaged here: {error}", number), 0)
            return
        except OSError as error:
            raise QueryError(f"{source.name} cannot be read: {error.strerror}.") from error
        if not text:
            return
        if text.strip():
            yield _read(text, number, _position(source))


def _skip_line(stream: IO[bytes], text: bytes) -> None:
    while text and not text.endswith(b"\n"):
        text = stream.readline(LONGEST_LINE)


def _position(source: Source) -> int:
    return source.raw.tell() if source.size else 0


def _read(text: bytes, number: int, position: int) -> Line:
    try:
        return Line(_listing(text), None, position)
    except ListingError as error:
        return Line(None, ListingError(error.field, error.reason, number), position)


def _listing(text: bytes) -> Listing:
    if len(text) > LONGEST_LINE:
        raise ListingError("line", f"is longer than {LONGEST_LINE:,} bytes")
    try:
        record = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ListingError("line", f"is not JSON: {error}") from error
    if not isinstance(record, dict):
        raise ListingError("line", "is not a JSON object")
    return Listing.from_record(record)


def to_line(listing: Listing) -> str:
    """Return the listing as one line of JSON, without the line's end."""
    return json.dumps(listing.to_record(), ensure_ascii=False)
