"""Real servers for the journeys: each is installed once into a cache, started on loopback, and stopped again."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import platformdirs
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
SERVER_NAME = "synapse.test"
GENEROUS = {"per_second": 1000, "burst_count": 1000}


@dataclass
class Synapse:
    """A Matrix homeserver of our own, with one user who creates rooms."""

    base_url: str
    token: str = field(repr=False)

    def create_room(self, name: str | None, topic: str | None = None, alias: str | None = None, **more: Any) -> str:
        """Create a public room, wait until the directory lists it, and return its id. `alias` is the local part."""
        wanted = {"name": name, "topic": topic, "room_alias_name": alias, "visibility": "public"}
        body = {"preset": "public_chat"} | {key: value for key, value in (wanted | more).items() if value is not None}
        room_id: str = self.ask("POST", "/_matrix/client/v3/createRoom", body)["room_id"]
        _until(lambda: room_id in self.listed(), f"the directory to list {room_id}")
        return room_id

    def listed(self) -> set[str]:
        """Return the ids of all rooms in the directory."""
        reply = self.ask("GET", "/_matrix/client/v3/publicRooms?limit=1000")
        return {room["room_id"] for room in reply["chunk"]}

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Make one request as the user."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        reply = httpx.request(method, f"{self.base_url}{path}", json=body, headers=headers, trust_env=False)
        reply.raise_for_status()
        answer: dict[str, Any] = reply.json()
        return answer


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    """A running Synapse whose directory is open to everyone."""
    python = installed("synapse", HERE / "synapse-constraints.txt", "matrix-synapse")
    folder = tmp_path_factory.mktemp("synapse")
    port = free_port()
    config = folder / "homeserver.yaml"
    config.write_text(json.dumps(_synapse_config(folder, port)))  # JSON is YAML too
    log = folder / "synapse.log"
    command = [str(python), "-m", "synapse.app.homeserver", "--config-path", str(config)]
    subprocess.run([*command, "--generate-keys"], check=True, cwd=folder, capture_output=True)
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
    try:
        server = Synapse(f"http://127.0.0.1:{port}", token="")
        _until(lambda: _answers(server, process), "Synapse to answer", log)
        user = {"username": "organiser", "password": "not-secret-1", "auth": {"type": "m.login.dummy"}}
        server.token = server.ask("POST", "/_matrix/client/v3/register", user)["access_token"]
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


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


def _answers(server: Synapse, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"Synapse ended by itself with {process.returncode}")
    with contextlib.suppress(httpx.HTTPError):
        return "versions" in server.ask("GET", "/_matrix/client/versions")
    return False


def installed(name: str, constraints: Path, package: str) -> Path:
    """Return the Python of an environment that holds a package and nothing of ours; made once, then kept.

    It fails where there is no network: a journey that is skipped in silence tests nothing.
    """
    cache = Path(os.environ.get("VENUES_TEST_CACHE") or platformdirs.user_cache_path("venues-tests"))
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / name
    wanted = hashlib.sha256(constraints.read_bytes() + sys.version.encode()).hexdigest()
    stamp = folder / "complete"
    with (cache / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs at once make it once
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
            subprocess.run([*pip, "--constraint", str(constraints), package], check=True)
            stamp.write_text(wanted)
    return folder / "bin" / "python"


def free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _until(true: Any, what: str, log: Path | None = None, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-3000:] if log else ""
            raise TimeoutError(f"waited {seconds:g} s for {what}\n{tail}")
        time.sleep(0.05)
