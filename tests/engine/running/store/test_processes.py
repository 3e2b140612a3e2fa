"""A memo that processes share, fork and die with: every entry is whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from foveola.running.store import Store

KIB = np.zeros(128)
"""1 KiB of numbers, and 128 bytes of header in a file."""
PARTS = {"operation": "op", "code": "c", "inputs": {}}
"""What a key depends on."""


LIMIT = 60_000
"""Bytes that a shared store may hold: what the processes remember does not fit."""

USE = """
import sys
from pathlib import Path
from test_processes import remember_at_random
remember_at_random(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
"""


def remember_at_random(folder: Path, seed: int, count: int) -> None:
    """Use a store as runs do; say when something is remembered."""
    warnings.simplefilter("error")
    chosen = random.Random(seed)  # noqa: S311  no secret
    memo = Store(folder, LIMIT)
    for turn in range(count):
        for _ in range(chosen.randint(1, 3)):
            number = chosen.randint(0, 40)
            if (tree := memo.get(f"k{number}")) is None:
                memo.put(f"k{number}", "step", PARTS, {"n": number, "a": np.full(512, float(number))})
            else:
                assert tree[1][0] == ["n", number]
        memo.commit()
        if not turn:
            print("begun", flush=True)  # noqa: T201  for the test that waits for it


def begun(folder: Path, seed: int, count: int) -> subprocess.Popen[str]:
    """A process that uses a store some times."""
    command = [sys.executable, "-c", USE, str(folder), str(seed), str(count)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_many_processes_share_a_store(tmp_path):
    """Begun at once on nothing, with a bound that makes them delete what others remember: every entry is whole."""
    workers = [begun(tmp_path, seed, 40) for seed in range(4)]
    assert [worker.communicate(timeout=60)[0] for worker in workers] == ["begun\n"] * 4
    assert [worker.returncode for worker in workers] == [0] * 4
    memo = Store(tmp_path, LIMIT)
    assert memo.verify() == []
    assert 0 < memo.info().bytes <= LIMIT


def test_processes_that_are_killed_leave_every_entry_whole(files, tmp_path):
    """One by one, at any moment, while others go on; what they left half-done is swept."""
    chosen = random.Random(1)  # noqa: S311  no secret
    workers = [begun(tmp_path, seed, 10**6) for seed in range(6)]
    assert [worker.stdout.readline() for worker in workers] == ["begun\n"] * 6
    for worker in workers:
        time.sleep(chosen.random() / 4)
        worker.kill()
        assert worker.communicate()[0] == ""
        assert worker.returncode == -signal.SIGKILL
    memo = Store(tmp_path, LIMIT)
    assert memo.verify() == []
    assert 0 < memo.info().bytes <= LIMIT
    memo.sweep(0)
    assert len(files(tmp_path)) == memo.info().arrays


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_a_forked_process_opens_the_store_itself(remember, tmp_path):
    """And leaves its parent's alone."""
    memo = Store(tmp_path)
    remember(memo, "k", 1)
    memo.put("parent", "step", PARTS, KIB)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads
        child = os.fork()
    if child == 0:
        remember(memo, "child", 2)
        memo._arrays.drop()
        os._exit(0 if memo.get("k") == 1 else 1)
    assert os.waitpid(child, 0)[1] == 0
    memo.commit()
    assert (memo.get("k"), memo.get("child")) == (1, 2)
    assert memo.load(memo.get("parent")[1]).tolist() == KIB.tolist()
