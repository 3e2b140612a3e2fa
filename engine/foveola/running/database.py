"""The memo's SQLite file: which key led to which result, and how many bytes all of it takes.

*actions* say under which key which *result* was reached; *uses* say which arrays (*blobs*) a result has. *held* counts
the bytes of all of these, kept up by triggers, so that the bound costs nothing to check.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

SCHEMA_VERSION = 2
"""Change it with the schema, with what trees look like or with what is read of code: a store of another version lies in
another folder."""

WAIT_SECONDS = 20.0
"""How long to wait for another process's transaction; those take milliseconds."""

_INHERITED: list[sqlite3.Connection] = []
"""Connections of a parent process, which SQLite wants neither used nor closed."""


def _counted(table: str, size: str) -> str:
    """Triggers that count the bytes of a table's rows."""
    return "".join(
        f"CREATE TRIGGER IF NOT EXISTS {table}_{event} AFTER {event} ON {table} BEGIN\n"  # noqa: S608  all of it is ours
        f"    UPDATE held SET bytes = bytes {sign} {size.format(row=row)}; END;\n"
        for event, sign, row in (("INSERT", "+", "new"), ("DELETE", "-", "old"))
    )


_SCHEMA = (
    """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS actions (
    key TEXT PRIMARY KEY, step TEXT, operation TEXT, parts BLOB, result TEXT, used REAL, made REAL);
CREATE INDEX IF NOT EXISTS actions_by_step ON actions (step, operation, made);
CREATE INDEX IF NOT EXISTS actions_by_result ON actions (result);
CREATE TABLE IF NOT EXISTS results (digest TEXT PRIMARY KEY, tree BLOB);
CREATE TABLE IF NOT EXISTS uses (result TEXT, blob TEXT, PRIMARY KEY (result, blob)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS uses_by_blob ON uses (blob);
CREATE TABLE IF NOT EXISTS blobs (digest TEXT PRIMARY KEY, bytes INTEGER);
CREATE TABLE IF NOT EXISTS code (name TEXT PRIMARY KEY, stamp TEXT, content BLOB);
CREATE TABLE IF NOT EXISTS held (only INTEGER PRIMARY KEY CHECK (only = 0), bytes INTEGER);
INSERT OR IGNORE INTO held VALUES (0, 0);
"""
    + _counted("actions", "LENGTH({row}.parts)")
    + _counted("results", "LENGTH({row}.tree)")
    + _counted("blobs", "{row}.bytes")
    + f"PRAGMA user_version = {SCHEMA_VERSION};\nCOMMIT;"
)


class VersionError(Exception):
    """The file is not of this version."""


class Database:
    """An open memo. Belongs to the process that opened it.

    Args:
        path: the file; made if it is not there.

    Raises:
        OSError: it cannot be made.
        sqlite3.Error: it cannot be opened, or is damaged.
        VersionError: another version of foveola made it.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.process = os.getpid()
        self._connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
        try:
            self._prepare(path)
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self, path: Path) -> None:
        found = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if found not in {0, SCHEMA_VERSION}:
            raise VersionError(f"{path} is of version {found}, not {SCHEMA_VERSION}")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        if found == 0:
            self._begin_log()
            self._connection.executescript(_SCHEMA)

    def _begin_log(self) -> None:
        """Switch to a write-ahead log. SQLite does not wait for others who do the same at this moment."""
        began = time.monotonic()
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if time.monotonic() - began > WAIT_SECONDS:
                    raise
                time.sleep(0.01)
            else:
                break

    def close(self) -> None:
        """Let go of the file. A forked child leaves alone what its parent opened."""
        if self.process == os.getpid():
            self._connection.close()
        else:
            _INHERITED.append(self._connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing."""
        self.rest()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise

    def look_up(self, query: str, *values: Any) -> Any:
        """The first row of a query's answer, or None. What is found one after the other is read under one lock."""
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN")
        row = self._connection.execute(query, values).fetchone()
        if row is None:
            self.rest()
        return row

    def rest(self) -> None:
        """Nothing will be looked up for a while: others may tidy up."""
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")

    def all(self, query: str, *values: Any) -> list[Any]:
        """All rows of a query's answer."""
        return self._connection.execute(query, values).fetchall()


def held_bytes(connection: sqlite3.Connection) -> int:
    """How many bytes everything takes."""
    return int(connection.execute("SELECT bytes FROM held").fetchone()[0])


def delete_actions(connection: sqlite3.Connection, keys: list[str]) -> list[str]:
    """Delete actions, the results that no other action reaches and the arrays that no other result has; those arrays.

    Their files are to be deleted once this is committed, as far as they are `unnamed` then.
    """
    unused: list[str] = []
    for key in keys:
        row = connection.execute("SELECT result FROM actions WHERE key = ?", (key,)).fetchone()
        connection.execute("DELETE FROM actions WHERE key = ?", (key,))
        if row is None or connection.execute("SELECT 1 FROM actions WHERE result = ?", row).fetchone():
            continue
        connection.execute("DELETE FROM results WHERE digest = ?", row)
        blobs = connection.execute("SELECT blob FROM uses WHERE result = ?", row).fetchall()
        connection.execute("DELETE FROM uses WHERE result = ?", row)
        for blob in blobs:
            if not connection.execute("SELECT 1 FROM uses WHERE blob = ?", blob).fetchone():
                connection.execute("DELETE FROM blobs WHERE digest = ?", blob)
                unused += blob
    return unused


def shrink(connection: sqlite3.Connection, limit: int) -> list[str]:
    """Delete the least recently used actions until at most `limit` bytes are held; the arrays that nothing has now."""
    unused: list[str] = []
    while held_bytes(connection) > limit:
        oldest = connection.execute("SELECT key FROM actions ORDER BY used, made LIMIT 256").fetchall()
        if not oldest:
            break
        for (key,) in oldest:
            if held_bytes(connection) <= limit:
                break
            unused += delete_actions(connection, [key])
    return unused


def unnamed(connection: sqlite3.Connection, digests: Iterable[str]) -> list[str]:
    """Those arrays that nothing names; nobody can come to name them before the transaction ends."""
    return [one for one in digests if not connection.execute("SELECT 1 FROM blobs WHERE digest = ?", (one,)).fetchone()]
