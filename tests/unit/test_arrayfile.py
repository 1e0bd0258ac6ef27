"""A file of arrays is whole or it is not there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.arrayfile import UNFINISHED, read, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ARRAYS = {
    "numbers": np.arange(5000, dtype=np.int32),
    "rows": np.ones((300, 7), np.float16),
    "none": np.empty((0, 7), np.int8),
}


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    write(tmp_path / "a", {"seq": 3}, ARRAYS)
    found = read(tmp_path / "a")

    assert found is not None
    assert {"seq": 3} == found[0]
    assert set(ARRAYS) == set(found[1])
    for name, array in ARRAYS.items():
        assert array.dtype == found[1][name].dtype
        np.testing.assert_array_equal(array, found[1][name])


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda whole: b"", id="empty"),
        pytest.param(lambda whole: whole[:-1], id="a byte short"),
        pytest.param(lambda whole: whole[: len(whole) // 2], id="half"),
        pytest.param(lambda whole: whole + b"\0" * 4096, id="longer"),
        pytest.param(lambda whole: whole[4096:], id="its beginning lost"),
        pytest.param(lambda whole: b"\0" * 4096 + whole[4096:], id="its beginning never written"),
        pytest.param(lambda whole: b"SQLite format 3\0" * 999, id="something else"),
        pytest.param(lambda whole: whole.replace(b'"seq"', b'"sea"'), id="its description changed"),
    ],
)
def test_a_file_that_is_not_whole_is_none(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "a"
    write(path, {"seq": 3}, ARRAYS)
    path.write_bytes(damage(path.read_bytes()))

    assert read(path) is None


def test_no_file_is_none(tmp_path: Path) -> None:
    assert read(tmp_path / "a") is None


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a", {"seq": 1}, ARRAYS)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path / "a", {"seq": 2}, ARRAYS)

    found = read(tmp_path / "a")
    assert found is not None
    assert {"seq": 1} == found[0]
    assert [] == list(tmp_path.glob(f"*{UNFINISHED}"))
