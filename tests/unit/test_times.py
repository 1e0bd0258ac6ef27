"""Times as forums write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawlers.times import Times, times_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Today, 10:32 AM", "2026-11-22 10:32"),
        ("Today at 01:05:09", "2026-11-22 01:05"),
        ("Heute, 09:15", "2026-11-22 09:15"),
        ("Сегодня, 11:02", "2026-11-22 11:02"),
        ("Aujourd'hui à 08:30", "2026-11-22 08:30"),
        ("i dag 08:30", "2026-11-22 08:30"),
        ("Yesterday, 10:32 PM", "2026-11-21 22:32"),
        ("Dün, 23:59", "2026-11-21 23:59"),
        ("3 hours ago", "2026-11-22 09:00"),
        ("1 hour 5 minutes ago", "2026-11-22 11:00"),
        ("an hour ago", "2026-11-22 11:00"),
        ("vor 2 Tagen", "2026-11-20 12:00"),
        ("il y a 3 heures", "2026-11-22 09:00"),
        ("2 часа назад", "2026-11-22 10:00"),
        ("Less than 1 minute ago", "2026-11-22 12:00"),
        ("12 Mar 2014, 10:11", "2014-03-12 10:11"),
        ("Wed Mar 12, 2014 10:11 pm", "2014-03-12 22:11"),
        ("Mi 12. Mär 2014, 10:11", "2014-03-12 10:11"),
        ("12 de março de 2014", "2014-03-12 00:00"),
        ("Mar 12 Mar 2014, 13:02", "2014-03-12 13:02"),
        ("March 12, 2014, 12:11:01 AM", "2014-03-12 00:11"),
        ("12th March 2014 12:30 PM", "2014-03-12 12:30"),
        ("Пт авг 15, 2014 7:05 pm", "2014-08-15 19:05"),
        ("15 мая 2014", "2014-05-15 00:00"),
        ("28-Dec-2013 04:05", "2013-12-28 04:05"),
        ("2014-03-12 10:11", "2014-03-12 10:11"),
        ("03-28-2014, 10:11 AM", "2014-03-28 10:11"),
        ("28/03/2014 10h11", "2014-03-28 10:11"),
        ("12.03.2014 10:11", "2014-03-12 10:11"),
        ("05.05.14, 10.11", "2014-05-05 10:11"),
        ("by somebody, 03-03-2014", "2014-03-03 00:00"),
    ],
)
def test_a_time_is_read_as_forums_write_it(text: str, expected: str) -> None:
    found = Times(NOW).read(text)
    assert expected == (found.strftime("%Y-%m-%d %H:%M") if found else None)


@pytest.mark.parametrize(
    "text",
    [None, "", "Never", "03-12-2014, 10:11 AM", "31-31-2014", "99 Mar 2014", "12 Foo 2014", "Mar 12, 2039", "1,234"],
)
def test_what_names_no_certain_time_is_none(text: str | None) -> None:
    assert Times(NOW).read(text) is None


@pytest.mark.parametrize(
    ("page", "language", "expected"),
    [
        ("03-12-2014 and 28-03-2014", None, "2014-12-03"),
        ("03-12-2014 and 03-28-2014", None, "2014-03-12"),
        ("03-12-2014", "de", "2014-12-03"),
        ("03-12-2014", "en", None),
        ("28-03-2014 and 03-28-2014", "de", None),
    ],
)
def test_another_date_of_the_page_or_its_language_settles_which_number_is_the_day(
    page: str, language: str | None, expected: str | None
) -> None:
    found = times_of(page, NOW, language).read("03-12-2014")
    assert expected == (f"{found:%Y-%m-%d}" if found else None)
