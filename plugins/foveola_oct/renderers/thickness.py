"""Maps of layer thickness in fixed colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from foveola.hookspecs import Picture, Subject, Table
from foveola.surfaces.report.svg import FAINT, INK, drawing, shortened, tag, text, words
from foveola_oct.renderers.colours import LAYER, RETINA, STEPS, Scale
from foveola_oct.renderers.fundus import Frame, Laid, geometry_of, lay_map
from foveola_oct.renderers.images import indexed_png
from foveola_oct.retina import ETDRS_RINGS, GANGLION_CELL_COMPLEX, LAYER_NAMES
from foveola_oct.retina.arrays import Floats

MAPS = "thickness_maps"

LARGE_PX, SMALL_PX = 290.0, 148.0
OUTERMOST = ("rnfl", "rpe")
"""Maps that hold both hold the whole retina."""
MAPS_OF_ALL = ("retina",)
"""What devices call a map that is the whole retina by itself."""


def draw(subject: Subject) -> Picture | None:
    """Every layer, and sums of them: the whole retina, and the ganglion cell complex that glaucoma thins."""
    maps = dict(sorted(maps_in(subject).items(), key=lambda one: _depth(one[0])))
    micrometres = subject.exam.get("pixel_spacing_row") or subject.given.get("pixel_spacing_row")
    if not maps or not micrometres or geometry_of(subject.exam) is None:
        return None
    laid = {
        name: one
        for name, values in maps.items()
        if (one := lay_map(values, subject.given, subject.beside, subject.exam)) is not None
    }
    in_um = {name: one.values * float(micrometres) * 1000 for name, one in laid.items()}
    if not in_um:
        return None
    first = next(iter(laid.values()))
    sums = _sums(in_um)
    large = [_map(first, values, scale, LARGE_PX, title, of) for title, (values, scale, of) in sums.items()]
    small = [_map(first, values, scale_of([name], list(in_um)), SMALL_PX, name) for name, values in in_um.items()]
    scales = list(dict.fromkeys([scale for _, scale, _ in sums.values()] + [LAYER]))
    legends = "".join(legend(scale) for scale in scales)
    markup = "".join(f'<div class="row">{shapes}</div>' for shapes in ("".join(large), legends, "".join(small)))
    statistics = [
        _statistics(name, values)
        for name, values in [*((title, one[0]) for title, one in sums.items()), *in_um.items()]
    ]
    width, height = first.size
    return Picture(
        f"Thickness of the layers, {width:.1f} by {height:.1f} mm",
        markup,
        Table(("map", "mean, µm", "least, µm", "most, µm", "measured, %"), statistics),
        "Seen as the fundus is. Colours are the same thickness in every report; between B-scans they are interpolated, "
        "numbers are not. Hatched: not measured. Circles: 1, 3 and 6 mm about the fovea.",
    )


def maps_in(subject: Subject) -> dict[str, Any]:
    """The maps by name, whichever part of the answer the subject is."""
    value, part = subject.value, subject.part
    if not part and isinstance(value, Mapping):
        value, part = value.get(MAPS), (MAPS,)
    if part[:1] != (MAPS,) or value is None:
        return {}
    if len(part) == 1:
        return dict(value) if isinstance(value, Mapping) else {}
    return {part[1]: value}


def scale_of(layers: list[str], of_all: list[str] | None = None) -> Scale:
    """The scale for a sum of layers: that of the retina if it reaches from its first to its last."""
    is_all = any(name in layers for name in MAPS_OF_ALL) or all(name in layers for name in OUTERMOST)
    return RETINA if is_all or (of_all is not None and len(of_all) > 1 and layers == of_all) else LAYER


def legend(scale: Scale) -> str:
    """A scale's colours with the thickness at each knot."""
    width, left = 330.0, 14.0
    step = width / (len(scale.knots) - 1)
    shades = indexed_png(np.arange(STEPS)[None, :], scale.palette)
    ticks = [
        words(f"{knot:g}", left + place * step, 37, text_anchor="middle", font_size=10.5, fill=FAINT)
        for place, knot in enumerate(scale.knots)
    ]
    picture = drawing(
        width + 2 * left,
        42,
        f"Colours of thickness, {scale.name}: {scale.knots[0]:g} to {scale.knots[-1]:g} {scale.unit}",
        words(f"{scale.name}, {scale.unit}", left, 10, font_size=10.5, fill=INK),
        tag("image", href=shades, x=left, y=14, width=width, height=11, preserveAspectRatio="none"),
        tag("rect", x=left, y=14, width=width, height=11, fill="none", stroke=INK, stroke_width=0.6),
        *ticks,
    )
    return f'<div class="legend">{picture}</div>'


def _depth(name: str) -> int:
    """How deep a layer lies; what is no single layer comes last."""
    return LAYER_NAMES.index(name) if name in LAYER_NAMES else len(LAYER_NAMES)


def _sums(in_um: Mapping[str, Floats]) -> dict[str, tuple[Floats, Scale, str]]:
    """The sums that are looked at first: title, thickness, scale, of what."""
    found: dict[str, tuple[Floats, Scale, str]] = {}
    names = [name for name in in_um if name not in MAPS_OF_ALL]
    if all(name in in_um for name in OUTERMOST):
        of = f"{len(names)} layers, {names[0]} to {names[-1]}"
        found["Whole retina"] = np.sum([in_um[name] for name in names], axis=0), RETINA, of
    if all(name in in_um for name in GANGLION_CELL_COMPLEX):
        total = np.sum([in_um[name] for name in GANGLION_CELL_COMPLEX], axis=0)
        found["Ganglion cell complex"] = total, LAYER, " + ".join(GANGLION_CELL_COMPLEX)
    return found


def _map(laid: Laid, values: Floats, scale: Scale, width: float, title: str, of: str = "") -> str:
    frame = Frame(laid, width)
    shown = frame.enlarged(values)
    steps = np.where(np.isfinite(shown), scale.steps(shown), -1)
    measured = np.isfinite(values)
    said = f"mean {values[measured].mean():.0f} µm" if measured.any() else "nothing measured"
    is_large = width == LARGE_PX
    rings = frame.rings(ETDRS_RINGS) if is_large else frame.cross()
    picture = frame.draw(f"Thickness map, {shortened(title)}: {said}", frame.shade(steps, scale.palette), rings)
    about = f"<br><span>{text(of)}, {said}</span>" if is_large else f"<br><span>{said}</span>"
    return (
        f'<figure class="{"large" if is_large else "small"}">{picture}'
        f"<figcaption><b>{text(shortened(title))}</b>{about}</figcaption></figure>"
    )


def _statistics(name: str, values: Floats) -> tuple[str | float | None, ...]:
    measured = values[np.isfinite(values)]
    if not measured.size:
        return (name, None, None, None, 0.0)
    share = 100 * measured.size / values.size
    return (name, float(measured.mean()), float(measured.min()), float(measured.max()), share)
