"""One call of an operation: what it is given, what its answer is remembered by, and how to run it again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from foveola.operations import Operation, Output
from foveola.running.code import CodeCache, code_of
from foveola.running.codec import digest
from foveola.running.remembered import loaded


class Call:
    """All that it takes to run one step alone, and again.

    Attributes:
        operation: what runs.
        inputs: what it is given, by parameter; what is not among them has its default.
        read_code: where digests of source files are remembered.
    """

    def __init__(
        self, operation: Operation[..., Output], inputs: Mapping[str, Any], read_code: CodeCache | None = None
    ) -> None:
        self.operation = operation
        self.inputs = inputs
        self._read_code = read_code

    def run(self) -> Output:
        """Run it.

        Raises:
            TypeError: the operation answers something else than it says.
            Exception: whatever the operation raises.
        """
        answer = self.operation.run({name: loaded(value) for name, value in self.inputs.items()})
        if not isinstance(answer, self.operation.output):
            said, given = self.operation.output.__name__, type(answer).__name__
            raise TypeError(f"{self.operation.name} says that it answers {said}; this is {given}")
        return answer

    @cached_property
    def parts(self) -> Mapping[str, Any]:
        """What its answer depends on, part by part.

        Raises:
            TypeError: a value is of a kind that has no digest.
        """
        return {
            "operation": self.operation.name,
            "code": code_of(self.operation, self._read_code),
            "inputs": {name: digest(value) for name, value in sorted(self.inputs.items())},
        }

    @cached_property
    def key(self) -> str:
        """What its answer is remembered by.

        Raises:
            TypeError: a value is of a kind that has no digest.
        """
        return digest(self.parts)

    @property
    def has_key(self) -> bool:
        """Whether every value that it is given has a digest; without one nothing is remembered."""
        try:
            return bool(self.key)
        except TypeError:
            return False
