"""What plugin authors have for their tests: a closed registry, and a recipe run from its text."""

from __future__ import annotations

import pytest

from foveola import Micrometres, Output, RecipeError, Record, UnknownNameError, operation
from foveola.testing import closed_registry, run_text


class Halves(Record):
    """What a plugin brings as a type."""

    superior: Micrometres
    inferior: Micrometres


class Asymmetry(Output):
    """How the halves differ."""

    ratio: float


@operation("acme.asymmetry")
def asymmetry(halves: Halves) -> Asymmetry:
    """Superior thickness divided by inferior thickness."""
    return Asymmetry(ratio=halves.superior / halves.inferior)


RECIPE = """
recipe: asymmetry
inputs: {halves: Halves}
steps:
  asymmetry: {use: acme.asymmetry}
outputs: {ratio: $asymmetry.ratio}
"""


def test_a_closed_registry_holds_what_it_is_given():
    """Nothing that happens to be installed is in it."""
    registry = closed_registry([asymmetry], {"Halves": Halves})
    assert registry.operation_names == ["acme.asymmetry"]
    assert registry.operation("acme.asymmetry") is asymmetry
    assert registry.type_called("Halves") is Halves
    assert registry.readers == registry.recipes == registry.fetchers == {}
    with pytest.raises(UnknownNameError):
        registry.operation("get_etdrs")


def test_a_recipe_is_run_from_its_text():
    """On named values, with its outputs and the states of its steps."""
    registry = closed_registry([asymmetry], {"Halves": Halves})
    result = run_text(RECIPE, {"halves": {"superior": 100.0, "inferior": 80.0}}, registry)
    assert result.outputs == {"ratio": 1.25}
    assert result.steps["asymmetry"].state == "computed"


def test_a_wrong_recipe_is_told_with_its_place():
    """By the name `recipe.yaml`."""
    registry = closed_registry([asymmetry], {"Halves": Halves})
    with pytest.raises(RecipeError, match=r"^recipe\.yaml:5:20: no operation is called 'acme\.symmetry'"):
        run_text(RECIPE.replace("acme.a", "acme."), {"halves": {"superior": 1, "inferior": 1}}, registry)
