"""The peers that rank beside ours, on rows small enough to rank by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.baselines import Cosine, Fusion, Reranked, Words, community_ranker, dialog, lemmy_explorer, peers
from venues.model import Access, Listing, VenueId

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

DIRECTIONS = {"east": (1.0, 0.0), "north": (0.0, 1.0), "north-east": (0.8, 0.6)}


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    return np.array([DIRECTIONS[text] for text in texts], dtype=np.float32)


def named(native_id: str, title: str = "", **more: object) -> Listing:
    return Listing(platform="forum", native_id=native_id, title=title or native_id, **more)  # type: ignore[arg-type]


def ids(ranked: list[tuple[VenueId, float]]) -> list[str]:
    return [venue.native_id for venue, _ in ranked]


class Fixed:
    name = "fixed"

    def __init__(self, *native_ids: str) -> None:
        self.venues = [VenueId("forum", native_id) for native_id in native_ids]

    def rank(self, text: str) -> list[tuple[VenueId, float]]:
        return [(venue, 1.0) for venue in self.venues]


@pytest.fixture
def words() -> Iterator[Words]:
    rows = [
        named("mums", "Brighton mums", description="For mothers of small children"),
        named("cafe", "Café society"),
        named("chess", "Chess", description="We play on Mondays", place="Hove"),
        named("who", "Who?"),
    ]
    with Words(rows) as words:
        yield words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mother", ["mums"]),
        ("CAFE", ["cafe"]),
        ("played in Hove", ["chess"]),
        ("people who are in Brighton", ["mums"]),
        ("who is who", ["who"]),
        ('chess AND NOT "mums', ["chess", "mums"]),
        ("mums* OR (", ["mums"]),
        ("?!", []),
        ("", []),
        ("plumbers", []),
    ],
)
def test_words_find_stems_without_accents_and_pass_over_function_words(
    words: Words, text: str, expected: list[str]
) -> None:
    assert sorted(expected) == sorted(ids(words.rank(text)))


def test_words_put_the_venue_with_more_of_the_rarer_words_first(words: Words) -> None:
    ranked = words.rank("mums who play chess")
    assert ["chess", "mums"] == ids(ranked)
    assert ranked[0][1] > ranked[1][1] > 0


def test_cosine_puts_the_nearest_first() -> None:
    rows = [named("east"), named("north"), named("north-east")]
    cosine = Cosine(rows, encode(["east", "north", "north-east"]), encode)
    ranked = cosine.rank("north")
    assert ["north", "north-east", "east"] == ids(ranked)
    assert pytest.approx([1.0, 0.6, 0.0]) == [score for _, score in ranked]


def test_cosine_keeps_the_order_of_rows_where_scores_are_equal() -> None:
    cosine = Cosine([named("b"), named("a")], encode(["east", "east"]), encode)
    assert ["b", "a"] == ids(cosine.rank("north"))


def test_cosine_refuses_vectors_that_do_not_match_the_rows() -> None:
    with pytest.raises(ValueError, match="1 listings were given with 2 vectors"):
        Cosine([named("a")], encode(["east", "north"]), encode)


def test_a_venue_listed_twice_is_ranked_once_where_its_better_listing_stands() -> None:
    rows = [named("a", "chess"), named("b", "chess club for people"), named("a", "north")]
    with peers(rows, encode(["east", "north-east", "north"]), encode) as (words, cosine, *_):
        assert ["a", "b"] == ids(cosine.rank("north"))
        assert ["a", "b"] == ids(words.rank("chess"))


def test_fusion_adds_one_over_sixty_plus_rank() -> None:
    fusion = Fusion((Fixed("a", "b"), Fixed("b", "c")))
    ranked = fusion.rank("anything")
    assert ["b", "a", "c"] == ids(ranked)
    assert pytest.approx([1 / 62 + 1 / 61, 1 / 61, 1 / 62]) == [score for _, score in ranked]


def test_fusion_settles_equal_sums_by_the_venues_id() -> None:
    assert ["a", "b"] == ids(Fusion((Fixed("b", "a"), Fixed("a", "b"))).rank("anything"))


def test_a_formula_orders_the_first_hundred_and_leaves_out_the_rest() -> None:
    names = [f"v{number:03}" for number in range(120)]
    rows = [named(name, members=number) for number, name in enumerate(names)]
    cosine = Cosine(rows, encode(["east"] * 120), encode)
    reranked = Reranked("size", lemmy_explorer, Fusion((Fixed(*names),)), cosine)
    assert names[99::-1] == ids(reranked.rank("east"))


def test_equal_scores_keep_the_order_of_the_fusion() -> None:
    rows = [named("a"), named("b"), named("c", members=5)]
    cosine = Cosine(rows, encode(["east"] * 3), encode)
    reranked = Reranked("size", lemmy_explorer, Fusion((Fixed("b", "a", "c"),)), cosine)
    assert ["c", "b", "a"] == ids(reranked.rank("east"))


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        # 0.25 x 0 + 0.25 x 0.3 + 0.20 x 0.3 + 0.10 x 0.5 + 0.10 x 0.15 + 0.10 x 0.5
        (named("bare"), 0.25),
        # 0.25 x 0.5 + 0.25 x 1 + 0.06 + 0.10 x 1 + 0.10 x 0.4 + 0.05
        (named("busy", members=1000, posts_per_week=7.0, access=Access.OPEN), 0.625),
        # 0.25 x 1 + 0.25 x 0 + 0.06 + 0.10 x 0.2 + 0.10 x 0.65 + 0.05
        (named("vast and dead", members=5_000_000, posts_per_week=0.0, access=Access.INVITED), 0.445),
        # one member is log10 1 = 0, as nobody known
        (named("one", members=1), 0.25),
        (named("none", members=0), 0.25),
    ],
)
def test_community_ranker_adds_size_activity_age_access_reputation_and_freshness(
    listing: Listing, expected: float
) -> None:
    (score,) = community_ranker("anything", listing, 0.5)
    assert pytest.approx(expected) == score


@pytest.mark.parametrize(
    ("posts_per_week", "activity"),
    [(None, 0.3), (0.0, 0.0), (0.1, 0.2), (1.0, 0.5), (2.0, 0.8), (6.9, 0.8), (7.0, 1.0)],
)
def test_community_ranker_takes_activity_in_steps(posts_per_week: float | None, activity: float) -> None:
    (still,) = community_ranker("anything", named("v", posts_per_week=0.0), 0.5)
    (score,) = community_ranker("anything", named("v", posts_per_week=posts_per_week), 0.5)
    assert pytest.approx(0.25 * activity) == score - still


@pytest.mark.parametrize(
    ("listing", "expected"),
    [(named("bare"), 0), (named("members", members=100), 100), (named("both", members=100, active_members=10), 150)],
)
def test_lemmy_explorer_adds_subscribers_and_five_a_monthly_active_user(listing: Listing, expected: float) -> None:
    assert (expected,) == lemmy_explorer("anything", listing, 0.5)


@pytest.mark.parametrize(
    ("text", "listing", "cosine", "expected"),
    [
        # the distance is 2 - 2 cosine; between the tiers confidence falls in straight lines
        ("chess", named("chess", members=50_000), 1.0, 1.0),
        ("chess", named("chess", members=50_000), 0.6, 0.9),
        ("chess", named("chess", members=50_000), 0.55, 0.8),
        ("chess", named("chess", members=50_000), 0.3, 0.3),
        ("chess", named("chess", members=50_000), -1.0, 0.1),
        # ten thousand is neither small nor large, and unknown is small
        ("chess", named("chess", members=10_000), 0.55, 0.8),
        ("chess", named("chess", members=9_999), 0.55, 0.72),
        ("chess", named("chess"), 0.55, 0.72),
        # above a million: a tenth more, but never above 1
        ("chess", named("chess", members=1_000_001), 0.55, 0.88),
        ("chess", named("chess", members=1_000_001), 1.0, 1.0),
        # a general community, unless it is what was asked for
        ("chess", named("Funny", members=50_000), 0.55, 0.24),
        ("fun", named("Funny", members=50_000), 0.55, 0.8),
    ],
)
def test_dialog_turns_distance_into_confidence_and_corrects_it(
    text: str, listing: Listing, cosine: float, expected: float
) -> None:
    confidence, members = dialog(text, listing, cosine)
    assert pytest.approx(expected) == confidence
    assert (listing.members or 0) == members


def test_dialog_settles_equal_confidence_by_members() -> None:
    rows = [named("small", members=20_000), named("large", members=30_000)]
    cosine = Cosine(rows, encode(["east", "east"]), encode)
    reranked = Reranked("Dialog", dialog, Fusion((Fixed("small", "large"),)), cosine)
    assert ["large", "small"] == ids(reranked.rank("north"))


def test_all_six_peers_rank_the_same_rows() -> None:
    rows = [named("east"), named("north")]
    with peers(rows, encode(["east", "north"]), encode) as built:
        assert ["BM25", "cosine", "fusion", "CommunityRanker", "Lemmy Explorer", "Dialog"] == [
            peer.name for peer in built
        ]
        assert [
            ["north"],
            ["north", "east"],
            ["north", "east"],
            ["north", "east"],
            ["north", "east"],
            ["north", "east"],
        ] == [ids(peer.rank("north")) for peer in built]
