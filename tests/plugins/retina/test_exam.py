"""An exam's values agree with one another about its size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from foveola import InputError
from foveola_oct.retina import OctExam

SIZE = {"num_slices": 2, "pixel_image_width": 6, "pixel_image_height": 10}
OUTLINE = {"points": [[0, 1], [5, 1], [5, 3]], "className": "rnfl"}


@pytest.mark.parametrize(
    ("name", "value", "extent"),
    [
        ("layer_segmentation", [[OUTLINE]], "num_slices"),
        ("layer_segmentation", [], "num_slices"),
        ("pathology_segmentation", [[OUTLINE], [], []], "num_slices"),
        ("layer_segmentation", {"borders": np.zeros((2, 3, 6)), "layers": ["rnfl"]}, "num_slices"),
        ("layer_segmentation", {"borders": np.zeros((2, 2, 5)), "layers": ["rnfl"]}, "pixel_image_width"),
        ("bscan_images", np.zeros((3, 10, 6), np.uint8), "num_slices"),
        ("bscan_images", np.zeros((2, 9, 6), np.uint8), "pixel_image_height"),
        ("bscan_images", np.zeros((2, 10, 7), np.uint8), "pixel_image_width"),
    ],
)
def test_values_of_another_size_are_refused(name: str, value: Any, extent: str) -> None:
    """A segmentation or images of more slices, rows or columns than the exam has: nobody knows which is right."""
    with pytest.raises(InputError, match=f"but {extent} is {SIZE[extent]}") as error:
        OctExam({**SIZE, name: value}, name="visit")[name]
    assert error.value.field == f"visit.{name}"
    assert name in OctExam({**SIZE, name: value, extent: None})


@pytest.mark.parametrize("name", SIZE)
@pytest.mark.parametrize("count", [0, -1, 10**9, 2.5])
def test_sizes_are_sizes(name: str, count: float) -> None:
    """No slices, fewer than none, a thousand million, half of one."""
    with pytest.raises(InputError) as error:
        OctExam({name: count}, name="visit")[name]
    assert error.value.field == f"visit.{name}"


def test_values_that_fit_are_given() -> None:
    """Whether the exam says its size or leaves it to them."""
    borders = {"borders": np.zeros((2, 2, 6)), "layers": ["rnfl"]}
    for said in (SIZE, {}):
        exam = OctExam({**said, "layer_segmentation": borders, "bscan_images": np.zeros((2, 10, 6), np.uint8)})
        assert exam["layer_segmentation"].num_slices == exam["bscan_images"].images.shape[0] == 2
