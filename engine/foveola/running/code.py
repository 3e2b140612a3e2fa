"""What code an operation runs: the part of its key that changes when its results might.

Followed are the operation's own module and every module that it imports, anywhere in it, as far as they belong to its
own package or lie outside the folders of installed packages (editable installations, single files). Of an installed
package counts what its distribution, and those that it requires, say they are made of (see `installed`). Code is
digested without comments, layout and line numbers. Soundness goes before precision: a module counts as a whole, and one
that loads others by names made when it runs (`importlib.import_module(name)`, `__getattr__`) counts with its package.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from stat import S_ISDIR
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, Protocol

from foveola.operations import Operation
from foveola.plugins import AGAIN
from foveola.running.codec import digest, encode, text_digest
from foveola.running.installed import record_digest, records_of
from foveola.running.modules import ModuleCode, modules_below, parents_of, place_of, read_code, runs_older_bytecode

_BEGAN = time.time()
"""When this process loaded this module. What was written later may be another code than the one that runs."""


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
    if operation not in _known:
        try:
            _known[operation] = _code_of(operation.function, remembered)
        except TypeError as error:
            _known[operation] = error
    known = _known[operation]
    if isinstance(known, TypeError):
        raise TypeError(*known.args)
    return known


_known: dict[Operation[..., Any], str | TypeError] = {}
"""Of operations, whose code stays as it was loaded for as long as this process lives."""

_closures: dict[str, str] = {}
"""Likewise of modules."""


def _code_of(function: Callable[..., Any], remembered: CodeCache | None) -> str:
    modules: set[str] = set()
    held = list(_held(function, modules, set()))
    for module in modules - _closures.keys():
        _closures[module] = _closure_digest(module, remembered)
    return digest([{_said(module): _closures[module] for module in sorted(modules)}, held])


# What a function holds beside the text of its module


def _held(value: Any, modules: set[str], seen: set[int]) -> Iterator[Any]:  # noqa: PLR0912  a branch for each kind
    """What a function that another function made was made with; to `modules` are added those whose code it runs.

    Raises:
        TypeError: something in it has no digest.
    """
    if id(value) in seen:
        return
    seen.add(id(value))
    match value:
        case FunctionType():
            modules |= {value.__module__, value.__globals__["__name__"]} - {None}
            if "<locals>" in value.__code__.co_qualname:
                yield _code_data(value.__code__)
                cells = [cell.cell_contents for cell in value.__closure__ or () if _is_filled(cell)]
                for one in (*cells, *(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()):
                    yield from _held(one, modules, seen)
            if hasattr(value, "__wrapped__"):
                yield from _held(value.__wrapped__, modules, seen)
        case Operation(function=function):
            yield from _held(function, modules, seen)
        case partial():
            for one in (value.func, *value.args, *value.keywords.values()):
                yield from _held(one, modules, seen)
            yield sorted(value.keywords)
        case type():
            modules.add(value.__module__)
            yield value.__qualname__
        case ModuleType():
            modules.add(value.__name__)
        case BuiltinFunctionType():
            yield f"{value.__module__}.{value.__qualname__}"
        case _ if hasattr(value, "__wrapped__"):
            modules.add(type(value).__module__)
            yield from _held(value.__wrapped__, modules, seen)
        case _:
            yield encode(value)


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018  asking is the only way to know
    except ValueError:
        return False
    return True


def _code_data(code: CodeType) -> list[Any]:
    """What a function does, without where it stands: which of its module's functions it is."""
    constants = [_code_data(one) if isinstance(one, CodeType) else repr(one) for one in code.co_consts]
    return [code.co_code.hex(), list(code.co_names), constants]


# Modules and what they import


@dataclass(frozen=True)
class _Closure:
    """All that a module runs.

    Attributes:
        digest: of it.
        tops: the file of every package that it names, "" if there is none.
        files: what was read, and the folders in which modules were looked for.
        stamps: what the system said of these then.
    """

    digest: str
    tops: Mapping[str, str]
    files: tuple[str, ...]
    stamps: str


def _closure_digest(module: str, remembered: CodeCache | None) -> str:
    """The digest of a module and of all that it imports; read again only if a file changed."""
    name, stamp = f"module {module}", platform.python_version()
    if remembered is not None and (content := remembered.get_code(name, stamp)) is not None:
        known = _Closure(**content)
        if _stamps(known.files) == known.stamps and all(_top_file(top) == file for top, file in known.tops.items()):
            return known.digest
    closure = _closure_of(module, remembered)
    if remembered is not None:
        remembered.put_code(name, stamp, asdict(closure))
    return closure.digest


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
        if name in seen or top in sys.stdlib_module_names:
            continue
        tops.setdefault(top, _top_file(top))
        if top != own and (records := records_of(top)):
            for record in records:
                files.add(str(record))
                seen[record.parent.name] = record_digest(record)
            seen[name] = "installed"
            continue
        place = place_of(name)
        if place is None:
            continue
        files.update(place.folders)
        waiting += parents_of(name)
        if place.file is not None:
            files.add(str(place.file))
            code = _read(place.file, name, remembered)
            seen[name] = code.digest
            waiting += [*code.imports, *(modules_below(top) if code.is_dynamic else ())]
        else:
            seen[name] = "a folder"
    found = tuple(sorted(files))
    return _Closure(digest({_said(name): code for name, code in sorted(seen.items())}), tops, found, _stamps(found))


def _said(module: str) -> str:
    """A module's name, without the number of a file that this process loaded after another of its name."""
    return module.partition(AGAIN)[0]


def _read(path: Path, module: str, remembered: CodeCache | None) -> ModuleCode:
    """Read a module's file, once for as long as it stays the same where readings are remembered."""
    name, stamp = f"{module} {path}", f"{_stamp(str(path))} {platform.python_version()}"
    content = remembered.get_code(name, stamp) if remembered is not None else None
    if content is not None:
        return ModuleCode(**content)
    if runs_older_bytecode(path):
        raise TypeError(f"{path} changed within a second, and Python runs what stood there before")
    code = read_code(path, module)
    if remembered is not None:
        remembered.put_code(name, stamp, asdict(code))
    return code


@cache
def _top_file(package: str) -> str:
    place = place_of(package)
    return "" if place is None else str(place.file or place.folders[0])


def _stamps(files: Iterable[str]) -> str:
    return text_digest("\n".join([_stamp(file) for file in files]).encode())


@cache
def _stamp(file: str) -> str:
    """What tells one state of a file or folder from another.

    Raises:
        TypeError: the file was written after this process began, which may run what stood there before.
    """
    try:
        state = os.stat(file)  # noqa: PTH116  there are hundreds of them
    except OSError:
        return "gone"
    if state.st_mtime > _BEGAN and not S_ISDIR(state.st_mode):
        raise TypeError(f"{file} changed after this process began")
    return f"{state.st_mtime_ns} {state.st_size} {state.st_ino}"
