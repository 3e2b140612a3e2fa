"""What code an operation runs: the part of its key that changes when its results might.

Followed are the operation's own module and every module that it imports, anywhere in it, as far as they belong to its
own package or lie outside the folders of installed packages (editable installations, single files). Of an installed
package counts what its distribution, and those that it requires, say they are made of (see `installed`). Code is
digested without comments, layout and line numbers. Soundness goes before precision: a module counts as a whole, one
that loads others by names made when it runs (`importlib.import_module(name)`, `__getattr__`) counts with its package,
and one that looks for files beside it with all files of that.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from functools import cache
from inspect import unwrap
from pathlib import Path
from typing import Any, Protocol

from foveola.operations import Operation
from foveola.origins import AGAIN
from foveola.running.captures import captured
from foveola.running.codec import digest
from foveola.running.installed import record_digest, record_files_of
from foveola.running.modules import (
    ModuleCode,
    modules_below,
    others_below,
    parents_of,
    place_of,
    read_code,
    runs_older_bytecode,
)
from foveola.running.stamps import are_unchanged, stamp, stamp_of_all

_ENGINE = __name__.partition(".")[0]


class CodeCache(Protocol):
    """Where the reading of code is remembered, as plain data."""

    def get_code(self, name: str, stamp: str) -> Any:
        """What was read under a name, if the stamp is still the same; else None."""

    def put_code(self, name: str, stamp: str, content: Any) -> None:
        """Remember what was read."""


def code_of(operation: Operation[..., Any], remembered: CodeCache | None = None) -> str:
    """What an operation's results depend on beside its inputs: its declared version, else its code.

    Args:
        operation: the operation.
        remembered: where the reading of code is remembered.

    Raises:
        TypeError: its code cannot be known (it was typed into a notebook, it was changed after this process began, or
            it holds a value that has no digest): nothing can be remembered of it.
    """
    if operation.version is not None:
        return f"version {operation.version}"
    return _known_code(operation, remembered).digest


def code_of_classes(
    operation: Operation[..., Any], modules: AbstractSet[str], remembered: CodeCache | None = None
) -> str:
    """The code of classes that an operation is given, where it is no part of its own: it may run their methods.

    Args:
        operation: the operation.
        modules: those of the classes.
        remembered: where the reading of code is remembered.

    Returns:
        Its digest; "" if the operation's own code is all there is.

    Raises:
        TypeError: the code cannot be known.
    """
    if operation.version is not None:
        return ""
    own = _known_code(operation, remembered)
    others = {one for one in modules if own.modules.isdisjoint({one, _all_of(one.partition(".")[0])})}
    if not others:
        return ""
    return digest({_said(module): _closure(module, remembered).digest for module in sorted(others)})


def code_of_reading(read: Callable[..., Any], exam: type, remembered: CodeCache | None = None) -> str:
    """What an exam depends on beside the files that it is read from.

    Args:
        read: what reads it, with whatever was put round it.
        exam: the kind of exam, which says what follows from its values.
        remembered: where the reading of code is remembered.

    Raises:
        TypeError: the code cannot be known.
    """
    return digest([_code_of(unwrap(read), remembered).digest, _closure(exam.__module__, remembered).digest])


def is_unchanged(operations: Iterable[Operation[..., Any]]) -> bool:
    """Whether the code of some operations still is where it was read as it was then."""
    known = [code for one in operations if isinstance(code := _known.get(one), _Code)]
    return are_unchanged(set[str]().union(*(code.files for code in known)))


@dataclass(frozen=True)
class _Code:
    """What an operation's results depend on beside its inputs, and the modules and files in that."""

    digest: str
    modules: AbstractSet[str]
    files: AbstractSet[str]


_known: dict[Operation[..., Any], _Code | TypeError] = {}
"""Of operations, whose code stays as it was loaded for as long as this process lives."""

_closures: dict[str, _Closure] = {}
"""Likewise of modules."""

_readings: dict[tuple[str, str], ModuleCode] = {}
"""Likewise of files, by name and state: many modules import the same ones."""


def _known_code(operation: Operation[..., Any], remembered: CodeCache | None) -> _Code:
    if operation not in _known:
        try:
            _known[operation] = _code_of(operation.function, remembered)
        except TypeError as error:
            _known[operation] = error
    known = _known[operation]
    if isinstance(known, TypeError):
        raise TypeError(*known.args)
    return known


def _code_of(function: Callable[..., Any], remembered: CodeCache | None) -> _Code:
    held, modules = captured(function)
    closures = {module: _closure(module, remembered) for module in sorted(modules) if not _is_of_python(module)}
    found = digest([{_said(module): closure.digest for module, closure in closures.items()}, held])
    return _Code(
        digest=found,
        modules=frozenset().union(*(closure.modules for closure in closures.values())),
        files=frozenset().union(*(closure.files for closure in closures.values())),
    )


