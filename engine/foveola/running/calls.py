"""One call of an operation: what it is given, what its answer is remembered by, and how to run it again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from foveola.operations import Operation, Output
from foveola.running.codec import digest
from foveola.running.memo import key_parts


class Call:
    """All that it takes to run one step alone, and again.

    Attributes:
        operation: what runs.
        inputs: what it is given, by parameter; what is not among them has its default.
    """

    def __init__(self, operation: Operation[..., Output], inputs: Mapping[str, Any]) -> None:
        self.operation = operation
        self.inputs = inputs

    def run(self) -> Output:
        """Run it.

        Raises:
            TypeError: the operation answers something else than it says.
            Exception: whatever the operation raises.
        """
        answer = self.operation.run(self.inputs)
        if not isinstance(answer, self.operation.output):
            said, given = self.operation.output.__name__, type(answer).__name__
            raise TypeError(f"{self.operation.name} says that it answers {said}; this is {given}")
        return answer

    @cached_property
    def parts(self) -> Mapping[str, Any] | None:
        """What its answer depends on, part by part; None if that cannot be told: then nothing is remembered."""
        return key_parts(self.operation, self.inputs)

    @cached_property
    def key(self) -> str | None:
        """What its answer is remembered by."""
        return None if self.parts is None else digest(self.parts)
