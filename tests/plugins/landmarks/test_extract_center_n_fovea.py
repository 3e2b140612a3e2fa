"""The foveal zone and the centre of the exam."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.landmarks.extract_center_n_fovea import extract_center_n_fovea
from foveola_oct.retina.phantoms import Scan, disc_phantom, macula_phantom, pathological_phantom

RIMS_AND_PIT = [[200.0, 90.0], [250.0, 120.0], [300.0, 90.0]]


def predictions(fovea, center=None, count=10, **more):
    """Make predictions for slices 0 to count - 1: the named ones as given, the others unlikely."""
    center = {} if center is None else center
    return {
        "indices": list(range(count)),
        "fovea_probabilities": [fovea.get(index, 0.1) for index in range(count)],
        "center_probabilities": [center.get(index, 0.0) for index in range(count)],
        "coordinates": [RIMS_AND_PIT] * count,
        "landmark_probabilities": [[0.9, 0.9, 0.9]] * count,
        **more,
    }


def row(default, count=10, **at):
    """Give the same row for every slice but some, named as `at5`."""
    rows = [default] * count
    for name, value in at.items():
        rows[int(name.removeprefix("at"))] = value
    return rows


ZONE = predictions({4: 0.9, 5: 0.9, 6: 0.9}, {4: 0.2, 5: 0.9, 6: 0.3})


def test_zone_center_and_landmarks():
    """The run of likely slices, its central one and the pit's column."""
    assert extract_center_n_fovea.call(ZONE) == {
        "status": "found",
        "fovea_zone_slice_indices": [4, 5, 6],
        "central_slice_index": 5,
        "fovea_zone_landmarks": [RIMS_AND_PIT] * 3,
        "exam_center_coordinate": [250, 5],
    }
    column, index = extract_center_n_fovea.call(ZONE)["exam_center_coordinate"]
    assert (type(column), type(index)) == (float, int)


@pytest.mark.parametrize(
    ("likely", "more", "zone"),
    [
        pytest.param({4: 0.9, 7: 0.9}, {}, [4, 7], id="difference_of_3_is_bridged"),
        pytest.param({4: 0.9, 8: 0.9}, {}, None, id="difference_of_4_is_not"),
        pytest.param({4: 0.9, 8: 0.9}, {"fovea_connectivity_level": 4}, [4, 8], id="unless_so_told"),
        pytest.param({4: 0.9, 6: 0.9}, {"fovea_connectivity_level": 1}, None, id="level_1_is_strict"),
        pytest.param({4: 0.5, 5: 0.5}, {}, [4, 5], id="threshold_counts"),
        pytest.param({4: 0.49, 5: 0.49}, {}, None, id="below_the_threshold"),
        pytest.param({4: 0.2, 5: 0.2}, {"fovea_existence_threshold": 0.2}, [4, 5], id="other_threshold"),
        pytest.param({5: 0.9}, {}, None, id="one_isolated_slice"),
        pytest.param({5: 0.9}, {"fovea_min_number_of_sequential_slices": 1}, [5], id="one_is_enough_if_so_told"),
        pytest.param({}, {}, None, id="none"),
    ],
)
def test_which_slices_make_a_zone(likely, more, zone):
    """Connectivity, threshold and number of slices; bridged slices are not listed."""
    answer = extract_center_n_fovea.call(predictions(likely, **more))
    assert answer.get("fovea_zone_slice_indices") == zone
    if zone is None:
        assert answer == {"status": "not_found"}


def test_likelier_of_two_runs():
    """The run of the larger sum of probabilities wins."""
    likely = {2: 0.6, 3: 0.6, 10: 0.8, 11: 0.8, 12: 0.8}
    answer = extract_center_n_fovea.call(predictions(likely, count=20))
    assert answer["fovea_zone_slice_indices"] == [10, 11, 12]


@given(order=st.permutations(range(10)))
def test_order_of_the_rows_does_not_matter(order):
    """Slices are known by their indices."""
    request = dict(ZONE, coordinates=[[[x + 5 * i, y] for x, y in RIMS_AND_PIT] for i in range(10)])
    shuffled = {name: [rows[place] for place in order] for name, rows in request.items()}
    assert extract_center_n_fovea.call(shuffled) == extract_center_n_fovea.call(request)


