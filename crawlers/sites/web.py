"""Any web page or feed: what venue it is about, and the boards it plainly lists.

Settings: `base_url`, the page or the feed; `url` instead of it where the address has a query. This is the reader for
what no other platform's reader knows, so it states how sure it is: `sureness` of a page's own venue, and of boards what
`crawlers.linktables.plain_boards` says. What it is not sure of stays None, and a page about a person is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from crawlers.boards import OTHER, board, canonical, no_list
from crawlers.contract import About, NoList, Page, Request
from crawlers.feeds import Feed, is_feed, read_feed
from crawlers.linktables import plain_boards
from crawlers.markup import words
from crawlers.nodes import moment
from crawlers.pagefacts import Facts, facts_of, text_of, types_of
from crawlers.parsing import address_id, date_or_none, dig
from crawlers.parts import same_site
from crawlers.times import times_of
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from venues.model import Area

_INDEX, _FEED = "index", "feed of "
_SURE = 0.6
"""From which sureness on links count as boards."""
_ACCEPT = "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/xml;q=0.9"
_CLUBS = {"SportsClub", "SportsTeam", "SportsOrganization", "ExerciseGym"}
_ORGANISATIONS = _CLUBS | {"Organization", "NGO", "EducationalOrganization", "LocalBusiness", "ReligiousOrganization"}
_ORGANISATIONS |= {"PerformingGroup", "MusicGroup", "PlaceOfWorship", "CivicStructure", "NewsMediaOrganization"}
_SITES = {"WebSite", "Blog", "PodcastSeries", "EventSeries", "CreativeWorkSeries", "Newsletter"}
_PEOPLE = {"Person", "ProfilePage"}
_PIECES = {"Article", "NewsArticle", "BlogPosting", "Product", "Offer", "Recipe", "VideoObject", "Review", "JobPosting"}
_BY_TYPE = (
    (Kind.PODCAST, {"PodcastSeries", "PodcastEpisode"}),
    (Kind.NEWSLETTER, {"Newsletter"}),
    (Kind.MEETUP, {"EventSeries"}),
    (Kind.CLUB, _CLUBS),
    (Kind.FORUM, {"DiscussionForumPosting", "DiscussionForum"}),
    (Kind.BLOG, {"Blog"}),
)
_BY_NAME = (
    (Kind.PODCAST, r"\bpodcast\b"),
    (Kind.NEWSLETTER, r"\bnewsletter\b"),
    (Kind.FORUM, r"\b(forums?|message board|discussion board)\b|форум"),
    (Kind.CLUB, r"\b(club|society|association|choir|verein|asociación)\b"),
    (Kind.BLOG, r"\bblog\b"),
)
_BY_SOFTWARE = (
    (Kind.NEWSLETTER, r"substack|beehiiv|buttondown|mailchimp"),
    (
        Kind.FORUM,
        r"phpbb|vbulletin|mybb|smf|discourse|flarum|vanilla|xenforo|invision|bbpress|nodebb|punbb|fluxbb|yabb",
    ),
    (Kind.BLOG, r"blogger|wordpress\.com|ghost|typepad|movable ?type|hugo|jekyll"),
)
_SEPARATED = re.compile(r"\s[|–—·•»:-]\s|\s::\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """One page or one feed."""

    base_url: str = ""
    url: str | None = None

    about: ClassVar[About] = About(
        platform="web",
        website="https://schema.org",
        terms="Each site has its own.",
        official_api=False,
        how="one page by its JSON-LD, OpenGraph and tables of boards; and its RSS, Atom or podcast feed",
        limits="one page and one feed",
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - it is one page
        """Ask for the page."""
        yield Request(url=self.url or self.base_url, accept=_ACCEPT, note=_INDEX)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read what venue a page or a feed is about, and the boards that a page plainly lists.

        A page that was not asked for as a venue (as in `venues read`) lists its boards only; without any, NoList says
        what it is.
        """
        if is_feed(page):
            yield _of_feed(self.about.platform, page, read_feed(page))
            return
        facts = facts_of(page)
        if _is_of_person(facts):
            raise NoList(page.url, "is a page about a person")
        boards = list(_boards(self.about.platform, page, facts))
        if page.request.note == _INDEX:
            own = _of_page(self.about.platform, facts, forum=bool(boards))
            if own is None:
                raise NoList(page.url, "does not say what it is called")
            yield own
            feeds = [feed for feed in facts.feeds if same_site(feed, page.url)]
            yield from (Request(url=feed, accept=_ACCEPT, note=_FEED + own.native_id) for feed in feeds[:1])
        elif not boards:
            raise _no_boards(page, facts)
        yield from boards


