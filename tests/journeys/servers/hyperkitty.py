"""HyperKitty, the archives of Mailman 3, without the mail server: an optional tier, since it takes long to install."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from servers.django_site import Forum, running

if TYPE_CHECKING:
    from collections.abc import Iterator

_ASKED_FOR = "VENUES_TEST_HYPERKITTY"


@pytest.fixture(scope="session")
def hyperkitty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forum]:
    """Running archives of mailing lists."""
    if not os.environ.get(_ASKED_FOR):
        pytest.skip(f"optional: set {_ASKED_FOR}=1 to install HyperKitty and try it")
    packages = ("mailman-web", "hyperkitty", "postorius")
    with running("hyperkitty", tmp_path_factory.mktemp("hyperkitty"), *packages, path="/archives") as archives:
        yield archives
