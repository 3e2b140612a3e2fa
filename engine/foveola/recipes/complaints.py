"""What PyYAML finds wrong with a text, in words that help and at the place that is to be mended."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

from foveola.diagnostics import Problem, Span

DEEPEST = 64  # lists and maps within one another; a recipe has about six
TOO_DEEP = f"lists and maps are nested more than {DEEPEST} deep"
DIRECTIVE = "directives other than '%YAML 1.2' are not read"
TAG = "tags are not read"
NO_TAG = "quotes make a text; numbers, true, false and null need nothing"


class _Complaint(NamedTuple):
    """What PyYAML finds wrong, in words that help.

    The pattern matches four lines: PyYAML's words, the line above the place, and the line of the place before and after
    it. The place is where PyYAML gave up or, `at_start`, where the thing begins that it could not read.
    """

    pattern: str
    message: str
    hint: str | None = None
    at_start: bool = False


_BEGINNING = "a text cannot begin with {found}"
_QUOTE = "put it in quotes"
_UNCLOSED = "this {found} is never closed"
_COLON = "a ':' is not expected here"
_NO_COLON = "a key is not followed by ': '"
_SPACE = "put a space after the colon"
_GLUED = r"\s*[\w$.-]+:\S"
_BROKEN_OFF = r".*(expected key|<block end>|'-' indicator|<document start>)"
_COMPLAINTS = (
    _Complaint(r".*(a tab|cannot start any token\n.*\n.*\n\t)", "a tab does not indent", "indent with spaces"),
    _Complaint(r".*nesting depth", TOO_DEEP),  # libyaml looks a thousand brackets ahead before it tells of the first
    _Complaint(r".*(cannot start any token|mapping keys)", _BEGINNING, _QUOTE),
    _Complaint(r"while scanning an? (alias|anchor|block)", _BEGINNING, _QUOTE, at_start=True),
    _Complaint(
        r"while parsing a flow .*',' or", _UNCLOSED, "its end, or a ',', is missing before {end}", at_start=True
    ),
    _Complaint(
        r"while scanning a quoted scalar.*unexpected", _UNCLOSED, "end the text with the same quote", at_start=True
    ),
    _Complaint(r".*quoted", "there is no such escape", "between single quotes a backslash is a backslash"),
    _Complaint(r".*mapping values.*\n.*\n.*:\s", _COLON, "put the text in quotes if the colon belongs to it"),
    _Complaint(r".*mapping values.*\n" + _GLUED, _COLON, f"{_SPACE} in the line above"),
    _Complaint(r".*mapping values", _COLON, "indent the key as those beside it"),
    _Complaint(r".*expected ':'\n.*\n.*\n" + _GLUED, _NO_COLON, _SPACE, at_start=True),
    _Complaint(r".*expected ':'", _NO_COLON, at_start=True),
    _Complaint(_BROKEN_OFF + r".*\n.*\n *\n", "this does not continue the lines above", "indent it as its neighbours"),
    _Complaint(_BROKEN_OFF, "the value has ended before this", "put quotes round the whole of it"),
    _Complaint(r".*sequence entries", "a list cannot begin here", "write each '- ' on a line of its own"),
    _Complaint(r".*node content", "a value is missing before {found}"),
    _Complaint(r".*(directive|YAML document)", DIRECTIVE),
    _Complaint(r".*\btag\b", TAG, NO_TAG, at_start=True),
)


def problem_of(error: yaml.MarkedYAMLError, text: str) -> Problem:
    """Say PyYAML's error in words that help, at the place that is to be mended."""
    given_up: Any = error.problem_mark  # optional in its type alone
    end = Span.after(text[: given_up.index])
    lines = ["", *text.splitlines(), ""]
    for complaint in _COMPLAINTS:
        mark = (complaint.at_start and error.context_mark) or given_up
        above, line = lines[mark.line : mark.line + 2]
        before, after = line[: mark.column], line[mark.column :]
        if re.match(complaint.pattern, f"{error.context}: {error.problem}\n{above}\n{before}\n{after}"):
            message = complaint.message.format(found=repr(after[0]) if after else "the end of the line")
            hint = complaint.hint and complaint.hint.format(end=f"line {end.line}, column {end.column}")
            return Problem(message, Span.after(text[: mark.index]), hint)
    return Problem(f"this is not YAML: {error.problem}", end)
