"""Results as files: written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np

from foveola.running.results import Result
from foveola.values import json_bytes

LARGE = 10_000
"""An array of more numbers than this lies beside the JSON, in an `.npz`."""


def write_result(result: Result, folder: Path) -> Path:
    """Write a result file, `<exam>.json`, with its large arrays beside it in `<exam>.npz`.

    Args:
        result: what to write.
        folder: where; made if it is not there.

    Returns:
        The path of the JSON.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result.exam.name}.json"
    arrays: dict[str, np.ndarray] = {}
    content = result.as_json()
    content["outputs"] = _without_large_arrays(content["outputs"], "outputs", arrays)
    beside = path.with_suffix(".npz")
    if arrays:
        buffer = BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        write_atomically(beside, buffer.getvalue())
    else:
        beside.unlink(missing_ok=True)
    write_atomically(path, json_bytes(content, indent=True))
    return path


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever reads half of it: a temporary file, flushed to the disk, then renamed."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as temporary:
        try:
            temporary.write(content)
            temporary.flush()
            os.fsync(temporary.fileno())
            Path(temporary.name).replace(path)
        except BaseException:
            Path(temporary.name).unlink(missing_ok=True)
            raise


def _without_large_arrays(value: Any, place: str, arrays: dict[str, np.ndarray]) -> Any:
    """The value without its large arrays, which are put among `arrays` under their paths."""
    if not isinstance(value, Mapping):
        return value
    kept = {}
    for key, item in value.items():
        inner = f"{place}/{key}"
        if isinstance(item, np.ndarray) and item.size > LARGE:
            arrays[inner] = item
        else:
            kept[key] = _without_large_arrays(item, inner, arrays)
    return kept
