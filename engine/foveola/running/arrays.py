"""Arrays as files: `.npy`, named by their digests, written whole or not at all."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from secrets import token_hex
from typing import IO

import numpy as np

from foveola.running.codec import CodecError, array_digest

STRAY_SECONDS = 3600
"""A file that no transaction names may be about to be named; after an hour it is a stray."""

_AT_ONCE = 8


class ArrayFiles:
    """The arrays of a memo. Those that are kept get their names in `flush`: a disk flushes many nearly as fast as one.

    Args:
        folder: where they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: dict[str, Path] = {}
        self._process = os.getpid()

    def path(self, digest: str) -> Path:
        """Where an array is, or would be."""
        return self._folder / digest[:2] / f"{digest}.npy"

    def keep(self, digest: str, array: np.ndarray) -> None:
        """Write an array that is not there yet, under another name.

        Raises:
            OSError: it cannot be written.
        """
        path = self.path(digest)
        self._leave_to_parent()
        if digest in self._written or path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{token_hex(8)}")
        try:
            with temporary.open("xb", buffering=0) as file:
                _write(file, np.asarray(array, order="C"))
        except BaseException:
            _unlink(temporary)
            raise
        self._written[digest] = temporary

    def flush(self) -> None:
        """Bring what was written to the disk, then give it its name.

        Raises:
            OSError: it cannot be written.
        """
        self._leave_to_parent()
        written, self._written = self._written, {}
        try:
            if len(written) > 1:
                with ThreadPoolExecutor(_AT_ONCE) as pool:
                    list(pool.map(_to_disk, written.values()))
            else:
                for temporary in written.values():
                    _to_disk(temporary)
            for digest, temporary in written.items():
                temporary.replace(self.path(digest))
        except BaseException:
            for temporary in written.values():
                _unlink(temporary)
            raise

    def drop(self) -> None:
        """Delete what was written and has no name."""
        self._leave_to_parent()
        for temporary in self._written.values():
            _unlink(temporary)
        self._written.clear()

    def _leave_to_parent(self) -> None:
        """What a process had written when this one was forked from it is that one's."""
        if self._process != os.getpid():
            self._process, self._written = os.getpid(), {}

    def load(self, digest: str) -> np.ndarray:
        """An array, read-only and memory-mapped.

        Raises:
            CodecError: it is not there, or damaged.
        """
        path = self._written.get(digest) or self.path(digest)
        try:
            array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise CodecError(f"{path} cannot be read: {error}") from None
        if array_digest(array) != digest:
            raise CodecError(f"{path} is damaged: its bytes are not those of its name")
        return np.asarray(array)

    def size(self, digest: str) -> int | None:
        """The bytes of an array's file; None if it is not there."""
        try:
            return self.path(digest).stat().st_size
        except OSError:
            return None

    def delete(self, digests: Iterable[str]) -> None:
        """Delete arrays."""
        for digest in digests:
            _unlink(self.path(digest))

    def older_than(self, seconds: float) -> Iterator[tuple[Path, int]]:
        """Every file that has been there for so long, and its bytes."""
        now = time.time()
        for path in self._folder.glob("*/*"):
            with suppress(OSError):
                stat = path.stat()
                if now - stat.st_mtime >= seconds:
                    yield path, stat.st_size


def _write(file: IO[bytes], array: np.ndarray) -> None:
    """As `numpy.save` does it, but for what it says of a full disk."""
    header = BytesIO()
    np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(array))
    content = [header.getbuffer(), *([array.reshape(-1).view(np.uint8).data] if array.size else [])]
    for part in content:
        while part:
            part = part[file.write(part) :]  # noqa: PLW2901  what is left of it


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _unlink(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
