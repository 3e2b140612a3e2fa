"""The memo on disk: whole or not there, bounded, shared by processes, and never a reason for a wrong result."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from foveola.running import arrays, database, store
from foveola.running.codec import CodecError
from foveola.running.store import MemoWarning, Store

KIB = np.zeros(128)
"""1 KiB of numbers, and 128 bytes of header in a file."""


def parts(number: int = 0) -> dict[str, object]:
    """What a key depends on."""
    return {"operation": "op", "code": "c", "inputs": {"value": {"value": number}}}


def remember(memo: Store, key: str, answer: object, step: str = "step", number: int = 0) -> None:
    """Put and commit."""
    memo.put(key, step, parts(number), answer)
    memo.commit()


def files(folder: Path) -> list[Path]:
    """The files of arrays."""
    return sorted(path for path in folder.rglob("*") if path.parent.parent.name == "arrays")


def test_what_is_put_is_there_from_the_commit_on(tmp_path):
    """For others; for itself at once."""
    memo = Store(tmp_path)
    memo.put("k", "step", parts(), {"a": 1})
    assert memo.get("k") == ["m", [["a", 1]]]
    assert Store(tmp_path).get("k") is None
    memo.commit()
    assert Store(tmp_path).get("k") == ["m", [["a", 1]]]


def test_equal_results_are_stored_once(tmp_path):
    """Under whichever keys they were reached, and their arrays too."""
    memo = Store(tmp_path)
    for key in "abc":
        remember(memo, key, {"zeros": KIB})
    remember(memo, "d", {"other": KIB})
    info = memo.info()
    assert (info.actions, info.results, info.arrays) == (4, 2, 1)
    assert len(files(tmp_path)) == 1


SHAPES = {
    "a number": np.array(2.0),
    "nothing": np.zeros((0, 3)),
    "text": np.array(["a", "ü"]),
    "truth": np.array([True, False]),
    "complex": np.array([1 + 2j]),
    "columns first": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "backwards": np.arange(6)[::-2],
    "times": np.array(["2020-01-01"], "M8[D]"),
}


@pytest.mark.parametrize("array", SHAPES.values(), ids=SHAPES)
def test_every_kind_of_array_comes_back(tmp_path, array):
    """Read-only, with its shape and dtype."""
    memo = Store(tmp_path)
    memo.put("k", "step", parts(), array)
    again = memo.load(memo.get("k")[1])
    assert again.dtype == array.dtype
    assert again.shape == array.shape
    assert (again == array).all()
    assert not again.flags.writeable


def test_the_least_recently_used_goes_first(tmp_path):
    """What was asked for stays, and files go with what named them."""
    memo = Store(tmp_path, limit=4000)
    for number, key in enumerate("abc"):
        remember(memo, key, np.full(128, float(number)))
        time.sleep(0.01)
    assert Store(tmp_path).get("a") is not None
    user = Store(tmp_path, limit=4000)
    user.get("a")
    user.commit()
    remember(user, "d", np.full(128, 9.0))
    assert [key for key in "abcd" if Store(tmp_path).get(key) is not None] == ["a", "c", "d"]
    assert len(files(tmp_path)) == 3
    assert user.info().bytes <= 4000


def test_what_is_held_is_counted(tmp_path):
    """Arrays, trees and records, as they come and go."""
    memo = Store(tmp_path)
    for number in range(5):
        remember(memo, str(number), {"a": KIB + number % 2, "n": number})
    held = "SELECT (SELECT SUM(bytes) FROM blobs) + (SELECT SUM(LENGTH(tree)) FROM results)"
    held += " + (SELECT SUM(LENGTH(parts)) FROM actions), bytes FROM held"
    for limit in (10**6, 2500, 1500):
        memo.prune(limit)
        counted, said = memo._all(held)[0]
        assert counted == said <= limit
    assert memo.prune(0) > 0
    assert memo.info().bytes == 0
    assert files(tmp_path) == []


def test_a_key_whose_answer_changed_has_the_new_one(tmp_path):
    """What cannot be read any more is computed again, perhaps to something else."""
    memo = Store(tmp_path)
    remember(memo, "k", KIB)
    remember(memo, "k", KIB + 1)
    assert memo.info().arrays == 1
    assert len(files(tmp_path)) == 1
    assert memo.load(memo.get("k")[1])[0] == 1.0


@pytest.mark.parametrize(("said", "limit"), [("1000", 1000), ("", 10 * 2**30)])
def test_the_bound_is_said_outside(monkeypatch, tmp_path, said, limit):
    """In bytes, else 10 GiB."""
    monkeypatch.setenv("FOVEOLA_MEMO_BYTES", said)
    assert Store(tmp_path).info().limit == limit


def test_a_bound_that_is_no_number_is_warned_of(monkeypatch, tmp_path):
    """And is 10 GiB."""
    monkeypatch.setenv("FOVEOLA_MEMO_BYTES", "10 GB")
    with pytest.warns(MemoWarning, match="whole number of bytes; it is '10 GB'"):
        assert Store(tmp_path).limit == 10 * 2**30


def test_a_store_of_another_version_is_left_alone(tmp_path, monkeypatch):
    """It lies elsewhere; and a file that says another version in our place is not used."""
    remember(Store(tmp_path), "k", 1)
    monkeypatch.setattr(store, "SCHEMA_VERSION", 99)
    monkeypatch.setattr(database, "SCHEMA_VERSION", 99)
    assert Store(tmp_path).get("k") is None
    monkeypatch.undo()
    assert Store(tmp_path).get("k") == 1
    with sqlite3.connect(tmp_path / f"version-{database.SCHEMA_VERSION}/memo.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.warns(MemoWarning, match="is of version 99"):
        assert Store(tmp_path).get("k") is None


# Damage


def test_verify_finds_what_is_damaged_and_throws_it_away(tmp_path):
    """A flipped byte, half a file, a file that is gone, a changed tree; what is whole stays."""
    memo = Store(tmp_path)
    for number in range(5):
        remember(memo, f"k{number}", np.full(128, float(number)))
    flipped, half, gone = (memo._arrays.path(memo.get(f"k{number}")[1]) for number in range(3))
    content = bytearray(flipped.read_bytes())
    content[-3] ^= 16
    flipped.write_bytes(content)
    half.write_bytes(half.read_bytes()[:600])
    gone.unlink()
    with sqlite3.connect(tmp_path / f"version-{database.SCHEMA_VERSION}/memo.sqlite") as connection:
        connection.execute("UPDATE results SET tree = '1' WHERE digest = (SELECT result FROM actions WHERE key = 'k3')")
    connection.close()
    told = Store(tmp_path).verify()
    assert sorted(line.partition(":")[0] for line in told) == ["k0", "k1", "k2", "k3"]
    again = Store(tmp_path)
    assert [again.get(f"k{number}") is None for number in range(5)] == [True] * 4 + [False]
    assert again.verify() == []


def test_a_damaged_array_is_told_from_its_digest(tmp_path):
    """Even if it is an array all the same."""
    memo = Store(tmp_path)
    remember(memo, "k", KIB)
    name = memo.get("k")[1]
    np.save(memo._arrays.path(name), KIB + 1)
    with pytest.raises(CodecError, match="its bytes are not those of its name"):
        memo.load(name)


@pytest.mark.parametrize("tree", ["CAST(replace(CAST(tree AS TEXT), '12.5', '13.5') AS BLOB)", "'13.5'", "NULL", "13"])
def test_a_damaged_number_is_told_from_its_digest(tmp_path, tree):
    """Small results have no files of their own; a flipped byte may leave a number that nobody computed."""
    memo = Store(tmp_path)
    remember(memo, "k", {"mean": 12.5})
    connection = sqlite3.connect(next(tmp_path.rglob("memo.sqlite")))
    with connection:
        connection.execute(f"UPDATE results SET tree = {tree}")  # noqa: S608  all of it is ours
    connection.close()
    with pytest.warns(MemoWarning, match="k is damaged"):
        assert memo.get("k") is None
    assert memo.info().actions == 0


def test_strays_are_swept_after_an_hour(tmp_path):
    """Sooner, another process may be about to name them."""
    memo = Store(tmp_path)
    remember(memo, "k", KIB)
    folder = files(tmp_path)[0].parent
    for name in (".half", "0" * 32 + ".npy"):
        (folder / name).write_bytes(b"stray")
    assert memo.prune() == 0
    old = time.time() - arrays.STRAY_SECONDS - 1
    for path in folder.iterdir():
        os.utime(path, (old, old))
    assert memo.prune() == 10
    assert len(files(tmp_path)) == 1
    assert memo.verify() == []


def test_an_array_that_another_process_deletes_before_the_commit_is_not_named(tmp_path):
    """The bound of others is kept, and no entry is left without its file."""
    memo = Store(tmp_path)
    memo.put("k", "step", parts(), KIB)
    memo._arrays.flush()
    memo._arrays.path(memo.get("k")[1]).unlink()
    memo.commit()
    assert Store(tmp_path).get("k") is None
    assert memo.verify() == []


# What cannot be used


def test_a_corrupt_database_is_warned_of_and_can_be_cleared(tmp_path):
    """Nothing is remembered until then."""
    remember(Store(tmp_path), "k", KIB)
    path = tmp_path / f"version-{database.SCHEMA_VERSION}/memo.sqlite"
    path.write_bytes(b"no database" * 1000)
    memo = Store(tmp_path)
    with pytest.warns(MemoWarning, match="cannot be used.*`foveola memo clear` makes a new one"):
        assert memo.get("k") is None
    remember(memo, "k", KIB)
    with pytest.warns(MemoWarning):
        assert Store(tmp_path).verify() == [f"{tmp_path}: the database cannot be used"]
    assert Store(tmp_path).clear() > 1000
    assert not path.exists()
    remember(Store(tmp_path), "k", 1)
    assert Store(tmp_path).get("k") == 1


def test_a_locked_database_is_warned_of(tmp_path, monkeypatch):
    """After a while nothing is remembered, rather than nothing done."""
    remember(Store(tmp_path), "k", 1)
    monkeypatch.setattr(database, "WAIT_SECONDS", 0.05)
    other = sqlite3.connect(tmp_path / f"version-{database.SCHEMA_VERSION}/memo.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    memo = Store(tmp_path)
    assert memo.get("k") == 1
    memo.put("l", "step", parts(), 2)
    with pytest.warns(MemoWarning, match="locked"):
        memo.commit()
    assert memo.get("l") is None
    other.close()


def test_a_folder_that_cannot_be_made_is_warned_of_once(tmp_path):
    """And no more is said."""
    (tmp_path / "file").write_text("here", encoding="utf-8")
    memo = Store(tmp_path / "file" / "memo")
    with pytest.warns(MemoWarning, match="cannot be used"):
        assert memo.get("k") is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        remember(memo, "k", KIB)
        assert memo.get("k") is None
        assert memo.info().bytes == memo.prune() == memo.clear() == 0


def mounted(folder: Path, options: str) -> bool:
    """Whether a small file system could be mounted there."""
    command = ["/bin/mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except OSError:
        return False


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 256 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mounted(folder, "size=256k"):
        pytest.skip("may not mount a file system")
    yield folder
    subprocess.run(["/bin/umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_warned_of(small_disk):
    """What was remembered stays, what did not fit is forgotten, nothing is half there."""
    memo = Store(small_disk)
    remember(memo, "small", KIB)
    with pytest.warns(MemoWarning, match="No space left"):
        remember(memo, "large", np.zeros(65536))
    assert memo.get("large") is None
    again = Store(small_disk)
    assert again.get("small") is not None
    assert again.verify() == []
    assert len(files(small_disk)) == 1


def test_a_read_only_folder_is_warned_of(small_disk):
    """Nothing is remembered in it."""
    remember(Store(small_disk), "k", KIB)
    subprocess.run(["/bin/mount", "-o", "remount,ro", str(small_disk)], check=True)
    memo = Store(small_disk)
    with pytest.warns(MemoWarning, match="cannot be used"):
        remember(memo, "l", KIB + 1)
    assert memo.get("l") is None


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    """Neither half a file nor an entry."""
    memo = Store(tmp_path)
    remember(memo, "k", 1)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.warns(MemoWarning, match="No space left"):
        remember(memo, "l", KIB)
    assert files(tmp_path) == []
    assert Store(tmp_path).get("k") == 1


# Processes


def remember_at_random(folder: Path, seed: int, count: int, limit: int | None) -> None:
    """Use a store as runs do."""
    warnings.simplefilter("error")
    chosen = random.Random(seed)  # noqa: S311  no secret
    memo = Store(folder, limit)
    for _ in range(count):
        for _ in range(chosen.randint(1, 3)):
            number = chosen.randint(0, 40)
            if (tree := memo.get(f"k{number}")) is None:
                memo.put(f"k{number}", "step", parts(number), {"n": number, "a": np.full(512, float(number))})
            else:
                assert tree[1][0] == ["n", number]
        memo.commit()


def test_many_processes_share_a_store(tmp_path):
    """Begun at once on nothing, with a bound that makes them delete what others remember: every entry is whole."""
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=remember_at_random, args=(tmp_path, seed, 40, 60_000)) for seed in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 4
    memo = Store(tmp_path, 60_000)
    assert memo.verify() == []
    assert 0 < memo.info().bytes <= 60_000


def test_processes_that_are_killed_leave_every_entry_whole(tmp_path):
    """At any moment; what they left half-done is swept."""
    chosen = random.Random(1)  # noqa: S311  no secret
    code = (
        "import sys; from test_store import *; remember_at_random(Path(sys.argv[1]), int(sys.argv[2]), 10**6, 60_000)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    for seed in range(6):
        command = [sys.executable, "-c", code, str(tmp_path), str(seed)]
        workers = [subprocess.Popen([*command[:-1], str(seed + 10 * k)], env=environment) for k in range(2)]
        time.sleep(0.6 + chosen.random() / 4)
        for worker in workers:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
    memo = Store(tmp_path, 60_000)
    assert memo.verify() == []
    assert memo.info().bytes <= 60_000
    memo.sweep(0)
    assert len(files(tmp_path)) == memo.info().arrays


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_a_forked_process_opens_the_store_itself(tmp_path):
    """And leaves its parent's alone."""
    memo = Store(tmp_path)
    remember(memo, "k", 1)
    memo.put("parent", "step", parts(), KIB)
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


def test_what_is_not_committed_leaves_nothing(tmp_path):
    """A run that was interrupted has remembered nothing, and its files are gone with its store."""
    memo = Store(tmp_path)
    memo.put("k", "step", parts(), KIB)
    assert len(files(tmp_path)) == 1
    del memo
    assert files(tmp_path) == []


def test_connections_are_closed(tmp_path):
    """With the store, or when it says so; it opens again when it is asked."""
    memo = Store(tmp_path)
    remember(memo, "k", 1)
    memo.close()
    assert memo._database is None
    assert memo.get("k") == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del memo


def test_records_of_a_step_are_found_the_newest_first(tmp_path):
    """Of that step and operation alone."""
    memo = Store(tmp_path)
    for number in range(3):
        remember(memo, f"k{number}", number, number=number)
    remember(memo, "other", 9, step="other", number=9)
    assert memo.records_of("step", "op") == [parts(2), parts(1), parts(0)]
    assert memo.records_of("step", "another") == []
