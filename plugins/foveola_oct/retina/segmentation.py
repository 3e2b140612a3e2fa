"""What a model drew on the B-scans: outlines of layers and lesions, or the borders between layers.

B-scan frame: x is the column index, y the row index growing downwards, pixel centres at whole numbers. All outlines of
an exam are one structure of arrays, so that nothing loops over points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, ConfigDict, Field

from foveola import Array, InputError, Record, Unit
from foveola_oct.retina.outlines import FARTHEST_PX, clean_outline, parse_points

BScanPoint = tuple[float, float]
MOST = 65_535
"""Of rows, columns and frames: DICOM counts them in 16 bits (Rows, Columns: US)."""

NumSlices = Annotated[int, Field(ge=1, le=MOST, description="B-scans of the exam.")]
PixelImageWidth = Annotated[int, Unit("px"), Field(ge=1, le=MOST, description="columns of a B-scan.")]
PixelImageHeight = Annotated[int, Unit("px"), Field(ge=1, le=MOST, description="rows of a B-scan.")]
Names = Annotated[
    tuple[str, ...], BeforeValidator(lambda names: names.tolist() if isinstance(names, np.ndarray) else names)
]


T = TypeVar("T", bound="Outlines")


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


class Borders(Record):
    """Layers as the borders between them, one row per column of every slice."""

    borders: Annotated[np.ndarray, Array("borders", "slices", "columns")]
    """Rows from top to bottom [L + 1, slices, columns], px; NaN where there is none."""
    layers: Names
    """The layers between them, from top to bottom [L]."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """From the arrays by name.

        Raises:
            InputError: the arrays do not fit one another; naming one.
        """
        borders = super().read(value)
        if len(borders.borders) != len(borders.layers) + 1:
            raise InputError(
                "layers", f"names {len(borders.layers)} layers between {len(borders.borders)} borders; give one less"
            )
        check_names("layers", borders.layers)
        if np.isinf(borders.borders).any():
            raise InputError("borders", "hold a row that is infinite; say null where there is no border")
        return borders


class LayerSegmentation(Record):
    """Retinal layers on every slice, as outlines or as borders."""

    outlines: Outlines | None = None
    """Each layer as polygons."""
    borders: Borders | None = None
    """All layers as the borders between them."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """From a list over slices of lists of instances, or from arrays by name: of instances, or of borders.

        Raises:
            ValueError: it is none of these.
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, Borders) or (isinstance(value, Mapping) and "borders" in value):
            return cls(borders=Borders.read(value))
        return cls(outlines=Outlines.read(value))

    @property
    def form(self) -> Outlines | Borders:
        """The one of the two that is there."""
        form = self.outlines or self.borders
        assert form is not None  # noqa: S101  one of the two is always there
        return form

    @property
    def num_slices(self) -> int:
        """How many slices the exam has."""
        form = self.form
        return int(form.borders.shape[1]) if isinstance(form, Borders) else form.num_slices

    @property
    def layer_names(self) -> tuple[str, ...]:
        """The layers that were segmented somewhere."""
        form = self.form
        return form.layers if isinstance(form, Borders) else form.class_names

    def plain(self, *, extras: bool = False, lists: bool = True) -> Any:
        """The form that it came in: instances by slice, or borders by name."""
        return self.form.plain(extras=extras, lists=lists)


class PathologySegmentation(Record, bare="outlines"):
    """Lesions on every slice, as outlines."""

    outlines: Outlines
    """Each lesion as a polygon."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """From a list over slices of lists of instances, or from arrays of instances by name."""
        return value if isinstance(value, cls) else cls(outlines=Outlines.read(value))

    @property
    def num_slices(self) -> int:
        """How many slices the exam has."""
        return self.outlines.num_slices


def check_names(field: str, names: Sequence[str]) -> None:
    """Refuse a name that is said twice.

    Raises:
        InputError: naming the field.
    """
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(field, f"names {', '.join(repeated)} more than once")


def _fitting(outlines: T) -> T:
    """Outlines whose arrays fit one another.

    Raises:
        ValueError: they do not.
        InputError: naming the array.
    """
    points, offsets, slices, classes = outlines.points, outlines.offsets, outlines.slices, outlines.classes
    if not 0 <= outlines.num_slices <= MOST:
        raise InputError("num_slices", f"is {outlines.num_slices}, not a number of slices, 0 to {MOST}")
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
    read = []
    for number, instance in enumerate(instances):
        try:
            read.append(Instance.read(instance))
        except InputError as error:
            raise error.below(f"{place}.{number}") from None
        except ValueError as error:
            raise InputError(f"{place}.{number}", str(error)) from None
    return read
