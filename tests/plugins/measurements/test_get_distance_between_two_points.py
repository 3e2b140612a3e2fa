"""Distance between two points of a B-scan."""

from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.measurements.get_distance_between_two_points import get_distance_between_two_points

PITCH = {"pixel_spacing_column": 0.01, "pixel_spacing_row": 0.004}

points = st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))


def distance(one, other):
    """Measure with the pitch of the examples."""
    return get_distance_between_two_points(one, other, 0.01, 0.004).distance


@pytest.mark.parametrize(
    ("point_to", "expected"),
    [
        pytest.param([30, 0], 0.3, id="along"),
        pytest.param([0, 100], 0.4, id="axial"),
        pytest.param([30, 100], 0.5, id="both"),
        pytest.param([0, 0], 0.0, id="nowhere"),
        pytest.param([-30, -100], 0.5, id="outside_the_image"),
        pytest.param([1.5, 0], 0.015, id="between_pixels"),
    ],
)
def test_documented_distances(point_to, expected):
    """Pixels become millimetres along each axis before they are added."""
    answer = get_distance_between_two_points.call({"point_from": [0, 0], "point_to": point_to, **PITCH})
    assert answer == {"distance": pytest.approx(expected)}


@given(points, points, points)
def test_distance_is_a_metric(one, other, third):
    """It is symmetric, and a detour is never shorter."""
    assert distance(one, other) == distance(other, one)
    assert distance(one, other) <= distance(one, third) + distance(third, other) + 1e-9


@pytest.mark.parametrize("name", ["point_from", "point_to"])
@pytest.mark.parametrize(
    "point",
    [[1], [1, 2, 3], [1, 1e300], [1, None], [1, nan], [inf, 1], ["1", "2"], [True, 1], {"x": 1, "y": 2}, None, 5],
    ids=str,
)
def test_a_point_is_two_finite_numbers(name, point):
    """Whatever else is given is refused by the name of the point."""
    values = {"point_from": [0, 0], "point_to": [1, 1], **PITCH} | {name: point}
    with pytest.raises(InputError) as caught:
        get_distance_between_two_points.call(values)
    assert caught.value.field.split(".")[0] == name


@pytest.mark.parametrize(
    ("name", "value"), [("pixel_spacing_column", 11.7), ("pixel_spacing_row", 3.9), ("pixel_spacing_row", 0)]
)
def test_micrometres_are_refused(name, value):
    """A spacing outside its range names itself."""
    with pytest.raises(InputError) as caught:
        get_distance_between_two_points.call({"point_from": [0, 0], "point_to": [1, 1], **PITCH, name: value})
    assert caught.value.field == name
