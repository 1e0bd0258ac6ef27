"""How a server of ours listens: quietly, and gone within seconds once it is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from venues.errors import SettingsError, StoreError

if TYPE_CHECKING:
    from starlette.applications import Starlette

_LEAVING = 2
"""Seconds that open connections have once the server is stopped; a crawl has its own few (`venues.crawling`)."""


def listen(application: Starlette, host: str, port: int) -> None:
    """Serve until stopped. Raises SettingsError where the address cannot be listened on; StoreError else."""
    import uvicorn

    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_LEAVING,
    )
    server = uvicorn.Server(config)
    try:
        server.run()
    except SystemExit as error:
        raise SettingsError(
            f"--host {host} --port {port}", "cannot be listened on; another program may have it"
        ) from error
    if not server.started:
        raise StoreError("The server could not start; what went wrong stands above.")
