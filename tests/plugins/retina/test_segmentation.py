"""Segmentations are read from lists and from arrays, and what does not fit is named."""

from __future__ import annotations

import numpy as np
import pytest

from foveola import InputError
from foveola.adapters import adapter, read_as
from foveola_oct.retina import Borders, Instance, LayerSegmentation, Outlines, PathologySegmentation

TRIANGLE = [[0.0, 0.0], [4.0, 0.0], [4.0, 3.0]]
LISTS = [
    [{"points": TRIANGLE, "className": "rnfl"}],
    [],
    [
        {"points": [{"x": 1, "y": 1}, {"x": 5, "y": 1}, {"x": 5, "y": 4}], "className": "gcl", "score": 0.9},
        {"points": [2, 2, 6, 2, 6, 5, 2, 2], "className": "rnfl"},
    ],
]
ARRAYS = {
    "points": [[x + shift, y + shift] for shift in (0, 1, 2) for x, y in TRIANGLE],
    "offsets": [0, 3, 6, 9],
    "slices": [0, 2, 2],
    "classes": [0, 1, 0],
    "class_names": ["rnfl", "gcl"],
    "num_slices": 3,
}
NOTHING = {"points": np.empty((0, 2)), "offsets": [0], "slices": [], "classes": [], "class_names": []}
PLAIN = [
    [{"points": TRIANGLE, "className": "rnfl"}],
    [],
    [
        {"points": [[1, 1], [5, 1], [5, 4]], "className": "gcl"},
        {"points": [[2, 2], [6, 2], [6, 5]], "className": "rnfl"},
    ],
]


@pytest.mark.parametrize("record", [Outlines, LayerSegmentation, PathologySegmentation])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(LISTS, id="lists"),
        pytest.param(ARRAYS, id="lists_by_name"),
        pytest.param(
            {name: np.array(part) if name != "num_slices" else part for name, part in ARRAYS.items()}, id="arrays"
        ),
    ],
)
def test_outlines_are_read_and_written(record, value):
    """Whatever the spelling, the guide's form comes out, and reading it again changes nothing."""
    read = record.read(value)
    assert read.plain() == PLAIN
    assert read.num_slices == 3
    assert record.read(read) is read
    assert record.read(read.plain()).plain() == PLAIN


def test_instances_are_found_by_slice_and_by_class():
    """Slices have tuples of instances; classes that are picked are numbered as they are named."""
    outlines = Outlines.read(LISTS)
    assert [key for key, _ in outlines.items()] == ["0", "1", "2"]
    assert [one.class_name for one in outlines.on_slice(2)] == ["gcl", "rnfl"]
    picked = outlines.only(["inl", "gcl", "rnfl"])
    assert picked.plain() == PLAIN
    assert picked.classes.tolist() == [2, 1, 2]
    only = outlines.only(["gcl"])
    assert only.plain() == [[], [], PLAIN[2][:1]]
    assert (only.class_names, only.offsets.tolist()) == (("gcl",), [0, 3])
    assert outlines.kept(outlines.slices == 0).plain() == [PLAIN[0], [], []]
    assert outlines.only([]).plain() == [[], [], []]


def test_layers_know_their_names():
    """In the order in which they were met, or from top to bottom."""
    assert LayerSegmentation.read(LISTS).layer_names == ("rnfl", "gcl")
    borders = LayerSegmentation.read({"borders": np.zeros((3, 5, 4)), "layers": np.array(["rnfl", "gcl"])})
    assert borders.layer_names == ("rnfl", "gcl")
    assert borders.num_slices == 5
    assert isinstance(borders.form, Borders)
    assert LayerSegmentation.read(borders.form).plain(lists=False)["layers"] == ["rnfl", "gcl"]


def test_borders_are_null_where_there_is_none():
    """Null is read as NaN and written as null."""
    value = {"borders": [[[1.0, None]], [[2.0, 3.0]]], "layers": ["retina"]}
    assert LayerSegmentation.read(value).plain() == value


def test_no_slices_are_a_segmentation():
    """An empty list has no slices and no classes."""
    outlines = Outlines.read([])
    assert (outlines.num_slices, outlines.class_names, outlines.points.shape) == (0, (), (0, 2))


