"""What every server of the journeys needs: an environment of its own, a port, a start, an end, and a crawl."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import platformdirs
import pytest

from crawlers.fetching import Fetcher
from crawlers.registry import build, site_from
from crawlers.running import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from crawlers.running import CrawlOutcome

HERE = Path(__file__).parent


@contextlib.contextmanager
def locked(name: str) -> Iterator[Path]:
    """Hold one thing of the tests' cache against other test runs, and yield the cache's folder."""
    cache = Path(os.environ.get("VENUES_TEST_CACHE") or platformdirs.user_cache_path("venues-tests"))
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield cache


def installed(name: str, *packages: str) -> Path:
    """Return the Python of an environment that holds packages and nothing of ours; made once, then kept.

    It fails where there is no network: a journey that is skipped in silence tests nothing.
    """
    constraints = HERE / "constraints" / f"{name}.txt"
    wanted = hashlib.sha256(constraints.read_bytes() + " ".join((sys.version, *packages)).encode()).hexdigest()
    with locked(name) as cache:
        folder = cache / name
        stamp = folder / "complete"
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            # Our own pip serves it, and what is never imported need not be compiled.
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
            pip = [
                sys.executable,
                "-m",
                "pip",
                "--disable-pip-version-check",
                "--python",
                str(folder / "bin" / "python"),
            ]
            options = ["--quiet", "--no-compile", "--constraint", str(constraints)]
            subprocess.run([*pip, "install", *options, *packages], check=True)
            stamp.write_text(wanted)
    return folder / "bin" / "python"


def debian(what: str, found: Callable[[], bool], *packages: str) -> None:
    """See to it that Debian packages are there: installed as root, else the test is skipped and says what it wants."""
    if found():
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        pytest.skip(f"{what} is not installed. As root: apt-get install {' '.join(packages)}")
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    settings = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with locked("apt"), _no_daemons():
        if not found():
            subprocess.run([*apt, "update"], check=False, env=settings)
            install = [*apt, "install", "-y", "--no-install-recommends", *packages]
            subprocess.run(install, check=True, env=settings, stdout=subprocess.DEVNULL)
    if not found():
        raise RuntimeError(f"{what} is not where it should be after apt-get install {' '.join(packages)}")


@contextlib.contextmanager
def _no_daemons() -> Iterator[None]:
    """Keep Debian from starting what it installs: it would listen to the network, and nobody would stop it."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()


def nobody() -> dict[str, Any]:
    """Return what makes a process run without privileges: some servers refuse to run as root."""
    if os.geteuid() != 0:
        return {}
    return {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}


@contextlib.contextmanager
def folder_of(who: Mapping[str, Any]) -> Iterator[Path]:
    """Yield a folder that those processes own, with a path short enough for a socket in it."""
    folder = Path(tempfile.mkdtemp(prefix="venues-", dir="/tmp"))
    folder.chmod(0o755)
    hand_over(folder, who)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def hand_over(folder: Path, who: Mapping[str, Any]) -> None:
    """Give a folder and all that is in it to those processes, whatever the user's umask keeps from others."""
    for path in (folder, *folder.rglob("*")) if who else ():
        shutil.chown(path, who["user"], who["group"])


def free_port() -> int:
    """Return a port on loopback that nobody listens on, and that for a while nobody is given who does not name it.

    It has a connection behind it that was closed on its side: until the system forgets that, in half a minute or more,
    it gives the port to no one who asks for any; a server that asks for this one, and reuses addresses, may have it.
    """
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()) as other,
    ):
        accepted, _ = listening.accept()
        accepted.close()
        other.recv(1)
        port: int = listening.getsockname()[1]
        return port


@contextlib.contextmanager
def started(
    command: Sequence[object], log: Path, ready: Callable[[], bool], seconds: float = 180.0, **more: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the end of the block; `more` goes to Popen. Raises with the log's end if it fails to start."""
    with log.open("wb") as output:
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=subprocess.STDOUT, **more)
    try:
        until(lambda: _ready(process, ready, log), f"{command[0]} to answer", log, seconds)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _ready(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"{process.args} ended by itself with {process.returncode}\n{tail(log)}")
    with contextlib.suppress(httpx.HTTPError):
        return ready()
    return False


def answers(url: str) -> bool:
    """Tell whether a server answers at all."""
    return probed(url).status_code < 500


def probed(url: str) -> httpx.Response:
    """Ask for a page of a server of ours, which may take its time; no request of a crawl has this User-Agent."""
    return httpx.get(url, headers={"User-Agent": "probe"}, trust_env=False, timeout=60)


def until(true: Callable[[], bool], what: str, log: Path | None = None, seconds: float = 60.0) -> None:
    """Wait until something is true. Raises TimeoutError with the log's end."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}\n{tail(log)}")
        time.sleep(0.05)


def tail(log: Path | None) -> str:
    """Return the end of a log."""
    return log.read_text(errors="replace")[-3000:] if log and log.exists() else ""


def crawled(text: str) -> CrawlOutcome:
    """Crawl a site through the whole engine."""

    async def crawl() -> CrawlOutcome:
        site = site_from(text)
        async with Fetcher(contact="tests@example.org") as fetcher:
            return await run(site, build(site), fetcher, now=lambda: datetime.now(UTC))

    return asyncio.run(crawl())


def told(outcome: CrawlOutcome) -> str:
    """Return all that the listings of a crawl say, in lower case: for seeing that something is not in it."""
    return json.dumps([listing.to_record() for listing in outcome.listings], ensure_ascii=False).lower()
