"""A result file computed again, and where it differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from foveola.errors import InputError
from foveola.registry import Registry
from foveola.running.codec import digest
from foveola.running.files import read_result, recipe_of, write_result
from foveola.surfaces.python import run


def differences(path: Path, plugin_files: Iterable[Path] = ()) -> list[str]:
    """Compute a result again, of the same recipe, settings and exam, with nothing remembered, and compare.

    Args:
        path: the result file.
        plugin_files: operations that are not installed.

    Returns:
        The places in which they differ, `run` left out.

    Raises:
        InputError: it is no result file, or its exam is not where it was.
        DamagedError: the file of its arrays is damaged.
    """
    content = read_result(path)
    again = _computed_again(path, content, Registry.installed().with_files(plugin_files))
    return list(_differences({**content, "run": None}, {**again, "run": None}, ""))


def _computed_again(path: Path, content: Mapping[str, Any], registry: Registry) -> dict[str, Any]:
    exam, settings = content["run"]["exam"], content["provenance"]["settings"]
    if exam is None:
        raise InputError(str(path), "does not say where its exam lies: it was run on values, not on a file")
    result = run(
        recipe_of(content), exam, settings=settings, only=content["outputs"], memo=None, registry=registry
    ).called(content["exam"]["name"])
    with TemporaryDirectory() as folder:
        return read_result(write_result(result, Path(folder)))


def _differences(one: Any, other: Any, place: str) -> Iterator[str]:
    ours, theirs = _parts(one), _parts(other)
    if ours is not None and theirs is not None:
        for key in {**ours, **theirs}:
            yield from _differences(ours.get(key), theirs.get(key), f"{place}.{key}" if place else key)
    elif digest(one) != digest(other):
        yield place


def _parts(value: Any) -> Mapping[str, Any] | None:
    """The parts of a value by their places, where they are more than numbers and words."""
    if isinstance(value, list) and any(isinstance(item, Mapping | np.ndarray) for item in value):
        return {str(number): item for number, item in enumerate(value)}
    return value if isinstance(value, Mapping) else None
