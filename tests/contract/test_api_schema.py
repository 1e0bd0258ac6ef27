"""Whatever fits the API's own schema, or does not, is answered without a fault of ours and as the schema says."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from index.testing import HashEncoder
from venues import adding, api_examples, sites
from venues import app as app_module
from venues.app import App
from venues.errors import Unreachable
from venues.gate import Guard
from venues.gazetteer import Gazetteer
from venues.model import Listing
from venues.server import create_app
from venues.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


_NOT_SAID = {"kind", "url", "description", "country", "members"}
SHOWN = {"authorization": "Bearer shown"}


def nobody(address: object, *_: object) -> NoReturn:
    """Stand in for whatever would ask another server."""
    raise Unreachable(str(address), "is asked by nobody here")


@schemathesis.serializer("text/html")
def _as_it_is(_: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def api() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch, Gazetteer.open() as places, App(Settings(db=":memory:")) as app:
        patch.setattr(app_module, "packaged_sites", lambda: ())
        for name in ("freshen", "crawl", "crawl_named"):
            patch.setattr(app, name, lambda *_, **__: [])
        patch.setattr(sites, "look_up", nobody)
        patch.setattr(adding, "_asked", nobody)
        app.__dict__ |= {"gazetteer": places, "encoder": HashEncoder(), "asking": HashEncoder()}
        for _ in app.intake().take([Listing(platform="f", native_id="a", title="Brighton Mums", place="Brighton")]):
            pass
        made = create_app(app, Guard(public=True, token="shown", per_minute=10**6, writes_per_minute=10**6))
        with TestClient(made):
            yield schemathesis.openapi.from_asgi("/api/v1/openapi.json", made)


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_request_is_answered_by_a_fault(api: Any, mode: GenerationMode) -> None:
    operations = [found.ok() for found in api.get_all_operations()]
    assert len(operations) >= 20
    for operation in operations:

        @settings(max_examples=25, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=[not_a_server_error, response_schema_conformance], headers=SHOWN)

        with suppress(Unsatisfiable):  # an operation that takes nothing has no wrong form
            check()


def described(api: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what the schema says of each body: of a request, of a reply, of a problem."""
    schema = api.raw_schema
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            for kind, body in operation.get("requestBody", {}).get("content", {}).items():
                model = schema["components"]["schemas"].get(body["schema"].get("$ref", "").rpartition("/")[2], {})
                yield f"{method} {path} takes {kind}", body | model
            for status, reply in operation["responses"].items():
                for kind, body in reply.get("content", {}).items():
                    yield f"{method} {path} answers {status} {kind}", body


def test_every_body_has_an_example(api: Any) -> None:
    assert [] == [
        name
        for name, body in described(api)
        # A problem is of one type, and FastAPI names the other beside it.
        if not (body.get("example") or body.get("examples") or re.search(r" answers 4.* application/json$", name))
    ]


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("find?q=mums+in+Brighton", api_examples.ANSWER),
        ("venues/f/a", {name: value for name, value in api_examples.VENUE.items() if name not in _NOT_SAID}),
        ("places?q=mums+in+Brighton", api_examples.PLACE),
        ("sites", api_examples.SITES),
        ("runs", api_examples.RUNS),
    ],
)
def test_the_examples_have_the_fields_of_real_replies(api: Any, path: str, example: Any) -> None:
    with TestClient(api.app, headers=SHOWN) as client:
        reply = client.get(f"/api/v1/{path}").json()
    assert fields_of(example) >= fields_of(reply)
    assert set(example) == set(reply)


def fields_of(value: Any, at: str = "") -> set[str]:
    if isinstance(value, list):
        return {name for each in value for name in fields_of(each, at + "[]")}
    if isinstance(value, dict) and at != ".left_out":
        return {f"{at}.{name}" for name in value} | {n for k, v in value.items() for n in fields_of(v, f"{at}.{k}")}
    return set()
