"""The superior and the inferior half of the inner retina."""

from __future__ import annotations

import numpy as np
import pytest

from foveola import InputError
from foveola_oct.glaucoma.get_two_segment_circle import get_two_segment_circle
from foveola_oct.retina import ORIENTATIONS

FINE = (0.05, 0.05)
SPARSE = (0.24, 6 / 512)
ODD_ROWS = (0.24, 0.05)


def halves(orientation, scan, micrometres, **more):
    """Ask for the halves of a canonical map in µm, split among the default layers."""
    pixels = orientation.to_acquisition(np.asarray(micrometres, float) / (scan["pixel_spacing_row"] * 1000))
    maps = {"rnfl": pixels * 0.25, "gcl": pixels * 0.25, "ipl": pixels * 0.5}
    return get_two_segment_circle.call({"layers_thickness_maps": maps, **scan, **more})


def both(superior, inferior):
    """Say what is expected."""
    return {"superior": pytest.approx(superior, rel=1e-3), "inferior": pytest.approx(inferior, rel=1e-3)}


@pytest.mark.parametrize("pitch", [FINE, SPARSE, ODD_ROWS], ids=["fine", "sparse", "odd_rows"])
@pytest.mark.parametrize("hole", [0.0, 1.0])
def test_constant(shape_of, orientation, scan_of, pitch, hole):
    """A constant is itself on both sides, with a hole in the disc or without."""
    answer = halves(orientation, scan_of(orientation, *pitch), np.full(shape_of(pitch), 97.8), inner_diameter_mm=hole)
    assert answer == {"superior": pytest.approx(97.8, abs=1e-9), "inferior": pytest.approx(97.8, abs=1e-9)}


@pytest.mark.parametrize("pitch", [FINE, SPARSE], ids=["fine", "sparse"])
def test_superior_ramp(shape_of, orientation, scan_of, plane, pitch):
    """10 µm per mm upwards: half discs have their centroids 1.27324 mm from the raphe."""
    y_up, _ = plane(shape_of(pitch), *pitch)
    assert halves(orientation, scan_of(orientation, *pitch), 90 + 10 * y_up) == both(102.732, 77.268)


def test_halves_are_kept_apart(shape_of, orientation, scan_of, plane):
    """100 above and 80 below."""
    y_up, _ = plane(shape_of(FINE), *FINE)
    assert halves(orientation, scan_of(orientation, *FINE), np.where(y_up > 0, 100.0, 80.0)) == both(100, 80)


@pytest.mark.parametrize(
    ("middle", "superior", "inferior"), [(np.nan, 100, 80), (90.0, 99.491, 80.509)], ids=["null", "measured"]
)
def test_middle_row_belongs_to_both(shape_of, orientation, scan_of, middle, superior, inferior):
    """Half of a row on the raphe counts on either side: null it changes nothing, 90 it pulls both towards 90."""
    values = np.full(shape_of(ODD_ROWS), 100.0)
    values[13:] = 80.0
    values[12] = middle
    answer = halves(orientation, scan_of(orientation, *ODD_ROWS), values)
    assert answer == {"superior": pytest.approx(superior, abs=1e-3), "inferior": pytest.approx(inferior, abs=1e-3)}
    assert answer["superior"] + answer["inferior"] == pytest.approx(180)


def test_middle_row_by_centers(shape_of, orientation, scan_of):
    """By the centers of samples, too, half of a row on the raphe counts on either side."""
    values = np.full(shape_of(ODD_ROWS), 100.0)
    values[13:] = 80.0
    values[12] = 90.0
    answer = halves(orientation, scan_of(orientation, *ODD_ROWS), values, coverage="center", include_extras=True)
    assert answer["superior"] + answer["inferior"] == pytest.approx(180)
    assert 98 < answer["superior"] < 100
    assert answer["coverage"]["superior"] == pytest.approx(answer["coverage"]["inferior"])


