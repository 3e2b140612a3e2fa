"""Errors: their fields, their sentence, and that one name catches all."""

from __future__ import annotations

import re

import pytest

from foveola import errors
from foveola.diagnostics import Problem, Source, Span
from foveola.errors import (
    ExamError,
    FoveolaError,
    InputError,
    PluginError,
    RecipeError,
    StepError,
    UnknownNameError,
    sentence,
)

SOURCE = Source("macula.yaml", "recipe: macula\nabuot: x")
PROBLEMS = [
    Problem("no key is called 'abuot'", Span(2, 1, 2, 6), "did you mean 'about'?"),
    Problem("no steps", Span(1, 1, 1, 2)),
]
CAUSE = ZeroDivisionError("division by zero")

EVERY = {
    InputError: (("statistics", "must not be empty"), {"field": "statistics", "message": "must not be empty"}),
    ExamError: (("a/exam.json", "is truncated"), {"path": "a/exam.json", "message": "is truncated"}),
    RecipeError: ((SOURCE, PROBLEMS), {"source": SOURCE, "problems": tuple(PROBLEMS)}),
    UnknownNameError: (("type", "Exem", ["Exam"]), {"kind": "type", "name": "Exem", "hint": "did you mean 'Exam'?"}),
    PluginError: (
        ("acme", "a = acme:a", "is no operation"),
        {"distribution": "acme", "entry_point": "a = acme:a", "message": "is no operation"},
    ),
    StepError: (("etdrs", CAUSE), {"step": "etdrs", "cause": CAUSE, "__cause__": CAUSE}),
}
SENTENCES = {
    InputError: "statistics: must not be empty",
    ExamError: "a/exam.json: is truncated",
    RecipeError: (
        "macula.yaml:2:1: no key is called 'abuot'\n   2 | abuot: x\n       ^\nhint: did you mean 'about'?\n\n"
        "macula.yaml:1:1: no steps\n   1 | recipe: macula\n       ^"
    ),
    UnknownNameError: "no type is called 'Exem': did you mean 'Exam'?",
    PluginError: "plugin 'a = acme:a' of acme: is no operation",
    StepError: "step 'etdrs' failed: ZeroDivisionError: division by zero",
}


def test_the_tree_is_drawn_at_the_top():
    """The drawing in the module's docstring names every error there is."""
    drawn = re.findall(r"^(?:├── |└── |)(\w+Error)\b", errors.__doc__, re.MULTILINE)
    defined = [name for name, value in vars(errors).items() if isinstance(value, type)]
    assert [name for name in defined if name.endswith("Error")] == drawn


@pytest.mark.parametrize(("kind", "case"), EVERY.items(), ids=lambda kind: getattr(kind, "__name__", ""))
def test_an_error_has_fields_and_a_sentence(kind, case):
    """Programs read the fields, people the sentence made from them; one class catches all."""
    arguments, fields = case
    error = kind(*arguments)
    assert {name: getattr(error, name) for name in fields} == fields
    assert str(error) == SENTENCES[kind]
    assert isinstance(error, FoveolaError)


def test_every_error_has_a_code_of_its_own():
    """Over HTTP and in `errors.jsonl` an error is known by its code."""
    codes = {kind: kind.code for kind in (FoveolaError, *EVERY)}
    assert len(set(codes.values())) == len(codes)
    assert InputError.code == "VALIDATION_ERROR"


@pytest.mark.parametrize(
    ("field", "parent", "place"),
    [
        pytest.param("rnfl", "maps", "maps.rnfl", id="a place within"),
        pytest.param("", "maps", "maps", id="the whole value"),
        pytest.param("maps", "", "maps", id="nothing further out"),
        pytest.param("", "", "", id="no name at all"),
    ],
)
def test_a_place_grows_from_the_inside(field, parent, place):
    """Each level further out adds its name in front."""
    error = InputError(field, "is ragged").below(parent)
    assert error.field == place
    assert str(error) == (f"{place}: is ragged" if place else "is ragged")


def test_without_a_near_name_there_is_no_hint():
    """Nothing far-fetched is proposed."""
    error = UnknownNameError("operation", "zzz", ["get_etdrs"])
    assert error.hint is None
    assert str(error) == "no operation is called 'zzz'"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(InputError("x", "is ragged"), "x: is ragged", id="ours"),
        pytest.param(ValueError("too long"), "ValueError: too long", id="a stranger's"),
        pytest.param(KeyError("rnfl"), "KeyError: 'rnfl'", id="a missing key"),
        pytest.param(AssertionError(), "AssertionError", id="one that says nothing"),
    ],
)
def test_a_cause_is_told_in_a_line(error, said):
    """Our own errors speak for themselves, others with the name of their class."""
    assert sentence(error) == said