def sureness(page: Page) -> float:
    """Return how sure the reader is that a page is about one venue, and about which: from 0 to 1.

    Each sign takes away its share of the doubt that is left: JSON-LD that names an organisation or a site a half;
    `og:site_name`, a feed, being the front page of its host, and boards plainly listed three tenths each; a title, a
    description and a kind that is more than a guess a fifth each. A page about one article or product is halved, one
    about a person or without any name is 0. A feed with a title and entries is 0.9.
    """
    if is_feed(page):
        feed = read_feed(page)
        return 0.9 if feed.title and feed.entries else 0.5 if feed.title else 0.0
    facts = facts_of(page)
    if _is_of_person(facts) or _name(facts) is None:
        return 0.0
    doubt = 1.0
    for share, seen in _signs(facts):
        doubt *= 1 - share if seen else 1
    return round((1 - doubt) * (0.5 if _is_piece(facts) else 1), 2)


def _signs(facts: Facts) -> Iterator[tuple[float, bool]]:
    yield 0.5, any(text_of(thing, "name") for thing in facts.of_type(*_ORGANISATIONS, *_SITES))
    yield 0.3, facts.said("og:site_name") is not None
    yield 0.3, bool(facts.feeds)
    yield 0.3, _is_front(facts)
    yield 0.3, plain_boards(facts.tree, facts.base)[0] >= _SURE
    yield 0.2, facts.title is not None
    yield 0.2, _description(facts) is not None
    yield 0.2, _kind(facts, forum=False) is not Kind.PAGE


def _of_feed(platform: str, page: Page, feed: Feed) -> Listing:
    """Return the venue that a feed belongs to; a feed that a page named adds to that page's venue."""
    known = page.request.note.removeprefix(_FEED) if page.request.note.startswith(_FEED) else None
    url = feed.url or page.url
    if feed.title is None and known is None:
        raise NoList(page.url, "is a feed without a title")
    return Listing(
        platform=platform,
        native_id=known or address_id(url) or url,
        title=feed.title or known or url,
        kind=Kind.PODCAST if feed.podcast else None if known else Kind.BLOG,
        url=url,
        description=feed.description,
        language=feed.language,
        nsfw=feed.explicit,
        posts_per_week=feed.per_week,
        last_post_at=feed.newest,
    )


def _of_page(platform: str, facts: Facts, *, forum: bool) -> Listing | None:
    name = _name(facts)
    if name is None:
        return None
    url = canonical(facts.url)
    site = facts.said("og:site_name")
    return Listing(
        platform=platform,
        native_id=address_id(url) or url,
        title=name,
        kind=_kind(facts, forum=forum),
        url=url,
        description=_description(facts),
        parent=site if site != name and not _is_front(facts) else None,
        language=facts.language,
        last_post_at=_last_post(facts),
        **_whereabouts(facts),
    )


def _boards(platform: str, page: Page, facts: Facts) -> Iterator[Listing]:
    sure, boards = plain_boards(facts.tree, facts.base)
    times = times_of(page.text, page.fetched_at, facts.language)
    for each in boards if sure >= _SURE else ():
        name = words(each.link, 300)
        below = each.cell.find(["p", "i", "small", "span"]) if each.cell.name in {"td", "th"} else None
        text = words(below) if below is not None and below.find("a") is None else None
        if name:
            told = {"description": text if text != name else None, "last_post_at": moment(each.last, times)}
            yield board(platform, each.url, name, topics=each.topics, posts=each.posts, **told)


def _name(facts: Facts) -> str | None:
    """Return what the venue is called: on a front page the site's name, elsewhere the page's."""
    named = (text_of(thing, "name") for thing in facts.of_type(*_SITES, *_ORGANISATIONS))
    site = facts.said("og:site_name", "application-name") or next(filter(None, named), None)
    own = facts.said("og:title", "twitter:title") or facts.title or facts.heading
    if _is_front(facts) and site:
        return site
    if own is None:
        return site
    first, *rest = _SEPARATED.split(own)
    return first.strip() if site and rest and rest[-1].strip() == site and first.strip() else own


