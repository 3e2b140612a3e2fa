"""What an exam's segmentations are: layers as outlines or as the borders between them, lesions as outlines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

import numpy as np

from foveola import Array, InputError, Record
from foveola_oct.retina.instances import Names, Outlines, check_names


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

    def require_width(self, width: int) -> None:
        """Refuse images of another width than the borders.

        Raises:
            InputError: naming `pixel_image_width`.
        """
        if self.borders.shape[2] != width:
            raise InputError("pixel_image_width", f"is {width}, but the borders have {self.borders.shape[2]} columns")


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
