"""How each platform spells the addresses of its venues, for `crawlers.links`: one reader a platform.

A reader returns the venue, or says in words what the address is instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from venues.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable


class Address(NamedTuple):
    """An address taken apart."""

    host: str
    """In small letters, without "www."."""
    path: tuple[str, ...]
    query: dict[str, str]
    fragment: str

    def part(self, index: int) -> str:
        """Return one part of the path as it is spelt, or nothing; also where it has signs that no name has."""
        part = self.path[index] if index < len(self.path) else ""
        return part if re.fullmatch(r"[@+]?[\w.~-]{1,120}", part) else ""

    def at(self, index: int) -> str:
        """Return one part of the path in small letters, or nothing."""
        return self.part(index).lower()


def address_of(url: str) -> Address:
    """Take a usable address apart."""
    parts = urlsplit(url)
    # An end slash or a doubled one says nothing; a name may be spelt with %-signs.
    # What follows "&" was a query once, whose "?" a way out of somewhere else has eaten.
    path = tuple(unquote(part.partition("&")[0]) for part in parts.path.split("/") if part)
    host = (parts.hostname or "").rstrip(".").lower().removeprefix("www.")
    return Address(host, path, {name.lower(): value for name, value in parse_qsl(parts.query)}, parts.fragment)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Found(NamedTuple):
    """A venue in an address."""

    native_id: str
    url: str
    what: str
    kind: Kind
    below: bool = False
    name: str | None = None


_GROUP = "a Facebook group"
_OF_FACEBOOK = _words(
    "ads bookmarks business careers dialog directory find-friends friends gaming hashtag help home.php l.php login "
    "login.php lite messages notes notifications permalink.php photo photo.php photos plugins policies privacy profile "
    "profile.php public recover reel reels search settings share share.php sharer sharer.php stories story.php terms "
    "terms.php video videos watch"
)
_OF_GROUPS = _words("browse categories create discover explore feed joins search your_groups you")
_GROUP_TABS = _words(
    "about announcements badges buy_sell_discussion chats discussion events featured files learning_content media "
    "members photos topics"
)
_NO_NAMES = {
    "events": "a Facebook event",
    "event.php": "a Facebook event",
    "marketplace": "an item for sale",
    "people": "a person's profile",
    "profile.php": "a person's profile",
}


def _facebook(at: Address) -> Found | str:
    first = at.at(0)
    if at.host in {"fb.me", "fb.watch", "m.me"}:
        return "a short link, or a message to somebody"
    if first == "groups":
        return _facebook_group(at)
    if first == "group.php" and at.query.get("gid", "").isdigit():
        return _group_found(at.query["gid"])
    if first == "share" and at.at(1) == "g" and at.part(2):
        return Found(f"share/g/{at.part(2)}", f"https://www.facebook.com/share/g/{at.part(2)}/", _GROUP, Kind.GROUP)
    return _NO_NAMES.get(first) or _facebook_page(at)


def _facebook_page(at: Address) -> Found | str:
    first = at.at(0)
    name = at.at(len(at.path) - 1) if first == "pages" else at.at(1) if first in {"pg", "p"} else first
    if not first or first in _OF_FACEBOOK or not re.fullmatch(r"[\w.-]{2,100}", name):
        return "a page of Facebook's own, a post or a photo"
    if first == "p":
        name = name.rpartition("-")[2]
    below = at.at(1) in {"posts", "photos", "videos", "events", "reels"} and first not in {"pages", "pg", "p"}
    called = None if name.isdigit() else name
    return Found(name, f"https://www.facebook.com/{name}", "a Facebook page", Kind.PAGE, below, called)


def _facebook_group(at: Address) -> Found | str:
    if len(at.path) == 1 or at.at(1) in _OF_GROUPS or not re.fullmatch(r"[\w.-]{2,100}", at.at(1)):
        return "a page of Facebook's own"
    if at.at(2) == "user":
        return "a person's profile"
    post = bool(at.at(2)) and at.at(2) not in _GROUP_TABS
    return _group_found(at.at(1), below=post or "multi_permalinks" in at.query or at.query.get("view") == "permalink")


def _group_found(group: str, *, below: bool = False) -> Found:
    name = None if group.isdigit() else group
    return Found(f"groups/{group}", f"https://www.facebook.com/groups/{group}/", _GROUP, Kind.GROUP, below, name)


def _whatsapp(at: Address) -> Found | str:
    if at.host == "chat.whatsapp.com":
        code = at.part(1) if at.at(0) == "invite" else at.part(0)
        if re.fullmatch(r"[A-Za-z0-9_-]{16,40}", code):
            return Found(code, f"https://chat.whatsapp.com/{code}", "an invitation to a WhatsApp group", Kind.CHAT)
    if at.at(0) == "channel" and (code := at.part(1)):
        return Found(f"channel/{code}", f"https://www.whatsapp.com/channel/{code}", "a WhatsApp channel", Kind.CHANNEL)
    return "a person's number or a page of WhatsApp's own"


def _nextdoor(at: Address) -> Found | str:
    host = re.sub(r"^.*?(?=nextdoor\.)", "", at.host)
    if at.at(0) == "g" and at.at(1):
        return Found(f"{host}/g/{at.at(1)}", f"https://{host}/g/{at.at(1)}/", "a Nextdoor group", Kind.GROUP)
    if at.at(0) in {"neighbourhood", "neighborhood"} and at.at(1):
        where = f"{host}/{at.at(0)}/{at.at(1)}"
        name = at.at(1).partition("--")[0]
        return Found(where, f"https://{where}/", "a Nextdoor neighbourhood", Kind.COMMUNITY, len(at.path) > 2, name)
    return {
        "p": "a post on Nextdoor",
        "profile": "a person's profile",
        "events": "an event on Nextdoor",
        "for_sale_and_free": "an item for sale",
    }.get(at.at(0), "a business or a page of Nextdoor's own")


_OF_MEETUP = _words(
    "about apps blog cities create events find help home lp login media meetup-pro members pro register start topics "
    "topic search groups community-guidelines terms privacy"
)


_LANGUAGE = re.compile(r"(cs|da|de|el|en|es|fi|fr|hu|id|it|ja|ko|nb|nl|pl|pt|ru|sv|th|tr|uk|vi|zh)(-[a-z]{2,4})?")


def _meetup(at: Address) -> Found | str:
    if _LANGUAGE.fullmatch(at.at(0)):
        at = at._replace(path=at.path[1:])
    slug = at.at(0)
    if not re.fullmatch(r"[\w-]{3,100}", slug) or slug in _OF_MEETUP:
        return "a page of Meetup's own"
    if at.at(1) == "members" and at.at(2):
        return "a person's profile"
    below = at.at(1) == "events" and bool(at.at(2))
    return Found(slug, f"https://www.meetup.com/{slug}/", "a Meetup group", Kind.MEETUP, below, slug)


def _reddit(at: Address) -> Found | str:
    name = at.part(1) if at.at(0) == "r" else ""
    if at.at(0) in {"u", "user"} or name.lower().startswith("u_"):
        return "a person's profile"
    if not re.fullmatch(r"\w{2,21}", name) or name.lower() in {"all", "popular", "mod", "random", "friends"}:
        return "a page of Reddit's own"
    below = at.at(2) in {"comments", "s", "wiki"}
    return Found(name.lower(), f"https://www.reddit.com/r/{name}/", "a subreddit", Kind.COMMUNITY, below, f"r/{name}")


def _discord(at: Address) -> Found | str:
    code = at.part(0) if at.host == "discord.gg" else at.part(1) if at.at(0) == "invite" else ""
    if re.fullmatch(r"[\w-]{2,64}", code):
        return Found(code, f"https://discord.gg/{code}", "an invitation to a Discord server", Kind.SERVER)
    if at.at(0) in {"servers", "channels"} and (number := re.search(r"(\d{15,22})$", at.at(1))):
        name = at.at(1).removesuffix(number[1]).strip("-") or None
        url = f"https://discord.com/servers/{at.at(1)}"
        return Found(number[1], url, "a Discord server", Kind.SERVER, len(at.path) > 2, name)
    return "a page of Discord's own"


_OF_TELEGRAM = _words(
    "addemoji addlist addstickers addtheme bg blog boost c confirmphone contact giftcode invoice iv login m nft proxy "
    "setlanguage share socks"
)


def _telegram(at: Address) -> Found | str:
    if at.host.endswith(".t.me"):
        at = at._replace(path=(at.host.removesuffix(".t.me"), *at.path))
    if at.at(0) == "s":
        at = at._replace(path=at.path[1:])
    first = at.part(0)
    code = at.part(1) if first.lower() == "joinchat" else first[1:] if first.startswith("+") else ""
    if re.fullmatch(r"[\w-]{10,40}", code):
        return Found(f"+{code}", f"https://t.me/+{code}", "an invitation to a Telegram group", Kind.CHAT)
    if first.lower() in _OF_TELEGRAM or not re.fullmatch(r"[A-Za-z]\w{3,31}", first):
        return "a page of Telegram's own"
    if first.lower().endswith("bot"):
        return "a Telegram bot"
    return Found(
        first.lower(), f"https://t.me/{first}", "a public name on Telegram", Kind.CHAT, at.at(1).isdigit(), first
    )


def _mumsnet(at: Address) -> Found | str:
    return _talk(at, "talk", "Mumsnet", "https://www.mumsnet.com")


def _gransnet(at: Address) -> Found | str:
    return _talk(at, "forums", "Gransnet", "https://www.gransnet.com")


def _talk(at: Address, root: str, site: str, home: str) -> Found | str:
    if at.at(0) != root:
        return f"a page of {site}'s own"
    board = at.at(1)
    if not board or board in {"active", "search", "i-am-on", "watched", "topics"} or board.isdigit():
        return Found(root, f"{home}/{root}", f"the forum of {site}", Kind.FORUM, bool(board), None)
    below = bool(at.at(2))
    return Found(f"{root}/{board}", f"{home}/{root}/{board}", f"a board of {site}", Kind.BOARD, below, board)


def _netmums(at: Address) -> Found | str:
    if at.at(0) != "coffeehouse":
        return "a page of Netmums' own"
    boards = [part for part in (at.at(1), at.at(2)) if re.fullmatch(r"[a-z][\w-]*-\d+", part)]
    where = "/".join(["coffeehouse", *boards])
    url, below = f"https://www.netmums.com/{where}/", len(at.path) > 1 + len(boards)
    if not boards:
        return Found(where, url, "the forum of Netmums", Kind.FORUM, below, None)
    return Found(where, url, "a board of Netmums", Kind.BOARD, below, boards[-1].rpartition("-")[0])


def _youtube(at: Address) -> Found | str:
    first, second = at.part(0), at.part(1)
    if first.lower() == "channel" and re.fullmatch(r"UC[\w-]{22}", second):
        return Found(second, f"https://www.youtube.com/channel/{second}", "a YouTube channel", Kind.CHANNEL)
    name = first if first.startswith("@") else f"{first.lower()}/{second}" if first.lower() in {"c", "user"} else ""
    if len(name) > 3:
        url = f"https://www.youtube.com/{name}"
        return Found(name.lower(), url, "a YouTube channel", Kind.CHANNEL, name=name.rpartition("/")[2].lstrip("@"))
    return "a video or a page of YouTube's own"


def _linkedin(at: Address) -> Found | str:
    if at.at(0) == "groups" and at.at(1).isdigit():
        return Found(
            f"groups/{at.at(1)}", f"https://www.linkedin.com/groups/{at.at(1)}/", "a LinkedIn group", Kind.GROUP
        )
    return "a person's profile, a post or a page on LinkedIn"


def _twitter(at: Address) -> Found | str:
    if at.at(0) == "i" and at.at(1) == "communities" and at.at(2).isdigit():
        url = f"https://x.com/i/communities/{at.at(2)}"
        return Found(f"communities/{at.at(2)}", url, "a community on X", Kind.COMMUNITY)
    return "an account or a post on X"


def _account(_: Address) -> Found | str:
    return "an account, or what one account has posted"


def _groups_io(at: Address) -> Found | str:
    if at.at(0) != "g" or not at.at(1):
        return "a page of groups.io's own"
    where = f"{at.host}/g/{at.at(1)}"
    return Found(where, f"https://{where}", "a mailing list on groups.io", Kind.LIST, bool(at.at(2)), at.at(1))


def _google_groups(at: Address) -> Found | str:
    if at.at(0) == "a":
        at = at._replace(path=at.path[2:])
    name = at.at(1)
    if at.at(0) != "g" or not name:
        return "a page of Google Groups' own"
    where = f"groups.google.com/g/{name}"
    return Found(where, f"https://{where}", "a mailing list", Kind.LIST, len(at.path) > 2, name)


def _slack(at: Address) -> Found | str:
    team = at.at(1) if at.host == "join.slack.com" and at.at(0) == "t" else at.host.removesuffix(".slack.com")
    if team in {"", "slack.com", "join.slack.com", "app", "api"}:
        return "a page of Slack's own"
    return Found(team, f"https://{team}.slack.com", "a Slack workspace", Kind.SERVER, name=team)


def _signal(at: Address) -> Found | str:
    if not re.fullmatch(r"[\w-]{10,200}", at.fragment):
        return "a page of Signal's own"
    return Found(at.fragment, f"https://signal.group/#{at.fragment}", "an invitation to a Signal group", Kind.CHAT)


def _matrix(at: Address) -> Found | str:
    name = unquote(at.fragment).strip("/").partition("?")[0].partition("/")[0]
    if not re.fullmatch(r"[#!][^\s:]+(:\S+)?", name):
        return "a person's profile or a page of Matrix' own"
    # The id of a room does not say where it is: there the address's own hint is kept.
    url = f"https://matrix.to/#{at.fragment}" if name.startswith("!") else f"https://matrix.to/#/{name}"
    return Found(name, url, "a Matrix room", Kind.CHAT, name=name.lstrip("#!").partition(":")[0])


def _healthunlocked(at: Address) -> Found | str:
    name = at.at(0)
    if not re.fullmatch(r"[a-z0-9-]{2,80}", name) or name in {"user", "search", "about", "communities", "login"}:
        return "a page of HealthUnlocked's own"
    url, below = f"https://healthunlocked.com/{name}", at.at(1) == "posts"
    return Found(name, url, "a community on HealthUnlocked", Kind.COMMUNITY, below, name)


def _hosts(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


PLATFORMS: tuple[tuple[str, re.Pattern[str], Callable[[Address], Found | str]], ...] = (
    ("facebook", _hosts(r"([\w-]+\.)*(facebook|fb|messenger)\.com", r"fb\.(me|watch)", r"m\.me"), _facebook),
    ("whatsapp", _hosts(r"([\w-]+\.)?whatsapp\.com", r"wa\.me"), _whatsapp),
    ("nextdoor", _hosts(r"([\w-]+\.)?nextdoor\.[a-z]{2,3}(\.[a-z]{2})?"), _nextdoor),
    ("meetup", _hosts(r"([\w-]+\.)?meetup\.com"), _meetup),
    ("reddit", _hosts(r"([\w-]+\.)?reddit\.com"), _reddit),
    ("discord", _hosts(r"discord\.gg", r"([\w-]+\.)?discord(app)?\.com"), _discord),
    ("telegram", _hosts(r"([\w-]+\.)?t\.me", r"telegram\.(me|dog)"), _telegram),
    ("mumsnet", _hosts(r"(m\.)?mumsnet\.com"), _mumsnet),
    ("netmums", _hosts(r"(m\.)?netmums\.com"), _netmums),
    ("gransnet", _hosts(r"(m\.)?gransnet\.com"), _gransnet),
    ("youtube", _hosts(r"(m\.)?youtube\.com"), _youtube),
    ("linkedin", _hosts(r"([\w-]+\.)?linkedin\.com", r"lnkd\.in"), _linkedin),
    ("twitter", _hosts(r"([\w-]+\.)?(x|twitter)\.com", r"t\.co"), _twitter),
    ("instagram", _hosts(r"([\w-]+\.)?instagram\.com", r"instagr\.am"), _account),
    ("threads", _hosts(r"([\w-]+\.)?threads\.(net|com)"), _account),
    ("tiktok", _hosts(r"([\w-]+\.)?tiktok\.com"), _account),
    ("mailinglist", _hosts(r"([\w-]+\.)?groups\.io"), _groups_io),
    ("mailinglist", _hosts(r"groups\.google\.com"), _google_groups),
    ("slack", _hosts(r"([\w-]+\.)*slack\.com"), _slack),
    ("signal", _hosts(r"signal\.group"), _signal),
    ("matrix", _hosts(r"matrix\.to"), _matrix),
    ("healthunlocked", _hosts(r"healthunlocked\.com"), _healthunlocked),
)
