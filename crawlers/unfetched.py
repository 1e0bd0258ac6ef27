"""Hosts that are never asked for anything: their terms forbid automated reading.

What is listed there is known from search hits, open directories and organisers' own links alone.
"""

from __future__ import annotations

from venues.errors import AddressRefused

NEVER_FETCHED = (
    "facebook.com",
    "facebook.net",
    "fb.com",
    "fb.me",
    "fb.watch",
    "fbcdn.net",
    "messenger.com",
    "m.me",
    "instagram.com",
    "instagr.am",
    "cdninstagram.com",
    "threads.com",
    "threads.net",
    "whatsapp.com",
    "whatsapp.net",
    "wa.me",
    "nextdoor.*",
    "meetup.com",
    "meetu.ps",
    "linkedin.com",
    "lnkd.in",
    "x.com",
    "twitter.com",
    "t.co",
    "tiktok.com",
    "snapchat.com",
)
"""Ends of host names; one that ends in a star stands for the name under any country's ending."""

_EXACT = frozenset(each for each in NEVER_FETCHED if not each.endswith(".*"))
_ANYWHERE = frozenset(each.removesuffix(".*") for each in NEVER_FETCHED if each.endswith(".*"))


def is_never_fetched(host: str) -> bool:
    """Tell whether a host, or one that it is part of, is on the list.

    >>> is_never_fetched("m.facebook.com"), is_never_fetched("notfacebook.com"), is_never_fetched("nextdoor.co.uk")
    (True, False, True)
    """
    labels = host.rstrip(".").lower().split(".")
    if any(".".join(labels[at:]) in _EXACT for at in range(len(labels))):
        return True
    # "co.uk" and "com.au" are endings; "example.com" is not.
    ending = 2 if len(labels) > 2 and len(labels[-2]) <= 3 else 1
    return len(labels) > ending and labels[-1 - ending] in _ANYWHERE


def refuse_unfetched(url: str, host: str) -> None:
    """Raise AddressRefused where the host is on the list, whatever the request and whoever makes it."""
    if is_never_fetched(host):
        raise AddressRefused(url, "is on a host that is never fetched: its terms forbid automated reading")
