"""The guards that every test stands behind can refuse."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from platformdirs import user_data_path


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("8.8.8.8", 53)])
def test_a_test_cannot_connect_to_another_machine(address: tuple[str, int]) -> None:
    with socket.socket() as connection, pytest.raises(pytest.fail.Exception, match="connects to"):
        connection.connect(address)


def test_a_test_cannot_look_up_a_name() -> None:
    with pytest.raises(pytest.fail.Exception, match="looks up"):
        socket.getaddrinfo("example.org", 80)


def test_a_test_can_connect_to_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert server.getsockname() == client.getpeername()


def test_the_users_own_data_is_out_of_reach(tmp_path: Path) -> None:
    assert not user_data_path("venues").is_relative_to(Path.home() / ".local")
    assert [] == [name for name in os.environ if name.startswith("VENUES_") and not name.startswith("VENUES_TEST_")]
