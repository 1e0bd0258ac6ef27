"""Times as forums write them: "Today, 10:32 PM", "3 hours ago", "12 Mar 2014, 10:11", "03-28-2014, 10:11 AM".

What a page leaves open stays None: 03-12-2014 is read only where another date of the same page shows which of its
numbers is the day. A forum's own time zone is not known, so that a time may be half a day off.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from crawlers.parsing import date_or_none

if TYPE_CHECKING:
    from collections.abc import Iterator

_MONTHS = (
    "january januar janvier enero gennaio janeiro januari января январь stycznia styczen ocak jan led ledna",
    "february februar fevrier febrero febbraio fevereiro februari февраля февраль lutego luty subat unora unor fev",
    "march marz mars marzo marco maart марта март marca marzec mart brezna brezen mar mrz mrt maerz",
    "april avril abril aprile апреля апрель kwietnia kwiecien nisan dubna duben avr apr abr",
    "may mai mayo maggio maio mei мая май maja maj mayis kvetna kveten mag",
    "june juni juin junio giugno junho июня июнь czerwca czerwiec haziran cervna cerven jun giu",
    "july juli juillet julio luglio julho июля июль lipca lipiec temmuz cervence cervenec jul juil lug",
    "august aout agosto augustus augusti августа август sierpnia sierpien agustos srpna srpen aug ago",
    "september septembre septiembre settembre setembro сентября сентябрь wrzesnia wrzesien eylul zari sep sept set",
    "october oktober octobre octubre ottobre outubro октября октябрь pazdziernika ekim rijna rijen oct okt out ott",
    "november novembre noviembre novembro ноября ноябрь listopada listopad kasim nov",
    "december dezember decembre diciembre dicembre dezembro декабря декабрь grudnia aralik prosince dec dez dic",
)


def _by_beginning(months: tuple[str, ...]) -> dict[str, int]:
    """Return the month that each name, or a beginning of three letters or more that no other month has, stands for."""
    whole = {name: number for number, names in enumerate(months, 1) for name in names.split()}
    found: dict[str, set[int]] = {}
    for name, number in whole.items():
        for length in range(3, len(name)):
            found.setdefault(name[:length], set()).add(number)
    return {start: numbers.pop() for start, numbers in found.items() if len(numbers) == 1} | whole


_MONTH = _by_beginning(_MONTHS)
_TODAY = (
    "today heute aujourd'hui hoy oggi hoje vandaag сегодня dzisiaj dzis bugun idag i\u00a0dag dnes astazi tanaan danes"
    " 今日 今天 امروز σημερα danas"
)
_YESTERDAY = (
    "yesterday gestern hier ayer ieri ontem gisteren вчера wczoraj dun igar i\u00a0gar i\u00a0gaar vcera eilen vceraj"
    " 昨日 昨天 دیروز χθες χτες jucer"
)
_UNITS = (
    (1, "seconds second secs sec sekunden sekunde secondes seconde segundos segundo secondi секунд секунды секунду"),
    (60, "minutes minute mins min minuten minuto minutos minuti минут минуты минуту minut minuty dakika минута"),
    (3600, "hours hour hrs hr stunden stunde heures heure horas hora ore ora uur часов часа час godzin godziny saat"),
    (86400, "days day tagen tag tage jours jour dias dia giorni giorno dagen dag дней дня день dni dzien gun"),
    (604800, "weeks week wochen woche semaines semaine semanas semana settimane settimana weken недель недели неделю"),
    (2629800, "months month monaten monat mois meses mes mesi mese maanden maand месяцев месяца месяц miesiecy ay"),
    (31557600, "years year jahren jahr ans an anos ano anni anno jaar лет года год lat yil"),
)
_UNIT = {name: seconds for seconds, names in _UNITS for name in names.split()}
_DAY_FIRST = re.compile(r"(?:de|fr|es|it|pt|nl|ru|pl|tr|sv|da|nb|nn|no|fi|cs|sk|el|ro|bg|uk|hr|sr|sl|ca|et|lv|lt)\b")
"""Languages in whose countries nobody writes the month first."""

_CLOCK = re.compile(r"(?<![\d:])(\d{1,2})[:.h](\d{2})(?::\d{2})?(?!\d)\s?([ap])?\.?(?(3)m\b)?")
_NUMBERS = re.compile(r"(?<![\d./-])(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})(?![\d./-])")
_YEAR_FIRST = re.compile(r"(?<![\d./-])(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?![\d./-])")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|\.)?[ /-]{1,3}(?:de |of )?([^\W\d_]{3,12})\.?,?"
    r"[ /-]{1,3}(?:de )?'?(\d{4}|\d{2})(?![\d:])"
)
_MONTH_DAY = re.compile(
    r"(?<!\w)([^\W\d_]{3,12})\.?[ -]{1,3}(\d{1,2})(?:st|nd|rd|th)?(?:,| |-)[ -]{0,3}'?(\d{4})(?![\d:])"
)
_AGO = re.compile(
    r"\b(?:vor|il y a|hace|fa|ha|for|před)\b\D{0,12}(\d{1,3}|an?|one|une?|einem?r?|un[oa]?)\s([^\W\d_]{2,10})"
    r"|(?<![\d.])(\d{1,3}|an?|one)\s([^\W\d_]{2,10})\.?(?: \d{1,2} [^\W\d_]{2,10}\.?)?\s"
    r"(?:ago|geleden|назад|temu|sedan|siden|atras|once|fa|sitten|oncesi|zpet)\b"
)
_JUST_NOW = re.compile(
    r"^(?:just now|a moment ago|(?:a few|few|less than a|less than 1|less than) (?:moments|seconds|minutes?) ago)"
)
_VOTES = re.compile(r"(?<![\d./\w-])(\d{1,2})([-/])(\d{1,2})\2((?:19|20)\d\d(?![\d/-])|\d\d(?=,? \d{1,2}:\d\d))")


@dataclass(frozen=True, slots=True)
class Times:
    """What is known of how one page writes its times."""

    now: datetime
    """When it was fetched."""
    page: str = ""
    """Its text: other dates of it show whether 03-12-2014 is in December. Looked at only for such a date."""
    language: str = ""

    def read(self, text: str | None, clock: str | None = None) -> datetime | None:
        """Return the time that a text names first, aware and never later than a day from now; None if it names none.

        Where a text names a day only, `clock` may name the hour.
        """
        plain = _plain(text)
        day = self._day(plain) if plain else None
        if isinstance(day, datetime):
            found: datetime | None = day
        else:
            found = _at(*day, plain, _plain(clock)) if day else None
        return found if found and found <= self.now + timedelta(days=1) else None

    def _day(self, plain: str) -> datetime | tuple[int, int, int] | None:
        spoken = self._spoken(plain)
        if spoken:
            return spoken
        if found := _YEAR_FIRST.search(plain):
            return int(found[1]), int(found[2]), int(found[3])
        for found in _DAY_MONTH.finditer(plain):
            if found[2] in _MONTH:
                return _year(found[3]), _MONTH[found[2]], int(found[1])
        for found in _MONTH_DAY.finditer(plain):
            if found[1] in _MONTH:
                return _year(found[3]), _MONTH[found[1]], int(found[2])
        found = _NUMBERS.search(plain)
        return self._numbers(found) if found else None

    def _spoken(self, plain: str) -> datetime | tuple[int, int, int] | None:
        """Read what is said by words: today, yesterday, three hours ago."""
        if _JUST_NOW.search(plain):
            return self.now
        for days, names in ((0, _TODAY_WORDS), (1, _YESTERDAY_WORDS)):
            if names.search(plain):
                day = self.now - timedelta(days=days)
                return day.year, day.month, day.day
        for found in _AGO.finditer(plain):
            seconds = _UNIT.get(found[2] or found[4])
            number = found[1] or found[3]
            if seconds:
                return self.now - timedelta(seconds=seconds * (int(number) if number.isdigit() else 1))
        return None

    def _numbers(self, found: re.Match[str]) -> tuple[int, int, int] | None:
        first, second, year = int(found[1]), int(found[3]), _year(found[4])
        # Where points divide a date, the day comes first in every country that writes so.
        day_first = True if found[2] == "." or first > 12 else False if second > 12 else None
        if first == second:
            day_first = True
        if day_first is None:
            day_first = _order(self.page, self.language)
        if day_first is None:
            return None
        return (year, second, first) if day_first else (year, first, second)


def times_of(text: str, now: datetime, language: str | None = None) -> Times:
    """Return how a page writes times, from its text and its language."""
    return Times(now, page=text, language=language or "")


@lru_cache(maxsize=2)
def _order(page: str, language: str) -> bool | None:
    """Tell whether a page writes the day first: a day above 12 settles the order of all its dates."""
    votes = {_vote(found) for found in _VOTES.finditer(page[:2_000_000])} - {None}
    if len(votes) == 1:
        return votes.pop()
    return True if _DAY_FIRST.match(language.lower()) and not votes else None


def _vote(found: re.Match[str]) -> bool | None:
    first, second = int(found[1]), int(found[3])
    if first > 12 >= second:
        return True
    return False if second > 12 >= first else None


def _plain(text: str | None) -> str:
    """Return lower-case words without accents: "Août" is "aout"."""
    short = (text or "")[:300].lower()
    if short.isascii():
        return " ".join(short.split())
    # The short i and io of Russian are letters of their own and no accents.
    marked = unicodedata.normalize("NFKD", short.replace("ı", "i").replace("й", "\ue000").replace("ё", "\ue001"))
    bare = "".join(char for char in marked if not unicodedata.combining(char))
    return " ".join(bare.replace("\ue000", "й").replace("\ue001", "ё").split())


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text) if int(text) < 70 else 1900 + int(text)


def _at(year: int, month: int, day: int, *texts: str) -> datetime | None:
    clock = next((found for text in texts if (found := _CLOCK.search(_NUMBERS.sub(" ", text)))), None)
    hour, minute = (int(clock[1]), int(clock[2])) if clock else (0, 0)
    if clock and clock[3]:
        hour = hour % 12 + (12 if clock[3] == "p" else 0)
    try:
        return date_or_none(datetime(year, month, day, hour, minute, tzinfo=UTC))
    except ValueError:
        return None


def _any_of(names: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(sorted(_spoken_forms(names), key=len, reverse=True)) + r")(?!\w)")


def _spoken_forms(names: str) -> Iterator[str]:
    return (re.escape(_plain(name.replace("\u00a0", " "))) for name in names.split(" "))


_TODAY_WORDS = _any_of(_TODAY)
_YESTERDAY_WORDS = _any_of(_YESTERDAY)
