"""What holds for every test: no network but loopback, no settings from outside, and the user's data out of reach."""

from __future__ import annotations

import gc
import ipaddress
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from venues.gazetteer import Gazetteer

# Set where tests run unattended, and read as libraries are loaded: how wide and colourful is what the tests compare.
for _name in ("FORCE_COLOR", "NO_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
    os.environ.pop(_name, None)
os.environ["COLUMNS"] = "80"

# A machine that is busy with something else is no fault of the code.
hypothesis.settings.register_profile(
    "venues", deadline=None, database=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("venues")


def pytest_collection_finish() -> None:
    """Take all that is loaded by now off what the interpreter looks through, again and again, for what nobody uses."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _only_loopback(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test that asks for anything but this machine, unless it is marked live."""
    if request.node.get_closest_marker("live"):
        return

    def guarded(ask: Callable[..., Any]) -> Callable[..., Any]:
        def asked(self: socket.socket, address: Any) -> Any:
            if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address[0]):
                pytest.fail(f"the test connects to {address}")
            return ask(self, address)

        return asked

    look_up = socket.getaddrinfo

    def looked_up(host: Any, *rest: Any, **more: Any) -> Any:
        if host and not _is_address(host) and not _is_loopback(host):
            pytest.fail(f"the test looks up {host}")
        return look_up(host, *rest, **more)

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", looked_up)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Take away the developer's settings, and put the user's data folder where nothing of theirs is."""
    for name in os.environ:
        if name.startswith("VENUES_") and not name.startswith("VENUES_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.getbasetemp() / "data"))


@pytest.fixture
def now() -> datetime:
    """The time, for every test."""
    return datetime(2026, 11, 1, 9, tzinfo=UTC)


def _text(host: Any) -> str:
    return host.decode() if isinstance(host, bytes) else str(host)


def _is_address(host: Any) -> bool:
    """Tell whether nobody need be asked for this host: also 2130706433 and 0x7f.1 are addresses."""
    with suppress(OSError):
        socket.inet_aton(_text(host))
        return True
    with suppress(ValueError):
        ipaddress.ip_address(_text(host).partition("%")[0])
        return True
    return False


def _is_loopback(host: Any) -> bool:
    name = _text(host).partition("%")[0]
    with suppress(ValueError):
        return ipaddress.ip_address(name).is_loopback
    return name == "localhost"


@pytest.fixture(scope="session")
def gazetteer() -> Iterator[Gazetteer]:
    """The real gazetteer: in the user's cache, and compiled by the first test of the first run (about 15 seconds)."""
    from venues.gazetteer import Gazetteer

    with Gazetteer.open() as opened:
        yield opened
