"""Prosody, with rooms that a module of ours makes when it starts."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from servers.base import HERE, answers, debian, folder_of, free_port, hand_over, nobody, started

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOGS = Path("/usr/lib/prosody/modules/mod_http_muc_log")
_MODULES = HERE / "prosody_modules"


@dataclass(frozen=True)
class Prosody:
    """A chat server of our own on loopback."""

    base_url: str
    log: Path


ROOMS = [
    {
        "name": "leeds-cyclists",
        "title": "Leeds Cyclists",
        "description": "Weekly rides & repairs",
        "language": "en",
        "said": [{"nick": "organiser-olga", "text": "Who is in on Sunday?", "at": 1_762_500_000}],
    },
    {"name": "plain"},
    {"name": "members", "title": "For members", "members_only": True},
    {"name": "secret", "title": "Listed nowhere", "public": False},
]


@pytest.fixture(scope="session")
def prosody() -> Iterator[Prosody]:
    """A running Prosody that shows its rooms on the web, and talks to no other server and no client."""
    debian("Prosody", lambda: bool(shutil.which("prosody")) and _LOGS.exists(), "prosody", "prosody-modules", "lua-sec")
    who = nobody()
    with folder_of(who) as folder:
        shutil.copytree(_MODULES, folder / "modules")
        port = free_port()
        config = folder / "prosody.cfg.lua"
        config.write_text(_config(folder, port))
        hand_over(folder, who)
        server = Prosody(f"http://127.0.0.1:{port}/muc_log", folder / "log")
        command = ["prosody", "-F", "--config", config]
        with started(command, server.log, lambda: answers(f"{server.base_url}/"), cwd=folder, **who):
            yield server


def _config(folder: Path, port: int) -> str:
    top = {
        "data_path": str(folder),
        "plugin_paths": [str(folder / "modules")],
        "modules_enabled": [],
        "modules_disabled": ["c2s", "s2s", "posix"],
        "interfaces": ["127.0.0.1"],
        "c2s_ports": [],
        "s2s_ports": [],
        "https_ports": [],
        "http_ports": [port],
        "storage": "memory",
        "log": "*console",
    }
    rooms = {
        "name": "Leeds chat",
        "modules_enabled": ["muc_mam", "http_muc_log", "venues_rooms"],
        "muc_log_expires_after": "never",
        "http_host": "127.0.0.1",
        "venues_rooms": ROOMS,
    }
    lines = [f"{key} = {_lua(value)}" for key, value in top.items()]
    lines += ['VirtualHost "people.test"', 'Component "rooms.test" "muc"']
    lines += [f"{key} = {_lua(value)}" for key, value in rooms.items()]
    return "\n".join(lines) + "\n"


def _lua(value: Any) -> str:
    """Write a value as Lua."""
    if isinstance(value, dict):
        return "{ " + "; ".join(f"{key} = {_lua(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "{ " + "; ".join(map(_lua, value)) + " }"
    return json.dumps(value, ensure_ascii=False)
