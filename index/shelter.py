"""Support spaces for people in crisis: never suggested to anybody who wants to reach people for a cause.

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
