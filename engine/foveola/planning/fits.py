"""Which value fits which parameter, by their types alone; units are looked at elsewhere, null where it arrives."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, get_args

from foveola.adapters import accepts_none
from foveola.planning.types import (
    Each,
    Items,
    NoSuchPartError,
    array_of,
    bare_type,
    is_literal,
    is_record,
    is_union,
    list_items,
    map_item,
    part_type,
    stripped,
)
from foveola.values import Array, Record


def way_to(source: Any, target: Any) -> tuple[str, ...] | None:
    """Which part of a value fits: the whole, (), or what a record is shown as, its bare field; None if neither does."""
    if fits(source, target):
        return ()
    core = stripped(source.item if isinstance(source, Each) else source)
    if is_record(core) and core.bare is not None:
        try:
            return (core.bare,) if fits(part_type(source, core.bare), target) else None
        except NoSuchPartError:
            return None
    return None


def fits(source: Any, target: Any) -> bool:
    """Whether a value of one type can be given where the other is taken. Null is not looked at: it skips the step."""
    source, target = stripped(source, keep_array=True), stripped(target, keep_array=True)
    if Any in (source, target) or source == target or target is object:
        return True
    if is_union(source):
        return all(fits(part, target) for part in get_args(source))
    if is_union(target):
        return any(fits(source, part) for part in get_args(target) if part is not type(None))
    if isinstance(source, Each):
        source = Mapping[str, source.item]
    if (array := array_of(target)) is not None:
        return _fits_array(source, array)
    if is_literal(source) or is_literal(target):
        return _fits_literal(source, target)
    if is_record(target) and not (is_record(source) and issubclass(source, target)):
        return _fits_record(source, target)
    if array_of(source) is not None:
        return False
    source_item, target_item = map_item(source), map_item(target)
    if source_item is not None and target_item is not None:
        return fits(source_item, target_item)
    source_items, target_items = list_items(source), list_items(target)
    if source_items is not None and target_items is not None:
        return _fits_list(source_items, target_items)
    if not (inspect.isclass(source) and inspect.isclass(target)):
        return False
    return (issubclass(source, target) and (source, target) != (bool, int)) or (source, target) == (int, float)


def can_be_scaled(annotation: Any) -> bool:
    """Whether a value of a type can be multiplied: a number, an array, or lists and maps of these."""
    core = stripped(annotation, keep_array=True)
    if array_of(core) is not None or core in {int, float, Any}:
        return True
    if isinstance(core, Each):
        return can_be_scaled(core.item)
    if (mapped := map_item(core)) is not None:
        return can_be_scaled(mapped)
    items = list_items(core)
    return items is not None and all(can_be_scaled(item) for item in items.types)


def may_lose_null(source: Any, target: Any) -> bool:
    """Whether null may stand inside a value where the type that takes it has none."""
    source, target = stripped(source), stripped(target)
    if isinstance(source, Each):
        item = map_item(target)
        return item is not None and not accepts_none(item)
    source_item, target_item = map_item(source), map_item(target)
    if source_item is not None and target_item is not None:
        return _may_lose_null(source_item, target_item)
    source_items, target_items = list_items(source), list_items(target)
    if source_items is not None and target_items is not None:
        return any(_may_lose_null(one, other) for one in source_items.types for other in target_items.types)
    return False


def _may_lose_null(source: Any, target: Any) -> bool:
    if source is Any or target is Any:
        return False
    return (accepts_none(source) and not accepts_none(target)) or may_lose_null(source, target)


def _fits_record(source: Any, target: type[Record]) -> bool:
    """Whether a record reads the value; records of different classes are different things."""
    if is_record(source):
        return issubclass(target, source)
    bare = bare_type(target)
    if bare is not None:
        return fits(source, bare)
    return map_item(source) is not None


def _fits_list(source: Items, target: Items) -> bool:
    if source.fixed and target.fixed:
        same = len(source.types) == len(target.types)
        return same and all(fits(one, other) for one, other in zip(source.types, target.types, strict=True))
    return all(fits(one, other) for one in source.types for other in target.types)


def _fits_array(source: Any, target: Array) -> bool:
    if array_of(source) is None and list_items(source) is None:
        return False
    return _holds_numbers(source, len(target.axes) or None)


def _holds_numbers(annotation: Any, axes: int | None) -> bool:
    """Whether a type is numbers in as many lists within one another as there are axes; None: in any number of them."""
    core = stripped(annotation, keep_array=True)
    if core is Any:
        return True
    if (array := array_of(core)) is not None:
        return not array.axes or axes is None or len(array.axes) == axes
    items = list_items(core)
    if items is None:
        return core in {int, float, bool} and not axes
    return axes != 0 and all(_holds_numbers(item, axes and axes - 1) for item in items.types)


def _fits_literal(source: Any, target: Any) -> bool:
    if not is_literal(target):
        return all(fits(type(value), target) for value in get_args(source))
    if not is_literal(source):
        return inspect.isclass(source) and any(isinstance(value, source) for value in get_args(target))
    return bool(set(get_args(source)) & set(get_args(target)))
