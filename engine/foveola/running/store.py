"""The memo on disk: what was computed once is not computed again, by this process or any other.

A folder holds one SQLite file (see `database`) and arrays named by their digests (see `arrays`). An *action* says
under which key which *result* was reached; results are trees (see `codec`) whose arrays are files. Equal results are
stored once. Arrays are written whole before the transaction that names them and deleted after the one that no longer
does, so nothing half-written is ever read; what is damaged all the same is found by its digest, thrown away and
computed again. A store that cannot be used warns once and remembers nothing: results stay right.
"""

from __future__ import annotations

import os
import sqlite3
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any, TypeVar

import numpy as np
import orjson
import platformdirs

from foveola.errors import InputError, sentence
from foveola.running.arrays import STRAY_SECONDS, ArrayFiles
from foveola.running.codec import CodecError, Tree, arrays_of, encode, knows, text_digest, tree_digest
from foveola.running.database import (
    SCHEMA_VERSION,
    Database,
    VersionError,
    delete_actions,
    shrink,
    unnamed,
)
from foveola.values import json_bytes

FOLDER_VARIABLE = "FOVEOLA_MEMO"
BYTES_VARIABLE = "FOVEOLA_MEMO_BYTES"
DEFAULT_BYTES = 10 * 2**30
RECORDS_COMPARED = 64
"""Among how many of a step's records the most alike is looked for."""

_COUNTS = """SELECT
    (SELECT COUNT(*) FROM actions), (SELECT COUNT(*) FROM results), (SELECT COUNT(*) FROM blobs), bytes FROM held"""

T = TypeVar("T")


class MemoWarning(UserWarning):
    """The memo is damaged or cannot be used. Results are right all the same."""


@dataclass(frozen=True)
class StoreInfo:
    """What a store holds: its folder, how many actions, results and arrays, and bytes of at most `limit`."""

    folder: str
    actions: int
    results: int
    arrays: int
    bytes: int
    limit: int


@dataclass(frozen=True)
class Action:
    """An answer that is to be remembered: of which step, what it depends on, and what it is."""

    step: str
    parts: Mapping[str, Any]
    tree: Tree


def default_folder() -> Path:
    """The folder that `FOVEOLA_MEMO` names, else the platform's cache folder.

    Raises:
        InputError: nobody named one, and there is no home folder for it.
    """
    named = os.environ.get(FOLDER_VARIABLE)
    folder = Path(named) if named else platformdirs.user_cache_path("foveola") / "memo"
    if not named and not folder.is_absolute():
        raise InputError(FOLDER_VARIABLE, "must name a folder where there is no home folder; or run with --no-memo")
    return folder


def default_limit() -> int:
    """The bytes that `FOVEOLA_MEMO_BYTES` names, else 10 GiB; what is no number is warned of."""
    named = os.environ.get(BYTES_VARIABLE, "")
    if named and not named.isdecimal():
        warnings.warn(f"{BYTES_VARIABLE} must be a whole number of bytes; it is {named!r}", MemoWarning, stacklevel=3)
    return int(named) if named.isdecimal() else DEFAULT_BYTES


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _is_whole(text: Any, name: str) -> bool:
    """Whether this is the tree of a name; a damaged database may hold anything there."""
    return isinstance(text, bytes) and text_digest(text) == name


