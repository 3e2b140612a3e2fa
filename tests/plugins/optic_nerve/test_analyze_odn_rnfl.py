"""Nerve fibre layer round the disc: profiles of known means, all forms of input, and discs that cannot be found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import cos, pi, radians, sqrt
from typing import Any

import numpy as np
import pytest

from foveola import InputError, Unit
from foveola.units import unit_of
from foveola_oct.optic_nerve.analyze_odn_rnfl import analyze_odn_rnfl as operation
from foveola_oct.retina import ORIENTATIONS, Instance, Orientation
from foveola_oct.retina.phantoms import RNFL_MEAN_MM, RNFL_SWING_MM, Eye, disc_phantom, layer_outlines
from foveola_oct.retina.slice_lines import NerveLayers

PITCH_MM, ROW_MM, SAMPLES = 0.02, 0.004, 260
EXTENT_MM = SAMPLES * PITCH_MM
DISC_MM = 0.75
RADIUS_MM = DISC_MM + 1.0
RIGHT = ORIENTATIONS[0]

Flat = dict[str, Any]
Profile = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Thickness in mm by distance from the disc's centre in mm and angle in radians, as the fundus is seen."""


def exam(profile: Profile, orientation: Orientation = RIGHT, analysis_type: str = "quadrant", **values: Any) -> Flat:
    """A scan of 5.2 x 5.2 mm centred on a round disc, with a nerve fibre layer of a known thickness."""
    place = (np.arange(SAMPLES) + 0.5) * PITCH_MM - EXTENT_MM / 2
    x, y = np.meshgrid(place, place)
    thickness = np.broadcast_to(profile(np.hypot(x, y), np.arctan2(y, x)), x.shape)
    rows = orientation.to_acquisition(thickness) / ROW_MM
    columns = np.arange(SAMPLES)
    layers = [
        [
            {
                "points": np.column_stack(
                    [np.r_[columns, columns[::-1]], np.r_[np.full(SAMPLES, 100), 100 + row[::-1]]]
                ),
                "className": "rnfl",
            }
        ]
        for row in rows
    ]
    slices = np.flatnonzero(np.abs(place) < DISC_MM - PITCH_MM)[::4]
    chords = np.sqrt(DISC_MM**2 - place[slices] ** 2)
    ends = (EXTENT_MM / 2 + chords[:, None] * [-1, 1]) / PITCH_MM - 0.5
    return {
        **orientation.model_dump(),
        "pixel_spacing_column": PITCH_MM,
        "pixel_spacing_row": ROW_MM,
        "slice_thickness": PITCH_MM,
        "num_slices": SAMPLES,
        "pixel_width": SAMPLES,
        "pixel_height": 500,
        "laterality": "R",
        "analysis_type": analysis_type,
        "nerve_slice_indices": slices.tolist(),
        "nerve_landmarks_list": [[[x, 300] for x in pair] for pair in ends],
        "nerve_rnfl_layers": layers,
        **values,
    }


def statistics(request: Flat) -> Flat:
    """The documented answer's only field."""
    found = operation.call(request)
    assert set(found) == {"rnfl_thickness_statistics"}
    return found["rnfl_thickness_statistics"]  # type: ignore[no-any-return]


