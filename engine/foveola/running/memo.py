"""Remembered answers. The key of an answer is all that it depends on: operation, code, digests of its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol

from foveola.operations import Operation, Output
from foveola.running.code import code_of
from foveola.running.codec import digest


def key_parts(operation: Operation[..., Output], values: Mapping[str, Any]) -> dict[str, Any] | None:
    """What an answer depends on, part by part; None if a value is of a kind that has no digest."""
    try:
        inputs = {name: digest(value) for name, value in sorted(values.items())}
    except TypeError:
        return None
    return {"operation": operation.name, "code": _code(operation), "inputs": inputs}


@cache
def _code(operation: Operation[..., Output]) -> str:
    """The code of an operation, which stays as it was loaded for as long as this process lives."""
    return code_of(operation)


class Memo(Protocol):
    """Where answers are remembered."""

    def get(self, key: str) -> Output | None:
        """The answer of a key, if it is remembered."""

    def put(self, key: str, parts: Mapping[str, Any], answer: Output) -> None:
        """Remember an answer."""


class MemoryMemo:
    """Answers remembered for as long as this object lives."""

    def __init__(self) -> None:
        self._answers: dict[str, Output] = {}

    def get(self, key: str) -> Output | None:
        """The answer of a key, if it is remembered."""
        return self._answers.get(key)

    def put(self, key: str, parts: Mapping[str, Any], answer: Output) -> None:  # noqa: ARG002  a dict forgets nothing
        """Remember an answer."""
        self._answers[key] = answer
