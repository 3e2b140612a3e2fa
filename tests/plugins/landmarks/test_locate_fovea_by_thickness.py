"""The fovea where the retina is thinnest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.landmarks.locate_fovea_by_thickness import locate_fovea_by_thickness
from foveola_oct.retina.phantoms import (
    GLAUCOMATOUS,
    Scan,
    disc_phantom,
    layer_outlines,
    macula_phantom,
    pathological_phantom,
    wide_phantom,
    wide_scan,
)

DATA = Path(__file__).parents[3] / "../shared/data"
IOWA = DATA / "spectralis_raster_iowa" / "surfaces.npz"
PITCHES = ("pixel_spacing_column", "pixel_spacing_row", "slice_thickness")


def locate(exam, **more):
    """Ask for the fovea of an exam."""
    request = {"segmentation_instances": exam["layer_segmentation"], "pixel_image_width": exam["pixel_image_width"]}
    return locate_fovea_by_thickness.call(request | {name: exam[name] for name in PITCHES} | more)


def flat_exam(thickness, dz=0.2, dx=0.1):
    """Make an exam of one layer of the given thickness, px of 4 µm."""
    thickness = np.asarray(thickness, float)
    return {
        "layer_segmentation": {"borders": np.stack([np.full_like(thickness, 10.0), 10 + thickness]), "layers": ["all"]},
        "pixel_image_width": thickness.shape[1],
        "pixel_spacing_column": dx,
        "pixel_spacing_row": 0.004,
        "slice_thickness": dz,
    }


def pit(center=(0.0, 0.0), depth=30.0, width=0.4, shape=(30, 60), dz=0.2, dx=0.1):
    """Make a retina of 80 px with a pit at (z, x) mm from the scan's centre."""
    z, x = ((np.arange(n) + 0.5 - n / 2) * d for n, d in zip(shape, (dz, dx), strict=True))
    distance2 = (z[:, None] - center[0]) ** 2 + (x - center[1]) ** 2
    return 80 - depth * np.exp(-distance2 / (2 * width**2))


@pytest.mark.parametrize("slices", [19, 25, 49, 97])
def test_phantom_is_found_where_it_is(orientation, slices):
    """Between slices too, to 0.02 mm, in all orientations."""
    scan = {**orientation.model_dump(), "num_slices": slices, "center_mm": (0.21, -0.17)}
    exam = macula_phantom(images=False, **scan)
    answer = locate(exam)
    x, z = answer["exam_center_coordinate"]
    column, slice_index = Scan(**scan).locate((0.0, 0.0))
    assert answer["status"] == "found"
    assert (x - column) * exam["pixel_spacing_column"] == pytest.approx(0, abs=0.02)
    assert (z - slice_index) * exam["slice_thickness"] == pytest.approx(0, abs=0.02)
    assert abs(answer["central_slice_index"] - z) <= 0.5
    assert 210 < answer["fovea_thickness"] < 250


def test_glaucoma_hides_no_fovea():
    """Thinned inner layers leave the pit where it is."""
    x, z = locate(macula_phantom(GLAUCOMATOUS, images=False))["exam_center_coordinate"]
    assert (x, z) == (pytest.approx(255.5, abs=2), pytest.approx(24, abs=0.3))


def test_wide_scan_needs_a_wider_search():
    """The fovea of a wide scan lies beside its centre, further than the search goes by default."""
    exam = wide_phantom(images=False)
    assert locate(exam) == {"status": "not_found"}
    found = locate(exam, search_radius_mm=3.0)
    assert found["exam_center_coordinate"] == pytest.approx(wide_scan().locate((0.0, 0.0)), abs=0.2)


@pytest.mark.parametrize(
    ("exam", "more"),
    [
        pytest.param(pathological_phantom(images=False), {}, id="fluid_fills_the_pit"),
        pytest.param(disc_phantom(images=False), {}, id="nothing_at_the_centre"),
        pytest.param(disc_phantom(images=False), {"search_radius_mm": 3.0}, id="disc"),
        pytest.param(flat_exam(np.full((30, 60), 80.0)), {}, id="constant"),
        pytest.param(flat_exam(np.full((30, 60), np.nan)), {}, id="measured_nowhere"),
        pytest.param(flat_exam(np.zeros((30, 60))), {}, id="no_thickness"),
        pytest.param(flat_exam(pit(depth=-30)), {}, id="hill"),
        pytest.param(flat_exam(80 + np.arange(60.0) * np.ones((30, 1))), {}, id="ramp"),
        pytest.param(flat_exam(pit(shape=(1, 60))), {}, id="one_slice"),
        pytest.param(flat_exam(pit(shape=(2, 60))), {}, id="two_slices"),
        pytest.param(flat_exam(pit(shape=(30, 1))), {}, id="one_column"),
        pytest.param(flat_exam(pit((2.9, 0.0))), {"search_radius_mm": 10.0}, id="on_the_edge_of_the_scan"),
        pytest.param(flat_exam(pit((0.0, 1.3))), {}, id="outside_the_search"),
        pytest.param(flat_exam(pit(shape=(8, 8), dx=0.2)), {"min_pit_depth_um": 0}, id="scan_without_a_ring"),
        pytest.param(dict(flat_exam(pit()), layer_segmentation=[[]] * 30), {}, id="no_outlines"),
    ],
)
def test_without_a_pit_there_is_no_fovea(exam, more):
    """Nothing but the status, and among the extras why."""
    assert locate(exam, **more) == {"status": "not_found"}
    (warning,) = locate(exam, include_extras=True, **more)["warnings"]
    assert warning.startswith("no foveal pit: ")


