"""A layer is picked from both forms of a segmentation, and the ILM is where the retina begins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from foveola import InputError
from foveola_oct.retina import LayerSegmentation
from foveola_oct.retina.outlines import outline_area
from foveola_oct.retina.phantoms import disc_phantom, layer_outlines
from foveola_oct.thickness.layers_on_slices import layers_on_slices

BORDERS = {
    "borders": [
        [[10, 11, 12, 13], [None, 21, 22, 23], [30, 31, 32, 33]],
        [[15, 15, 15, 15], [None, 25, None, 25], [35, 30, None, 35]],
        [[19, 19, 19, 19], [None, 29, 29, 29], [39, 39, 39, 39]],
    ],
    "layers": ["rnfl", "gcl"],
}


def instance(points, name="rnfl"):
    """An outline of the guide's form."""
    return {"points": points, "className": name}


def lines(segmentation, layer, **more):
    """The points of each instance of each slice."""
    answer = layers_on_slices.call({"segmentation_instances": segmentation, "layer": layer, **more})["lines"]
    assert {one["className"] for slice_ in answer for one in slice_} <= {layer}
    return [[one["points"] for one in slice_] for slice_ in answer]


# --- borders ----------------------------------------------------------------------------------------------------------


def test_the_first_border_is_the_ilm():
    """It is an open line with a point per column, from left to right, broken where it is missing."""
    assert lines(BORDERS, "ilm") == [
        [[[0, 10], [1, 11], [2, 12], [3, 13]]],
        [[[1, 21], [2, 22], [3, 23]]],
        [[[0, 30], [1, 31], [2, 32], [3, 33]]],
    ]


def test_a_layer_is_outlined_between_its_borders():
    """There along the upper border and back along the lower one; gaps and crossed borders break it."""
    assert lines(BORDERS, "rnfl") == [
        [[[0, 10], [1, 11], [2, 12], [3, 13], [3, 15], [2, 15], [1, 15], [0, 15]]],
        [],
        [],
    ]
    assert lines(BORDERS, "gcl", slices=[2]) == [[[[0, 35], [1, 30], [1, 39], [0, 39]]]]


def test_slices_come_in_the_order_they_are_asked_for():
    """Null is all of them; none may be asked for, and one twice."""
    everything = lines(BORDERS, "ilm")
    assert lines(BORDERS, "ilm", slices=None) == everything
    assert lines(BORDERS, "ilm", slices=[2, 0, 2]) == [everything[2], everything[0], everything[2]]
    assert lines(BORDERS, "ilm", slices=[]) == []


def test_a_layer_called_ilm_is_that_layer():
    """A model that has a class for it knows best."""
    named = {**BORDERS, "layers": ["ilm", "gcl"]}
    assert lines(named, "ilm") == lines(BORDERS, "rnfl")
    top = instance([[0, 5], [9, 5], [9, 6], [0, 6]], "ilm")
    assert lines([[instance([[0, 1], [9, 1], [9, 9]]), top]], "ilm") == [[top["points"]]]


def test_inside_the_optic_disc_there_is_an_ilm_and_nothing_else():
    """The ILM runs through; the layers end at the edge of the disc and begin again behind it."""
    exam = disc_phantom(images=False, num_slices=15, pixel_image_width=300)
    segmentation = exam["layer_segmentation"]
    for index, ilm in enumerate(lines(segmentation, "ilm")):
        np.testing.assert_array_equal(ilm, [np.column_stack([np.arange(300), segmentation["borders"][0, index]])])
    assert [len(slice_) for slice_ in lines(segmentation, "rnfl")] == [1] * 5 + [2] * 5 + [1] * 5


rows = st.one_of(st.integers(0, 9).map(float), st.just(np.nan))


@given(arrays(np.float64, (2, 3, 8), elements=rows))
def test_outlines_enclose_what_lies_between_borders(borders):
    """Their areas are those of the trapezia between neighbouring columns."""
    height = borders[1] - borders[0]
    height[height < 0] = np.nan
    trapezia = np.nan_to_num((height[:, :-1] + height[:, 1:]) / 2).sum(axis=1)
    segmentation = LayerSegmentation.read({"borders": borders, "layers": ["rnfl"]})
    for drawn, area in zip(layers_on_slices(segmentation, "rnfl").lines, trapezia, strict=True):
        assert sum(outline_area(one.points) for one in drawn) == pytest.approx(area)


