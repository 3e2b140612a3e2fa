"""A memo that is damaged, or cannot be used: what is wrong with it is found, told, and never answered."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from foveola.running import arrays, database
from foveola.running.codec import CodecError
from foveola.running.store import MemoWarning, Store

KIB = np.zeros(128)
"""1 KiB of numbers, and 128 bytes of header in a file."""
PARTS = {"operation": "op", "code": "c", "inputs": {}}
"""What a key depends on."""


def test_verify_finds_what_is_damaged_and_throws_it_away(remember, tmp_path):
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


def test_a_damaged_array_is_told_from_its_digest(remember, tmp_path):
    """Even if it is an array all the same."""
    memo = Store(tmp_path)
    remember(memo, "k", KIB)
    name = memo.get("k")[1]
    np.save(memo._arrays.path(name), KIB + 1)
    with pytest.raises(CodecError, match="its bytes are not those of its name"):
        memo.load(name)


@pytest.mark.parametrize("tree", ["CAST(replace(CAST(tree AS TEXT), '12.5', '13.5') AS BLOB)", "'13.5'", "NULL", "13"])
def test_a_damaged_number_is_told_from_its_digest(remember, tmp_path, tree):
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


def test_strays_are_swept_after_an_hour(remember, files, tmp_path):
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
    memo.put("k", "step", PARTS, KIB)
    memo._arrays.flush()
    memo._arrays.path(memo.get("k")[1]).unlink()
    memo.commit()
    assert Store(tmp_path).get("k") is None
    assert memo.verify() == []


def test_a_corrupt_database_is_warned_of_and_can_be_cleared(remember, tmp_path):
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


def test_a_locked_database_is_warned_of(remember, tmp_path, monkeypatch):
    """After a while nothing is remembered, rather than nothing done."""
    remember(Store(tmp_path), "k", 1)
    monkeypatch.setattr(database, "WAIT_SECONDS", 0.05)
    other = sqlite3.connect(tmp_path / f"version-{database.SCHEMA_VERSION}/memo.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    memo = Store(tmp_path)
    assert memo.get("k") == 1
    memo.put("l", "step", PARTS, 2)
    with pytest.warns(MemoWarning, match="locked"):
        memo.commit()
    assert memo.get("l") is None
    other.close()


def test_a_folder_that_cannot_be_made_is_warned_of_once(remember, tmp_path):
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


def test_a_full_disk_is_warned_of(remember, files, small_disk):
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


def test_a_read_only_folder_is_warned_of(remember, small_disk):
    """Nothing is remembered in it."""
    remember(Store(small_disk), "k", KIB)
    subprocess.run(["/bin/mount", "-o", "remount,ro", str(small_disk)], check=True)
    memo = Store(small_disk)
    with pytest.warns(MemoWarning, match="cannot be used"):
        remember(memo, "l", KIB + 1)
    assert memo.get("l") is None


def test_a_write_that_fails_leaves_nothing(remember, files, tmp_path, monkeypatch):
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
