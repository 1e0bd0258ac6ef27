"""Synapse, a Matrix homeserver whose directory is open to everyone."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from servers.base import free_port, installed, started, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVER_NAME = "synapse.test"
GENEROUS = {"per_second": 1000, "burst_count": 1000}


@dataclass
class Synapse:
    """A Matrix homeserver of our own, with one user who creates rooms."""

    base_url: str
    log: Path
    token: str = field(repr=False)

    def create_room(self, name: str | None, topic: str | None = None, alias: str | None = None, **more: Any) -> str:
        """Create a public room, wait until the directory lists it, and return its id. `alias` is the local part."""
        wanted = {"name": name, "topic": topic, "room_alias_name": alias, "visibility": "public"}
        body = {"preset": "public_chat"} | {key: value for key, value in (wanted | more).items() if value is not None}
        room_id: str = self.ask("POST", "/_matrix/client/v3/createRoom", body)["room_id"]
        until(lambda: room_id in self.listed(), f"the directory to list {room_id}")
        return room_id

    def listed(self) -> set[str]:
        """Return the ids of all rooms in the directory."""
        reply = self.ask("GET", "/_matrix/client/v3/publicRooms?limit=1000")
        return {room["room_id"] for room in reply["chunk"]}

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Make one request as the user."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        url = f"{self.base_url}{path}"
        reply = httpx.request(method, url, json=body, headers=headers, trust_env=False, timeout=60)
        reply.raise_for_status()
        answer: dict[str, Any] = reply.json()
        return answer


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    """A running Synapse whose directory is open to everyone."""
    python = installed("synapse", "matrix-synapse")
    folder = tmp_path_factory.mktemp("synapse")
    port = free_port()
    config = folder / "homeserver.yaml"
    config.write_text(json.dumps(_synapse_config(folder, port)))  # JSON is YAML too
    command = [str(python), "-m", "synapse.app.homeserver", "--config-path", str(config)]
    subprocess.run([*command, "--generate-keys"], check=True, cwd=folder, capture_output=True)
    server = Synapse(f"http://127.0.0.1:{port}", folder / "synapse.log", token="")
    with started(command, server.log, lambda: "versions" in server.ask("GET", "/_matrix/client/versions"), cwd=folder):
        user = {"username": "organiser", "password": "not-secret-1", "auth": {"type": "m.login.dummy"}}
        server.token = server.ask("POST", "/_matrix/client/v3/register", user)["access_token"]
        yield server


def _synapse_config(folder: Path, port: int) -> dict[str, Any]:
    return {
        "server_name": SERVER_NAME,
        "report_stats": False,
        "signing_key_path": str(folder / "signing.key"),
        "media_store_path": str(folder / "media"),
        "pid_file": str(folder / "synapse.pid"),
        "database": {"name": "sqlite3", "args": {"database": str(folder / "synapse.db")}},
        "listeners": [
            {"port": port, "bind_addresses": ["127.0.0.1"], "type": "http", "resources": [{"names": ["client"]}]}
        ],
        "trusted_key_servers": [],
        "allow_public_rooms_without_auth": True,
        "room_list_publication_rules": [{"action": "allow"}],
        "enable_registration": True,
        "enable_registration_without_verification": True,
        "registration_shared_secret": "not-secret",
        "macaroon_secret_key": "not-secret",
        "form_secret": "not-secret",
        "rc_message": GENEROUS,
        "rc_registration": GENEROUS,
        "rc_room_creation": GENEROUS,
        "rc_login": {"address": GENEROUS, "account": GENEROUS, "failed_attempts": GENEROUS},
    }
