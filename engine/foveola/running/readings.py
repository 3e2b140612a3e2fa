"""What exams were read from, and by which code: whether reading them again would give the same."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from foveola.readers import Reader
from foveola.registry import Registry
from foveola.running.code import CodeCache, code_of_reading
from foveola.running.codec import digest


class Reading:
    """How exams are read, and from what: what of that has changed.

    Args:
        registry: has the readers and the kind of exam.
        remembered: where the reading of code is remembered.
    """

    def __init__(self, registry: Registry, remembered: CodeCache | None) -> None:
        self._readers = tuple(registry.readers.values())
        self._exam_type = registry.exam_type
        self._remembered = remembered

    def stamp(self, path: Path) -> str:
        """Another when the exam's files have changed, or the code that would read them; "" if that is not known."""
        reader = next((one for one in self._readers if one.recognises(path)), None)
        return "" if reader is None else self._stamp(path, reader)

    def stamping(self, reader: Reader, stamps: dict[str, str]) -> Reader:
        """A reader that notes the stamp of what it reads, also of exams that exams name."""

        def read(path: Path) -> Mapping[str, Any]:
            stamps[str(path)] = self._stamp(path, reader)
            return reader.read(path)

        return replace(reader, read=read)

    def _stamp(self, path: Path, reader: Reader) -> str:
        with suppress(TypeError):
            return digest([stamp_of(path), code_of_reading(reader.read, self._exam_type, self._remembered)])
        return ""


def stamp_of(path: Path) -> str:
    """Names, sizes and times of an exam's files: another when one of them has changed."""
    files = (file for file in path.rglob("*") if file.is_file()) if path.is_dir() else (path, path.with_suffix(".npz"))
    found = []
    for file in files:
        with suppress(FileNotFoundError):
            state = file.stat()
            found.append([str(file.relative_to(path.parent)), state.st_size, state.st_mtime_ns])
    return digest(sorted(found))
