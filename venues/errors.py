"""Every error that venues raises on purpose.

The tree:

    VenuesError
    ├── QueryError                what the user asked cannot be answered; says how to mend it
    │   ├── EmptyQuery
    │   ├── UnknownPlace          .place, .suggestions
    │   └── EmptyIndex
    ├── ListingError              one line of an interchange file; .line, .field, .reason
    ├── CrawlError                one site's fault: kept as a value in the run, never raised out of it
    │   ├── Unreachable           no answer, or a server fault; try later
    │   ├── Blocked               told to wait or to go away; .retry_after
    │   ├── RobotsForbidden       robots.txt says no
    │   ├── AddressRefused        the address is private, or not one that may be fetched
    │   ├── TooLarge              more bytes, pages or redirects than a site may cost us
    │   └── PageChanged           the page is not what its crawler knows how to read
    ├── StoreError
    │   ├── VenueNotFound         .venue_id
    │   └── WrongModel            .stored, .wanted: the vectors are of another model
    ├── ModelError                the embedding model is missing, damaged or cannot be exported
    └── SettingsError             .path names the setting

Each holds the name of its subject; the lower exception, if any, is its `__cause__`. A `QueryError` or
`SettingsError` is a bad request (exit code 2); any other is a fault (exit code 1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class VenuesError(Exception):
    """The root of all errors raised on purpose. Each can be sent to another process as it is."""

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[VenuesError], args: tuple[object, ...], fields: dict[str, object]) -> VenuesError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(fields)
    return error


class QueryError(VenuesError):
    """A question that cannot be answered as asked; the message says how to mend it."""


class EmptyQuery(QueryError):
    """No words were given."""

    def __init__(self) -> None:
        super().__init__('Say whom you want to reach, and where: venues find "young mums in Brighton"')


class UnknownPlace(QueryError):
    """A place was named that the gazetteer does not know."""

    def __init__(self, place: str, suggestions: Sequence[str] = ()) -> None:
        """`suggestions` are names of places that the user may have meant, best first."""
        self.place = place
        self.suggestions = tuple(suggestions)
        hint = f" Did you mean {' or '.join(self.suggestions)}?" if self.suggestions else ""
        super().__init__(
            f'No place called "{place}" is known.{hint} Check the spelling, or name a larger place nearby.'
        )


class EmptyIndex(QueryError):
    """The store holds no venue at all."""

    def __init__(self, store: str) -> None:
        self.store = store
        super().__init__(
            f"The index at {store} is empty. Fill it with `venues import FILE` or `venues crawl --site SITE`."
        )


class ListingError(VenuesError):
    """One listing that is not in the interchange form."""

    def __init__(self, field: str, reason: str, line: int | None = None) -> None:
        """`line` counts from 1; it is filled in by whoever reads the file."""
        self.field = field
        self.reason = reason
        self.line = line
        where = "" if line is None else f"line {line}: "
        super().__init__(f"{where}{field}: {reason}")


class CrawlError(VenuesError):
    """A site could not be read. `subject` is the address or the site's name."""

    def __init__(self, subject: str, reason: str) -> None:
        self.subject = subject
        self.reason = reason
        super().__init__(f"{subject}: {reason}")


class Unreachable(CrawlError):
    """The site gave no answer, or failed while answering."""


class Blocked(CrawlError):
    """The site asked us to wait or to stay away."""

    def __init__(self, subject: str, reason: str, retry_after: datetime | None = None) -> None:
        """`retry_after` is the earliest time at which the site may be asked again, if it said."""
        self.retry_after = retry_after
        super().__init__(subject, reason)


class RobotsForbidden(CrawlError):
    """The site's robots.txt does not permit the address."""


class AddressRefused(CrawlError):
    """The address leads where a public crawl has no business: loopback, private, link-local, other schemes."""


class TooLarge(CrawlError):
    """The reply, its redirects or its pages exceed what one site may cost."""


class PageChanged(CrawlError):
    """The page is not what the crawler knows how to read."""


class StoreError(VenuesError):
    """The store cannot do what was asked."""


class VenueNotFound(StoreError):
    """No venue has that identity."""

    def __init__(self, venue_id: object) -> None:
        self.venue_id = venue_id
        super().__init__(f"No venue {venue_id} is in the index.")


class WrongModel(StoreError):
    """The stored vectors were made by another model than the one asked with."""

    def __init__(self, stored: str, wanted: str) -> None:
        self.stored = stored
        self.wanted = wanted
        super().__init__(
            f"The index was embedded with {stored}, and the settings name {wanted}. "
            "Run `venues embed` to embed it again, or set VENUES_MODEL back."
        )


class ModelError(VenuesError):
    """The embedding model cannot be used."""


class SettingsError(VenuesError):
    """A setting is unknown or unusable."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"setting {path}: {reason}")
