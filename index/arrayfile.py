"""Arrays kept in one file that is either whole or not there: written under another name, then renamed.

Opened, the arrays are read from the disk as they are used: a file of a gigabyte costs what is looked at.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]

UNFINISHED = ".new"
"""What the name of a file ends with that is not whole yet."""
_MAGIC = b"venues 1"
_ALIGNED = 64
_ENDS = 4096
"""Bytes at the beginning and at the end of each array whose sum is checked: what a power cut left empty shows there."""


def write(path: Path, about: Mapping[str, Any], arrays: Arrays) -> None:
    """Write arrays and what is to be known of them. Raises OSError, and then leaves what was there."""
    with NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}-", suffix=UNFINISHED, delete=False) as file:
        try:
            _write(file, about, arrays)
            file.flush()
            os.fsync(file.fileno())
            file.close()
            os.replace(file.name, path)  # noqa: PTH105 - a Path for one call
        except BaseException:
            file.close()
            with suppress(OSError):
                os.unlink(file.name)  # noqa: PTH108 - as above
            raise


def _write(file: IO[bytes], about: Mapping[str, Any], arrays: Arrays) -> None:
    listed = {}
    for name, given in arrays.items():
        array = np.ascontiguousarray(given)
        file.write(b"\0" * (-file.tell() % _ALIGNED))
        listed[name] = (array.dtype.str, array.shape, file.tell(), _sum(array))
        # By the file and not by the array, whose own way reports a full disk as anything but that.
        file.write(array.reshape(-1).view(np.uint8).data)
    head = json.dumps({"about": about, "arrays": listed}).encode()
    file.write(head + len(head).to_bytes(8, "little") + crc32(head).to_bytes(4, "little") + _MAGIC)


def read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]] | None:
    """Return what was written; None where there is no such file, or it is not whole."""
    try:
        with path.open("rb") as file:
            head = _head(file)
            if head is None:
                return None
            arrays = {name: _array(path, *entry) for name, entry in head["arrays"].items()}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = all(_sum(arrays[name]) == entry[3] for name, entry in head["arrays"].items())
    return (head["about"], arrays) if whole else None


def _head(file: IO[bytes]) -> dict[str, Any] | None:
    """Return the description that stands at the end; None where it is not what was written."""
    size = file.seek(0, os.SEEK_END)
    tail = 8 + 4 + len(_MAGIC)
    if size < tail:
        return None
    file.seek(size - tail)
    end = file.read(tail)
    length = int.from_bytes(end[:8], "little")
    if end[12:] != _MAGIC or length > size - tail:
        return None
    file.seek(size - tail - length)
    head = file.read(length)
    if crc32(head) != int.from_bytes(end[8:12], "little"):
        return None
    described: dict[str, Any] = json.loads(head)
    return described


def _array(path: Path, kind: str, shape: list[int], offset: int, _: int) -> NDArray[Any]:
    if 0 in shape:
        return np.empty(shape, np.dtype(kind))
    # A plain view: every slice of a memmap would be one too, at several times the cost.
    return np.asarray(np.memmap(path, np.dtype(kind), "r", offset, tuple(shape)))


def _sum(array: NDArray[Any]) -> int:
    raw = array.reshape(-1).view(np.uint8)
    return crc32(raw[-_ENDS:].tobytes(), crc32(raw[:_ENDS].tobytes()))
