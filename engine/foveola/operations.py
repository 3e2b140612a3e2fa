"""`@operation`: a typed function becomes something that recipes, the command line and HTTP can name.

The signature is the input, the returned `Output` is the answer. Inside, an operation is a plain function of arrays and
domain types; at the edges it is called by flat names (`Operation.call`), a `Group`'s fields standing beside the rest.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, update_wrapper
from typing import Annotated, Any, Generic, ParamSpec, Self, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from foveola.adapters import accepts_none, adapter, read_as, unannotated
from foveola.descriptions import documented_arguments, documented_fields, one_line
from foveola.diagnostics import did_you_mean
from foveola.errors import InputError
from foveola.origins import Origin
from foveola.units import Unit, UnitBy, unit_of
from foveola.values import EXTRA, Record, annotation_of

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)

REQUIRED = inspect.Parameter.empty
INCLUDE_EXTRAS = "include_extras"


class Output(Record):
    """What an operation answers. Subclass it; every field says its type and, in a docstring, what it is."""

    warnings: Annotated[tuple[str, ...], EXTRA] = ()
    """What a reader of the numbers should know."""


class Group(Record):
    """Parameters that travel together: offered flat at every edge, one argument inside."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """The group of what was read already, parameter by parameter."""
        return super().read(value)  # a `read` of its own: `adapters` reads the fields of records that have none


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name that callers use for a parameter, in its annotation."""

    name: str


@dataclass(frozen=True)
class Parameter:
    """One flat parameter of an operation.

    Attributes:
        name: what callers say.
        annotation: its type, unit and range.
        default: its value when nobody gives one; `REQUIRED` when somebody must.
        said: what the signature says it is; of a group's field the group does.
        argument: the function's argument that it is, or is a part of.
        group: of which it is a field.
    """

    name: str
    annotation: Any
    default: Any
    said: str
    argument: str
    group: type[Group] | None = None

    @property
    def required(self) -> bool:
        """Whether callers must give it."""
        return self.default is REQUIRED

    @property
    def description(self) -> str:
        """What it is, in a sentence."""
        return self.said if self.group is None else documented_fields(self.group)[self.name]

    @cached_property
    def unit(self) -> Unit | UnitBy | None:
        """What its number counts."""
        return unit_of(self.annotation)

    @cached_property
    def kind(self) -> Any:
        """Its type, without what is annotated to it."""
        return unannotated(self.annotation)

    @cached_property
    def nullable(self) -> bool:
        """Whether it takes null."""
        return accepts_none(self.annotation)

    @cached_property
    def aliases(self) -> tuple[str, ...]:
        """Other names for it."""
        return tuple(item.name for item in getattr(self.annotation, "__metadata__", ()) if isinstance(item, Alias))

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return adapter(self.annotation)

    def read(self, value: Any) -> Any:
        """The value as the operation takes it.

        Raises:
            InputError: naming the place in the value.
        """
        return read_as(self._adapter, value, self.name)


