"""Disc, cup and rim, with the narrowest rim and the disc damage likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from foveola.hookspecs import Picture, Subject, Table
from foveola.surfaces.report.svg import FAINT, INK, drawing, number, tag, words
from foveola_oct.renderers.fundus import SIDES, laterality_of, said_eye
from foveola_oct.retina.arrays import Floats

SIDE, MARGIN = 270.0, 22.0
RIM, CUP, NARROWEST = "#f3b98a", "#fdf1e3", "#b00020"
STAGES = (("at risk", 4, "#1b7f3b", "#fff"), ("damaged", 7, "#f2b705", "#000"), ("disabled", 10, "#a61b1b", "#fff"))
"""Last stage of each group."""

_MEASURES = (
    ("disc", "area", "disc area, mm²"),
    ("cup", "area", "cup area, mm²"),
    ("rim", "area", "rim area, mm²"),
    ("disc", "vertical_diameter", "disc, vertical, mm"),
    ("disc", "horizontal_diameter", "disc, horizontal, mm"),
    ("ratios", "area_cdr", "cup/disc, area"),
    ("ratios", "vertical_cdr", "cup/disc, vertical"),
    ("ratios", "horizontal_cdr", "cup/disc, horizontal"),
    ("rim", "min_width", "narrowest rim, mm"),
    ("rim", "min_width_ratio", "narrowest rim/disc"),
    ("rim", "min_width_angle", "narrowest rim at, °"),
    ("rim", "absence_degrees", "without rim, °"),
)


def draw_analysis(subject: Subject) -> Picture | None:
    """The outlines that were measured, the narrowest rim on them, and the stage."""
    value, given = subject.value, subject.given
    if subject.part or not isinstance(value, Mapping) or "disc" not in value or subject.before is not None:
        return None
    disc, cup = _outline(given.get("disk")), _outline(given.get("cup"))
    if disc is None:
        return None
    rim = value.get("rim") or {}
    scale = float(given.get("scaling_factor_visualization") or 100.0)
    ends = rim.get("min_width_points_px")
    narrowest = None if ends is None else np.asarray(ends, dtype=np.float64) / scale
    ddls = value.get("ddls") or {}
    laterality = laterality_of(given, subject.exam)
    title = f"Optic disc{said_eye(laterality)}" + (
        f": DDLS stage {ddls['stage']}, {ddls['disc_size']} disc" if ddls else ", no excavation"
    )
    picture = _draw(title, disc, cup, laterality, narrowest, rim.get("min_width"))
    stages = _stages(ddls["stage"]) if ddls else ""
    rows = [
        (said, found) for part, field, said in _MEASURES if (found := (value.get(part) or {}).get(field)) is not None
    ]
    return Picture(
        title,
        f'<figure class="wheel">{picture}{stages}</figure>',
        Table(("", "value"), rows),
        "As the fundus is seen. Disc: opening of Bruch's membrane. A sloping rim, as in myopia, is no absent one.",
    )


def draw_outlines(subject: Subject) -> Picture | None:
    """Disc and cup alone, where nobody measured them."""
    value = subject.value
    if subject.part or not isinstance(value, Mapping) or "analyze_odn" in subject.operations:
        return None
    disc = _outline((value.get("disc") or {}).get("mm"))
    if disc is None or subject.before is not None:
        return None
    cup = _outline((value.get("cup") or {}).get("mm"))
    picture = _draw("Optic disc and cup", disc, cup, laterality_of(subject.given, subject.exam), None, None)
    width, height = np.ptp(disc, axis=0)
    return Picture(
        "Optic disc and cup",
        f'<figure class="wheel">{picture}</figure>',
        Table(("", "mm"), (("disc, horizontal", float(width)), ("disc, vertical", float(height)))),
    )


def _outline(points: Any) -> Floats | None:
    if points is None:
        return None
    outline = np.asarray(points, dtype=np.float64)
    return outline if outline.ndim == 2 and len(outline) > 2 else None  # noqa: PLR2004  points [n, 2], three enclose


def _draw(
    title: str,
    disc: Floats,
    cup: Floats | None,
    laterality: str | None,
    narrowest: Floats | None,
    width_mm: float | None,
) -> str:
    low, high = disc.min(axis=0), disc.max(axis=0)
    per_mm = (SIDE - 2 * MARGIN) / float((high - low).max()) * 0.92
    middle = (low + high) / 2

    def place(points: Floats) -> Floats:
        return np.asarray(SIDE / 2 + (points - middle) * per_mm, dtype=np.float64)

    shapes = [_path(place(disc), fill=RIM, stroke="#7a3b10", stroke_width=2)]
    if cup is not None:
        shapes.append(_path(place(cup), fill=CUP, stroke="#7a3b10", stroke_width=1.5, stroke_dasharray="5 3"))
    if narrowest is not None and width_mm is not None:
        (x1, y1), (x2, y2) = place(narrowest).tolist()
        shapes.append(tag("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=NARROWEST, stroke_width=4, stroke_linecap="round"))
        towards = 1 if x2 < SIDE / 2 else -1
        shapes += _plate(f"{width_mm:.2f} mm", x2 + towards * 34, (y1 + y2) / 2 - 14)
    left, right = SIDES.get(laterality or "", ("", ""))
    letters = (("S", SIDE / 2, 13), (right, SIDE - 9, SIDE / 2), ("I", SIDE / 2, SIDE - 5), (left, 9, SIDE / 2))
    bar = 0.5 * per_mm
    return drawing(
        SIDE,
        SIDE + 18,
        title,
        *shapes,
        *(
            words(letter, x, y, text_anchor="middle", font_size=11.5, font_weight="bold", fill=INK)
            for letter, x, y in letters
        ),
        tag(
            "path",
            d=f"M{number(MARGIN)} {number(SIDE + 6)}v6m0-3h{number(bar)}m0-3v6",
            stroke=INK,
            stroke_width=1.2,
            fill="none",
        ),
        words("0.5 mm", MARGIN + bar + 6, SIDE + 13, font_size=10.5, fill=FAINT),
        words("disc, solid; cup, dashed", SIDE - 8, SIDE + 13, text_anchor="end", font_size=10.5, fill=FAINT),
        description="The narrowest rim is the thick red line.",
    )


def _plate(said: str, x: float, y: float) -> list[str]:
    return [
        tag("rect", x=x - 29, y=y - 12, width=58, height=16, rx=3, fill="#fff", stroke=NARROWEST, stroke_width=0.8),
        words(said, x, y, text_anchor="middle", font_size=11.5, font_weight=600, fill=NARROWEST),
    ]


def _path(points: Floats, **attributes: Any) -> str:
    corners = "L".join(f"{number(x)} {number(y)}" for x, y in points.tolist())
    return tag("path", d=f"M{corners}Z", **attributes)


def _stages(stage: int) -> str:
    """The ten stages in a row, that of the disc framed."""
    side, gap = 24.0, 2.0
    shapes, labels = [], []
    first = 1
    for name, last, colour, ink in STAGES:
        for one in range(first, last + 1):
            x = 4 + (one - 1) * (side + gap)
            is_it = one == stage
            shapes.append(
                tag(
                    "rect",
                    x=x,
                    y=4,
                    width=side,
                    height=side,
                    fill=colour if is_it else "#fff",
                    stroke=colour,
                    stroke_width=2,
                )
            )
            shapes.append(
                words(
                    one,
                    x + side / 2,
                    21,
                    text_anchor="middle",
                    font_size=13,
                    font_weight=700 if is_it else 400,
                    fill=ink if is_it else INK,
                )
            )
        middle = 4 + (first + last - 2) / 2 * (side + gap) + side / 2
        labels.append(words(name, middle, 43, text_anchor="middle", font_size=10.5, fill=FAINT))
        first = last + 1
    return drawing(268, 48, f"Disc damage likelihood scale: stage {stage} of 10", *shapes, *labels)
