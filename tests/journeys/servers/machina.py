"""django-machina, at a path that nothing tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from servers.django_site import Forum, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def machina(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forum]:
    """A running forum of django-machina."""
    folder = tmp_path_factory.mktemp("machina")
    with running("machina", folder, "django-machina", path="/community/boards") as forum:
        yield forum
