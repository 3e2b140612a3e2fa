"""En-face thickness maps, which know where they are.

A map is in the acquisition frame `[slices, columns]`; NaN is *not measured*, never averaged. It carries the fovea's
place in it and the part of it that was scanned, so that nobody has to wire them. At flat edges the same is said by
`map_center`, `center_offset_mm`, `valid_window` and `padding_value`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np

from foveola import Array, InputError, Pixels, Record, Unit

Window = tuple[int, int, int, int]


class ThicknessMap(Record, bare="values"):
    """One thickness on every sample of an en-face grid."""

    values: Annotated[np.ndarray, Array("slices", "columns")]
    """Thickness [slices, columns], acquisition frame, NaN where not measured."""
    center: tuple[Pixels, Pixels] | None = None
    """The fovea, [column, row] in indices of this map; None: nobody said."""
    valid_window: Window | None = None
    """The scanned part, [row0, row1, col0, col1], half open; None: nobody said."""
    padding_value: float | None = None
    """What unscanned samples are shown as at flat edges; None is null."""
    missing_value: float | None = None
    """What scanned samples that were not measured are shown as at flat edges; None is null."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """From `[slices][columns]`.

        Raises:
            InputError: empty, ragged or infinite.
        """
        return value if isinstance(value, cls) else cls(values=_read_samples("", value, axes=(2,)))

    def with_values(self, values: np.ndarray) -> Self:
        """Other samples [slices, columns] at the same place."""
        return type(self)(**{**dict(self), "values": values})

    def plain(self, *, extras: bool = False, lists: bool = True) -> Any:
        """The samples; those that are NaN because nobody scanned or measured them as the value for it."""
        shown = self
        if self.padding_value is not None or self.missing_value is not None:
            padding, missing = (np.nan if fill is None else fill for fill in (self.padding_value, self.missing_value))
            scanned = ... if self.valid_window is None else window_slices(self.valid_window)
            values = np.full(self.values.shape, padding)
            values[scanned] = np.where(np.isnan(self.values[scanned]), missing, self.values[scanned])
            shown = self.with_values(values)
        return super(ThicknessMap, shown).plain(extras=extras, lists=lists)


class ThicknessMaps(Record, bare="maps"):
    """Thickness maps by name."""

    maps: Mapping[str, ThicknessMap]
    """Each map by the name of its layer or pathology."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """From `{name: [slices][columns]}`.

        Raises:
            InputError: empty or ragged, naming the map.
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, ThicknessMaps):
            return cls(maps=value.maps)
        if not isinstance(value, Mapping):
            raise ValueError(f"takes maps by name, not {type(value).__name__}")
        return cls(maps={str(name): _read_map(str(name), samples) for name, samples in value.items()})


class LayerThicknessMaps(ThicknessMaps):
    """Thickness of retinal layers in axial pixels, all of one shape."""

    unit: ClassVar[Unit] = Unit("px")

    given_as: Literal["names", "list", "sum"] = "names"
    """Whether the maps came by name, as a list in the order of the layers that are summed, or as one that is a sum."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """From `{layer: [slices][columns]}`, from a list of such maps, or from one map that is already a sum.

        Lists have no names: they are called by their places, "0", "1", ..., until `summed` is told better.

        Raises:
            InputError: empty or ragged, naming the map.
        """
        if not isinstance(value, ThicknessMaps | Mapping):
            samples = _read_samples("", value, axes=(2, 3))
            if samples.ndim == 2:  # noqa: PLR2004  slices, columns
                return cls(maps={"0": ThicknessMap(values=samples)}, given_as="sum")
            listed = {str(place): ThicknessMap(values=one) for place, one in enumerate(samples)}
            return cls(maps=listed, given_as="list")
        if isinstance(value, Mapping) and not value:
            raise InputError("", "holds no map")
        maps = super().read(value)
        shapes = {one.values.shape for one in maps.maps.values()}
        if len(shapes) > 1:
            raise ValueError(f"takes maps of one shape, not of {' and '.join(str(list(s)) for s in sorted(shapes))}")
        return maps

    def summed(self, used_layers: Sequence[str], field: str = "used_layers") -> ThicknessMap:
        """The sum of some layers, sample by sample; NaN in any is NaN.

        Maps that came as a list are in the order of `used_layers`; one that came alone is their sum already.

        Raises:
            InputError: no layer, a layer twice, or one that the maps do not hold.
        """
        names = list(used_layers)
        if not names:
            raise InputError(field, "must name at least one layer")
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise InputError(field, f"names {', '.join(repeated)} more than once")
        maps = self.maps
        if self.given_as == "sum":
            return next(iter(maps.values()))
        if self.given_as == "list":
            if len(maps) != len(names):
                raise InputError(field, f"names {len(names)} layers, but there are {len(maps)} maps in the list")
            maps = dict(zip(names, maps.values(), strict=True))
        if missing := [name for name in names if name not in maps]:
            raise InputError(
                field, f"{', '.join(missing)} is not among the maps ({', '.join(maps) or 'there are none'})"
            )
        first = maps[names[0]]
        total = first.values
        for name in names[1:]:
            total = total + maps[name].values
        return first.with_values(total)


class PathologyThicknessMaps(ThicknessMaps):
    """Thickness of lesions, in axial pixels or mm as the operation says; 0 where there is none."""


def window_slices(window: Window) -> tuple[slice, slice]:
    """An index for the part of a map that a window names."""
    row0, row1, col0, col1 = window
    return slice(row0, row1), slice(col0, col1)


def _read_map(name: str, value: Any) -> ThicknessMap:
    try:
        return ThicknessMap.read(value)
    except InputError as error:
        raise error.below(name) from None


def _read_samples(name: str, value: Any, axes: tuple[int, ...]) -> np.ndarray:
    try:
        samples = Array().read(value)
    except ValueError as error:
        raise InputError(name, str(error)) from None
    if samples.ndim not in axes or samples.size == 0:
        raise InputError(name, f"takes [slices][columns], at least one of each; this is {list(samples.shape)}")
    if np.isinf(samples).any():
        raise InputError(name, "holds an infinite thickness; say null where nothing was measured")
    return samples
