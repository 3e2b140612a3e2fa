"""Modules as code: where each lies, what its file says, and which modules it may load. None is imported to be read."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import cache_from_source, source_hash
from pathlib import Path
from struct import error as StructError  # noqa: N812  it is a class
from struct import unpack

from blake3 import blake3

_LOADERS = {"import_module", "__import__"}
_LOADING_MODULES = {"lazy_loader", "pkgutil", "runpy"}
_FILE_MODULES = {"importlib.resources", "importlib_resources", "pkg_resources", "pkgutil"}
_CALL = "foveola.call"
_UNCHECKED = 1
"""How compiled code says that its source is not to be looked at (PEP 552)."""

_FOUND_BY_FILE = (".py", ".pyc", *EXTENSION_SUFFIXES)


@dataclass(frozen=True)
class Place:
    """Where a module lies.

    Attributes:
        file: what it is loaded from (of a module in an archive, the archive); None for a folder without `__init__`.
        folders: where the modules in it lie, if it is a package.
    """

    file: Path | None
    folders: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModuleCode:
    """What a module's file says.

    Attributes:
        digest: of its code without comments and layout.
        imports: the modules that it names in import statements, wherever they stand in it.
        is_dynamic: whether it loads others by names that are made when it runs.
        reads_files: whether it looks for files beside it.
        calls_by_name: whether it runs operations that only a text names.
    """

    digest: str
    imports: tuple[str, ...] = ()
    is_dynamic: bool = False
    reads_files: bool = False
    calls_by_name: bool = False


@cache
def place_of(module: str) -> Place | None:
    """Where a module lies; None for what is built in, is not there, or is no module but a name in one."""
    loaded = sys.modules.get(module)
    if loaded is not None:
        file, folders = getattr(loaded, "__file__", None), getattr(loaded, "__path__", ())
    else:
        spec = _spec_of(module)
        if spec is None:
            return None
        file, folders = spec.origin, spec.submodule_search_locations or ()
    path = _existing(file)
    return Place(path, tuple(folders)) if path is not None or folders else None


def _existing(file: str | None) -> Path | None:
    """A file that is there: itself, or the archive that it is in."""
    if not file:
        return None
    path = Path(file)
    return path if path.is_file() else next((one for one in path.parents if one.is_file()), None)


def _spec_of(module: str) -> ModuleSpec | None:
    """What would be imported under a name; unlike `importlib.util.find_spec` this imports no package on the way."""
    parent = module.rpartition(".")[0]
    within = place_of(parent) if parent else None
    if parent and (within is None or not within.folders):
        return None
    for finder in sys.meta_path:
        try:
            spec = finder.find_spec(module, list(within.folders) if within else None)
        except KeyError:  # a folder without `__init__` in a package that is not loaded, where Python looks for it
            spec = _spec_of_folder(module, within.folders if within else ())
        except (ImportError, AttributeError, ValueError):
            continue
        if spec is not None:
            return spec
    return None


def _spec_of_folder(module: str, folders: tuple[str, ...]) -> ModuleSpec:
    """What a folder without `__init__` would be imported as, in a package that lies in some folders."""
    spec = ModuleSpec(module, None, is_package=True)
    below = (Path(folder) / module.rpartition(".")[2] for folder in folders)
    spec.submodule_search_locations = [str(path) for path in below if path.is_dir()]
    return spec


def modules_below(package: str) -> Iterator[str]:
    """Every module of a package, found by its files."""
    place = place_of(package)
    for folder in place.folders if place else ():
        for path in _all_below(folder):
            if path.name.endswith(_FOUND_BY_FILE):
                inner = path.relative_to(folder)
                names = [*inner.parts[:-1], inner.name.partition(".")[0]]
                yield ".".join([package, *(name for name in names if name != "__init__")])


def others_below(folder: str) -> list[Path]:
    """What lies in a folder and is no module: files, and folders."""
    return [path for path in _all_below(folder) if not path.name.endswith(_FOUND_BY_FILE)]


def _all_below(folder: str) -> list[Path]:
    return [path for path in sorted(Path(folder).rglob("*")) if "__pycache__" not in path.parts]


def parents_of(module: str) -> Iterator[str]:
    """The packages that a module lies in: importing it runs them."""
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


def read_code(path: Path, module: str) -> ModuleCode:
    """Read a module's file; what is compiled, or cannot be parsed, counts by its bytes."""
    content = path.read_bytes()
    if path.suffix != ".py":
        return ModuleCode(_digest(content))
    try:
        tree = ast.parse(content)
        said = ast.dump(tree)
    except (SyntaxError, ValueError, RecursionError):
        return ModuleCode(_digest(content))
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    nodes = list(ast.walk(tree))
    bound = dict(pair for node in nodes for pair in _bound(node, package))
    named, is_dynamic = {part for node in nodes for part in _parts(node, bound)}, False
    for node in nodes:
        modules, is_unclear = _imports(node, package)
        named.update(modules)
        is_dynamic |= is_unclear
    return ModuleCode(
        digest=_digest(said.encode()),
        imports=tuple(sorted(named - {""})),
        is_dynamic=is_dynamic
        or any(isinstance(node, ast.FunctionDef) and node.name == "__getattr__" for node in tree.body),
        reads_files=not _FILE_MODULES.isdisjoint(named)
        or any(isinstance(node, ast.Name) and node.id == "__file__" for node in nodes),
        calls_by_name=_CALL in named,
    )


