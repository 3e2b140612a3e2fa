"""Number of drusen and of hyperreflective foci."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from foveola import InputError
from foveola_oct.analyzers.get_pathology_amount import get_pathology_amount

CHECKERBOARD = np.indices((4, 4)).sum(axis=0) % 2
RING = np.pad(np.zeros((3, 3)), 1, constant_values=1.0)
SQUARES = np.kron([[1, 0, 1], [0, 0, 0], [0, 0, 1]], np.ones((3, 3)))
DIAGONAL = [[2, 0], [0, 2]]

lesions = hnp.arrays(bool, st.tuples(st.integers(1, 7), st.integers(1, 7)))


def count(lesion, **more):
    """How many drusen a map shows."""
    return get_pathology_amount.call({"pathology_thickness_maps": {"drusen": lesion}, **more})["drusen"]


@pytest.mark.parametrize(
    ("lesion", "eight", "four"),
    [
        pytest.param(SQUARES, 3, 3, id="squares"),
        pytest.param(DIAGONAL, 1, 2, id="diagonal"),
        pytest.param(RING, 1, 1, id="ring"),
        pytest.param(CHECKERBOARD, 1, 8, id="checkerboard"),
        pytest.param(np.ones((5, 5)), 1, 1, id="everywhere"),
        pytest.param(np.zeros((5, 5)), 0, 0, id="nowhere"),
        pytest.param([[1, None, 1]], 2, 2, id="null_parts"),
        pytest.param([[1, -1, 1]], 2, 2, id="negative_parts"),
        pytest.param([[1, 9, 1]], 1, 1, id="thickness_does_not_part"),
        pytest.param([[0, 1], [0, 0], [1, 0]], 2, 2, id="on_the_border"),
    ],
)
def test_what_hangs_together_is_one(lesion, eight, four):
    """With eight neighbours, or with four."""
    assert count(lesion) == count(lesion, connectivity=8) == eight
    assert count(lesion, connectivity=4) == four


@pytest.mark.parametrize(("min_area_px", "expected"), [(1, 3), (2, 2), (3, 1), (4, 0)])
def test_small_ones_may_be_left_out(min_area_px, expected):
    """A lesion counts that has at least so many samples."""
    assert count([[1, 0, 1, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 0, 0]], min_area_px=min_area_px) == expected


@given(lesions)
def test_turning_the_map_changes_nothing(lesion):
    """Neither flips nor transposition; and fewer neighbours never join more."""
    counts = {count(turned) for turned in (lesion, lesion[::-1], lesion[:, ::-1], lesion.T)}
    assert len(counts) == 1
    assert count(lesion, connectivity=4) >= counts.pop()


def test_every_class_is_counted_by_itself():
    """The answer is bare, its names as they were given, and maps may have different shapes."""
    maps = {
        "intraretinal_hyperreflective_foci": [[1, 0, 1]],
        "hard_drusen": DIAGONAL,
        "soft_drusen": [[0]],
        "confluent_drusen": np.ones((4, 4)),
    }
    answer = get_pathology_amount.call({"pathology_thickness_maps": maps})
    assert answer == {
        "intraretinal_hyperreflective_foci": 2,
        "hard_drusen": 1,
        "soft_drusen": 0,
        "confluent_drusen": 1,
    }
    assert get_pathology_amount.call({"pathology_thickness_maps": {}}) == {}


def test_a_list_of_maps_is_read_too():
    """The sibling's form has the same answer."""
    listed = [{"thickness_map": DIAGONAL, "pathology": "soft_drusen"}, {"thickness_map": [[1]], "pathology": "drusen"}]
    assert get_pathology_amount.call({"pathology_thickness_maps": listed}) == {"soft_drusen": 1, "drusen": 1}
    assert get_pathology_amount.call({"pathology_thickness_maps": []}) == {}


def test_warnings_stand_beside_the_counts():
    """Only where they are asked for."""
    request = {"pathology_thickness_maps": {"drusen": [[-1]]}}
    assert get_pathology_amount.call(request) == {"drusen": 0}
    assert get_pathology_amount.call({**request, "include_extras": True}) == {
        "drusen": 0,
        "warnings": ["drusen has negative thickness; it is taken for 0"],
    }


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"pathology_thickness_maps": {"drusen": [[1]], "fluid": [[1]]}}, "pathology_thickness_maps"),
        ({"pathology_thickness_maps": {"drusen": [[1, 2], [1]]}}, "pathology_thickness_maps.drusen"),
        ({"pathology_thickness_maps": [{"pathology": "drusen"}]}, "pathology_thickness_maps.0"),
        (
            {"pathology_thickness_maps": [{"thickness_map": [[1]], "pathology": "drusen"}] * 2},
            "pathology_thickness_maps.1",
        ),
        ({"pathology_thickness_maps": [[1]]}, "pathology_thickness_maps.0"),
        ({"pathology_thickness_maps": "drusen"}, "pathology_thickness_maps"),
        ({"connectivity": 6}, "connectivity"),
        ({"min_area_px": 0}, "min_area_px"),
    ],
    ids=str,
)
def test_bad_requests_name_the_field(changed, field):
    """What is wrong is told by the name of the field."""
    with pytest.raises(InputError) as caught:
        get_pathology_amount.call({"pathology_thickness_maps": {}, **changed})
    assert caught.value.field == field