@pytest.mark.parametrize(
    ("center", "fovea", "expected"),
    [
        pytest.param({4: 0.1, 5: 0.8, 6: 0.9}, {4: 0.9, 5: 0.9, 6: 0.6}, 6, id="largest_center_probability"),
        pytest.param({4: 0.9, 6: 0.9}, {4: 0.6, 5: 0.9, 6: 0.9}, 6, id="tie_nearest_the_weighted_mean"),
        pytest.param({4: 0.9, 6: 0.9}, {4: 0.9, 5: 0.9, 6: 0.9}, 4, id="tie_the_lower"),
        pytest.param({}, {4: 0.9, 5: 0.9, 6: 0.9}, 5, id="no_center_at_all"),
        pytest.param({}, {4: 0.9, 5: 0.9}, 4, id="no_center_and_two_slices"),
    ],
)
def test_central_slice(center, fovea, expected):
    """Ties are broken towards the probability-weighted mean index of the zone."""
    answer = extract_center_n_fovea.call(predictions(fovea, center))
    assert answer["central_slice_index"] == expected
    assert answer["exam_center_coordinate"][1] == expected


PITS = [[[200.0, 90], [240.0 + 10 * index, 120], [300, 90]] for index in range(10)]


@pytest.mark.parametrize(
    ("existence", "coordinates", "x"),
    [
        pytest.param(row([0.9] * 3), PITS, 290, id="pit"),
        pytest.param(row([0.9] * 3, at5=[0.9, 0.34, 0.9]), PITS, 250, id="middle_of_the_rims"),
        pytest.param(row([0.9] * 3, at5=[0.9, 0.35, 0.9]), PITS, 290, id="threshold_counts"),
        pytest.param(row([0.9] * 3, at5=[0.1, 0.1, 0.9]), PITS, 290, id="between_the_neighbours"),
        pytest.param(row([0.9] * 3, at5=[0.1] * 3, at6=[0.1] * 3), PITS, 280, id="nearest"),
        pytest.param(row([0.1] * 3, at6=[0.1, 0.9, 0.1]), PITS, 300, id="only_one_landmark_in_the_zone"),
        pytest.param(row([0.9, 0.1, 0.9], at5=[0.1] * 3), PITS, None, id="no_pit_in_the_zone"),
        pytest.param(row([0.9] * 3), row(PITS[0], at5=[[200, 9], [None, None], [300, 9]]), 250, id="pit_is_null"),
        pytest.param(row([0.9] * 3, at5=[0.9, None, 0.9]), PITS, 250, id="probability_is_null"),
    ],
)
def test_column_of_the_center(existence, coordinates, x):
    """The pit, else the middle of the rims, else what the pits of the neighbours say."""
    answer = extract_center_n_fovea.call(ZONE | {"landmark_probabilities": existence, "coordinates": coordinates})
    if x is None:
        assert answer == {"status": "not_found"}
    else:
        assert answer["exam_center_coordinate"] == [x, 5]


def test_interpolation_goes_by_index():
    """Between pits at slices 4 and 7 the column at slice 5 is a third of the way."""
    request = predictions({4: 0.9, 5: 0.9, 7: 0.9}, {5: 0.9}, coordinates=PITS)
    request["landmark_probabilities"] = row([0.9] * 3, at5=[0.1] * 3)
    x, z = extract_center_n_fovea.call(request)["exam_center_coordinate"]
    assert (x, z) == (pytest.approx(280 + 30 / 3), 5)


def test_invalid_landmarks_are_null_so_that_the_shape_holds():
    """Three landmarks a slice, [null, null] where one is not valid."""
    request = ZONE | {"landmark_probabilities": row([0.9] * 3, at4=[0.1, 0.9, 0.9])}
    landmarks = extract_center_n_fovea.call(request)["fovea_zone_landmarks"]
    assert landmarks == [[[None, None], *RIMS_AND_PIT[1:]], RIMS_AND_PIT, RIMS_AND_PIT]


def test_pit_may_be_another_landmark():
    """A model that lists the pit first is understood if told so."""
    coordinates = [[RIMS_AND_PIT[1], RIMS_AND_PIT[0], RIMS_AND_PIT[2]]] * 10
    request = ZONE | {"coordinates": coordinates, "pit_landmark_index": 0}
    assert extract_center_n_fovea.call(request)["exam_center_coordinate"] == [250, 5]