def runs_older_bytecode(path: Path) -> bool:
    """Whether Python takes compiled code for current that is not.

    It looks at whole seconds and the size of the source alone, and not even there where it was told not to.
    """
    if path.suffix != ".py":
        return False
    compiled = Path(cache_from_source(str(path)))
    try:
        source, written = path.stat(), compiled.stat().st_mtime_ns
        with compiled.open("rb") as file:
            header = file.read(16)
        flags, seconds, size = unpack("<4xLLL", header)
    except (OSError, StructError):
        return False
    if flags == _UNCHECKED:
        return source_hash(path.read_bytes()) != header[8:]
    is_current = (flags, seconds, size) == (0, int(source.st_mtime) & 0xFFFF_FFFF, source.st_size & 0xFFFF_FFFF)
    return is_current and written < source.st_mtime_ns


def _digest(content: bytes) -> str:
    return blake3(content).hexdigest(length=16)


def _imports(node: ast.AST, package: str) -> tuple[list[str], bool]:
    """The modules that a statement or a call may load, and whether it may load others that it does not name."""
    match node:
        case ast.Import(names=names):
            modules = [alias.name for alias in names]
            return modules, not _LOADING_MODULES.isdisjoint(modules)
        case ast.ImportFrom(module=module, names=names, level=level):
            base = _absolute("." * level + (module or ""), package)
            renames_loader = any(alias.name in _LOADERS and alias.asname for alias in names)
            modules = [base, *(f"{base}.{alias.name}" for alias in names if alias.name != "*")]
            return modules, renames_loader or base in _LOADING_MODULES
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if name in _LOADERS:
            match args:
                case [ast.Constant(value=str() as module), *_]:
                    return [_absolute(module, package)], False
            return [], True
    return [], False


def _absolute(module: str, package: str) -> str:
    """A module's full name: `.inner` and `..beside` are said from a package."""
    name = module.lstrip(".")
    level = len(module) - len(name)
    if not level:
        return name
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - level + 1], *([name] if name else [])])


def _bound(node: ast.AST, package: str) -> Iterator[tuple[str, str]]:
    """The names that an import statement makes, each with the module that it may be."""
    match node:
        case ast.Import(names=names):
            for one in names:
                top = one.name.partition(".")[0]
                yield (one.asname, one.name) if one.asname else (top, top)
        case ast.ImportFrom(module=module, names=names, level=level):
            base = _absolute("." * level + (module or ""), package)
            yield from ((one.asname or one.name, f"{base}.{one.name}") for one in names)


def _parts(node: ast.AST, bound: Mapping[str, str]) -> Iterator[str]:
    """The modules that `name.part` may be: another may have imported them into the package that `name` is."""
    if not isinstance(node, ast.Attribute):
        return
    parts, inner = [node.attr], node.value
    while isinstance(inner, ast.Attribute):
        parts.append(inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name) and inner.id in bound:
        yield ".".join([bound[inner.id], *reversed(parts)])
