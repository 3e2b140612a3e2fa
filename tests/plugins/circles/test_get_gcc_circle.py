"""Thickness in the ganglion-cell circle."""

from __future__ import annotations

import numpy as np
import pytest

from foveola import InputError
from foveola_oct.circles.get_gcc_circle import get_gcc_circle
from foveola_oct.retina import ORIENTATIONS

FINE = (0.02, 0.02)
SPARSE = (0.24, 6 / 512)


def gcc(orientation, scan, micrometres, **more):
    """Ask for the sectors of a canonical map in µm."""
    pixels = orientation.to_acquisition(np.asarray(micrometres, float) / (scan["pixel_spacing_row"] * 1000))
    request = {"layers_thickness_maps": {"gcl": pixels}, "used_layers": ["gcl"], "statistics": ["mean"], **scan}
    return get_gcc_circle.call(request | more)


def each(answer, statistic="mean"):
    """List one statistic of the centre and the six sectors."""
    return [answer["0"]["0"][statistic], *(answer["1"][str(index)][statistic] for index in range(6))]


@pytest.mark.parametrize("pitch", [FINE, SPARSE, (0.05, 0.3)], ids=["fine", "sparse_rows", "sparse_columns"])
def test_constant_has_its_value_and_no_spread(shape_of, orientation, scan_of, pitch):
    """A constant is itself in every sector, whatever the orientation and the anisotropy."""
    answer = gcc(orientation, scan_of(orientation, *pitch), np.full(shape_of(pitch), 97.8), statistics=["mean", "std"])
    assert each(answer) == pytest.approx([97.8] * 7, abs=1e-9)
    assert each(answer, "std") == pytest.approx([0.0] * 7, abs=1e-9)


@pytest.mark.parametrize("pitch", [FINE, SPARSE], ids=["fine", "sparse"])
def test_superior_ramp_tells_the_sectors_by_name(shape_of, orientation, scan_of, plane, pitch):
    """10 µm per mm upwards: 1 is superior, 0 and 2 beside it, 3 and 5 below the raphe, 4 inferior."""
    y_up, _ = plane(shape_of(pitch), *pitch)
    answer = gcc(orientation, scan_of(orientation, *pitch), 100 + 10 * y_up)
    assert each(answer) == pytest.approx([100, 109.777, 119.553, 109.777, 90.223, 80.447, 90.223], rel=1e-3)


def test_halves_meet_at_the_raphe(shape_of, orientation, scan_of, plane):
    """No sector straddles the raphe: 100 above and 80 below are kept apart, and mix in the centre only."""
    y_up, _ = plane(shape_of(FINE), *FINE)
    answer = gcc(orientation, scan_of(orientation, *FINE), np.where(y_up > 0, 100.0, 80.0))
    assert each(answer) == pytest.approx([90, 100, 100, 100, 80, 80, 80], abs=1e-9)


def test_mirror_image(shape_of, orientation, scan_of, plane):
    """Mirrored left to right, 0 and 2 change places, and 3 and 5."""
    y_up, right = plane(shape_of(SPARSE), *SPARSE)
    uneven = 100 + 7 * right + 3 * y_up + 2 * right * y_up
    scan = scan_of(orientation, *SPARSE)
    center, *sectors = each(gcc(orientation, scan, uneven))
    mirrored = [center, *(sectors[index] for index in (2, 1, 0, 5, 4, 3))]
    assert each(gcc(orientation, scan, uneven[:, ::-1])) == pytest.approx(mirrored)


def test_unmeasured_sector_is_null(shape_of, orientation, scan_of, plane):
    """A sector without samples is null, with a warning that names it; the others stand."""
    y_up, right = plane(shape_of(FINE), *FINE)
    angle = np.degrees(np.arctan2(-y_up, right))
    values = np.where((angle > -180) & (angle < -120) & (np.hypot(y_up, right) > 0.5), np.nan, 100.0)
    answer = gcc(orientation, scan_of(orientation, *FINE), values, include_extras=True)
    assert each(answer) == [pytest.approx(100), None, *[pytest.approx(100)] * 5]
    assert any("1.0" in warning for warning in answer["warnings"])


def test_map_measured_nowhere(shape_of, orientation, scan_of):
    """All null is an answer."""
    assert each(gcc(orientation, scan_of(orientation, *SPARSE), np.full(shape_of(SPARSE), np.nan))) == [None] * 7


def test_map_smaller_than_the_circle(shape_of, orientation, scan_of):
    """Of a map of 3 mm the ring is covered by less than half; the centre stands."""
    answer = gcc(orientation, scan_of(orientation, *FINE), np.full(shape_of(FINE, 3, 3), 100.0))
    assert each(answer) == [pytest.approx(100), *[None] * 6]


@pytest.mark.parametrize(
    ("laterality", "names"),
    [
        ("R", ["superotemporal", "superior", "superonasal", "inferonasal", "inferior", "inferotemporal"]),
        ("L", ["superonasal", "superior", "superotemporal", "inferotemporal", "inferior", "inferonasal"]),
    ],
)
def test_labels_by_laterality(shape_of, scan_of, laterality, names):
    """The eye adds what anatomy calls the sectors."""
    orientation = ORIENTATIONS[0]
    flat = np.full(shape_of(SPARSE), 100.0)
    answer = gcc(orientation, scan_of(orientation, *SPARSE), flat, laterality=laterality, include_extras=True)
    assert answer["labels"] == {"0": {"0": "center"}, "1": dict(zip("012345", names, strict=True))}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"statistics": []}, "statistics"),
        ({"used_layers": ["inl"]}, "used_layers"),
        ({"used_layers": []}, "used_layers"),
        ({"pixel_spacing_row": 3.9}, "pixel_spacing_row"),
        ({"slice_direction": "RIGHT_LEFT"}, "slice_direction"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_wrong_input_is_refused_by_name(shape_of, scan_of, wrong, field):
    """What is wrong is named."""
    with pytest.raises(InputError) as refused:
        gcc(ORIENTATIONS[0], scan_of(ORIENTATIONS[0], *SPARSE), np.full(shape_of(SPARSE), 100.0), **wrong)
    assert refused.value.field == field


def test_layers_must_be_named(scan_of):
    """The guide has no default for the layers."""
    scan = scan_of(ORIENTATIONS[0], *SPARSE)
    with pytest.raises(InputError) as refused:
        get_gcc_circle.call({"layers_thickness_maps": {"gcl": [[1.0]]}, "statistics": ["mean"], **scan})
    assert refused.value.field == "used_layers"
