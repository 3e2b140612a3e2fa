"""Where an exam's grids are laid."""

from __future__ import annotations

import pytest

from foveola import InputError
from foveola_oct.landmarks.choose_exam_center import choose_exam_center


def test_the_fovea_is_the_centre_where_it_was_found() -> None:
    """A fovea is taken as it is, without a warning."""
    chosen = choose_exam_center((250.5, 12.0), 25, 512)
    assert (chosen.status, chosen.exam_center_coordinate, chosen.warnings) == ("fovea", (250.5, 12.0), ())


@pytest.mark.parametrize(
    ("slices", "columns", "middle"), [(25, 512, (255.5, 12.0)), (1, 1, (0.0, 0.0)), (2, 3, (1.0, 0.5))]
)
def test_else_the_middle_of_the_scan_stands_for_it(slices, columns, middle) -> None:
    """The middle lies between the two middle samples of an even number; and the answer says what it is."""
    chosen = choose_exam_center(None, slices, columns)
    assert (chosen.status, chosen.exam_center_coordinate) == ("scan_center", middle)
    assert "was not found" in chosen.warnings[0]


def test_an_exam_has_slices_and_columns() -> None:
    """Counts begin at 1."""
    with pytest.raises(InputError, match="num_slices"):
        choose_exam_center.call({"exam_center_coordinate": None, "num_slices": 0, "pixel_image_width": 512})
