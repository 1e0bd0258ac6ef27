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
        query = venues.query(text)  # a question that cannot be answered fills no index and asks nobody
        venues.start()  # before any crawl, which would leave the store no longer empty
        if not no_crawl:
            venues.freshen(query.area, query.audience)
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
    words: Annotated[
        list[str] | None, typer.Option(help="Of the Podcast Index's file (.tgz or .db): only podcasts that say this.")
    ] = None,
    country: Annotated[str | None, typer.Option(help="Of that file: only those of this country, such as GB.")] = None,
    db: Db = None,
) -> None:
    """Take listings in. The same file again costs little; a stopped import carries on."""
    from venues.importing import DUMPS, import_files, import_podcasts

    dumps = [file for file in files if file.endswith(DUMPS)]
    with _open(db) as venues:
        for file in dumps:
            from crawlers.podcastindex_dump import Wanted

            wanted = Wanted(country=country, words=tuple(words or ()))
            import_podcasts(venues, file, wanted, _console(stderr=True))
        if lines := [file for file in files if file not in dumps]:
            import_files(venues, lines, strict=strict, console=_console(stderr=True))


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
    """Ask sites what they list, and bring the index up to date. Ctrl-C keeps what was read.

    Exit code 1 where every site that was asked failed: then the fault is likelier here than there.
    """
    from index.rows import run_record
    from venues.crawling import exit_code, summary
    from venues.progress import CrawlBars
    from venues.terminal_sites import show_runs

    with _open(db) as venues, CrawlBars() as bars:
        runs = venues.crawl_named(site or (), area=area, due=due, on_progress=bars.update)
    if as_json:
        _print_json([run_record(run) for run in runs])
    elif runs and sys.stdout.isatty():
        show_runs(_console(), runs)
    else:
        sys.stdout.write("\n".join(summary(runs)) + "\n")  # for the log or the mail of a scheduler: a line a site
    if code := exit_code(runs):
        raise typer.Exit(code)


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="The address of a group, forum, chat, list, club ...")],
    title: Annotated[str | None, typer.Option(help="What it is called, where its page may not be read.")] = None,
    description: Annotated[str | None, typer.Option(help="Who gathers there, in your words.")] = None,
    place: Annotated[str | None, typer.Option(help="Where it is.")] = None,
    kind: Annotated[str | None, typer.Option(help="What it is, such as group or forum.")] = None,
    members: Annotated[int | None, typer.Option(min=0, help="How many are in it, if you know.")] = None,
    country: Country = None,
    as_json: AsJson = False,
    db: Db = None,
) -> None:
    """Take in one space that you know. Facebook and the like are not asked: say yourself what it is."""
    from venues.adding import Given
    from venues.model import Kind
    from venues.terminal_sites import show_listings

    kinds = _kinds([kind] if kind else [])
    given = Given(
        title=title,
        description=description,
        place=place,
        country=country,
        kind=Kind(next(iter(kinds))) if kinds else None,
        members=members,
    )
    with _open(db, country) as venues:
        added = venues.add(url, given)
    if as_json:
        _print_json(added.listing.to_record())
        return
    show_listings(_console(), [added.listing])
    page = f"from its own page, {added.sure:.0%} sure what it is"
    told = page if added.asked else "from your words; its page was not asked"
    trouble = f" ({added.trouble})" if added.trouble else ""
    _console(stderr=True).print(f"Added {told}{trouble}.", markup=False, soft_wrap=True)


sites_app = typer.Typer(help="Show which sites are asked, and how it stands with each.", invoke_without_command=True)
app.add_typer(sites_app, name="sites")


@sites_app.callback()
def sites(context: typer.Context, as_json: AsJson = False, db: Db = None) -> None:
    """Show which sites are asked: state, permission, when next, what came of the last time."""
    from venues.sites import asked_by_area, state_record
    from venues.terminal_sites import show_sites

    if context.invoked_subcommand:
        return
    with _open(db) as venues:
        states, now = venues.sites(), venues.clock()
        by_area = asked_by_area(venues.sites_by_area(), venues.settings.keys)
    if as_json:
        _print_json([state_record(state, now) for state in states])
    else:
        show_sites(_console(), states, now, by_area)


