"""Remembered answers: loaded when they are needed, in parts, and computed again where they are damaged."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import pytest

from foveola import Array, Output, Record, operation
from foveola.running.calls import Call
from foveola.running.loading import Lazy, loaded
from foveola.running.memo import StoreMemo
from foveola.running.store import MemoWarning, Store


class Maps(Record, bare="maps"):
    """Maps by layer, shown as these alone."""

    maps: Mapping[str, Annotated[np.ndarray, Array("n")]]


class Measured(Output):
    """Small and large."""

    count: int
    maps: Maps
    both: tuple[Annotated[np.ndarray, Array("n")], ...]
    nothing: float | None = None


class Anything(Output):
    """What no type tells."""

    thing: Any


RUNS: list[int] = []


@operation("hide")
def hide() -> Anything:
    """Answer a record where its type names none."""
    return Anything(thing=Maps(maps={}))


@operation("measure")
def measure(count: int) -> Measured:
    """Measure."""
    RUNS.append(count)
    line = np.arange(float(count))
    return Measured(count=count, maps=Maps(maps={"rnfl": line, "gcl": line + 1}), both=(line + 2, line + 3))


@pytest.fixture
def lazy(tmp_path) -> Lazy:
    """An answer as another run finds it."""
    RUNS.clear()
    memo, call = StoreMemo(Store(tmp_path)), Call(measure, {"count": 3})
    memo.remember("step", call, call.run())
    memo.commit()
    found = StoreMemo(Store(tmp_path)).recall("step", Call(measure, {"count": 3}))
    assert isinstance(found, Lazy)
    return found


def opened(lazy: Lazy, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arrays that are loaded from now on."""
    load, names = lazy._source._store.load, []
    monkeypatch.setattr(lazy._source._store, "load", lambda name: names.append(name) or load(name))
    return names


def test_what_is_small_is_there_at_once(lazy, monkeypatch):
    """Numbers, words and null need no file."""
    names = opened(lazy, monkeypatch)
    assert (lazy.part("count"), lazy.part("nothing"), lazy.part("absent")) == (3, None, None)
    assert names == []


def test_a_part_loads_no_other(lazy, monkeypatch):
    """One array is one file, also by the name that a bare record leaves out."""
    names = opened(lazy, monkeypatch)
    part = lazy.part("maps").part("gcl")
    assert names == []
    assert loaded(part).tolist() == [1.0, 2.0, 3.0]
    assert loaded(lazy.part("both").part("1")).tolist() == [3.0, 4.0, 5.0]
    assert len(names) == 2


def test_the_whole_is_what_was_answered(lazy):
    """Of the same classes."""
    whole = loaded(lazy)
    assert isinstance(whole, Measured)
    assert whole.plain() == measure(3).plain()
    assert loaded({"a": [lazy.part("maps")]})["a"][0].plain() == {"rnfl": [0.0, 1.0, 2.0], "gcl": [1.0, 2.0, 3.0]}


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", None], ids=["empty", "half", "flipped"])
def test_a_damaged_array_is_computed_again_with_a_warning(lazy, tmp_path, content):
    """Once, whatever parts are asked for, and it is whole the next time."""
    for path in tmp_path.rglob("*.npy"):
        whole = path.read_bytes()
        path.write_bytes(content if content is not None else whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.warns(MemoWarning, match="damaged and computed again"):
        assert loaded(lazy.part("maps").part("gcl")).tolist() == [1.0, 2.0, 3.0]
    assert loaded(lazy.part("both").part("0")).tolist() == [2.0, 3.0, 4.0]
    assert RUNS == [3, 3]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = StoreMemo(Store(tmp_path)).recall("step", Call(measure, {"count": 3}))
        assert loaded(again).plain() == measure(3).plain()
    assert RUNS == [3, 3, 3]


def test_what_could_not_be_read_again_is_not_remembered(tmp_path):
    """A reader makes no class of a name that its type does not name: the step is computed each time."""
    memo, call = StoreMemo(Store(tmp_path)), Call(hide, {})
    memo.remember("step", call, call.run())
    memo.commit()
    assert memo.recall("step", call) is None
