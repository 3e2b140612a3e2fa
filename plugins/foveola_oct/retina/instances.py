"""What a model drew on the B-scans: outlines, one by one or those of all slices as one structure of arrays.

B-scan frame: x is the column index, y the row index growing downwards, pixel centres at whole numbers. All outlines of
an exam are one structure of arrays, so that nothing loops over points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, ConfigDict, Field

from foveola import Array, InputError, Record
from foveola_oct.retina.geometry import LARGEST_COUNT
from foveola_oct.retina.outlines import FARTHEST_PX, clean_outline, parse_points

BScanPoint = tuple[float, float]
Names = Annotated[
    tuple[str, ...], BeforeValidator(lambda names: names.tolist() if isinstance(names, np.ndarray) else names)
]


T = TypeVar("T")
Some = TypeVar("Some", bound="Outlines")


class Instance(Record):
    """One outline of one class on one B-scan: `{"points": [[x, y], ...], "className": ...}`; other keys are ignored."""

    model_config = ConfigDict(extra="ignore")

    points: Annotated[np.ndarray, Array("points", "xy")]
    """Its vertices [points, 2], px; closed by itself."""
    class_name: Annotated[str, Field(alias="className")]
    """The layer or the pathology that it is."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """From the guide's form; points also as `{"x", "y"}` or as one flat list.

        Raises:
            ValueError: a key is missing, or the points are none.
        """
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping) or not isinstance(value.get("className"), str):
            raise ValueError('takes {"points": [[x, y], ...], "className": "..."}')
        try:
            return cls(points=clean_outline(parse_points(value.get("points"))), class_name=value["className"])
        except ValueError as error:
            raise InputError("points", str(error)) from None


class Outlines(Record):
    """The outlines of all slices as one structure of arrays."""

    points: Annotated[np.ndarray, Array("points", "xy")]
    """Vertices of all instances, one after another [P, 2], px."""
    offsets: Annotated[np.ndarray, Array("instances + 1", dtype="int64")]
    """Where each instance begins in `points` [I + 1]."""
    slices: Annotated[np.ndarray, Array("instances", dtype="int64")]
    """The slice of each instance [I]."""
    classes: Annotated[np.ndarray, Array("instances", dtype="int64")]
    """The class of each instance, a place in `class_names` [I]."""
    class_names: Names
    """The classes' names."""
    num_slices: int
    """How many slices the exam has, those without instances among them."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """From a list over slices of lists of instances, or from the arrays by name.

        Raises:
            ValueError: the arrays do not fit one another.
            InputError: naming slice and instance, or the array.
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, Mapping) and "points" in value:
            if "num_slices" not in value:
                raise InputError("num_slices", "is missing: arrays of instances do not say how many slices there are")
            return _fitting(cls.model_validate(dict(value)))
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise ValueError("takes a list over slices of lists of instances, or the instances as arrays by name")
        return cls.of([_read_slice(place, instances) for place, instances in enumerate(value)])

    @classmethod
    def of(cls, slices: Sequence[Sequence[Instance]]) -> Self:
        """The instances of all slices, slice by slice."""
        flat = [(place, instance) for place, instances in enumerate(slices) for instance in instances]
        number = {name: place for place, name in enumerate(dict.fromkeys(one.class_name for _, one in flat))}
        return cls(
            points=np.concatenate([np.empty((0, 2)), *(instance.points for _, instance in flat)]),
            offsets=np.cumsum([0, *(len(instance.points) for _, instance in flat)]),
            slices=np.array([place for place, _ in flat], dtype=np.int64),
            classes=np.array([number[instance.class_name] for _, instance in flat], dtype=np.int64),
            class_names=tuple(number),
            num_slices=len(slices),
        )

    def kept(self, mask: NDArray[np.bool_]) -> Self:
        """The instances that a mask [I] keeps."""
        if mask.all():
            return self
        lengths = np.diff(self.offsets)
        return self.model_copy(
            update={
                "points": self.points[np.repeat(mask, lengths)],
                "offsets": np.append(0, np.cumsum(lengths[mask])),
                "slices": self.slices[mask],
                "classes": self.classes[mask],
            }
        )

    def only(self, class_names: Sequence[str]) -> Self:
        """The instances of some classes, which are numbered in that order."""
        number = {name: place for place, name in enumerate(class_names)}
        classes = np.array([number.get(name, -1) for name in self.class_names], dtype=np.int64)[self.classes]
        kept = self.kept(classes >= 0)
        return kept.model_copy(update={"classes": classes[classes >= 0], "class_names": tuple(number)})

    def on_slice(self, index: int) -> tuple[Instance, ...]:
        """The instances of one slice."""
        return tuple(
            Instance(
                points=self.points[self.offsets[place] : self.offsets[place + 1]],
                class_name=self.class_names[self.classes[place]],
            )
            for place in np.flatnonzero(self.slices == index)
        )

    def items(self) -> Iterator[tuple[str, tuple[Instance, ...]]]:
        """The instances of each slice, by the slice's index."""
        for index in range(self.num_slices):
            yield str(index), self.on_slice(index)

    @classmethod
    def item_annotation(cls) -> Any:
        """The instances of a slice."""
        return tuple[Instance, ...]

    def plain(self, *, extras: bool = False, lists: bool = True) -> Any:  # noqa: ARG002  outlines have no extras
        """A list over slices of lists of instances."""
        return [[instance.plain(lists=lists) for instance in instances] for _, instances in self.items()]


