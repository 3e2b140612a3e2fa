"""An answer in a store: read part by part, and computed again should it be damaged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foveola.operations import Output
from foveola.running.calls import Call
from foveola.running.codec import CodecError, Tree, decode, records_of
from foveola.running.store import Store
from foveola.values import Record


class Remembered:
    """An answer in a store (a `Loader`), and how to compute it again should it be damaged.

    Args:
        store: where it is.
        call: what it is the answer of.
        step: the step that it answers.
    """

    def __init__(self, store: Store, call: Call, step: str) -> None:
        self._store = store
        self._call = call
        self._step = step
        self._again: Output | None = None

    @property
    def records(self) -> Mapping[str, type[Record]]:
        """The classes that the answer may hold."""
        return records_of(self._call.operation.output)

    def load(self, tree: Tree, path: tuple[str, ...]) -> Any:
        """A part of the answer; computed again if what is stored is damaged.

        Args:
            tree: the part.
            path: where it is in the answer.
        """
        if self._again is None:
            try:
                return decode(tree, self.records, self._store.load)
            except CodecError:
                self._again = self._compute_again()
        answer: Any = self._again
        for part in path:
            answer = _part_of(answer, part)
        return answer

    def _compute_again(self) -> Output:
        self._store.forget(self._call.key)
        answer = self._call.run()
        self._store.put(self._call.key, self._step, self._call.parts, answer)
        self._store.commit()
        return answer


def _part_of(value: Any, part: str) -> Any:
    if isinstance(value, Record):
        return getattr(value, part)
    return value[part] if isinstance(value, Mapping) else value[int(part)]