def test_reversed_slices_swap_the_halves(shape_of, scan_of, plane):
    """The same samples said to run upwards are the other half."""
    down, up = ORIENTATIONS[0], ORIENTATIONS[2]
    assert (down.slice_direction, up.slice_direction) == ("TOP_BOTTOM", "BOTTOM_TOP")
    y_up, _ = plane(shape_of(FINE), *FINE)
    maps = {"rnfl": 20 + y_up, "gcl": 20 + y_up, "ipl": 20 + y_up}
    first, second = (
        get_two_segment_circle.call({"layers_thickness_maps": maps, **scan_of(orientation, *FINE)})
        for orientation in (down, up)
    )
    assert (second["superior"], second["inferior"]) == pytest.approx((first["inferior"], first["superior"]))


def test_hole_leaves_out_the_pit(shape_of, orientation, scan_of, plane):
    """Without the central 1 mm a hole in the layers lowers nothing."""
    y_up, right = plane(shape_of(FINE), *FINE)
    pit = np.where(np.hypot(y_up, right) < 0.4, 0.0, 100.0)
    scan = scan_of(orientation, *FINE)
    assert halves(orientation, scan, pit, inner_diameter_mm=1.0) == both(100, 100)
    assert halves(orientation, scan, pit)["superior"] == pytest.approx(100 * (1 - 0.16 / 9), rel=1e-2)


def test_disc_is_as_wide_as_the_zone(shape_of, orientation, scan_of, plane):
    """Of a zone of 3 mm the halves have their centroids at half the distance."""
    y_up, _ = plane(shape_of(FINE), *FINE)
    ramp = 90 + 10 * y_up
    assert halves(orientation, scan_of(orientation, *FINE), ramp, zone_of_interest=3.0) == both(96.366, 83.634)


def test_half_that_was_not_measured_is_null(shape_of, orientation, scan_of, plane):
    """Too little of the inferior half: null, with its coverage and a warning; the other stands."""
    y_up, _ = plane(shape_of(FINE), *FINE)
    values = np.where(y_up > -0.8, 100.0, np.nan)
    answer = halves(orientation, scan_of(orientation, *FINE), values, include_extras=True)
    assert answer["superior"] == pytest.approx(100)
    assert answer["inferior"] is None
    assert answer["coverage"] == {"superior": pytest.approx(1), "inferior": pytest.approx(0.33, abs=0.01)}
    assert len(answer["warnings"]) == 1
    assert halves(orientation, scan_of(orientation, *FINE), values, min_coverage=0.3)["inferior"] == pytest.approx(100)


def test_map_measured_nowhere(shape_of, orientation, scan_of):
    """All null is an answer."""
    answer = halves(orientation, scan_of(orientation, *FINE), np.full(shape_of(FINE), np.nan))
    assert answer == {"superior": None, "inferior": None}


def test_labels_are_the_same_in_both_eyes(shape_of, scan_of):
    """The eye changes nothing in what halves are called; without it there are no labels."""
    orientation, flat = ORIENTATIONS[0], np.full(shape_of(FINE), 100.0)
    scan = scan_of(orientation, *FINE)
    for eye in "LR":
        answer = halves(orientation, scan, flat, laterality=eye, include_extras=True)
        assert answer["labels"] == {"superior": "superior", "inferior": "inferior"}
    assert "labels" not in halves(orientation, scan, flat, include_extras=True)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"inner_diameter_mm": -1}, "inner_diameter_mm"),
        ({"inner_diameter_mm": 6.0}, "inner_diameter_mm"),
        ({"used_layers": []}, "used_layers"),
        ({"used_layers": ["inl"]}, "used_layers"),
        ({"slice_thickness": 240}, "slice_thickness"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_wrong_input_is_refused_by_name(shape_of, scan_of, wrong, field):
    """What is wrong is named."""
    orientation = ORIENTATIONS[0]
    with pytest.raises(InputError) as refused:
        halves(orientation, scan_of(orientation, *FINE), np.full(shape_of(FINE), 100.0), **wrong)
    assert refused.value.field == field