# Modules and what they import


@dataclass(frozen=True)
class _Closure:
    """All that a module runs.

    Attributes:
        digest: of it.
        modules: their names.
        tops: the file of every package that it names, "" if there is none.
        files: what was read, and the folders in which modules were looked for.
        stamps: what the system said of these then.
    """

    digest: str
    modules: tuple[str, ...]
    tops: Mapping[str, str]
    files: tuple[str, ...]
    stamps: str


def _closure(module: str, remembered: CodeCache | None) -> _Closure:
    if module not in _closures:
        _closures[module] = _read_closure(module, remembered)
    return _closures[module]


def _read_closure(module: str, remembered: CodeCache | None) -> _Closure:
    """A module and all that it imports; read again only if a file changed."""
    name, version = f"module {module}", platform.python_version()
    if remembered is not None and (content := remembered.get_code(name, version)) is not None:
        known = _Closure(**content)
        if stamp_of_all(known.files) == known.stamps and all(
            _top_file(top) == file for top, file in known.tops.items()
        ):
            return known
    closure = _closure_of(module, remembered)
    if remembered is not None:
        remembered.put_code(name, version, asdict(closure))
    return closure


def _closure_of(module: str, remembered: CodeCache | None) -> _Closure:
    place = place_of(module)
    if place is None or place.file is None:
        raise TypeError(f"the code of {module} cannot be read")
    own = module.partition(".")[0]
    seen: dict[str, str] = {"python": platform.python_version()}
    tops: dict[str, str] = {}
    files: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        top = name.partition(".")[0]
        if not seen.keys().isdisjoint({name, _all_of(top)}) or _is_of_python(top):
            continue
        tops.setdefault(top, _top_file(top))
        if top != own and (records := record_files_of(top)):
            for record in records:
                files.add(str(record))
                seen[record.parent.name] = record_digest(record)
            seen[_all_of(top)] = "installed"
            continue
        place = place_of(name)
        if place is None:
            continue
        files.update(place.folders)
        waiting += parents_of(name)
        if place.file is None:
            seen[name] = "a folder"
            continue
        files.add(str(place.file))
        code = _read(place.file, name, remembered)
        seen[name] = code.digest
        waiting += [*code.imports, *(modules_below(top) if code.is_dynamic else ())]
        if code.calls_by_name and top != _ENGINE:
            raise TypeError(f"{name} calls operations by their names")
        if code.reads_files:
            for said, path in _files_beside(name):
                files.add(str(path))
                seen[said] = "a folder" if path.is_dir() else _read(path, said, remembered).digest
    found = tuple(sorted(files))
    modules = tuple(sorted(seen))
    return _Closure(digest({_said(name): seen[name] for name in modules}), modules, tops, found, stamp_of_all(found))


def _is_of_python(module: str) -> bool:
    """Whether Python brings a module: its version says what it is."""
    return module.partition(".")[0] in sys.stdlib_module_names


def _all_of(package: str) -> str:
    """How an installed package is named, which counts as a whole."""
    return f"{package}.*"


def _files_beside(module: str) -> Iterator[tuple[str, Path]]:
    """The files of a module's package that are no modules, and its folders, each with its name in it.

    Raises:
        TypeError: it lies in none, and so may look for any file.
    """
    package = module.partition(".")[0]
    top = place_of(package)
    if top is None or not top.folders:
        raise TypeError(f"{module} looks for files beside it, and lies in no package")
    for folder in top.folders:
        yield from ((f"{package}/{path.relative_to(folder)}", path) for path in others_below(folder))


def _said(module: str) -> str:
    """A module's name, without the number of a file that this process loaded after another of its name."""
    return module.partition(AGAIN)[0]


def _read(path: Path, module: str, remembered: CodeCache | None) -> ModuleCode:
    """Read a module's file, once in this process, and once for as long as it stays the same where that is remembered.

    Raises:
        TypeError: Python runs what stood there before.
    """
    name, state = f"{module} {path}", f"{stamp(str(path))} {platform.python_version()}"
    if (name, state) not in _readings:
        _readings[name, state] = _read_anew(path, module, name, state, remembered)
    return _readings[name, state]


def _read_anew(path: Path, module: str, name: str, state: str, remembered: CodeCache | None) -> ModuleCode:
    content = remembered.get_code(name, state) if remembered is not None else None
    if content is not None:
        return ModuleCode(**content)
    if runs_older_bytecode(path):
        raise TypeError(f"{path} changed within a second, and Python runs what stood there before")
    code = read_code(path, module)
    if remembered is not None:
        remembered.put_code(name, state, asdict(code))
    return code


@cache
def _top_file(package: str) -> str:
    place = place_of(package)
    return "" if place is None else str(place.file or place.folders[0])
