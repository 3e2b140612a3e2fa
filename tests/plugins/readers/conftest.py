"""What tests of exam folders share: an exam that is read, and values that are compared."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foveola import Exam, Record
from foveola.readers import read_exam
from foveola_oct.readers import exam_folder
from foveola_oct.retina import OctExam


def compare(one: Any, other: Any) -> None:
    """Compare values, records by their fields, arrays to the last bit and NaN with NaN."""
    if isinstance(one, np.ndarray):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, Mapping | Record):
        one, other = dict(one), dict(other)
        assert one.keys() == other.keys()
        for key, value in one.items():
            compare(value, other[key])
    else:
        assert one == other


@pytest.fixture
def assert_equal() -> Callable[[Any, Any], None]:
    """Compares values to the last bit."""
    return compare


@pytest.fixture
def open_exam() -> Callable[[Path], Exam]:
    """Reads an exam as the engine does."""
    return lambda path: read_exam(path, [exam_folder.READER], OctExam)
