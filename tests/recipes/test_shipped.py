"""The shipped recipes: what they use, and that each runs on a phantom with every output computed."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import foveola
from foveola.registry import Registry
from foveola_oct.retina.phantoms import (
    PATHOLOGICAL,
    disc_phantom,
    glaucoma_phantom,
    macula_phantom,
    pathological_phantom,
    wide_phantom,
)

GUIDE = Path(__file__).parents[2] / "../shared/user-guide.txt"
RECIPES = Registry.installed().recipes
NOT_FOR_RECIPES = {"get_distance_between_two_points"}
"""A person measures it with two clicks."""


@pytest.fixture(scope="module")
def exams() -> dict[str, object]:
    """An exam of each kind, as named values."""
    kinds = {
        "macula": macula_phantom(num_slices=25),
        "disc": disc_phantom(num_slices=49),
        "wide": wide_phantom(replace(PATHOLOGICAL, pit_is_recognised=True)),
        "pathological": pathological_phantom(),
        "glaucoma": glaucoma_phantom(images=False),
    }
    disc = kinds["disc"]
    circle = {
        "layer_segmentation": {"borders": np.repeat([[[100.0]], [[126.0]]], 768, axis=2), "layers": ["rnfl"]},
        "pixel_spacing_row": 0.0039,
        "pixel_spacing_column": 0.0147,
        "pixel_image_width": 768,
        "laterality": "R",
    }
    return {**kinds, "circle": circle, "both_eyes": {"right": disc, "left": {**disc, "laterality": "L"}}}


FITTING = {
    "circle_scan": "circle",
    "macula": "macula",
    "macula_from_layers": "macula",
    "glaucoma": "macula",
    "amd": "pathological",
    "pathology": "pathological",
    "optic_nerve": "disc",
    "both_eyes": "both_eyes",
    "vessel_map": "macula",
    "full_exam": "wide",
}


def test_every_shipped_recipe_has_a_phantom_to_run_on() -> None:
    """No recipe goes untested."""
    assert set(FITTING) == set(RECIPES)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_shipped_recipe_is_sound(recipe: str) -> None:
    """Nothing is wrong with it, whatever the exam; and editors know its schema."""
    assert foveola.check(recipe) == []
    assert RECIPES[recipe].read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=")


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_shipped_recipe_computes_every_output(recipe: str, exams: dict[str, object]) -> None:
    """On an exam that fits it nothing is skipped and nothing fails."""
    result = foveola.run(recipe, exams[FITTING[recipe]])
    troubles = {step.name: step.reason for step in result.steps.values() if step.state in {"skipped", "failed"}}
    assert troubles == {}
    assert [name for name, value in result.outputs.items() if value is None] == []


@pytest.mark.parametrize("recipe", ["macula", "macula_from_layers", "glaucoma"])
def test_layers_that_a_device_joins_are_set_in_one_place(recipe: str, exams: dict[str, object]) -> None:
    """Ganglion cells and inner plexiform layer as one: the same halves."""
    exam = exams["macula"]
    borders, (first, second, third, *rest) = exam["layer_segmentation"].values()
    joined = {"borders": np.delete(borders, 2, axis=0), "layers": [first, f"{second}+{third}", *rest]}
    settings = {"context.used_layers": "[rnfl, gcl+ipl]"}
    result = foveola.run(recipe, {**exam, "layer_segmentation": joined}, settings=settings)
    assert result.failed == []
    apart = foveola.run(recipe, exam)
    assert result.outputs["halves"]["superior"] == pytest.approx(apart.outputs["halves"]["superior"])


@pytest.mark.skipif(not GUIDE.is_file(), reason="the user guide is not beside this checkout")
def test_every_documented_operation_is_used_in_a_shipped_recipe() -> None:
    """All thirty-five, but what a person measures by hand."""
    documented = set(re.findall(r"^(?:GET|POST): /(\w+)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE))
    used = {word for path in RECIPES.values() for word in re.findall(r"use: (\w+)", path.read_text(encoding="utf-8"))}
    assert len(documented) == 35
    assert documented - used == NOT_FOR_RECIPES


@pytest.mark.parametrize(
    ("kind", "exam_type", "skipped"),
    [
        ("macula", "is_macula_scan", {"optic_nerve"}),
        ("disc", "is_optic_disk_scan", {"macula", "glaucoma", "amd", "pathology"}),
        ("wide", "is_wide_scan", set()),
        ("pathological", "is_probably_pathological_macula_scan", {"macula", "glaucoma", "optic_nerve"}),
    ],
)
def test_a_full_exam_runs_what_fits_and_says_what_does_not(kind, exam_type, skipped, exams) -> None:
    """What the exam's type rules out is skipped, each with its reason; the rest is computed."""
    result = foveola.run("full_exam", exams[kind])
    assert result.outputs["exam_type"] == exam_type
    assert {name for name, step in result.steps.items() if step.state == "skipped" and "." not in name} == skipped
    assert all(result.steps[step].reason for step in skipped)
    assert result.failed == []
    assert {name for name, value in result.outputs.items() if value is None} == skipped


def test_a_phantoms_glaucoma_is_staged_as_its_truth(exams) -> None:
    """The thinned halves come out at 79 and 67 µm, and the worse one stages."""
    outputs = foveola.run("glaucoma", exams["glaucoma"]).outputs
    assert outputs["halves"] == pytest.approx({"superior": 79.3, "inferior": 67.2}, abs=0.5)
    assert outputs["glaucoma_stage"]["glaucoma_stage"] == "MODERATE_GLAUCOMA"
