"""What a terminal shows of sites, crawls and saved pages: tables that read well at 80 columns."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from venues.model import Kind
from venues.short_names import short_name
from venues.sites import permission_of, standing_of
from venues.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rich.console import Console

    from crawlers.probing import Probed
    from venues.model import CrawlRun, Listing, Site, SiteState


def show_runs(console: Console, runs: Sequence[CrawlRun]) -> None:
    """Print what happened at each crawl, newest first."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    for name in ("When", "Site", "Result"):
        table.add_column(name, overflow="fold")
    for name in ("Asked", "Listed", "New", "Gone"):
        table.add_column(name, justify="right")
    for run in runs:
        result = f"{run.state}: {run.error}" if run.error else run.state
        numbers = (str(run.requests), str(run.listings), str(run.added), str(run.gone))
        table.add_row(
            f"{run.started_at:%Y-%m-%d %H:%M}", Text(plain(short_name(run.site))), Text(plain(result)), *numbers
        )
    console.print(table)


def show_sites(
    console: Console, states: Sequence[SiteState], now: datetime, by_area: Sequence[tuple[Site, list[str]]] = ()
) -> None:
    """Print how it stands with each site: what it waits for, whether it may be asked, what came of the last time.

    `by_area` are those that are asked for the area of each question, with the settings that each still lacks.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    table.add_column("Site", overflow="fold", ratio=4)
    for name, width in (("State", 7), ("Permission", 10), ("Next", 12)):
        table.add_column(name, width=width)
    table.add_column("Last result", overflow="fold", ratio=3)
    for state in sorted(states, key=lambda each: (each.due_at is None, each.site.name)):
        due = f"{state.due_at:%d %b %H:%M}" if state.due_at else "never"
        standing = standing_of(state, now)
        table.add_row(
            Text(plain(short_name(state.site.name))),
            standing,
            permission_of(state),
            "now" if standing == "due" else due,
            Text(plain(_last_result(state))),
        )
    console.print(table)
    due_now = sum(standing_of(state, now) == "due" for state in states)
    console.print(f"{len(states)} sites, {due_now} due. `venues crawl --due` asks those.")
    ready = [plain(short_name(site.name)) for site, missing in by_area if not missing]
    if ready:
        console.print(f"Asked for the area of each question: {', '.join(ready)}.", markup=False)
    for site, missing in by_area:
        if missing:
            console.print(
                f"Asked likewise, once you set {' and '.join(missing)}: {plain(short_name(site.name))}.", markup=False
            )


def _last_result(state: SiteState) -> str:
    last = state.last
    if last is None:
        return "none yet"
    return last.error or f"{last.listings:,} listed, {last.added:,} new, {last.gone:,} gone"


def show_added(console: Console, site: Site, probed: Probed | None) -> None:
    """Print what came of adding a site, and what to do next."""
    say = partial(console.print, markup=False, soft_wrap=True)
    say(f"Added {plain(site.name)}.")
    if probed:
        trial = probed.trial
        found = (
            f"its first page lists {len(trial.listings):,}" if trial.listings else f"nothing was listed: {trial.state}"
        )
        say(f"It runs {site.platform} ({probed.why}); {found}.")
        if trial.error and not trial.listings:
            say(plain(trial.error.reason))
        for listing in trial.listings[:5]:
            say(f"  {plain(listing.title)}")
    say(f"It is due now: `venues crawl --due`, or `venues crawl --site '{plain(site.name)}'`.")


def show_listings(console: Console, listings: Sequence[Listing]) -> None:
    """Print what a page lists: name, what it is part of, and its size."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    if not listings:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    for name in ("Name", "Part of", "Kind"):
        table.add_column(name, overflow="fold")
    for name in ("Members", "Topics", "Posts"):
        table.add_column(name, justify="right")
    for listing in listings:
        counts = ("" if count is None else f"{count:,}" for count in (listing.members, listing.topics, listing.posts))
        table.add_row(
            Text(plain(listing.title)), Text(plain(listing.parent or "")), str(listing.kind or Kind.OTHER), *counts
        )
    console.print(table)
