"""What is never suggested, by its own words: spaces for people in crisis, for adults' eyes, and closed ones.

Told by the venue's own words, and meant to err on the side of leaving people alone: a space that speaks of these
things in passing is left out with those that exist for them, and the count is shown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.words import readable

if TYPE_CHECKING:
    from venues.model import Listing

_CRISIS = re.compile(
    r"""\b(
        suicid\w* | self[\s-]?harm\w* | self[\s-]injur\w* | depression
      | (?:want|thinking|thoughts)\sof\s(?:dying|death)
      | (?:domestic|child|sexual)\s(?:abuse|violence)
      | (?:rape|sexual\sassault|incest) (?=\W.*\b(?:surviv|support|help|recover))
      | (?:abuse|assault|rape|trafficking)\s(?:survivors?|victims?)
      | (?:survivors?|victims?)\sof\s\w*\s?(?:abuse|assault|rape|violence)
      | miscarriages? | still[\s-]?birth\w* | (?:baby|pregnancy|infant)\sloss
      | eating\sdisorders? | anorexia | bulimia
      | (?:crisis|overdose)\s(?:line|support|help)
    )\b""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


def is_for_people_in_crisis(listing: Listing) -> bool:
    """Tell whether a venue's name or description says that people come there in distress or danger."""
    said = f"{listing.title}\n{readable(listing.title)}\n{listing.description or ''}"
    return bool(_CRISIS.search(said))


_ADULT = re.compile(
    r"""nsfw | hentai | only\s?fans | porn\s?(?:hub|stars?)\b | sexting | \bsexy | sexy(?:pic|gif)
      | (?:hot|cute|goth|nerdy|random)\s?(?:girls|chicks|babes) | hot\s?women | \b(?:cuties|hotties|babes)\b
      | big\s?tits | \b(?:nudes?|milfs?|slut(?:s|ty)|xxx|fap|tits|boobs)\b | ^gone\s?wild""",
    re.IGNORECASE | re.VERBOSE,
)
"""In a name. Mere "porn" is not among them: where pictures are collected it means that they are good."""
_LEERING = re.compile(
    r"\b(?:hot|cute|sexy|beautiful|gifs?\sof)\s(?:\w+\s){0,2}(?:girls|chicks|babes)\b|<3\s(?:\w+\s)?girls",
    re.IGNORECASE,
)
"""In a description: women as something to look at."""
_GLUED = re.compile(r"^sex\b(?!\swork)|\bsex$|\basian\s?girls|\w(?:cuties|babes)$", re.IGNORECASE)
"""In a name without spaces, as of a subreddit: a group that writes its name for people means no more than it says."""


def is_adult(listing: Listing) -> bool:
    """Tell whether a venue is for adults' eyes: by its source, and where that does not say, by its name."""
    if listing.nsfw is not None:
        return listing.nsfw
    name = readable(listing.title)
    glued = " " not in listing.title.strip()
    return bool(_ADULT.search(name) or (glued and _GLUED.search(name)) or _LEERING.search(listing.description or ""))


_CLOSED = re.compile(
    r"""^\W*(?:(?:this|our|the)\s)?(?:sub(?:reddit)?|community|group|forum|board|page|channel|server|list|room|site)\s
      (?:(?:is|has|was|been|now|currently|permanently)\s)*
      (?:no\slonger\s(?:exists?|active|used|in\suse|maintained) | forbidden | banned | closed | archived | dead
      | shut\s?down | discontinued | defunct)\b""",
    re.IGNORECASE | re.VERBOSE,
)


def is_closed(listing: Listing) -> bool:
    """Tell whether a venue's description begins by saying that it is no more."""
    return bool(_CLOSED.match(listing.description or ""))
