"""Whatever fits the API's own schema, or does not, is answered without a fault of ours and as the schema says."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from index.testing import HashEncoder
from venues import app as app_module
from venues.app import App
from venues.gate import Guard
from venues.gazetteer import Gazetteer
from venues.model import Listing
from venues.server import create_app
from venues.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


SHOWN = {"authorization": "Bearer shown"}


@pytest.fixture(scope="module")
def api() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch, Gazetteer.open() as places, App(Settings(db=":memory:")) as app:
        patch.setattr(app_module, "packaged_sites", lambda: ())
        patch.setattr(app, "freshen", lambda *_, **__: [])
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
    assert len(operations) >= 11
    for operation in operations:

        @settings(max_examples=25, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=[not_a_server_error, response_schema_conformance], headers=SHOWN)

        with suppress(Unsatisfiable):  # an operation that takes nothing has no wrong form
            check()
