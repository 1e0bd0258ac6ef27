"""How fast texts become vectors: ours beside bare onnxruntime and sentence-transformers, on the same texts, in one run.

    python benchmarks/encoding.py [--texts FILE] [--number N] [--rounds R]

Bare onnxruntime is given the same 8-bit graph, default options, texts sorted by length and whichever of the usual batch
sizes is best in a trial; sentence-transformers its own defaults. The rounds alternate, so that whatever else the
machine does falls on all alike; medians are compared.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.embedding import load_encoder
from index.exporting import MAX_TOKENS, export_folder, find_export, model_folder
from index.words import text_of
from venues.model import Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from index.exporting import Export

BATCH_SIZES = (8, 16, 32, 64)
_PEOPLE = ("mums", "dads", "runners", "carers", "tenants", "gardeners", "students", "veterans", "nurses", "readers")
_PLACES = ("Leeds", "Bristol", "Cardiff", "online", "at the library", "near the station", "every week", "at weekends")
_THINGS = (
    "books",
    "bikes",
    "housing",
    "music",
    "games",
    "work",
    "advice",
    "old radios",
    "allotments",
    "small children",
)
_WORDS = (*_PEOPLE, *_PLACES, *_THINGS, "and", "for", "with", "who", "new", "young", "friendly", "beginners", "welcome")


def synthetic_texts(number: int) -> list[str]:
    """Return texts as long as those of real venues: most are a name, some a paragraph."""
    chance = random.Random(3)
    lengths = [chance.choice((3, 3, 4, 5, 6, 25, 60, 120)) for _ in range(number)]
    return [" ".join(chance.choices(_WORDS, k=length)) + f" {row}" for row, length in enumerate(lengths)]


def texts_of_file(path: Path, number: int) -> list[str]:
    """Return the words of the first `number` listings of a file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in islice(lines, number)]
    keys = ("platform", "native_id", "title", "description")
    return [text_of(Listing(**{key: row[key] for key in keys if key in row})) for row in rows]


class Bare:
    """The same graph as anyone would run it by hand."""

    def __init__(self, export: Export) -> None:
        """Open the graph with the library's defaults."""
        import onnxruntime as ort
        from tokenizers import Tokenizer

        self._session = ort.InferenceSession(str(export.graph), providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(export.tokenizer))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()
        self.size = BATCH_SIZES[0]

    def choose_size(self, texts: Sequence[str]) -> None:
        """Take the batch size that is fastest on some of the texts."""
        took = {}
        for self.size in BATCH_SIZES:
            took[self.size] = seconds(self.encode, texts)
        self.size = min(took, key=took.__getitem__)

    def encode(self, texts: Sequence[str]) -> Any:
        """Return one row for each text, shape (n, d)."""
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        rows = np.empty((len(texts), 384), np.float32)
        for start in range(0, len(order), self.size):
            batch = order[start : start + self.size]
            found = self._tokenizer.encode_batch([texts[place] for place in batch])
            ids = np.array([text.ids for text in found], np.int64)
            mask = np.array([text.attention_mask for text in found], np.int64)
            rows[batch] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return rows


def seconds(encode: Callable[[Sequence[str]], Any], texts: Sequence[str]) -> float:
    """Return how long one call takes."""
    started = time.perf_counter()
    encode(texts)
    return time.perf_counter() - started


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--texts", type=Path, help="listings as JSON lines, also .gz; without it, made-up texts")
    parser.add_argument("--number", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-torch", action="store_true", help="leave sentence-transformers out: it takes longest")
    chosen = parser.parse_args()
    texts = texts_of_file(chosen.texts, chosen.number) if chosen.texts else synthetic_texts(chosen.number)

    ours = load_encoder(progress=print)
    export = find_export(export_folder())
    assert export is not None
    bare = Bare(export)
    bare.choose_size(texts[:400])
    ways: dict[str, Callable[[Sequence[str]], Any]] = {
        "ours": ours.encode,
        f"bare onnxruntime, sorted, batches of {bare.size}": bare.encode,
    }
    if not chosen.no_torch:
        ways["sentence-transformers"] = load_encoder(str(model_folder())).encode
    took: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(chosen.rounds):
        for name, encode in list(ways.items())[:: 1 if number % 2 else -1]:
            took[name].append(seconds(encode, texts))
    print_table(took, len(texts))
    alone = statistics.median(seconds(ours.encode, [text]) for text in synthetic_texts(200) if len(text) < 40)
    print(f"\nOne short text by ours: {alone * 1000:.2f} ms (median)")


def print_table(took: dict[str, list[float]], number: int) -> None:
    """Print the median rate of each way, and how many times it our rate is, round by round."""
    print(f"\n{number:,} texts, median of {len(took['ours'])} alternating rounds\n")
    print("| encoder | texts/s | ours is faster by |\n|---|--:|--:|")
    for name, each in took.items():
        ratio = statistics.median(theirs / mine for theirs, mine in zip(each, took["ours"], strict=True))
        print(f"| {name} | {number / statistics.median(each):,.0f} | {ratio:.2f} x |")


if __name__ == "__main__":
    main()
