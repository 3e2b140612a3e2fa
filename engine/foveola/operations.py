"""`@operation`: a typed function becomes something that recipes, the command line and HTTP can name.

The signature is the input, the returned `Output` is the answer. Inside, an operation is a plain function of arrays and
domain types; at the edges it is called by flat names (`Operation.call`), a `Group`'s fields standing beside the rest.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, update_wrapper
from types import UnionType
from typing import Annotated, Any, Generic, Literal, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
from pydantic import BeforeValidator, ConfigDict, PlainValidator, Strict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from foveola.diagnostics import did_you_mean
from foveola.errors import InputError
from foveola.plugins import Origin
from foveola.units import Unit, UnitBy, unit_of
from foveola.values import EXTRA, Array, Record, annotation_of

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)

REQUIRED = inspect.Parameter.empty
INCLUDE_EXTRAS = "include_extras"

_TOLD = "told"  # the type of an error of pydantic whose sentence is ours, its `field` the place in the value
_PLAIN_LABELS = {"float", "int", "str", "bool"}


class Output(Record):
    """What an operation answers. Subclass it; every field says its type and, in a docstring, what it is."""

    warnings: Annotated[tuple[str, ...], EXTRA] = ()
    """What a reader of the numbers should know."""


class Group(Record):
    """Parameters that travel together: offered flat at every edge, one argument inside."""


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
        description: what it is, in a sentence.
        argument: the function's argument that it is, or is a part of.
    """

    name: str
    annotation: Any
    default: Any
    description: str
    argument: str

    @property
    def required(self) -> bool:
        """Whether callers must give it."""
        return self.default is REQUIRED

    @cached_property
    def unit(self) -> Unit | UnitBy | None:
        """What its number counts."""
        return unit_of(self.annotation)

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
                found += (_of_group(field_name, field, given, name) for field_name, field in hint.model_fields.items())
            else:
                found.append(Parameter(name, hint, argument.default, _description(hint) or said.get(name, ""), name))
        names = [name for parameter in found for name in (parameter.name, *parameter.aliases)]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise TypeError(f"more than one of its parameters is called {repeated[0]!r}")
        return {parameter.name: parameter for parameter in found}

    @cached_property
    def _groups(self) -> Mapping[str, type[Group]]:
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
        grouped: dict[str, dict[str, Any]] = {name: {} for name in self._groups}
        for name, value in read_all(self.parameters, values, self.name).items():
            target = grouped.get(self.parameters[name].argument)
            if target is None:
                arguments[name] = value
            else:
                target[name] = value
        for argument, fields in grouped.items():
            arguments[argument] = read_as(adapter(self._groups[argument]), fields)
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


def unannotated(annotation: Any) -> Any:
    """The type that an annotation is about."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def read_as(reader: TypeAdapter[Any], value: Any, field: str = "") -> Any:
    """Read a value, telling what is wrong by the field's name.

    Raises:
        InputError: the value is not what the reader takes.
    """
    try:
        return reader.validate_python(value)
    except InputError as error:
        raise error.below(field) from None
    except ValidationError as error:
        raise _input_error(error, value).below(field) from None


@cache
def adapter(annotation: Any) -> TypeAdapter[Any]:
    """The reader of a type: strict about numbers and text, finite unless an array, records by their own `read`."""
    return TypeAdapter(_strict(annotation), config=ConfigDict(arbitrary_types_allowed=True, allow_inf_nan=False))


def accepts_none(annotation: Any) -> bool:
    """Whether null is among the values of a type."""
    if get_origin(annotation) is Annotated:
        return accepts_none(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return any(accepts_none(part) for part in get_args(annotation))
    if get_origin(annotation) is Literal:
        return None in get_args(annotation)
    return annotation is None or annotation is type(None) or annotation is Any


def documented_arguments(docstring: str) -> dict[str, str]:
    r"""What the `Args:` section of a Google docstring says of each argument.

    >>> documented_arguments("Add.\n\nArgs:\n    a: one,\n        in px.\n    b: other.\n\nRaises:\n    X: y.")
    {'a': 'one, in px.', 'b': 'other.'}
    """
    section = re.search(r"^Args:\n(.*?)(?:\n\S|\Z)", inspect.cleandoc(docstring), re.MULTILINE | re.DOTALL)
    if section is None:
        return {}
    entries = re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", section[1], re.MULTILINE)
    return {name: _one_line(text) for name, text in entries}


def _strict(annotation: Any) -> Any:
    """The same type, refusing `"5"` for 5 and true for 1, reading records by their own `read`."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return Annotated[_strict(parts[0]), *parts[1:]] if not _is_array(parts[1:]) else annotation
    if origin in {Union, UnionType}:
        return Union[tuple(_strict(part) for part in parts)]  # noqa: UP007  a union of parts known at run time
    if origin in {list, tuple, Sequence, Mapping, dict}:
        return origin[tuple(part if part is Ellipsis else _strict(part) for part in parts)]
    if annotation in {float, int, bool, str}:
        return Annotated[annotation, BeforeValidator(_unwrap_numpy), Strict()]
    if annotation is np.ndarray:
        return Annotated[np.ndarray, Array()]
    if inspect.isclass(annotation) and issubclass(annotation, Record):
        return Annotated[Any, PlainValidator(_reader(annotation))]
    return annotation


