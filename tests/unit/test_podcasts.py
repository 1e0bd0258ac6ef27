from __future__ import annotations

import pytest

from crawlers.podcasts import country_of, language_of, names_of, speaks_of
from venues.model import Area


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Leeds", "The LEEDS Hour", True),
        ("Leeds", "Leedsichath tales", False),
        ("Stoke-on-Trent", "stoke on trent speaks", True),
        ("Bury St Edmunds", "Bury me", False),
        ("", "anything", True),
        ("Leeds", None, False),
    ],
)
def test_a_text_speaks_of_a_name_in_whole_words(name: str, text: str | None, expected: bool) -> None:
    assert expected is speaks_of(name, text)


@pytest.mark.parametrize(
    ("tag", "language", "country"),
    [
        ("en-GB", "en-GB", "GB"),
        (" EN_gb ", "en-GB", "GB"),
        ("en-us", "en-US", None),
        ("cy", "cy", None),
        ("english", None, None),
        ("", None, None),
        (7, None, None),
    ],
)
def test_a_language_tag_is_tidied_and_may_name_a_country(
    tag: object, language: str | None, country: str | None
) -> None:
    assert (language, country) == (language_of(tag), country_of(language_of(tag)))


def test_a_country_is_searched_by_its_name_alone() -> None:
    wales = Area(id="x", name="Wales", kind="nation", country="GB", lat=52, lon=-3, radius_km=100, part_of=("UK",))
    assert ["Wales"] == list(names_of(wales))
