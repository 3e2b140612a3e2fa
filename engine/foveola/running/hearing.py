"""What is warned of while a worker runs an exam: it would be lost where nobody reads that worker's stderr."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, local

from foveola.running.store import MemoWarning

_state = warnings.catch_warnings()
_lock = Lock()
_listeners: set[int] = set()
_heard = local()


@contextmanager
def listening() -> Iterator[list[str]]:
    """Collect the warnings of this thread; others of this process may listen too, each to its own.

    `warnings.catch_warnings` alone serves one thread, and a Dask worker runs exams in several.
    """
    global _state  # noqa: PLW0603  warnings are the process's own
    sentences: list[str] = []
    with _lock:
        if not _listeners:
            _state = warnings.catch_warnings()
            _state.__enter__()
            warnings.simplefilter("always", MemoWarning)
            warnings.showwarning = _hear
        _listeners.add(id(sentences))
    _heard.sentences = sentences
    try:
        yield sentences
    finally:
        _heard.sentences = None
        with _lock:
            _listeners.discard(id(sentences))
            if not _listeners:
                _state.__exit__(None, None, None)


def _hear(message: Warning | str, *_: object, **__: object) -> None:
    sentences = getattr(_heard, "sentences", None)
    if sentences is not None and str(message) not in sentences:
        sentences.append(str(message))