def _reader(record: type[Record]) -> Callable[[Any], Any]:
    """How values become a record. What is wrong is told as pydantic tells it: lists and unions add to it.

    Fields are read as parameters are. Those of a group are that already; a record's own `read` sees what was given.
    """
    sees_what_was_given = issubclass(record, Group) or _home_of(record, "read") is not Record

    def read(value: Any) -> Any:
        try:
            if not sees_what_was_given and not isinstance(value, record):
                value = _with_strict_fields(record, value)
            return record.read(value)
        except InputError as error:
            told = error
        except ValidationError as error:
            told = _input_error(error, value)
            first, _, rest = told.field.partition(".")
            told = InputError(rest, told.message) if first == record.bare else told  # nobody has said that name
        except ValueError as error:
            told = InputError("", str(error))
        raise PydanticCustomError(_TOLD, "{message}", {"message": told.message, "field": told.field})

    return read


def _with_strict_fields(record: type[Record], value: Any) -> Any:
    readers = _field_readers(record)
    if record.bare is not None:
        return read_as(readers[record.bare], value)
    if not isinstance(value, Mapping):
        raise ValueError(f"takes {', '.join(record.model_fields)} by name, not {type(value).__name__}")
    return {name: read_as(readers[name], item, name) if name in readers else item for name, item in value.items()}


def _home_of(kind: type, name: str) -> type:
    return next(parent for parent in kind.__mro__ if name in vars(parent))


@cache
def _field_readers(record: type[Record]) -> Mapping[str, TypeAdapter[Any]]:
    fields = record.model_fields.items()
    return {said: adapter(annotation_of(field)) for name, field in fields for said in {name, field.alias or name}}


def _unwrap_numpy(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _of_group(name: str, field: FieldInfo, given: Group | None, argument: str) -> Parameter:
    """A group's field as a parameter; what the signature gives as the group takes the place of the field's default."""
    default = REQUIRED if field.is_required() else field.get_default(call_default_factory=True)
    if given is not None:
        default = getattr(given, name)
    return Parameter(name, annotation_of(field), default, _one_line(field.description), argument)


def _is_group(hint: Any) -> bool:
    return inspect.isclass(hint) and issubclass(hint, Group)


def _is_array(metadata: tuple[Any, ...]) -> bool:
    return any(isinstance(item, Array) for item in metadata)


def _input_error(error: ValidationError, value: Any) -> InputError:
    """The one of pydantic's errors that got furthest into the value, which of a union's is the one that was meant."""
    told = [_told(one, value) for one in error.errors(include_url=False)]
    return max(told, key=lambda one: one.field.count(".") + bool(one.field))


def _told(error: Mapping[str, Any], value: Any) -> InputError:
    message = str(error["msg"])
    if error["type"] == "value_error":
        message = message.removeprefix("Value error, ")
    elif error["type"] != _TOLD:
        message = message.replace("Input should be", "must be")
        message = message[:1].lower() + message[1:]
    place = [*_place(error["loc"], value), error["ctx"]["field"] if error["type"] == _TOLD else ""]
    return InputError(".".join(part for part in place if part), message)


def _place(location: tuple[int | str, ...], value: Any) -> Iterator[str]:
    """The parts of pydantic's location that are places in the value; others name an alternative of a union."""
    for part in location:
        known = isinstance(value, Mapping) and part in value
        if known or not (isinstance(part, str) and (part in _PLAIN_LABELS or "[" in part or "-" in part)):
            yield str(part)
        if known or (isinstance(value, list | tuple) and isinstance(part, int) and part < len(value)):
            value = value[part]


def _description(hint: Any) -> str:
    """What the annotation of a type says it is, null aside."""
    metadata = [item for part in (hint, *get_args(hint)) for item in getattr(part, "__metadata__", ())]
    return _one_line(next((item.description for item in metadata if isinstance(item, FieldInfo)), None))


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())
