"""The four quadrants of the inner retina."""

from __future__ import annotations

import numpy as np
import pytest

from foveola import InputError
from foveola_oct.glaucoma.get_four_segment_circle import get_four_segment_circle
from foveola_oct.glaucoma.get_two_segment_circle import get_two_segment_circle
from foveola_oct.retina import ORIENTATIONS

FINE = (0.05, 0.05)
SPARSE = (0.24, 6 / 512)


def quadrants(orientation, scan, micrometres, **more):
    """Ask for the quadrants of a canonical map in µm."""
    pixels = orientation.to_acquisition(np.asarray(micrometres, float) / (scan["pixel_spacing_row"] * 1000))
    request = {"layers_thickness_maps": {"gcl": pixels}, "used_layers": ["gcl"], **scan}
    return get_four_segment_circle.call(request | more)


def each(answer, statistic="mean"):
    """List one statistic of the quadrants."""
    return [answer[str(index)][statistic] for index in range(4)]


@pytest.mark.parametrize("pitch", [FINE, SPARSE], ids=["fine", "sparse"])
@pytest.mark.parametrize("start", [-45, 0, 30])
def test_constant_has_its_value_and_no_spread(shape_of, orientation, scan_of, pitch, start):
    """A constant is itself in every quadrant, wherever they begin."""
    answer = quadrants(
        orientation,
        scan_of(orientation, *pitch),
        np.full(shape_of(pitch), 97.8),
        statistics_to_get=["mean", "std"],
        start_angle_deg=start,
    )
    assert list(answer) == ["0", "1", "2", "3"]
    assert each(answer) == pytest.approx([97.8] * 4, abs=1e-9)
    assert each(answer, "std") == pytest.approx([0.0] * 4, abs=1e-9)


@pytest.mark.parametrize(
    ("start", "means"),
    [
        pytest.param(-45, [90, 71.994, 90, 108.006], id="right_inferior_left_superior"),
        pytest.param(0, [77.268, 77.268, 102.732, 102.732], id="bounded_by_the_raphe"),
    ],
)
@pytest.mark.parametrize("pitch", [FINE, SPARSE], ids=["fine", "sparse"])
def test_superior_ramp_tells_the_quadrants_by_name(shape_of, orientation, scan_of, plane, pitch, start, means):
    """10 µm per mm upwards."""
    y_up, _ = plane(shape_of(pitch), *pitch)
    answer = quadrants(orientation, scan_of(orientation, *pitch), 90 + 10 * y_up, start_angle_deg=start)
    assert each(answer) == pytest.approx(means, rel=1e-3)


def test_right_is_the_first(shape_of, orientation, scan_of, plane):
    """What is thick in the image's right raises quadrant 0."""
    _, right = plane(shape_of(FINE), *FINE)
    answer = quadrants(orientation, scan_of(orientation, *FINE), 90 + 10 * right)
    assert each(answer) == pytest.approx([108.006, 90, 71.994, 90], rel=1e-3)


def test_quadrants_mean_what_the_halves_mean(shape_of, orientation, scan_of, plane):
    """Four equal quadrants and two equal halves of one disc have the same mean."""
    y_up, right = plane(shape_of(SPARSE), *SPARSE)
    uneven = 90 + 10 * y_up - 3 * right + 5 * y_up * right + y_up**2
    scan = scan_of(orientation, *SPARSE)
    pixels = orientation.to_acquisition(uneven / 4)
    halves = get_two_segment_circle.call({"layers_thickness_maps": {"gcl": pixels}, "used_layers": ["gcl"], **scan})
    assert np.mean(each(quadrants(orientation, scan, uneven))) == pytest.approx(np.mean(list(halves.values())))


def test_unmeasured_quadrant_is_null(shape_of, orientation, scan_of, plane):
    """A quadrant without samples is null, with its coverage and a warning; the others stand."""
    y_up, right = plane(shape_of(FINE), *FINE)
    values = np.where(y_up > np.abs(right), np.nan, 100.0)
    answer = quadrants(orientation, scan_of(orientation, *FINE), values, include_extras=True)
    assert each(answer) == [*[pytest.approx(100)] * 3, None]
    assert answer["coverage"]["3"] == pytest.approx(0, abs=0.02)
    assert len(answer["warnings"]) == 1


@pytest.mark.parametrize(
    ("laterality", "start", "names"),
    [
        ("R", -45, ["nasal", "inferior", "temporal", "superior"]),
        ("L", -45, ["temporal", "inferior", "nasal", "superior"]),
        ("R", 0, ["inferonasal", "inferotemporal", "superotemporal", "superonasal"]),
        ("L", 0, ["inferotemporal", "inferonasal", "superonasal", "superotemporal"]),
        ("R", 45, ["inferior", "temporal", "superior", "nasal"]),
        ("R", -180, ["superotemporal", "superonasal", "inferonasal", "inferotemporal"]),
    ],
)
def test_labels_by_laterality(shape_of, scan_of, laterality, start, names):
    """The eye adds what anatomy calls the quadrants, wherever they begin."""
    orientation, flat = ORIENTATIONS[0], np.full(shape_of(FINE), 100.0)
    more = {"laterality": laterality, "start_angle_deg": start, "include_extras": True}
    answer = quadrants(orientation, scan_of(orientation, *FINE), flat, **more)
    assert answer["labels"] == dict(zip("0123", names, strict=True))


def test_layers_and_statistics_have_defaults(shape_of, scan_of):
    """rnfl, gcl and ipl are summed, and the mean is given."""
    orientation = ORIENTATIONS[0]
    maps = {layer: np.full(shape_of(FINE), 10.0) for layer in ("rnfl", "gcl", "ipl", "inl")}
    answer = get_four_segment_circle.call({"layers_thickness_maps": maps, **scan_of(orientation, *FINE)})
    assert answer == {str(index): {"mean": pytest.approx(120)} for index in range(4)}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"statistics_to_get": []}, "statistics_to_get"),
        ({"statistics_to_get": ["max"]}, "statistics_to_get.0"),
        ({"start_angle_deg": 400}, "start_angle_deg"),
        ({"used_layers": ["inl"]}, "used_layers"),
        ({"zone_of_interest": 0}, "zone_of_interest"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_wrong_input_is_refused_by_name(shape_of, scan_of, wrong, field):
    """What is wrong is named."""
    orientation = ORIENTATIONS[0]
    with pytest.raises(InputError) as refused:
        quadrants(orientation, scan_of(orientation, *FINE), np.full(shape_of(FINE), 100.0), **wrong)
    assert refused.value.field == field
