"""Thickness maps that know where they are."""

from __future__ import annotations

import numpy as np
import pytest

from foveola import InputError
from foveola_oct.retina import LayerThicknessMaps, PathologyThicknessMaps, ThicknessMap
from foveola_oct.retina.maps import window_slices

ONES = [[1.0, 2.0], [3.0, 4.0]]
TENS = [[10.0, 20.0], [30.0, 40.0]]


def test_null_is_not_measured():
    """Null is read as NaN and said as null again."""
    maps = LayerThicknessMaps.read({"rnfl": [[1, None], [3, 4]]})
    assert np.isnan(maps.maps["rnfl"].values[0, 1])
    assert maps.plain() == {"rnfl": [[1.0, None], [3.0, 4.0]]}


def test_maps_are_shared_and_read_only():
    """Nobody writes into what others hold."""
    values = np.ones((2, 2))
    maps = LayerThicknessMaps.read({"rnfl": values})
    assert np.shares_memory(maps.maps["rnfl"].values, values)
    with pytest.raises(ValueError, match="read-only"):
        maps.maps["rnfl"].values[0, 0] = 2
    with pytest.raises(TypeError):
        maps.maps["gcl"] = maps.maps["rnfl"]


@pytest.mark.parametrize(
    ("given", "used", "expected"),
    [
        pytest.param({"gcl": ONES, "ipl": TENS}, ["gcl"], ONES, id="one_of_two"),
        pytest.param({"gcl": ONES, "ipl": TENS}, ["ipl", "gcl"], [[11, 22], [33, 44]], id="two"),
        pytest.param({"gcl+ipl": TENS}, ["gcl+ipl"], TENS, id="a_class_of_a_device"),
        pytest.param([ONES, TENS], ["gcl", "ipl"], [[11, 22], [33, 44]], id="list_in_order"),
        pytest.param(np.array([ONES, TENS]), ["gcl", "ipl"], [[11, 22], [33, 44]], id="three_axes"),
        pytest.param(TENS, ["rnfl", "gcl", "ipl"], TENS, id="already_summed"),
        pytest.param([TENS], ["rnfl"], TENS, id="list_of_one"),
        pytest.param({"0": ONES, "1": TENS}, ["1"], TENS, id="layers_that_are_called_by_numbers"),
    ],
)
def test_sum_of_layers(given, used, expected):
    """Sample by sample, however the maps are given."""
    np.testing.assert_array_equal(LayerThicknessMaps.read(given).summed(used).values, expected)


def test_sum_with_a_hole():
    """What any layer does not know the sum does not know."""
    summed = LayerThicknessMaps.read({"gcl": [[1, None]], "ipl": [[None, 2]], "inl": [[5, 6]]}).summed(["gcl", "inl"])
    np.testing.assert_array_equal(summed.values, [[6, np.nan]])


def test_sum_keeps_its_place():
    """The sum lies where its layers lie."""
    place = {"center": (3.0, 1.0), "valid_window": (0, 1, 0, 2), "padding_value": 0.0}
    maps = LayerThicknessMaps(maps={name: ThicknessMap(values=np.ones((2, 2)), **place) for name in ("gcl", "ipl")})
    summed = maps.summed(["gcl", "ipl"])
    assert (summed.center, summed.valid_window, summed.padding_value) == tuple(place.values())


@pytest.mark.parametrize(
    ("given", "used"),
    [
        pytest.param({"gcl": ONES}, [], id="none"),
        pytest.param({"gcl": ONES}, ["gcl", "gcl"], id="twice"),
        pytest.param({"gcl": ONES}, ["ipl"], id="unknown"),
        pytest.param({"0": ONES}, ["ipl"], id="unknown_beside_a_number"),
        pytest.param([ONES, TENS], ["gcl", "ipl", "inl"], id="more_names_than_maps"),
        pytest.param([ONES], ["gcl", "ipl"], id="more_names_than_one_map_in_a_list"),
        pytest.param([ONES, TENS], ["gcl"], id="more_maps_than_names"),
    ],
)
def test_layers_that_cannot_be_summed(given, used):
    """No layer, one twice, one that is not there."""
    with pytest.raises(InputError) as refused:
        LayerThicknessMaps.read(given).summed(used)
    assert refused.value.field == "used_layers"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        pytest.param({"gcl": [[1, 2], [3]]}, "gcl", id="ragged"),
        pytest.param({"gcl": [1, 2]}, "gcl", id="one_axis"),
        pytest.param({"gcl": [[]]}, "gcl", id="no_columns"),
        pytest.param({"gcl": []}, "gcl", id="no_slices"),
        pytest.param({"gcl": [["a"]]}, "gcl", id="text"),
        pytest.param({"gcl": [[float("inf")]]}, "gcl", id="infinite"),
        pytest.param([[[1, 2]], [[3]]], "", id="ragged_list"),
        pytest.param([], "", id="empty_list"),
        pytest.param({}, "", id="no_maps"),
    ],
)
def test_maps_that_are_none(given, field):
    """The map that is wrong is named."""
    with pytest.raises(InputError) as refused:
        LayerThicknessMaps.read(given)
    assert refused.value.field == field


def test_there_may_be_nothing_to_sum():
    """Where no layer was segmented there are no maps: a layer that is asked for is then what is wrong."""
    with pytest.raises(InputError, match="there are none"):
        LayerThicknessMaps(maps={}).summed(["rnfl"])


def test_layers_have_one_shape():
    """Maps of several shapes are refused for layers, not for pathologies."""
    several = {"gcl": [[1.0]], "ipl": [[1.0, 2.0]]}
    with pytest.raises(ValueError, match=r"not of \[1, 1\] and \[1, 2\]"):
        LayerThicknessMaps.read(several)
    assert list(PathologyThicknessMaps.read(several).maps) == ["gcl", "ipl"]


@pytest.mark.parametrize("given", ["rnfl", 3, None])
def test_pathologies_have_names(given):
    """Only layers may come without names."""
    with pytest.raises(ValueError, match="maps by name"):
        PathologyThicknessMaps.read(given)


def test_padding_is_for_the_eye():
    """Inside, what was not scanned is NaN; shown, it is the padding value; a hole in the scan stays null."""
    values = np.array([[np.nan, 1.0], [np.nan, np.nan]])
    shown = ThicknessMap(values=values, valid_window=(0, 2, 1, 2), padding_value=0.0)
    assert shown.plain() == [[0.0, 1.0], [0.0, None]]
    assert shown.plain(lists=False).shape == (2, 2)
    assert ThicknessMap(values=values, valid_window=(0, 2, 1, 2)).plain() == [[None, 1.0], [None, None]]
    missing = ThicknessMap(values=values, valid_window=(0, 2, 1, 2), missing_value=-1.0)
    assert missing.plain() == [[None, 1.0], [None, -1.0]]


def test_maps_are_items():
    """`foreach` runs over maps by name."""
    maps = PathologyThicknessMaps.read({"drusen": ONES, "fluid": TENS})
    assert [name for name, _ in maps.items()] == ["drusen", "fluid"]


def test_window_as_an_index():
    """A window cuts its part out of a map."""
    assert np.arange(12).reshape(3, 4)[window_slices((1, 3, 0, 2))].tolist() == [[4, 5], [8, 9]]
