"""Boards as rows of a table: a link, and beside it how many topics and posts lie behind it.

Forum software of twenty years, and much that was written for one site only, shows its boards so. Two readers use it:
those of platforms whose addresses tell a board (`rows_of`), and the one of pages that nothing else is known of
(`plain_boards`), which takes a table only where its own words say what it counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bs4 import Tag

from crawlers.markup import ancestors, attribute, words
from crawlers.parsing import absolute, count_or_none
from crawlers.parts import brief, shallow, tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_TOPICS = (
    r"topics?|threads?|discussions?|subjects?|themen|thema|sujets?|fils?|temas?|hilos?|debates?|argomenti|discussioni"
    r"|t[óo]picos?|assuntos?|w[ąa]tki|tematy?|tem[ay]t?|teme|тем[аы]?|теми|обсуждени[яй]|konu(lar)?|ba[sş]l[ıi]klar"
    r"|onderwerpen|discussies|[äa]mnen|tr[åa]d(ar|er)|emner|aiheet|aiheita|ketjut|t[ée]mata?|t[ée]m[áa]k|θέματα"
    r"|主题|主題|话题|主题数|トピック|スレッド|주제|مواضيع|المواضيع|موضوعات|נושאים|chủ đề|topik"
)
_POSTS = (
    r"posts?|messages?|replies|comments?|beitr[äa]ge|nachrichten|antworten|r[ée]ponses?|mensajes|respuestas|messaggi"
    r"|mensagens|respostas|posty|wiadomo[śs]ci|odpowiedzi|сообщени[йяе]|ответ(ов|ы)|постов|повідомлень|mesaj(lar)?"
    r"|berichten|reacties|inl[äa]gg|innlegg|indl[æa]g|viestit?|viestej[äa]|p[řr][íi]sp[ěe]vk[ůuy]|hozz[áa]sz[óo]l[áa]sok"
    r"|μηνύματα|δημοσιεύσεις|帖子|帖数|文章|贴子|回复|投稿|返信|게시물|글|مشاركات|المشاركات|הודעות"
    r"|bài viết|tulisan|balasan"
)
_STRANGE = (
    r"views?|hits|reads|author|(thread |topic )?starter|started by|aufrufe|zugriffe|autor|auteur|vues|lectures"
    r"|visitas|vistas|visite|autore|просмотр(ов|ы)|автор|weergaven|visningar|g[öo]r[üu]nt[üu]leme|查看|作者|閲覧|投稿者"
    r"|price|preis|prix|size|downloads?"
)
"""What a table of topics, of files or of goods counts."""
_WHOLE = r"(?:(?:total|no\.? of|number of|#|nb\.?( de)?|anzahl)\s+)?(?:{})\s*[:.]?"
_IS_TOPICS, _IS_POSTS, _IS_STRANGE = (
    re.compile(_WHOLE.format(each), re.IGNORECASE) for each in (_TOPICS, _POSTS, _STRANGE)
)
_FIGURE = r"\d[\d.,'\u00a0\u202f]{0,14}\s?[kKmM]?"
_SAYS_TOPICS, _SAYS_POSTS = (
    re.compile(rf"({_FIGURE})\s{{0,3}}(?:{each})\b|\b(?:{each})\s?:?\s{{0,3}}({_FIGURE})(?![\w.])", re.IGNORECASE)
    for each in (_TOPICS, _POSTS)
)
_ONLY_FIGURES = re.compile(rf"\(?({_FIGURE})(?:\s*[/|,·•-]\s*({_FIGURE}))?\)?", re.IGNORECASE)
_NONE = {"-", "--", "—", "–", "n/a", "***"}
_NO_BOARD = re.compile(
    r"[/?&](?:show|view)?(?:thread|topic|post|article|message|profile|member|user|login|register|product|cart)s?"
    r"(?:[/=.]|id=|\d|$)|\.(?:jpe?g|png|gif|pdf|zip)$",
    re.IGNORECASE,
)
_IS_BOARD = re.compile(r"forum|board|categor|section|communit|group|f=\d", re.IGNORECASE)
_MOST_ROWS = 3000
_MOST_IN_CELL = 400
_LONGEST = 1500
"""Characters in which one board is told, with its description and last post."""


@dataclass(frozen=True, slots=True)
class Row:
    """A board as one row shows it."""

    link: Tag
    cell: Tag
    """What holds the link, the description and the boards within."""
    below: tuple[Tag, ...]
    """Links in the same cell that lead to boards too."""
    counts: tuple[int | None, ...]
    """The figures of the other cells, in their order; None where a dash stands for one."""
    row: Tag
    last: Tag
    """The last cell, where the last post is told."""


def rows_of(links: Iterable[Tag], is_board: Callable[[str], bool]) -> Iterator[Row]:
    """Yield each table row with a link to a board and at least one figure beside it. `is_board` is asked of a href."""
    seen: set[int] = set()
    for link in islice(links, _MOST_ROWS):
        row = _row_around(link) if is_board(attribute(link, "href")) and words(link) else None
        if row is None or id(row) in seen:
            continue
        seen.add(id(row))
        found = _row(row, link, is_board)
        if found:
            yield found


def _row_around(link: Tag) -> Tag | None:
    return next((each for each in ancestors(link, 12) if each.name == "tr"), None)


def _row(row: Tag, link: Tag, is_board: Callable[[str], bool]) -> Row | None:
    cells = _cells(row)
    cell = next((each for each in cells if any(parent is each for parent in link.parents)), None)
    if cell is None:
        return None
    counts = [figure for each in cells if each is not cell for figure in _figures(each)]
    if not counts:
        return None
    found = [each for each in _links(cell) if is_board(attribute(each, "href"))]
    below = tuple(each for each in found if each is not link and words(each))
    return Row(link, cell, below, tuple(counts), row, cells[-1])


def _cells(row: Tag) -> list[Tag]:
    return [each for each in row.children if isinstance(each, Tag) and each.name in {"td", "th"}][:30]


def _figures(cell: Tag) -> list[int | None]:
    """Return the one or two numbers that are all a cell holds, or all that its lines count."""
    text = brief(cell, 80)
    if text in _NONE:
        return [None]
    only = _ONLY_FIGURES.fullmatch(text)
    if only:
        return [count_or_none(each) for each in only.groups() if each]
    said = [pattern.search(text) for pattern in (_SAYS_TOPICS, _SAYS_POSTS)]
    return [count_or_none(found[1] or found[-1]) for found in said if found] if len(text) < 60 else []


@dataclass(frozen=True, slots=True)
class Plain:
    """A board of a page that nothing else is known of."""

    link: Tag
    url: str
    cell: Tag
    topics: int | None
    posts: int | None
    last: Tag | None = None
    """What tells the last post, where the boards are rows of a table."""


def plain_boards(tree: Tag, base: str) -> tuple[float, list[Plain]]:
    """Return the boards that a page lists plainly, and how sure that they are boards: 0 where there are none.

    0.8 where a table's heading names both topics and posts above figures, and 0.9 if the addresses speak of forums
    too; 0.7 where each row itself says how many of both it has and the addresses speak of forums: without that, they
    are as likely to be people.
    """
    boards = _alike(_by_heading(tree, base), base)
    if boards:
        return 0.9 if _telling(boards) else 0.8, boards
    boards = _alike(_by_words(tree, base), base)
    return (0.7, boards) if boards and _telling(boards) else (0.0, [])


def _telling(boards: list[Plain]) -> bool:
    return sum(1 for each in boards if _IS_BOARD.search(_path(each.url))) * 2 > len(boards)


def _by_heading(tree: Tag, base: str) -> Iterator[Plain]:
    for heading, rows in _tables(tree):
        columns = _columns(heading)
        if columns is None:
            continue
        for row in rows:
            found = _plain(row, columns, base)
            if found:
                yield found


def _tables(tree: Tag) -> Iterator[tuple[Tag, list[Tag]]]:
    """Yield each table's heading with the rows below it."""
    for table in (each for each in shallow(tree) if each.name == "table"):
        rows = list(islice(own_rows(table), _MOST_ROWS))
        at = next((at for at, row in enumerate(rows[:4]) if _columns(row)), None)
        if at is not None:
            yield rows[at], rows[at + 1 :]