def check_names(field: str, names: Sequence[str]) -> None:
    """Refuse a name that is said twice.

    Raises:
        InputError: naming the field.
    """
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(field, f"names {', '.join(repeated)} more than once")


def read_at(place: str, read: Callable[[Any], T], value: Any) -> T:
    """Read what lies at a place of something larger; what is wrong with it names the place.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return read(value)
    except InputError as error:
        raise error.below(place) from None
    except ValueError as error:
        raise InputError(place, str(error)) from None


def _fitting(outlines: Some) -> Some:
    """Outlines whose arrays fit one another.

    Raises:
        ValueError: they do not.
        InputError: naming the array.
    """
    points, offsets, slices, classes = outlines.points, outlines.offsets, outlines.slices, outlines.classes
    if not 0 <= outlines.num_slices <= LARGEST_COUNT:
        raise InputError("num_slices", f"is {outlines.num_slices}, not a number of slices, 0 to {LARGEST_COUNT}")
    if not len(slices) == len(classes) == len(offsets) - 1:
        raise ValueError(f"offsets name {len(offsets) - 1} instances, slices {len(slices)}, classes {len(classes)}")
    if offsets[0] != 0 or offsets[-1] != len(points) or (np.diff(offsets) < 0).any():
        raise InputError("offsets", f"must grow from 0 to the number of points, {len(points)}")
    limits = (("slices", slices, outlines.num_slices), ("classes", classes, len(outlines.class_names)))
    for field, places, limit in limits:
        if ((places < 0) | (places >= limit)).any():
            raise InputError(field, f"must lie between 0 and {limit - 1}")
    check_names("class_names", outlines.class_names)
    if points.shape[1] != 2:  # noqa: PLR2004  x and y
        raise InputError("points", f"have x and y each, not {points.shape[1]} numbers")
    if not -FARTHEST_PX <= points.min(initial=0) <= points.max(initial=0) <= FARTHEST_PX:
        wrong = "that is not finite" if not np.isfinite(points).all() else f"beyond {FARTHEST_PX:,.0f} px"
        raise InputError("points", f"hold a coordinate {wrong}")
    return outlines


def _read_slice(place: int, instances: Any) -> list[Instance]:
    if not isinstance(instances, Sequence) or isinstance(instances, str):
        raise InputError(str(place), "takes the list of this slice's instances")
    return [read_at(f"{place}.{number}", Instance.read, instance) for number, instance in enumerate(instances)]
