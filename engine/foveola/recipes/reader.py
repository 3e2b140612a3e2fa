"""Text to Recipe. Everything that is wrong with the text alone is found here, all of it at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from foveola.diagnostics import Problem, Source, Span, did_you_mean
from foveola.errors import RecipeError
from foveola.recipes import text as yaml
from foveola.recipes.model import Condition, Constant, Expression, Input, ListOf, MapOf, Named, Recipe, Reference, Step

RECIPE_WORDS = ("recipe", "about", "inputs", "context", "steps", "outputs")
STEP_WORDS = ("use", "with", "when", "foreach")
INPUT_WORDS = ("type", "default", "about")
RESERVED = {
    "exam": "is the exam itself",
    "item": "is the item of a `foreach`",
    "key": "is the key of a `foreach`",
}

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REFERENCE = re.compile(r"\$(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<path>(?:\.[^\s.$]+)*)")
_NO_SPAN = Span(1, 1, 1, 2)


def read_recipe(path: Path) -> Recipe:
    """Read a recipe file.

    Raises:
        RecipeError: with everything that is wrong with its text.
        OSError: the file cannot be read.
    """
    return parse_recipe(path.read_bytes(), path.name, path.parent)


def parse_recipe(text: str | bytes, name: str = "recipe", folder: Path = Path()) -> Recipe:
    """Read a recipe's text.

    Args:
        text: the text; bytes are UTF-8.
        name: what people know it by.
        folder: where `use: ./other.yaml` begins.

    Raises:
        RecipeError: with everything that is wrong with it.
    """
    node, problems = yaml.parse(text, name)
    source = Source(name, text if isinstance(text, str) else text.decode(errors="replace"))
    reader = _Reader(problems)
    recipe = reader.recipe(node, source, folder) if node is not None else None
    if problems or recipe is None:
        raise RecipeError(source, sorted(problems, key=_place))
    return recipe


def parse_value(text: str, name: str) -> Constant:
    """Read one value as a recipe would write it (`--set`).

    Raises:
        RecipeError: it is no value.
    """
    node, problems = yaml.parse(text, name) if text.strip() else (yaml.Scalar("", "", quoted=True, span=_NO_SPAN), [])
    if node is None or problems:
        raise RecipeError(Source(name, text), problems)
    return Constant(yaml.plain(node), node.span, node)


class _Reader:
    """Reads one recipe and collects what is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems

    def _refuse(self, message: str, span: Span, hint: str | None = None) -> None:
        self._problems.append(Problem(message, span, hint))

    def recipe(self, node: yaml.Node, source: Source, folder: Path) -> Recipe | None:
        words = self._words(node, RECIPE_WORDS, ("recipe", "steps", "outputs"), "a recipe")
        if words is None:
            return None
        inputs = {entry.key.text: self._input(entry) for entry in self._named(words.get("inputs"), "inputs")}
        context = self._expressions(words.get("context"), "context")
        steps = {
            entry.key.text: step
            for entry in self._named(words.get("steps"), "steps")
            if (step := self._step(entry)) is not None
        }
        outputs = self._expressions(words.get("outputs"), "outputs")
        for name in inputs.keys() & steps.keys():
            self._refuse(f"{name!r} is the name of an input too; names are unique", steps[name].span)
        return Recipe(
            name=self._text(words.get("recipe"), "recipe"),
            about=self._text(words.get("about"), "about"),
            inputs=inputs,
            context=context,
            steps=steps,
            outputs=outputs,
            source=source,
            folder=folder,
        )

    def _input(self, entry: yaml.Entry) -> Input:
        name, span = entry.key.text, entry.key.span
        if isinstance(entry.value, yaml.Scalar):
            return Input(name, self._text(entry.value, f"the type of {name!r}"), entry.value.span, span)
        words = self._words(entry.value, INPUT_WORDS, ("type",), f"the input {name!r}") or {}
        type_node, default = words.get("type"), words.get("default")
        return Input(
            name,
            self._text(type_node, f"the type of {name!r}"),
            span if type_node is None else type_node.span,
            span,
            None if default is None else Constant(yaml.plain(default), default.span, default),
            self._text(words.get("about"), "about"),
        )

    def _step(self, entry: yaml.Entry) -> Step | None:
        name = entry.key.text
        words = self._words(entry.value, STEP_WORDS, ("use",), f"the step {name!r}", at=entry.key.span)
        if words is None or (use := words.get("use")) is None:
            return None
        foreach = words.get("foreach")
        return Step(
            name,
            entry.key.span,
            self._text(use, "use"),
            use.span,
            self._expressions(words.get("with"), "with"),
            tuple(self._conditions(words.get("when"))),
            None if foreach is None else self._expression(foreach),
        )

    def _conditions(self, node: yaml.Node | None) -> Iterator[Condition]:
        if node is None:
            return
        if not isinstance(node, yaml.Mapping):
            self._refuse("`when` is a map of references and the values they must have", node.span)
            return
        for entry in node.entries:
            reference = self._expression(entry.key)
            if not isinstance(reference, Reference):
                hint = f"write '${entry.key.text}'" if _NAME.match(entry.key.text) else None
                self._refuse(f"{entry.key.text!r} is no reference", entry.key.span, hint)
                continue
            value, negated = entry.value, False
            if isinstance(value, yaml.Mapping):
                words = self._words(value, ("not",), ("not",), "a condition")
                if not words:
                    continue
                value, negated = words["not"], True
            nodes = value.items if isinstance(value, yaml.Sequence) else (value,)
            if any(not isinstance(item, yaml.Scalar) for item in nodes):
                self._refuse("a condition compares with a value or a list of values", value.span)
                continue
            yield Condition(reference, tuple(Constant(yaml.plain(item), item.span, item) for item in nodes), negated)

    def _expressions(self, node: yaml.Node | None, what: str) -> dict[str, Named]:
        return {
            entry.key.text: Named(entry.key.text, entry.key.span, self._expression(entry.value))
            for entry in self._named(node, what)
        }

    def _expression(self, node: yaml.Node) -> Expression:
        match node:
            case yaml.Scalar(value=str() as text) if text.startswith("$"):
                return self._dollar(text, node)
            case yaml.Sequence():
                items = tuple(self._expression(item) for item in node.items)
                if all(isinstance(item, Constant) for item in items):
                    return Constant([item.value for item in items if isinstance(item, Constant)], node.span, node)
                return ListOf(items, node.span)
            case yaml.Mapping():
                entries = {str(entry.key.value): self._expression(entry.value) for entry in node.entries}
                if all(isinstance(item, Constant) for item in entries.values()):
                    constants = {key: item.value for key, item in entries.items() if isinstance(item, Constant)}
                    return Constant(constants, node.span, node)
                return MapOf(entries, node.span)
            case _:
                return Constant(node.value, node.span, node)

    def _dollar(self, text: str, node: yaml.Scalar) -> Expression:
        if text.startswith("$$"):
            return Constant(text[1:], node.span, node)
        match = _REFERENCE.fullmatch(text)
        if match is None:
            hint = "a reference is '$name' or '$name.field', and the whole value; a dollar sign is '$$'"
            self._refuse(f"{text!r} is no reference", node.span, hint)
            return Constant(None, node.span, node)
        return Reference(match["name"], tuple(match["path"].split(".")[1:]), node.span)

    def _words(
        self, node: yaml.Node, known: Iterable[str], needed: Iterable[str], what: str, at: Span | None = None
    ) -> dict[str, yaml.Node] | None:
        """The values of a map whose keys are words of the language."""
        known = tuple(known)
        if not isinstance(node, yaml.Mapping):
            self._refuse(f"{what} is a map with {', '.join(known)}", at or node.span)
            return None
        words: dict[str, yaml.Node] = {}
        for entry in node.entries:
            if entry.key.text in known:
                words[entry.key.text] = entry.value
            else:
                hint = did_you_mean(entry.key.text, known) or f"it has {', '.join(known)}"
                self._refuse(f"{what} has no key {entry.key.text!r}", entry.key.span, hint)
        for word in needed:
            if word not in words:
                self._refuse(
                    f"{what} needs the key {word!r}",
                    at or Span(node.span.line, node.span.column, node.span.line, node.span.column + 1),
                )
        return words

    def _named(self, node: yaml.Node | None, what: str) -> Iterator[yaml.Entry]:
        """The entries of a map whose keys are names that the recipe gives."""
        if node is None or (isinstance(node, yaml.Scalar) and node.value is None):
            return
        if not isinstance(node, yaml.Mapping):
            self._refuse(f"`{what}` is a map of names", node.span)
            return
        for entry in node.entries:
            name = entry.key.text
            if not _NAME.fullmatch(name):
                self._refuse(f"{name!r} is no name", entry.key.span, "a name has letters, digits and _, no digit first")
            elif name in RESERVED and what in {"inputs", "steps"}:
                self._refuse(f"{name!r} cannot be a name: it {RESERVED[name]}", entry.key.span)
            yield entry

    def _text(self, node: yaml.Node | None, what: str) -> str:
        if node is None:
            return ""
        if isinstance(node, yaml.Scalar) and isinstance(node.value, str):
            return node.value
        self._refuse(f"{what} is a text", node.span)
        return ""


def part_span(constant: Constant, path: Iterable[Any]) -> Span:
    """The place of a part of a written value; of the whole where there is no such part."""
    node = constant.node
    for key in path:
        match node:
            case yaml.Sequence() if str(key).isdigit() and int(key) < len(node.items):
                node = node.items[int(key)]
            case yaml.Mapping() if found := [entry.value for entry in node.entries if entry.key.text == str(key)]:
                node = found[0]
            case _:
                break
    return node.span


def _place(problem: Problem) -> tuple[int, int]:
    return (problem.span.line, problem.span.column) if problem.span else (0, 0)
