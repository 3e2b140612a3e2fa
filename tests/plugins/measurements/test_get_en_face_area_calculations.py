"""Area of each pathology, seen from the front."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest

from foveola import InputError
from foveola_oct.measurements.get_en_face_area_calculations import get_en_face_area_calculations

CUBE = {"pixel_spacing_column": 0.01171875, "slice_thickness": 0.24}


def call(maps, **more):
    """The documented answer for maps of a macular cube."""
    return get_en_face_area_calculations.call({"pathology_thickness_maps": maps, **CUBE, **more})


def one_sample():
    """A cube with one sample of a lesion."""
    lesion = np.zeros((25, 512))
    lesion[7, 100] = 3.0
    return lesion


@pytest.mark.parametrize(
    ("lesion", "area"),
    [
        pytest.param(np.ones((25, 512)), 36.0, id="everywhere"),
        pytest.param(np.full((25, 512), 40.0), 36.0, id="thick"),
        pytest.param(one_sample(), 0.0028125, id="one_sample"),
        pytest.param(np.zeros((25, 512)), 0.0, id="nowhere"),
        pytest.param([[None, 1, None], [0, None, 2]], 2 * 0.0028125, id="null_is_absence"),
        pytest.param([[5]], 0.0028125, id="one_slice"),
    ],
)
def test_samples_are_counted(lesion, area):
    """Every sample with a lesion is one cell, however thick it is."""
    assert call({"fluid": lesion}) == {"areas": {"fluid": pytest.approx(area)}}


def test_a_disc_has_its_area():
    """A lesion of 1 mm radius on a fine grid."""
    y, x = np.mgrid[-150:150, -150:150] * 0.01
    areas = call({"disc": np.hypot(y, x) < 1}, pixel_spacing_column=0.01, slice_thickness=0.01)["areas"]
    assert areas["disc"] == pytest.approx(pi, rel=0.005)


def test_thin_lesions_may_be_left_out():
    """A sample counts if it is strictly thicker than the limit."""
    assert call({"fluid": [[1, 2, 3]]}, min_thickness=2)["areas"]["fluid"] == pytest.approx(0.0028125)


def test_maps_are_independent():
    """Maps of different shapes go together, none is no error, and names come back as they are."""
    answer = call({"B": np.ones((2, 3)), "a b": np.ones((5, 1))})
    assert list(answer["areas"]) == ["B", "a b"]
    assert list(answer["areas"].values()) == pytest.approx([6 * 0.0028125, 5 * 0.0028125])
    assert call({}) == {"areas": {}}


def test_negative_thickness_is_absence_with_a_warning():
    """Sparse exams and negative samples are warned of among the extras."""
    answer = call({"fluid": [[-1, 1]]}, include_extras=True)
    assert answer["areas"]["fluid"] == pytest.approx(0.0028125)
    assert [warning.split()[0] for warning in answer["warnings"]] == ["fluid", "B-scans"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        pytest.param(
            {"pathology_thickness_maps": {"fluid": [[1, 2], [3]]}}, "pathology_thickness_maps.fluid", id="ragged"
        ),
        pytest.param({"pathology_thickness_maps": {"fluid": [[]]}}, "pathology_thickness_maps.fluid", id="empty"),
        pytest.param({"pathology_thickness_maps": {"fluid": [1, 2]}}, "pathology_thickness_maps.fluid", id="flat"),
        pytest.param({"pathology_thickness_maps": [[1]]}, "pathology_thickness_maps", id="no_names"),
        pytest.param({"slice_thickness": None}, "slice_thickness", id="no_slice_thickness"),
        pytest.param({"slice_thickness": 240}, "slice_thickness", id="micrometres"),
        pytest.param({"min_thickness": -1}, "min_thickness", id="negative_limit"),
    ],
)
def test_bad_requests_name_the_field(changed, field):
    """What is wrong is told by the name of the field."""
    with pytest.raises(InputError) as caught:
        call({"fluid": [[1]]}, **changed)
    assert caught.value.field == field
