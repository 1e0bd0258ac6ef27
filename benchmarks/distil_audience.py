"""Teach the encoder of `index.audience` what a larger one knows, and keep it as int8 beside the heads.

    python benchmarks/distil_audience.py --teacher all-mpnet-base-v2 --listings listings.jsonl.gz --words words.txt
        --scores community-scores.csv [--state pupil.pt]

The teacher is any sentence-transformers model; the one shipped learnt from all-mpnet-base-v2 (Apache 2.0), which knows
more names of games, clubs and places than the default encoder does, but takes eight times as long. The pupil begins as
the default encoder. It learns the teacher's vectors of listings (name and description, name, parts of the description)
and of single words: one a line, the most frequent first (those shipped: 45,000 of the word list of wordfreq).

The scores are read only to leave their communities out: neither pupil nor teacher learns anything of a community on
which the heads are trained or tried, so all of those are as new to the encoder as one that comes tomorrow.
The one shipped was taught twice by these steps, at first each listing four times and then six, the second time from
where the first ended (`--state` keeps and takes up the weights); as steps are counted by the clock, another run makes
another encoder, about as good: after the first time the heads' mean correlation was 0.587, after the second 0.589.
One processor, about half an hour a time, of which the teacher takes up to 8 minutes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from train_audience import read

from index.audience import texts_of
from index.exporting import model_folder, quantise, trace
from venues.model import Listing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Rows = NDArray[np.float32]

TARGET = Path(__file__).parents[1] / "index" / "data" / "audience.onnx"
LONGEST, WORDS, MINUTES = 80, 45_000, 21
"""Tokens read of a text, words learnt, and how long the pupil learns."""
RATE, WARM_UP, STEP_TOKENS = 2.5e-4, 150, 2048
LIKENESS = 10.0
"""What the likeness of two texts counts beside the direction of each."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


class Sort(NamedTuple):
    """Texts of one sort, and how often each is shown."""

    texts: list[str]
    shown: int


def main() -> None:
    """Gather texts, ask the teacher, teach, export."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--teacher", required=True, help="a sentence-transformers model, by its folder or name")
    arguments.add_argument("--listings", type=Path, required=True, help="in the interchange form, gzipped")
    arguments.add_argument("--scores", type=Path, required=True, help="whose communities are left out")
    arguments.add_argument("--words", type=Path, required=True)
    arguments.add_argument(
        "--state", type=Path, help="a file to begin from, if it is there, and to write the weights to"
    )
    options = arguments.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    sorts = gather(options.listings, options.scores, options.words)
    wanted = directions([teach(options.teacher, sort.texts) for sort in sorts])
    texts = [text for sort in sorts for text in sort.texts]
    pupil = Pupil()
    if options.state and options.state.exists():
        pupil.load_state_dict(torch.load(options.state, weights_only=True))
    learn(pupil, texts, wanted, np.repeat(np.arange(len(texts)), [sort.shown for sort in sorts for _ in sort.texts]))
    if options.state:
        torch.save(pupil.state_dict(), options.state)
    export(pupil, TARGET)


def gather(listings: Path, scores: Path, words: Path) -> list[Sort]:
    """Return whole listings, parts of descriptions, names and words, without anything of a community in the scores."""
    known, _ = read(scores)
    scored = {text for listing in known for text in texts_of(listing)}
    names = {listing.native_id.casefold() for listing in known}
    whole: dict[str, None] = {}
    short: dict[str, None] = {}
    for name, about, both in _unscored(listings, names):
        if both not in scored and about not in scored:
            (whole if about else short)[both] = None
        if name not in scored:
            short[name] = None
    draw = random.Random(3)
    parts = sorted({part for text in whole for part in _parts(text, draw)} - whole.keys())
    with words.open(encoding="utf-8") as file:
        common = [word for line in file if (word := line.strip()) not in scored][:WORDS]
    return [Sort(list(whole), 4), Sort(parts, 2), Sort(list(short), 3), Sort(common, 1)]


def _unscored(listings: Path, names: set[str]) -> Iterator[tuple[str, str, str]]:
    with gzip.open(listings, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            if row["platform"] != "reddit" or row["native_id"].casefold().removeprefix("r/") not in names:
                yield texts_of(
                    Listing(
                        platform=row["platform"],
                        native_id=row["native_id"],
                        title=row["title"],
                        description=row.get("description"),
                    )
                )


def _parts(text: str, draw: random.Random) -> Iterator[str]:
    """Yield the description alone, and the name with one sentence of it."""
    name, _, about = text.partition(". ")
    sentences = [sentence for sentence in _SENTENCE.split(about) if len(sentence) > 25]
    if len(about) > 20:
        yield about
    if len(sentences) > 1:
        yield f"{name}. {draw.choice(sentences)}"


def teach(teacher: str, texts: Sequence[str]) -> Rows:
    """Return the teacher's vectors."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(teacher)
    model.max_seq_length = LONGEST
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rows = model.encode(list(texts), batch_size=32, normalize_embeddings=True, show_progress_bar=True)
    return np.asarray(rows, np.float32)


