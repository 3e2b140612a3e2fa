"""What an operation answers its examples: the same each time, with nothing that it was given changed, also in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import orjson

from foveola.errors import sentence
from foveola.hookspecs import Fault
from foveola.operations import Operation, Output
from foveola.origins import STUMBLES
from foveola.testing.examples import Examples, copied, flat
from foveola.values import json_bytes, plain

PURE = "annotate what it reads as parameters, and change a copy of what it is given"


def find_in_answers(operation: Operation[..., Output], examples: Examples) -> Iterator[Fault]:
    """What is wrong with the answers to the examples."""
    found: dict[Fault, None] = {}
    for arguments in examples.arguments:
        for fault in _find(operation, arguments):
            found.setdefault(fault)
    yield from found


def _find(operation: Operation[..., Output], arguments: Mapping[str, Any]) -> Iterator[Fault]:
    try:
        first = operation.function(**copied(arguments))
    except STUMBLES:
        return  # an example may show what is refused
    if not isinstance(first, operation.output):
        said = f"it answers {type(first).__name__}, not {operation.output.__name__}"
        yield Fault("answer", said, "return what the signature says")
        return
    try:
        answer = _bytes(first)
    except (TypeError, ValueError) as error:
        yield Fault("json", f"its answer cannot be said in JSON ({error})", "answer numbers, text, arrays and records")
        return
    given = copied(arguments)
    try:
        again = _bytes(operation.function(**given))
    except STUMBLES as error:
        yield Fault("pure", f"called twice it raises {sentence(error)}", PURE)
        return
    if again != answer:
        yield Fault("pure", "the same input gives another answer the second time", PURE)
    for name, value in arguments.items():
        if _said(given[name]) != _said(value):
            yield Fault("pure", f"it changes its argument `{name}`", PURE)
    yield from _find_in_json(operation, flat(arguments), answer)


def _find_in_json(operation: Operation[..., Output], values: Mapping[str, Any], answer: bytes) -> Iterator[Fault]:
    """What cannot be said in JSON of the input: it is written, read and answered again."""
    remedy = "take numbers, text, arrays and records, which say themselves and read what they said"
    try:
        read = orjson.loads(json_bytes(plain(values)))
    except (TypeError, ValueError) as error:
        yield Fault("json", f"its input cannot be said in JSON ({error})", remedy)
        return
    try:
        from_json = _bytes(operation.run(read))
    except STUMBLES as error:
        yield Fault("json", f"its example given in JSON raises {sentence(error)}", remedy)
        return
    if from_json != answer:
        yield Fault("json", "its example given in JSON has another answer", remedy)


def _said(value: Any) -> Any:
    return (value.dtype, value.shape, value.tobytes()) if isinstance(value, np.ndarray) else repr(value)


def _bytes(answer: Output) -> bytes:
    return json_bytes(answer.plain(extras=True))
