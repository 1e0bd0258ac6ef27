"""Readers of one field each of an interchange record: the value, or TypeError or ValueError with what it must be."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import StrEnum


def a_text(value: object) -> str:
    """Return a text. Raises TypeError, or ValueError where no store would take it."""
    if not isinstance(value, str):
        raise TypeError("must be text")
    value.encode()  # a lone surrogate is no text, and no store would take it
    return value


def a_name(value: object) -> str:
    """Return a text that is not empty."""
    text = a_text(value)
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def a_number(value: object) -> float:
    """Return a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("must be a number")
    if not isfinite(value):
        raise ValueError("must be a finite number")
    return float(value)


def degrees_within(limit: float) -> Callable[[object], float]:
    """Return a reader of degrees up to a limit."""

    def degrees(value: object) -> float:
        number = a_number(value)
        if abs(number) > limit:
            raise ValueError(f"must lie between -{limit:.0f} and {limit:.0f} degrees")
        return number

    return degrees


def a_rate(value: object) -> float:
    """Return a number that is not negative."""
    number = a_number(value)
    if number < 0:
        raise ValueError("must not be negative")
    return number


def a_count(value: object) -> int:
    """Return a whole number of at least 0."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("must be a whole number")
    if not 0 <= value < 2**63:
        raise ValueError("must be a count of at least 0")
    return value


def a_time(value: object) -> datetime:
    """Return a moment in UTC."""
    text = a_text(value)
    with suppress(ValueError):
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    raise ValueError('must be a time with its offset, such as "2026-11-01T09:00:00+00:00"')


def a_flag(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise TypeError("must be true or false")
    return value


def one_of(choices: type[StrEnum]) -> Callable[[object], StrEnum]:
    """Return a reader of the values of an enumeration."""
    known = {choice.value: choice for choice in choices}

    def choice(value: object) -> StrEnum:
        if a_text(value) not in known:
            raise ValueError(f"must be one of: {', '.join(known)}")
        return known[str(value)]

    return choice


def texts(value: object) -> tuple[str, ...]:
    """Return texts as a tuple."""
    if not isinstance(value, list | tuple):
        raise TypeError("must be a list of texts")
    return tuple(a_text(line) for line in value)
