"""What people wrote of arguments and fields."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import Field

from foveola import Output
from foveola.descriptions import documented_arguments, documented_fields


@pytest.mark.parametrize(
    ("docstring", "arguments"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param("Add.", {}, id="no section"),
        pytest.param("Add.\n\nArgs:\n    a: one.", {"a": "one."}, id="the last section"),
        pytest.param(
            "Add.\n\n    Args:\n        a: one,\n            two.\n        b: x: y.\n\n    X:\n        c: d.",
            {"a": "one, two.", "b": "x: y."},
            id="as it stands in a file",
        ),
        pytest.param("Add.\n\nReturns:\n    a: one.", {}, id="another section"),
    ],
)
def test_arguments_are_documented_in_google_style(docstring, arguments):
    """Every argument's words in one line, and nothing of the sections that follow."""
    assert documented_arguments(docstring) == arguments


class Length(Output):
    """A length."""

    value: float
    """How long,
    in mm."""
    unsaid: int = 0
    said: Annotated[int, Field(description="How often.")] = 0
    """What stands below a field that its annotation speaks of is not read."""


class Longer(Length):
    """Another."""

    value: float
    """How long at most."""


def test_a_field_is_what_stands_below_it_or_in_its_annotation():
    """In one line; inherited, and said anew."""
    assert documented_fields(Length)["value"] == "How long, in mm."
    assert documented_fields(Length)["unsaid"] == ""
    assert documented_fields(Length)["said"] == "How often."
    assert documented_fields(Longer)["value"] == "How long at most."
    assert documented_fields(Longer)["warnings"] == "What a reader of the numbers should know."


def test_a_record_without_a_source_is_not_described():
    """It was typed in: nobody can read what stood below its fields."""
    made = type("Made", (Output,), {"__annotations__": {"value": float}})
    assert documented_fields(made)["value"] == ""
