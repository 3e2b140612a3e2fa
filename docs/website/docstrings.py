"""Docstrings as Markdown, and what a module's text says of the names that it defines."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

SECTIONS = {"Args": "takes", "Attributes": "attribute", "Returns": "", "Raises": "raises"}
"""The sections of a docstring that become tables, and the head of their first column."""

Definition = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


def as_markdown(docstring: str) -> str:
    """A Google docstring as Markdown: its sections as tables, its examples as code.

    Args:
        docstring: as it stands in the source.
    """
    parts = []
    for paragraph in re.split(r"\n\n+", inspect.cleandoc(docstring)):
        title, colon, rest = paragraph.partition(":\n")
        if colon and title in SECTIONS:
            parts.append(_section(title, inspect.cleandoc("\n" + rest)))
        elif paragraph.startswith(">>> "):
            parts.append(f"```pycon\n{paragraph}\n```")
        elif re.match(r"\S+ {3,}\S", paragraph):  # a drawing, or names in columns
            parts.append(f"```text\n{paragraph}\n```")
        else:
            parts.append(paragraph)
    return "\n\n".join(parts)


def _section(title: str, text: str) -> str:
    entries = re.split(r"\n(?=\S)", text)
    if title == "Returns":
        return "Returns: " + " ".join(text.split())
    rows = [entry.partition(":") for entry in entries]
    head = f"| {SECTIONS[title]} | |\n| --- | --- |\n"
    return head + "\n".join(f"| `{name}` | {cell(said)} |" for name, _, said in rows)


def cell(text: str) -> str:
    """Text as a table's cell takes it, in one line.

    Args:
        text: of any number of lines.
    """
    return " ".join(text.split()).replace("|", "\\|")


def definitions(path: Path) -> dict[str, tuple[Definition, str]]:
    """What a module defines by name, each with its docstring; that of a constant stands below it.

    Args:
        path: the module's file.
    """
    return dict(_documented(ast.parse(path.read_text(encoding="utf-8")).body))


def imported(path: Path) -> dict[str, str]:
    """The names that a module offers of others, each with the module that it is from.

    Args:
        path: the module's file.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        alias.asname or alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def _documented(body: list[ast.stmt]) -> Iterator[tuple[str, tuple[Definition, str]]]:
    for place, node in enumerate(body):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, (node, ast.get_docstring(node) or "")
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name, (node, _below(body, place))
            case ast.Assign(targets=[ast.Tuple(elts=names)]):
                yield from ((ast.unparse(name), (node, _below(body, place))) for name in names)


def _below(body: list[ast.stmt], place: int) -> str:
    match body[place + 1 : place + 2]:
        case [ast.Expr(value=ast.Constant(value=str() as said))]:
            return inspect.cleandoc(said)
    return ""


def entry(name: str, node: Definition, docstring: str, level: int) -> str:
    """A name of a module: how it is written, what it is for, what it consists of.

    Args:
        name: under which it is offered.
        node: its definition.
        docstring: what is said of it.
        level: of its heading.
    """
    parts = [f"{'#' * level} {name}", f"```python\n{_written(node)}\n```", as_markdown(docstring) if docstring else ""]
    if isinstance(node, ast.ClassDef):
        parts += [_fields(node), _methods(node)]
    return "\n\n".join(part for part in parts if part)


def _written(node: Definition) -> str:
    match node:
        case ast.FunctionDef():
            return _signature(node)
        case ast.ClassDef():
            bases = ", ".join(ast.unparse(base) for base in node.bases)
            return f"class {node.name}" + f"({bases})" * bool(bases)
        case _:
            return ast.unparse(node)


def _signature(node: ast.FunctionDef) -> str:
    """The head of a function, a line for each argument where one line would be too long."""
    bare = ast.FunctionDef(node.name, node.args, [ast.Pass()], [], node.returns, lineno=0)
    head = ast.unparse(bare).partition(":\n")[0]
    if len(head) <= 90:  # noqa: PLR2004  what a page is wide
        return head
    arguments = re.split(r", (?![^\[(]*[\])])", ast.unparse(node.args))
    returned = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"def {node.name}(\n" + "".join(f"    {one},\n" for one in arguments) + f"){returned}"


def _fields(node: ast.ClassDef) -> str:
    """The fields that say themselves what they are; others stand among the docstring's attributes."""
    said = [
        (name, ast.unparse(field.annotation), docstring)
        for name, (field, docstring) in _documented(node.body)
        if isinstance(field, ast.AnnAssign) and docstring
    ]
    rows = [f"| `{name}` | `{cell(kind)}` | {cell(docstring)} |" for name, kind, docstring in said]
    return "| field | type | |\n| --- | --- | --- |\n" + "\n".join(rows) if rows else ""


def _methods(node: ast.ClassDef) -> str:
    said = [
        (name, method, docstring)
        for name, (method, docstring) in _documented(node.body)
        if isinstance(method, ast.FunctionDef) and docstring and not name.startswith("_")
    ]
    rows = [f"| `{cell(_call(method))}` | {cell(docstring.splitlines()[0])} |" for _, method, docstring in said]
    return "| member | |\n| --- | --- |\n" + "\n".join(rows) if rows else ""


def _call(method: ast.FunctionDef) -> str:
    """A method as it is called; a property as it is read."""
    marks = {ast.unparse(mark) for mark in method.decorator_list}
    if marks & {"property", "cached_property", "derived"}:
        return method.name
    taken = [*method.args.posonlyargs, *method.args.args, *method.args.kwonlyargs]
    return f"{method.name}({', '.join(one.arg for one in taken if one.arg not in {'self', 'cls'})})"