# --- outlines ---------------------------------------------------------------------------------------------------------


def test_outlines_of_a_layer_are_passed_on():
    """Each slice has those of the layer, as they are; none is an empty list."""
    one, two = [[0, 1], [9, 1], [9, 9]], [[0, 2], [9, 2], [9, 8]]
    instances = [[instance(one), instance(two, "gcl"), instance(two)], [], [instance(one, "gcl")]]
    assert lines(instances, "rnfl") == [[one, two], [], []]
    assert lines(instances, "gcl", slices=[2, 1]) == [[one], []]


def test_the_ilm_of_outlines_is_their_upper_envelope():
    """Where the uppermost layer has vanished, the next one begins the retina; where there is none, there is no ILM."""
    rnfl = instance([[0, 10], [3, 13], [3, 20], [0, 20]])
    gcl = instance([[0, 20], [6, 20], [6, 30], [0, 30]], "gcl")
    behind = instance([[8, 15], [9, 15], [9, 20], [8, 20]])
    assert lines([[gcl, rnfl, behind], []], "ilm") == [
        [[[0, 10], [1, 11], [2, 12], [3, 20], [4, 20], [5, 20]], [[8, 15], [9, 15]]],
        [],
    ]


def test_both_forms_of_a_segmentation_have_the_same_ilm():
    """Outside the disc, where outlines know of it."""
    exam = disc_phantom(images=False, num_slices=15, pixel_image_width=300)
    segmentation = exam["layer_segmentation"]
    by_outlines = lines(layer_outlines(**segmentation), "ilm")
    for index, ilm in enumerate(by_outlines):
        x, y = np.concatenate(ilm).T
        assert y == pytest.approx(segmentation["borders"][0, index, x.astype(int)])
    assert by_outlines[0] == lines(segmentation, "ilm")[0]


def test_outlines_beside_the_image_have_no_ilm():
    """Columns begin at 0."""
    assert lines([[instance([[-9, 1], [-2, 1], [-2, 9]])]], "ilm") == [[]]
    assert lines([[], []], "ilm") == [[], []]
    assert lines([], "ilm") == []


# --- what is wrong ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("segmentation", [BORDERS, [[instance([[0, 1], [9, 1], [9, 9]])], []]])
def test_a_layer_that_nobody_segmented_is_missing_on_all_slices(segmentation):
    """A warning says which layers there are."""
    asked = {"segmentation_instances": segmentation, "layer": "rnlf", "slices": [1, 0], "include_extras": True}
    answer = layers_on_slices.call(asked)
    assert answer["lines"] == [[], []]
    assert answer["warnings"][0].startswith("no slice has rnlf (there are rnfl")


@pytest.mark.parametrize("slices", [[3], [0, -1]])
@pytest.mark.parametrize("layer", ["ilm", "rnfl"])
def test_slices_outside_the_exam_are_refused(slices, layer):
    """The error says which slices there are."""
    with pytest.raises(InputError, match="the exam has slices 0 to 2") as refusal:
        lines(BORDERS, layer, slices=slices)
    assert refusal.value.field == "slices"


def test_outlines_beyond_any_scan_are_refused():
    """A corner a million columns away, on a thousand slices, would ask for more than memory holds."""
    with pytest.raises(InputError, match="no scan has so many samples") as refusal:
        lines([[instance([[0, 1], [1e6, 1], [9, 9]])], *[[]] * 1000], "ilm")
    assert refusal.value.field == "segmentation_instances"


def test_what_is_passed_on_is_read_only():
    """The memo hands the same arrays to everyone."""
    segmentation = LayerSegmentation.read(BORDERS)
    for layer in ("ilm", "rnfl"):
        assert not layers_on_slices(segmentation, layer, (0,)).lines[0][0].points.flags.writeable
