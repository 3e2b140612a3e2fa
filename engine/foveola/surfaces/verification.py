"""A result file computed again, and where it differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from foveola.archives import Archive
from foveola.errors import InputError
from foveola.recipes.reader import parse_recipe
from foveola.registry import Registry
from foveola.running.codec import digest
from foveola.running.files import write_result
from foveola.surfaces.python import run


def compute_again(path: Path, plugin_files: Iterable[Path] = ()) -> dict[str, Any]:
    """What the result comes out as now, of the same recipe, settings and exam, with nothing remembered.

    Args:
        path: the result file.
        plugin_files: operations that are not installed.

    Raises:
        InputError: it is no result file, or its exam is not where it was.
        ValueError: the file of its arrays is damaged.
    """
    content = read_result(path)
    try:
        provenance, ran = content["provenance"], content["run"]
        text, settings, exam, name = provenance["recipe"], provenance["settings"], ran["exam"], content["exam"]["name"]
        where = Path(ran["recipe"]) if ran["recipe"] else Path("recipe.yaml")
    except (KeyError, TypeError) as error:
        raise InputError(str(path), f"is no result file: {error} is missing") from None
    if exam is None:
        raise InputError(str(path), "does not say where its exam lies: it was run on values, not on a file")
    recipe = parse_recipe(text, where.name, where.parent)
    registry = Registry.installed().with_files(plugin_files)
    outputs = {*content["outputs"], *(place.split("/")[1] for place in _arrays_of(path))}
    result = run(recipe, exam, settings=settings, only=outputs, memo=None, registry=registry)
    with TemporaryDirectory() as folder:
        return _whole(write_result(result.called(name), Path(folder)))


def differences(path: Path, again: Mapping[str, Any]) -> Iterator[str]:
    """The places in which a result and what it comes out as differ, `run` left out.

    Raises:
        ValueError: the file of its arrays is damaged.
    """
    yield from _differences(_whole(path), again, "")


def _differences(one: Any, other: Any, place: str) -> Iterator[str]:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in [*one, *(key for key in other if key not in one)]:
            yield from _differences(one.get(key), other.get(key), f"{place}.{key}" if place else key)
    elif orjson.dumps(one) != orjson.dumps(other):
        yield place


def _whole(path: Path) -> dict[str, Any]:
    """A result but for its `run`; of the arrays that lie beside it the digests, by their places."""
    content = {key: value for key, value in read_result(path).items() if key != "run"}
    return content | {place.replace("/", "."): digest(array) for place, array in _arrays_of(path).items()}


def _arrays_of(path: Path) -> Mapping[str, Any]:
    """The arrays that lie beside a result, by their places in it."""
    beside = path.with_suffix(".npz")
    return Archive(beside) if beside.exists() else {}


def read_result(path: Path) -> dict[str, Any]:
    """What a result file holds.

    Raises:
        InputError: it is none.
    """
    try:
        content = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise InputError(str(path), f"is not JSON: {error}") from None
    except OSError as error:
        raise InputError(str(path), f"cannot be read: {error.strerror}") from None
    if not isinstance(content, dict) or not isinstance(content.get("steps"), dict):
        raise InputError(str(path), "is no result file: it has no steps")
    return content
