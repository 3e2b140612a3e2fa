"""Text to Recipe. Everything that is wrong with the text alone is found here, all of it at once.

Where the rest can be read all the same, the recipe carries what is wrong along, so that planning can tell it together
with what it finds. Where something could not be read nothing is told of what follows from that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from foveola.diagnostics import Problem, Source, Span, did_you_mean, nearest
from foveola.errors import RecipeError
from foveola.recipes import text as yaml
from foveola.recipes.model import (
    EXAM,
    ITEM,
    KEY,
    Condition,
    Constant,
    Expression,
    Input,
    ListOf,
    MapOf,
    Named,
    Recipe,
    Reference,
    Step,
    Unreadable,
)
from foveola.recipes.places import beginning, in_order, is_within, with_source

NAME = "[A-Za-z_][A-Za-z0-9_]*"
"""What recipes call things, as a pattern."""
PART = r"[^\s.$]+"
"""What stands between the dots of a reference, likewise."""

RECIPE_WORDS = ("recipe", "about", "inputs", "context", "steps", "outputs")
STEP_WORDS = ("use", "with", "when", "foreach")
INPUT_WORDS = ("type", "default", "about")
RESERVED = {
    EXAM: "is the exam itself",
    ITEM: "is the item of a `foreach`",
    KEY: "is the key of a `foreach`",
}

_SECTIONS = ("inputs", "context", "steps")  # the rest builds on these
_ENDS = {"recipe", "about", "outputs"}  # and on these nothing does
_REFERRED = ("inputs", "steps")
_NAMING = (*_REFERRED, "outputs")  # the other sections use names that operations give
_NAME = re.compile(NAME)
_REFERENCE = re.compile(rf"\$(?P<name>{NAME})(?P<path>(?:\.{PART})*)")
_EMPTY = yaml.Scalar("", "", quoted=True, span=Span(1, 1, 1, 2))


def read_recipe(path: Path) -> Recipe:
    """Read a recipe file.

    Raises:
        RecipeError: no recipe can be made of its text.
        OSError: the file cannot be read.
    """
    return replace(parse_recipe(path.read_bytes(), path.name, path.parent), path=path)


def parse_recipe(text: str | bytes, name: str = "recipe", folder: Path = Path()) -> Recipe:
    """Read a recipe's text.

    Args:
        text: the text; bytes are UTF-8.
        name: what people know it by.
        folder: where `use: ./other.yaml` begins.

    Returns:
        The recipe, with what is wrong with the text as far as the rest could be read.

    Raises:
        RecipeError: no recipe can be made of it; with everything that is wrong.
    """
    node, problems = yaml.parse(text, name)
    source = Source(name, text if isinstance(text, str) else text.decode(errors="replace"))
    reader = _Reader(problems)
    recipe = reader.recipe(node, source, folder) if node is not None else None
    problems = sorted(reader.problems, key=in_order)
    if recipe is None:
        raise RecipeError(source, problems)
    return replace(recipe, problems=tuple(problems))


def parse_value(text: str, name: str) -> Expression:
    """Read one value as a recipe would write it (`--set`).

    Raises:
        RecipeError: it is no value.
    """
    source = Source(name, text)
    node, problems = yaml.parse(text, name) if text.strip() else (_EMPTY, [])
    reader = _Reader(problems)
    expression = reader.expression(with_source(node, source)) if node is not None else None
    if expression is None or reader.problems:
        raise RecipeError(source, reader.problems)
    return expression


class _Reader:
    """Reads one recipe and collects what is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self._damage = [problem.span for problem in problems]

    def recipe(self, node: yaml.Node, source: Source, folder: Path) -> Recipe | None:
        """The recipe; None if it lacks what the rest builds on."""
        needed = ("recipe", "steps", "outputs")
        words = self._words(node, RECIPE_WORDS, needed, "a recipe", at=beginning(node))
        if words is None:
            return None
        inputs = {entry.key.text: self._input(entry) for entry in self._named(words.get("inputs"), "inputs")}
        steps = {entry.key.text: self._step(entry) for entry in self._named(words.get("steps"), "steps")}
        for name in inputs.keys() & steps.keys():
            self._refuse(f"{name!r} is the name of an input too; names are unique", steps[name].span)
        recipe = Recipe(
            name=self._text(words.get("recipe"), "recipe"),
            about=self._text(words.get("about"), "about"),
            inputs=inputs,
            context=self._expressions(words.get("context"), "context"),
            steps=steps,
            outputs=self._expressions(words.get("outputs"), "outputs"),
            source=source,
            folder=folder,
        )
        has_all = "steps" in words and not _lost(node) - _ENDS
        return recipe if has_all and all(self._is_section(words.get(name)) for name in _SECTIONS) else None

    def _is_section(self, node: yaml.Node | None) -> bool:
        """Whether a section could be read: it is a map, or nothing."""
        if isinstance(node, yaml.Mapping) or node is None:
            return True
        return _is_null(node) and not self._is_damaged(node)

    def expression(self, node: yaml.Node) -> Expression:
        """A value, a reference, or a list or map with references in it."""
        if self._is_damaged(node):
            return Unreadable(node.span)
        match node:
            case yaml.Scalar(value=str() as text) if text.startswith("$"):
                return self._dollar(text, node)
            case yaml.Sequence():
                items = tuple(self.expression(item) for item in node.items)
                if all(isinstance(item, Constant) for item in items):
                    return Constant([item.value for item in items if isinstance(item, Constant)], node.span, node)
                return ListOf(items, node.span)
            case yaml.Mapping():
                entries = {entry.key.text: self.expression(entry.value) for entry in node.entries}
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
            return Unreadable(node.span)
        return Reference(match["name"], tuple(match["path"].split(".")[1:]), node.span)

    def _input(self, entry: yaml.Entry) -> Input:
        name, span = entry.key.text, entry.key.span
        if isinstance(entry.value, yaml.Scalar):
            return Input(name, self._text(entry.value, f"the type of {name!r}"), entry.value.span, span)
        words = self._words(entry.value, INPUT_WORDS, ("type",), f"the input {name!r}", at=span) or {}
        type_node, default = words.get("type"), words.get("default")
        return Input(
            name,
            self._text(type_node, f"the type of {name!r}"),
            span if type_node is None else type_node.span,
            span,
            None if default is None else self._default(default),
            self._text(words.get("about"), "about"),
        )

    def _default(self, node: yaml.Node) -> Constant:
        match self.expression(node):
            case Constant() as constant:
                return constant
            case Reference() | ListOf() | MapOf():
                self._refuse("a default is written out; it refers to nothing", node.span)
        return Constant(None, node.span, node)

    def _step(self, entry: yaml.Entry) -> Step:
        name, span = entry.key.text, entry.key.span
        words = self._words(entry.value, STEP_WORDS, ("use",), f"the step {name!r}", at=span) or {}
        use, arguments, foreach = words.get("use"), words.get("with"), words.get("foreach")
        is_read = arguments is None or _is_null(arguments) or isinstance(arguments, yaml.Mapping)
        has_lost_keys = bool(_lost(entry.value) or _lost(arguments))
        return Step(
            name,
            span,
            self._text(use, "use"),
            span if use is None else use.span,
            self._expressions(arguments, "with"),
            tuple(self._conditions(words.get("when"))),
            None if foreach is None else self.expression(foreach),
            is_whole=is_read and not has_lost_keys,
        )

    def _conditions(self, node: yaml.Node | None) -> Iterator[Condition]:
        if node is None:
            return
        if not isinstance(node, yaml.Mapping):
            if not self._is_damaged(node):
                self._refuse("`when` is a map of references and the values they must have", node.span)
            return
        for entry in node.entries:
            reference = self.expression(entry.key)
            if isinstance(reference, Constant):
                hint = f"write '${entry.key.text}'" if _NAME.match(entry.key.text) else None
                self._refuse(f"{entry.key.text!r} is no reference", entry.key.span, hint)
            value, negated = entry.value, False
            if isinstance(value, yaml.Mapping):
                if [one.key.text for one in value.entries] != ["not"]:
                    self._refuse("a condition is a value, a list of values, or `{not: ...}` round them", value.span)
                    continue
                value, negated = value.entries[0].value, True
            values = self._condition_values(value)
            if isinstance(reference, Reference) and values:
                yield Condition(reference, values, negated)

    def _condition_values(self, node: yaml.Node) -> tuple[Constant | Reference, ...]:
        nodes = node.items if isinstance(node, yaml.Sequence) else (node,)
        if not nodes or any(not isinstance(item, yaml.Scalar) for item in nodes):
            self._refuse("a condition compares with a value or a list of values", node.span)
            return ()
        read = [self.expression(item) for item in nodes]
        values = tuple(value for value in read if isinstance(value, Constant | Reference))
        return values if len(values) == len(read) else ()

    def _expressions(self, node: yaml.Node | None, what: str) -> dict[str, Named]:
        return {
            entry.key.text: Named(entry.key.text, entry.key.span, self.expression(entry.value))
            for entry in self._named(node, what)
        }

    def _words(
        self, node: yaml.Node, known: tuple[str, ...], needed: Iterable[str], what: str, at: Span
    ) -> dict[str, yaml.Node] | None:
        """The values of a map whose keys are words of the language; a misspelt one is read as what was meant."""
        if not isinstance(node, yaml.Mapping):
            if not self._is_damaged(node):
                self._refuse(f"{what} is a map with {', '.join(known)}", at)
            return None
        words = {entry.key.text: entry.value for entry in node.entries if entry.key.text in known}
        for entry in node.entries:
            if (said := entry.key.text) not in known:
                hint = did_you_mean(said, known) or f"it has {', '.join(known)}"
                self._refuse(f"{what} has no key {said!r}", entry.key.span, hint)
                words.setdefault(nearest(said, known) or said, entry.value)
        for word in needed:
            if word not in words and not node.lost:
                self._refuse(f"{what} needs the key {word!r}", at)
        return words

    def _named(self, node: yaml.Node | None, what: str) -> Iterator[yaml.Entry]:
        """The entries of a map whose keys are names that the recipe gives."""
        if node is None or _is_null(node):
            return
        if not isinstance(node, yaml.Mapping):
            if not self._is_damaged(node):
                self._refuse(f"`{what}` is a map of names", node.span)
            return
        for entry in node.entries:
            name = entry.key.text
            if what in _NAMING and not _NAME.fullmatch(name):
                self._refuse(f"{name!r} is no name", entry.key.span, "a name has a to z, digits and _, no digit first")
            elif what in _REFERRED and name in RESERVED:
                self._refuse(f"{name!r} cannot be a name: it {RESERVED[name]}", entry.key.span)
            yield entry

    def _text(self, node: yaml.Node | None, what: str) -> str:
        if node is None:
            return ""
        if isinstance(node, yaml.Scalar) and isinstance(node.value, str):
            return node.value
        if not self._is_damaged(node):
            self._refuse(f"{what} is a text", node.span)
        return ""

    def _is_damaged(self, node: yaml.Node) -> bool:
        """Whether something in it was refused as YAML already."""
        return any(is_within(span, node.span) for span in self._damage)

    def _refuse(self, message: str, span: Span, hint: str | None = None) -> None:
        self.problems.append(Problem(message, span, hint))


def _lost(node: yaml.Node | None) -> frozenset[str]:
    """The keys that a map lacks since they were refused as YAML."""
    return node.lost if isinstance(node, yaml.Mapping) else frozenset()


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.Scalar) and node.value is None