@pytest.mark.parametrize(
    ("value", "field"),
    [
        pytest.param("rnfl", "", id="text"),
        pytest.param(7, "", id="number"),
        pytest.param({"classes": []}, "", id="other_names"),
        pytest.param(["rnfl"], "0", id="text_for_a_slice"),
        pytest.param([{"points": [], "className": "rnfl"}], "0", id="instances_not_in_slices"),
        pytest.param([[], ["rnfl"]], "1.0", id="text_for_an_instance"),
        pytest.param([[{"points": TRIANGLE}]], "0.0", id="no_class"),
        pytest.param([[{"points": TRIANGLE, "className": 3}]], "0.0", id="class_is_a_number"),
        pytest.param([[{"className": "rnfl"}]], "0.0.points", id="no_points"),
        pytest.param([[{"points": [[0, 0], [1]], "className": "rnfl"}]], "0.0.points", id="ragged_points"),
        pytest.param([[{"points": [[0, 0], [1, np.inf]], "className": "rnfl"}]], "0.0.points", id="infinite_points"),
        pytest.param({**ARRAYS, "points": [[0, np.nan]] * 9}, "points", id="nan_in_the_array"),
        pytest.param({**ARRAYS, "points": [[0, 1e200]] * 9}, "points", id="far_away_in_the_array"),
        pytest.param({**ARRAYS, "points": [[0, 0, 0]] * 9}, "points", id="three_coordinates"),
        pytest.param({**ARRAYS, "offsets": [0, 3, 6, 8]}, "offsets", id="points_left_over"),
        pytest.param({**ARRAYS, "offsets": [0, 6, 3, 9]}, "offsets", id="offsets_shrink"),
        pytest.param({**ARRAYS, "offsets": []}, "", id="no_offsets"),
        pytest.param({**ARRAYS, "slices": [0, 2]}, "", id="a_slice_short"),
        pytest.param({**ARRAYS, "slices": [0, 2, 3]}, "slices", id="slice_outside"),
        pytest.param({**ARRAYS, "num_slices": 10**12}, "num_slices", id="endless_slices"),
        pytest.param({**NOTHING, "num_slices": -1}, "num_slices", id="negative_slices"),
        pytest.param({**ARRAYS, "classes": [0, 1, 2]}, "classes", id="class_unknown"),
        pytest.param({**ARRAYS, "classes": [0, -1, 0]}, "classes", id="class_negative"),
        pytest.param({**ARRAYS, "class_names": ["rnfl", "rnfl"]}, "class_names", id="class_twice"),
        pytest.param({name: part for name, part in ARRAYS.items() if name != "num_slices"}, "num_slices", id="slices?"),
        pytest.param({name: part for name, part in ARRAYS.items() if name != "slices"}, "slices", id="no_slices"),
        pytest.param({**ARRAYS, "scores": [1, 1, 1]}, "scores", id="unknown_array"),
        pytest.param({"borders": np.zeros((2, 1, 4)), "layers": ["rnfl", "gcl"]}, "layers", id="a_border_short"),
        pytest.param({"borders": np.zeros((3, 1, 4)), "layers": ["rnfl", "rnfl"]}, "layers", id="layer_twice"),
        pytest.param({"borders": np.zeros((2, 4)), "layers": ["rnfl"]}, "borders", id="borders_of_one_slice"),
        pytest.param({"borders": np.full((2, 1, 4), np.inf), "layers": ["rnfl"]}, "borders", id="infinite_borders"),
        pytest.param({"borders": np.zeros((2, 1, 4))}, "layers", id="no_layers"),
    ],
)
def test_what_does_not_fit_is_named(value, field):
    """An error names slice and instance, or the array."""
    with pytest.raises(InputError) as refusal:
        read_as(adapter(LayerSegmentation), value, "segmentation")
    assert refusal.value.field == ".".join(part for part in ("segmentation", field) if part)


def test_an_instance_is_read_only():
    """What steps share nobody changes."""
    one = Instance.read({"points": TRIANGLE, "className": "rnfl"})
    with pytest.raises(ValueError, match="read-only"):
        one.points[0] = 1
