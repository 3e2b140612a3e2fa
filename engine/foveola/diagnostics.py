"""What is wrong in a text, where, and what to do next: as people read it, and as editors do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from unicodedata import combining, east_asian_width

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_TAB = 4
_WIDEST = 120


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text: lines and columns count from 1, columns count characters, the end is exclusive.

    `source` is the text, where it is not the one that is being told of: a recipe within, a value that was set from
    outside.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    source: Source | None = field(default=None, repr=False)

    @classmethod
    def after(cls, text: str) -> Span:
        r"""Say where the one character is that follows `text`.

        >>> Span.after("recipe: x\nabout")
        Span(line=2, column=6, end_line=2, end_column=7)
        """
        lines = _LINE_BREAK.split(text)
        line, column = len(lines), len(lines[-1]) + 1
        return cls(line, column, line, column + 1)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to be put right: a sentence, its place, and what to do next."""

    message: str
    span: Span
    hint: str | None = None


@dataclass(frozen=True)
class Source:
    """A text under the name that people know it by."""

    name: str
    text: str

    def render(self, problem: Problem) -> str:
        r"""Show a problem of this text to a person: the sentence, the line with a caret under the place, the hint.

        >>> source = Source("macula.yaml", "recipe: macula\nabuot: Layers")
        >>> problem = Problem("no key is called 'abuot'", Span(2, 1, 2, 6), did_you_mean("abuot", ["about"]))
        >>> print(source.render(problem))
        macula.yaml:2:1: no key is called 'abuot'
           2 | abuot: Layers
               ^
        hint: did you mean 'about'?
        """
        span = problem.span
        if span.source is not None and span.source != self:
            return span.source.render(problem)
        margin = f"{span.line:4} | "
        excerpt, indent = _excerpt(self._lines[span.line - 1], span.column)
        lines = [
            _visible(f"{self.name}:{span.line}:{span.column}: {problem.message}"),
            f"{margin}{excerpt}".rstrip(),
            " " * (len(margin) + indent) + "^",
        ]
        if problem.hint is not None:
            lines.append(_visible(f"hint: {problem.hint}"))
        return "\n".join(lines)

    def as_json(self, problem: Problem) -> dict[str, object]:
        """Say a problem of this text to a program; its range counts as `Span` does."""
        span = problem.span
        if span.source is not None and span.source != self:
            return span.source.as_json(problem)
        return {
            "file": self.name,
            "message": problem.message,
            "hint": problem.hint,
            "range": {
                "start": {"line": span.line, "column": span.column},
                "end": {"line": span.end_line, "column": span.end_column},
            },
        }

    @cached_property
    def _lines(self) -> list[str]:
        return [*_LINE_BREAK.split(self.text.removeprefix("\ufeff")), ""]  # parsers may end on the line after the last


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Find the one of `names` that was probably meant by `name`.

    >>> nearest("Get_etdr", ["get_etdrs", "get_gcc"])
    'get_etdrs'
    >>> nearest("vessel", ["get_etdrs", "get_gcc"])
    """
    folded = {known.casefold(): known for known in names}
    matches = get_close_matches(name.casefold(), folded, n=1)
    return folded[matches[0]] if matches else None


def did_you_mean(name: str, names: Iterable[str]) -> str | None:
    """Make the hint for a name that is none of `names`, if one of them is near."""
    meant = nearest(name, names)
    return None if meant is None else f"did you mean {meant!r}?"


def _excerpt(line: str, column: int) -> tuple[str, int]:
    """Cut a line for showing; with it, how many cells of a terminal stand before its `column`."""
    head = line[: column - 1].expandtabs(_TAB)
    before, after = _visible(head), _visible(line.expandtabs(_TAB)[len(head) :])
    if len(before) + len(after) > _WIDEST:
        half = _WIDEST // 2
        before = before if len(before) <= half else "…" + before[1 - half :]
        after = after if len(after) <= half else after[: half - 1] + "…"
    return before + after, sum(map(_cells, before))


def _visible(text: str) -> str:
    """Escape what a terminal would obey or hide instead of showing."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _cells(character: str) -> int:
    if combining(character):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
