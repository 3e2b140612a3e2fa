"""What a store remembers of a run: answers whose arrays are not loaded until somebody needs them.

The digest of a remembered answer, or of any part of it, needs nothing but its tree. So a run whose steps are all
remembered opens the arrays that its outputs show and no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from foveola.operations import Output
from foveola.running.codec import CodecError, Encoded, Tree, decode, records_of
from foveola.running.store import Store
from foveola.values import Record

if TYPE_CHECKING:
    from foveola.running.calls import Call


class Remembered:
    """An answer in a store, and how to compute it again should it be damaged.

    Args:
        store: where it is.
        call: what it is the answer of.
        tree: it, as a tree.
        step: the step that it answers.
    """

    def __init__(self, store: Store, call: Call, tree: Tree, step: str) -> None:
        self._store = store
        self._call = call
        self._step = step
        self._again: Output | None = None
        self.tree = tree

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


class Lazy(Encoded):
    """A part of a remembered answer that is not loaded yet.

    Attributes:
        tree: the part as a tree: what its digest is made of.
    """

    def __init__(self, source: Remembered, tree: Tree, path: tuple[str, ...] = ()) -> None:
        self._source = source
        self._path = path
        self.tree = tree

    @cached_property
    def value(self) -> Any:
        """The value, loaded."""
        return self._source.load(self.tree, self._path)

    def part(self, name: str) -> Any:
        """A part of it: at once if it is but a number or a word, else as lazy as this one; None: there is none."""
        match self.tree:
            case ["r", str() as record, list() as fields]:
                entries = dict(fields)
                name = name if name in entries else self._field(record, name)
            case ["m", list() as items]:
                entries = dict(items)
            case ["l", list() as items]:
                entries = {str(place): item for place, item in enumerate(items)}
            case _:
                return None
        if name not in entries:
            return self._bare_part(name)
        tree = entries[name]
        return Lazy(self._source, tree, (*self._path, name)) if isinstance(tree, list) else tree

    def _field(self, record: str, name: str) -> str:
        """A field's own name by its alias."""
        fields = self._source.records[record].model_fields
        return next((own for own, field in fields.items() if field.alias == name), name)

    def _bare_part(self, name: str) -> Any:
        if self.tree[0] != "r":
            return None
        record = self._source.records[self.tree[1]]
        if record.bare is None or issubclass(record, Output) or name == record.bare:
            return None
        whole = self.part(record.bare)
        return whole.part(name) if isinstance(whole, Lazy) else None


def loaded(value: Any) -> Any:
    """The value itself, whether it was lazy or not."""
    if isinstance(value, Lazy):
        return value.value
    if isinstance(value, list):
        return [loaded(item) for item in value]
    if isinstance(value, dict):
        return {key: loaded(item) for key, item in value.items()}
    return value
