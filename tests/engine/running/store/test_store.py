"""The memo on disk: what is put is there, whole, once, and within its bound."""

from __future__ import annotations

import sqlite3
import time
import warnings

import numpy as np
import pytest

from foveola.running import database, store
from foveola.running.store import MemoWarning, Store

KIB = np.zeros(128)
"""1 KiB of numbers, and 128 bytes of header in a file."""
PARTS = {"operation": "op", "code": "c", "inputs": {}}
"""What a key depends on."""


def test_what_is_put_is_there_from_the_commit_on(tmp_path):
    """For others; for itself at once."""
    memo = Store(tmp_path)
    memo.put("k", "step", PARTS, {"a": 1})
    assert memo.get("k") == ["m", [["a", 1]]]
    assert Store(tmp_path).get("k") is None
    memo.commit()
    assert Store(tmp_path).get("k") == ["m", [["a", 1]]]


def test_equal_results_are_stored_once(remember, files, tmp_path):
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
    memo.put("k", "step", PARTS, array)
    again = memo.load(memo.get("k")[1])
    assert again.dtype == array.dtype
    assert again.shape == array.shape
    assert (again == array).all()
    assert not again.flags.writeable


def test_the_least_recently_used_goes_first(remember, files, tmp_path):
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


def test_what_is_held_is_counted(remember, files, tmp_path):
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


def test_a_key_whose_answer_changed_has_the_new_one(remember, files, tmp_path):
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


def test_a_store_of_another_version_is_left_alone(remember, tmp_path, monkeypatch):
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


def test_what_is_not_committed_leaves_nothing(files, tmp_path):
    """A run that was interrupted has remembered nothing, and its files are gone with its store."""
    memo = Store(tmp_path)
    memo.put("k", "step", PARTS, KIB)
    assert len(files(tmp_path)) == 1
    del memo
    assert files(tmp_path) == []


def test_connections_are_closed(remember, tmp_path):
    """With the store, or when it says so; it opens again when it is asked."""
    memo = Store(tmp_path)
    remember(memo, "k", 1)
    memo.close()
    assert memo._database is None
    assert memo.get("k") == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del memo


def test_records_of_a_step_are_found_the_newest_first(remember, tmp_path):
    """Of that step and operation alone."""
    memo = Store(tmp_path)
    for number in range(3):
        remember(memo, f"k{number}", number, number=number)
    remember(memo, "other", 9, step="other", number=9)
    assert memo.records_of("step", "op") == [{**PARTS, "inputs": {"value": {"value": number}}} for number in (2, 1, 0)]
    assert memo.records_of("step", "another") == []
