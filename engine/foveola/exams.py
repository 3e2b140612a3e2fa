"""An exam: the named, typed values of one examination.

The engine knows that an exam has values with names; which names there are, and of what type, a plugin declares by
subclassing `Exam` and offering the class as the type `Exam`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, get_type_hints

from foveola.adapters import adapter, read_as
from foveola.errors import InputError


class LazyValues(Mapping[str, Any]):
    """Named values, some of which are loaded when they are first asked for. Listing names loads none; null is no value.

    Args:
        values: those that are at hand.
        loaders: what gives each of the others; raises `ValueError` with a sentence where the file is damaged.

    >>> values = LazyValues({"laterality": "L", "visit": None}, {"bscan_images": lambda: "large"})
    >>> list(values), values["bscan_images"]
    (['laterality', 'bscan_images'], 'large')
    """

    def __init__(
        self, values: Mapping[str, Any], loaders: Mapping[str, Callable[[], Any]] = MappingProxyType({})
    ) -> None:
        self._values = {name: value for name, value in values.items() if value is not None}
        self._loaders = dict(loaders)
        self._names = tuple(dict.fromkeys((*self._values, *self._loaders)))

    def __getitem__(self, name: str) -> Any:
        load = self._loaders.get(name)
        if load is not None:
            try:
                self._values[name] = load()
            except (LookupError, OSError, ValueError) as error:  # a LookupError would pass for "there is no such name"
                raise InputError(name, str(error)) from error
            self._loaders.pop(name, None)
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def replaced(self, values: Mapping[str, Any]) -> LazyValues:
        """The same with other values for some names; null takes a name away."""
        kept = {name: load for name, load in self._loaders.items() if name not in values}
        return LazyValues({**self._values, **values}, kept)


class derived:  # noqa: N801  a decorator, named like `property`
    """A value of an exam that follows from others; None where they do not say enough."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function
        self.__doc__ = function.__doc__


class Exam(Mapping[str, Any]):
    """Named values. Declared names are read as their type when first asked for; any further name is as it was given.

    Subclasses declare names by annotation, and what follows from other values by `@derived` methods.

    Args:
        values: by name; null is no value.
        name: what the exam is called in results.
        beside: gives the exam that a path names, relative to where this one was read; None: paths are not followed.
    """

    def __init__(
        self, values: Mapping[str, Any], *, name: str = "exam", beside: Callable[[str], Exam] | None = None
    ) -> None:
        self.name = name
        self._values = values if isinstance(values, LazyValues) else LazyValues(values)
        self._beside = beside
        self._read: dict[str, Any] = {}
        self._exams: dict[str, Exam] = {}

    @classmethod
    @cache
    def declared(cls) -> Mapping[str, Any]:
        """The types of the names that this kind of exam knows."""
        names = {name: hint for name, hint in get_type_hints(cls, include_extras=True).items() if name != "name"}
        return names | {
            name: get_type_hints(rule.function, include_extras=True)["return"] for name, rule in cls._rules().items()
        }

    @classmethod
    @cache
    def _rules(cls) -> Mapping[str, derived]:
        return {
            name: rule
            for base in reversed(cls.__mro__)
            for name, rule in vars(base).items()
            if isinstance(rule, derived)
        }

    def __getitem__(self, name: str) -> Any:
        if name not in self._read:
            self._read[name] = self._find(name)
        if self._read[name] is None:
            raise KeyError(name)
        return self._read[name]

    def _find(self, name: str) -> Any:
        try:
            value = self._values.get(name)
        except InputError as error:
            raise error.below(self.name) from error
        if value is None and name in self._rules():
            return self._rules()[name].function(self)
        if value is None or name not in self.declared():
            return value
        return self._as(self.declared()[name], value, name)

    def _as(self, kind: Any, value: Any, name: str) -> Any:
        if inspect.isclass(kind) and issubclass(kind, Exam):
            return self._exam(kind, value, name)
        try:
            return read_as(adapter(kind), value, name)
        except InputError as error:
            raise error.below(self.name) from None

    def _exam(self, kind: type[Exam], value: Any, name: str) -> Exam:
        if name not in self._exams:
            if isinstance(value, str) and self._beside is not None:
                value = self._beside(value)
            elif isinstance(value, Mapping) and not isinstance(value, Exam):
                value = kind(value, name=name, beside=self._beside)
            if not isinstance(value, kind):
                followed = ", or the path of its files" if self._beside is not None else ""
                raise InputError(f"{self.name}.{name}", f"takes an exam: its values by name{followed}")
            self._exams[name] = value
        return self._exams[name]

    def value_as(self, kind: Any, name: str) -> Any:
        """A value as some type, which need not be the declared one; of a path and of named values, the exam they are.

        Raises:
            KeyError: there is no such value.
            InputError: it is not of this type.
            ExamError: it is the path of an exam that cannot be read.
        """
        return self._as(kind, self[name], name)

    def __contains__(self, name: object) -> bool:
        return name in self._values or (name in self._rules() and self.get(str(name)) is not None)

    def __iter__(self) -> Iterator[str]:
        yield from self._values
        yield from (name for name in self._rules() if name not in self._values and name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def given(self) -> Mapping[str, Any]:
        """The values as they were given, neither read nor derived; of a path that was followed, the exam it led to."""
        return self._values.replaced(self._exams) if self._exams else self._values

    def replaced(self, values: Mapping[str, Any]) -> Exam:
        """The same exam with other values for some names; null takes a name away."""
        return type(self)(self._values.replaced(values), name=self.name, beside=self._beside)

    def renamed(self, name: str) -> Exam:
        """The same exam, called otherwise in results."""
        return type(self)(self._values, name=name, beside=self._beside)

    def __repr__(self) -> str:
        return f"<exam {self.name}: {', '.join(self)}>"