def double_hump(radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """0.1 mm, more nasally and temporally by 0.02."""
    return 0.1 + 0.02 * np.cos(2 * angle) + 0 * radius


def nasal_right(radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """0.1 mm, more on the right by 0.01."""
    return 0.1 + 0.01 * np.cos(angle) + 0 * radius


def constant(radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """0.1 mm."""
    return 0.1 + 0 * radius * angle


def test_constant_layer() -> None:
    """0.1 mm everywhere is 0.1 mm in all 53 sectors."""
    found = statistics(exam(constant, analysis_type="all"))
    assert {name: len(sectors) for name, sectors in found.items()} == {
        "quadrant": 4,
        "single_segment": 1,
        "twelve_segments": 12,
        "graph": 36,
    }
    for sectors in found.values():
        assert list(sectors) == [str(index) for index in range(len(sectors))]
        assert list(sectors.values()) == pytest.approx([0.1] * len(sectors), abs=1e-9)


def test_double_hump_in_all_sectors(orientation: Orientation) -> None:
    """0.1 + 0.02 cos 2 theta has closed forms for quadrants, hours, graph and circle, however it was scanned."""
    found = statistics(exam(double_hump, orientation, "all"))
    expected = {
        "quadrant": [0.112732, 0.087268, 0.112732, 0.087268],
        "single_segment": [0.1],
        "twelve_segments": [0.1 + 0.02 * 0.954930 * cos(radians(60 * k)) for k in range(12)],
        "graph": [0.1 + 0.02 * 0.994931 * cos(radians(2 * (-175 + 10 * k))) for k in range(36)],
    }
    for name, values in expected.items():
        assert list(found[name].values()) == pytest.approx(values, rel=5e-3)
    assert np.mean(list(found["graph"].values())) == pytest.approx(found["single_segment"]["0"], abs=1e-12)
    assert np.mean(list(found["twelve_segments"].values())) == pytest.approx(found["single_segment"]["0"], abs=1e-12)


@pytest.mark.parametrize(("laterality", "nasal", "temporal"), [("R", 0.109003, 0.090997), ("L", 0.090997, 0.109003)])
def test_index_0_is_nasal_in_both_eyes(
    orientation: Orientation, laterality: str, nasal: float, temporal: float
) -> None:
    """Thick on the right of the image is thick nasally in a right eye and temporally in a left one."""
    found = statistics(exam(nasal_right, orientation, laterality=laterality))
    assert (found["0"], found["2"]) == pytest.approx((nasal, temporal), rel=5e-3)
    assert found["1"] == pytest.approx(found["3"], abs=1e-6)


def test_inferior_is_down(orientation: Orientation) -> None:
    """Thick below is index 1 of the quadrants, 3 of the clock hours (6 h), 26 of the graph."""
    found = statistics(exam(lambda radius, angle: 0.1 + 0.01 * np.sin(angle) + 0 * radius, orientation, "all"))
    assert found["quadrant"]["1"] == pytest.approx(0.109003, rel=5e-3)
    for name, index in (("twelve_segments", "3"), ("graph", "26")):
        assert max(found[name], key=found[name].get) in {index, "27"}


def test_circle_lies_1_mm_from_the_edge() -> None:
    """0.2 / r is 0.2 / 1.75 on a circle 1 mm from the edge of a disc of 0.75, and 0.2 / 1.25 at 0.5 mm."""
    found = exam(lambda radius, angle: 0.2 / np.maximum(radius, 0.2) + 0 * angle)
    assert list(statistics(found).values()) == pytest.approx([0.2 / RADIUS_MM] * 4, rel=5e-3)
    assert list(statistics(found | {"mm_to_analyze": 0.5}).values()) == pytest.approx([0.2 / 1.25] * 4, rel=5e-3)
    ring = statistics(found | {"region": "fixed_circle"})
    assert list(ring.values()) == pytest.approx([0.2 / 1.73] * 4, rel=5e-3)
    wide = statistics(found | {"region": "fixed_circle", "diameter_mm": 4.1})
    assert list(wide.values()) == pytest.approx([0.2 / 2.05] * 4, rel=5e-3)


def test_annulus_is_weighted_by_area() -> None:
    """Over the annulus the mean of 0.2 / r is 0.4 / (inner + outer)."""
    found = statistics(
        exam(lambda radius, angle: 0.2 / np.maximum(radius, 0.2) + 0 * angle, analysis_type="all", region="annulus")
    )
    for sectors in found.values():
        assert list(sectors.values()) == pytest.approx([0.4 / (DISC_MM + RADIUS_MM)] * len(sectors), rel=5e-3)
    assert statistics(exam(nasal_right, region="annulus", laterality="L"))["2"] == pytest.approx(0.109003, rel=5e-3)


def test_extras() -> None:
    """The disc's place, the circle's radius, coverage and names; the hour is the one that the clinician sees."""
    request = exam(constant, analysis_type="all", include_extras=True)
    found = operation.call(request)
    assert found["disc_center_mm"] == pytest.approx([EXTENT_MM / 2] * 2, abs=1e-6)
    assert found["circle_radius_mm"] == pytest.approx(RADIUS_MM, abs=1e-3)
    assert found["coverage"]["quadrant"] == pytest.approx(dict.fromkeys("0123", 1.0))
    assert found["labels"]["quadrant"] == {"0": "nasal", "1": "inferior", "2": "temporal", "3": "superior"}
    hours = found["labels"]["twelve_segments"]
    assert (hours["0"], hours["3"], hours["6"], hours["9"]) == (
        "nasal (3 h)",
        "inferior (6 h)",
        "temporal (9 h)",
        "superior (12 h)",
    )
    left = operation.call(request | {"laterality": "L"})["labels"]["twelve_segments"]
    assert (left["0"], left["1"], left["9"], left["11"]) == (
        "nasal (9 h)",
        "nasal inferior (8 h)",
        "superior (12 h)",
        "nasal superior (10 h)",
    )
    graph = found["labels"]["graph"]
    assert (graph["0"], graph["8"], graph["9"], graph["17"], graph["26"]) == (
        "temporal",
        "superior",
        "superior",
        "nasal",
        "inferior",
    )
    assert "circle_radius_mm" not in operation.call(request | {"region": "annulus"})
    assert found["warnings"] == []


def _flat(layers: list[list[Flat]]) -> list[Flat]:
    return [{**instance, "scan_index": index} for index, line in reversed(list(enumerate(layers))) for instance in line]


FORMS: Mapping[str, Callable[[list[list[Flat]]], Any]] = {
    "lists over slices": lambda layers: layers,
    "legacy": lambda layers: [{"instances": line, "metadata": {"height": 500}} for line in layers],
    "flat": _flat,
    "flat without class": lambda layers: [{k: v for k, v in one.items() if k != "className"} for one in _flat(layers)],
    "what another step answers": lambda layers: tuple(
        tuple(Instance(points=one["points"], class_name="rnfl") for one in line) for line in layers
    ),
    "with another class": lambda layers: [
        [*line, {"points": [[0, 200], [259, 200], [259, 220]], "className": "gcl"}] for line in layers
    ],
    "of another name": lambda layers: [[{**one, "className": "NFL"} for one in line] for line in layers],
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_of_the_layer_is_read(form: Callable[[list[list[Flat]]], Any]) -> None:
    """The outlines may come by slice, as legacy dicts, flat with scan_index, or from another step."""
    request = exam(nasal_right)
    assert statistics(request | {"nerve_rnfl_layers": form(request["nerve_rnfl_layers"])}) == statistics(request)


@pytest.mark.parametrize("form", ["legacy", "flat"])
def test_layer_on_the_nerve_slices_only(form: str) -> None:
    """The circle is wider than the disc: superior and inferior are null, and a warning says why."""
    request = exam(constant, include_extras=True)
    slices = range(request["nerve_slice_indices"][0], request["nerve_slice_indices"][-1] + 1)
    nerve = [request["nerve_rnfl_layers"][index] for index in slices]
    given = (
        [{"instances": line, "metadata": {}} for line in nerve]
        if form == "legacy"
        else [{**one, "scan_index": index} for index, line in zip(slices, nerve, strict=True) for one in line]
    )
    ends = [request["nerve_landmarks_list"][min(place // 4, 17)] for place in range(len(nerve))]
    found = operation.call(
        request | {"nerve_rnfl_layers": given, "nerve_slice_indices": list(slices), "nerve_landmarks_list": ends}
    )
    mean = found["rnfl_thickness_statistics"]
    assert (mean["1"], mean["3"]) == (None, None)
    assert (mean["0"], mean["2"]) == pytest.approx((0.1, 0.1))
    assert any("nerve's slices only" in warning for warning in found["warnings"])
    assert any(warning.startswith("quadrant: not reported") for warning in found["warnings"])


def test_slice_without_the_layer_is_missing_not_zero() -> None:
    """Every other slice empty: nothing between slices can be interpolated, and nothing is averaged as 0."""
    request = exam(constant, include_extras=True)
    layers = [line if index % 2 else [] for index, line in enumerate(request["nerve_rnfl_layers"])]
    found = operation.call(request | {"nerve_rnfl_layers": layers})
    assert set(found["rnfl_thickness_statistics"].values()) == {None}
    assert max(found["coverage"].values()) < 0.01
    upper = [line if index < 170 else None for index, line in enumerate(request["nerve_rnfl_layers"])]
    mean = statistics(exam(constant, nerve_rnfl_layers=upper))
    assert mean == {"0": pytest.approx(0.1), "1": None, "2": pytest.approx(0.1), "3": pytest.approx(0.1)}


def test_circle_partly_outside_the_scan() -> None:
    """What the scan does not cover is null and said to be uncovered."""
    found = operation.call(exam(constant, include_extras=True, region="fixed_circle", diameter_mm=2 * 3.2))
    assert found["rnfl_thickness_statistics"]["0"] is None
    assert 0 < found["coverage"]["0"] < 0.5
    assert set(statistics(exam(constant, region="fixed_circle", diameter_mm=10)).values()) == {None}
    cut = statistics(exam(constant, region="annulus", mm_to_analyze=3))
    assert list(cut.values()) == pytest.approx([0.1] * 4)


def test_no_layer_at_all() -> None:
    """An empty list is an exam on which nothing was segmented."""
    assert set(statistics(exam(constant, nerve_rnfl_layers=[])).values()) == {None}


def test_outlines_end_at_the_image() -> None:
    """What an outline shows above the first row or below the last is not tissue."""
    outline = [{"points": [[0, -50.5], [259, -50.5], [259, 24.5], [0, 24.5]]}]
    slanting = [{"points": [[0, 474.5], [259, 474.5], [259, 1000], [0, 800]], "className": "rnfl"}]
    for instance in (outline, slanting):
        mean = statistics(exam(constant, nerve_rnfl_layers=[instance] * SAMPLES))
        assert list(mean.values()) == pytest.approx([25 * ROW_MM] * 4)


@pytest.mark.parametrize("laterality", ["R", "L"])
def test_phantom_has_its_profile(laterality: Any) -> None:
    """The healthy phantom, 1 mm round its disc: 0.120 mm above and below, 0.067 on either side."""
    eye = Eye(laterality=laterality)
    scan = disc_phantom(eye, images=False)
    nerve = np.flatnonzero(scan["landmarks"]["nerve"] > 0.3)  # type: ignore[index]
    borders = scan["layer_segmentation"]["borders"]  # type: ignore[index]
    geometry = {
        name: scan[name]
        for name in (*RIGHT.model_dump(), "pixel_spacing_column", "pixel_spacing_row", "slice_thickness")
    }
    found = operation.call(
        {
            **geometry,
            "analysis_type": "quadrant",
            "laterality": laterality,
            "num_slices": scan["num_slices"],
            "pixel_width": scan["pixel_image_width"],
            "pixel_height": scan["pixel_image_height"],
            "nerve_slice_indices": nerve.tolist(),
            "nerve_landmarks_list": scan["landmarks"]["nerve_coordinates"][nerve],  # type: ignore[index]
            "nerve_rnfl_layers": layer_outlines(borders[:2], ["rnfl"]),
        }
    )["rnfl_thickness_statistics"]
    side, pole = (RNFL_MEAN_MM - sign * RNFL_SWING_MM * 2 / pi for sign in (1, -1))
    assert list(found.values()) == pytest.approx([side, pole, side, pole], rel=0.02)


def test_statistics_are_millimetres_at_any_depth() -> None:
    """A recipe may wire the answer, or the graph within "all", where mm are wanted."""
    field = operation.output.model_fields["rnfl_thickness_statistics"]
    assert unit_of(field.annotation.__args__[1]) == Unit("mm")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("analysis_type", {"analysis_type": "octants"}),
        ("laterality", {"laterality": "OD"}),
        ("laterality", {"laterality": None}),
        ("mm_to_analyze", {"mm_to_analyze": 0}),
        ("mm_to_analyze", {"mm_to_analyze": 3.1}),
        ("diameter_mm", {"diameter_mm": 0}),
        ("region", {"region": "square"}),
        ("nerve_landmarks_list", {"nerve_landmarks_list": [[[1, 2], [3, 4]]]}),
        ("nerve_landmarks_list", {"nerve_landmarks_list": [[[1, 2], [3, 4]]], "nerve_slice_indices": [130]}),
        ("nerve_landmarks_list", {"nerve_landmarks_list": [], "nerve_slice_indices": []}),
        ("nerve_landmarks_list", {"nerve_landmarks_list": [[[1, 2], [None, None]]] * 18}),
        ("nerve_slice_indices", {"nerve_slice_indices": [7] * 18}),
        ("nerve_slice_indices", {"nerve_slice_indices": list(range(243, 261))}),
        ("nerve_rnfl_layers", {"nerve_rnfl_layers": [[]] * 7}),
        ("nerve_rnfl_layers", {"nerve_rnfl_layers": "rnfl"}),
        ("nerve_rnfl_layers.0", {"nerve_rnfl_layers": [5]}),
        ("nerve_rnfl_layers.1.scan_index", {"nerve_rnfl_layers": [{"points": [], "scan_index": 3}, {"points": []}]}),
        ("nerve_rnfl_layers.0.scan_index", {"nerve_rnfl_layers": [{"points": [], "scan_index": 260}]}),
        ("nerve_rnfl_layers.0.scan_index", {"nerve_rnfl_layers": [{"points": [], "scan_index": -1}]}),
        ("nerve_rnfl_layers.2.points", {"nerve_rnfl_layers": [[], [], [{"points": [[0, None], [1, 2]]}]] + [[]] * 257}),
        ("pixel_width", {"pixel_width": 0}),
        ("pixel_spacing_column", {"pixel_spacing_column": 20}),
        ("scan_protocol", {"scan_protocol": "RADIAL"}),
    ],
)  # fmt: skip
def test_wrong_input_is_refused_by_name(field: str, change: Flat) -> None:
    """Discs that cannot be located, lengths, slices outside, words that are none: the error names the field."""
    with pytest.raises(InputError) as error:
        operation.call(exam(constant) | change)
    assert error.value.field == field


def test_two_classes_of_which_none_is_the_layer() -> None:
    """Which of them to measure nobody said."""
    box = [[0, 1], [9, 1], [9, 5]]
    with pytest.raises(InputError, match="no rnfl"):
        operation.call(
            exam(
                constant, nerve_rnfl_layers=[[{"points": box, "className": name} for name in ("gcl", "ipl")]] * SAMPLES
            )
        )


def test_disc_without_neighbouring_slices_is_interpolated() -> None:
    """Two slices locate the disc, from edge to edge."""
    request = exam(constant, include_extras=True)
    found = operation.call(
        request | {"nerve_slice_indices": [120, 139], "nerve_landmarks_list": [[[100, 300], [159, 300]]] * 2}
    )
    area = 59 * PITCH_MM * 19 * PITCH_MM
    assert found["circle_radius_mm"] == pytest.approx(sqrt(area / pi) + 1)
    assert found["disc_center_mm"] == pytest.approx([EXTENT_MM / 2] * 2)


def test_layers_of_another_step_are_taken_as_they_are() -> None:
    """The record that reads the layer takes tuples of instances without touching them."""
    instance = Instance(points=np.array([(0.0, 1.0), (5.0, 2.0), (5.0, 8.0)]), class_name="rnfl")
    read = NerveLayers.read(((instance,), ()))
    assert read.lines == ((instance,), ())
    assert NerveLayers.read(read) is read
