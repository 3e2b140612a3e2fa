"""What a model drew on the B-scans: outlines of layers and lesions, or the borders between layers.

B-scan frame: x is the column index, y the row index growing downwards, pixel centres at whole numbers. All outlines of
an exam are one structure of arrays, so that nothing loops over points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Self

import numpy as np
from pydantic import ConfigDict, Field

from foveola import Array, InputError, Record
from foveola_oct.retina.outlines import clean_outline, parse_points

BScanPoint = tuple[float, float]


class Instance(Record):
    """One outline of one class on one B-scan: `{"points": [[x, y], ...], "className": ...}`; other keys are left alone."""

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
    class_names: tuple[str, ...]
    """The classes' names."""
    num_slices: int
    """How many slices the exam has, those without instances among them."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """From a list over slices of lists of instances, or from the arrays by name.

        Raises:
            ValueError: the arrays do not fit one another.
            InputError: naming slice and instance.
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, Mapping):
            return cls._checked(value)
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise ValueError("takes a list over slices of lists of instances")
        return cls._of([_read_slice(place, instances) for place, instances in enumerate(value)])

    @classmethod
    def _of(cls, slices: Sequence[Sequence[Instance]]) -> Self:
        flat = [(place, instance) for place, instances in enumerate(slices) for instance in instances]
        names = tuple(dict.fromkeys(instance.class_name for _, instance in flat))
        lengths = [len(instance.points) for _, instance in flat]
        return cls(
            points=np.concatenate([np.empty((0, 2)), *(instance.points for _, instance in flat)]),
            offsets=np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]),
            slices=np.array([place for place, _ in flat], dtype=np.int64),
            classes=np.array([names.index(instance.class_name) for _, instance in flat], dtype=np.int64),
            class_names=names,
            num_slices=len(slices),
        )

    @classmethod
    def _checked(cls, value: Mapping[str, Any]) -> Self:
        if "num_slices" not in value:
            raise InputError("num_slices", "is missing: arrays of instances do not say how many slices there are")
        outlines = cls.model_validate(dict(value))
        count = len(outlines.offsets) - 1
        if not (len(outlines.slices) == len(outlines.classes) == count):
            raise ValueError(
                f"offsets name {count} instances, slices {len(outlines.slices)}, classes {len(outlines.classes)}"
            )
        if (
            count < 0
            or outlines.offsets[0] != 0
            or outlines.offsets[-1] != len(outlines.points)
            or (np.diff(outlines.offsets) < 0).any()
        ):
            raise InputError("offsets", f"must grow from 0 to the number of points, {len(outlines.points)}")
        for name, indices, limit in (
            ("slices", outlines.slices, outlines.num_slices),
            ("classes", outlines.classes, len(outlines.class_names)),
        ):
            if count and not (indices.min() >= 0 and indices.max() < limit):
                raise InputError(name, f"must lie between 0 and {limit - 1}")
        if not np.isfinite(outlines.points).all():
            raise InputError("points", "hold a coordinate that is not finite")
        return outlines

    def on_slice(self, index: int) -> tuple[Instance, ...]:
        """The instances of one slice."""
        return tuple(
            Instance(
                points=self.points[self.offsets[place] : self.offsets[place + 1]],
                class_name=self.class_names[self.classes[place]],
            )
            for place in np.flatnonzero(self.slices == index)
        )

    def only(self, class_names: Sequence[str]) -> Outlines:
        """The outlines of some classes, named in that order."""
        kept = np.flatnonzero(
            np.isin(self.classes, [self.class_names.index(n) for n in class_names if n in self.class_names])
        )
        lengths = np.diff(self.offsets)[kept]
        points = [self.points[self.offsets[place] : self.offsets[place + 1]] for place in kept]
        return self.model_copy(
            update={
                "points": np.concatenate([np.empty((0, 2)), *points]),
                "offsets": np.concatenate([[0], np.cumsum(lengths)]),
                "slices": self.slices[kept],
                "classes": np.array(
                    [class_names.index(self.class_names[self.classes[place]]) for place in kept], dtype=np.int64
                ),
                "class_names": tuple(class_names),
            }
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
    layers: tuple[str, ...]
    """The layers between them, from top to bottom [L]."""


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
        if isinstance(value, Mapping) and "borders" in value:
            borders = Borders.model_validate(dict(value))
            if len(borders.borders) != len(borders.layers) + 1:
                raise InputError(
                    "layers",
                    f"names {len(borders.layers)} layers; {len(borders.borders)} borders hold one less than themselves",
                )
            return cls(borders=borders)
        return cls(outlines=Outlines.read(value))

    @property
    def num_slices(self) -> int:
        """How many slices the exam has."""
        return int(self.borders.borders.shape[1]) if self.borders else self._outlines.num_slices

    @property
    def layer_names(self) -> tuple[str, ...]:
        """The layers that were segmented somewhere."""
        return self.borders.layers if self.borders else self._outlines.class_names

    @property
    def _outlines(self) -> Outlines:
        assert self.outlines is not None  # noqa: S101  one of the two is always there
        return self.outlines

    def plain(self, *, extras: bool = False, lists: bool = True) -> Any:
        """The form that it came in: instances by slice, or borders by name."""
        return (self.borders or self._outlines).plain(extras=extras, lists=lists)


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
