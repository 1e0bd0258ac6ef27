"""The bound that an import is measured against: onnxruntime alone on the same texts, sorted by length.

Prints how many texts there were, and the seconds taken at the best of several batch sizes. Nothing is read, decided or
written: whatever an import does beside encoding is what the ratio shows.
"""

import sys
import time

from index.embedding import load_encoder
from index.exporting import export_folder, find_export
from index.words import text_of
from venues.interchange import open_source, read_lines

BATCHES = (16, 32, 64)
TRIED = 2_000
"""Texts on which the batch sizes compete."""


def main() -> None:
    import numpy as np
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    load_encoder()  # exports the model if it never was
    export = find_export(export_folder())
    session = InferenceSession(str(export.graph), providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(export.tokenizer))
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    with open_source(sys.argv[1]) as source:
        texts = sorted((text_of(line.listing) for line in read_lines(source) if line.listing), key=len)

    def encode(some, size):
        start = time.perf_counter()
        for at in range(0, len(some), size):
            batch = tokenizer.encode_batch(some[at : at + size])
            inputs = {
                "input_ids": np.array([one.ids for one in batch], dtype=np.int64),
                "attention_mask": np.array([one.attention_mask for one in batch], dtype=np.int64),
            }
            session.run(None, inputs)
        return time.perf_counter() - start

    sample = texts[:: max(1, len(texts) // TRIED)]
    best = min(BATCHES, key=lambda size: encode(sample, size))
    print(len(texts), encode(texts, best))


if __name__ == "__main__":
    main()
