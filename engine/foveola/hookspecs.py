"""The questions that the engine asks plugins (pluggy hooks, entry-point group `foveola.plugins`).

What can be listed is an entry point: `foveola.operations`, `.recipes`, `.readers`, `.fetchers`, `.types`. What must be
asked is here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    import click

    from foveola.operations import Operation, Output

PROJECT = "foveola"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def foveola_commands(cli: click.Group) -> None:
    """Add commands to the command line.

    Args:
        cli: the `foveola` command; `cli.add_command` takes yours.
    """


@hookspec
def foveola_step_finished(step: str, operation: str, state: str, seconds: float) -> None:
    """Hear of each step of a run as it ends.

    Args:
        step: its name, `outer.inner` within a recipe used as a step, `step[key]` within a `foreach`.
        operation: the operation's name.
        state: `computed`, `remembered`, `skipped` or `failed`.
        seconds: how long it took.
    """


@dataclass(frozen=True)
class Subject:
    """What a picture is asked for.

    Attributes:
        name: what a reader knows it by: the recipe's output, `outer.inner` of a recipe within, `output[key]` of a
            `foreach`; of what is no output, the step.
        operation: what answered it; None: the value is the exam's own words and numbers.
        part: which part of the answer it is; empty: all of it.
        value: in its documented form, arrays as arrays.
        given: what the operation was given, by parameter, as far as the result tells.
        beside: the answer's other fields, as far as the result tells; `coverage` if it is known.
        exam: the words and numbers of the exam: whose eye, how far apart its samples are.
        before: the value of an earlier result that this one is compared with; None: it is compared with nothing.
        operations: every operation that answered something in the result.
    """

    name: str
    operation: str | None
    part: tuple[str, ...]
    value: Any
    given: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, Any] = field(default_factory=dict)
    exam: Mapping[str, Any] = field(default_factory=dict)
    before: Any = None
    operations: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Table:
    """The numbers of a picture: a line of heads, and rows whose first cell is a head too. None is shown as a dash."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str | float | None]]


@dataclass(frozen=True)
class Picture:
    """What a renderer answers.

    Attributes:
        title: what it shows, in a few words.
        markup: SVG or HTML that needs nothing from elsewhere; what comes from an exam is escaped in it.
        table: its numbers; None: those of the value, as they are.
        note: how to read it.
    """

    title: str
    markup: str
    table: Table | None = None
    note: str = ""


@hookspec(firstresult=True)
def foveola_picture(subject: Subject) -> Picture | None:
    """Draw something for a report; the first answer is shown. What nobody draws is shown as a table.

    Args:
        subject: what a report is about to show.

    Returns:
        The picture; None: this is not mine.
    """


@dataclass(frozen=True)
class Fault:
    """Something that is wrong with an operation, as its author is told in a test.

    Attributes:
        check: which check found it, in a word.
        message: what is wrong.
        remedy: what to do about it.
    """

    check: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.check}: {self.message}; {self.remedy}"


@hookspec
def foveola_faults(operation: Operation[..., Output], examples: Sequence[Mapping[str, Any]]) -> Iterable[Fault] | None:
    """Find what is wrong with an operation, beside what `foveola.testing.check_operation` finds itself.

    Args:
        operation: the operation that its author tests.
        examples: what its examples give it, by flat names, as the operation takes it.

    Returns:
        What is wrong; None or nothing if all is well.
    """
