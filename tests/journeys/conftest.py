"""Real servers for the journeys: each is installed once into a cache, started on loopback, and stopped again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

# The modules beside this file are no package and not on the path: see "Tests" in CONTRIBUTING.md.
sys.path.insert(0, str(Path(__file__).parent))

from servers.base import tail
from servers.hyperkitty import hyperkitty
from servers.machina import machina
from servers.misago import misago
from servers.page import browser
from servers.prosody import prosody
from servers.spirit import spirit
from servers.synapse import synapse

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["browser", "hyperkitty", "machina", "misago", "prosody", "spirit", "synapse"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failed test the end of the log of each server that it asked."""
    report = yield
    if report.failed:
        used: dict[str, Any] = getattr(item, "funcargs", {})
        for name, value in used.items():
            if log := tail(getattr(value, "log", None)):
                report.sections.append((f"log of {name}", log))
    return report
