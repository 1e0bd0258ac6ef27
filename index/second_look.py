"""A second look at the best candidates by a cross-encoder: slower than vectors, which see question and venue apart.

Off unless `VENUES_RERANKER` names one; any sentence-transformers CrossEncoder that gives one score a pair will do. It
reads each candidate beside the whole question, so an answer costs one pass of the model for every candidate: about
half a second for sixty with a small model on two cores, where the vectors of all venues together cost milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.embedding import first_line, sendable
from index.words import text_of
from venues.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from venues.model import Listing


class SecondLook:
    """One cross-encoder, loaded. Loads torch, which takes seconds."""

    def __init__(self, name: str) -> None:
        """Take a folder or hub name. Raises ModelError if there is no such model or it gives several scores a pair."""
        from sentence_transformers import CrossEncoder

        try:
            self._model = CrossEncoder(name, device="cpu")
        except Exception as error:  # it raises whatever its many parts raise
            raise ModelError(
                f'The cross-encoder "{name}" cannot be loaded ({first_line(error)}). Name a folder '
                "that holds a sentence-transformers CrossEncoder, or one of the hub's while the network is there, or "
                "unset VENUES_RERANKER."
            ) from error
        if self._model.num_labels != 1:
            raise ModelError(
                f'The cross-encoder "{name}" gives {self._model.num_labels} scores a pair; one is needed. '
                "Name another, or unset VENUES_RERANKER."
            )

    def judge(self, question: str, listings: Sequence[Listing]) -> NDArray[np.float32]:
        """Return how well each listing answers the question, 0 to 1: the logistic function of the model's score."""
        from torch.nn import Identity

        if not listings:
            return np.empty(0, np.float32)
        pairs = [(sendable(question), sendable(text_of(listing))) for listing in listings]
        scores = np.asarray(self._model.predict(pairs, activation_fn=Identity(), show_progress_bar=False), np.float32)
        return (1 / (1 + np.exp(-np.clip(scores, -30, 30)))).astype(np.float32)
