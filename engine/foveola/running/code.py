"""What code an operation runs: the part of its key that changes when its results might.

Followed are the operation's own module and every module that it imports, as far as they belong to its own package or
lie outside the folders of installed packages (editable installations, single files); of all else the version counts.
Code is digested without comments, layout and line numbers, so that only what can change a result changes the key.
Soundness goes before precision: a module counts as a whole.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from sysconfig import get_paths
from typing import Any, Protocol

from foveola.operations import Operation
from foveola.running.codec import digest

_INSTALLED = tuple({get_paths()[kind] for kind in ("purelib", "platlib")})


@dataclass(frozen=True)
class ModuleCode:
    """What a module's file says.

    Attributes:
        digest: of its code without comments and layout.
        imports: the modules that it names in import statements, wherever they stand in it.
    """

    digest: str
    imports: tuple[str, ...]


class CodeCache(Protocol):
    """Where the reading of files is remembered, by path, time and size."""

    def get_code(self, path: str, stamp: str) -> ModuleCode | None:
        """What was read, if the file is still the one that was read."""

    def put_code(self, path: str, stamp: str, code: ModuleCode) -> None:
        """Remember what was read."""


def code_of(operation: Operation[..., Any], remembered: CodeCache | None = None) -> str:
    """What an operation's results depend on beside its inputs: its declared version, else its code.

    Args:
        operation: the operation.
        remembered: where digests of files are remembered.

    Raises:
        TypeError: its code cannot be read (it was typed into a notebook): nothing can be remembered of it.
    """
    if operation.version is not None:
        return f"version {operation.version}"
    module = operation.function.__module__
    if module not in _digests:
        _digests[module] = _closure_digest(module, _Reader(remembered))
    return _digests[module]


_digests: dict[str, str] = {}
"""Of modules, which stay as they were loaded for as long as this process lives."""


def _closure_digest(module: str, reader: _Reader) -> str:
    """The digest of a module and of all that it imports."""
    if reader.read(module) is None:
        raise TypeError(f"the code of {module} cannot be read")
    own = module.partition(".")[0]
    seen: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        top = name.partition(".")[0]
        if top != own and not _is_followed(top):
            seen[top] = _version_of(top)
            continue
        code = reader.read(name)
        seen[name] = code.digest if code else "no source"
        if code:
            waiting += [*code.imports, *_parents(name)]
    return digest(seen)


class _Reader:
    """Reads module files, each once a process and, where it is remembered, once while the file stays the same."""

    def __init__(self, remembered: CodeCache | None) -> None:
        self._remembered = remembered

    def read(self, module: str) -> ModuleCode | None:
        path = _path_of(module)
        if path is None:
            return None
        stat = path.stat()
        stamp = f"{stat.st_mtime_ns} {stat.st_size} {stat.st_ino}"
        known = self._remembered.get_code(str(path), stamp) if self._remembered else None
        if known is None:
            known = _read_code(path, stamp, module)
            if self._remembered:
                self._remembered.put_code(str(path), stamp, known)
        return known


@cache
def _read_code(path: Path, stamp: str, module: str) -> ModuleCode:  # noqa: ARG001  the stamp tells one state of the file from another
    """Parse a module's file; a compiled one counts by its bytes."""
    content = path.read_bytes()
    if path.suffix != ".py":
        return ModuleCode(digest(content.hex()), ())
    tree = ast.parse(content)
    is_package = path.name == "__init__.py"
    return ModuleCode(digest(ast.dump(tree)), tuple(sorted(set(_imports(tree, module, is_package=is_package)))))


def _imports(tree: ast.AST, module: str, *, is_package: bool) -> Iterator[str]:
    """The modules that a module's import statements may load."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module, is_package=is_package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names if alias.name != "*")


def _absolute(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    kept = parts[: len(parts) - node.level + is_package]
    return ".".join([*kept, *([node.module] if node.module else [])])


def _parents(module: str) -> Iterator[str]:
    """The packages that a module lies in: importing it runs them."""
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


@cache
def _path_of(module: str) -> Path | None:
    """The file of a module; None for what is built in, or is no module but a name in one."""
    if (loaded := sys.modules.get(module)) is not None:
        file = getattr(loaded, "__file__", None)
        return Path(file) if file else None
    try:
        spec = find_spec(module)
    except (ImportError, AttributeError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and Path(spec.origin).is_file() else None


@cache
def _is_followed(package: str) -> bool:
    """Whether a package's code counts, rather than its version."""
    if package in sys.stdlib_module_names:
        return False
    path = _path_of(package)
    return path is not None and not any(path.is_relative_to(folder) for folder in _INSTALLED)


@cache
def _version_of(package: str) -> str:
    if package in sys.stdlib_module_names:
        return f"python {sys.version_info.major}.{sys.version_info.minor}"
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:  # the distribution has another name (cv2, skimage): looking it up reads them all
        names = packages_distributions().get(package, [])
        return " ".join(f"{name} {version(name)}" for name in sorted(set(names))) or f"{package} unknown"
