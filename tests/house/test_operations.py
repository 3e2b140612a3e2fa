"""What must be true of every operation: described, exemplified, sourced, tested, documented, one word per thing."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from foveola import plugins
from foveola.operations import Operation
from foveola.registry import Registry
from foveola.surfaces.describe import as_markdown, describe
from foveola.testing import check_operation

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference" / "operations"

ONE_NAME_TWO_THINGS = {
    # the guide gives get_amd_stage its pitch in µm; layers and lesions are both segmentations
    ("get_amd_stage", "pixel_spacing_column"),
    ("get_pathology_thickness_map", "segmentation_instances"),
}
ANY_UNIT = {"pathology_thickness_maps"}
"""In px where thickness counts, in any unit where only presence does."""

WITHOUT_A_UNIT = {
    # shares, probabilities, scores and limits of these
    *("center_probabilities", "fovea_probabilities", "nerve_probabilities", "landmark_probabilities"),
    *("fovea_existence_threshold", "fovea_landmark_existence_threshold", "nerve_existence_threshold"),
    *("nerve_confidence_threshold", "nerve_landmark_existence_threshold"),
    *("coverage", "min_coverage", "rim_absence_ratio", "rim.min_width_ratio", "artifact_k"),
    *("ratios.area_cdr", "ratios.vertical_cdr", "ratios.horizontal_cdr", "ratios.linear_cdr"),
    *("similarity_score", "pearson_r", "distance_to_normal"),
    # a column and a slice: two numbers of two kinds
    *("exam_center_coordinate", "exam_center_coordinate_xz"),
    # in the unit of the map, whatever that is
    *("min_thickness", "padding_value", "missing_value", "thickness_map_overlap.values"),
    *("thickness_map_overlap.padding_value", "thickness_map_overlap.missing_value"),
    # outlines, in px as all of them
    "lines.points",
}

REGISTRY = Registry.installed()
OURS = [
    name
    for name in REGISTRY.operation_names
    if (origin := REGISTRY.origin_of(name)) and origin.distribution == "foveola"
]


@pytest.fixture(params=OURS)
def operation(request: pytest.FixtureRequest) -> Operation:
    """Each of our operations."""
    return REGISTRY.operation(request.param)


def test_an_operation_is_described(operation: Operation) -> None:
    """It says what it is for, and what each of its parameters and answers is."""
    described = describe(operation)
    assert described["about"].endswith((".", "?"))
    assert all(one["description"] for one in (*described["parameters"], *described["answer"]["fields"]))


def test_an_operation_passes_every_check(operation: Operation) -> None:
    """What we ask of strangers' operations holds of ours: `foveola.testing.check_operation`, all eight orientations."""
    check_operation(operation, unitless=WITHOUT_A_UNIT)


def test_the_checks_of_the_retina_are_asked() -> None:
    """They come in by the door that strangers' checks come in by."""
    assert plugins.installed().has_plugin("foveola_oct_checks")


def test_an_operation_shows_an_example_that_runs(operation: Operation) -> None:
    """Its docstring has an example; the doctests run it."""
    example = describe(operation)["example"]
    assert ">>>" in example
    assert operation.name in example


def test_an_operation_names_its_sources(operation: Operation) -> None:
    """Where its numbers come from is said, or that it takes none from anywhere."""
    assert describe(operation)["sources"]


def test_an_operation_lies_in_the_file_of_its_name(operation: Operation) -> None:
    """One file an operation, bearing its name."""
    assert operation.function.__module__.rpartition(".")[2] == operation.name


def test_an_operation_has_tests_of_its_own(operation: Operation) -> None:
    """They mirror the source."""
    group = operation.function.__module__.split(".")[1]
    assert (ROOT / "tests" / "plugins" / group / f"test_{operation.name}.py").is_file()


def test_its_page_in_the_reference_is_current(operation: Operation, *, update: bool) -> None:
    """`docs/reference/operations/` holds what `foveola operations NAME` prints; `--update` rewrites it."""
    page = REFERENCE / f"{operation.name}.md"
    expected = as_markdown(describe(operation))
    if update:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(expected, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == expected


def test_the_reference_has_no_page_of_an_operation_that_is_gone() -> None:
    """Every page is of an operation."""
    assert {page.stem for page in REFERENCE.glob("*.md")} == set(OURS)


def test_one_parameter_name_is_one_thing_everywhere() -> None:
    """A parameter has one description wherever it appears, and one unit."""
    said = defaultdict(set)
    for name in OURS:
        for parameter in REGISTRY.operation(name).parameters.values():
            if (name, parameter.name) not in ONE_NAME_TWO_THINGS:
                unit = None if parameter.name in ANY_UNIT else str(parameter.unit)
                said[parameter.name].add((parameter.description, unit))
    assert {name: words for name, words in said.items() if len(words) > 1} == {}
