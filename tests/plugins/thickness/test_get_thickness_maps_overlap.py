"""Where several layers or lesions coincide."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from foveola import InputError
from foveola_oct.measurements.get_en_face_area_calculations import get_en_face_area_calculations
from foveola_oct.retina import LayerThicknessMaps, PathologyThicknessMaps, ThicknessMap, ThicknessMaps
from foveola_oct.thickness.get_thickness_maps_overlap import get_thickness_maps_overlap

samples = hnp.arrays(float, (3, 4), elements=st.sampled_from([np.nan, -1.0, 0.0, 1.0, 2.5, 7.0]))


def call(*maps, **more):
    """The documented answer for some maps."""
    return get_thickness_maps_overlap.call({"thickness_maps": dict(zip("ABCDE", maps, strict=False)), **more})


def overlap(*maps):
    """The overlap of some maps as an array."""
    return np.array(call(*maps)["thickness_map_overlap"], dtype=float)


@pytest.mark.parametrize(
    ("maps", "expected"),
    [
        pytest.param([[[1, 1, 0]], [[0, 0, 1]]], [[0, 0, 0]], id="disjoint"),
        pytest.param([[[1, 2, 0]], [[1, 2, 0]]], [[1, 2, 0]], id="identical"),
        pytest.param([[[3, 3, 0]], [[0, 5, 5]]], [[0, 3, 0]], id="shifted"),
        pytest.param([[[3, 3, 3]], [[2, 5, 5]], [[4, 1, 0]]], [[2, 1, 0]], id="three"),
        pytest.param([[[3, -2, None]]], [[3, 0, None]], id="one"),
        pytest.param([[[None, None, None]], [[2, 0, -1]]], [[None, 0, 0]], id="null_is_unknown_unless_absent"),
        pytest.param([[[None]], [[None]], [[2]]], [[None]], id="unknown_twice"),
    ],
)
def test_the_least_thickness_is_common(maps, expected):
    """Where all are positive; nothing elsewhere."""
    assert call(*maps) == {"thickness_map_overlap": expected}


@given(samples, samples, samples)
def test_overlap_is_an_intersection(one, other, third):
    """It is commutative, associative and idempotent."""
    results = [overlap(*order) for order in permutations([one, other, third])]
    for result in (*results, overlap(overlap(one, other), third), overlap(one, overlap(other, third))):
        np.testing.assert_array_equal(result, results[0])
    np.testing.assert_array_equal(overlap(one, one), overlap(one))


def test_the_support_is_the_intersection():
    """Its area is that of the samples which both have."""
    one, other = np.zeros((20, 20)), np.zeros((20, 20))
    one[2:12, 2:12], other[5:15, 7:17] = 3.0, 5.0
    common = call(one, other)["thickness_map_overlap"]
    answer = get_en_face_area_calculations.call(
        {"pathology_thickness_maps": {"both": common}, "pixel_spacing_column": 0.1, "slice_thickness": 0.2}
    )
    assert answer["areas"]["both"] == pytest.approx(7 * 5 * 0.02)
    assert {sample for row in common for sample in row} == {0.0, 3.0}


@pytest.mark.parametrize("kind", [LayerThicknessMaps, PathologyThicknessMaps])
def test_the_overlap_keeps_its_place(kind):
    """The fovea, the scanned part and the padding are those of the maps, of layers or of lesions."""
    values = np.array([[np.nan, 4.0], [np.nan, 2.0]])
    known = ThicknessMap(values=values, center=(1.0, 0.5), valid_window=(0, 2, 1, 2), padding_value=0.0)
    found = get_thickness_maps_overlap(kind(maps={"A": ThicknessMap(values=np.ones((2, 2))), "B": known}))
    common = found.thickness_map_overlap
    assert (common.center, common.valid_window, common.padding_value) == ((1.0, 0.5), (0, 2, 1, 2), 0.0)
    assert not common.values.flags.writeable
    assert found.plain() == {"thickness_map_overlap": [[0.0, 1.0], [0.0, 1.0]]}


def test_maps_of_different_places_have_no_overlap():
    """Sample by sample they show different parts of the retina."""
    maps = {
        name: ThicknessMap(values=np.ones((2, 2)), center=center)
        for name, center in (("A", (0.0, 0.0)), ("B", (1.0, 0.0)))
    }
    with pytest.raises(InputError, match="thickness_maps: have the fovea in different places"):
        get_thickness_maps_overlap(ThicknessMaps(maps=maps))


def test_negative_thickness_is_warned_of():
    """By the map's name, on request."""
    assert call([[-1]], include_extras=True)["warnings"] == ["A has negative thickness; it is taken for 0"]


@pytest.mark.parametrize(
    ("maps", "field"),
    [
        ({}, "thickness_maps"),
        ({"A": [[1, 2]], "B": [[1], [2]]}, "thickness_maps"),
        ({"A": [[1, 2], [3]]}, "thickness_maps.A"),
        ({"A": []}, "thickness_maps.A"),
        ({"A": [["1"]]}, "thickness_maps.A"),
        (None, "thickness_maps"),
        ([[1]], "thickness_maps"),
    ],
    ids=str,
)
def test_bad_requests_name_the_field(maps, field):
    """What is wrong is told by the name of the field."""
    with pytest.raises(InputError) as caught:
        get_thickness_maps_overlap.call({"thickness_maps": maps})
    assert caught.value.field == field
