"""Audience words: what they mean in other words, and what they must never be taken to mean."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venues.audience_lexicon import Entry, key_of, lexicon
from venues.audiences import (
    _LONGEST,
    ALONE,
    COMPOSED,
    KIN,
    MOST_PHRASINGS,
    MOST_TERMS,
    OWN,
    SAME,
    Phrasing,
    read_audience,
)

ENTRIES = sorted(lexicon().entries.values(), key=lambda entry: entry.name)
FACETS = {entry.facet for entry in ENTRIES}


def same(entry: Entry) -> tuple[str, ...]:
    """Return every word that leads to an entry."""
    return (*entry.who, *entry.sorts_of_who, *entry.what, *entry.sorts_of_what)


def texts(words: str) -> list[str]:
    return [phrasing.text for phrasing in read_audience(words).phrasings]


def said(words: str) -> str:
    """Return all that was made of the words, beyond the words themselves."""
    audience = read_audience(words)
    return " ; ".join([phrasing.text for phrasing in audience.phrasings[1:]] + list(audience.terms)).casefold()


@pytest.mark.parametrize(
    ("words", "own"),
    [
        ("cyclists", "cyclists"),
        ("Muslim women", "Muslim women"),
        ("people who have just retired", "retired"),
        ("people who are interested in chess", "chess"),
        ("anyone into bouldering", "bouldering"),
        ("those who love jazz", "jazz"),
        ("people looking for a choir", "choir"),
        ("people with prams", "prams"),
        ("I'm looking for groups for new dads", "new dads"),
        ("people who want to know what is going", "what is going"),
        ("people who are not religious", "not religious"),
        ("people", "people"),
        ("zorbing", "zorbing"),
        ("  dog \n owners ", "dog owners"),
    ],
)
def test_the_first_phrasing_is_what_was_said_without_filler(words: str, own: str) -> None:
    assert [Phrasing(own, OWN)] == list(read_audience(words).phrasings[:1])


@pytest.mark.parametrize(
    ("words", "other"),
    [
        ("mums", "moms"),
        ("moms", "mums"),
        ("soccer fans", "football"),
        ("football fans", "soccer"),
        ("pensioners", "retirees"),
        ("apartments", "flats"),
        ("dads", "fathers"),
        ("LGBT people", "queer"),
        ("board game players", "tabletop"),
        ("students", "university"),
        ("asylum seekers", "sanctuary"),
        ("tenants", "renters"),
        ("paying off debt", "personal finance"),
        ("knitters", "crochet"),
        ("young mums", "baby and toddler"),
        ("wheelchair users", "disabled"),
        ("local people", "notice board"),
        ("neighbours", "mutual aid"),
        ("teenagers' parents", "parents of teenagers"),
        ("learning to code", "beginner"),
        ("Spanish speakers", "spaniards"),
        ("theater lovers", "theatre"),
        ("home schoolers", "home education"),
        ("truckers", "driv"),
    ],
)
def test_words_meet_their_equals_and_their_kin(words: str, other: str) -> None:
    assert other in said(words)


def test_a_sort_of_something_is_not_taken_for_all_of_it() -> None:
    weights = {phrasing.text: phrasing.weight for phrasing in read_audience("badminton players").phrasings}

    assert SAME == weights["badminton"]
    assert KIN >= max(weight for text, weight in weights.items() if "badminton" not in text)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_entry_is_reached_by_each_of_its_words(entry: Entry) -> None:
    missed = [word for word in same(entry) if lexicon().phrases.get(key_of(word)) is not entry]

    assert [] == missed
    assert all(read_audience(word).phrasings[0].weight == OWN for word in same(entry))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_entry_widens_the_words_of_its_people(entry: Entry) -> None:
    assert len(texts(same(entry)[0])) > 2


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_entry_has_kin_in_short_phrases(entry: Entry) -> None:
    assert entry.kin
    assert [] == [kin for kin in entry.kin if not 1 <= len(kin.split()) <= 8]


def test_no_word_belongs_to_two_entries() -> None:
    count = Counter(key for entry in ENTRIES for key in {key_of(word) for word in same(entry)})

    assert [] == [key for key, entries in count.items() if entries > 1]


def test_no_phrase_of_the_lexicon_is_longer_than_what_is_looked_for() -> None:
    assert max(len(key.split()) for key in lexicon().phrases) <= _LONGEST


def test_opposites_are_entries_and_share_neither_words_nor_kin() -> None:
    entries = lexicon().entries
    for one, other in lexicon().opposites.items():
        first, second = entries[one], entries[other]
        for mine, theirs in ((first, second), (second, first)):
            people = {key_of(word) for word in (*theirs.who, *theirs.sorts_of_who)}
            assert set() == people & {key_of(word) for word in (*same(mine), *mine.kin)}, (one, other)


def test_crossings_name_entries_or_facets() -> None:
    known = FACETS | lexicon().entries.keys()

    assert set() == {side for pair in lexicon().crossings for side in pair.split("+")} - known


def test_the_lexicon_is_broad() -> None:
    count = Counter(entry.facet for entry in ENTRIES)

    assert count["people"] >= 40
    assert count["faith"] >= 15
    assert count["interest"] >= 60
    assert len(ENTRIES) >= 350


@pytest.mark.parametrize(
    ("words", "unwanted"),
    [
        ("couples without children", r"\b(kids?|mums?|dads?|parents|parenting)\b"),
        ("childfree women", r"\b(mums?|dads?|parenting|toddlers?)\b"),
        ("people who are not religious", r"\b(church|mosque|christians?|muslims?|prayer)\b"),
        ("non-Muslims", r"islam|mosque|halal"),
        ("people who don't drink", r"\b(beer|pubs?|wine|real ale)\b"),
        ("people without a car", r"\b(petrolheads|car meets|motoring)\b"),
        ("people who hate football", r"soccer|football"),
        ("walks with no dogs", r"\b(puppy|puppies|canine|dog owners)\b"),
        ("women without kids", r"\b(mums?|moms?|toddlers?)\b"),
        ("ex-teachers", r"classroom|teaching"),
    ],
)
def test_what_is_denied_is_not_widened(words: str, unwanted: str) -> None:
    assert re.search(unwanted, said(words)) is None, said(words)


@pytest.mark.parametrize(
    ("words", "present", "absent"),
    [
        ("over fifty", "over 50s", r"twent|student|young"),
        ("people aged 65 and over", "older people", r"twent|student|young"),
        ("the over sixties", "over 60s", r"over[ -]50s|young"),
        ("under 25", "under 25s", r"older|retired|pension|midlife"),
        ("aged 18-30", "18 to 30", r"older|retired|pension"),
        ("men in their thirties", "30s", r"older|pension|teen"),
        ("women between 40 and 50", "40 to 50", r"older|pension|teen"),
        ("under 16s", "teen", r"older|pension|professional"),
    ],
)
def test_bounds_of_age_hold(words: str, present: str, absent: str) -> None:
    assert present in said(words)
    assert re.search(absent, said(words)) is None, said(words)


@pytest.mark.parametrize("words", ["over 18s", "over 21", "under 60s"])
def test_an_age_that_nearly_everyone_has_says_nothing(words: str) -> None:
    assert [Phrasing(words, OWN)] == list(read_audience(words).phrasings)


@pytest.mark.parametrize(
    ("words", "facets"),
    [
        ("Muslim women", (r"muslim|islam|mosque", r"women|sister|ladies|girls|female")),
        ("parents of autistic children", (r"parent|mum|famil", r"autis|special needs|send|asd")),
        ("small business owners who are deaf", (r"business|entrepr", r"deaf|hear")),
        ("Polish mums", (r"pol", r"mum|mom|mother")),
        ("retired cyclists", (r"retire|u3a|50s|pension", r"cycl|bik")),
        ("women in engineering", (r"women|female|ladies|woman", r"engineer")),
        ("gay runners", (r"gay|queer|homo", r"run|jog")),
    ],
)
def test_facets_narrow_each_other(words: str, facets: tuple[str, str]) -> None:
    strong = [phrasing for phrasing in read_audience(words).phrasings if phrasing.weight > 0.7]

    assert len(strong) >= 3
    assert [] == [item.text for item in strong if not all(re.search(facet, item.text.casefold()) for facet in facets)]


def test_a_word_that_the_lexicon_does_not_know_still_narrows() -> None:
    others = read_audience("left-handed cyclists").phrasings[1:]

    assert [ALONE] == sorted({item.weight for item in others if "left-handed" not in item.text})


def test_either_of_two_joined_by_and_will_do() -> None:
    weights = {item.text: item.weight for item in read_audience("gardeners and bakers").phrasings}

    assert KIN <= min(weights.values())
    assert any("garden" in text or "plant" in text for text in list(weights)[1:])
    assert any("bak" in text for text in list(weights)[1:])


def test_sisters_are_what_women_of_a_faith_call_themselves() -> None:
    assert "muslim sisters" in texts("Muslim women")
    assert "sikh sisters" in texts("Sikh women")


def test_terms_begin_with_what_was_said() -> None:
    assert ("tenants", "rent") == read_audience("tenants struggling with rent").terms[:2]
    assert ("zorbing",) == read_audience("people who love zorbing").terms


def test_nothing_said_means_nothing() -> None:
    audience = read_audience("  ")

    assert () == audience.phrasings
    assert () == audience.terms


def test_weights_fall_with_the_distance_in_meaning() -> None:
    assert OWN > SAME > COMPOSED > KIN > 0.7 > ALONE


_WORDS = st.sampled_from(
    [
        *(
            "young",
            "mums",
            "not",
            "without",
            "over",
            "50",
            "Muslim",
            "and",
            "or",
            "of",
            "women",
            "who",
            "are",
            "cyclists",
        ),
        *(
            "people",
            "looking for",
            "&",
            "'",
            "–",
            "gay",
            "kids",
            "ex-",
            "in their twenties",
            "free",
            "zorbing",
            "C++",
            "İ",
        ),
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(_WORDS, max_size=9).map(" ".join)))
def test_any_text_is_read_within_the_limits(words: str) -> None:
    audience = read_audience(words)
    weights = [phrasing.weight for phrasing in audience.phrasings]

    assert words == audience.words
    assert len(weights) <= MOST_PHRASINGS
    assert len(audience.terms) <= MOST_TERMS
    assert [OWN] * bool(words.strip()) == weights[:1]
    assert all(ALONE <= weight < OWN for weight in weights[1:])
    assert len(audience.terms) == len(set(audience.terms))
    assert all(phrasing.text.strip() for phrasing in audience.phrasings)


def test_the_opposite_that_follows_is_what_they_deal_with_and_not_who_they_are() -> None:
    assert (frozenset({"tenants"}),) == read_audience("renters with a bad landlord").groups
    assert (frozenset({"tenants", "landlords"}),) == read_audience("tenants and landlords").groups
