"""What tests of planning share: a recipe's text planned, or all that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from foveola import RecipeError
from foveola.planning.plan import Plan
from foveola.planning.planner import make_plan
from foveola.recipes.reader import parse_recipe
from foveola.registry import Registry


@pytest.fixture
def planned() -> Callable[..., Plan]:
    """A recipe's text planned, perhaps for an exam of named values."""

    def plan(text: str, registry: Registry, exam: Mapping[str, Any] | None = None, **options: Any) -> Plan:
        loaded = None if exam is None else registry.exam_type(exam, name="e1")
        return make_plan(parse_recipe(text, "r.yaml", Path()), registry, loaded, **options)

    return plan


@pytest.fixture
def problems_of(planned: Callable[..., Plan]) -> Callable[..., list[str]]:
    """All that is wrong with a recipe's text, each as `line:column message (hint)`."""

    def problems(text: str, registry: Registry, exam: Mapping[str, Any] | None = None) -> list[str]:
        try:
            planned(text, registry, exam)
        except RecipeError as error:
            return [
                (f"{one.span.line}:{one.span.column} " if one.span else "")
                + one.message
                + (f" ({one.hint})" if one.hint else "")
                for one in error.problems
            ]
        return []

    return problems
