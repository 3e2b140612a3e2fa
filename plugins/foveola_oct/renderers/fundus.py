"""The fundus as a clinician sees it: a map laid to scale, with a scale bar, directions, and circles about the fovea."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foveola import FoveolaError
from foveola.surfaces.report.svg import FAINT, INK, UNIQUE, drawing, group, hatching, number, tag, words
from foveola_oct.renderers.images import indexed_png
from foveola_oct.retina import DEFAULT_ZONE_MM, EnFaceGeometry, Ring, zone_window
from foveola_oct.retina.arrays import Floats

MARGIN = 17
"""Room for the letters round a map, px."""
FOOT = 22
"""Room for the scale bar below it."""

SIDES = {"R": ("T", "N"), "L": ("N", "T")}
"""What lies to the left and to the right of the image: a right eye's nose is on the right."""


@dataclass(frozen=True)
class Laid:
    """A map in the canonical frame.

    Attributes:
        values: [rows, columns], NaN where not measured.
        pitch: height and width of a sample, mm.
        fovea: x and y in mm from the upper left corner; None: nobody said.
        laterality: the eye; None: nobody said.
    """

    values: Floats
    pitch: tuple[float, float]
    fovea: tuple[float, float] | None
    laterality: str | None

    @property
    def size(self) -> tuple[float, float]:
        """Width and height, mm."""
        rows, columns = self.values.shape
        return columns * self.pitch[1], rows * self.pitch[0]


def geometry_of(facts: Mapping[str, Any]) -> EnFaceGeometry | None:
    """How the scan lies, as far as somebody says."""
    try:
        return EnFaceGeometry.model_validate({name: facts[name] for name in EnFaceGeometry.model_fields})
    except (FoveolaError, KeyError, TypeError, ValueError):
        return None


def laterality_of(*sources: Mapping[str, Any]) -> str | None:
    """The eye, L or R; None if nobody says."""
    found = next((source["laterality"] for source in sources if source.get("laterality") in SIDES), None)
    return None if found is None else str(found)


def said_eye(laterality: str | None) -> str:
    """The eye at the end of a title; nothing if nobody says."""
    return {"R": ", right eye", "L": ", left eye"}.get(laterality or "", "")


def lay_map(values: Any, given: Mapping[str, Any], beside: Mapping[str, Any], exam: Mapping[str, Any]) -> Laid | None:
    """A map as the fundus is seen; None if nobody says how it was scanned.

    Args:
        values: [slices, columns], null where not measured.
        given: what the operation was given.
        beside: what else it answered: where the fovea lies in the map, if that is told.
        exam: the exam's words and numbers.
    """
    samples = np.asarray(values, dtype=np.float64)
    facts = {**exam, **{name: given[name] for name in EnFaceGeometry.model_fields if name in given}}
    geometry = geometry_of(facts)
    if geometry is None or samples.ndim != 2 or samples.size == 0:  # noqa: PLR2004  slices and columns
        return None
    shape = (samples.shape[0], samples.shape[1])
    center = beside.get("map_center") or _center_within(geometry, given, exam)
    fovea = None
    if center is not None:
        row, column = geometry.canonical_position((center[1] + 0.5, center[0] + 0.5), shape)
        fovea = (column * geometry.canonical_pitch[1], row * geometry.canonical_pitch[0])
    return Laid(geometry.canonicalise(samples), geometry.canonical_pitch, fovea, laterality_of(given, exam))


def _center_within(
    geometry: EnFaceGeometry, given: Mapping[str, Any], exam: Mapping[str, Any]
) -> tuple[float, float] | None:
    """The fovea in a zone that was cut from an exam, found again as it was cut."""
    whole = (exam.get("num_slices"), exam.get("pixel_image_width"))
    center = given.get("exam_center_coordinate_xz")
    if center is None or not all(isinstance(count, int) for count in whole):
        return None
    zone = given.get("zone_of_interest", DEFAULT_ZONE_MM)
    try:
        window = zone_window(whole, geometry, tuple(center), zone, given.get("min_exam_width_mm"))  # type: ignore[arg-type]
    except (FoveolaError, TypeError, ValueError):
        return None
    return window.map_center


