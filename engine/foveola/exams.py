"""An exam: the named, typed values of one examination.

The engine knows that an exam has values with names; which names there are, and of what type, a plugin declares by
subclassing `Exam` and offering the class as the type `Exam`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, get_type_hints

from foveola.errors import InputError
from foveola.operations import adapter, read_as


class derived:  # noqa: N801  a decorator, named like `property`
    """A value of an exam that follows from others; None where they do not say enough."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function
        self.__doc__ = function.__doc__


class Exam(Mapping[str, Any]):
    """Named values. Declared names are read as their type when first asked for; any further name is as it was given.

    Subclasses declare names by annotation, and what follows from other values by `@derived` methods.

    Attributes:
        name: what the exam is called in results.
    """

    def __init__(self, values: Mapping[str, Any], *, name: str = "exam") -> None:
        self.name = name
        self._values = values
        self._read: dict[str, Any] = {}

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
        value = self._values.get(name)
        if value is None and name in self._rules():
            return self._rules()[name].function(self)
        if value is None or name not in self.declared():
            return value
        try:
            return read_as(adapter(self.declared()[name]), value, name)
        except InputError as error:
            raise error.below(self.name) from None

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        yield from (name for name in self._values if self._values[name] is not None)
        yield from (name for name in self._rules() if name not in self._values and name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def given(self) -> Mapping[str, Any]:
        """The values as they were given, neither read nor derived."""
        return self._values

    def replaced(self, values: Mapping[str, Any]) -> Exam:
        """The same exam with other values for some names."""
        return type(self)({**self._values, **values}, name=self.name)

    def __repr__(self) -> str:
        return f"<exam {self.name}: {', '.join(self)}>"