def directions(sorts: Sequence[Rows]) -> Rows:
    """Return the vectors less the mean of listings and names, in their 384 strongest directions, of length 1."""
    rows = np.concatenate(sorts)
    rows -= np.concatenate([sorts[0], sorts[2]]).mean(axis=0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    _, axes = np.linalg.eigh(rows.T @ rows)
    turned = rows @ axes[:, ::-1][:, : Pupil.dimensions]
    shown: Rows = turned / np.linalg.norm(turned, axis=1, keepdims=True)
    return shown


class Pupil(torch.nn.Module):  # type: ignore[misc] # torch is untyped here
    """The default encoder, its mean vector turned to the teacher's directions."""

    dimensions = 384

    def __init__(self) -> None:
        """Begin with the weights of the default encoder."""
        from transformers import AutoModel

        super().__init__()
        # Eager attention is what the optimiser of the export knows.
        self.model = AutoModel.from_pretrained(str(model_folder()), attn_implementation="eager")
        self.turn = torch.nn.Linear(self.dimensions, self.dimensions)
        for module in self.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        """Return the vectors of texts, and after each what the first token is."""
        kinds = torch.zeros_like(input_ids)
        states = self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=kinds)[0].float()
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        return torch.cat([self.turn((states * mask).sum(1) / mask.sum(1)), states[:, 0]], dim=1)


def learn(pupil: Pupil, texts: Sequence[str], wanted: Rows, shown: NDArray[np.intp]) -> None:
    """Teach the pupil for so many minutes: the direction of each text, and the likeness of each two in a batch."""
    tokens = tokenized(texts)
    steps = batches(tokens, shown)
    dense = [one for one in pupil.parameters() if one.ndim > 1]
    thin = [one for one in pupil.parameters() if one.ndim <= 1]
    optimizer = torch.optim.AdamW([{"params": dense, "weight_decay": 0.01}, {"params": thin, "weight_decay": 0.0}])
    target, started = torch.tensor(wanted), time.monotonic()
    for step, batch in enumerate(steps):
        done = max(step / len(steps), (time.monotonic() - started) / (60 * MINUTES))
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / WARM_UP) * (1 - done)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            rows = pupil(*padded([tokens[place] for place in batch]))[:, : pupil.dimensions]
        loss = distance(torch.nn.functional.normalize(rows.float(), dim=1), target[batch])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(pupil.parameters(), 1.0)
        optimizer.step()
        if step % 200 == 0:
            sys.stderr.write(f"step {step} of {len(steps)}: {float(loss.detach()):.3f}\n")


def distance(rows: Any, wanted: Any) -> Any:
    """Return how far the vectors are from those wanted, and their likenesses from those of these."""
    return 1 - (rows * wanted).sum(1).mean() + LIKENESS * ((rows @ rows.T - wanted @ wanted.T) ** 2).mean()


def tokenized(texts: Sequence[str]) -> list[list[int]]:
    """Return the tokens of each text."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    tokenizer.enable_truncation(LONGEST)
    tokenizer.no_padding()
    return [found.ids for found in tokenizer.encode_batch(list(texts))]


def batches(tokens: Sequence[Sequence[int]], shown: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Return the places of texts of about the same length, as many as fit, in an order drawn by lot."""
    draw = np.random.default_rng(0)
    shown = draw.permutation(shown)
    lengths = np.array([len(found) for found in tokens])
    made = []
    for start in range(0, len(shown), 20_000):
        some = shown[start : start + 20_000]
        some = some[np.argsort(lengths[some] + draw.uniform(size=len(some)))][::-1].copy()
        while len(some):
            size = min(160, STEP_TOKENS // lengths[some[0]])
            made.append(some[:size])
            some = some[size:]
    return [made[place] for place in draw.permutation(len(made))]


def padded(tokens: Sequence[Sequence[int]]) -> tuple[Any, Any]:
    """Return the tokens and the mask of a batch."""
    rows = [torch.tensor(found) for found in tokens]
    ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    mask = torch.nn.utils.rnn.pad_sequence([torch.ones_like(row) for row in rows], batch_first=True)
    return ids, mask


def export(pupil: Pupil, path: Path) -> None:
    """Write the pupil as int8, with 7 bits of weight: right on every processor, also where pairs of 8 overflow."""
    with tempfile.TemporaryDirectory() as folder:
        exact, made = Path(folder) / "exact.onnx", Path(folder) / "made.onnx"
        example = padded(tokenized(["young mums", "Leeds Dads. Fathers who look after small children during the week"]))
        trace(pupil, example, exact)
        quantise(exact, made, seven_bits=True)
        path.write_bytes(made.read_bytes())


if __name__ == "__main__":
    main()
