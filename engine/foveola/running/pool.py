"""Exams in processes of this machine. Each runs one at a time, so it is known which exam a process died of."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import islice
from multiprocessing.connection import Connection, wait

from foveola.running.tasks import WORKER_DIED, Outcome, Runner, Task, run_task

PATIENCE_SECONDS = 5.0
"""So long a process that was told to end may take for it."""

_PROCESSES = multiprocessing.get_context("spawn")  # forks of a process with threads may hang


@contextmanager
def pool(workers: int) -> Iterator[Runner]:
    """Run exams in several processes; one that dies costs its exam a retry, alone, and nothing else.

    The processes begin at once: while they import what they need, this one makes its plan.
    """
    idle: list[_Worker] = []
    busy: list[_Worker] = []

    def fill(rest: Iterator[Task]) -> None:
        for task in islice(rest, workers - len(busy)):
            worker = idle.pop() if idle else _Worker()
            busy.append(worker)
            worker.give(task)

    def run(tasks: Iterable[Task]) -> Generator[Outcome, None, None]:
        rest = iter(tasks)
        suspects: list[Task] = []
        try:
            fill(rest)
            while busy:
                ready = wait([worker.connection for worker in busy])
                ended = [worker for worker in busy if worker.connection in ready]
                outcomes = {worker: worker.answer() for worker in ended}
                for worker, outcome in outcomes.items():
                    busy.remove(worker)
                    if outcome is not None:
                        idle.append(worker)
                    elif worker.task is not None:
                        suspects.append(worker.task)
                        worker.end()
                fill(rest)
                yield from (outcome for outcome in outcomes.values() if outcome is not None)
        finally:
            while busy:
                busy.pop().stop()
        yield from map(run_alone, suspects)

    try:
        idle += (_Worker() for _ in range(workers))
        yield run
    finally:
        for worker in idle:
            worker.stop()


def run_alone(task: Task) -> Outcome:
    """Run an exam in a process of its own: whether it is the one that kills its worker."""
    worker = _Worker()
    try:
        worker.give(task)
        outcome = worker.answer()
    except BaseException:
        worker.stop()
        raise
    worker.end()
    if outcome is None:
        task.withdraw()
        return Outcome.failed(task, WORKER_DIED, f"the process that ran it died ({worker.cause_of_death})")
    return outcome


class _Worker:
    """A process that runs exams one by one.

    Attributes:
        connection: to it; ready when it has answered or died.
        task: what it runs or ran last.
    """

    def __init__(self) -> None:
        self.task: Task | None = None
        self.connection, theirs = _PROCESSES.Pipe()
        self._process = _PROCESSES.Process(target=_serve, args=(theirs,))
        self._process.start()
        theirs.close()

    def give(self, task: Task) -> None:
        """Let it run an exam."""
        self.task = task
        with suppress(OSError):  # it is dead, which its answer will tell
            self.connection.send(task)

    def answer(self) -> Outcome | None:
        """What became of the exam; None if the process died. Waits for it."""
        try:
            outcome: Outcome = self.connection.recv()
        except (EOFError, OSError):
            return None
        return outcome

    def end(self) -> None:
        """Let it end: it has nothing to do."""
        self.connection.close()
        self._process.join(PATIENCE_SECONDS)
        self._process.kill()

    def stop(self) -> None:
        """End it in the midst of an exam, of which no half is left."""
        self._process.terminate()
        self.end()

    @property
    def cause_of_death(self) -> str:
        """What it died of."""
        self._process.join()
        code = self._process.exitcode or 0
        with suppress(ValueError):
            return signal.Signals(-code).name
        return f"exit status {code}"


def _serve(connection: Connection) -> None:
    """Run exams until there are no more. An interrupt is for whoever sent them, who then ends this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was begun is cleared away
    with closing(connection), suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            connection.send(run_task(connection.recv()))
