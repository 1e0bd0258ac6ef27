"""What a terminal shows: answers as a table that reads well at 80 columns, and the same values as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from venues.headings import by_section, heading_of
from venues.model import Kind, Scope
from venues.short_names import short_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType
    from rich.table import Table

    from venues.evaluation import Report
    from venues.model import Answer, Area, Coverage, Query, Reach, Suggestion


def answer_record(answer: Answer) -> dict[str, Any]:
    """Return an answer as JSON has it."""
    return {
        "query": {
            "text": answer.query.text,
            "audience": answer.query.audience,
            "area": _area_asked(answer.query.area),
        },
        "suggestions": [_suggestion_record(suggestion) for suggestion in answer.suggestions],
        "notes": list(answer.notes),
        "left_out": answer.left_out,
        "coverage": [
            {
                "site": one.site,
                "state": one.state,
                "seen_at": one.seen_at.isoformat() if one.seen_at else None,
            }
            for one in answer.coverage
        ],
    }


def _area_asked(area: Area | None) -> dict[str, Any] | None:
    if area is None:
        return None
    return {name: getattr(area, name) for name in ("name", "country", "lat", "lon", "radius_km")}


def area_record(area: Area | None) -> dict[str, Any] | None:
    """Return an area as JSON has it."""
    if area is None:
        return None
    return {**(_area_asked(area) or {}), "id": area.id, "kind": area.kind, "label": area.label}


def place_record(query: Query) -> dict[str, Any]:
    """Return how a text is understood as JSON has it."""
    return {
        "text": query.text,
        "audience": query.audience,
        "area": area_record(query.area),
        "alternatives": [area_record(area) for area in query.alternatives],
    }


def _suggestion_record(suggestion: Suggestion) -> dict[str, Any]:
    listing, candidate = suggestion.venue.listing, suggestion.candidate
    where = suggestion.venue.whereabouts
    return {
        "rank": suggestion.rank,
        "score": round(suggestion.score, 4),
        "platform": listing.platform,
        "native_id": listing.native_id,
        "kind": listing.kind or Kind.OTHER,
        "title": listing.title,
        "url": listing.url,
        "description": listing.description,
        "place": listing.place or (where.name if where else None),
        "scope": candidate.scope,
        "members": listing.members,
        "last_post_at": listing.last_post_at.isoformat() if listing.last_post_at else None,
        "section": suggestion.section,
        "confidence": round(suggestion.confidence, 3),
        "reach": _reach_record(suggestion.reach),
        "also": [
            {**venue.id._asdict(), "title": venue.listing.title, "url": venue.listing.url} for venue in suggestion.also
        ],
        "parts": [
            {
                "signal": part.signal,
                "weight": part.weight,
                "value": round(part.value, 4),
                "points": round(part.points, 4),
                "reason": part.reason,
            }
            for part in suggestion.parts
        ],
        "sources": [
            {"source": one.source, "url": one.url, "seen_at": one.seen_at.isoformat()}
            for one in suggestion.venue.evidence
        ],
    }


def _reach_record(reach: Reach | None) -> dict[str, Any] | None:
    if reach is None:
        return None
    return {
        "low": round(reach.low, 1),
        "high": round(reach.high, 1),
        "factors": [
            {"name": name, "low": round(low, 6), "high": round(high, 6), "reason": reason}
            for name, low, high, reason in reach.factors
        ],
    }


def show_answer(console: Console, answer: Answer, *, explain: bool) -> None:
    """Print an answer: what was understood, the table, the addresses, and what is not in it."""
    from rich.text import Text

    console.print(Text(plain(understood(answer.query)), style="dim"))
    for note in answer.notes:
        console.print(Text(plain(note), style="bold"))
    if not answer.suggestions:
        console.print("\nNothing in the index answers this. Try fewer or other words, or a larger place.")
    else:
        console.print(_answer_table(answer))
        for suggestion in answer.suggestions:
            console.print(_address(suggestion), soft_wrap=True)
        if explain:
            for suggestion in answer.suggestions:
                console.print()
                console.print(_parts_table(suggestion))
    for line in footnotes(answer):
        console.print(Text(f"\n{plain(line)}", style="dim"))


def understood(query: Query) -> str:
    """Say in one sentence what was understood, naming the places it could also have meant."""
    who = query.audience or "people of every kind"
    if query.area is None:
        return f"Looking for {who}, anywhere (no place named)."
    radius = f"{query.area.radius_km:.0f} km around"
    text = f"Looking for {who} in {query.area.label} ({radius})."
    if query.alternatives:
        others = "; ".join(area.label for area in query.alternatives[:3])
        text += f" Not {others}: name the county or country to mean another."
    return text


def _answer_table(answer: Answer) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, expand=True)
    table.add_column("#", justify="right", width=max(2, len(str(len(answer.suggestions)))))
    table.add_column("Name", ratio=5, overflow="fold")
    table.add_column("Where", ratio=3)
    table.add_column("Kind", width=max(len(kind) for kind in Kind))
    table.add_column("Members", justify="right", width=7)
    table.add_column("Why", ratio=5)
    for section, found in by_section(answer):
        if found:
            table.add_row("", Text(plain(heading_of(section, answer.query.area)), style="underline"))
        for suggestion in found:
            _add_row(table, suggestion)
    return table


def _add_row(table: Table, suggestion: Suggestion) -> None:
    from rich.style import Style
    from rich.text import Text

    listing = suggestion.venue.listing
    name = Text(plain(listing.title, _LONGEST_NAME), style="bold")
    if listing.url and listing.url.startswith(("https://", "http://")):
        name.stylize(Style(link=plain(listing.url)))
    kind, members = str(listing.kind or Kind.OTHER), _count(listing.members)
    table.add_row(str(suggestion.rank), name, Text(where(suggestion)), kind, members, Text(why(suggestion)))


def _count(members: int | None) -> str:
    """Write a count in the seven columns there are for it."""
    if members is None:
        return "?"
    for size, unit in ((10**9, "bn"), (10**6, "M")):
        if members >= size:
            return f"{members // (size // 10) / 10:.1f}{unit}" if members < 1000 * size else f">999{unit}"
    return f"{members:,}"


def where(suggestion: Suggestion) -> str:
    """Say where a venue is, in a few words."""
    known = suggestion.venue.whereabouts
    name = plain((known and known.name) or suggestion.venue.listing.place or "", _LONGEST_NAME)
    if suggestion.candidate.scope is Scope.EVERYWHERE:
        return "anywhere"
    if suggestion.candidate.scope is Scope.NEARBY and suggestion.candidate.distance_km:
        return f"{name}, {suggestion.candidate.distance_km:.0f} km away"
    return name


def why(suggestion: Suggestion) -> str:
    """Say why a venue is on the list, from the parts that brought it most; where it is has a column of its own."""
    parts = [part for part in suggestion.parts if part.signal in _WHY and part.known and part.value >= 0.3]
    reasons = [part.reason.partition(" (")[0].partition(":")[0] for part in parts]
    return "; ".join(plain(reason, _LONGEST_NAME) for reason in reasons[:3]) or "a weak match"


_WHY = frozenset({"audience", "people", "commons", "words"})


def _address(suggestion: Suggestion) -> RenderableType:
    from rich.text import Text

    listing = suggestion.venue.listing
    address = plain(listing.url or f"no address known ({listing.platform})", _LONGEST_ADDRESS)
    others = ", ".join(plain(venue.listing.url or str(venue.id), _LONGEST_ADDRESS) for venue in suggestion.also)
    also = f" (also {others})" if others else ""
    return Text(f"{suggestion.rank:2d}  {address}  {suggestion.confidence:.0%} sure{also}")


def _parts_table(suggestion: Suggestion) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    name = plain(suggestion.venue.listing.title, _LONGEST_NAME)
    title = f"{suggestion.rank}. {name}: {suggestion.score:.1f} points"
    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    table.add_column("Signal", width=10)
    table.add_column("Points", justify="right", width=6)
    table.add_column("of", justify="right", width=4)
    table.add_column("Because", ratio=1)
    for part in suggestion.parts:
        table.add_row(part.signal, f"{part.points:.1f}", f"{part.weight:.0f}", Text(plain(part.reason)))
    return table


def footnotes(answer: Answer) -> Iterator[str]:
    """Say what is not in the list, and what was not asked."""
    if answer.left_out:
        counted = ", ".join(f"{count} {name}" for name, count in sorted(answer.left_out.items()))
        yield f"Left out, though they match: {counted}."
    yield from _coverage_lines(answer.coverage)


def _coverage_lines(coverage: tuple[Coverage, ...]) -> Iterator[str]:
    read = [one for one in coverage if one.state in {"read", "none found"}]
    if read:
        yield "Read live: " + _listed([f"{short_name(one.site)} ({one.seen_at:%d %b %Y})" for one in read]) + "."
    missed = [one for one in coverage if one not in read]
    for state in dict.fromkeys(one.state for one in missed):
        those = [one for one in missed if one.state == state]
        names = _listed([short_name(one.site) for one in those])
        reasons = {one.note for one in those if one.note}
        why = f" ({reasons.pop()})" if len(reasons) == 1 else ""
        yield f"{_STATES.get(state, state).capitalize()}: {names}{why}. What is listed there is not in here."


def _listed(names: list[str]) -> str:
    """Name a few, and count the rest."""
    if len(names) <= _NAMED + 1:
        return "; ".join(names)
    return f"{'; '.join(names[:_NAMED])} and {len(names) - _NAMED} more (`venues sites` has them all)"


_NAMED = 4
_STATES = {"failed": "no answer from", "not permitted": "not permitted by", "needs key": "a key is needed for"}


_LONGEST_NAME = 120
_LONGEST_ADDRESS = 500
"""Characters shown; what is longer is cut, and whole in the JSON."""


def plain(text: str, longest: int | None = None) -> str:
    """Return text that cannot move the cursor, hide itself or fill the screen: names are other people's words."""
    shown = " ".join(text.split())
    if not shown.isprintable():
        shown = "".join(char for char in shown if char.isprintable())
    return shown if longest is None or len(shown) <= longest else f"{shown[: longest - 1]}…"


