"""Results as files: written whole or not at all, and read again."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

import numpy as np
import orjson

from foveola.archives import LARGE, Archive, write_archive
from foveola.errors import InputError
from foveola.recipes.model import Recipe
from foveola.recipes.reader import parse_recipe
from foveola.running.codec import text_digest
from foveola.running.results import Result
from foveola.values import json_bytes

LONGEST = 240
"""Bytes of a file's name before its ending; systems allow 255 for both."""
DIGITS = 12
"""Of the digest that tells names apart which were cut."""

_NEEDED = (
    *("recipe", "exam.name", "outputs", "warnings", "steps"),
    *("provenance.recipe", "provenance.settings", "run.recipe", "run.exam", "run.steps"),
)
"""The places by which a result file is known, keys joined by dots."""

_BEGINNING = re.compile(rb'\{\s*"recipe":\s*"[^"]*",\s*"exam":\s*\{\s*"name":')


class DamagedError(InputError):
    """A result is there, and the arrays beside it are damaged."""


def stem_of(name: str) -> str:
    """What files about an exam are called, without an ending: its name, cut where no system would take it.

    >>> stem_of("site_a/p1"), len(stem_of("p" * 300))
    ('site_a__p1', 240)
    """
    stem = name.replace("/", "__") or "exam"
    said = os.fsencode(stem)
    if len(said) <= LONGEST:
        return stem
    kept = said[: LONGEST - DIGITS - 1].decode(errors="ignore")  # no half of a letter
    return f"{kept}-{text_digest(said)[:DIGITS]}"


def write_result(result: Result, folder: Path) -> Path:
    """Write a result file, `<exam>.json`, with its large arrays beside it in `<exam>.npz`.

    Args:
        result: what to write.
        folder: where; made if it is not there.

    Returns:
        The path of the JSON.

    Raises:
        OSError: it cannot be written; what was there before is there still.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = stem_of(result.exam.name)
    path, beside = folder / f"{stem}.json", folder / f"{stem}.npz"
    arrays: dict[str, np.ndarray] = {}
    content = result.as_json()
    content["outputs"] = _without_large_arrays(content["outputs"], "outputs", arrays)
    text = json_bytes(content, indent=True)
    with replacing(*([beside] if arrays else []), path) as files:
        if arrays:
            write_archive(files[beside], arrays)
        files[path].write(text)
    if not arrays:
        beside.unlink(missing_ok=True)
    return path


def read_result(path: Path) -> dict[str, Any]:
    """What a result file holds, its large arrays at their places.

    Raises:
        InputError: it cannot be read, or is no result file.
        DamagedError: the file of its arrays is damaged.
    """
    content, beside = read_content(path), path.with_suffix(".npz")
    try:
        arrays = dict(Archive(beside)) if beside.is_file() else {}
    except (ValueError, OSError) as error:
        raise DamagedError(str(beside), str(error)) from None
    for place, array in arrays.items():
        _put(content, place, array)
    return content


def is_result(path: Path) -> bool:
    """Whether a file begins as result files do; no more of it is read."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return _BEGINNING.match(file.read(1000)) is not None


def read_content(path: Path) -> dict[str, Any]:
    """What a result file says itself; the large arrays beside it are missing, and are not looked at.

    Raises:
        InputError: it cannot be read, or is no result file.
    """
    try:
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise InputError(str(path), f"cannot be read: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise InputError(str(path), f"is no result file: it is not JSON ({error})") from None
    missing = next((place for place in _NEEDED if not _has(content, place)), None)
    if missing is not None:
        raise InputError(str(path), f"is no result file: it has no {missing!r}")
    return dict(content)


def recipe_of(content: Mapping[str, Any]) -> Recipe:
    """The recipe of a result, as its text was when it ran; recipes within are those that lie there now.

    Args:
        content: the result as its file holds it.

    Raises:
        RecipeError: no recipe can be made of the text.
    """
    file = Path(content["run"]["recipe"] or "recipe.yaml")
    return parse_recipe(content["provenance"]["recipe"], file.name, file.parent)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever reads half of it."""
    with replacing(path) as files:
        files[path].write(content)


@contextmanager
def replacing(*paths: Path) -> Iterator[Mapping[Path, IO[bytes]]]:
    """Files to write under other names; flushed to the disk, all take their places in the end, or none does.

    Raises:
        OSError: naming the last of the files, since nobody knows the other names.
    """
    temporaries = {path: path.with_name(f".{token_hex(8)}") for path in paths}
    try:
        with ExitStack() as stack:
            files = {path: stack.enter_context(temporary.open("xb")) for path, temporary in temporaries.items()}
            yield files
            for file in files.values():
                file.flush()
                os.fsync(file.fileno())
        for path, temporary in temporaries.items():
            temporary.replace(path)
    except OSError as error:
        error.filename, error.filename2 = os.fspath(paths[-1]), None
        raise
    finally:
        for temporary in temporaries.values():
            with suppress(OSError):  # what could not be made need not go
                temporary.unlink(missing_ok=True)
    for folder in {path.parent for path in paths}:
        _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    """Bring renamed files to the disk under their new names, where the system can do that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _has(content: Any, place: str) -> bool:
    """Whether something stands at a place, be it null."""
    for key in place.split("."):
        if not isinstance(content, dict) or key not in content:
            return False
        content = content[key]
    return True


def _put(content: dict[str, Any], place: str, array: Any) -> None:
    """Put an array where `_without_large_arrays` took it from."""
    *parents, last = place.split("/")
    target: Any = content
    for key in parents:
        target = target[int(key)] if isinstance(target, list) else target.setdefault(key, {})
    target[int(last) if isinstance(target, list) else last] = array


def _without_large_arrays(value: Any, place: str, arrays: dict[str, np.ndarray]) -> Any:
    """The value without its large arrays, which go to `arrays` under their paths; in a list [] keeps the place."""
    if isinstance(value, np.ndarray) and value.size > LARGE:
        arrays[place] = value
        return []
    if isinstance(value, list):
        return [_without_large_arrays(item, f"{place}/{number}", arrays) for number, item in enumerate(value)]
    if not isinstance(value, Mapping):
        return value
    kept = {key: _without_large_arrays(item, f"{place}/{key}", arrays) for key, item in value.items()}
    return {key: item for key, item in kept.items() if f"{place}/{key}" not in arrays}
