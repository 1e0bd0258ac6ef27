"""What a link leads to: which platform, and the venue's own name there. Nothing is fetched.

Open directories name groups on Facebook, Telegram or Discord by their addresses alone; one group must be the same
venue whoever names it. Links to one person's page, to a post or to a button for sharing lead to no venue.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from crawlers.parsing import url_or_none
from venues.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Link(NamedTuple):
    """A venue as an address names it."""

    platform: str
    native_id: str
    kind: Kind
    url: str
    """In one form, without what was tracked."""


_SUBDOMAIN = re.compile(r"(?:www|m|mobile|web|touch|mbasic|old|new|np|[a-z]{2}-[a-z]{2})\.")
_NAME = re.compile(r"[\w.+-]{2,100}")
_NO_PAGES = frozenset({
    "ads", "business", "dialog", "event", "events", "friends", "gaming", "groups", "hashtag", "help", "home.php",
    "l.php", "legal", "login", "login.php", "marketplace", "media", "messages", "notes", "pages", "people",
    "permalink.php", "photo", "photo.php", "photos", "plugins", "policies", "privacy", "profile.php", "public", "reel",
    "search", "settings", "share", "share.php", "sharer", "sharer.php", "stories", "story.php", "video", "videos",
    "watch",
})  # fmt: skip
"""First parts of Facebook addresses that are no page's name; profile.php and people lead to one person."""


def link_to(value: object) -> Link | None:
    """Return the venue that an address leads to, or None for an address of no platform known here."""
    text = value.strip() if isinstance(value, str) else ""
    if re.match(r"(?:[\w-]+\.)+[a-z]{2,}/", text):
        text = f"https://{text}"
    url = url_or_none(text)
    if url is None:
        return None
    parts = urlsplit(url)
    host = _SUBDOMAIN.sub("", (parts.hostname or "").lower(), count=1)
    reader = _READERS.get(host)
    path = [unquote(part) for part in parts.path.split("/") if part]
    return reader(path, parts.fragment) if reader else None


def _facebook(path: Sequence[str], _: str) -> Link | None:
    first = path[0].lower() if path else ""
    if first == "groups" and len(path) > 1:
        return _named("facebook", "groups/", path[1], Kind.GROUP, "https://www.facebook.com/groups/{}/")
    if first in {"p", "pg"} and len(path) > 1:
        prefix = "p/" if first == "p" else ""
        return _named("facebook", prefix, path[1], Kind.PAGE, f"https://www.facebook.com/{prefix}{{}}/")
    if first == "pages" and len(path) > 2 and path[-1].isdigit():
        return _named("facebook", "", path[-1], Kind.PAGE, "https://www.facebook.com/{}/")
    if not first or first in _NO_PAGES:
        return None
    return _named("facebook", "", path[0], Kind.PAGE, "https://www.facebook.com/{}/")


def _reddit(path: Sequence[str], _: str) -> Link | None:
    if len(path) < 2 or path[0] != "r":
        return None
    return _named("reddit", "", path[1], Kind.COMMUNITY, "https://www.reddit.com/r/{}/")


def _telegram(path: Sequence[str], _: str) -> Link | None:
    names = path[1:] if path and path[0] in {"s", "joinchat"} else path
    if not names or names[0].lower() in {"c", "share", "addstickers", "proxy", "iv"}:
        return None
    invited = path[0] == "joinchat" or names[0].startswith("+")
    if invited:
        code = names[0].removeprefix("+")
        return _named("telegram", "+", code, Kind.CHAT, "https://t.me/+{}", cased=True)
    is_bot = names[0].lower().endswith("bot")
    return None if is_bot else _named("telegram", "", names[0], Kind.CHAT, "https://t.me/{}")


def _discord(path: Sequence[str], _: str) -> Link | None:
    if len(path) > 1 and path[0] == "channels":
        number = path[1] if path[1].isdigit() else ""
        return _named("discord", "", number, Kind.SERVER, "https://discord.com/channels/{}")
    code = path[1:2] if path and path[0] == "invite" else []
    return _discord_invite(code, "")


def _discord_invite(path: Sequence[str], _: str) -> Link | None:
    return _named("discord", "discord.gg/", path[0] if path else "", Kind.SERVER, "https://discord.gg/{}", cased=True)


def _whatsapp(path: Sequence[str], _: str) -> Link | None:
    names = path[1:] if path and path[0] == "invite" else path
    code = names[0] if names else ""
    return _named("whatsapp", "", code, Kind.GROUP, "https://chat.whatsapp.com/{}", cased=True)


def _whatsapp_channel(path: Sequence[str], _: str) -> Link | None:
    code = path[1] if len(path) > 1 and path[0] == "channel" else ""
    return _named("whatsapp", "channel/", code, Kind.CHANNEL, "https://whatsapp.com/channel/{}", cased=True)


def _matrix(_: Sequence[str], fragment: str) -> Link | None:
    alias = unquote(fragment).lstrip("/").partition("?")[0].partition("/")[0]
    if not re.fullmatch(r"[#!][^\s:]{1,150}:[\w.-]+(?::\d{2,5})?", alias):
        return None
    return Link("matrix", alias, Kind.CHAT, f"https://matrix.to/#/{quote(alias, safe='#!:@+=&~')}")


def _signal(_: Sequence[str], fragment: str) -> Link | None:
    return _named("signal", "", fragment, Kind.CHAT, "https://signal.group/#{}", cased=True)


def _meetup(path: Sequence[str], _: str) -> Link | None:
    names = path[1:] if path and re.fullmatch(r"[a-z]{2}-[A-Z]{2}", path[0]) else path
    taken = {"find", "topics", "members", "cities", "login", "help", "apps", "lp", "pro", "blog", "about"}
    if not names or names[0].lower() in taken:
        return None
    return _named("meetup", "", names[0], Kind.MEETUP, "https://www.meetup.com/{}/")


def _youtube(path: Sequence[str], _: str) -> Link | None:
    if len(path) > 1 and path[0] == "channel":
        return _named("youtube", "", path[1], Kind.CHANNEL, "https://www.youtube.com/channel/{}", cased=True)
    handle = path[0].removeprefix("@") if path and path[0].startswith("@") else ""
    return _named("youtube", "@", handle, Kind.CHANNEL, "https://www.youtube.com/@{}")


def _named(platform: str, prefix: str, name: str, kind: Kind, form: str, *, cased: bool = False) -> Link | None:
    """Make the link of a name, if it is one; `cased` where the platform tells capitals from small letters."""
    if not _NAME.fullmatch(name):
        return None
    return Link(platform, prefix + (name if cased else name.lower()), kind, form.format(quote(name, safe="+")))


_READERS: dict[str, Callable[[Sequence[str], str], Link | None]] = {
    "facebook.com": _facebook,
    "fb.com": _facebook,
    "reddit.com": _reddit,
    "t.me": _telegram,
    "telegram.me": _telegram,
    "discord.com": _discord,
    "discordapp.com": _discord,
    "discord.gg": _discord_invite,
    "chat.whatsapp.com": _whatsapp,
    "whatsapp.com": _whatsapp_channel,
    "matrix.to": _matrix,
    "signal.group": _signal,
    "meetup.com": _meetup,
    "youtube.com": _youtube,
}