def test_depth_of_the_pit_decides():
    """The ring must be thicker than the pit by the limit; both are smoothed."""
    exam = flat_exam(pit(depth=30))
    depth = locate(exam, include_extras=True)["pit_depth"]
    assert 90 < depth < 120
    assert locate(exam, min_pit_depth_um=depth + 0.1)["status"] == "not_found"
    assert locate(exam, min_pit_depth_um=depth - 0.1)["status"] == "found"
    assert locate(flat_exam(pit(depth=8)))["status"] == "not_found"
    assert locate(flat_exam(pit(depth=8)), min_pit_depth_um=20)["status"] == "found"


def test_thickness_is_as_measured():
    """Smoothing finds the place but does not thicken the fovea."""
    answer = locate(flat_exam(pit(shape=(31, 61))))
    assert answer["exam_center_coordinate"] == pytest.approx([30, 15])
    assert answer["central_slice_index"] == 15
    assert answer["fovea_thickness"] == pytest.approx(200)


@settings(max_examples=30, deadline=None)
@given(z=st.floats(-0.5, 0.5), x=st.floats(-0.5, 0.5), dz=st.sampled_from([0.06, 0.12, 0.25]))
def test_place_is_found_between_samples(z, x, dz):
    """Wherever the pit lies, it is found to a tenth of the slices' distance."""
    shape = (round(6 / dz), 120)
    exam = flat_exam(pit((z, x), shape=shape, dz=dz, dx=0.05), dz=dz, dx=0.05)
    column, slice_index = locate(exam)["exam_center_coordinate"]
    assert (slice_index - (shape[0] - 1) / 2) * dz == pytest.approx(z, abs=0.1 * dz)
    assert (column - (shape[1] - 1) / 2) * 0.05 == pytest.approx(x, abs=0.005)


def test_outlines_say_what_borders_say():
    """Polygons of all layers give the same retina as their borders."""
    exam = macula_phantom(images=False, num_slices=19, pixel_image_width=128)
    layers = exam["layer_segmentation"]
    outlines = layer_outlines(layers["borders"], layers["layers"])
    expected = locate(exam)
    answer = locate(dict(exam, layer_segmentation=outlines))
    assert answer["exam_center_coordinate"] == pytest.approx(expected["exam_center_coordinate"], abs=1e-6)
    assert answer["fovea_thickness"] == pytest.approx(expected["fovea_thickness"])


def test_holes_and_spikes_move_nothing_far():
    """Missing samples are left out, and a spike of one sample is smoothed away."""
    values = pit(shape=(31, 61))
    values[15, 28:30] = np.nan
    values[13, 33] = 20
    values[4, 4] = 0
    x, z = locate(flat_exam(values))["exam_center_coordinate"]
    assert (x - 30) * 0.1 == pytest.approx(0, abs=0.1)
    assert (z - 15) * 0.2 == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"pixel_image_width": 61}, "pixel_image_width"),
        ({"pixel_image_width": 0}, "pixel_image_width"),
        ({"search_radius_mm": 0}, "search_radius_mm"),
        ({"search_radius_mm": 850}, "search_radius_mm"),
        ({"smoothing_mm": 0}, "smoothing_mm"),
        ({"smoothing_mm": 125}, "smoothing_mm"),
        ({"min_pit_depth_um": -1}, "min_pit_depth_um"),
        ({"slice_thickness": 250}, "slice_thickness"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(f"{k}_{v}" for k, v in value.items()),
)
def test_wrong_input_is_refused_by_name(wrong, field):
    """What is wrong is named."""
    with pytest.raises(InputError) as refused:
        locate(flat_exam(pit()), **wrong)
    assert refused.value.field == field


def test_more_samples_than_any_scan_has_are_refused():
    """Two thousand slices of 65,535 columns would ask for more memory than there is."""
    with pytest.raises(InputError, match="no scan has so many samples") as refused:
        locate(flat_exam(pit()), segmentation_instances=[[]] * 2000, pixel_image_width=65_535)
    assert refused.value.field == "segmentation_instances"


@pytest.mark.skipif(not IOWA.exists(), reason="the real scans of ../shared/data are not here")
def test_real_macula():
    """Of a real raster of 19 slices the thinnest point is at row 9, column 253, to 0.1 mm."""
    with np.load(IOWA) as iowa:
        surfaces = np.where(iowa["undefined"], np.nan, iowa["surfaces_px"])
        slice_thickness, pixel_spacing_row, pixel_spacing_column = iowa["spacing_mm"].tolist()
    answer = locate_fovea_by_thickness.call(
        {
            "segmentation_instances": {"borders": surfaces, "layers": [str(layer) for layer in range(10)]},
            "pixel_image_width": surfaces.shape[2],
            "pixel_spacing_column": pixel_spacing_column,
            "pixel_spacing_row": pixel_spacing_row,
            "slice_thickness": slice_thickness,
        }
    )
    x, z = answer["exam_center_coordinate"]
    assert np.hypot((x - 253) * pixel_spacing_column, (z - 9) * slice_thickness) < 0.1
    assert answer["central_slice_index"] == 9
    assert answer["fovea_thickness"] == pytest.approx(232, abs=5)