def own_rows(table: Tag) -> Iterator[Tag]:
    """Yield a table's own rows, not those of tables within it."""
    for each in table.children:
        if isinstance(each, Tag) and each.name in {"thead", "tbody", "tfoot"}:
            yield from (row for row in each.children if isinstance(row, Tag) and row.name == "tr")
        elif isinstance(each, Tag) and each.name == "tr":
            yield each


def _columns(row: Tag) -> tuple[int, int] | None:
    """Return in which columns the topics and the posts are counted, by a heading; the same one may count both."""
    texts = [(at, brief(cell, 60)) for at, cell in _spread(row)]
    pieces = [(at, piece.strip()) for at, text in texts for piece in re.split(r"[/|&+,]", text)]
    if any(_IS_STRANGE.fullmatch(piece) for _, piece in pieces):
        return None
    topics = next((at for at, piece in pieces if at and _IS_TOPICS.fullmatch(piece)), None)
    posts = next((at for at, piece in pieces if at and _IS_POSTS.fullmatch(piece)), None)
    return (topics, posts) if topics is not None and posts is not None else None


def _spread(row: Tag) -> Iterator[tuple[int, Tag]]:
    """Yield each cell with its column, counted with what earlier cells span."""
    column = 0
    for cell in _cells(row):
        yield column, cell
        span = attribute(cell, "colspan")
        column += int(span) if re.fullmatch(r"[1-9]\d?", span) else 1


