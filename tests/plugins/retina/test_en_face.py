"""Seen from the front, phantoms have the layers that they were made of, whichever form says so."""

from __future__ import annotations

import numpy as np
import pytest

from foveola_oct.retina import EnFaceGeometry, LayerSegmentation, Outlines
from foveola_oct.retina.en_face import EnFaceSampling, layer_thickness, lesion_thickness
from foveola_oct.retina.phantoms import LAYERS, Eye, disc_phantom, layer_outlines, macula_phantom

METHODS = pytest.mark.parametrize("distance_method", ["axial", "min_dist"])


def geometry_of(exam):
    """The pitches and the orientation of a phantom."""
    return EnFaceGeometry(**{name: exam[name] for name in EnFaceGeometry.model_fields})


def sampling_of(exam, **changes):
    """Every column of a phantom."""
    names = ("pixel_image_height", "pixel_image_width", "pixel_spacing_row")
    sizes = {name: exam[name] for name in names}
    return EnFaceSampling(**sizes, exam_center_coordinate_xz=(0, 0), **{"run_resolution": None, **changes})


def both_forms(exam, **changes):
    """The layers of a phantom, measured between its borders and within its outlines."""
    for form in (exam["layer_segmentation"], layer_outlines(**exam["layer_segmentation"])):
        measured = layer_thickness(LayerSegmentation.read(form), sampling_of(exam, **changes), geometry_of(exam))
        assert measured.names == LAYERS
        yield measured.values


def test_maps_of_a_phantom_are_its_layers(orientation):
    """In mm and in the canonical frame they are the thicknesses of the eye that was scanned."""
    exam = macula_phantom(images=False, num_slices=21, pixel_image_width=90, **orientation.model_dump())
    rows, columns = (90, 21) if orientation.is_vertical else (21, 90)
    y, x = ((np.arange(count) + 0.5 - count / 2) * 6 / count for count in (rows, columns))
    truth = Eye().thicknesses(x[None, :], y[:, None])
    for values in both_forms(exam):
        assert orientation.canonicalise(values) * exam["pixel_spacing_row"] == pytest.approx(truth, abs=1e-9)


@METHODS
@pytest.mark.parametrize("run_resolution", [None, 512, 300, 16])
def test_borders_and_outlines_agree(distance_method, run_resolution):
    """Both forms make the same maps of a macula."""
    exam = macula_phantom(images=False, num_slices=4, pixel_image_width=640)
    borders, outlines = both_forms(exam, run_resolution=run_resolution, distance_method=distance_method)
    assert np.isfinite(borders).all()
    assert borders == pytest.approx(outlines, abs=1e-9)


def test_layers_end_at_the_optic_disc():
    """Inside the disc both forms are NaN, outlines one column earlier: their right end does not belong to them."""
    exam = disc_phantom(images=False, num_slices=15, pixel_image_width=300)
    inside = np.isnan(exam["layer_segmentation"]["borders"][1])
    right_end = ~inside & np.roll(inside, -1, axis=1)
    assert right_end.any()
    borders, outlines = both_forms(exam)
    assert (np.isnan(borders) == inside).all()
    np.testing.assert_allclose(outlines, np.where(right_end, np.nan, borders), atol=1e-9)


@METHODS
def test_without_instances_there_is_nothing_to_measure(distance_method):
    """No names, but a warning for each reason to doubt what others would have."""
    sampling = EnFaceSampling(
        pixel_image_height=9, pixel_image_width=9, exam_center_coordinate_xz=(0, 0), distance_method=distance_method
    )
    exam = macula_phantom(images=False, num_slices=3, pixel_image_width=9)
    measured = lesion_thickness(Outlines.read([[], []]), sampling, geometry_of(exam))
    assert (measured.names, measured.values.shape) == ((), (0, 2, 9))
    assert len(measured.warnings) == 1 + (distance_method == "min_dist")
