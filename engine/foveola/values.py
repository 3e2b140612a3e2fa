"""What travels between steps: numbers, text, read-only arrays, read-only mappings, and frozen records of these.

Values are shared: the memo hands the same array to everyone who asks. So everything here is read-only from birth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from numbers import Real
from types import MappingProxyType, NoneType
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import orjson
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError, core_schema

_REAL = (Real, bool, np.bool_, NoneType)
_FREEZABLE = (np.ndarray, np.generic, list, tuple, dict, MappingProxyType, set, bytearray)


class Marker:
    """A word about a field, written into its annotation."""

    def __init__(self, name: str) -> None:
        self.name = name

    def marks(self, field: FieldInfo) -> bool:
        """Whether the field bears this word."""
        return self in field.metadata

    def __repr__(self) -> str:
        return self.name


EXTRA = Marker("EXTRA")
"""Not part of the documented answer: given at flat edges only when `include_extras` asks for it."""

ABSENT_WHEN_NULL = Marker("ABSENT_WHEN_NULL")
"""Left out of the documented answer where there is nothing to say, instead of being null there."""


@dataclass(frozen=True)
class Array:
    """An annotation for arrays of numbers: `Annotated[np.ndarray, Array("slices", "columns")]`.

    Lists of numbers are read, null as NaN. Arrays are taken as they are (float64 if they hold numbers of another
    type), never walked, and read through a view that cannot write.

    Attributes:
        axes: the axes' names, outermost first; none means any shape.
        dtype: what the numbers become, nothing lost; empty: they stay what they are.
    """

    axes: tuple[str, ...]
    dtype: str

    def __init__(self, *axes: str, dtype: str = "float64") -> None:
        object.__setattr__(self, "axes", axes)
        object.__setattr__(self, "dtype", dtype)

    def read(self, value: Any) -> np.ndarray:
        """A read-only array of these axes.

        Raises:
            ValueError: ragged, not numbers, not whole where whole ones are taken, or of other axes.
        """
        try:
            array = _numbers(value)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"takes numbers in equal rows ({self}); this is ragged or holds something else") from None
        if self.axes and array.ndim != len(self.axes):
            raise ValueError(f"takes {self}; this has {array.ndim} axes, shape {list(array.shape)}")
        dtype = np.dtype(self.dtype or array.dtype.newbyteorder("="))
        if array.dtype == dtype:
            return _read_only(array)
        with np.errstate(invalid="ignore"):
            converted = array.astype(dtype)
        if dtype.kind in "iu" and not np.array_equal(converted, array):
            raise ValueError(f"takes whole numbers of {dtype}; this holds others")
        return _read_only(converted)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read_for_pydantic)

    def _read_for_pydantic(self, value: Any) -> np.ndarray:
        try:
            return self.read(value)
        except ValueError as error:
            raise PydanticCustomError("array", "{sentence}", {"sentence": str(error)}) from None

    def __str__(self) -> str:
        return f"an array [{', '.join(self.axes)}]" if self.axes else "an array"


class Record(BaseModel):
    """A frozen model whose arrays, mappings and lists are read-only too.

    A record declared `bare="field"` is shown to the world as that one field: `{layer: [[...]]}` rather than
    `{"maps": {layer: [[...]]}}`.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        populate_by_name=True,
        protected_namespaces=(),
    )

    bare: ClassVar[str | None] = None

    def __init_subclass__(cls, *, bare: str | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        if bare is not None:
            cls.bare = bare

    def model_post_init(self, _context: Any, /) -> None:
        """Make what the record holds read-only."""
        values = self.__dict__
        for name, value in values.items():
            if isinstance(value, _FREEZABLE):
                values[name] = frozen(value)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """The same record with some fields changed, which become read-only too."""
        return super().model_copy(update={name: frozen(value) for name, value in (update or {}).items()}, deep=deep)

    @classmethod
    def read(cls, value: Any) -> Self:
        """A record from what a person or a file says: the record itself, its fields, or its bare field.

        Raises:
            ValueError: it is none of these.
        """
        if isinstance(value, cls):
            return value
        if cls.bare is not None:
            return cls(**{cls.bare: value})
        return cls.model_validate(value)

    def plain(self, *, extras: bool = False, lists: bool = True) -> Any:
        """The documented form: plain Python values, NaN as None.

        Args:
            extras: also the fields marked `EXTRA`; a bare field that has no keys to stand beside is then named.
            lists: arrays as lists; otherwise they stay arrays.
        """
        shown: dict[str, Any] = {}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if EXTRA.marks(field):
                continue
            if value is None and ABSENT_WHEN_NULL.marks(field):
                continue
            shown[field.alias or name] = plain(value, lists=lists)
        bare = shown if self.bare is None else shown[self.bare]
        if not extras:
            return bare
        return {**(bare if isinstance(bare, dict) else shown), **self.extras(lists=lists)}

    def items(self) -> Iterator[tuple[str, Any]]:
        """What `foreach` runs over: the items of the bare field.

        Raises:
            TypeError: it has none.
        """
        if self.bare is None:
            raise TypeError(f"{type(self).__name__} is one thing, not several")
        return items_of(getattr(self, self.bare))

    @classmethod
    def item_annotation(cls) -> Any:
        """The type of what `foreach` runs over where it is not the bare field's items; None: it is one thing."""
        return None

    def extras(self, *, lists: bool = True) -> dict[str, Any]:
        """What the documented answer leaves out, as far as there is something to say."""
        return {
            field.alias or name: plain(value, lists=lists)
            for name, field in type(self).model_fields.items()
            if EXTRA.marks(field) and (value := getattr(self, name)) is not None
        }


def annotation_of(field: FieldInfo) -> Any:
    """A field's type with all that is annotated to it."""
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def frozen(value: Any) -> Any:
    """The same value, read-only all the way down, and as it comes back when it is remembered: numbers are Python's.

    >>> frozen({"a": [1, np.float32(2)]})
    mappingproxy({'a': (1, 2.0)})
    """
    match value:
        case np.ndarray():
            return _read_only(value)
        case np.generic():
            return value.item()
        case dict() | MappingProxyType():
            return MappingProxyType({key: frozen(item) for key, item in value.items()})
        case list() | tuple():
            return tuple(frozen(item) for item in value)
        case set():
            return frozenset(value)
        case bytearray():
            return bytes(value)
        case _:
            return value


def plain(value: Any, *, lists: bool = True) -> Any:
    """The value as JSON would say it: dicts, lists, numbers, text, None; NaN and infinity are None.

    >>> plain({"mean": np.float64(2.0), "std": float("nan"), "at": (1, 2)})
    {'mean': 2.0, 'std': None, 'at': [1, 2]}
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float() | np.floating():
            return float(value) if isfinite(value) else None
        case np.ndarray():
            return array_as_lists(value) if lists else value
        case np.generic():
            return plain(value.item())
        case Record():
            return value.plain(lists=lists)
        case Mapping():
            return {str(key): plain(item, lists=lists) for key, item in value.items()}
        case _:
            return [plain(item, lists=lists) for item in value]


def array_as_lists(array: np.ndarray) -> list[Any]:
    """Nested lists of an array's numbers, None where they are not finite."""
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return array.tolist()  # type: ignore[no-any-return]
    shown = array.astype(object)
    shown[~np.isfinite(array)] = None
    return shown.tolist()  # type: ignore[no-any-return]


def json_bytes(value: Any, *, indent: bool = False) -> bytes:
    """A plain value, or one with arrays, as JSON text; NaN and infinity are null.

    >>> json_bytes({"mean": np.array([1.0, np.nan])})
    b'{"mean":[1.0,null]}'
    """
    options = orjson.OPT_SERIALIZE_NUMPY | (orjson.OPT_INDENT_2 if indent else 0)
    return orjson.dumps(value, default=plain, option=options)


def items_of(value: Any) -> Iterator[tuple[str, Any]]:
    """What `foreach` runs over: the items of a mapping by key, of a list by place, or by name if it is one of names."""
    if isinstance(value, Record):
        yield from value.items()
    elif isinstance(value, Mapping):
        yield from ((str(key), item) for key, item in value.items())
    else:
        items = list(value)
        named = all(isinstance(item, str) for item in items)
        yield from ((item if named else str(place), item) for place, item in enumerate(items))


def _numbers(value: Any) -> np.ndarray:
    """An array of real numbers or truth values; text and dates are none, null within it and what is masked are NaN."""
    if value is None:
        raise TypeError(value)
    array = np.asarray(value.astype(np.float64).filled(np.nan) if hasattr(value, "filled") else value)
    if array.dtype == object and all(issubclass(kind, _REAL) for kind in set(map(type, array.flat))):
        array = array.astype(np.float64)
    if array.dtype.kind not in "biuf":
        raise TypeError(array.dtype)
    return array


def _read_only(array: np.ndarray) -> np.ndarray:
    """The array behind a view that cannot write, one row after the other: sums depend on the order of numbers."""
    if not array.flags.c_contiguous:
        array = array.copy(order="C")
    if not array.flags.writeable:
        return array
    view = array.view()
    view.flags.writeable = False
    return view
