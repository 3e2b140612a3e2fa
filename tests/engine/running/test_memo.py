"""Where answers are remembered: in this process, or in a folder for all."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pytest

from foveola import Array, Output, operation
from foveola.running.calls import Call
from foveola.running.loading import loaded
from foveola.running.memo import MemoryMemo, StoreMemo
from foveola.running.store import Store


class Line(Output):
    """An array."""

    line: Annotated[np.ndarray, Array("n")]


@operation("draw")
def draw(count: int) -> Line:
    """Draw."""
    return Line(line=np.arange(float(count)))


@pytest.fixture(params=["memory", "store"])
def memo(request, tmp_path):
    """A memo of either kind."""
    return MemoryMemo() if request.param == "memory" else StoreMemo(Store(tmp_path))


def test_an_answer_is_remembered_by_what_it_depends_on(memo):
    """Whichever step asks."""
    call = Call(draw, {"count": 3})
    assert memo.recall("a", call) is None
    memo.remember("a", call, call.run())
    memo.commit()
    again = loaded(memo.recall("b", Call(draw, {"count": 3})))
    assert isinstance(again, Line)
    assert again.line.tolist() == [0.0, 1.0, 2.0]
    assert memo.recall("a", Call(draw, {"count": 4})) is None


def test_what_is_remembered_cannot_be_changed(memo):
    """It is the same for everybody."""
    call = Call(draw, {"count": 3})
    memo.remember("a", call, call.run())
    again = loaded(memo.recall("a", call))
    with pytest.raises(ValueError, match="read-only"):
        again.line[0] = 5.0


def test_a_store_remembers_for_other_processes(tmp_path):
    """From the end of the run on."""
    call = Call(draw, {"count": 3})
    writer = StoreMemo(Store(tmp_path))
    writer.remember("a", call, call.run())
    assert StoreMemo(Store(tmp_path)).recall("a", call) is None
    writer.commit()
    assert loaded(StoreMemo(Store(tmp_path)).recall("a", call)).line.tolist() == [0.0, 1.0, 2.0]


def test_memory_forgets_with_the_object():
    """Another knows nothing."""
    call = Call(draw, {"count": 3})
    MemoryMemo().remember("a", call, call.run())
    assert MemoryMemo().recall("a", call) is None
