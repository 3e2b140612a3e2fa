"""Remembered answers. The key of an answer is all that it depends on: operation, code, digests of its inputs."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Protocol

from foveola.operations import Operation, Output
from foveola.running.calls import Call
from foveola.running.code import is_unchanged
from foveola.running.codec import records_of
from foveola.running.loading import Lazy
from foveola.running.remembered import Remembered
from foveola.running.store import Store


class Memo(Protocol):
    """Where answers are remembered."""

    def recall(self, step: str, call: Call) -> Any:
        """The answer of a call, perhaps not loaded yet; None if it is not remembered, or has no key.

        Raises:
            SkipError: it is not remembered and shall not be computed.
        """

    def remember(self, step: str, call: Call, answer: Output) -> None:
        """Remember an answer, at the latest from the next `commit` on."""

    def commit(self) -> None:
        """A run has ended: what it remembered stays."""


class MemoryMemo:
    """Answers remembered for as long as this object lives."""

    def __init__(self) -> None:
        self._answers: dict[str, Output] = {}

    def recall(self, step: str, call: Call) -> Output | None:  # noqa: ARG002  a dict does not ask whose answer it is
        """The answer of a call, if it is remembered."""
        return self._answers.get(call.key) if call.has_key else None

    def remember(self, step: str, call: Call, answer: Output) -> None:  # noqa: ARG002  likewise
        """Remember an answer."""
        if call.has_key:
            self._answers[call.key] = answer

    def commit(self) -> None:
        """There is nothing to write."""


class StoreMemo:
    """Answers remembered in a folder, for every process that looks there.

    Args:
        store: the folder.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._computed: set[Operation[..., Output]] = set()

    def recall(self, step: str, call: Call) -> Lazy | None:
        """The answer of a call, not loaded yet; None if it is not remembered."""
        tree = self.store.get(call.key) if call.has_key else None
        return None if tree is None else Lazy(Remembered(self.store, call, step), tree)

    def remember(self, step: str, call: Call, answer: Output) -> None:
        """Remember an answer from the next `commit` on; its arrays are written at once."""
        if call.has_key:
            with suppress(TypeError):  # it holds what cannot be stored: it is computed each time
                self.store.put(call.key, step, call.parts, answer, records_of(call.operation.output))
                self._computed.add(call.operation)

    def commit(self) -> None:
        """Write what is new, in one transaction; nothing of it if code changed, which may have run or not."""
        if not is_unchanged(self._computed):
            self.store.withdraw()
        self._computed.clear()
        self.store.commit()