@sites_app.command("add")
def sites_add(
    url: Annotated[str, typer.Argument(help="An address, or PLATFORM:ADDRESS if you know what runs there.")],
    place: Annotated[str | None, typer.Option(help="Where its venues are, if they do not say: Leeds.")] = None,
    country: Annotated[str | None, typer.Option(help="Likewise, two letters: GB.")] = None,
    area: Annotated[str | None, typer.Option(help="The place to ask it for, where it can be asked for one.")] = None,
    as_json: AsJson = False,
    db: Db = None,
) -> None:
    """Have a site asked from now on; its platform is found by asking it once."""
    from venues.sites import added_record
    from venues.terminal_sites import show_added

    with _open(db) as venues:
        site, probed = venues.add_site(url, place=place, country=country, area=area)
    if as_json:
        _print_json(added_record(site, probed))
    else:
        show_added(_console(), site, probed)


@sites_app.command("off")
def sites_off(
    site: Annotated[str, typer.Argument(help="As `venues sites` names it.")],
    db: Db = None,
) -> None:
    """Ask a site no more; `venues sites add` asks it again. What it listed stays in the index."""
    with _open(db) as venues:
        venues.switch_off(site)
    _console(stderr=True).print(f"{site} will not be asked any more.", markup=False, soft_wrap=True)


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="A saved page.")],
    url: Annotated[str, typer.Option(help="The address it was saved from.")],
    as_json: AsJson = False,
) -> None:
    """Show which listings a crawler sees in a saved page; nothing is asked and nothing is kept."""
    from venues.sites import read_saved
    from venues.terminal_sites import show_listings

    seen = read_saved(file, url)
    if as_json:
        _print_json([listing.to_record() for listing in seen.listings])
    else:
        show_listings(_console(), seen.listings)
    doubt = f", {seen.sure:.0%} sure" if seen.sure < 1 else ""
    what = f"{seen.platform or 'no known platform'}: {seen.remark or f'{len(seen.listings)} listed{doubt}'}"
    _console(stderr=True).print(f"{file}: {what}", markup=False, soft_wrap=True)


@app.command()
def runs(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many to show.")] = 20,
    as_json: AsJson = False,
    db: Db = None,
) -> None:
    """Show what happened at the latest crawls, newest first."""
    from index.rows import run_record
    from venues.terminal_sites import show_runs

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


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Where to listen: this machine alone, unless you say otherwise.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, max=64, help="Processes that compute answers; as many as processors, at most 4, unless set."
        ),
    ] = None,
    country: Country = None,
    db: Db = None,
) -> None:
    """Serve the page and the JSON API, until Ctrl-C."""
    from venues.threads import prepare_threads

    prepare_threads()
    from venues.answering import default_workers
    from venues.server import serve as run_server

    with _open(db, country) as venues:
        _console(stderr=True).print(f"Opening the index. The page will be at http://{host}:{port}/", soft_wrap=True)
        run_server(venues, host, port, workers or default_workers())


@app.command()
def mcp(
    http: Annotated[bool, typer.Option("--http", help="Over HTTP, at /mcp, not standard input.")] = False,
    host: Annotated[str, typer.Option(help="With --http: this machine alone, unless you say otherwise.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="With --http.")] = 8001,
    db: Db = None,
) -> None:
    """Let an assistant ask: find, place, venue and shortlist over the Model Context Protocol."""
    from venues.assistants import serve as run_server
    from venues.assistants import serve_http
    from venues.desk import Desk

    with _open(db) as venues:
        desk = Desk(venues)
        try:
            if http:
                _console(stderr=True).print(f"Assistants are answered at http://{host}:{port}/mcp", soft_wrap=True)
                serve_http(desk, host, port)
            else:
                run_server(desk)
        finally:
            desk.close()


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
