r"""What a page is in which no crawler sees a venue, in words that complete "The page ...".

>>> said_of_json({"errcode": "M_FORBIDDEN", "error": "No"})
'is an error message of an API'
>>> said_of_text("User-agent: *\nDisallow: /api/")
'is a robots.txt'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawlers.parsing import dig

if TYPE_CHECKING:
    from crawlers.contract import Page

WIKI = "is a page of a wiki"
QUESTIONS = "is a page of questions and answers"
_READ = 200_000
"""Characters that are looked at."""

_ERROR = "is an error message of an API"
_THREADS = "is a list of threads"
_POSTS = "is a list of posts"
_PEOPLE = "is a list of people, which is not read"
_BY_KEY = (
    (frozenset({"errcode", "error", "errors", "exception"}), _ERROR),
    (frozenset({"acct", "accounts", "followers_count", "users", "members"}), _PEOPLE),
    (frozenset({"thread_id", "thread", "tid", "topics", "topic_list", "discussions", "threads", "replies"}), _THREADS),
    (frozenset({"account", "post", "posts", "post_stream", "statuses", "comments", "message_id"}), _POSTS),
    (frozenset({"short_name", "rules"}), "is a list of rules"),
    (frozenset({"batchcomplete"}), "is a reply of a wiki"),
    (frozenset({"software"}), "says what software runs there"),
)  # fmt: skip
"""What an object is that has one of these keys; the first counts."""
_TEXTS = (
    (r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*(?:user-agent|disallow|allow|sitemap)\s*:", "is a robots.txt"),
    (r"\s*(?:<\?xml[^>]{0,300}\?>|<!--.{0,300}?-->|<\?xml-stylesheet[^>]{0,300}\?>|\s){0,5}<(?:urlset|sitemapindex)\b",
     "is a sitemap"),
    (r"\s*<(?:iq|message|presence|stream:stream)\b[^>]{0,1000}\b(?:to|from|type|xmlns)=", "is a message of XMPP"),
)  # fmt: skip
_GENERATORS = (
    (r"mediawiki|dokuwiki|xwiki|twiki|foswiki|moinmoin|pmwiki|tiki wiki|wiki\.js|bookstack|gollum|zim\b", WIKI),
    (r"askbot|question2answer|osqa", QUESTIONS),
)
_MARKUP = (
    (r"<body\b[^>]{0,300}\b(?:mediawiki|wikijs)\b|\bid=[\"']dokuwiki__", WIKI),
    (r"\btgme_widget_message\b", _POSTS),
    (r"\baskbot\b[^\n]{0,40}(?:\.js|\.css|['\"]\]\s*=)|powered by\b[^\n]{0,80}\baskbot", QUESTIONS),
)
_GENERATOR = re.compile(r"<meta\b[^<>]{0,80}\bname=[\"']?generator\b[^<>]{0,300}>", re.IGNORECASE)


def said_of(page: Page) -> str | None:
    """Return what a page is that no crawler knows, if it can be told. Raises nothing."""
    if page.body.lstrip()[:1] in {b"{", b"["}:
        try:
            return said_of_json(page.json())
        except Exception:  # noqa: BLE001 - what is no JSON is some text
            return said_of_text(page.text)
    return "is no text" if _is_binary(page) else said_of_text(page.text)


def _is_binary(page: Page) -> bool:
    return not page.encoding.lower().startswith("utf-16") and b"\0" in page.body[:4000]


def said_of_json(reply: object) -> str | None:
    """Return what a reply of an API is."""
    if reply in ([], {}) or [] in (dig(reply, "data", "children"), dig(reply, "results")):
        return "is a list with nothing in it"
    if dig(reply, "kind") == "Listing":
        return _POSTS
    if dig(reply, "query", "general", "generator") is not None:
        return "is a reply of a wiki"
    if isinstance(reply, list) and all(isinstance(each, str) for each in reply):
        return "is a list of words"
    shown = [reply, dig(reply, 0), dig(reply, "results", 0)]
    keys = {key for each in shown if isinstance(each, dict) for key in each}
    known = next((said for told, said in _BY_KEY if not keys.isdisjoint(told)), None)
    return known or "is a reply of an API, and no list of venues that is known here"


def said_of_text(text: str) -> str | None:
    """Return what a text or a page of HTML is."""
    source = text[:_READ]
    plain = (said for pattern, said in _TEXTS if re.match(pattern, source, re.IGNORECASE | re.DOTALL))
    named = " ".join(tag[0] for tag in _GENERATOR.finditer(source))
    generated = (said for pattern, said in _GENERATORS if re.search(pattern, named, re.IGNORECASE))
    marked = (said for pattern, said in _MARKUP if re.search(pattern, source, re.IGNORECASE))
    return next((said for group in (plain, generated, marked) for said in group), None)
