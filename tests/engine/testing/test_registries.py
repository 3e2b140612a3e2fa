"""What plugin authors have for their tests: a closed registry, and a recipe run from its text."""

from __future__ import annotations

import pytest

from foveola import RecipeError, UnknownNameError
from foveola.registry import Registry
from foveola.testing import closed_registry, run_text

RECIPE = """
recipe: asymmetry
inputs: {halves: Halves}
steps:
  asymmetry: {use: acme.asymmetry}
outputs: {ratio: $asymmetry.ratio}
"""


@pytest.fixture
def registry(good, halves) -> Registry:
    """Of one operation and one type."""
    return closed_registry([good], {"Halves": halves})


def test_a_closed_registry_holds_what_it_is_given(registry, good, halves):
    """Nothing that happens to be installed is in it."""
    assert registry.operation_names == ["acme.asymmetry"]
    assert registry.operation("acme.asymmetry") is good
    assert registry.type_called("Halves") is halves
    assert registry.readers == registry.recipes == registry.fetchers == {}
    with pytest.raises(UnknownNameError):
        registry.operation("get_etdrs")


def test_a_recipe_is_run_from_its_text(registry):
    """On named values, with its outputs and the states of its steps."""
    result = run_text(RECIPE, {"halves": {"superior": 100.0, "inferior": 80.0}}, registry)
    assert result.outputs == {"ratio": 1.25}
    assert result.steps["asymmetry"].state == "computed"


def test_a_wrong_recipe_is_told_with_its_place(registry):
    """By the name `recipe.yaml`."""
    with pytest.raises(RecipeError, match=r"^recipe\.yaml:5:20: no operation is called 'acme\.symmetry'"):
        run_text(RECIPE.replace("acme.a", "acme."), {"halves": {"superior": 1, "inferior": 1}}, registry)
