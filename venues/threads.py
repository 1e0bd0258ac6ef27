"""How a server divides the processors: set before the libraries that read it are loaded, so it imports none."""

from __future__ import annotations

import os
import sys


def prepare_threads() -> None:
    """Let each question be computed by one thread; several at once share the processors better than one in pieces.

    Call before numpy is loaded: its library of linear algebra reads this once.
    """
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # A reply that is remembered should not wait 5 ms for a search to let go of the interpreter.
    sys.setswitchinterval(0.001)
