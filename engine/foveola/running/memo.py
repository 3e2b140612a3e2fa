"""Remembered answers. The key of an answer is all that it depends on: operation, code, digests of its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from foveola.operations import Operation, Output
from foveola.running.fingerprint import code_of, digest


def key_parts(operation: Operation[..., Output], values: Mapping[str, Any]) -> dict[str, Any]:
    """What an answer depends on, part by part."""
    return {
        "operation": operation.name,
        "code": code_of(operation),
        "inputs": {name: digest(value) for name, value in sorted(values.items())},
    }


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
