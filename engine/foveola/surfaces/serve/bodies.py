"""Bodies: JSON, or an `.npz` that holds arrays under their path joined by `/` and all else as JSON text in `json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import numpy as np
import orjson

from foveola.archives import Archive, join, load, write_archive
from foveola.errors import InputError
from foveola.surfaces.serve.grids import parse
from foveola.surfaces.serve.refusals import Refusal
from foveola.values import json_bytes

JSON = "application/json"
NPZ = "application/x-npz"
TEXT = "json"
"""The member of an `.npz` that holds what is no array."""
BODY = "body"
MOST_MEMBERS = 10_000


class _Arrays(Archive):
    """The arrays of a body: all members but the text."""

    def __iter__(self) -> Iterator[str]:
        return (path for path in super().__iter__() if path != TEXT)


def media_type(header: str) -> str:
    """The media type that a header names, without its parameters."""
    return header.partition(";")[0].strip().lower()


def read_body(kind: str, body: bytes, most_bytes: int) -> dict[str, Any]:
    """The values that a body holds by name.

    Args:
        kind: its media type.
        body: as it came.
        most_bytes: of an `.npz` when it is unpacked.

    Raises:
        InputError: it is malformed, or no object.
        Refusal: it is of another kind, or unpacks to too much.
    """
    if kind == JSON:
        return _parse(body, BODY)
    if kind != NPZ:
        raise Refusal(415, f"A body is {JSON} or {NPZ}; its content-type must say which.")
    try:
        with ZipFile(BytesIO(body)) as file:
            sizes = [entry.file_size for entry in file.infolist()]
    except Exception:  # noqa: BLE001  zipfile has a dozen words for damage
        raise InputError(BODY, "is truncated or no .npz file") from None
    if sum(sizes) > most_bytes or len(sizes) > MOST_MEMBERS:
        raise Refusal(413, f"The arrays may have {most_bytes} bytes and {MOST_MEMBERS} members.")
    try:
        archive = _Arrays(BytesIO(body))
        text = archive.get(TEXT, "{}")
        if not isinstance(text, str):
            raise InputError(f"{BODY}.{TEXT}", "must be one text")
        return dict(load(join(_parse(text, f"{BODY}.{TEXT}"), archive)))
    except ValueError as error:
        raise InputError(BODY, str(error)) from None


def _parse(text: str | bytes, field: str) -> dict[str, Any]:
    try:
        values = parse(text.encode() if isinstance(text, str) else text)
    except orjson.JSONDecodeError as error:
        raise InputError(field, f"is not JSON: {error}") from None
    if not isinstance(values, dict):
        raise InputError(field, "must be one JSON object: the values by name")
    return values


def write_answer(answer: Any, accept: str) -> tuple[str, bytes]:
    """An answer as its media type and bytes: `.npz` for who asks for it, else JSON."""
    if NPZ not in {media_type(one) for one in accept.split(",")}:
        return JSON, json_bytes(answer)
    arrays: dict[str, np.ndarray] = {}
    rest = _without_arrays(answer, "", arrays)
    buffer = BytesIO()
    write_archive(buffer, {**arrays, TEXT: np.array(json_bytes(rest).decode())})
    return NPZ, buffer.getvalue()


def _without_arrays(value: Any, place: str, arrays: dict[str, np.ndarray]) -> Any:
    """What is left of a value when its arrays are put among `arrays`; those without a path of their own stay."""
    if not isinstance(value, Mapping):
        return value
    kept = {}
    for key, item in value.items():
        path = f"{place}{key}"
        is_path = key and "/" not in key and path != TEXT
        if isinstance(item, np.ndarray) and is_path:
            arrays[path] = item
        else:
            kept[key] = _without_arrays(item, f"{path}/", arrays) if is_path else item
    return kept
