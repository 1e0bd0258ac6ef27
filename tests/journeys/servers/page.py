"""The page, served by the command as it is installed, and a browser to look at it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from servers.base import debian, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

COMMAND = str(Path(os.environ.get("VENUES_TEST_BIN") or Path(sys.executable).parent) / "venues")
ALONE = str(Path(__file__).with_name("alone.py"))
"""The command without the sites that come with it. A file, so that its workers are without them too."""
PATIENCE = 60_000
"""Milliseconds that a page may need, however busy the machine is."""


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that runs."""

    address: str
    process: subprocess.Popen[bytes]

    def interrupt(self, within: float) -> int:
        """Press Ctrl-C, and return the exit code. Raises TimeoutExpired if it takes longer than that."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(within)


def environment_for(folder: Path) -> dict[str, str]:
    """Return settings under which a command keeps its index in a folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VENUES_")}
    return kept | {"VENUES_DB": str(folder / "venues.db")}


def run(folder: Path, *arguments: str) -> str:
    """Run a command on the index in a folder, and return what it prints."""
    done = subprocess.run(
        [COMMAND, *arguments], check=True, env=environment_for(folder), capture_output=True, text=True, timeout=300
    )
    return done.stdout


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Serving]:
    """Serve the index in a folder until the end of the block."""
    port = free_port()
    command = [str(Path(COMMAND).with_name("python")), ALONE, "serve", "--port", str(port), *options]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, env=environment_for(folder), stdout=log, stderr=log)
        try:
            _until_it_answers(f"http://127.0.0.1:{port}", process)
            yield Serving(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()
            try:
                process.wait(60)
            finally:
                process.kill()


def _until_it_answers(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(httpx.HTTPError):
            if httpx.get(f"{address}/healthz", trust_env=False).is_success:
                return
        time.sleep(0.2)
    raise TimeoutError("the page did not come up")


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a window; its library holds the thread's event loop, so no longer than it is needed."""
    from playwright.sync_api import expect, sync_playwright

    debian("Chromium", lambda: _chromium() is not None, "chromium", "fonts-liberation", "fonts-dejavu-core")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as tools:
        opened = tools.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"], timeout=PATIENCE)
        yield opened
        opened.close()


@contextmanager
def looking(browser: Browser, **more: Any) -> Iterator[Page]:
    """A visitor with patience; `more` goes to the browser."""
    context = browser.new_context(**more)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@contextmanager
def visiting(browser: Browser, address: str) -> Iterator[Page]:
    """A visitor who asks nothing of any other server, and on whose pages nothing goes wrong."""
    faults: list[str] = []
    with looking(browser, viewport={"width": 1440, "height": 900}) as made:
        made.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        made.on("pageerror", lambda error: faults.append(str(error)))
        made.on(
            "request",
            lambda asked: None if asked.url.startswith((address, "data:", "blob:")) else faults.append(asked.url),
        )
        yield made
    assert faults == []


def follow(page: Page, link: Locator) -> None:
    """Click on what leads to another page, and wait until that is there, all of it."""
    with page.expect_navigation():
        link.click()


def search(page: Page, address: str, text: str = "mums in Brighton") -> None:
    """Type a question into the box and send it."""
    page.goto(address)
    page.get_by_label("Who do you want to reach, and where?").fill(text)
    follow(page, page.get_by_role("button", name="Find"))