@dataclass(frozen=True)
class Frame:
    """A place on the page for a map.

    Attributes:
        laid: the map.
        width: of the picture without its margins, px.
    """

    laid: Laid
    width: float

    @property
    def per_mm(self) -> float:
        """Pixels of the page per mm."""
        return self.width / max(self.laid.size)

    @property
    def extent(self) -> tuple[float, float]:
        """Width and height, px."""
        width, height = self.laid.size
        return width * self.per_mm, height * self.per_mm

    def place(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        """A place on the page, px, of one on the map, mm from its upper left corner."""
        return MARGIN + x_mm * self.per_mm, MARGIN + y_mm * self.per_mm

    def draw(self, title: str, *shapes: str, description: str = "", scale_mm: float | None = None) -> str:
        """The map's frame with what lies in it."""
        width, height = self.extent
        bar_mm = scale_mm or (1.0 if max(self.laid.size) > 2.5 else 0.5)  # noqa: PLR2004  a bar is a sixth or so
        frame = tag("rect", x=MARGIN, y=MARGIN, width=width, height=height, fill="none", stroke=INK, stroke_width=0.8)
        return drawing(
            width + 2 * MARGIN,
            height + MARGIN + FOOT,
            title,
            hatching(f"h{UNIQUE}", "#8b949e", opacity=0.9),
            tag("clipPath", tag("rect", x=MARGIN, y=MARGIN, width=width, height=height), id=f"c{UNIQUE}"),
            tag("rect", x=MARGIN, y=MARGIN, width=width, height=height, fill="#fff"),
            tag("rect", x=MARGIN, y=MARGIN, width=width, height=height, fill=f"url(#h{UNIQUE})"),
            group(*shapes, clip_path=f"url(#c{UNIQUE})"),
            frame,
            *self._letters(width, height),
            *_scale_bar(MARGIN, MARGIN + height + 9, bar_mm, bar_mm * self.per_mm),
            description=description,
        )

    def _letters(self, width: float, height: float) -> Iterable[str]:
        left, right = SIDES.get(self.laid.laterality or "", ("", ""))
        middle_x, middle_y = MARGIN + width / 2, MARGIN + height / 2
        for letter, x, y in (
            ("S", middle_x, MARGIN - 5),
            ("I", middle_x, MARGIN + height + 14),
            (left, MARGIN / 2, middle_y + 4),
            (right, MARGIN * 1.5 + width, middle_y + 4),
        ):
            yield words(letter, x, y, text_anchor="middle", font_size=11.5, font_weight="bold", fill=INK)

    def image(self, uri: str, *, is_smooth: bool = True) -> str:
        """A picture of the whole map."""
        width, height = self.extent
        return tag(
            "image",
            href=uri,
            x=MARGIN,
            y=MARGIN,
            width=width,
            height=height,
            preserveAspectRatio="none",
            style=None if is_smooth else "image-rendering:pixelated",
        )

    def rings(self, rings: Iterable[Ring], colour: str = "#fff") -> str:
        """Circles about the fovea with the rays that cut them, and a cross; nothing if nobody said where it is."""
        if self.laid.fovea is None:
            return ""
        x, y = self.place(*self.laid.fovea)
        shapes = []
        for ring in rings:
            shapes.append(tag("circle", cx=x, cy=y, r=ring.outer_mm * self.per_mm, fill="none"))
            if ring.sectors > 1:
                for k in range(ring.sectors):
                    turn = np.radians(ring.start_deg + k * 360 / ring.sectors)
                    (x1, y1), (x2, y2) = (
                        (x + r * self.per_mm * np.cos(turn), y + r * self.per_mm * np.sin(turn))
                        for r in (ring.inner_mm, ring.outer_mm)
                    )
                    shapes.append(tag("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2)))
        return group(*shapes, stroke=colour, stroke_width=0.9, stroke_opacity=0.9) + self.cross(colour)

    def cross(self, colour: str = "#fff") -> str:
        """A mark where the fovea is."""
        if self.laid.fovea is None:
            return ""
        x, y = self.place(*self.laid.fovea)
        arms = f"M{number(x - 4)} {number(y)}h8M{number(x)} {number(y - 4)}v8"
        return tag("path", d=arms, stroke="#000", stroke_width=2.6) + tag("path", d=arms, stroke=colour, stroke_width=1)

    def shade(self, steps: NDArray[np.intp], palette: NDArray[np.uint8]) -> str:
        """A picture of some steps of a palette, [rows, columns] of any size, over the whole map."""
        return self.image(indexed_png(steps, palette))

    def enlarged(self, values: Floats) -> Floats:
        """A map at the size of the page, linear between samples; NaN as far as the samples that are NaN reach."""
        import cv2  # noqa: PLC0415  a listing must not pay for it

        columns, rows = (max(1, round(side)) for side in self.extent)
        measured = np.isfinite(values).astype(np.float64)
        known = cv2.resize(np.where(measured > 0, values, 0.0), (columns, rows), interpolation=cv2.INTER_LINEAR)
        weight = cv2.resize(measured, (columns, rows), interpolation=cv2.INTER_LINEAR)
        nearest = cv2.resize(measured, (columns, rows), interpolation=cv2.INTER_NEAREST)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(nearest > 0, known / weight, np.nan)


def _scale_bar(x: float, y: float, mm: float, length: float) -> Iterable[str]:
    yield tag(
        "path",
        d=f"M{number(x)} {number(y - 3)}v6M{number(x)} {number(y)}h{number(length)}m0-3v6",
        stroke=INK,
        stroke_width=1.2,
        fill="none",
    )
    yield words(f"{mm:g} mm", x + length + 5, y + 4, font_size=10.5, fill=FAINT)
