"""An operation's example as a request: the values that the docstring gives to its `.call({...})`."""

from __future__ import annotations

import ast
import doctest
import inspect
import sys
from typing import Any

from foveola.operations import Operation, Output
from foveola.values import plain


def example_of(operation: Operation[..., Output]) -> dict[str, Any] | None:
    """The flat request of an operation's example; None if it shows none.

    What stands above the call is run, since the request is made of it; the operation is not.
    """
    names = dict(vars(sys.modules.get(operation.function.__module__, ast)))
    for example in doctest.DocTestParser().get_examples(inspect.cleandoc(operation.__doc__ or "")):
        try:
            tree = ast.parse(example.source)
            request = _request(tree, operation.function.__name__)
            if request is not None:
                values = eval(compile(ast.Expression(request), "<example>", "eval"), names)  # noqa: S307  see below
                return dict(plain(values))
            exec(compile(tree, "<example>", "exec"), names)  # noqa: S102  code of the package that brings the operation
        except Exception:  # noqa: BLE001  an example that does not run is none
            return None
    return None


def _request(tree: ast.Module, name: str) -> ast.expr | None:
    """What is given to `name.call(...)`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="call"), args=[request, *_]) if (
                found == name
            ):
                return request
    return None
