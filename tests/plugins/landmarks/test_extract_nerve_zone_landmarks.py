"""The zone of the optic nerve head and its landmarks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.landmarks.extract_nerve_zone_landmarks import extract_nerve_zone_landmarks
from foveola_oct.retina.phantoms import disc_phantom, macula_phantom

ENDS = [[40.0, 210.0], [90.0, 200.0]]


def predictions(nerve, count=20, **more):
    """Make predictions for slices 0 to count - 1: the named ones as given, the others unlikely."""
    return {
        "indices": list(range(count)),
        "nerve_probabilities": [nerve.get(index, 0.05) for index in range(count)],
        "coordinates": [ENDS] * count,
        "landmark_probabilities": [[0.9, 0.9]] * count,
        **more,
    }


def test_zone_and_landmarks():
    """Unlikely slices belong to the zone of a confident one."""
    assert extract_nerve_zone_landmarks.call(predictions({10: 0.4, 11: 0.7, 12: 0.4})) == {
        "status": "found",
        "nerve_zone_slice_indices": [10, 11, 12],
        "nerve_zone_landmarks": [ENDS] * 3,
    }


@pytest.mark.parametrize(
    ("likely", "more", "zone"),
    [
        pytest.param({10: 0.4, 11: 0.6, 12: 0.4}, {}, None, id="no_confident_slice"),
        pytest.param({10: 0.4, 11: 0.65, 12: 0.4}, {}, [10, 11, 12], id="confidence_counts"),
        pytest.param({10: 0.3, 11: 0.7}, {}, [10, 11], id="threshold_counts"),
        pytest.param({11: 0.9}, {}, None, id="one_slice"),
        pytest.param({11: 0.9}, {"nerve_min_number_of_sequential_slices": 1}, [11], id="one_slice_if_so_told"),
        pytest.param(
            {2: 0.7, 3: 0.7, 4: 0.1} | dict.fromkeys(range(10, 14), 0.66), {}, [10, 11, 12, 13], id="larger_sum"
        ),
        pytest.param({5: 0.7, 8: 0.7}, {}, [5, 8], id="difference_of_3_is_bridged"),
        pytest.param({5: 0.7, 9: 0.7}, {}, None, id="difference_of_4_is_not"),
        pytest.param({5: 0.7, 9: 0.7}, {"nerve_connectivity_level": 4}, [5, 9], id="unless_so_told"),
        pytest.param({10: 0.2, 11: 0.7}, {"nerve_existence_threshold": 0.2}, [10, 11], id="other_threshold"),
        pytest.param({10: 0.5, 11: 0.5}, {"nerve_confidence_threshold": 0.5}, [10, 11], id="other_confidence"),
        pytest.param({}, {}, None, id="none"),
    ],
)
def test_which_slices_make_a_zone(likely, more, zone):
    """Hysteresis, connectivity and number of slices; without a zone there are no lists."""
    answer = extract_nerve_zone_landmarks.call(predictions(likely, **more))
    assert answer.get("nerve_zone_slice_indices") == zone
    if zone is None:
        assert answer == {"status": "not_found"}


def landmarks_of(points, existence):
    """Give the landmarks of the first slice of a zone."""
    request = predictions({10: 0.7, 11: 0.7}, coordinates=[points] * 20, landmark_probabilities=[existence] * 20)
    return extract_nerve_zone_landmarks.call(request)["nerve_zone_landmarks"][0]


@pytest.mark.parametrize(
    ("points", "existence", "expected"),
    [
        pytest.param([[90, 1], [40, 2]], [0.9, 0.9], [[40, 2], [90, 1]], id="left_to_right"),
        pytest.param([[90, 1], [40, 2]], [0.9, 0.29], [[90, 1], [None, None]], id="unlikely"),
        pytest.param([[90, 1], [40, 2]], [0.9, 0.3], [[40, 2], [90, 1]], id="threshold_counts"),
        pytest.param([[90, 1], [None, 2]], [0.9, 0.9], [[90, 1], [None, None]], id="half_a_point"),
        pytest.param([[90, 1], [40, 2], [60, 3]], [0.9] * 3, [[40, 2], [60, 3], [90, 1]], id="three"),
        pytest.param([[90, 1], [40, 2], [60, 3]], [0.9, 0.9, 0.1], [[90, 1], [40, 2], [None, None]], id="two_of_three"),
        pytest.param([[90, 1], [40, 2]], [0.1, 0.1], [[None, None], [None, None]], id="none"),
    ],
)
def test_landmarks_of_a_slice(points, existence, expected):
    """Sorted from left to right if all are valid, else in their own order with nulls; the slice stays."""
    assert landmarks_of(points, existence) == expected


@given(order=st.permutations(range(20)))
def test_order_of_the_rows_does_not_matter(order):
    """Slices are known by their indices."""
    request = predictions({10: 0.4, 11: 0.7, 12: 0.4}, coordinates=[[[i, 1.0], [i + 9, 2.0]] for i in range(20)])
    shuffled = {name: [rows[place] for place in order] for name, rows in request.items()}
    assert extract_nerve_zone_landmarks.call(shuffled) == extract_nerve_zone_landmarks.call(request)


def test_no_slices():
    """An empty list of everything finds nothing."""
    assert extract_nerve_zone_landmarks.call({name: [] for name in predictions({})}) == {"status": "not_found"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"coordinates": [[[1, 2]]] * 20, "landmark_probabilities": [[1]] * 20}, "coordinates"),
        ({"coordinates": [ENDS[:1], *[ENDS] * 19]}, "coordinates"),
        ({"landmark_probabilities": [[1, 1, 1]] * 20}, "coordinates"),
        ({"nerve_probabilities": [0.5] * 19}, "nerve_probabilities"),
        ({"indices": [3] * 20}, "indices"),
        ({"nerve_probabilities": [1.5] * 20}, "nerve_probabilities"),
        ({"nerve_confidence_threshold": -0.1}, "nerve_confidence_threshold"),
        ({"nerve_connectivity_level": 0}, "nerve_connectivity_level"),
        ({"nerve_min_number_of_sequential_slices": 0}, "nerve_min_number_of_sequential_slices"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_wrong_input_is_refused_by_name(wrong, field):
    """What is wrong is named."""
    with pytest.raises(InputError) as refused:
        extract_nerve_zone_landmarks.call(predictions({10: 0.7, 11: 0.7}) | wrong)
    assert refused.value.field == field


def of_phantom(landmarks):
    """Wire the landmarks of an exam."""
    return extract_nerve_zone_landmarks.call(
        {
            "nerve_probabilities": landmarks["nerve"],
            "indices": landmarks["indices"],
            "coordinates": landmarks["nerve_coordinates"],
            "landmark_probabilities": landmarks["nerve_existence"],
        }
    )


def test_phantom_disc_is_as_high_as_its_zone(orientation):
    """Of a synthetic disc the zone spans the opening, its widest slice as wide as the opening."""
    exam = disc_phantom(images=False, **orientation.model_dump())
    answer = of_phantom(exam["landmarks"])
    zone = answer["nerve_zone_slice_indices"]
    widths = [right[0] - left[0] for left, right in answer["nerve_zone_landmarks"]]
    assert (zone[-1] - zone[0] + 1) * exam["slice_thickness"] == pytest.approx(2 * 0.85, abs=0.3)
    assert max(widths) * exam["pixel_spacing_column"] == pytest.approx(2 * 0.85, abs=0.02)


def test_phantom_macula_has_no_disc():
    """A scan of the macula has no nerve head."""
    assert of_phantom(macula_phantom(images=False)["landmarks"]) == {"status": "not_found"}