def test_no_slices():
    """An empty list of everything finds nothing."""
    request = {name: [] for name in predictions({})}
    assert extract_center_n_fovea.call(request) == {"status": "not_found"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"indices": list(range(9))}, "indices"),
        ({"center_probabilities": [0.5] * 9}, "center_probabilities"),
        ({"coordinates": [RIMS_AND_PIT] * 9}, "coordinates"),
        ({"landmark_probabilities": [[0.9] * 3] * 9}, "landmark_probabilities"),
        ({"landmark_probabilities": [[0.9] * 2] * 10}, "coordinates"),
        ({"coordinates": [RIMS_AND_PIT[:2]] * 10, "landmark_probabilities": [[0.9] * 2] * 10}, "coordinates"),
        ({"coordinates": [RIMS_AND_PIT[:2], *[RIMS_AND_PIT] * 9]}, "coordinates"),
        ({"indices": [*range(9), 8]}, "indices"),
        ({"indices": [*range(9), -1]}, "indices"),
        ({"indices": [*range(9), 9.5]}, "indices"),
        ({"indices": [*range(9), None]}, "indices"),
        ({"indices": [*range(9), float("inf")]}, "indices"),
        ({"indices": [*range(9), 10**30]}, "indices"),
        ({"fovea_probabilities": [1.1] * 10}, "fovea_probabilities"),
        ({"fovea_probabilities": [None] * 10}, "fovea_probabilities"),
        ({"center_probabilities": [-0.1] * 10}, "center_probabilities"),
        ({"landmark_probabilities": [[0.9, 0.9, 2]] * 10}, "landmark_probabilities"),
        ({"fovea_existence_threshold": 1.5}, "fovea_existence_threshold"),
        ({"fovea_min_number_of_sequential_slices": 0}, "fovea_min_number_of_sequential_slices"),
        ({"fovea_connectivity_level": 0}, "fovea_connectivity_level"),
        ({"pit_landmark_index": 3}, "pit_landmark_index"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_wrong_input_is_refused_by_name(wrong, field):
    """What is wrong is named."""
    with pytest.raises(InputError) as refused:
        extract_center_n_fovea.call(ZONE | wrong)
    assert refused.value.field == field


def test_ragged_landmarks_are_refused_in_plain_words():
    """Not in those of numpy."""
    with pytest.raises(InputError, match="takes numbers in equal rows") as refused:
        extract_center_n_fovea.call(ZONE | {"coordinates": [RIMS_AND_PIT, RIMS_AND_PIT[:1]] * 5})
    assert refused.value.field == "coordinates"


def of_phantom(landmarks):
    """Wire the landmarks of an exam."""
    return extract_center_n_fovea.call(
        {
            "center_probabilities": landmarks["center"],
            "fovea_probabilities": landmarks["fovea"],
            "indices": landmarks["indices"],
            "coordinates": landmarks["coordinates"],
            "landmark_probabilities": landmarks["existence"],
        }
    )


def test_phantom_is_found_where_it_is(orientation):
    """Of a synthetic macula the centre is the nearest slice and the true column, in all orientations."""
    scan = {**orientation.model_dump(), "num_slices": 25, "center_mm": (0.3, -0.2)}
    answer = of_phantom(macula_phantom(images=False, **scan)["landmarks"])
    column, slice_index = Scan(**scan).locate((0.0, 0.0))
    assert answer["exam_center_coordinate"] == [pytest.approx(column), round(slice_index)]


@pytest.mark.parametrize("phantom", [disc_phantom, pathological_phantom])
def test_phantom_without_a_fovea(phantom):
    """Neither a scan of the disc nor a pit that nobody recognises is found."""
    assert of_phantom(phantom(images=False)["landmarks"]) == {"status": "not_found"}


def test_arrays_are_taken_as_lists_are():
    """Arrays and lists give the same answer."""
    arrays = {name: np.array(values) for name, values in ZONE.items()}
    assert extract_center_n_fovea.call(arrays) == extract_center_n_fovea.call(ZONE)