def _plain(row: Tag, columns: tuple[int, int], base: str) -> Plain | None:
    cells = dict(_spread(row))
    figures = [_figures(cells[at]) if at in cells else [] for at in columns]
    same = columns[0] == columns[1]
    if not all(figures) or (same and len(figures[0]) < 2):
        return None
    for at, cell in cells.items():
        if at in columns:
            break
        found = _link(cell, base)
        if found:
            last = cells[max(cells)] if max(cells) > max(columns) else None
            return Plain(*found, cell, figures[0][0], figures[1][-1 if same else 0], last)
    return None


def _links(cell: Tag) -> Iterator[Tag]:
    """Return the links of a cell, as far as a cell can need them."""
    return (each for each in islice(tags(cell), _MOST_IN_CELL) if each.name == "a")


def _link(cell: Tag, base: str) -> tuple[Tag, str] | None:
    for link in _links(cell):
        url = absolute(base, attribute(link, "href"))
        if url and words(link):
            return link, url
    return None


def _by_words(tree: Tag, base: str) -> Iterator[Plain]:
    """Find rows of any shape by their words: "12 topics, 345 posts"."""
    seen: set[int] = set()
    for text in islice(tree.find_all(string=_SAYS_TOPICS), _MOST_ROWS):
        for holder in ancestors(text, 7):
            if id(holder) in seen:
                break
            said = brief(holder, _LONGEST)
            if len(said) > _LONGEST:
                break
            found = _link(holder, base)
            topics, posts = _SAYS_TOPICS.search(said), _SAYS_POSTS.search(said)
            if found and topics and posts:
                seen.add(id(holder))
                yield Plain(*found, holder, count_or_none(topics[1] or topics[2]), count_or_none(posts[1] or posts[2]))
                break


def _alike(found: Iterable[Plain], base: str) -> list[Plain]:
    """Return the boards if they are at least two, of this host, and none is plainly something else."""
    host = urlsplit(base).hostname
    boards: dict[str, Plain] = {}
    for each in islice(found, _MOST_ROWS):
        if urlsplit(each.url).hostname == host and not _NO_BOARD.search(_path(each.url)):
            boards.setdefault(each.url, each)
    return list(boards.values()) if len(boards) > 1 else []


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + "?" + parts.query
