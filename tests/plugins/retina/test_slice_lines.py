"""Lines of slices, as records."""

from __future__ import annotations

import numpy as np

from foveola_oct.retina import Instance
from foveola_oct.retina.slice_lines import SliceLines


def test_lines_of_another_step_are_taken_as_they_are() -> None:
    """The record that reads the ILM takes tuples of instances without touching them."""
    instance = Instance(points=np.array([(0.0, 1.0), (5.0, 2.0)]), class_name="ilm")
    read = SliceLines.read(((instance,), ()))
    assert read.lines == ((instance,), ())
    assert SliceLines.read(read) is read
