"""Maps of lesions: each kind in its colour over the scanned zone, with how many there are and how much they cover."""

from __future__ import annotations

import numpy as np

from foveola.hookspecs import Picture, Subject, Table
from foveola.surfaces.report.svg import UNIQUE, group, tag, text
from foveola_oct.renderers.colours import of_kinds
from foveola_oct.renderers.fundus import Frame, Laid, lay_map
from foveola_oct.renderers.images import indexed_png
from foveola_oct.renderers.thickness import maps_in
from foveola_oct.retina import ETDRS_RINGS
from foveola_oct.retina.lesions import components

WIDTH = 330.0
SMALL_MM = 0.2
"""A lesion that is shorter than this in both directions is ringed, or it would be overlooked."""


def draw(subject: Subject) -> Picture | None:
    """Where lesions lie; the deeper the colour the thicker they are."""
    maps = maps_in(subject)
    laid = {
        name: one
        for name, values in maps.items()
        if (one := lay_map(values, subject.given, subject.beside, subject.exam)) is not None
    }
    if not laid or subject.before is not None:
        return None
    unit_um = _micrometres(subject)
    colours = of_kinds(laid)
    first = next(iter(laid.values()))
    frame = Frame(first, WIDTH)
    rows = [_measures(name, one, unit_um) for name, one in laid.items()]
    order = sorted(laid, key=lambda name: -float((laid[name].values > 0).mean()))  # what is large lies below
    shapes = [tag("rect", x=0, y=0, width="100%", height="100%", fill="#f3f4f6")]
    shapes += [_footprint(frame, laid[name], colours[name]) for name in order]
    shapes += [_marks(frame, laid[name], colours[name]) for name in order]
    scanned = ~np.isnan(first.values)
    if not scanned.all():
        shapes.append(_unscanned(frame, scanned))
    said = "; ".join(f"{row[0]}: {row[1]}" for row in rows)
    picture = frame.draw(f"Lesions seen from the front. {said}", *shapes, frame.rings(ETDRS_RINGS, "#57606a"))
    key = "".join(
        f'<li><i style="background:{colours[name]}"></i>{text(row[0])}: <b>{row[1]}</b>, {row[2]:.2f} mm²</li>'
        for name, row in zip(laid, rows, strict=True)
    )
    width, height = first.size
    return Picture(
        f"Lesions: {rows[0][0]}" if len(rows) == 1 else f"Lesions of {len(rows)} kinds",
        f'<figure class="wheel">{picture}</figure><ul class="key">{key}</ul>',
        Table(("lesion", "count", "area, mm²", "volume, mm³", "thickest, µm"), rows),
        f"{width:.1f} by {height:.1f} mm, as the fundus is seen; the deeper the colour, the thicker. Small ones are "
        "ringed. Counted on this map: samples that touch, also at corners, are one lesion.",
    )


def _micrometres(subject: Subject) -> float | None:
    """What a unit of the maps is in µm; None: nobody says."""
    if subject.given.get("use_real_units"):
        return 1000.0
    spacing = subject.exam.get("pixel_spacing_row")
    return None if spacing is None else float(spacing) * 1000


def _measures(name: str, laid: Laid, unit_um: float | None) -> tuple[str, int, float, float | None, float | None]:
    values = np.nan_to_num(laid.values)
    cell = laid.pitch[0] * laid.pitch[1]
    volume = None if unit_um is None else float(values.sum()) * unit_um / 1000 * cell
    thickest = None if unit_um is None else float(values.max()) * unit_um
    area = float((values > 0).sum()) * cell
    return name.replace("_", " "), int(components(values > 0).max()), area, volume, thickest


def _footprint(frame: Frame, laid: Laid, colour: str) -> str:
    """A lesion in shades of its colour."""
    values = np.nan_to_num(laid.values)
    shares = np.sqrt(values / values.max()) if values.max() > 0 else values
    steps = np.where(values > 0, np.ceil(shares * 4).astype(np.intp) - 1, -1)
    strong = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], dtype=np.float64)
    palette = np.array([255 - (255 - strong) * share for share in (0.55, 0.7, 0.85, 1.0)]).round().astype(np.uint8)
    return frame.image(indexed_png(steps, palette), is_smooth=False)


def _marks(frame: Frame, laid: Laid, colour: str) -> str:
    """Rings round what is small."""
    labels = components(np.nan_to_num(laid.values) > 0)
    rings = []
    for label in range(1, int(labels.max()) + 1):
        rows, columns = np.nonzero(labels == label)
        height, width = np.ptp(rows) * laid.pitch[0], np.ptp(columns) * laid.pitch[1]
        if max(height, width) < SMALL_MM:
            x, y = frame.place((columns.mean() + 0.5) * laid.pitch[1], (rows.mean() + 0.5) * laid.pitch[0])
            rings.append(tag("circle", cx=float(x), cy=float(y), r=6.5))
    return group(*rings, fill="none", stroke=colour, stroke_width=1.6) if rings else ""


def _unscanned(frame: Frame, scanned: np.ndarray) -> str:
    """What nobody scanned, hatched."""
    rows, columns = np.flatnonzero(scanned.any(axis=1)), np.flatnonzero(scanned.any(axis=0))
    if not rows.size:
        return ""
    dy, dx = frame.laid.pitch
    left, top = frame.place(columns[0] * dx, rows[0] * dy)
    right, bottom = frame.place((columns[-1] + 1) * dx, (rows[-1] + 1) * dy)
    outer_x, outer_y = frame.place(*frame.laid.size)
    begin_x, begin_y = frame.place(0, 0)
    outline = f"M{begin_x} {begin_y}H{outer_x}V{outer_y}H{begin_x}ZM{left} {top}V{bottom}H{right}V{top}Z"
    return tag("path", d=outline, fill="#fff", fill_rule="evenodd") + tag(
        "path", d=outline, fill=f"url(#h{UNIQUE})", fill_rule="evenodd"
    )
