"""Which type fits which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
import pytest

from foveola import Array, Exam, Millimetres, Output, Pixels, Record
from foveola.planning.fits import can_be_scaled, fits, may_lose_null, way_to
from foveola.planning.types import Answers, Each

Grid = Annotated[np.ndarray, Array("rows", "columns")]
Line = Annotated[np.ndarray, Array("n")]


class Map(Record, bare="values"):
    """A record that is shown as an array."""

    values: Grid


class Maps(Record, bare="maps"):
    """Records by name."""

    maps: Mapping[str, Map]


class LayerMaps(Maps):
    """A kind of those."""


class LesionMaps(Maps):
    """Another kind."""


class Point(Record):
    """A record that is shown as its fields."""

    x: float


class Answer(Output, bare="statistics"):
    """An answer that is shown as a map."""

    statistics: Mapping[str, float]


class Scan(Exam):
    """A kind of exam."""


FITTING = [
    pytest.param(float, float, id="same"),
    pytest.param(Millimetres, Pixels, id="units are looked at elsewhere"),
    pytest.param(float | None, float, id="null skips the step"),
    pytest.param(int, float, id="a whole number is a number"),
    pytest.param(int, float | None, id="or null"),
    pytest.param(str, float | str, id="one of several"),
    pytest.param(int | float, float, id="all of several"),
    pytest.param(Any, float, id="anything may be it"),
    pytest.param(Point, Any, id="anything takes it"),
    pytest.param(Point, object, id="object takes it"),
    pytest.param(list[int], list[float], id="lists"),
    pytest.param(tuple[int, int], list[float], id="tuple as a list"),
    pytest.param(list[float], tuple[float, float], id="a list may be as long as a tuple"),
    pytest.param(tuple[int, str], tuple[float, str], id="tuples, place by place"),
    pytest.param(list[str], list, id="bare list"),
    pytest.param(dict[str, int], Mapping[str, float], id="maps"),
    pytest.param(dict[str, int], dict, id="bare dict"),
    pytest.param(Literal["a", "b"], str, id="words are text"),
    pytest.param(Literal["a", "b"], Literal["b", "c"], id="words in common"),
    pytest.param(str, Literal["a"], id="a text may be the word"),
    pytest.param(Grid, Grid, id="array"),
    pytest.param(Grid, np.ndarray, id="any array"),
    pytest.param(np.ndarray, Grid, id="an array of any shape may be it"),
    pytest.param(list[list[float]], Grid, id="lists of numbers as an array"),
    pytest.param(tuple[tuple[int, int], ...], Grid, id="tuples of numbers as an array"),
    pytest.param(list[Any], Grid, id="lists of anything as an array"),
    pytest.param(list[Line], Grid, id="rows as an array"),
    pytest.param(list[list[float]], np.ndarray, id="lists as any array"),
    pytest.param(LayerMaps, Maps, id="a kind of it"),
    pytest.param(Maps, LayerMaps, id="may be of that kind"),
    pytest.param(Grid, Map, id="an array as the record that is shown so"),
    pytest.param(list[list[float]], Map, id="lists as the record that is shown so"),
    pytest.param(Mapping[str, Map], LayerMaps, id="a map as the record that is shown so"),
    pytest.param(Mapping[str, Grid], LayerMaps, id="deeper"),
    pytest.param(Mapping[str, float], Point, id="a map as a record's fields"),
    pytest.param(Each(int), Mapping[str, float], id="each as a map"),
    pytest.param(Each(Map), LayerMaps, id="each as a record that is shown so"),
    pytest.param(Scan, Exam, id="a kind of exam"),
]

UNFITTING = [
    pytest.param(str, float, id="text"),
    pytest.param(float, int, id="a number is not whole"),
    pytest.param(bool, int, id="truth is no number"),
    pytest.param(bool, float, id="truth is no fraction"),
    pytest.param(float, str, id="a number is no text"),
    pytest.param(float | str, float, id="one of several does not"),
    pytest.param(float, list[float], id="a number is no list"),
    pytest.param(list[str], list[float], id="lists of others"),
    pytest.param(tuple[int, int], tuple[int, int, int], id="tuples of other lengths"),
    pytest.param(tuple[str, int], tuple[int, str], id="tuples turned round"),
    pytest.param(Mapping[str, str], Mapping[str, float], id="maps of others"),
    pytest.param(list[float], Mapping[str, float], id="a list is no map"),
    pytest.param(Literal["a"], Literal["b"], id="no words in common"),
    pytest.param(Literal["a"], float, id="a word is no number"),
    pytest.param(float, Literal["a"], id="a number is no word"),
    pytest.param(Line, Grid, id="other axes"),
    pytest.param(list[float], Grid, id="not deep enough"),
    pytest.param(list[list[str]], Grid, id="lists of text are no array"),
    pytest.param(float, np.ndarray, id="a number is no array"),
    pytest.param(Grid, list[list[float]], id="an array is no list"),
    pytest.param(Grid, float, id="an array is no number"),
    pytest.param(LayerMaps, LesionMaps, id="records of different classes"),
    pytest.param(Point, Map, id="records that have nothing in common"),
    pytest.param(Line, Map, id="an array of other axes"),
    pytest.param(float, Point, id="a number is no record"),
    pytest.param(Each(str), Mapping[str, float], id="each is something else"),
    pytest.param(Each(float), float, id="each is not one"),
    pytest.param(Answers({"a": float}), float, id="a recipe's answers are several"),
    pytest.param(str, list[str], id="a text is no list of texts"),
    pytest.param(dict, Exam, id="a map is no exam"),
]


@pytest.mark.parametrize(("source", "target"), FITTING)
def test_it_fits(source, target):
    """A value of the one may be given where the other is taken."""
    assert fits(source, target)


@pytest.mark.parametrize(("source", "target"), UNFITTING)
def test_it_does_not_fit(source, target):
    """No value of the one is ever taken for the other."""
    assert not fits(source, target)


@pytest.mark.parametrize(
    ("source", "target", "way"),
    [
        pytest.param(Map, Map, (), id="the whole"),
        pytest.param(Map, Grid, ("values",), id="what it is shown as"),
        pytest.param(Answer, Mapping[str, float], ("statistics",), id="what an answer is shown as"),
        pytest.param(Each(Answer), Mapping[str, Mapping[str, float]], ("statistics",), id="of each"),
        pytest.param(Map, float, None, id="neither"),
        pytest.param(Point, float, None, id="shown as its fields"),
    ],
)
def test_the_way_to_what_fits(source, target, way):
    """The whole, or what a record is shown as."""
    assert way_to(source, target) == way


@pytest.mark.parametrize(
    ("kind", "scaled"),
    [
        pytest.param(float | None, True, id="number"),
        pytest.param(Grid, True, id="array"),
        pytest.param(list[tuple[int, float]], True, id="lists of numbers"),
        pytest.param(Mapping[str, float], True, id="map of numbers"),
        pytest.param(Each(float), True, id="each"),
        pytest.param(Map, False, id="record"),
        pytest.param(Mapping[str, Map], False, id="map of records"),
        pytest.param(str, False, id="text"),
    ],
)
def test_what_can_be_multiplied(kind, scaled):
    """Numbers, however they are put together; not what only contains them."""
    assert can_be_scaled(kind) is scaled


@pytest.mark.parametrize(
    ("source", "target", "loses"),
    [
        pytest.param(list[float | None], list[float], True, id="a list with null"),
        pytest.param(list[float | None], list[float | None], False, id="where it is taken"),
        pytest.param(list[float], list[float], False, id="a list without"),
        pytest.param(Mapping[str, float | None], Mapping[str, float], True, id="a map with null"),
        pytest.param(list[Mapping[str, int | None]], list[Mapping[str, int]], True, id="deeper"),
        pytest.param(Each(float), Mapping[str, float], True, id="an item may be skipped"),
        pytest.param(Each(float), Mapping[str, float | None], False, id="and may be null"),
        pytest.param(Each(float), Any, False, id="anything is taken"),
        pytest.param(list[Any], list[float], False, id="anything may be there"),
        pytest.param(float | None, float, False, id="null itself"),
    ],
)
def test_null_inside_a_value_may_meet_a_type_that_has_none(source, target, loses):
    """Then a run looks for it."""
    assert may_lose_null(source, target) is loses