def show_places(console: Console, query: Query) -> None:
    """Print how a text is understood."""
    from rich.text import Text

    area = query.area
    if area is None:
        console.print(Text(f"No place is named. Audience: {query.audience}"))
        return
    console.print(Text(f"{area.label} ({area.country})", style="bold"))
    console.print(Text(f"  a {area.kind} of about {area.population:,} people" if area.population else f"  {area.kind}"))
    console.print(Text(f"  {area.lat:.4f}, {area.lon:.4f}, radius {area.radius_km:.0f} km   {area.id}"))
    console.print(Text(f"  audience: {query.audience or '(none named)'}"))
    for other in query.alternatives:
        console.print(Text(f"  not taken: {other.label} ({other.country})", style="dim"))


def show_report(console: Console, report: Report) -> None:
    """Print how every system did, and how sure the first one's lead is."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("System")
    measures = list(report.systems[0].mean)
    for measure in measures:
        table.add_column(str(measure), justify="right")
    table.add_column("ours ahead by (95 %)", justify="right")
    for row in report.rows():
        lead = row.lead
        said = f"{lead.difference:+.3f} [{lead.low:+.3f}, {lead.high:+.3f}]" if lead else ""
        table.add_row(row.system, *(f"{value:.3f}" for value in row.means), said)
    console.print(table)
    console.print(_by_query(report))
    if report.absent:
        console.print(f"{report.absent} judged venues are not in the index ({report.absent_right} of them right).")


def _by_query(report: Report) -> RenderableType:
    """Return the first measure of each query, for as many systems as 80 columns hold; the JSON has them all."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = report.systems[:4]
    table = Table(title=f"{next(iter(shown[0].mean))} by query", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Query")
    table.add_column("Text", overflow="ellipsis", no_wrap=True, max_width=34)
    for system in shown:
        table.add_column(system.name, justify="right")
    for row in report.query_rows():
        values = (f"{value:.2f}" for value in row.values[: len(shown)])
        table.add_row(Text(plain(row.query)), Text(plain(row.text)), *values)
    return table
