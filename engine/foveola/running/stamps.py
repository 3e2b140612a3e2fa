"""The states of the files that code is read from: whether what this process runs is what stands there."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from stat import S_ISDIR

from foveola.running.codec import text_digest


def _process_start() -> float:
    """When this process began; where the system does not say, when this module was loaded."""
    try:
        ticks = int(Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError, IndexError):
        return time.time()
    return time.time() - age if ticks else time.time()


_START_SECONDS = 0.02
"""So long a process takes before it imports anything; systems count its age no finer."""

_BEGAN = _process_start() + _START_SECONDS
"""What was written later may be another code than the one that runs."""

_FOLDER = "folder"

_stamped: dict[str, str] = {}
"""The state of every file and folder of code, as it was when it was first asked for."""


def stamp(file: str) -> str:
    """What tells one state of a file or folder from another; the first that this process saw.

    Raises:
        TypeError: the file was written after this process began, which may run what stood there before.
    """
    if file not in _stamped:
        _stamped[file] = _state(file)
    return _stamped[file]


def stamp_of_all(files: Iterable[str]) -> str:
    """One stamp for many files and folders.

    Raises:
        TypeError: one was written after this process began.
    """
    return text_digest("\n".join([stamp(file) for file in files]).encode())


def are_unchanged(files: Iterable[str]) -> bool:
    """Whether files of code are still what they were when their digests were made.

    One that was written since may have been imported since, within a function: what ran is not what the digest says.
    """
    known = {file: _stamped[file] for file in files if file in _stamped}
    try:
        return all(stamp.startswith(_FOLDER) or _state(file) == stamp for file, stamp in known.items())
    except TypeError:
        return False


def _state(file: str) -> str:
    try:
        state = os.stat(file)  # noqa: PTH116  there are hundreds of them
    except OSError:
        return "gone"
    if S_ISDIR(state.st_mode):  # Python itself writes there
        return f"{_FOLDER} {state.st_mtime_ns} {state.st_ino}"
    if max(state.st_mtime, state.st_ctime) > _BEGAN:
        raise TypeError(f"{file} changed after this process began")
    return f"{state.st_mtime_ns} {state.st_ctime_ns} {state.st_size} {state.st_ino}"
