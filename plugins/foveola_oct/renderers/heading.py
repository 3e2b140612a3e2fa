"""The head of a report: which eye, how it was scanned, and where the scan lies on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foveola.hookspecs import Picture, Subject, Table
from foveola.surfaces.report.svg import FAINT, INK, drawing, tag, words
from foveola_oct.renderers.fundus import SIDES, geometry_of, laterality_of

EYES = {"R": "Right eye (OD)", "L": "Left eye (OS)"}
SIDE = 132.0


def draw(subject: Subject) -> Picture | None:
    """The eye and the scan, in words and as a sketch of the slices."""
    facts = subject.exam
    geometry = geometry_of(facts)
    laterality = laterality_of(facts)
    if geometry is None and laterality is None:
        return None
    rows: list[tuple[str, str]] = [("eye", EYES.get(laterality or "", "not said"))]
    sketch = ""
    slices, columns = facts.get("num_slices"), facts.get("pixel_image_width")
    if geometry is not None:
        dy, dx = geometry.canonical_pitch
        kind = "vertical" if geometry.is_vertical else "horizontal"
        rows.append(("B-scans", f"{slices or '?'} {kind}, {geometry.slice_thickness * 1000:.4g} µm apart"))
        rows.append(("order", f"{_said(geometry.slice_direction)}; within a B-scan {_said(geometry.pixel_direction)}"))
        if isinstance(slices, int) and isinstance(columns, int):
            count_x, count_y = (slices, columns) if geometry.is_vertical else (columns, slices)
            width, height = count_x * dx, count_y * dy
            rows.append(("field", f"{width:.2f} mm wide, {height:.2f} mm high"))
            sketch = _sketch(width, height, slices, geometry.is_vertical, laterality)
    radius = facts.get("circle_radius_mm")
    if isinstance(radius, int | float):
        rows.append(("circle", f"{2 * radius:.2f} mm across"))
    rows += _spacing(facts)
    return Picture(EYES.get(laterality or "", "Eye not said"), sketch, Table(("", ""), rows))


def _spacing(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The pixels of a B-scan."""
    size = [facts.get(name) for name in ("pixel_image_width", "pixel_image_height")]
    rows = []
    if all(size):
        rows.append(("B-scan", f"{size[0]} columns, {size[1]} rows"))
    lateral, axial = (facts.get(name) for name in ("pixel_spacing_column", "pixel_spacing_row"))
    if isinstance(lateral, int | float) and isinstance(axial, int | float):
        rows.append(("pixel", f"{lateral * 1000:.4g} µm lateral, {axial * 1000:.4g} µm axial"))
    return rows


def _said(direction: str) -> str:
    first, last = direction.lower().split("_")
    return f"{first} to {last}"


def _sketch(width: float, height: float, slices: int, is_vertical: bool, laterality: str | None) -> str:
    """The scanned rectangle with its slices, fewer than there are, to scale."""
    room = SIDE - 36
    per_mm = room / max(width, height)
    w, h = width * per_mm, height * per_mm
    x, y = (SIDE - w) / 2, (SIDE - h) / 2
    drawn = min(slices, 13)
    lines = []
    for k in range(drawn):
        share = (k + 0.5) / drawn
        at = {"x1": x + w * share, "x2": x + w * share, "y1": y, "y2": y + h}
        if not is_vertical:
            at = {"x1": x, "x2": x + w, "y1": y + h * share, "y2": y + h * share}
        lines.append(tag("line", **at, stroke="#1f6f4a", stroke_width=0.9))
    left, right = SIDES.get(laterality or "", ("", ""))
    letters = (
        ("S", SIDE / 2, y - 5),
        ("I", SIDE / 2, y + h + 14),
        (left, x - 9, SIDE / 2 + 4),
        (right, x + w + 9, SIDE / 2 + 4),
    )
    return drawing(
        SIDE,
        SIDE,
        f"The scanned field, {width:.1f} by {height:.1f} mm",
        tag("rect", x=x, y=y, width=w, height=h, fill="#eef6f1", stroke=INK, stroke_width=1),
        *lines,
        *(
            words(
                letter,
                at_x,
                at_y,
                text_anchor="middle",
                font_size=11.5,
                font_weight="bold",
                fill=INK if letter else FAINT,
            )
            for letter, at_x, at_y in letters
        ),
    )