def _description(facts: Facts) -> str | None:
    said = facts.said("og:description", "description", "twitter:description")
    named = (text_of(thing, "description") for thing in facts.of_type(*_SITES, *_ORGANISATIONS))
    return said or next(filter(None, named), None)


def _kind(facts: Facts, *, forum: bool) -> Kind:
    """Return what sort of venue a page is about: what it states, before what its name suggests; else a page."""
    types = {name for thing in facts.things for name in types_of(thing)}
    stated = next((kind for kind, names in _BY_TYPE if types & names), None)
    if stated or forum:
        return stated or Kind.FORUM
    name = f"{_name(facts)} {facts.title}".lower()
    if re.search(r"[/.](forums?|boards?|bbs)([/.]|$)", f".{urlsplit(facts.url).hostname}{urlsplit(facts.url).path}"):
        return Kind.FORUM
    software = f"{facts.said('generator') or ''} {urlsplit(facts.url).hostname}".lower()
    found = next((kind for kind, pattern in _BY_NAME if re.search(pattern, name)), None)
    found = found or next((kind for kind, pattern in _BY_SOFTWARE if re.search(pattern, software)), None)
    if found is None and facts.said("og:type") == "blog":
        return Kind.BLOG
    return found or Kind.PAGE


def _last_post(facts: Facts) -> datetime | None:
    """Return the latest date that posts listed in JSON-LD have."""
    posts = facts.of_type("BlogPosting", "DiscussionForumPosting", "PodcastEpisode")
    dates = [date_or_none(thing.get(name)) for thing in posts for name in ("datePublished", "dateModified")]
    return max(filter(None, dates), default=None)


def _whereabouts(facts: Facts) -> dict[str, Any]:
    """Return where an organisation says it is; where a person is, nobody asks."""
    for thing in facts.of_type(*_ORGANISATIONS, "EventSeries"):
        found = _place(thing)
        if any(found.values()):
            return found
    return {}


def _place(thing: Mapping[str, Any]) -> dict[str, Any]:
    at = next((each for each in (thing, dig(thing, "location"), dig(thing, "location", 0)) if _is_placed(each)), {})
    lat, lon = _degrees(dig(at, "geo", "latitude")), _degrees(dig(at, "geo", "longitude"))
    whole = lat is not None and lon is not None
    country = text_of(at, "address", "addressCountry")
    return {
        "place": text_of(at, "address", "addressLocality"),
        "country": country if country and re.fullmatch(r"[A-Z]{2}", country) else None,
        "lat": lat if whole else None,
        "lon": lon if whole else None,
    }


def _is_placed(value: object) -> bool:
    return isinstance(value, dict) and ("geo" in value or isinstance(value.get("address"), dict))


def _degrees(value: object) -> float | None:
    text = str(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else ""
    return float(text) if re.fullmatch(r"-?\d{1,3}(\.\d{1,12})?", text.strip()) else None


def _is_front(facts: Facts) -> bool:
    parts = urlsplit(facts.url)
    return re.fullmatch(r"/?(index\.\w{3,5})?", parts.path) is not None and not parts.query


def _is_of_person(facts: Facts) -> bool:
    if (facts.said("og:type") or "").lower() in {"profile", "person"}:
        return True
    main = next((thing for thing in facts.things if types_of(thing)), {})
    return bool(types_of(main) & _PEOPLE)


def _is_piece(facts: Facts) -> bool:
    kind = (facts.said("og:type") or "").lower()
    if re.search(r"article|product|video|music\.song|book", kind):
        return True
    return not _is_front(facts) and any(True for _ in facts.of_type(*_PIECES))


def _no_boards(page: Page, facts: Facts) -> NoList:
    """Return the error that says what a page is; many a front page has a form to log in, and is more than that."""
    by_address, by_words = no_list(page.url, facts.tree), _what_is(facts)
    return NoList(page.url, by_words) if by_words and (_is_front(facts) or by_address.reason == OTHER) else by_address


def _what_is(facts: Facts) -> str | None:
    types = {name for thing in facts.things for name in types_of(thing)}
    if types & {"Product", "Offer", "Store"} or "product" in (facts.said("og:type") or "").lower():
        return "is a shop's page and lists no boards"
    if _is_piece(facts):
        return "is an article and lists no boards"
    return "is a blog and lists no boards" if _kind(facts, forum=False) is Kind.BLOG else None