class Store:
    """The memo in a folder. What it is given stays with it until `commit`.

    Args:
        folder: where; made when something is first asked of it.
        limit: how many bytes it may hold; the least recently used goes first.
    """

    def __init__(self, folder: Path | None = None, limit: int | None = None) -> None:
        self.folder = folder or default_folder()
        self.limit = default_limit() if limit is None else limit
        self._home = self.folder / f"version-{SCHEMA_VERSION}"
        self._arrays = ArrayFiles(self._home / "arrays")
        self._database: Database | None = None
        self._is_off = False
        self._new: dict[str, Action] = {}
        self._touched: set[str] = set()
        self._new_code: dict[str, tuple[str, Any]] = {}

    def __del__(self) -> None:
        if "_arrays" in vars(self):
            self._arrays.drop()
        self.close()

    def close(self) -> None:
        """Let go of the database, which is opened again when it is needed."""
        database, self._database = vars(self).get("_database"), None
        if database is not None:
            database.close()

    # What a run asks

    def get(self, key: str) -> Tree | None:
        """The tree of a key's result, if it is remembered."""
        if key in self._new:
            return self._new[key].tree
        row = self._first("SELECT tree, digest FROM actions JOIN results ON digest = result WHERE key = ?", key)
        if row is None:
            return None
        text, name = row
        if not _is_whole(text, name):
            self.forget(key)
            return None
        self._touched.add(key)
        return orjson.loads(text)

    def put(
        self, key: str, step: str, parts: Mapping[str, Any], answer: Any, records: Mapping[str, Any] | None = None
    ) -> None:
        """Remember an answer from the next `commit` on; its arrays are written at once, under other names.

        Args:
            key: what it is remembered by.
            step: the step that answered it.
            parts: what the key is made of.
            answer: the answer.
            records: the classes that a reader of it expects; None: whatever it holds.

        Raises:
            TypeError: it holds a value that has no digest, or that nobody could read.
        """
        if self._is_off:
            return
        try:
            tree = encode(answer, self._arrays.keep)
        except OSError as error:
            self._turn_off(error)
            return
        if records is not None and not knows(tree, records):
            raise TypeError(f"the answer of {step} holds a record that its type does not name")
        self._new[key] = Action(step, parts, tree)

    def load(self, digest: str) -> np.ndarray:
        """A stored array, read-only and memory-mapped.

        Raises:
            CodecError: it is not there, or damaged.
        """
        return self._arrays.load(digest)

    def forget(self, key: str) -> None:
        """Throw away what is damaged: an action, all others with its result, and its arrays."""
        warnings.warn(f"the memo's answer {key} is damaged and computed again", MemoWarning, stacklevel=2)
        self._new.pop(key, None)
        self._touched.discard(key)
        self._forget(key)

    def withdraw(self) -> None:
        """Forget what was put since the last commit."""
        self._new.clear()
        self._new_code.clear()
        self._arrays.drop()

    def commit(self) -> None:
        """Write what is new and what was used, in one transaction, and keep the store within its bound."""
        try:
            self._arrays.flush()
        except OSError as error:
            self._turn_off(error)
        if self._new or self._touched or self._new_code:
            self._delete_files(self._write(self._write_all, []))
        elif self._database is not None:
            self._database.rest()
        self._new.clear()
        self._touched.clear()
        self._new_code.clear()

    def _write_all(self, connection: sqlite3.Connection) -> list[str]:
        now, unused = time.time(), list[str]()
        for key, action in self._new.items():
            sizes = {blob: self._arrays.size(blob) for blob in arrays_of(action.tree)}
            if None in sizes.values():  # another process kept the bound, and this array was in its way
                continue
            unused += delete_actions(connection, [key])
            result, parts = tree_digest(action.tree), json_bytes(action.parts)
            connection.execute("INSERT OR IGNORE INTO results VALUES (?, ?)", (result, json_bytes(action.tree)))
            connection.executemany("INSERT OR IGNORE INTO blobs VALUES (?, ?)", sizes.items())
            connection.executemany("INSERT OR IGNORE INTO uses VALUES (?, ?)", [(result, blob) for blob in sizes])
            row = (key, action.step, action.parts["operation"], parts, result, now, now)
            connection.execute("INSERT INTO actions VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        connection.executemany(
            "UPDATE actions SET used = ? WHERE key = ?", [(now, key) for key in sorted(self._touched)]
        )
        connection.executemany(
            "INSERT OR REPLACE INTO code VALUES (?, ?, ?)",
            [(name, stamp, orjson.dumps(content)) for name, (stamp, content) in self._new_code.items()],
        )
        return unused + (shrink(connection, self.limit) if self._new else [])

    def get_code(self, name: str, stamp: str) -> Any:
        """What was read of some code, if its stamp is still the same."""
        row = self._first("SELECT content FROM code WHERE name = ? AND stamp = ?", name, stamp)
        return None if row is None else orjson.loads(row[0])

    def put_code(self, name: str, stamp: str, content: Any) -> None:
        """Remember what was read of some code, from the next `commit` on."""
        self._new_code[name] = (stamp, content)

    # What people ask

    def records_of(self, step: str, operation: str) -> list[dict[str, Any]]:
        """What the remembered answers of a step depended on, the newest first."""
        query = "SELECT parts FROM actions WHERE step = ? AND operation = ? ORDER BY made DESC LIMIT ?"
        return [orjson.loads(parts) for (parts,) in self._all(query, step, operation, RECORDS_COMPARED)]

    def info(self) -> StoreInfo:
        """What the store holds."""
        actions, results, arrays, held = next(iter(self._all(_COUNTS)), (0, 0, 0, 0))
        return StoreInfo(str(self.folder), actions, results, arrays, held, self.limit)

    def prune(self, limit: int | None = None) -> int:
        """Bring the store within a bound and sweep strays; how many bytes went."""
        bound = self.limit if limit is None else limit
        before = self.info().bytes
        self._delete_files(self._write(lambda connection: shrink(connection, bound), []))
        return before - self.info().bytes + self.sweep(STRAY_SECONDS)

    def clear(self) -> int:
        """Forget everything, even a database that cannot be read; how many bytes went."""
        self.close()
        homes = list(self.folder.glob("version-*"))
        before = sum(map(_bytes_below, homes))
        for home in homes:
            rmtree(home, ignore_errors=True)
        return before - sum(map(_bytes_below, homes))

    def verify(self) -> list[str]:
        """Check every digest; throw away what is damaged and say what it was."""
        damaged = []
        actions = self._all("SELECT key, result, tree FROM actions LEFT JOIN results ON digest = result")
        for key, result, text in actions:
            try:
                if not _is_whole(text, result):
                    raise CodecError("its tree is not that of its name")  # noqa: TRY301  one way out for all damage
                for blob in arrays_of(orjson.loads(text)):
                    self.load(blob)
            except CodecError as error:
                damaged.append(f"{key}: {error}")
                self._forget(key)
        damaged += [str(row[0]) for row in self._all("PRAGMA quick_check") if row[0] != "ok"]
        if self._is_off:
            damaged.append(f"{self.folder}: the database cannot be used")
        self.sweep(STRAY_SECONDS)
        return damaged

    def sweep(self, older_than: float) -> int:
        """Delete files that nothing names and that have been there for so many seconds; how many bytes went."""
        found = {path.stem: (path, size) for path, size in self._arrays.older_than(older_than)}

        def write(connection: sqlite3.Connection) -> int:
            swept = 0
            for name in unnamed(connection, found):
                path, size = found[name]
                with suppress(OSError):
                    path.unlink()
                    swept += size
            return swept

        return self._write(write, 0) if found else 0

    # Files

    def _forget(self, key: str) -> None:
        def write(connection: sqlite3.Connection) -> list[str]:
            row = connection.execute("SELECT result FROM actions WHERE key = ?", (key,)).fetchone() or ("",)
            blobs = connection.execute("SELECT blob FROM uses WHERE result = ?", row).fetchall()
            keys = connection.execute("SELECT key FROM actions WHERE result = ?", row).fetchall()
            delete_actions(connection, [one for (one,) in keys])
            return [blob for (blob,) in blobs]

        blobs = self._write(write, list[str]())
        self._arrays.delete(blob for blob in blobs if self._is_damaged(blob))
        self._delete_files(blobs)

    def _is_damaged(self, digest: str) -> bool:
        try:
            self.load(digest)
        except CodecError:
            return True
        return False

    def _delete_files(self, digests: list[str]) -> None:
        """Delete arrays that nothing names. Nobody can begin to name one of them meanwhile."""
        if digests:
            self._write(lambda connection: self._arrays.delete(unnamed(connection, digests)), None)

    # The database

    def _open(self) -> Database | None:
        """The database; None if it cannot be used."""
        if self._database is not None and self._database.process != os.getpid():
            self.close()  # this process was forked
        if self._database is None and not self._is_off:
            try:
                self._database = Database(self._home / "memo.sqlite")
            except (OSError, sqlite3.Error, VersionError) as error:
                self._turn_off(error)
        return self._database

    def _write(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """What some work in one transaction answers; if that is not possible the store turns itself off."""
        database = self._open()
        if database is None:
            return otherwise
        try:
            with database.writing() as connection:
                return work(connection)
        except (OSError, sqlite3.Error) as error:
            self._turn_off(error)
            return otherwise

    def _first(self, query: str, *values: Any) -> Any:
        database = self._open()
        try:
            return None if database is None else database.look_up(query, *values)
        except sqlite3.Error as error:
            self._turn_off(error)
            return None

    def _all(self, query: str, *values: Any) -> list[Any]:
        database = self._open()
        try:
            return database.all(query, *values) if database is not None else []
        except sqlite3.Error as error:
            self._turn_off(error)
            return []

    def _turn_off(self, error: Exception) -> None:
        hint, reason = "", sentence(error) if isinstance(error, OSError) else error
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            hint = "; `foveola memo clear` makes a new one"
        warnings.warn(
            f"the memo in {self.folder} cannot be used ({reason}); nothing is remembered{hint}",
            MemoWarning,
            stacklevel=3,
        )
        self._is_off = True
        self._new.clear()
        self._arrays.drop()
        self.close()
