"""What an operation says of bad input: NaN, nothing, and values of another shape are answered, or refused clearly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import nan
from typing import Any

from foveola.errors import InputError, sentence
from foveola.hookspecs import Fault
from foveola.operations import Operation, Output
from foveola.origins import STUMBLES
from foveola.testing.examples import Examples
from foveola.values import plain

REMEDY = "answer it, or raise InputError with the parameter's name and what it takes"


def find_in_refusals(operation: Operation[..., Output], examples: Examples) -> Iterator[Fault]:
    """Bad values that are neither answered nor refused with the name of what is wrong."""
    for values in examples.values[:1]:  # each parameter of one example, in some twenty ways
        given = plain(values)
        for name, value in given.items():
            for kind, bad in damaged(value):
                fault = _try(operation, {**given, name: bad}, name, kind)
                if fault is not None:
                    yield fault
                    break  # one for each parameter: the others mostly have the same cause


def _try(operation: Operation[..., Output], values: Mapping[str, Any], name: str, kind: str) -> Fault | None:
    try:
        operation.run(values)
    except InputError as error:
        field = error.field.partition(".")[0]
        if field in {one for known in operation.parameters.values() for one in (known.name, *known.aliases)}:
            return None
        return Fault("refusal", f"{kind} as `{name}` is refused without a parameter's name: {error}", REMEDY)
    except STUMBLES as error:
        return Fault("refusal", f"{kind} as `{name}` raises {sentence(error)}", REMEDY)
    return None


def damaged(value: Any) -> Iterator[tuple[str, Any]]:
    """A plain value, spoiled: what was done to it, and what became of it."""
    yield from (("NaN", bad) for bad in _with_nan(value))
    yield from (("nothing", bad) for bad in _emptied(value))
    yield from (("another shape", bad) for bad in _misshapen(value))


def _with_nan(value: Any) -> Iterator[Any]:
    """With NaN in the place of the first number, and of every number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield nan
    elif isinstance(value, list | dict) and value:
        first, *_ = _items(value)
        yield from (_with(value, first[0], bad) for bad in _with_nan(first[1]))
        yield _all_nan(value)


def _all_nan(value: Any) -> Any:
    match value:
        case dict():
            return {key: _all_nan(item) for key, item in value.items()}
        case list():
            return [_all_nan(item) for item in value]
        case bool() | str() | None:
            return value
        case _:
            return nan


def _emptied(value: Any) -> Iterator[Any]:
    """Without anything in it, or in the first thing in it."""
    if isinstance(value, str | list | dict) and value:
        yield type(value)()
    if isinstance(value, list | dict) and value:
        first, *_ = _items(value)
        yield from (_with(value, first[0], bad) for bad in _emptied(first[1]))


def _misshapen(value: Any) -> Iterator[Any]:
    """As something else, within one list more, and with the first thing in it of another shape."""
    others: tuple[Any, ...] = (True, 5, "text", [], {})
    yield from (bad for bad in others if type(bad) is not type(value))
    yield [value]
    if isinstance(value, list) and value:
        yield value[0]
        yield value[:-1]
    if isinstance(value, list | dict) and value:
        first, *_ = _items(value)
        for inner in _misshapen(first[1]):
            yield _with(value, first[0], inner)


def _items(value: Any) -> Any:
    return value.items() if isinstance(value, dict) else enumerate(value)


def _with(value: Any, place: Any, bad: Any) -> Any:
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[place] = bad
    return changed
