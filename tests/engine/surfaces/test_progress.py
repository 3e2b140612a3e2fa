"""Progress, where a person is watching."""

from __future__ import annotations

import sys
from io import StringIO

import pytest

from foveola.running.results import StepResult
from foveola.surfaces.progress import watching


class Terminal(StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


def test_nobody_is_told_where_nobody_watches(monkeypatch):
    """Stderr is no terminal."""
    monkeypatch.setattr(sys, "stderr", StringIO())
    with watching() as listener:
        assert listener is None


@pytest.mark.parametrize("name", ["etdrs", "etdrs[rnfl]", "each[/left].sum"])
def test_a_person_sees_what_has_just_ended(monkeypatch, name):
    """Whatever it is called: a name is no markup."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    with watching() as listener:
        listener(StepResult(name, "get_etdrs", "computed", seconds=1.234))
    assert f"1 steps ended, {name} computed in 1.23 s" in sys.stderr.getvalue()
