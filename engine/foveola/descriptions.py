"""What people wrote of arguments and fields. The text below a field is read from its source when it is asked for."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from textwrap import dedent

from foveola.values import Record


def one_line(text: str | None) -> str:
    """A text without its line breaks; empty if there is none."""
    return " ".join((text or "").split())


def documented_arguments(docstring: str) -> dict[str, str]:
    r"""What the `Args:` section of a Google docstring says of each argument.

    >>> documented_arguments("Add.\n\nArgs:\n    a: one,\n        in px.\n    b: other.\n\nRaises:\n    X: y.")
    {'a': 'one, in px.', 'b': 'other.'}
    """
    section = re.search(r"^Args:\n(.*?)(?:\n\S|\Z)", inspect.cleandoc(docstring), re.MULTILINE | re.DOTALL)
    if section is None:
        return {}
    entries = re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", section[1], re.MULTILINE)
    return {name: one_line(text) for name, text in entries}


@cache
def documented_fields(record: type[Record]) -> Mapping[str, str]:
    """What each field of a record is: what its annotation says, else the text below it, else nothing."""
    fields = {name: field.description for name, field in record.model_fields.items()}
    below: dict[str, str] = {}
    if not all(fields.values()):
        for kind in reversed(record.__mro__):
            below |= _below_fields(kind) if issubclass(kind, Record) else {}
    return {name: one_line(said or below.get(name)) for name, said in fields.items()}


def _below_fields(kind: type) -> dict[str, str]:
    try:
        [definition] = ast.parse(dedent(inspect.getsource(kind))).body
    except (OSError, TypeError):  # it was typed in, and has no source
        return {}
    assert isinstance(definition, ast.ClassDef)  # noqa: S101  that is what was asked for
    found = {}
    for statement, following in pairwise(definition.body):
        match statement, following:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as text)):
                found[name] = text
    return found
