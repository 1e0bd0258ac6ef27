"""Misago, on a PostgreSQL of its own: the one of Debian, since Misago wants an extension (hstore) of its contrib."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from servers.base import debian, folder_of, nobody, started
from servers.django_site import Forum, running

if TYPE_CHECKING:
    from collections.abc import Iterator

# Nothing is lost that matters if the machine goes down: it need not wait for the disk.
_HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=")


@pytest.fixture(scope="session")
def misago(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forum]:
    """A running Misago forum."""
    folder = tmp_path_factory.mktemp("misago")
    with (
        _postgres() as sockets,
        running("misago", folder, "misago", settings={"VENUES_POSTGRES": str(sockets)}) as forum,
    ):
        yield forum


@contextlib.contextmanager
def _postgres() -> Iterator[Path]:
    """Run a PostgreSQL that listens on no port; yield the folder of its socket. initdb refuses to run as root."""
    debian("PostgreSQL", lambda: _programs() is not None, "postgresql")
    programs, who = _programs(), nobody()
    with folder_of(who) as folder:
        data = folder / "data"
        create = [f"{programs}/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        subprocess.run(create, check=True, stdout=subprocess.DEVNULL, cwd=folder, **who)
        settings = [part for setting in _HASTY for part in ("-c", setting)]
        command = [f"{programs}/postgres", "-D", data, "-k", folder, *settings]
        with started(command, folder / "log", (folder / ".s.PGSQL.5432").exists, cwd=folder, **who):
            yield folder


def _programs() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs: Debian keeps them off the path, others do not."""
    found = [each.parent for each in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda each: float(each.parent.name))
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).resolve().parent if elsewhere else None
