"""What a user may set: from the command line, else the environment, else the default. Nothing else configures venues.

Read by hand and not by pydantic-settings, whose import costs a fifth of the second that a whole query may take.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path, user_data_path

from venues.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "VENUES_"
_FOR_TESTS = "VENUES_TEST_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Each field is also an environment variable: VENUES_DB, VENUES_COUNTRY and so on."""

    db: str = ""
    """The store: a file. Default: venues.db in the user's data folder."""
    country: str = "GB"
    """The home country, ISO 3166-1 alpha-2: settles namesakes, and what is near where no place is named."""
    model: str = "all-MiniLM-L6-v2"
    """The embedding model: the default, or any sentence-transformers model by name or folder."""
    reranker: str = ""
    """A sentence-transformers CrossEncoder, by name or folder, for a second look at each candidate. Default: none."""
    contact: str = ""
    """An address or page where a site's keeper can reach whoever runs the crawls; sent with every request."""
    token: str = field(default="", repr=False)
    """What whoever changes something must show, where `venues serve` listens to other machines."""
    cache: str = ""
    """Where what can be made again is kept: the gazetteer, the exported model. Default: the user's cache folder."""

    reddit_id: str = field(default="", repr=False)
    """The id of your application at Reddit; with `reddit_secret` it lets `reddit:` sites be asked."""
    reddit_secret: str = field(default="", repr=False)
    """That application's secret."""
    youtube_key: str = field(default="", repr=False)
    """Your key for the YouTube Data API."""
    brave_key: str = field(default="", repr=False)
    """Your key for the Brave Search API."""
    charity_key: str = field(default="", repr=False)
    """Your key for the Charity Commission's register API."""
    podcastindex_key: str = field(default="", repr=False)
    """Your key for the Podcast Index API; its dump needs none."""
    podcastindex_secret: str = field(default="", repr=False)
    """That key's secret."""
    searxng: str = ""
    """The address of a SearXNG instance of your own, for searches."""

    @property
    def keys(self) -> dict[str, str]:
        """The keys by name, for `crawlers.keys`: they are shown nowhere, not even in the settings' own repr."""
        return {item.name: getattr(self, item.name) for item in fields(self) if not item.repr and item.name != "token"}

    @property
    def store(self) -> str:
        """The store's name, with its default."""
        return self.db or str(user_data_path("venues") / "venues.db")

    @property
    def cache_path(self) -> Path:
        """The cache folder, with its default."""
        return Path(self.cache) if self.cache else user_cache_path("venues")


def read_settings(environment: Mapping[str, str] = os.environ, **given: str | None) -> Settings:
    """Return the settings: what is given, then what the environment says, then defaults. Raises SettingsError.

    A variable that begins with VENUES_ and names no setting is an error: a misspelt one would pass in silence.
    """
    names = {item.name for item in fields(Settings)}
    ours = {key: value for key, value in environment.items() if key.startswith(PREFIX)}
    said = {key.removeprefix(PREFIX).lower(): value for key, value in ours.items() if not key.startswith(_FOR_TESTS)}
    if unknown := sorted(said.keys() - names):
        raise SettingsError(PREFIX + unknown[0].upper(), f"is no setting; there are {_listed(names)}")
    said |= {name: value for name, value in given.items() if value is not None}
    country = said.get("country", "GB").strip().upper()
    if not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise SettingsError(PREFIX + "COUNTRY", f'"{said["country"]}" is no two-letter country code, such as GB')
    # "UK" is set aside in ISO 3166-1 for the country whose code is GB: whoever writes it means no other.
    return Settings(**said | {"country": "GB" if country == "UK" else country})


def _listed(names: set[str]) -> str:
    return ", ".join(PREFIX + name.upper() for name in sorted(names))
