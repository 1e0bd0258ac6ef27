"""Each recorded page beside the listings that its crawler must see in it.

`<platform>/<case>.<json|html|xml>` is the body; `<case>.expected.json` says under which site and address it was read,
the listings (as interchange records) and the addresses to be fetched next.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.contract import Request
from crawlers.registry import build, site_from
from crawlers.testing import Reply, page_of
from venues.errors import PageChanged
from venues.model import Listing

HERE = Path(__file__).parent
EXPECTED = sorted(HERE.glob("*/*.expected.json"))
REAL_PAYLOADS = Path(os.environ.get("VENUES_TEST_SHARED") or HERE.parents[2] / "shared") / "payloads"


def body_beside(expected: Path) -> Path:
    case = expected.name.removesuffix(".expected.json")
    return next(each for each in expected.parent.glob(f"{case}.*") if each != expected)


def read(site: str, url: str, body: bytes, note: str = "") -> tuple[list[dict[str, Any]], list[str]]:
    page = page_of(Request(url=url, note=note), Reply(body))
    found = list(build(site_from(site)).read(page))
    listings = [each.to_record() for each in found if isinstance(each, Listing)]
    return listings, [each.url for each in found if isinstance(each, Request)]


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_recorded_page_gives_the_listings_beside_it(expected: Path) -> None:
    case = json.loads(expected.read_text())
    listings, following = read(case["site"], case["url"], body_beside(expected).read_bytes(), case.get("note", ""))
    assert case["listings"] == listings
    assert case["next"] == following


def _nodes(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(node for key, child in children for node in _nodes(child, (*path, key)))]


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = _with(value[path[0]], path[1:], new)
    return copy


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: f"{path.parent.name}/{path.name}")
@settings(max_examples=60)
@given(data=st.data())
def test_a_mutated_page_raises_nothing_but_page_changed(expected: Path, data: st.DataObject) -> None:
    case = json.loads(expected.read_text())
    body = body_beside(expected).read_bytes()
    if body_beside(expected).suffix == ".json" and data.draw(st.booleans(), "keep it JSON"):
        tree = json.loads(body)
        for _ in range(data.draw(st.integers(1, 4), "changes")):
            tree = _with(tree, data.draw(st.sampled_from(_nodes(tree)), "where"), data.draw(ANYTHING, "what"))
        body = json.dumps(tree).encode()
    else:
        start = data.draw(st.integers(0, len(body)), "from")
        end = data.draw(st.integers(start, min(len(body), start + 400)), "to")
        body = body[:start] + data.draw(st.binary(max_size=40), "instead") + body[end:]

    def takes_no_time() -> bool:
        started = time.process_time()
        with contextlib.suppress(PageChanged):
            read(case["site"], case["url"], body, case.get("note", ""))
        return time.process_time() - started < 2

    # The interpreter may clear up after all tests before in the middle of one reading.
    assert any(takes_no_time() for _ in range(3))


@pytest.mark.parametrize("name", ["publicRooms_all.json", "publicRooms_limit10.json", "publicRooms_page2.json"])
def test_replies_of_another_synapse_are_read_whole(name: str) -> None:
    file = REAL_PAYLOADS / "synapse" / name
    if not file.exists():
        pytest.skip(f"no captured replies beside this checkout: {file.relative_to(HERE.parents[2])} is missing")
    reply = json.loads(file.read_bytes())
    listings, following = read("matrix:https://synapse.test", "https://synapse.test/rooms", file.read_bytes())
    assert len(reply["chunk"]) == len(listings)
    assert ("next_batch" in reply) == bool(following)
    assert [room.get("name", room.get("canonical_alias")) for room in reply["chunk"]] == [
        listing["title"] for listing in listings
    ]
    topics = [" ".join(room["topic"].split()) if "topic" in room else None for room in reply["chunk"]]
    assert topics == [listing.get("description") for listing in listings]


@pytest.mark.parametrize("name", ["default_publicRooms_401.json", "robots.txt.txt", "root.html"])
def test_replies_that_are_no_directory_are_refused(name: str) -> None:
    file = REAL_PAYLOADS / "synapse" / name
    if not file.exists():
        pytest.skip(f"no captured replies beside this checkout: {file.relative_to(HERE.parents[2])} is missing")
    with pytest.raises(PageChanged):
        read("matrix:https://synapse.test", "https://synapse.test/rooms", file.read_bytes())
