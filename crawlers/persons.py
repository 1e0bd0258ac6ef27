"""How one person is addressed in a text, and the text without it: we keep nothing of persons.

What only looks so stays: a time ("@7pm"), a club's name ("Coffee @ Four"), everybody ("@everyone"), the address of a
Lemmy community ("!leeds@feddit.example") and that of a Matrix room.

>>> without_persons("Ask @ann, bo@x.example or u/cyd; meet @7pm @ the mill, see !leeds@feddit.example")
'Ask …, … or …; meet @7pm @ the mill, see !leeds@feddit.example'
"""

from __future__ import annotations

import re

_HOST = r"[\w-]{1,63}(?:\.[\w-]{1,63})+"
_NOT_NAMES = r"(?!\d{1,4}(?:[:.]\d\d)?(?:am|pm|p|h|hrs?|k|ish)?(?![\w@])|(?:everyone|here|all|room|channel)(?![\w@]))"
_HANDLE = (
    rf"(?<![\w/@.])@{_NOT_NAMES}[A-Za-z0-9_][\w.-]{{0,63}}(?:@[\w.-]{{1,100}})?(?<![.-])"
    r"|(?<![\w/@.-])[\w-]{1,63}\.bsky\.social\b"
)
HANDLE = re.compile(_HANDLE, re.IGNORECASE)
"""The name of an account: @ann, @ann@server.example, ann.bsky.social."""
_PERSON = re.compile(
    rf"(?<![\w.+!-])[\w.+-]{{1,64}}@{_HOST}"  # e-mail
    rf"|(?<![\w/])@[\w.=/+-]{{1,64}}[:@]{_HOST}(?::\d{{2,5}})?"  # Matrix and the fediverse
    r"|(?<![\w./-])(?:https?://)?(?:[\w-]{1,63}\.){1,4}[a-z]{2,20}/(?:@|(?:u|user|users|profile|in)/)[\w.%-]{1,64}"
    r"(?<![.-])"
    r"|(?<![\w/])/?u/[\w-]{3,20}\b"  # Reddit and Lemmy
    rf"|{_HANDLE}",
    re.IGNORECASE,
)
_TELEPHONE = re.compile(r"(?<![\w.,:/=-])(?:\+|\(?0)[\d ()-]{8,20}\d(?![\w-])")


def without_persons(text: str) -> str:
    """Return a text with accounts, e-mail addresses and links to people's pages as "…"."""
    return _PERSON.sub("…", text) if _may_name(text) else text


def _may_name(text: str) -> bool:
    """Tell whether a text bears any sign by which a person is addressed: most bear none, and looking is cheap."""
    if "@" in text:
        return True
    if "/" not in text:
        return ".bsky.social" in text.lower()
    lowered = text.lower()
    return (
        "u/" in lowered
        or "/user" in lowered
        or "/profile/" in lowered
        or "/in/" in lowered
        or ".bsky.social" in lowered
    )


def without_telephones(text: str) -> str:
    """Return a text with telephone numbers as "…": whoever gave one gave it for their own members to ring."""
    # Every number that is looked for begins with one of these two: most texts hold neither.
    return _TELEPHONE.sub(_blanked, text) if "0" in text or "+" in text else text


def _blanked(found: re.Match[str]) -> str:
    return "…" if sum(char.isdigit() for char in found[0]) >= 10 else found[0]
