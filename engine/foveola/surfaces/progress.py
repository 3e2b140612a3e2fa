"""Progress on stderr, where a person is watching."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from foveola.running.executor import Listener
from foveola.running.results import StepResult


@contextmanager
def watching() -> Iterator[Listener | None]:
    """A listener that shows what has just ended; none where stderr is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with console.status("reading") as status:
        ended = 0

        def listener(step: StepResult) -> None:
            nonlocal ended
            ended += 1
            status.update(Text(f"{ended} steps ended, {step.name} {step.state} in {step.seconds:.2f} s"))  # no markup

        yield listener
