"""Answers of which each part is loaded when somebody needs it, and values that may hold such.

The digest of such an answer, or of any part of it, needs nothing but its tree. So a run whose steps are all remembered
opens the arrays that its outputs show and no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Protocol

from foveola.operations import Output
from foveola.running.codec import Encoded, Tree
from foveola.values import Record


class Loader(Protocol):
    """Whoever has an answer."""

    @property
    def records(self) -> Mapping[str, type[Record]]:
        """The classes that the answer may hold, by name."""

    def load(self, tree: Tree, path: tuple[str, ...]) -> Any:
        """A part of the answer.

        Args:
            tree: the part.
            path: where it is in the answer.
        """


class Lazy(Encoded):
    """A part of a remembered answer that is not loaded yet.

    Args:
        source: who loads it.
        tree: the part as a tree: what its digest is made of.
        path: where it is in the answer.
    """

    def __init__(self, source: Loader, tree: Tree, path: tuple[str, ...] = ()) -> None:
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
