"""The installed command as assistants use it: started by their program, or asked over HTTP."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from typing import TYPE_CHECKING

import httpx
import pytest
from mcp import Client, StdioServerParameters
from servers.base import free_port
from servers.page import COMMAND, environment_for, run

if TYPE_CHECKING:
    from pathlib import Path

    from mcp.client import Transport

pytestmark = pytest.mark.slow
ROW = {"platform": "forum", "native_id": "known", "title": "Leeds mums", "place": "Leeds", "country": "GB"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps(ROW) + "\n", "utf-8")
    run(tmp_path, "import", str(rows))
    return tmp_path


async def used(server: str | StdioServerParameters | Transport) -> list[str]:
    """Find, look, keep and note, as an assistant does; return what came of each."""
    async with Client(server) as client:
        found = (await client.call_tool("find", {"text": "mums in Leeds"})).structured_content
        place = (await client.call_tool("place", {"text": "mums in Leeds"})).structured_content
        first = found["suggestions"][0]
        one = {"platform": first["platform"], "native_id": first["native_id"]}
        venue = (await client.call_tool("venue", one)).structured_content
        made = (await client.call_tool("shortlist", {"action": "create"})).structured_content
        of_list = {"list_id": made["id"], **one}
        await client.call_tool("shortlist", {"action": "add", **of_list})
        await client.call_tool("shortlist", {"action": "note", "note": "wrote to them", **of_list})
        kept = (await client.call_tool("shortlist", {"action": "show", "list_id": made["id"]})).structured_content
        return [first["title"], place["area"]["name"], venue["title"], kept["items"][0]["note"]]


DONE = ["Leeds mums", "Leeds", "Leeds mums", "wrote to them"]


def test_a_program_that_starts_it_is_answered(folder: Path) -> None:
    command = StdioServerParameters(command=COMMAND, args=["mcp"], env=environment_for(folder))
    assert asyncio.run(used(command)) == DONE


def test_an_assistant_is_answered_over_http_and_nobody_under_another_name(folder: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}/mcp"
    server = subprocess.Popen([COMMAND, "mcp", "--http", "--port", str(port)], env=environment_for(folder))
    try:
        deadline = time.monotonic() + 180
        while True:
            try:
                rebound = httpx.post(address, headers={"host": "rebound.example"}, json={}, trust_env=False, timeout=60)
                break
            except httpx.ConnectError:
                assert time.monotonic() < deadline
                assert server.poll() is None
                time.sleep(0.2)
        assert rebound.status_code == 421
        assert asyncio.run(used(address)) == DONE
    finally:
        server.terminate()
        try:
            server.wait(60)
        finally:
            server.kill()
