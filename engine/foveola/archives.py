"""Arrays beside JSON: an `.npz` file holds what is large, each array under its path in the JSON joined by `/`.

Nothing is unpickled, and nothing is read before it is asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

import numpy as np
from numpy.lib import format as npy

LARGE = 10_000
"""An array of more numbers than this lies beside the JSON."""

ENDING = ".npy"
NUMBERS_AND_TEXT = "biufU"
HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


class Archive(Mapping[str, Any]):
    """The arrays of an `.npz` file by path, each read when it is asked for.

    Numbers come as read-only arrays, a single value as itself, text as a list.

    Args:
        file: a path, or an open file.

    Raises:
        ValueError: it is no such file, or damaged; asking for a member raises it too, naming that member.
    """

    def __init__(self, file: Path | IO[bytes]) -> None:
        self._file = file
        try:
            with ZipFile(file) as archive:
                entries = archive.infolist()
        except Exception as error:  # zipfile has a dozen words for damage
            raise ValueError(f"is truncated or no .npz file: {error}") from error
        for name, count in Counter(entry.filename for entry in entries).items():
            if count > 1:
                raise ValueError(f"member {name!r} is there {count} times")
            if not name.endswith(ENDING):
                raise ValueError(f"member {name!r} is no array; those end in {ENDING}")
        self._entries = {entry.filename.removesuffix(ENDING): entry for entry in entries}

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, path: object) -> bool:
        return path in self._entries

    def __getitem__(self, path: str) -> Any:
        entry = self._entries[path]
        try:
            with ZipFile(self._file) as archive:
                with archive.open(entry) as member:
                    refusal = _refusal(member, entry.file_size)
                if refusal is None:
                    with archive.open(entry) as member:
                        array = npy.read_array(member, allow_pickle=False)
                        member.read()  # the checksum is compared at the end
        except Exception as error:  # zipfile, zlib and numpy have a dozen words for damage
            raise ValueError(f"member {path!r} is damaged: {error}") from error
        if refusal is not None:
            raise ValueError(f"member {path!r} {refusal}")
        if array.ndim == 0 or array.dtype.kind == "U":
            return array.tolist()
        array.flags.writeable = False
        return array


def _refusal(member: IO[bytes], size: int) -> str | None:
    """What speaks against reading a member, by its header alone: nothing is allocated for what is not there."""
    version = npy.read_magic(member)
    if version not in HEADERS:
        return f"is an array of the unknown form {version[0]}.{version[1]}"
    shape, _, dtype = HEADERS[version](member)
    if dtype.hasobject:
        return "holds Python objects, which are never unpickled; save it as numbers or text"
    if dtype.kind not in NUMBERS_AND_TEXT:
        return f"holds {dtype}, neither numbers nor text"
    declared = member.tell() + dtype.itemsize * prod(shape)
    return None if declared == size else f"is damaged: it has {size} bytes, its header declares {declared}"


@dataclass(frozen=True)
class Member:
    """Stands in a tree for an array that has not been read."""

    archive: Archive
    path: str


def join(tree: Mapping[str, Any], archive: Archive) -> dict[str, Any]:
    """Put the arrays of an archive into a tree of JSON, each at its path; they are read by `load`.

    Args:
        tree: as parsed; null is nothing.
        archive: the arrays.

    Raises:
        ValueError: a place is taken, in the tree or by another array.
    """
    joined = dict(tree)
    for path in archive:
        *outer, last = path.split("/")
        target = joined
        for part in outer:
            inner = target.get(part)
            if not isinstance(inner, Mapping | None):
                raise ValueError(f"member {path!r}: {part!r} is given already, as one value")
            target[part] = dict(inner or {})
            target = target[part]
        if target.get(last) is not None:
            raise ValueError(f"member {path!r} is given already")
        target[last] = Member(archive, path)
    return joined


def load(value: Any) -> Any:
    """A joined tree, or a part of one, with its arrays.

    Raises:
        ValueError: a member is damaged.
    """
    match value:
        case Member(archive=archive, path=path):
            return archive[path]
        case dict():
            return {key: load(item) for key, item in value.items()}
        case _:
            return value


def write_archive(file: IO[bytes], arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays to an open `.npz` file by path; the same arrays give the same bytes.

    Raises:
        ValueError: an array holds Python objects.
    """
    with ZipFile(file, "w") as archive:
        for path, array in arrays.items():
            with archive.open(path + ENDING, "w", force_zip64=True) as member:
                npy.write_array(member, array, allow_pickle=False)
