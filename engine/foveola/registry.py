"""Names to operations, types, readers and recipes. Listing names imports none of them; asking for one imports that one.

An installed registry is made from entry points; a closed one, for tests, from what it is given.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property, partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, TypeVar, get_origin

from foveola import plugins
from foveola.errors import PluginError, PluginWarning, UnknownNameError
from foveola.exams import Exam
from foveola.operations import Operation, Output, Parameter, read_all
from foveola.origins import FETCHERS, OPERATIONS, OURS, READERS, RECIPES, TYPES, Origin, load_file, warn_of
from foveola.readers import Fetcher, Reader, guarded

T = TypeVar("T")

PLAIN_TYPES: Mapping[str, Any] = {"float": float, "int": int, "str": str, "bool": bool, "Exam": Exam}
"""The types that recipes name and no plugin needs to bring."""


class Registry:
    """What there is to work with.

    Args:
        points: entry points of the groups `foveola.*`.
        operations: operations beside those (a closed registry, `--plugin FILE.py`).
    """

    def __init__(self, points: Iterable[EntryPoint] = (), operations: Iterable[Operation[..., Output]] = ()) -> None:
        self._origins: dict[str, dict[str, list[Origin]]] = {}
        for point in points:
            self._origins.setdefault(point.group, {}).setdefault(point.name, []).append(Origin(point))
        self._extra = {operation.name: operation for operation in operations}
        self._loaded: dict[str, Operation[..., Output]] = {}
        self._left_out: dict[str, list[PluginError]] = {}

    @classmethod
    @cache
    def installed(cls) -> Registry:
        """The registry of everything installed beside foveola."""
        groups, found = (OPERATIONS, TYPES, READERS, FETCHERS, RECIPES, plugins.GROUP), entry_points()
        return cls(point for group in groups for point in found.select(group=group))

    def with_operations(self, operations: Iterable[Operation[..., Output]]) -> Registry:
        """This registry and some operations more."""
        return type(self)(self._points(lambda *_: True), [*self._extra.values(), *operations])

    def with_files(self, paths: Iterable[Path]) -> Registry:
        """This registry and the operations of some Python files, tried without being installed.

        Raises:
            PluginError: a file cannot be imported, or holds no operation.
        """
        found = [operation for path in paths for operation in load_file(path, Operation)]
        return self.with_operations(found) if found else self

    @cached_property
    def hooks(self) -> plugins.Manager:
        """The plugin manager; operations join it as they are loaded. A plugin that is wrong is left out."""
        origins = self._usable(plugins.GROUP, "plugin", lambda origin: origin)
        points = (origin.entry_point for origin in origins.values())
        manager = plugins.make_manager(points, partial(self._leave_out, plugins.GROUP))
        for operation in self._loaded.values():
            _join(manager, operation)
        return manager

    @property
    def operation_names(self) -> list[str]:
        """What operations are called, sorted."""
        return sorted({*self._origins.get(OPERATIONS, {}), *self._extra})

    def operation(self, name: str) -> Operation[..., Output]:
        """The operation of a name.

        Raises:
            UnknownNameError: there is none.
            PluginError: the plugin that brings it is wrong.
        """
        if name not in self._loaded:
            found = self._extra[name] if name in self._extra else self._installed_operation(name)
            self._check_signature(found)
            self._loaded[name] = found
            if "hooks" in vars(self):  # a plugin that hears of steps is no reason not to load an operation
                _join(self.hooks, found)
        return self._loaded[name]

    def call(self, name: str, values: Mapping[str, Any], *, lists: bool = True) -> Any:
        """Call an operation by flat names; what stands for a value is fetched first.

        Args:
            name: the operation.
            values: the guide's flat names; with `include_extras` true the answer has its extras too.
            lists: arrays as lists; otherwise they stay arrays.

        Raises:
            UnknownNameError: there is no such operation.
            InputError: naming the field that is wrong.
        """
        operation = self.operation(name)
        given = dict(values)
        for filled, fetcher in self._fetchers_of(operation, given).items():
            stand_ins = {one: given.pop(one) for one in fetcher.parameters if one in given}
            if stand_ins:
                given[filled] = fetcher.fetch(**read_all(fetcher.parameters, stand_ins, operation.name))
        return operation.call(given, lists=lists)

    def stand_ins(self, operation: Operation[..., Output]) -> Mapping[str, Parameter]:
        """What callers by flat names may give in the place of an operation's own parameters."""
        fetchers = self._fetchers_of(operation, {}).values()
        return {name: parameter for fetcher in fetchers for name, parameter in fetcher.parameters.items()}

    def _fetchers_of(self, operation: Operation[..., Output], given: Mapping[str, Any]) -> dict[str, Fetcher]:
        """Who fills the required parameters that nobody gave."""
        missing = [one for one in operation.parameters.values() if one.required and one.name not in given]
        kinds = {fetcher.kind: fetcher for fetcher in self.fetchers.values()} if missing else {}
        return {one.name: kinds[one.kind] for one in missing if one.kind in kinds}

    def _installed_operation(self, name: str) -> Operation[..., Output]:
        if name not in self._origins.get(OPERATIONS, {}):
            raise UnknownNameError("operation", name, self.operation_names)
        origin = self._origin(OPERATIONS, "operation", name)
        found = origin.load()
        if not isinstance(found, Operation):
            raise origin.wrong(f"is {type(found).__name__}, not an operation; decorate it with @operation({name!r})")
        if found.name != name:
            raise origin.wrong(f"is the operation {found.name!r}; name the entry point so")
        found.origin = origin
        return found

    def _check_signature(self, found: Operation[..., Output]) -> None:
        try:
            _ = found.parameters
            _check_frozen(found.output)
        except Exception as error:
            message = f"cannot be used: {error}"
            origin = self.origin_of(found.name)
            if origin is None:
                raise PluginError(f"the module {found.function.__module__}", found.name, message) from error
            raise origin.wrong(message) from error

    def origin_of(self, name: str) -> Origin | None:
        """Where an operation comes from; None if it was handed over."""
        if name in self._extra or name not in self._origins.get(OPERATIONS, {}):
            return None
        return self._origin(OPERATIONS, "operation", name)

    @property
    def type_names(self) -> list[str]:
        """What types recipes may name, sorted."""
        return sorted({*PLAIN_TYPES, *self._origins.get(TYPES, {})})

    def type_called(self, name: str) -> Any:
        """The type of a name.

        Raises:
            UnknownNameError: there is none.
            PluginError: the plugin that brings it is wrong.
        """
        if name in self._origins.get(TYPES, {}):
            origin = self._origin(TYPES, "type", name)
            found = origin.load()
            if not (isinstance(found, type) or get_origin(found)):
                raise origin.wrong(f"is {type(found).__name__}, not a type")
            return found
        if name not in PLAIN_TYPES:
            raise UnknownNameError("type", name, self.type_names)
        return PLAIN_TYPES[name]

    @property
    def exam_type(self) -> type[Exam]:
        """The kind of exam that plugins declare.

        Raises:
            PluginError: what is declared is no kind of exam.
        """
        found = self.type_called("Exam")
        if not (isinstance(found, type) and issubclass(found, Exam)):
            raise self._origin(TYPES, "type", "Exam").wrong("is no subclass of foveola.Exam")
        return found

    @cached_property
    def readers(self) -> Mapping[str, Reader]:
        """Every reader by name. One that is wrong is left out."""
        return self._usable(READERS, "reader", lambda origin: guarded(_instance(origin, Reader), origin.wrong))

    @cached_property
    def fetchers(self) -> Mapping[str, Fetcher]:
        """Every fetcher by name. One that is wrong is left out."""
        return self._usable(FETCHERS, "fetcher", lambda origin: _instance(origin, Fetcher))

    @cached_property
    def recipes(self) -> Mapping[str, Path]:
        """The files of the shipped recipes by name. An entry point names a folder of them.

        A folder that is not there is left out, and so is a recipe whose name another has: neither is taken by chance.
        """
        folders = self._usable(RECIPES, "recipe folder", _folder)
        found: dict[str, list[tuple[str, Path]]] = {}
        for name, folder in folders.items():
            for path in sorted(folder.glob("*.yaml")):
                found.setdefault(path.stem, []).append((name, path))
        for stem, ((_, first), *others) in found.items():
            for name, _ in others:
                origin = self._origin(RECIPES, "recipe folder", name)
                self._leave_out(RECIPES, origin.wrong(f"brings the recipe {stem!r}, which {first.parent} holds too"))
        return {stem: paths[0][1] for stem, paths in found.items() if len(paths) == 1}

    def faults(self) -> Mapping[str, list[PluginError]]:
        """What is wrong with what other packages brought, by group: all of that is loaded to see, and none of ours."""
        theirs = type(self)(self._points(lambda group, origin: group == RECIPES or origin.distribution != OURS))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PluginWarning)  # it is told here
            _ = theirs.hooks, theirs.readers, theirs.fetchers, theirs.recipes
        _, of_operations = _loaded(theirs.operation_names, theirs.operation)
        _, of_types = _loaded(theirs._origins.get(TYPES, {}), theirs.type_called)  # noqa: SLF001  it is of our class
        return {**theirs._left_out, OPERATIONS: of_operations, TYPES: of_types}  # noqa: SLF001  likewise

    def _points(self, wanted: Callable[[str, Origin], bool]) -> Iterator[EntryPoint]:
        """The entry points of every name that is wanted of one of those who bring it."""
        for group, by_name in self._origins.items():
            for origins in by_name.values():
                if any(wanted(group, origin) for origin in origins):
                    yield from (origin.entry_point for origin in origins)

    def usable_operations(self) -> list[Operation[..., Output]]:
        """Every operation that is not wrong, by name; all are loaded."""
        return _loaded(self.operation_names, self.operation)[0]

    def _usable(self, group: str, kind: str, load: Callable[[Origin], T]) -> dict[str, T]:
        """What the entry points of a group name, without those that are wrong."""
        found = {}
        for name in sorted(self._origins.get(group, {})):
            try:
                found[name] = load(self._origin(group, kind, name))
            except PluginError as error:
                self._leave_out(group, error)
        return found

    def _leave_out(self, group: str, error: PluginError) -> None:
        self._left_out.setdefault(group, []).append(error)
        warn_of(error)

    def _origin(self, group: str, kind: str, name: str) -> Origin:
        found = self._origins[group][name]
        if len(found) > 1:
            first, *others = sorted(found, key=lambda origin: origin.distribution)
            packages = " and ".join(origin.distribution for origin in (first, *others))
            raise first.wrong(f"{packages} both bring the {kind} {name!r}; uninstall one")
        return found[0]


def _join(manager: plugins.Manager, operation: Operation[..., Output]) -> None:
    manager.register(operation, f"operation {operation.name}")  # another kind of plugin may bear the name itself


def _check_frozen(output: type[Output]) -> None:
    if not output.model_config.get("frozen"):
        raise TypeError(f"its answer {output.__name__} is not frozen; steps share what they are given")


def _loaded(names: Iterable[str], load: Callable[[str], T]) -> tuple[list[T], list[PluginError]]:
    """What can be loaded, and what is said of the rest."""
    found, faults = [], []
    for name in sorted(names):
        try:
            found.append(load(name))
        except PluginError as error:
            faults.append(error)
    return found, faults


def _instance(origin: Origin, kind: type[T]) -> T:
    found = origin.load()
    if not isinstance(found, kind):
        raise origin.wrong(f"is {type(found).__name__}, not a foveola.{kind.__name__}")
    return found


def _folder(origin: Origin) -> Path:
    folder = origin.load()
    if not (isinstance(folder, str | Path) and Path(folder).is_dir()):
        raise origin.wrong(f"is {str(folder)!r}, not the path of a folder")
    return Path(folder)
