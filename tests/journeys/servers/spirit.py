"""Spirit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from servers.django_site import Forum, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def spirit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forum]:
    """A running Spirit forum."""
    with running("spirit", tmp_path_factory.mktemp("spirit"), "django-spirit") as forum:
        yield forum