class Operation(Generic[P, R_co]):
    """A named, typed, pure function. Call it as the function it is, or by flat names with `call`.

    Attributes:
        name: what recipes, the command line and HTTP call it.
        function: the function.
        version: the author's own word for "its results changed"; None lets its code speak.
        origin: the distribution and entry point that brought it; None if it was handed over.
    """

    origin: Origin | None = None

    def __init__(self, name: str, function: Callable[P, R_co], version: str | None = None) -> None:
        self.name = name
        self.function = function
        self.version = version
        update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the function that it is."""
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self.function, include_extras=True)

    @cached_property
    def _arguments(self) -> Mapping[str, inspect.Parameter]:
        """The function's arguments, each of which can be given by name and says its type."""
        arguments = inspect.signature(self.function).parameters
        for name, argument in arguments.items():
            if argument.kind not in {argument.POSITIONAL_OR_KEYWORD, argument.KEYWORD_ONLY}:
                raise TypeError(f"its argument {name!r} cannot be given by name")
            if name not in self._hints:
                raise TypeError(f"its argument {name!r} says no type")
        return arguments

    @cached_property
    def output(self) -> type[Output]:
        """The model that it answers.

        Raises:
            TypeError: its signature names none.
        """
        output = self._hints.get("return")
        if not (inspect.isclass(output) and issubclass(output, Output)):
            raise TypeError("its signature does not say which Output it returns")
        return output

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """Every flat parameter by name, in the order of the signature.

        Raises:
            TypeError: an argument says no type, cannot be given by name, or has a name that another has.
        """
        said = documented_arguments(self.__doc__ or "")
        found: list[Parameter] = []
        for name, argument in self._arguments.items():
            hint = self._hints[name]
            if _is_group(hint):
                given = None if argument.default is REQUIRED else argument.default
                found += _of_group(hint, given, name)
            else:
                found.append(Parameter(name, hint, argument.default, _description(hint) or said.get(name, ""), name))
        names = [name for parameter in found for name in (parameter.name, *parameter.aliases)]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise TypeError(f"more than one of its parameters is called {repeated[0]!r}")
        return {parameter.name: parameter for parameter in found}

    @cached_property
    def groups(self) -> Mapping[str, type[Group]]:
        """The groups that it takes, by argument."""
        return {name: self._hints[name] for name in self._arguments if _is_group(self._hints[name])}

    @cached_property
    def _name_of(self) -> Mapping[str, str]:
        """The name of a parameter by whatever callers may say for it."""
        return {said: one.name for one in self.parameters.values() for said in (one.name, *one.aliases)}

    @property
    def about(self) -> str:
        """What it is for, in a line."""
        return (self.__doc__ or "").strip().partition("\n")[0]

    def call(self, values: Mapping[str, Any], *, lists: bool = True) -> Any:
        """Answer a flat request in the documented form.

        Args:
            values: the guide's flat names; with `include_extras` true the answer has its extras too.
            lists: arrays as lists; otherwise they stay arrays.

        Raises:
            InputError: naming the field that is wrong.
        """
        values = dict(values)
        extras = read_as(adapter(bool), values.pop(INCLUDE_EXTRAS, False), INCLUDE_EXTRAS)
        named: dict[str, Any] = {}
        for said, value in values.items():
            name = self._name_of.get(said)
            if name is None:
                hint = did_you_mean(said, [*self._name_of, INCLUDE_EXTRAS])
                raise InputError(said, f"{self.name} has no such parameter" + (f"; {hint}" if hint else ""))
            if name in named:
                raise InputError(name, "is given under two names; one is enough")
            named[name] = value
        return self.run(named).plain(extras=extras, lists=lists)

    def run(self, values: Mapping[str, Any]) -> Output:
        """Run on flat values, read and checked one by one; what is not given takes its default.

        Raises:
            InputError: naming the field that is wrong or missing.
        """
        arguments: dict[str, Any] = {}
        grouped: dict[str, dict[str, Any]] = {name: {} for name in self.groups}
        for name, value in read_all(self.parameters, values, self.name).items():
            target = grouped.get(self.parameters[name].argument)
            if target is None:
                arguments[name] = value
            else:
                target[name] = value
        for argument, fields in grouped.items():
            arguments[argument] = read_as(adapter(self.groups[argument]), fields)
        return self.function(**arguments)  # type: ignore[call-arg,return-value]


def operation(name: str, *, version: str | None = None) -> Callable[[Callable[P, R_co]], Operation[P, R_co]]:
    """Make a typed function an operation.

    Args:
        name: what recipes call it; third parties prefix theirs (`acme.asymmetry`).
        version: change it when results change; without it the code itself is what the memo goes by.
    """

    def decorate(function: Callable[P, R_co]) -> Operation[P, R_co]:
        return Operation(name, function, version)

    return decorate


def read_all(parameters: Mapping[str, Parameter], values: Mapping[str, Any], needed_by: str) -> dict[str, Any]:
    """Read the values of parameters, one by one; what is not given takes its default.

    Args:
        parameters: what is read, by name.
        values: what is given, by the same names; others are not looked at.
        needed_by: what to say of a value that is missing: which operation needs it.

    Raises:
        InputError: naming the field that is wrong or missing.
    """
    read = {}
    for name, parameter in parameters.items():
        if name in values:
            read[name] = parameter.read(values[name])
        elif parameter.required:
            raise InputError(name, f"{needed_by} needs it")
        else:
            read[name] = parameter.default
    return read


def _of_group(group: type[Group], given: Group | None, argument: str) -> Iterator[Parameter]:
    """A group's fields as parameters; what the signature gives as the group takes the place of their defaults."""
    for name, field in group.model_fields.items():
        if given is not None:
            default = getattr(given, name)
        else:
            default = REQUIRED if field.is_required() else field.get_default(call_default_factory=True)
        yield Parameter(name, annotation_of(field), default, "", argument, group)


def _is_group(hint: Any) -> bool:
    return inspect.isclass(hint) and issubclass(hint, Group)


def _description(hint: Any) -> str:
    """What the annotation of a type says it is, null aside."""
    metadata = [item for part in (hint, *get_args(hint)) for item in getattr(part, "__metadata__", ())]
    return one_line(next((item.description for item in metadata if isinstance(item, FieldInfo)), None))
