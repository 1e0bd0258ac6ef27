"""Names of sites as people read them; their whole names are what commands take and stores keep."""

from __future__ import annotations

from urllib.parse import parse_qsl

_LONGEST_PATH = 40
"""Characters of an address up to which its path is part of a short name."""


def short_name(site: str) -> str:
    """Return the name of a site as people read it.

    >>> short_name("matrix:https://matrix.example?country=GB")
    'matrix.example (matrix)'
    >>> short_name("itunes:?area=Leeds&store=GB")
    'itunes for Leeds'
    """
    platform, _, rest = site.partition(":")
    address, _, options = rest.partition("?")
    host = address.partition("://")[2] or address
    if len(host) > _LONGEST_PATH:
        host = host.partition("/")[0]
    area = dict(parse_qsl(options)).get("area")
    return (f"{host} ({platform})" if host else platform) + (f" for {area}" if area else "")
