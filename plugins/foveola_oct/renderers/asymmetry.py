"""The grid of posterior pole asymmetry: each cell against its mirror image across the raphe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from foveola.hookspecs import Picture, Subject, Table
from foveola.surfaces.report.svg import INK, UNIQUE, drawing, hatching, tag, words
from foveola_oct.renderers.colours import DIFFERENCE, ink_on
from foveola_oct.renderers.fundus import SIDES, laterality_of
from foveola_oct.renderers.thickness import legend
from foveola_oct.renderers.wheels import UNMEASURED, WHOLE
from foveola_oct.retina.arrays import Floats

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
    height = subject.exam.get("pixel_spacing_row")
    if unit == "px" and not isinstance(height, int | float):
        return None  # in pixels of an unknown height no colour says how much
    per_unit = 1.0 if unit == "µm" else 1000.0 * float(height or 0.0)
    count = differences.shape[0]
    cell = SIDE_PX / count
    shares = _shares(subject.beside.get("coverage"), differences.shape)
    shapes = [hatching(f"h{UNIQUE}", "#000", opacity=0.3)]
    for row, column in np.ndindex(differences.shape):
        x, y = MARGIN + column * cell, MARGIN + row * cell
        is_whole = bool(shares[row, column] >= WHOLE)
        numbers = float(differences[row, column]), float(thickness[row, column])
        shapes += _cell(*numbers, x, y, cell, per_unit, is_whole=is_whole)
    laterality = laterality_of(subject.given, subject.exam)
    left, right = SIDES.get(laterality or "", ("", ""))
    side, middle = SIDE_PX + 2 * MARGIN, MARGIN + SIDE_PX / 2
    letters = (("S", middle, 14), (right, side - 9, middle + 4), ("I", middle, side - 5), (left, 9, middle + 4))
    zone = subject.given.get("zone_of_interest")
    is_zone = subject.operation == "get_mmzone_glaucoma_ppaa_matrix"
    where = f"{zone:g} by {zone:g} mm about the fovea" if zone and is_zone else "the whole exam"
    picture = drawing(
        side,
        side,
        f"Asymmetry of the hemispheres in {count} by {count} cells, {where}",
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
        Table(("", f"thickness, {unit}"), rows),
        "Each cell less its mirror cell across the raphe (the thick line): red is thinner than its mirror cell. "
        "Hatched: not wholly measured.",
    )


def _whole(superior: Any, inferior: Any) -> Floats:
    """Both halves as one grid, NaN where too little was measured."""
    return np.vstack([np.asarray(half, dtype=np.float64) for half in (superior, inferior)])


def _shares(coverage: Any, shape: tuple[int, ...]) -> Floats:
    """What was measured of each cell; all of it where nobody says."""
    try:
        found = _whole(coverage["superior"], coverage["inferior"])
    except (KeyError, TypeError, ValueError):
        return np.ones(shape)
    return found if found.shape == shape else np.ones(shape)


def _cell(
    difference: float, thickness: float, x: float, y: float, side: float, per_unit: float, *, is_whole: bool
) -> list[str]:
    is_known = np.isfinite(difference)
    colour = DIFFERENCE.colour(float(difference) * per_unit) if is_known else UNMEASURED
    square = tag("rect", x=x, y=y, width=side, height=side, fill=colour, stroke="#fff", stroke_width=0.8)
    ink, middle = ink_on(colour), x + side / 2
    said = f"{difference:+.0f}" if is_known else "\N{EN DASH}"
    size = min(13.0, side * 0.36)
    hatch = tag("rect", x=x, y=y, width=side, height=side, fill=f"url(#h{UNIQUE})")
    shapes = [
        square,
        "" if is_whole else hatch,
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
