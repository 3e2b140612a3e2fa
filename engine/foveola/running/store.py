"""The memo on disk: what was computed once is not computed again, by this process or any other.

A folder holds one SQLite file and arrays as `.npy` files named by their digests. An *action* says under which key
which *result* was reached; results are trees (see `codec`) whose arrays are *blobs*. Equal results are stored once. Blobs are
written whole (temporary file, fsync, rename) before the transaction that names them, so nothing half-written is ever
read; what is damaged all the same is found by its digest, thrown away and computed again. A store that cannot be written
warns once and remembers nothing: results stay right.
"""

from __future__ import annotations

import os
import sqlite3
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
import orjson
import platformdirs

from foveola.running.code import ModuleCode
from foveola.running.codec import CodecError, Tree, array_digest, arrays_of, encode, tree_digest
from foveola.values import json_bytes

FOLDER_VARIABLE = "FOVEOLA_MEMO"
BYTES_VARIABLE = "FOVEOLA_MEMO_BYTES"
DEFAULT_BYTES = 10 * 2**30
STRAY_SECONDS = 3600
"""A file that no transaction names may be about to be named; after an hour it is a stray."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS actions (key TEXT PRIMARY KEY, step TEXT, parts BLOB, result TEXT, used REAL, made REAL);
CREATE INDEX IF NOT EXISTS actions_by_step ON actions (step, made);
CREATE INDEX IF NOT EXISTS actions_by_result ON actions (result);
CREATE TABLE IF NOT EXISTS results (digest TEXT PRIMARY KEY, tree BLOB);
CREATE TABLE IF NOT EXISTS uses (result TEXT, blob TEXT, PRIMARY KEY (result, blob)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS uses_by_blob ON uses (blob);
CREATE TABLE IF NOT EXISTS blobs (digest TEXT PRIMARY KEY, bytes INTEGER);
CREATE TABLE IF NOT EXISTS code (path TEXT PRIMARY KEY, stamp TEXT, digest TEXT, imports BLOB);
"""


class MemoWarning(UserWarning):
    """The memo is damaged or cannot be written. Results are right all the same."""


@dataclass(frozen=True)
class StoreInfo:
    """What a store holds: its folder, how many actions, results and arrays, and bytes of at most `limit`."""

    folder: str
    actions: int
    results: int
    arrays: int
    bytes: int
    limit: int


