"""Circles cut into sectors, with a number in each: ETDRS, GCC, halves, quadrants, clock hours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians, sin
from typing import Any

from foveola.hookspecs import Picture, Subject, Table
from foveola.surfaces.report.svg import INK, UNIQUE, drawing, hatching, number, tag, text, words
from foveola_oct.renderers.colours import DIFFERENCE, LAYER, RETINA, Scale, ink_on
from foveola_oct.renderers.fundus import SIDES, laterality_of
from foveola_oct.renderers.thickness import legend, scale_of
from foveola_oct.retina import ETDRS_RINGS, GCC_RINGS, Ring, halves, quarters, sector_names

WHOLE = 0.995
"""What rounds to 100 %: sectors covered less are hatched."""
THICKEST_OF_LAYERS_UM = 160.0
"""Where nobody says which layers were summed, a greater mean is that of the whole retina."""
WIDTH = 264.0
UNMEASURED = "#ffffff"


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
    marks: tuple[str, str, str, str] | None = None,
) -> str:
    """Draw rings about a point; what was not measured wholly is hatched and says its share.

    Args:
        title: for those who do not see it.
        rings: from the inside out.
        sectors: of each ring, in its order.
        laterality: the eye.
        width: of the picture, px.
        reach: inner and outer radius of a ring as it is drawn, 0 to 1; to scale if None.
        marks: letters above, right, below, left; superior, inferior and the eye's sides if None.
    """
    middle, margin = width / 2, 16.0
    outermost = max(ring.outer_mm for ring in rings)
    shapes, labels = [], []
    for ring, of_ring in zip(rings, sectors, strict=True):
        inner, outer = reach(ring) if reach else (ring.inner_mm / outermost, ring.outer_mm / outermost)
        inner, outer = inner * (middle - margin), outer * (middle - margin)
        for index, sector in enumerate(of_ring):
            begin, sweep = ring.start_deg + index * 360 / ring.sectors, 360 / ring.sectors
            outline = _outline(middle, inner, outer, begin, sweep)
            shapes.append(tag("path", d=outline, fill=sector.colour, stroke=INK, stroke_width=0.9))
            if sector.covered < WHOLE:
                shapes.append(tag("path", d=outline, fill=f"url(#h{UNIQUE})"))
            turn = radians(begin + sweep / 2)
            radius = (inner + outer) / 2 if ring.sectors > 1 else 0.0
            labels.append(_label(sector, middle + radius * cos(turn), middle + radius * sin(turn), outer - inner))
    left, right = SIDES.get(laterality or "", ("", ""))
    letters = marks or ("S", right, "I", left)
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
        description="; ".join(sector.words for of_ring in sectors for sector in of_ring),
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


def _label(sector: Sector, x: float, y: float, room: float) -> str:
    """The number of a sector; on hatching it stands on a plate, so that it can be read."""
    size = 15.0 if room > 34 else 12.0  # noqa: PLR2004  px
    ink = ink_on(sector.colour)
    if sector.covered >= WHOLE:
        return words(sector.words, x, y + size * 0.36, text_anchor="middle", font_size=size, fill=ink, font_weight=600)
    share = f"{sector.covered:.0%} seen"
    wide = max(len(sector.words) * size * 0.6, len(share) * 5.6) + 6
    plate = tag("rect", x=x - wide / 2, y=y - size, width=wide, height=size + 15, rx=3, fill=sector.colour)
    return (
        plate
        + words(sector.words, x, y - 1, text_anchor="middle", font_size=size, fill=ink, font_weight=600)
        + words(share, x, y + 11, text_anchor="middle", font_size=9.5, fill=ink)
    )


# Thickness about the fovea


def draw_etdrs(subject: Subject) -> Picture | None:
    """The nine ETDRS fields."""
    return _draw_sectors(subject, ETDRS_RINGS, "ETDRS", "Circles of 1, 3 and 6 mm.")


def draw_gcc(subject: Subject) -> Picture | None:
    """The centre and the six sectors of the ganglion cell complex."""
    return _draw_sectors(subject, GCC_RINGS, "GCC circle", "Circles of 1 and 6 mm; the raphe is horizontal.")


def draw_quadrants(subject: Subject) -> Picture | None:
    """Four quadrants of a disc."""
    zone, start = subject.given.get("zone_of_interest") or 6.0, subject.given.get("start_angle_deg") or -45.0
    value = _nested(subject.value) if subject.part in {(), ("statistics",)} else None
    nested = replace_value(subject, {"0": value} if value else None, _nested(subject.before))
    return _draw_sectors(nested, (quarters(zone, start),), "Quadrants", f"A disc of {zone:g} mm.")


def draw_halves(subject: Subject) -> Picture | None:
    """The two halves of a disc."""
    zone = subject.given.get("zone_of_interest") or 6.0
    value = _as_halves(subject.value) if not subject.part else None
    nested = replace_value(subject, value and {"0": value}, _as_halves(subject.before))
    return _draw_sectors(nested, (halves(zone),), "Superior and inferior half", f"A disc of {zone:g} mm.")


def replace_value(subject: Subject, value: Any, before: Any) -> Subject:
    """The same subject about one ring."""
    coverage = subject.beside.get("coverage")
    if isinstance(coverage, Mapping) and set(coverage) == {"superior", "inferior"}:
        coverage = {"0": coverage["superior"], "1": coverage["inferior"]}
    return Subject(
        **{
            **vars(subject),
            "value": value,
            "before": None if before is None else {"0": before},
            "part": (),
            "beside": {"coverage": {"0": coverage}} if coverage else {},
        }
    )


def _nested(value: Any) -> Any:
    return value if isinstance(value, Mapping) and "0" in value else None


def _as_halves(value: Any) -> Any:
    if not isinstance(value, Mapping) or not {"superior", "inferior"} <= set(value):
        return None
    return {"0": {"mean": value["superior"]}, "1": {"mean": value["inferior"]}}


def _draw_sectors(subject: Subject, rings: tuple[Ring, ...], name: str, note: str) -> Picture | None:
    value = subject.value
    if subject.part not in {(), ("statistics",)} or not isinstance(value, Mapping):
        return None
    means = [_of_ring(value, level, ring) for level, ring in enumerate(rings)]
    if any(of_ring is None for of_ring in means):
        return None
    shares = _coverage(subject, rings)
    laterality = laterality_of(subject.given, subject.exam)
    found = [[_number(one, "mean") for one in of_ring or ()] for of_ring in means]
    scale = _scale(subject, [mean for of_ring in found for mean in of_ring])
    if subject.before is not None:
        earlier = [_of_ring(subject.before, level, ring) or () for level, ring in enumerate(rings)]
        return _changes(name, rings, found, [[_number(one, "mean") for one in ring] for ring in earlier], laterality)
    sectors = [
        [_sector(mean, share, scale) for mean, share in zip(of_ring, covered, strict=True)]
        for of_ring, covered in zip(found, shares, strict=True)
    ]
    places = _places(rings, laterality)
    of = _layers(subject)
    title = f"{name}, {of}" if of else name
    wheel = draw_wheel(f"{title}, mean thickness in µm", rings, sectors, laterality)
    return Picture(
        title,
        f'<figure class="wheel">{wheel}<figcaption>mean thickness, µm</figcaption></figure>{legend(scale)}',
        _table(rings, means, shares, places),
        f"{note} Hatched: not wholly measured; a dash: under half of it.",
    )


def _sector(mean: float | None, share: float, scale: Scale) -> Sector:
    if mean is None:
        return Sector("\N{EN DASH}", UNMEASURED, share)
    return Sector(f"{mean:.0f}", scale.colour(mean), share)


def _changes(
    name: str,
    rings: tuple[Ring, ...],
    now: list[list[float | None]],
    before: list[list[float | None]],
    laterality: str | None,
) -> Picture:
    sectors = [
        [
            Sector("\N{EN DASH}", UNMEASURED)
            if mean is None or earlier is None
            else Sector(f"{mean - earlier:+.1f}", DIFFERENCE.colour(mean - earlier))
            for mean, earlier in zip(of_ring, of_before, strict=False)
        ]
        for of_ring, of_before in zip(now, before, strict=True)
    ]
    wheel = draw_wheel(f"{name}, change of the mean in µm", rings, sectors, laterality)
    return Picture(f"{name}, change", f'<figure class="wheel">{wheel}</figure>{legend(DIFFERENCE)}', Table((), ()))


def _table(
    rings: tuple[Ring, ...],
    means: Sequence[Sequence[Any] | None],
    shares: Sequence[Sequence[float]],
    places: list[str],
) -> Table:
    names = iter(places)
    has_std = any(_number(one, "std") is not None for of_ring in means for one in of_ring or ())
    rows = []
    for ring, of_ring, covered in zip(rings, means, shares, strict=True):
        between = f"{2 * ring.inner_mm:g} to {2 * ring.outer_mm:g} mm" if ring.inner_mm else f"{2 * ring.outer_mm:g} mm"
        for one, share in zip(of_ring or (), covered, strict=True):
            numbers = [_number(one, "mean"), *([_number(one, "std")] if has_std else [])]
            rows.append((f"{next(names)}, {between}", *numbers, 100 * share))
    return Table(("sector", "mean, µm", *(["std, µm"] if has_std else []), "measured, %"), rows)


def _places(rings: Sequence[Ring], laterality: str | None) -> list[str]:
    """What anatomy calls each sector; without the eye, by level and index."""
    if [ring.sectors for ring in rings] == [2]:
        return ["superior", "inferior"]
    named = sector_names(tuple(rings), laterality) if laterality in SIDES else None  # type: ignore[arg-type]
    return named or [f"{level}.{k}" for level, ring in enumerate(rings) for k in range(ring.sectors)]


def _of_ring(value: Any, level: int, ring: Ring) -> list[Any] | None:
    of_level = value.get(str(level)) if isinstance(value, Mapping) else None
    if not isinstance(of_level, Mapping) or len(of_level) != ring.sectors:
        return None
    return [of_level.get(str(index)) for index in range(ring.sectors)]


def _coverage(subject: Subject, rings: tuple[Ring, ...]) -> list[list[float]]:
    coverage = subject.beside.get("coverage") or {}
    return [
        [
            float(one) if isinstance(one, int | float) else 1.0
            for one in _of_ring(coverage, level, ring) or [1.0] * ring.sectors
        ]
        for level, ring in enumerate(rings)
    ]


def _number(value: Any, name: str) -> float | None:
    found = value.get(name) if isinstance(value, Mapping) else None
    return float(found) if isinstance(found, int | float) else None


def _layers(subject: Subject) -> str:
    """What was summed, in words."""
    layers = [str(one) for one in subject.given.get("used_layers") or ()]
    if scale_of(layers) is RETINA:
        return "whole retina"
    return " + ".join(layers) if layers else subject.name


def _scale(subject: Subject, means: list[float | None]) -> Scale:
    layers = [str(one) for one in subject.given.get("used_layers") or ()]
    if layers:
        return scale_of(layers)
    known = [mean for mean in means if mean is not None]
    return RETINA if known and sum(known) / len(known) > THICKEST_OF_LAYERS_UM else LAYER


# Lesions in the same fields


AMOUNTS = {"areas": ("mm²", 1.0), "volumes": ("nl", 1000.0)}
"""What is told of lesions: its unit, and how many of that are in one of the answer's (a nanolitre is 0.001 mm³)."""


