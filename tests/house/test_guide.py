"""The documented operations: each of the guide's paths is an operation, each of its parameters is taken by its name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from foveola.registry import Registry

GUIDE = Path(__file__).parents[2] / "../shared/user-guide.txt"

pytestmark = pytest.mark.skipif(not GUIDE.is_file(), reason="the user guide is not beside this checkout")

WORDS = """
    analysis_type distance_method fovea_status input_bucket input_bucket_cloud input_location laterality nerve_status
    pixel_direction scan_protocol slice_direction statistics statistics_to_get unique_scan_diseases used_layers
    used_segmentation_classes
"""
SWITCHES_AND_COUNTS = """
    ellipse_preprocessing fill_absent_slices fovea_connectivity_level fovea_min_number_of_sequential_slices indices
    inpaint_artifacts interpolation_points is_cumulative nerve_connectivity_level nerve_min_number_of_sequential_slices
    nerve_slice_indices nerve_slices num_slices run_resolution smooth_circles use_real_units
"""
PROBABILITIES = """
    center_probabilities fovea_existence_threshold fovea_landmark_existence_threshold fovea_probabilities
    landmark_probabilities nerve_confidence_threshold nerve_existence_threshold nerve_landmark_existence_threshold
    nerve_probabilities
"""
AS_THE_MAP_IS = "padding_value pathology_thickness_map pathology_thickness_maps thickness_maps"
BSCAN_OUTLINES = (
    "ilm_list nerve_landmarks_list nerve_rnfl_layers pathology_segm_instances_per_bscan segmentation_instances"
)
COLUMN_AND_SLICE = "exam_center_coordinate_xz"

UNITLESS = {
    name
    for names in (WORDS, SWITCHES_AND_COUNTS, PROBABILITIES, AS_THE_MAP_IS, BSCAN_OUTLINES, COLUMN_AND_SLICE)
    for name in names.split()
}


def documented() -> dict[str, dict[str, str | None]]:
    """The guide's operations by name, each with its parameters and the default that it gives them."""
    text = GUIDE.read_text(encoding="utf-8") if GUIDE.is_file() else ""
    blocks = re.split(r"^(?:GET|POST): /(\w+)$", text, flags=re.MULTILINE)[1:]
    operations = dict(zip(blocks[::2], blocks[1::2], strict=True))
    asked = {
        name: re.split(r"^(?:Returns|Response|JSON \(dict\))", block, flags=re.MULTILINE)[0]
        for name, block in operations.items()
    }
    return {name: _parameters(block) for name, block in asked.items()}


def _parameters(block: str) -> dict[str, str | None]:
    """A block's parameters, in the guide's three ways of writing them: tables, bullets, and names with a type."""
    table = re.findall(r"^(?:- )?([a-z]\w+)\n\|\n(.*)\n\|\n([^|]*)\|", block, re.MULTILINE)
    bullets = re.findall(r"(?:^| )- (\w+): (\w+, .*?)(?= - \w+: |$)", block, re.MULTILINE)
    typed = re.findall(r"^(\w+) \(((?:list|float|int|dict).*)$", block, re.MULTILINE)
    found = {name: _default(f"{kind} {about}") for name, kind, about in table}
    return found | {name: _default(about) for name, about in (*bullets, *typed)}


def _default(text: str) -> str | None:
    match = re.search(r"[Dd]efault(?:\s*is|:|=)?\s*([\w.\[\]\"“”, *]+?)(?: mm|µm)?(?:[.,;)]*(?:\s|$))", text)
    return match[1].strip(' ."') if match else None


GUIDED = documented()


def test_the_guide_documents_thirty_five_operations() -> None:
    """The guide is read in full."""
    assert len(GUIDED) == 35


@pytest.mark.parametrize("name", GUIDED)
def test_a_documented_path_is_one_operation(name: str) -> None:
    """A path of the guide is the name of exactly one registered operation."""
    assert Registry.installed().operation_names.count(name) == 1
    assert Registry.installed().operation(name).name == name


@pytest.mark.parametrize("name", GUIDED)
def test_documented_parameters_are_taken_by_their_names(name: str) -> None:
    """Each of the guide's parameters is accepted under its name, and there are some."""
    registry = Registry.installed()
    operation = registry.operation(name)
    accepted = {*operation.parameters, *registry.stand_ins(operation)}
    assert GUIDED[name]
    assert set(GUIDED[name]) <= accepted


@pytest.mark.parametrize("name", GUIDED)
def test_documented_parameters_carry_a_unit_and_a_description(name: str) -> None:
    """Each parameter that is a quantity says its unit, and all are described."""
    registry = Registry.installed()
    operation = registry.operation(name)
    for parameter in {**operation.parameters, **registry.stand_ins(operation)}.values():
        assert parameter.description, parameter.name
        if parameter.name in GUIDED[name] and parameter.name not in UNITLESS:
            assert parameter.unit is not None, parameter.name


@pytest.mark.parametrize("name", GUIDED)
def test_a_default_of_the_guide_is_a_default_here(name: str) -> None:
    """Where the guide gives a default, nobody need give the parameter."""
    registry = Registry.installed()
    operation = registry.operation(name)
    known = {**operation.parameters, **registry.stand_ins(operation)}
    for parameter, default in GUIDED[name].items():
        if default not in {None, "None"}:  # what is null by default and needed all the same has none
            assert not known[parameter].required, parameter