def default_folder() -> Path:
    """The folder that `FOVEOLA_MEMO` names, else the platform's cache folder."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else platformdirs.user_cache_path("foveola") / "memo"


class Store:
    """The memo in a folder.

    Args:
        folder: where; made when something is first remembered.
        limit: how many bytes it may hold; the least recently used goes first.
    """

    def __init__(self, folder: Path | None = None, limit: int | None = None) -> None:
        self.folder = folder or default_folder()
        self.limit = int(os.environ.get(BYTES_VARIABLE, DEFAULT_BYTES)) if limit is None else limit
        self._connection: sqlite3.Connection | None = None
        self._is_off = False
        self._new: dict[str, tuple[str, Mapping[str, Any], Tree]] = {}
        self._touched: set[str] = set()
        self._sizes: dict[str, int] = {}
        self._new_code: dict[str, tuple[str, ModuleCode]] = {}

    # What the executor asks

    def get(self, key: str) -> Tree | None:
        """The tree of a key's result, if it is remembered."""
        if key in self._new:
            return self._new[key][2]
        row = self._first("SELECT tree FROM actions JOIN results ON digest = result WHERE key = ?", key)
        if row is None:
            return None
        self._touched.add(key)
        try:
            return orjson.loads(row[0])
        except orjson.JSONDecodeError:
            self.forget(key)
            return None

    def put(self, key: str, step: str, parts: Mapping[str, Any], answer: Any) -> Tree:
        """Remember an answer from the next `commit` on; its tree."""
        tree = encode(answer, self._keep)
        self._new[key] = (step, parts, tree)
        return tree

    def load(self, digest: str) -> np.ndarray:
        """A stored array, read-only and memory-mapped.

        Raises:
            CodecError: it is not there, or damaged.
        """
        path = self._path(digest)
        try:
            array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise CodecError(f"{path} cannot be read: {error}") from None
        if array_digest(array) != digest:
            raise CodecError(f"{path} is damaged: its bytes are not those of its name")
        return np.asarray(array)

    def forget(self, key: str) -> None:
        """Throw away what is damaged: an action, its result and the arrays of that."""
        warnings.warn(f"the memo's answer {key} is damaged and computed again", MemoWarning, stacklevel=2)
        tree = self._new.pop(key, (None, None, None))[2]
        with self._writing() as connection:
            row = connection.execute("SELECT result FROM actions WHERE key = ?", (key,)).fetchone()
            connection.execute("DELETE FROM actions WHERE key = ?", (key,))
            if row is not None:
                blobs = [blob for (blob,) in connection.execute("SELECT blob FROM uses WHERE result = ?", row)]
                connection.execute("DELETE FROM actions WHERE result = ?", row)
                connection.execute("DELETE FROM results WHERE digest = ?", row)
                connection.execute("DELETE FROM uses WHERE result = ?", row)
                self._drop_damaged(connection, blobs)
        del tree

    def commit(self) -> None:
        """Write what is new and what was used, in one transaction, and keep the store within its bound."""
        if not (self._new or self._touched or self._new_code):
            return
        now = time.time()
        with self._writing() as connection:
            for key, (step, parts, tree) in self._new.items():
                result = tree_digest(tree)
                connection.execute("INSERT OR IGNORE INTO results VALUES (?, ?)", (result, json_bytes(tree)))
                for blob in set(arrays_of(tree)):
                    connection.execute("INSERT OR IGNORE INTO uses VALUES (?, ?)", (result, blob))
                    connection.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (blob, self._size(blob)))
                row = (key, step, json_bytes(dict(parts)), result, now, now)
                connection.execute("INSERT OR REPLACE INTO actions VALUES (?, ?, ?, ?, ?, ?)", row)
            connection.executemany("UPDATE actions SET used = ? WHERE key = ?", [(now, key) for key in self._touched])
            for path, (stamp, code) in self._new_code.items():
                row_ = (path, stamp, code.digest, orjson.dumps(code.imports))
                connection.execute("INSERT OR REPLACE INTO code VALUES (?, ?, ?, ?)", row_)
            self._shrink(connection, self.limit)
        self._new.clear()
        self._touched.clear()
        self._new_code.clear()

    def latest_parts(self, step: str) -> dict[str, Any] | None:
        """What the newest remembered answer of a step depended on."""
        row = self._first("SELECT parts FROM actions WHERE step = ? ORDER BY made DESC LIMIT 1", step)
        return None if row is None else orjson.loads(row[0])

    def get_code(self, path: str, stamp: str) -> ModuleCode | None:
        """What a source file said, if it has not changed."""
        row = self._first("SELECT digest, imports FROM code WHERE path = ? AND stamp = ?", path, stamp)
        return None if row is None else ModuleCode(row[0], tuple(orjson.loads(row[1])))

    def put_code(self, path: str, stamp: str, code: ModuleCode) -> None:
        """Remember what a source file said, from the next `commit` on."""
        self._new_code[path] = (stamp, code)

    # What people ask

    def info(self) -> StoreInfo:
        """What the store holds."""
        return StoreInfo(
            folder=str(self.folder),
            actions=self._number("SELECT COUNT(*) FROM actions"),
            results=self._number("SELECT COUNT(*) FROM results"),
            arrays=self._number("SELECT COUNT(*) FROM blobs"),
            bytes=self._bytes(),
            limit=self.limit,
        )

    def prune(self, limit: int | None = None) -> int:
        """Bring the store within a bound and sweep strays; how many bytes went."""
        before = self._bytes()
        with self._writing() as connection:
            self._shrink(connection, self.limit if limit is None else limit)
        return before - self._bytes() + self._sweep(STRAY_SECONDS)

    def clear(self) -> int:
        """Forget everything; how many bytes went."""
        before = self._bytes()
        with self._writing() as connection:
            self._shrink(connection, -1)
            connection.execute("DELETE FROM code")
        self._sweep(0)
        return before

    def verify(self) -> list[str]:
        """Check every digest; throw away what is damaged and say what it was."""
        damaged = []
        for key, result, text in self._all(
            "SELECT key, result, tree FROM actions LEFT JOIN results ON digest = result"
        ):
            try:
                tree = orjson.loads(text or b"")
                if tree_digest(tree) != result:
                    raise CodecError("its tree is not that of its name")  # noqa: TRY301  one way out for all damage
                for blob in arrays_of(tree):
                    self.load(blob)
            except (orjson.JSONDecodeError, CodecError) as error:
                damaged.append(f"{key}: {error}")
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", MemoWarning)
                    self.forget(key)
        self._sweep(STRAY_SECONDS)
        return damaged

    # Files

    def _path(self, digest: str) -> Path:
        return self.folder / "arrays" / digest[:2] / f"{digest}.npy"

    def _keep(self, digest: str, array: np.ndarray) -> None:
        """Write an array that is not there yet, whole."""
        path = self._path(digest)
        if self._is_off or path.exists():
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as temporary:
                try:
                    np.save(temporary, np.ascontiguousarray(array), allow_pickle=False)
                    temporary.flush()
                    os.fsync(temporary.fileno())
                    Path(temporary.name).replace(path)
                except BaseException:
                    Path(temporary.name).unlink(missing_ok=True)
                    raise
        except OSError as error:
            self._turn_off(error)

    def _size(self, digest: str) -> int:
        with suppress(OSError):
            return self._path(digest).stat().st_size
        return 0

    def _sweep(self, older_than: float) -> int:
        """Delete files that no transaction names; how many bytes went."""
        named = {digest for (digest,) in self._all("SELECT digest FROM blobs")}
        swept = 0
        for path in (self.folder / "arrays").glob("*/*"):
            with suppress(OSError):
                stat = path.stat()
                if path.stem not in named and time.time() - stat.st_mtime >= older_than:
                    path.unlink()
                    swept += stat.st_size
        return swept

    def _drop_damaged(self, connection: sqlite3.Connection, blobs: list[str]) -> None:
        for blob in blobs:
            try:
                self.load(blob)
            except CodecError:
                self._path(blob).unlink(missing_ok=True)
        self._drop_unused(connection)

    # The database

    def _shrink(self, connection: sqlite3.Connection, limit: int) -> None:
        """Delete the least recently used actions until the store holds at most `limit` bytes."""
        while (held := self._bytes()) > limit:
            keys = [key for (key,) in connection.execute("SELECT key FROM actions ORDER BY used LIMIT 64")]
            if not keys:
                break
            for key in keys:
                connection.execute("DELETE FROM actions WHERE key = ?", (key,))
                held = self._drop_unused(connection, held)
                if held <= limit:
                    break

    def _drop_unused(self, connection: sqlite3.Connection, held: int = 0) -> int:
        """Delete results that no action reaches and arrays that no result holds; the bytes still held."""
        orphans = "digest NOT IN (SELECT result FROM actions)"
        for (size,) in connection.execute(f"SELECT LENGTH(tree) FROM results WHERE {orphans}"):  # noqa: S608  ours
            held -= size
        connection.execute(f"DELETE FROM results WHERE {orphans}")  # noqa: S608  ours
        connection.execute("DELETE FROM uses WHERE result NOT IN (SELECT digest FROM results)")
        unused = connection.execute("SELECT digest, bytes FROM blobs WHERE digest NOT IN (SELECT blob FROM uses)")
        for blob, size in unused.fetchall():
            connection.execute("DELETE FROM blobs WHERE digest = ?", (blob,))
            self._path(blob).unlink(missing_ok=True)
            held -= size
        return held

    def _bytes(self) -> int:
        return self._number(
            "SELECT (SELECT COALESCE(SUM(bytes), 0) FROM blobs) + (SELECT COALESCE(SUM(LENGTH(tree)), 0) FROM results)"
            " + (SELECT COALESCE(SUM(LENGTH(parts)), 0) FROM actions)"
        )

    def _number(self, query: str) -> int:
        row = self._first(query)
        return int(row[0]) if row else 0

    def _open(self) -> sqlite3.Connection | None:
        if self._connection is None and not self._is_off:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                connection = sqlite3.connect(self.folder / "memo.sqlite", timeout=60, isolation_level=None)
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.executescript(_SCHEMA)
                self._connection = connection
            except (OSError, sqlite3.Error) as error:
                self._turn_off(error)
        return self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; where it cannot be written the store turns itself off."""
        connection = self._open()
        if connection is None:
            connection = sqlite3.connect(":memory:")
            connection.executescript(_SCHEMA)
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except (OSError, sqlite3.Error) as error:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            self._turn_off(error)

    def _first(self, query: str, *values: str) -> tuple[Any, ...] | None:
        return next(iter(self._all(query, *values)), None)

    def _all(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        connection = self._open()
        if connection is None:
            return []
        try:
            return connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            self._turn_off(error)
            return []

    def _turn_off(self, error: Exception) -> None:
        if not self._is_off:
            warnings.warn(
                f"the memo in {self.folder} cannot be used ({error}); nothing is remembered", MemoWarning, stacklevel=3
            )
        self._is_off = True
        self._connection = None
