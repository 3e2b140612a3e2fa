"""What a service is told when it is started."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from foveola.registry import Registry

MEBI = 2**20
MOST_WORKERS = 8
"""By default. More may be asked for: a worker takes some 150 MB."""


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Settings:
    """What a service is told when it is started.

    Attributes:
        token: what callers must bear; None asks nobody.
        buckets: what may be fetched from; nothing else is.
        workers: processes that answer, each one request at a time.
        places: requests that are under way at once, those that wait among them.
        most_bytes: of a body; what lies in its `.npz` may be `expansion` times as much.
        body_seconds: how long a body may take to arrive.
        seconds: how long an answer may take from then on.
        most_memory: of a worker, bytes; None: its share of the machine's, so that no request takes what all need.
        registry: what is served; called in this process and in each worker.
    """

    token: str | None = field(default=None, repr=False)
    buckets: tuple[str, ...] = ()
    workers: int = field(default_factory=lambda: min(processors(), MOST_WORKERS))
    places: int = 64
    most_bytes: int = 128 * MEBI
    expansion: int = 4
    body_seconds: float = 30.0
    seconds: float = 60.0
    most_memory: int | None = None
    registry: Callable[[], Registry] = Registry.installed

    @property
    def memory_of_a_worker(self) -> int | None:
        """What a worker may take; None where that cannot be told."""
        if self.most_memory is not None or not hasattr(os, "sysconf"):
            return self.most_memory
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (self.workers + 1)

    @property
    def most_bytes_at_once(self) -> int:
        """Of all bodies that are under way."""
        return 8 * self.most_bytes
