"""The grid of posterior pole asymmetry: each cell against its mirror image across the raphe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from foveola.hookspecs import Picture, Subject, Table
from foveola.surfaces.report.svg import INK, drawing, tag, words
from foveola_oct.renderers.colours import DIFFERENCE, ink_on
from foveola_oct.renderers.fundus import SIDES, laterality_of
from foveola_oct.renderers.wheels import UNMEASURED
from foveola_oct.renderers.thickness import legend
from foveola_oct.retina.sectors import Floats

SIDE_PX, MARGIN = 344.0, 20.0
WIDE_TENTH = 10
"""More cells than this along a side leave no room for the thickness below the difference."""


def draw(subject: Subject) -> Picture | None:
    """Differences in colour, with the thickness small below; superior above."""
    value = subject.value
    if subject.part or not isinstance(value, Mapping) or subject.before is not None:
        return None
    try:
        differences = _whole(value["superior"], value["inferior"])
        thickness = _whole(value["superior_thickness"], value["inferior_thickness"])
    except (KeyError, ValueError):
        return None
    unit = "µm" if subject.given.get("use_real_units", True) else "px"
    per_unit = 1.0 if unit == "µm" else 1000.0 * float(subject.exam.get("pixel_spacing_row") or 0.004)
    count = differences.shape[0]
    cell = SIDE_PX / count
    shapes = [
        shape
        for row in range(count)
        for column in range(differences.shape[1])
        for shape in _cell(
            differences[row, column], thickness[row, column], MARGIN + column * cell, MARGIN + row * cell, cell, per_unit
        )
    ]
    laterality = laterality_of(subject.given, subject.exam)
    left, right = SIDES.get(laterality or "", ("", ""))
    side, middle = SIDE_PX + 2 * MARGIN, MARGIN + SIDE_PX / 2
    letters = (("S", middle, 14), (right, side - 9, middle + 4), ("I", middle, side - 5), (left, 9, middle + 4))
    zone = subject.given.get("zone_of_interest")
    where = f"{zone:g} × {zone:g} mm about the fovea" if zone and "mmzone" in str(subject.operation) else "the whole exam"
    picture = drawing(
        side,
        side,
        f"Asymmetry of the hemispheres in {count} × {count} cells, {where}",
        *shapes,
        tag("line", x1=MARGIN - 6, y1=middle, x2=side - MARGIN + 6, y2=middle, stroke=INK, stroke_width=2.4),
        *(
            words(letter, x, y, text_anchor="middle", font_size=11.5, font_weight="bold", fill=INK)
            for letter, x, y in letters
        ),
    )
    half = count // 2
    rows = [
        ("mean difference, superior less inferior", _mean(differences[:half])),
        ("greatest loss above", _least(differences[:half])),
        ("greatest loss below", _least(differences[half:])),
        ("mean thickness above", _mean(thickness[:half])),
        ("mean thickness below", _mean(thickness[half:])),
    ]
    return Picture(
        f"Asymmetry, {where}",
        f'<figure class="wheel">{picture}<figcaption>difference from the mirror cell, below it the thickness, {unit}'
        f"</figcaption></figure>{legend(DIFFERENCE)}",
        Table(("", unit), rows),
        "Each cell less its mirror cell across the raphe (the thick line): red is thinner than its mirror cell.",
    )


def _whole(superior: Any, inferior: Any) -> Floats:
    """Both halves as one grid, NaN where too little was measured."""
    return np.vstack([np.asarray(half, dtype=np.float64) for half in (superior, inferior)])


def _cell(difference: float, thickness: float, x: float, y: float, side: float, per_unit: float) -> list[str]:
    is_known = np.isfinite(difference)
    colour = DIFFERENCE.colour(float(difference) * per_unit) if is_known else UNMEASURED
    square = tag("rect", x=x, y=y, width=side, height=side, fill=colour, stroke="#fff", stroke_width=0.8)
    ink, middle = ink_on(colour), x + side / 2
    said = f"{difference:+.0f}" if is_known else "–"
    size = min(13.0, side * 0.36)
    shapes = [
        square,
        words(
            "0" if said in {"+0", "-0"} else said,
            middle,
            y + side * 0.48,
            text_anchor="middle",
            font_size=size,
            font_weight=600,
            fill=ink,
        ),
    ]
    if np.isfinite(thickness) and side > SIDE_PX / WIDE_TENTH:
        shapes.append(words(f"{thickness:.0f}", middle, y + side * 0.8, text_anchor="middle", font_size=9.5, fill=ink))
    return shapes


def _mean(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else None


def _least(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.min()) if known.size else None
