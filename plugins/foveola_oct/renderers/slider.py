"""The glaucoma slider: where the thinner half lies between healthy and advanced, with the limits that decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from foveola import FoveolaError
from foveola.hookspecs import Picture, Subject, Table
from foveola.surfaces.report.svg import FAINT, INK, drawing, number, tag, words
from foveola_oct.glaucoma.get_glaucoma_distance_to_normal import get_glaucoma_distance_to_normal
from foveola_oct.glaucoma.get_glaucoma_stage import get_glaucoma_stage
from foveola_oct.retina.glaucoma_limits import GlaucomaLimits

WIDTH, LEFT, TOP, HEIGHT = 620.0, 26.0, 52.0, 26.0
ZONES = {
    "NORMAL": ("normal", "#1b7f3b", "#fff"),
    "EARLY_GLAUCOMA": ("early", "#f2b705", "#000"),
    "MODERATE_GLAUCOMA": ("moderate", "#e8590c", "#000"),
    "ADVANCED_GLAUCOMA": ("advanced", "#a61b1b", "#fff"),
}
"""By stage: what it is called here, its colour, and that of the words on it."""


def draw(subject: Subject) -> Picture | None:
    """The slider, from what the stage or the distance was made of."""
    given = subject.given
    superior, inferior = given.get("superior_thickness"), given.get("inferior_thickness")
    if subject.part not in {(), ("distance_to_normal",), ("glaucoma_stage",)} or subject.before is not None:
        return None
    if subject.value is None or not isinstance(superior, int | float) or not isinstance(inferior, int | float):
        return None
    limits = _limits(given)
    deciding = limits.deciding(superior, inferior)
    staged = get_glaucoma_stage(superior, inferior, limits)
    said = f"{ZONES[staged.glaucoma_stage][0]}{', borderline' if staged.borderline else ''}"
    title = f"Glaucoma slider: {deciding:.1f} µm, {said}"
    picture = drawing(
        WIDTH,
        122,
        title,
        *_zones(limits),
        *_limit_marks(limits),
        *_markers({"S": superior, "I": inferior}, deciding, limits),
        description="Green: normal; yellow: early; orange: moderate; red: advanced. The limits stand below in µm.",
    )
    by = "the thinner half decides" if limits.statistic == "min" else "the mean of both halves decides"
    rows = [
        ("superior half, µm", superior),
        ("inferior half, µm", inferior),
        ("decides, µm", deciding),
        ("distance to normal, 0 to 1", _place(deciding, limits)),
    ]
    return Picture(
        f"Glaucoma: {said}",
        f'<figure class="wide">{picture}</figure>',
        Table(("", "value"), rows),
        f"Inner retina over half a disc; {by}. Limits differ between devices. A likelihood, not a diagnosis.",
    )


def _limits(given: Mapping[str, Any]) -> GlaucomaLimits:
    named = {name: given[name] for name in GlaucomaLimits.model_fields if name in given}
    try:
        return GlaucomaLimits.model_validate(named)
    except (FoveolaError, ValueError):
        return GlaucomaLimits()


def _place(thickness: float, limits: GlaucomaLimits) -> float:
    """0 for healthy to 1 for advanced, a third for each class between."""
    return get_glaucoma_distance_to_normal(thickness, thickness, limits).distance_to_normal


def _x(place: float) -> float:
    """Where a place is drawn: what is advanced has room beyond 1."""
    return LEFT + place * (WIDTH - 2 * LEFT) * 0.82


def _zones(limits: GlaucomaLimits) -> list[str]:
    ends = [LEFT, *(_x(_place(stop, limits)) for stop in _stops(limits)[1:]), WIDTH - LEFT]
    shapes = []
    for (name, colour, ink), begin, end in zip(ZONES.values(), ends, ends[1:], strict=False):
        shapes.append(tag("rect", x=begin, y=TOP, width=end - begin, height=HEIGHT, fill=colour))
        shapes.append(
            words(name, (begin + end) / 2, TOP + 17, text_anchor="middle", font_size=12.5, fill=ink, font_weight=600)
        )
    return shapes


def _stops(limits: GlaucomaLimits) -> tuple[float, ...]:
    """Where the zones end."""
    return limits.normal_mean_um, limits.normal_limit_um, limits.moderate_limit_um, limits.advanced_limit_um


def _limit_marks(limits: GlaucomaLimits) -> list[str]:
    shapes = []
    marked = [(stop, "") for stop in _stops(limits)] + [(limits.borderline_um, "borderline ")]
    for stop, name in marked:
        x, low = _x(_place(stop, limits)), bool(name)
        shapes.append(
            tag(
                "line",
                x1=x,
                x2=x,
                y1=TOP + (HEIGHT if low else -2),
                y2=TOP + HEIGHT + (21 if low else 6),
                stroke=INK,
                stroke_width=1.1,
                stroke_dasharray="2 2" if low else None,
            )
        )
        y = TOP + HEIGHT + (32 if low else 18)
        anchor = "start" if stop == limits.normal_mean_um else "middle"
        shapes.append(words(f"{name}{stop:g}", x, y, text_anchor=anchor, font_size=10.5, fill=FAINT))
    shapes.append(words("µm", WIDTH - LEFT, TOP + HEIGHT + 18, text_anchor="end", font_size=10.5, fill=FAINT))
    return shapes


def _markers(halves: Mapping[str, float], deciding: float, limits: GlaucomaLimits) -> Iterator[str]:
    """A pointer for each half; the words of the thicker stand higher, so that no line crosses the other's."""
    for row, (half, thickness) in enumerate(sorted(halves.items(), key=lambda one: -one[1])):
        place = _place(thickness, limits)
        yield from _marker(place, f"{half} {thickness:.1f}", is_deciding=thickness == deciding, row=row)


def _marker(place: float, said: str, *, is_deciding: bool, row: int) -> list[str]:
    """A pointer from above; the half that decides is filled."""
    x, y = _x(place), TOP - 3
    top = 14 + 17 * row
    point = f"M{number(x)} {number(y)}l-6-9h12z"
    return [
        tag("line", x1=x, x2=x, y1=top + 4, y2=y - 8, stroke=INK, stroke_width=1.2),
        tag("path", d=point, fill=INK if is_deciding else "#fff", stroke=INK, stroke_width=1.2),
        words(
            said,
            x + 5,
            top,
            font_size=12,
            fill=INK,
            font_weight=700 if is_deciding else 400,
        ),
    ]
