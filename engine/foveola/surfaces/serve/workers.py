"""Processes that answer, so that the loop never waits for numbers, and one that takes too long can be stopped.

A worker does one job at a time. One that dies, or is stopped, is replaced, and only its own request hears of it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Lock

from foveola.surfaces.serve.settings import Settings
from foveola.surfaces.serve.work import Answer, Desk, Job

SECONDS_TO_END = 2.0


class WorkerDiedError(Exception):
    """A worker ended before it had answered."""


class Workers:
    """A bounded number of workers.

    Args:
        settings: of the service.
        on_replacement: hears of each worker that had to be replaced.
    """

    def __init__(self, settings: Settings, on_replacement: Callable[[], None]) -> None:
        self._settings = settings
        self._on_replacement = on_replacement
        self._threads = ThreadPoolExecutor(settings.workers, "foveola-worker")
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._all: set[_Worker] = set()
        self._closed = False

    def start(self) -> None:
        """Start them; they get ready while the service listens already."""
        for _ in range(self._settings.workers):
            self._idle.put(self._new())

    async def answer(self, job: Job, body: bytes) -> Answer:
        """Have a job done by the next worker that is free. A cancelled one is taken out, or its worker stopped.

        Raises:
            WorkerDiedError: it ended on the way.
        """
        ticket = _Ticket()
        try:
            return await asyncio.wrap_future(self._threads.submit(self._answer, ticket, job, body))
        except asyncio.CancelledError:
            ticket.cancel()
            raise

    def close(self) -> None:
        """Stop them all."""
        self._closed = True
        for worker in list(self._all):
            worker.end()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _answer(self, ticket: _Ticket, job: Job, body: bytes) -> Answer:
        worker = self._idle.get()
        try:
            worker.wait_until_ready()  # one that gets ready is not stopped, or it might never be
            if not ticket.begin(worker):
                raise WorkerDiedError
            return worker.answer(job, body)
        except (EOFError, OSError):
            worker = self._replace(worker)
            raise WorkerDiedError from None
        finally:
            ticket.end()
            self._idle.put(worker)

    def _new(self) -> _Worker:
        worker = _Worker(self._settings)
        self._all.add(worker)
        return worker

    def _replace(self, worker: _Worker) -> _Worker:
        worker.end()
        self._all.discard(worker)
        if self._closed:
            return worker
        self._on_replacement()
        return self._new()


class _Ticket:
    """Which worker does a job, for who wants to stop it: never one that has gone on to the next."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._worker: _Worker | None = None
        self._is_cancelled = False

    def begin(self, worker: _Worker) -> bool:
        """Note who does it; false if nobody wants it any more."""
        with self._lock:
            self._worker = worker
            return not self._is_cancelled

    def end(self) -> None:
        """Note that it is done."""
        with self._lock:
            self._worker = None

    def cancel(self) -> None:
        """Stop whoever does it."""
        with self._lock:
            self._is_cancelled = True
            if self._worker is not None:
                self._worker.kill()


class _Worker:
    """One process and the line to it."""

    def __init__(self, settings: Settings) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would copy the locks of other threads
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, settings), daemon=True)
        self._process.start()
        theirs.close()
        self._is_ready = False

    def wait_until_ready(self) -> None:
        """Wait until it has imported what it needs.

        Raises:
            EOFError: the process ended.
            OSError: likewise.
        """
        if not self._is_ready:
            self._is_ready = bool(self._line.recv())

    def answer(self, job: Job, body: bytes) -> Answer:
        """Have a job done.

        Raises:
            EOFError: the process ended.
            OSError: likewise.
        """
        self._line.send(job)
        self._line.send_bytes(body)
        status, media_type, note, headers = self._line.recv()
        return Answer(status, media_type, self._line.recv_bytes(), note, headers)

    def kill(self) -> None:
        """Stop it at once."""
        self._process.kill()

    def end(self) -> None:
        """Let it end, or stop it."""
        self._line.close()
        self._process.join(SECONDS_TO_END)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _bound_memory(most: int | None) -> None:
    """Have what asks for more refused, rather than the machine choose whom it ends."""
    if most is None or sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  there is none on Windows

    with suppress(OSError, ValueError):  # a lower limit is set already
        resource.setrlimit(resource.RLIMIT_DATA, (most, resource.RLIM_INFINITY))


def _work(line: Connection, settings: Settings) -> None:
    """Do jobs until nobody is there to send any."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us ends us
    _bound_memory(settings.memory_of_a_worker)
    desk = Desk(settings)
    desk.warm_up()
    try:
        line.send(True)  # noqa: FBT003  ready
        while True:
            job = line.recv()
            answer = desk.answer(job, line.recv_bytes())
            line.send((answer.status, answer.media_type, answer.note, dict(answer.headers)))
            line.send_bytes(answer.body)
    except (EOFError, OSError):
        return
