from __future__ import annotations

import json

import pytest

from crawlers.contract import Request
from crawlers.testing import Reply, page_of
from venues.errors import PageChanged

URL = "https://example.org/rooms"


def test_parameters_are_set_and_replaced() -> None:
    request = Request(url=f"{URL}?limit=5&empty=").with_params(limit=10, since="a b&c")
    assert request.url == f"{URL}?limit=10&empty=&since=a+b%26c"
    assert (request.param("since"), request.param("empty"), request.param("none")) == ("a b&c", "", None)


def test_the_note_and_all_else_survive_new_parameters() -> None:
    request = Request(url=URL, note="page 2", accept="text/html", tolerates=frozenset({404}))
    assert request.with_params(a=1) == Request(
        url=f"{URL}?a=1", note="page 2", accept="text/html", tolerates=frozenset({404})
    )


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"a": ', b"[" * 100_000, b"\xff\xfe\xfa", b"1" * 5000])
def test_what_is_no_json_is_a_changed_page(body: bytes) -> None:
    with pytest.raises(PageChanged) as caught:
        page_of(Request(url=URL), Reply(body)).json()
    assert caught.value.subject == URL
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_json_in_another_encoding_is_read_all_the_same(encoding: str) -> None:
    body = json.dumps({"name": "Café"}, ensure_ascii=False).encode(encoding)
    headers = {"content-type": f"application/json; charset={encoding}"}
    assert page_of(Request(url=URL), Reply(body, headers=headers)).json() == {"name": "Café"}


@pytest.mark.parametrize("encoding", ["nonsense", "hex", "idna", "utf-8"])
def test_text_never_fails(encoding: str) -> None:
    page = page_of(Request(url=URL), Reply(b"caf\xe9", headers={"content-type": f"text/html; charset={encoding}"}))
    assert page.text == "caf\ufffd"
