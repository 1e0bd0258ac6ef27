"""The second look: any cross-encoder of one score a pair, and what it does to an answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.second_look import SecondLook
from index.sqlite import SqliteStore
from index.testing import HashEncoder, save_tiny_bert
from venues.discovery import discover
from venues.errors import ModelError
from venues.model import Listing, Query
from venues.refresh import Intake

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


def save_tiny(folder: Path, labels: int) -> str:
    """Save a cross-encoder of two small random layers."""
    from sentence_transformers import CrossEncoder

    parts = save_tiny_bert(folder, "BertForSequenceClassification", num_labels=labels)
    CrossEncoder(parts, device="cpu").save_pretrained(str(folder / "tiny"), create_model_card=False)
    return str(folder / "tiny")


def listing(title: str) -> Listing:
    return Listing(platform="forum", native_id=title, title=title)


pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def test_any_cross_encoder_of_one_score_judges_between_nothing_and_all(tmp_path: Path) -> None:
    look = SecondLook(save_tiny(tmp_path, 1))

    judged = look.judge("young mums in Leeds", [listing("Young mums"), listing("Books \ud800"), listing("a " * 3000)])

    assert (3,) == judged.shape
    assert ((judged > 0) & (judged < 1)).all()
    assert (0,) == look.judge("young mums", []).shape


def test_one_of_several_scores_a_pair_is_refused_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"3 scores a pair.*VENUES_RERANKER"):
        SecondLook(save_tiny(tmp_path, 3))


def test_a_folder_without_a_model_is_refused_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="VENUES_RERANKER"):
        SecondLook(str(tmp_path))


class _Only(SecondLook):
    """Finds one title right and all others wrong."""

    def __init__(self, title: str) -> None:
        self._title = title

    def judge(self, question: str, listings: Sequence[Listing]) -> NDArray[np.float32]:
        assert "mums in Leeds" == question
        return np.array([one.title == self._title for one in listings], np.float32)


def test_a_second_look_is_one_more_part_of_the_score_and_can_turn_the_order() -> None:
    with SqliteStore(":memory:") as store:
        titles = ["mums one", "mums two", "mums three"]
        intake = Intake(store=store, encoder=HashEncoder(), locate=lambda _listing: None, now=NOW)
        for _ in intake.take(map(listing, titles)):
            pass
        query = Query(text="mums in Leeds", audience="mums")
        first = discover(query, store, HashEncoder(), NOW).suggestions
        last = first[-1].venue.listing.title

        second = discover(query, store, HashEncoder(), NOW, second=_Only(last)).suggestions

    assert last == second[0].venue.listing.title
    assert 20 == next(part.points for part in second[0].parts if part.signal == "second look")
    assert not [part for part in first[0].parts if part.signal == "second look"]
