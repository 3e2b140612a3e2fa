"""Exams on a Dask cluster. Dask may blame a neighbour for a worker that died, or call a future lost; we ask again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from importlib import import_module
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import Any

from foveola.errors import FoveolaError, sentence
from foveola.running.pool import run_alone
from foveola.running.tasks import Outcome, Runner, Task, run_task

WINDOW = 4
"""So many exams wait for each thread of a worker: enough to keep it busy, few enough to stop soon."""
CONNECT_SECONDS = 10


class ClusterError(FoveolaError):
    """The cluster cannot run exams, or is gone."""

    code = "CLUSTER_ERROR"


@contextmanager
def cluster(address: str, tell: Callable[[str], None]) -> Iterator[Runner]:
    """Run exams on a Dask cluster.

    Args:
        address: its scheduler's, `tcp://...`.
        tell: is told what people should know.

    Raises:
        ClusterError: it cannot be reached, went away, or its workers cannot run foveola.
    """
    try:
        dask: Any = import_module("distributed")  # the extra `dask`, which says its types here and there
    except ImportError:
        raise ClusterError("--scheduler needs Dask: pip install 'foveola[dask]'") from None
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what people should know, we say
    try:
        client = dask.Client(address, set_as_default=False, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise ClusterError(f"no Dask scheduler answers at {address}: {sentence(error)}") from None

    def run(tasks: Iterable[Task]) -> Generator[Outcome, None, None]:
        rest, batch = iter(tasks), token_hex(4)
        suspects = []
        threads = sum(client.ncores().values())
        if not threads:
            tell(f"no worker has joined {address} yet; waiting for one")
        running: dict[Any, Task] = {}

        def submit(count: int) -> list[Any]:
            futures = {client.submit(_run_once, task, batch, pure=False): task for task in islice(rest, count)}
            running.update(futures)
            return list(futures)

        finished = dask.as_completed(submit(max(1, threads) * WINDOW), loop=client.loop)
        for future in finished:
            task, outcome = running.pop(future), _answer(future, client)
            finished.update(submit(1))
            if outcome is None:
                suspects.append(task)
            else:
                yield outcome
        for task in suspects:
            _mark(task, batch).unlink(missing_ok=True)
            yield run_alone(task)

    with client:
        yield run


def _run_once(task: Task, batch: str) -> Outcome | None:
    """Run an exam; None if that was begun before, and whoever did died of it or beside it.

    Dask would hand an exam that kills its worker to one after another. The mark stops it at the second.
    """
    mark = _mark(task, batch)
    with suppress(OSError):  # a folder that cannot be written is told of by the run
        try:
            mark.touch(exist_ok=False)
        except FileExistsError:
            return None
    try:
        return run_task(task)
    finally:
        with suppress(OSError):
            mark.unlink()


def _mark(task: Task, batch: str) -> Path:
    return task.folder / f".{task.source.name}.{batch}"


def _answer(future: Any, client: Any) -> Outcome | None:
    """What became of an exam; None if that is to be found out.

    Raises:
        ClusterError: there is no cluster any more, or its workers cannot run exams at all.
    """
    from distributed import KilledWorker  # noqa: PLC0415  the extra `dask`

    try:
        outcome: Outcome | None = future.result()
    except (KilledWorker, CancelledError):
        if client.status != "running":
            raise ClusterError("the scheduler went away; start again, and what is done is not done twice") from None
        return None
    except Exception as error:
        raise ClusterError(f"the workers cannot run exams: {sentence(error)}") from error
    return outcome
