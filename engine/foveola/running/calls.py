"""One call of an operation: what it is given, what its answer is remembered by, and how to run it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foveola.operations import Operation, Output
from foveola.running.code import CodeCache, code_of, code_of_classes
from foveola.running.codec import Tree, encode, modules_in, text_digest
from foveola.running.loading import loaded
from foveola.values import frozen, json_bytes

SHORT = 80
"""As many bytes of JSON may stand in a record for themselves; of what is longer only the digest does."""

_NOT_PLAIN = (b'["a",', b'["r",', b'["e",')
"""How arrays, records and exams begin in the JSON of a tree."""


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
        self._parts: Mapping[str, Any] = {}
        self._key = ""
        self._lack: TypeError | None = None

    def run(self) -> Output:
        """Run it.

        Raises:
            TypeError: the operation answers something else than it says.
            Exception: whatever the operation raises.
        """
        answer = self.operation.run({name: self._value(name) for name in self.inputs})
        if not isinstance(answer, self.operation.output):
            said, given = self.operation.output.__name__, type(answer).__name__
            raise TypeError(f"{self.operation.name} says that it answers {said}; this is {given}")
        return answer

    def _value(self, name: str) -> Any:
        """What the operation is given; where its type says nothing, nothing else makes it read-only."""
        value = loaded(self.inputs[name])
        return frozen(value) if self.operation.parameters[name].annotation is Any else value

    @property
    def parts(self) -> Mapping[str, Any]:
        """What its answer depends on, part by part.

        Raises:
            TypeError: a value is of a kind that has no digest.
        """
        self._depend()
        return self._parts

    @property
    def key(self) -> str:
        """What its answer is remembered by.

        Raises:
            TypeError: a value is of a kind that has no digest.
        """
        self._depend()
        return self._key

    @property
    def has_key(self) -> bool:
        """Whether every value that it is given has a digest; without one nothing is remembered."""
        try:
            self._depend()
        except TypeError:
            return False
        return True

    def _depend(self) -> None:
        """Find out, once, what its answer depends on."""
        if self._lack is not None:
            raise TypeError(*self._lack.args)
        if self._key:
            return
        try:
            self._parts = self._said()
        except TypeError as error:
            self._lack = error
            raise
        self._key = text_digest(json_bytes(self._parts))

    def _said(self) -> Mapping[str, Any]:
        trees = {name: encode(value) for name, value in sorted(self.inputs.items())}
        texts = {name: json_bytes(tree) for name, tree in trees.items()}
        parts = {
            "operation": self.operation.name,
            "code": code_of(self.operation, self._read_code),
            "inputs": {name: _part(tree, texts[name]) for name, tree in trees.items()},
        }
        classes = frozenset().union(*map(modules_in, texts.values()))
        if classes and (code := code_of_classes(self.operation, classes, self._read_code)):
            parts["classes"] = code
        return parts


def _part(tree: Tree, text: bytes) -> dict[str, Any]:
    """A value as a part of a key: itself, as a tree, if it is short and plain, else its digest."""
    if len(text) <= SHORT and not any(kind in text for kind in _NOT_PLAIN):
        return {"value": tree}
    return {"digest": text_digest(text)}
