"""The command line: each command turns its words into one use case and prints what came of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from venues import __version__
from venues.errors import ListingError, QueryError, SettingsError, VenuesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from venues.app import App

app = typer.Typer(
    name="venues",
    help="Find the online spaces where the people you want to reach already gather.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Db = Annotated[str | None, typer.Option("--db", help="The index: a file. Also VENUES_DB.", show_default=False)]
Country = Annotated[
    str | None, typer.Option(help="The country meant where a name has several, such as GB. Also VENUES_COUNTRY.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def _open(db: str | None = None, country: str | None = None) -> App:
    from venues.app import App
    from venues.progress import Bars
    from venues.settings import read_settings

    return App(read_settings(db=db, country=country), Bars())


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def _print_json(record: object) -> None:
    sys.stdout.write(json.dumps(record, ensure_ascii=False, indent=2) + "\n")


@app.command()
def find(
    text: Annotated[str, typer.Argument(help='Whom you want to reach, and where: "young mums in Brighton".')],
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many to show.")] = 10,
    country: Country = None,
    radius: Annotated[float | None, typer.Option(min=0.1, max=1000, help="How far out counts as local, in km.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind, such as forum. May be repeated.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show how each score came about.")] = False,
    no_crawl: Annotated[bool, typer.Option("--no-crawl", help="Answer from the index alone.")] = False,
    as_json: AsJson = False,
    db: Db = None,
) -> None:
    """List the spaces to join, best first."""
    from venues.app import Narrowing
    from venues.terminal import answer_record, show_answer

    narrowing = Narrowing(limit=limit, kinds=_kinds(kind or ()), radius_km=radius)
    with _open(db, country) as venues:
        venues.warm()
        venues.query(text)  # a question that cannot be answered fills no index and asks nobody
        venues.start()  # before any crawl, which would leave the store no longer empty
        if not no_crawl:
            venues.freshen()
        answer = venues.find(text, narrowing)
    if as_json:
        _print_json(answer_record(answer))
    else:
        show_answer(_console(), answer, explain=explain)


def _kinds(names: Sequence[str]) -> frozenset[str]:
    from venues.model import Kind

    known = {kind.value for kind in Kind}
    for name in names:
        if name not in known:
            raise QueryError(f'"{name}" is no kind of venue. The kinds are: {", ".join(sorted(known))}.')
    return frozenset(names)


@app.command()
def place(
    text: Annotated[str, typer.Argument(help="Any text with a place in it.")],
    country: Country = None,
    as_json: AsJson = False,
) -> None:
    """Show how a place is understood, and what else it could have meant."""
    from venues.terminal import place_record, show_places

    with _open(None, country) as venues:
        query = venues.query(text)
    if as_json:
        _print_json(place_record(query))
    else:
        show_places(_console(), query)


@app.command("import")
def import_(
    files: Annotated[list[str], typer.Argument(help="JSON Lines, also .gz; - is standard input.", metavar="FILE...")],
    strict: Annotated[bool, typer.Option("--strict", help="Take nothing in if any line is bad.")] = False,
    db: Db = None,
) -> None:
    """Take listings in. The same file again costs little; a stopped import carries on."""
    from venues.importing import import_files

    with _open(db) as venues:
        import_files(venues, files, strict=strict, console=_console(stderr=True))


@app.command()
def export(
    to: Annotated[str, typer.Argument(help="A file, .gz if so named; - is standard output.", metavar="[FILE]")] = "-",
    db: Db = None,
) -> None:
    """Write every listing as its source gave it, one JSON object a line."""
    from venues.importing import export_file

    with _open(db) as venues:
        count = export_file(venues, to)
    _console(stderr=True).print(f"{count:,} listings written.")


@app.command()
def crawl(
    site: Annotated[
        list[str] | None, typer.Option(help="PLATFORM:ADDRESS, such as matrix:https://matrix.org. May be repeated.")
    ] = None,
    area: Annotated[str | None, typer.Option(help="Ask for this place, where a site can be asked for one.")] = None,
    due: Annotated[bool, typer.Option("--due", help="Only sites whose time has come: for cron.")] = False,
    as_json: AsJson = False,
    db: Db = None,
) -> None:
    """Ask sites what they list, and bring the index up to date. Ctrl-C keeps what was read."""
    from index.rows import run_record
    from venues.progress import CrawlBars
    from venues.terminal import show_runs

    with _open(db) as venues, CrawlBars() as bars:
        runs = venues.crawl_named(site or (), area=area, due=due, on_progress=bars.update)
    if as_json:
        _print_json([run_record(run) for run in runs])
    elif runs:
        show_runs(_console(), runs)
    else:
        _console(stderr=True).print("No site is due.")


@app.command()
def runs(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many to show.")] = 20,
    as_json: AsJson = False,
    db: Db = None,
) -> None:
    """Show what happened at the latest crawls, newest first."""
    from index.rows import run_record
    from venues.terminal import show_runs

    with _open(db) as venues:
        latest = venues.store.runs(limit)
    if as_json:
        _print_json([run_record(run) for run in latest])
    elif latest:
        show_runs(_console(), latest)
    else:
        _console(stderr=True).print("Nothing was crawled yet. Try `venues crawl --site matrix:https://matrix.org`.")


@app.command("eval")
def eval_(
    queries: Annotated[str, typer.Option(help="Queries: id, tab, text, one a line.")],
    qrels: Annotated[str, typer.Option(help="Judgments in TREC form.")],
    country: Country = None,
    as_json: AsJson = False,
    db: Db = None,
) -> None:
    """Measure the answers against judgments, with the baselines beside them on the same rows."""
    from venues.terminal import show_report

    with _open(db, country) as venues:
        report = venues.evaluate(Path(queries), Path(qrels))
    if as_json:
        _print_json(report.to_record())
    else:
        show_report(_console(), report)


@app.command()
def profile(
    file: Annotated[str, typer.Argument(help="Listings as JSON Lines, also .gz; - is standard input.")],
    as_json: AsJson = False,
) -> None:
    """Estimate who takes part in venues: gender, age, affluence, party lean and sociality, each with its interval."""
    from venues.interchange import open_source, read_lines
    from venues.profiling import profiles

    def warn(error: ListingError) -> None:
        sys.stderr.write(f"venues: {error}\n")

    with _open() as venues, open_source(file) as source:
        for record in profiles(read_lines(source), venues.encoder, warn):
            if as_json:
                sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
                continue
            axes = "  ".join(
                f"{axis} {one['value']:+.2f} ({one['low']:+.2f} to {one['high']:+.2f})"
                for axis, one in record["axes"].items()
            )
            _console().print(f"{record['platform']}:{record['native_id']}  {axes}", markup=False, soft_wrap=True)


@app.command()
def embed(db: Db = None) -> None:
    """Embed the whole index with the model that the settings name. Stopped, it carries on."""
    from venues.importing import embed_all

    with _open(db) as venues:
        embed_all(venues, _console(stderr=True))


@app.command("opt-out")
def opt_out(
    venue: Annotated[str, typer.Argument(help="PLATFORM:ID, as `find --json` names it.")],
    reason: Annotated[str, typer.Option(help="Who asked, and why: for your own records.")] = "asked by the venue",
    db: Db = None,
) -> None:
    """Never suggest a venue again."""
    from venues.model import VenueId

    platform, _, native_id = venue.partition(":")
    if not native_id:
        raise QueryError(f'"{venue}" names no venue. Write PLATFORM:ID, such as reddit:brighton.')
    with _open(db) as venues:
        venues.store.opt_out(VenueId(platform, native_id), reason)
    _console(stderr=True).print(f"{venue} will not be suggested again.", markup=False)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"venues {__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False,
) -> None:
    pass


STOPPED = 130
"""The exit code after Ctrl-C, as shells have it."""


def main() -> NoReturn:
    """Run the command line. Exit codes: 0 fine, 2 a bad request, 1 a fault, 130 stopped by Ctrl-C."""
    try:
        app()
    except (QueryError, SettingsError, ListingError) as error:
        _fail(error, 2)
    except VenuesError as error:
        _fail(error, 1)
    except SystemExit as end:
        # Typer has turned Ctrl-C into this; what it means for the work done is ours to say.
        if end.code == STOPPED:
            sys.stderr.write("\nStopped. What was committed before is kept; the same command carries on.\n")
        raise
    sys.exit(0)


def _fail(error: VenuesError, code: int) -> NoReturn:
    sys.stderr.write(f"venues: {error}\n")
    sys.exit(code)