def draw_lesion_fields(subject: Subject) -> Picture | None:
    """How much of each lesion lies in each ETDRS field, a wheel for each."""
    if len(subject.part) != 1 or not isinstance(subject.value, Mapping) or subject.before is not None:
        return None
    unit, per_unit = AMOUNTS[subject.part[0]]
    laterality = laterality_of(subject.given, subject.exam)
    amounts: dict[str, list[list[float]]] = {}
    for lesion, value in subject.value.items():
        fields = [_of_ring(value, level, ring) for level, ring in enumerate(ETDRS_RINGS)]
        if any(of_ring is None for of_ring in fields):
            return None
        amounts[str(lesion).replace("_", " ")] = [
            [float(one) * per_unit for one in of_ring or ()] for of_ring in fields
        ]
    if not amounts:
        return None
    wheels = []
    for name, of_rings in amounts.items():
        most = max(max(of_ring) for of_ring in of_rings)
        sectors = [
            [Sector(_amount(one), _tint(one / most if most else 0.0)) for one in of_ring] for of_ring in of_rings
        ]
        wheel = draw_wheel(f"{name}, {unit} by field", ETDRS_RINGS, sectors, laterality, width=200, reach=_even)
        wheels.append(f'<figure class="small">{wheel}<figcaption>{text(name)}, {unit}</figcaption></figure>')
    places = _places(ETDRS_RINGS, laterality)
    rings = ["", *[", 1 to 3 mm"] * 4, *[", 3 to 6 mm"] * 4]
    flat = {name: [one for of_ring in of_rings for one in of_ring] for name, of_rings in amounts.items()}
    rows: list[tuple[str | float | None, ...]] = [
        (f"{place}{ring}", *(of[k] for of in flat.values()))
        for k, (place, ring) in enumerate(zip(places, rings, strict=True))
    ]
    return Picture(
        f"{subject.part[0].capitalize()} of lesions by ETDRS field",
        f'<div class="row">{"".join(wheels)}</div>',
        Table(("field", *(f"{name}, {unit}" for name in flat)), rows),
        "The darkest field of each wheel holds most of that lesion. Rings are not to scale.",
    )


def _even(ring: Ring) -> tuple[float, float]:
    """Radii that leave room for a number in every ring."""
    shares = {0.0: 0.0, 0.5: 0.28, 1.5: 0.63, 3.0: 1.0}
    return shares[ring.inner_mm], shares[ring.outer_mm]


def _amount(value: float) -> str:
    """A number in four characters."""
    if value == 0:
        return "0"
    for least, decimals in ((9.95, 0), (0.095, 1), (0.0095, 2)):  # so that rounding adds no digit
        if value >= least:
            return f"{value:.{decimals}f}"
    return "<.01"


def _tint(share: float) -> str:
    """From white to a blue on which black is read."""
    low, high = (255, 255, 255), (86, 156, 214)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(low, high, strict=True))
