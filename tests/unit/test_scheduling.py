from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.scheduling import LONGEST, SHORTEST, next_due
from venues.model import CrawlRun

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SITE = "matrix:https://matrix.example.org"


def a_run(state: str = "read", *, changed: int = 5, complete: bool = True) -> CrawlRun:
    return CrawlRun(
        site=SITE, started_at=NOW, finished_at=NOW, state=state, complete=complete, listings=100, added=changed
    )


def wait(*runs: CrawlRun, site: str = SITE) -> timedelta:
    return next_due(site, runs, NOW) - NOW


def about(hours: float) -> tuple[timedelta, timedelta]:
    """Return the bounds of a wait, moved to the site's own time of the day."""
    spread = 12 if hours >= 24 else hours / 4
    return timedelta(hours=hours - (12 if hours >= 24 else 0)), timedelta(hours=hours + spread)


@pytest.mark.parametrize(
    ("runs", "hours"),
    [
        ([], 24),
        ([a_run()], 24),
        ([a_run(changed=30)], 12),
        ([a_run(changed=30)] * 2, 6),
        ([a_run(changed=30)] * 9, 6),
        ([a_run(changed=0)], 36),
        ([a_run(changed=0)] * 3, 81),
        ([a_run(changed=0)] * 40, 720 - 12),
        ([a_run(changed=0, complete=False)] * 5, 24),
        ([a_run("failed")], 6),
        ([a_run("failed")] * 3, 24),
        ([a_run("failed")] * 3 + [a_run(changed=0)] * 9, 24),
        ([a_run("failed")] * 50, 720 - 12),
        ([a_run("not permitted")], 7 * 24),
        ([a_run("needs key")] * 2, 14 * 24),
        ([a_run(changed=0)] + [a_run("failed")] * 3, 36),
        ([a_run("none found", changed=0)], 36),
    ],
)
def test_the_wait_follows_what_the_last_runs_were_like(runs: list[CrawlRun], hours: float) -> None:
    least, most = about(hours)
    assert least <= wait(*runs) <= most


def test_a_reply_that_names_a_time_is_obeyed() -> None:
    late = NOW + timedelta(days=9)
    assert next_due(SITE, [a_run("failed")], NOW, late) == late
    assert next_due(SITE, [a_run("failed")], NOW, NOW) > NOW


def test_sites_added_together_are_spread_over_the_day() -> None:
    dues = sorted(next_due(f"site{number}", [a_run()], NOW) for number in range(500))
    assert dues[-1] - dues[0] > timedelta(hours=23)
    assert (
        max(sum(hour <= due - dues[0] < hour + timedelta(hours=1) for due in dues) for hour in map(_hours, range(24)))
        < 50
    )


def _hours(count: int) -> timedelta:
    return timedelta(hours=count)


def test_a_site_crawled_when_it_is_due_keeps_its_time_of_the_day() -> None:
    due = next_due(SITE, [a_run()], NOW)
    assert next_due(SITE, [a_run()], due + timedelta(minutes=10)) == due + timedelta(days=1)


@given(
    st.text(max_size=20),
    st.lists(
        st.tuples(
            st.sampled_from(["read", "failed", "not permitted", "none found"]), st.integers(0, 200), st.booleans()
        )
    ),
    st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)).map(lambda time: time.replace(tzinfo=UTC)),  # noqa: DTZ001
)
def test_never_sooner_than_six_hours_nor_later_than_thirty_days(
    site: str, history: list[tuple[str, int, bool]], now: datetime
) -> None:
    runs = [a_run(state, changed=changed, complete=complete) for state, changed, complete in history]
    assert SHORTEST <= next_due(site, runs, now) - now <= LONGEST
    assert next_due(site, runs, now) == next_due(site, runs, now)
