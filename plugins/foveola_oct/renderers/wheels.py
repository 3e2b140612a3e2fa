"""Circles cut into sectors, with a number in each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians, sin
from typing import Any

from foveola.surfaces.report.svg import INK, UNIQUE, drawing, hatching, number, tag, words
from foveola_oct.renderers.colours import ink_on
from foveola_oct.renderers.fundus import SIDES
from foveola_oct.retina import Ring, sector_names, sector_places

WHOLE = 0.995
"""What rounds to 100 %: sectors covered less are hatched."""
WIDTH = 264.0
UNMEASURED = "#ffffff"
SHARE_WIDE, SHARE_HIGH = 46.0, 36.0
"""Sectors less wide or high than this, px, leave no room for their share below their number."""


@dataclass(frozen=True)
class Sector:
    """What is said in a sector.

    Attributes:
        words: in it.
        colour: `#rrggbb`.
        covered: share that was measured, 0 to 1.
    """

    words: str
    colour: str
    covered: float = 1.0


def draw_wheel(
    title: str,
    rings: Sequence[Ring],
    sectors: Sequence[Sequence[Sector]],
    laterality: str | None,
    *,
    width: float = WIDTH,
    reach: Callable[[Ring], tuple[float, float]] | None = None,
) -> str:
    """Draw rings about a point; what was not measured wholly is hatched and says its share.

    Args:
        title: for those who do not see it.
        rings: from the inside out.
        sectors: of each ring, in its order.
        laterality: the eye.
        width: of the picture, px.
        reach: inner and outer radius of a ring as it is drawn, 0 to 1; to scale if None.
    """
    middle, margin = width / 2, 16.0
    outermost = max(ring.outer_mm for ring in rings)
    shapes, labels = [], []
    for ring, sectors_of_ring in zip(rings, sectors, strict=True):
        inner, outer = reach(ring) if reach else (ring.inner_mm / outermost, ring.outer_mm / outermost)
        inner, outer = inner * (middle - margin), outer * (middle - margin)
        for index, sector in enumerate(sectors_of_ring):
            begin, sweep = ring.start_deg + index * 360 / ring.sectors, 360 / ring.sectors
            outline = _outline(middle, inner, outer, begin, sweep)
            shapes.append(tag("path", d=outline, fill=sector.colour, stroke=INK, stroke_width=0.9))
            if sector.covered < WHOLE:
                shapes.append(tag("path", d=outline, fill=f"url(#h{UNIQUE})"))
            turn = radians(begin + sweep / 2)
            radius = (inner + outer) / 2 if ring.sectors > 1 else 0.0
            x, y = middle + radius * cos(turn), middle + radius * sin(turn)
            along = radius * radians(sweep) or 2 * outer  # the innermost is a whole disc
            is_beside = radius > 0 and abs(cos(turn)) > abs(sin(turn))  # words run outwards there, else along the ring
            wide, high = (outer - inner, along) if is_beside else (along, outer - inner)
            labels.append(_label(sector, x, y, outer - inner, has_room=wide > SHARE_WIDE and high > SHARE_HIGH))
    left, right = SIDES.get(laterality or "", ("", ""))
    letters = ("S", right, "I", left)
    places = ((middle, 12), (width - 7, middle + 4), (middle, width - 3), (7, middle + 4))
    return drawing(
        width,
        width,
        title,
        hatching(f"h{UNIQUE}", "#000", opacity=0.32, step=6),
        *shapes,
        *labels,
        *(
            words(letter, x, y, text_anchor="middle", font_size=11.5, font_weight="bold", fill=INK)
            for letter, (x, y) in zip(letters, places, strict=True)
        ),
        description="; ".join(sector.words for sectors_of_ring in sectors for sector in sectors_of_ring),
    )


def _outline(middle: float, inner: float, outer: float, begin: float, sweep: float) -> str:
    def place(radius: float, degrees: float) -> str:
        turn = radians(degrees)
        return f"{number(middle + radius * cos(turn))} {number(middle + radius * sin(turn))}"

    far = int(sweep > 180)  # noqa: PLR2004  a half turn: SVG must be told which arc is meant
    if sweep >= 360:  # noqa: PLR2004  a whole turn is two arcs, for SVG draws none from a point to itself
        circles = [
            f"M{place(r, 0)}A{number(r)} {number(r)} 0 0 1 {place(r, 180)}A{number(r)} {number(r)} 0 0 1 {place(r, 0)}Z"
            for r in (outer, inner)
            if r > 0
        ]
        return "".join(circles)
    outside = f"M{place(outer, begin)}A{number(outer)} {number(outer)} 0 {far} 1 {place(outer, begin + sweep)}"
    if inner <= 0:
        return f"{outside}L{number(middle)} {number(middle)}Z"
    back = f"L{place(inner, begin + sweep)}A{number(inner)} {number(inner)} 0 {far} 0 {place(inner, begin)}Z"
    return outside + back


def _label(sector: Sector, x: float, y: float, room: float, *, has_room: bool) -> str:
    """The number of a sector; on hatching it stands on a plate, so that it can be read, its share below if it fits."""
    size = 15.0 if room > 34 else 12.0  # noqa: PLR2004  px
    ink = ink_on(sector.colour)
    share = f"{sector.covered:.0%} seen"
    said_wide, share_wide = len(sector.words) * size * 0.6, len(share) * 5.6
    has_share = sector.covered < WHOLE and has_room
    y -= 1 + size * 0.36 if has_share else 0
    said = words(sector.words, x, y + size * 0.36, text_anchor="middle", font_size=size, fill=ink, font_weight=600)
    if sector.covered >= WHOLE:
        return said
    plate = {"width": said_wide + 4, "height": size * 1.2, "y": y - size * 0.6}
    if has_share:
        said += words(share, x, y + size * 0.36 + 12, text_anchor="middle", font_size=9.5, fill=ink)
        plate |= {"width": max(said_wide, share_wide) + 6, "height": size + 15}
    return tag("rect", x=x - plate["width"] / 2, **plate, rx=3, fill=sector.colour) + said


def of_ring(value: Any, level: int, ring: Ring) -> list[Any] | None:
    """What an answer says of each sector of a ring; None if it says nothing of some."""
    of_level = value.get(str(level)) if isinstance(value, Mapping) else None
    if not isinstance(of_level, Mapping) or len(of_level) != ring.sectors:
        return None
    return [of_level.get(str(index)) for index in range(ring.sectors)]


def places_of(rings: Sequence[Ring], laterality: str | None) -> list[str]:
    """What anatomy calls each sector; without the eye, by level and index."""
    if [ring.sectors for ring in rings] == [2]:
        return ["superior", "inferior"]
    named = sector_names(rings, laterality) if laterality in SIDES else None  # type: ignore[arg-type]
    return named or sector_places(rings)
