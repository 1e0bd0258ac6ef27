"""Texts to vectors: the contract, the default model without torch, and any other sentence-transformers model.

Loading takes 0.1 s besides the import of numpy; a short text 1 to 2 ms. Measured on 1,000 real listings, the vectors
of the default model have a mean cosine of 0.992 with those of the original (lowest 0.975).

The 8-bit arithmetic scales a whole batch by its largest value, so a text's vector depends a little on what it is
encoded with: alone and in a batch its two vectors have a cosine of 0.990 on average (lowest 0.971), and both are
equally near the original's. The same texts in the same call always give the same vectors.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from index.exporting import MAX_TOKENS, export_folder, find_export, make_export
from venues.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from index.exporting import Export

DEFAULT_MODEL = "all-MiniLM-L6-v2"

_BATCH_TOKENS = 768
"""Tokens in a batch, padding included. More gain nothing on a processor, and cost memory; fewer cost speed."""

_FEWEST_TOKENS = 24
"""Tokens below which a batch is not worth a thread of its own."""


class Encoder(Protocol):
    """Makes vectors of texts. Safe to use from several threads."""

    @property
    def model(self) -> str:
        """The name stored with the vectors: two encoders whose vectors must not be mixed have different names."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of a row."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row of length 1 for each text, in order: shape (n, dimensions), also for n = 0."""
        ...


def load_encoder(
    name: str | None = None,
    *,
    cache: Path | None = None,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Encoder:
    """Load the default model, or any sentence-transformers model by its folder or hub name.

    The default model is exported on first use, which `progress` is told of; `cache` overrides where to (see
    `index.exporting`). `threads` bounds the processors used, by default all. Raises ModelError.
    """
    if name in {None, "", DEFAULT_MODEL}:
        return _load_default(export_folder(cache), threads, progress)
    return SentenceTransformerEncoder(str(name), threads=threads)


class OnnxEncoder:
    """The default model, run by onnxruntime. Encodes many texts on several threads, one on the caller's."""

    model = f"{DEFAULT_MODEL}/onnx-int8"
    dimensions = 384

    def __init__(self, export: Export, *, threads: int | None = None) -> None:
        """Load the files; raises whatever onnxruntime and tokenizers raise on files that they cannot read."""
        self._threads = threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="encoder")
        # Both let go of the interpreter lock while they read.
        with ThreadPoolExecutor(1) as aside:
            session = aside.submit(_open_session, export.graph)
            self._tokenizer = _open_tokenizer(export.tokenizer)
            self._session = session.result()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row of length 1 for each text, in order: shape (n, dimensions).

        Equal texts are computed once. A text is read up to 256 tokens, about 200 words; an empty one has a vector too.
        """
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        rows = np.empty((len(places), self.dimensions), np.float32)
        tokens = [found.ids for found in self._tokenizer.encode_batch_fast([sendable(text) for text in places])]
        batches = list(_batches([len(ids) for ids in tokens]))

        def compute(batch: list[int]) -> None:
            rows[batch] = self._run([tokens[place] for place in batch])

        if self._threads == 1 or len(batches) < 2:
            for batch in batches:
                compute(batch)
        else:
            # Whole batches side by side beat one batch split among threads: nobody waits for the slower half.
            for _ in self._pool.map(compute, batches):
                pass
        return rows if len(places) == len(texts) else rows[[places[text] for text in texts]]

    def _run(self, tokens: list[list[int]]) -> NDArray[np.float32]:
        """Return the rows of one batch, of which the first text is the longest."""
        ids = np.zeros((len(tokens), len(tokens[0])), np.int64)
        mask = np.zeros_like(ids)
        for row, found in enumerate(tokens):
            ids[row, : len(found)] = found
            mask[row, : len(found)] = 1
        rows: NDArray[np.float32] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return rows


class SentenceTransformerEncoder:
    """Any sentence-transformers model, by folder or hub name. Loads torch, which takes seconds."""

    def __init__(self, name: str, *, threads: int | None = None) -> None:
        """Raise ModelError if there is no such model, on this machine or on the hub."""
        from sentence_transformers import SentenceTransformer

        try:
            self._model = SentenceTransformer(name)
        except Exception as error:  # it raises whatever its many parts raise: OSError, ValueError, HTTP errors
            raise ModelError(
                f'The model "{name}" cannot be loaded ({first_line(error)}). Name a folder that holds a '
                "sentence-transformers model, or one of the hub's while the network is there, or unset VENUES_MODEL."
            ) from error
        if threads is not None:
            import torch

            torch.set_num_threads(threads)
        self.model = name
        # Renamed since 5.1, our floor; the old name warns now.
        width = getattr(self._model, "get_embedding_dimension", None) or self._model.get_sentence_embedding_dimension
        self.dimensions = int(width())

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row of length 1 for each text, in order: shape (n, dimensions)."""
        if not texts:
            return np.empty((0, self.dimensions), np.float32)
        rows = self._model.encode(
            [sendable(text) for text in texts], normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(rows, np.float32)


def _load_default(folder: Path, threads: int | None, progress: Callable[[str], None] | None) -> OnnxEncoder:
    """Load the export in `folder`; make it where it is missing, damaged, or of another onnxruntime than can read it."""
    found = find_export(folder)
    if found is not None:
        try:
            return OnnxEncoder(found, threads=threads)
        except Exception:  # noqa: BLE001, S110 - each library has its own; made anew below, where faults are told
            pass
    made = make_export(folder, progress)
    try:
        return OnnxEncoder(made, threads=threads)
    except Exception as error:
        raise ModelError(
            f"The exported language model in {folder} cannot be loaded ({first_line(error)}). "
            "Upgrade onnxruntime and tokenizers, and delete that folder."
        ) from error


def _open_session(path: Path) -> Any:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # The file is already optimised; see index.exporting for the one fusion that must not be done.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3  # errors
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _open_tokenizer(path: Path) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    # What the file itself asks for is 128 tokens, all padded to that: half of what the model reads, and slow.
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    return tokenizer


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the places of all texts, longest first, so many at a time as fit the token budget when padded.

    Neighbours in this order have nearly the same length, so that hardly anything is padding; and as the dearest batches
    come first, the threads end together. A few texts are halved: somebody may wait for them. How many
    threads there are makes no difference here, so that it makes none to the vectors.
    """
    budget = min(_BATCH_TOKENS, max(_FEWEST_TOKENS, -(-sum(lengths) // 2)))
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    start = 0
    while start < len(order):
        end = start + max(1, budget // lengths[order[start]])
        yield order[start:end]
        start = end


def sendable(text: str) -> str:
    """Return the text with what is no character (half a surrogate pair) as a question mark: tokenizers refuse it."""
    return text.encode("utf-8", "replace").decode("utf-8")


def first_line(error: Exception) -> str:
    """Return what a library's own error says first, or else its kind."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
