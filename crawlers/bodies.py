"""Reading a reply's body: never more than a limit, counted as it unfolds, and named by its true encoding."""

from __future__ import annotations

import codecs
import re
import zlib
from typing import TYPE_CHECKING

from venues.errors import PageChanged, TooLarge

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

ACCEPTED = "gzip, deflate"
_STEP = 1 << 16
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{1,40})", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_AS_BROWSERS_READ = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
_KNOWN = re.compile(
    r"utf-(8|8-sig|16|16-le|16-be)|iso8859-\d+|cp(125\d|874|866|949|932)|koi8-[ru]|gb18030|big5(hkscs)?"
    r"|euc_(jp|kr)|shift_jis|iso2022_jp|mac-(roman|cyrillic)|tis-620"
)
"""Python knows codecs that are no encodings of pages, and some (idna) that take minutes over a long text."""


class _Inflater:
    """Unpacks one layer, no more than a step at a time: a bomb is found out by its first steps."""

    def __init__(self, coding: str) -> None:
        self._raw = coding == "deflate"  # some servers say deflate and leave the wrapping out: seen at the first bytes
        self._unpack = zlib.decompressobj(47)  # zlib or gzip, by the first bytes

    def feed(self, chunk: bytes, take: Callable[[bytes], bool]) -> bool:
        """Hand each piece that unfolds to `take`; False once it wants no more."""
        rest, full = chunk, True
        # A full step may leave more inside the unpacker although all its input is used up.
        while (rest or full) and not self._unpack.eof:
            try:
                piece = self._unpack.decompress(rest, _STEP)
            except zlib.error:
                if not self._raw:
                    raise
                self._unpack = zlib.decompressobj(-15)
                self._raw = False
                continue
            self._raw = False
            rest, full = self._unpack.unconsumed_tail, len(piece) == _STEP
            if not take(piece):
                return False
        return True


async def read_body(response: httpx.Response, limit: int, *, cut: bool = False) -> bytes:
    """Return the body, unpacked. Raises TooLarge above the limit, or with `cut` returns what fits."""
    url = str(response.url)
    body = bytearray()

    def take(piece: bytes) -> bool:
        body.extend(piece[: limit + 1 - len(body)])
        return len(body) <= limit

    coding = response.headers.get("content-encoding", "identity").strip().lower() or "identity"
    if coding not in {"identity", "gzip", "x-gzip", "deflate"}:
        raise PageChanged(url, f"is packed as {coding[:40]!r}, which was not asked for")
    inflater = None if coding == "identity" else _Inflater(coding)
    try:
        async for chunk in response.aiter_raw(_STEP):
            if not (inflater.feed(chunk, take) if inflater else take(chunk)):
                break
    except zlib.error as error:
        raise PageChanged(url, f"is not {coding} as it says") from error
    if len(body) > limit and not cut:
        raise TooLarge(url, f"is larger than {limit:,} bytes")
    return bytes(body[:limit])


def encoding_of(content_type: str, body: bytes) -> str:
    """Return the encoding of a text: by its mark, by its header, by its own word, else UTF-8."""
    for mark, marked in _BOMS:
        if body.startswith(mark):
            return marked
    said = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", content_type, re.IGNORECASE)
    head = body[:2048]
    for name in (said[1] if said else None, *(found[1].decode("ascii", "replace") for found in _declared(head))):
        known = _encoding(name)
        if known:
            return known
    return "utf-8"


def _declared(head: bytes) -> list[re.Match[bytes]]:
    return [found for found in (_XML.search(head), _META.search(head)) if found]


def _encoding(name: str | None) -> str | None:
    try:
        known = codecs.lookup(name).name if name else None
    except (LookupError, ValueError):
        return None
    return _AS_BROWSERS_READ.get(known, known) if known and _KNOWN.fullmatch(known) else None
