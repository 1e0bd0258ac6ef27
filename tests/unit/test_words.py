"""The words that are embedded, and the hashes that tell of a change."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from index.words import listing_hash, readable, text_of, words_hash
from venues.model import Access, Kind, Listing

ROOT = Path(__file__).resolve().parents[2]
PLAIN = Listing(platform="reddit", native_id="leedsdads", title="r/LeedsDads")


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("r/LeedsDads", "Leeds Dads"),
        ("!cycling@lemmy.world", "cycling"),
        ("r/young_mums", "young mums"),
        ("/r/AskUK", "Ask UK"),
        ("OSMSaudi", "OSM Saudi"),
        ("over40Plus", "over 40 Plus"),
        ("wild-swimmers", "wild swimmers"),
        ("r/70smusic", "70smusic"),
        ("r/4x4", "4x4"),
        ("Mums & Babies  Brighton", "Mums & Babies Brighton"),
        ("\U0001f476 Baby\tgroup\n\U0001f1ec\U0001f1e7", "Baby group"),
        ("McDonald fans", "McDonald fans"),
        ("forum.example.org", "forum.example.org"),
        ("https://example.org/a_b", "https://example.org/a_b"),
        ("r/", "r/"),
        ("\U0001f476", ""),
        ("", ""),
    ],
)
def test_a_name_is_made_readable(title: str, words: str) -> None:
    assert readable(title) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("audiobooks", "audio books"),
        ("bikebuilders", "bike builders"),
        ("boardgamerecommender", "board game recommender"),
        ("brightonmums", "brighton mums"),
        ("bristolcycling", "bristol cycling"),
        ("buyfromeu", "buy from eu"),
        ("capetown", "cape town"),
        ("cardsagainsthumanity", "cards against humanity"),
        ("casualuk", "casual uk"),
        ("cerealinwater", "cereal in water"),
        ("chefknives", "chef knives"),
        ("chicagomusicscene", "chicago music scene"),
        ("discgolf", "disc golf"),
        ("electricvehicles", "electric vehicles"),
        ("europeanmalefashion", "european male fashion"),
        ("homesecurity", "home security"),
        ("jackrussellterrier", "jack russell terrier"),
        ("kansascity", "kansas city"),
        ("learnpython", "learn python"),
        ("leedsdads", "leeds dads"),
        ("localmultiplayergames", "local multiplayer games"),
        ("losangeleskings", "los angeles kings"),
        ("malegrooming", "male grooming"),
        ("modelmakers", "model makers"),
        ("moderatepolitics", "moderate politics"),
        ("nostupidquestions", "no stupid questions"),
        ("overpopulation", "over population"),
        ("policeuk", "police uk"),
        ("restorethefourth", "restore the fourth"),
        ("runningman", "running man"),
        ("sixwordstories", "six word stories"),
        ("thelastofus", "the last of us"),
        ("trackandfield", "track and field"),
        ("ukpersonalfinance", "uk personal finance"),
        ("unitedkingdom", "united kingdom"),
        ("vancouverisland", "vancouver island"),
        ("weightwatchers", "weight watchers"),
        ("winnipegjets", "winnipeg jets"),
        ("youngmums", "young mums"),
        ("zerowaste", "zero waste"),
    ],
)
def test_a_glued_name_is_taken_apart(name: str, words: str) -> None:
    assert readable(f"r/{name}") == words


@pytest.mark.parametrize(
    "name", ["glasgow", "edinburgh", "knitting", "bouldering", "blacksmithing", "lgbt", "exmormon", "xqzvkjw", "z" * 60]
)
def test_a_word_or_what_has_no_words_in_it_is_left_whole(name: str) -> None:
    assert readable(f"r/{name}") == name


def test_the_name_comes_before_the_description() -> None:
    about = replace(PLAIN, title="Leeds Dads", description=" Fathers \n in\u200b Leeds ")

    assert text_of(about) == "Leeds Dads. Fathers in Leeds"


def test_a_glued_name_is_said_as_it_stands_and_taken_apart() -> None:
    assert text_of(replace(PLAIN, description="Fathers")) == "r/LeedsDads. Leeds Dads. Fathers"


def test_without_a_description_the_name_is_all() -> None:
    assert text_of(replace(PLAIN, title="Leeds Dads")) == "Leeds Dads"


def test_without_a_readable_name_the_description_is_all() -> None:
    assert text_of(replace(PLAIN, title="\U0001f476", description="Babies")) == "Babies"


def test_of_a_long_description_the_beginning_is_taken() -> None:
    assert len(text_of(replace(PLAIN, description="word " * 9000))) <= len("r/LeedsDads. Leeds Dads. ") + 1000


def test_what_is_not_embedded_does_not_change_the_hash_of_the_words() -> None:
    assert words_hash(PLAIN) == words_hash(replace(PLAIN, members=5, place="Leeds"))


def test_other_words_change_the_hash_of_the_words() -> None:
    assert words_hash(PLAIN) != words_hash(replace(PLAIN, description="Fathers"))


def test_the_time_and_page_of_reading_do_not_change_the_hash_of_the_listing() -> None:
    later = replace(PLAIN, seen_at=datetime(2026, 1, 2, tzinfo=UTC), source_url="https://example.org/list?page=2")
    assert listing_hash(PLAIN) == listing_hash(later)


def test_a_moment_written_with_another_offset_does_not_change_the_hash_of_the_listing() -> None:
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    one_o_clock = noon.astimezone(timezone(timedelta(hours=1)))
    assert listing_hash(replace(PLAIN, last_post_at=noon)) == listing_hash(replace(PLAIN, last_post_at=one_o_clock))


def test_every_other_field_changes_the_hash_of_the_listing() -> None:
    words = dict.fromkeys(("url", "description", "place", "parent", "language", "source", "licence"), "x")
    numbers = dict.fromkeys(("lat", "lon", "members", "active_members", "topics", "posts", "posts_per_week"), 1)
    other: dict[str, Any] = {
        "platform": "lemmy",
        "native_id": "x",
        "title": "x",
        "kind": Kind.CHAT,
        "country": "GB",
        "nsfw": False,
        "last_post_at": datetime(2026, 1, 2, tzinfo=UTC),
        "access": Access.OPEN,
        "rules": ("x",),
        **words,
        **numbers,
    }
    names = [field.name for field in fields(Listing) if field.name not in {"seen_at", "source_url"}]
    changed = {listing_hash(replace(PLAIN, **{name: other[name]})) for name in names}
    assert len(changed - {listing_hash(PLAIN)}) == len(names)


def test_hashes_are_the_same_in_every_process() -> None:
    program = (
        "from index.words import *; from venues.model import Listing;"
        "said = Listing(platform='reddit', native_id='leedsdads', title='r/LeedsDads');"
        "print(listing_hash(said), words_hash(said))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [listing_hash(PLAIN), words_hash(PLAIN)]


def test_half_a_surrogate_pair_can_be_hashed() -> None:
    odd = replace(PLAIN, title="half \ud800 pair")
    assert len(listing_hash(odd)) == len(words_hash(odd)) == 32
