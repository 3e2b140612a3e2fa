"""Every sentence that the engine can tell a person is in one of the files of `messages/`: provoked, and compared."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import foveola
from foveola import errors

MESSAGES = Path(__file__).parent / "messages"
ENGINE = Path(foveola.__file__).parent

ROOMS = [
    *("errors", "exams", "operations", "plugins", "readers", "registry", "recipes/reader", "recipes/settings"),
    *(
        "planning/checking",
        "planning/constants",
        "planning/fitting",
        "planning/known",
        "planning/inputs",
        "planning/planner",
        "planning/scope",
        "planning/wiring",
    ),
    *("adapters", "values", "units", "archives", "recipes/quantities"),
    *(
        "running/calls",
        "running/executor",
        "surfaces/python",
        "surfaces/runs",
        "surfaces/options",
        "surfaces/verification",
        "surfaces/whys",
    ),
]
"""Where sentences that people read are made."""

TELLING = {
    "refuse",
    "_refuse",
    "_refuse_wire",
    "wrong",
    "Problem",
    "_Complaint",
    "NowhereError",
    "SkipError",
    "TypeError",
    "ValueError",
    "UsageError",
    "BadParameter",
}
TELLING |= {error.__name__ for error in vars(errors).values() if isinstance(error, type)}


def sentences_of(room: str) -> Iterator[str]:
    """A pattern for each sentence that is told in a module."""
    tree = ast.parse((ENGINE / f"{room}.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            told = node.args if called in TELLING else []
        elif isinstance(node, ast.Assign):
            told = [node.value] if getattr(node.targets[0], "id", "") == "message" else []
        else:
            continue
        yield from (pattern for one in told if (pattern := pattern_of(one)) is not None)


def pattern_of(node: ast.expr) -> str | None:
    """What a literal may become, whatever is put into it; None if it is none, or no sentence."""
    match node:
        case ast.Constant(value=str() as words):
            pattern = re.escape(words)
        case ast.JoinedStr(values=values):
            pattern = "".join(re.escape(one.value) if isinstance(one, ast.Constant) else ".*" for one in values)
        case ast.BinOp(left=left):
            return pattern_of(left)
        case _:
            return None
    return pattern if len(re.findall(r"[a-z]{2,}", pattern)) > 1 else None


@pytest.mark.parametrize("room", ROOMS)
def test_every_sentence_is_provoked(room: str) -> None:
    """Each that the room can tell is in one of the files."""
    said = "\n".join(path.read_text(encoding="utf-8") for path in MESSAGES.iterdir())
    assert [pattern for pattern in sentences_of(room) if not re.search(pattern, said)] == []
