"""How much of each lesion lies in each ETDRS field: a wheel for each."""

from __future__ import annotations

from collections.abc import Mapping

from foveola.hookspecs import Picture, Subject, Table
from foveola.surfaces.report.svg import text
from foveola_oct.renderers.fundus import laterality_of
from foveola_oct.renderers.wheels import Sector, draw_wheel, of_ring, places_of
from foveola_oct.retina import ETDRS_RINGS, Ring

AMOUNTS = {"areas": ("mm²", 1.0), "volumes": ("nl", 1000.0)}
"""What is told of lesions: its unit, and how many of that are in one of the answer's (a nanolitre is 0.001 mm³)."""


def draw(subject: Subject) -> Picture | None:
    """How much of each lesion lies in each ETDRS field, a wheel for each."""
    if len(subject.part) != 1 or not isinstance(subject.value, Mapping) or subject.before is not None:
        return None
    unit, per_unit = AMOUNTS[subject.part[0]]
    laterality = laterality_of(subject.given, subject.exam)
    amounts: dict[str, list[list[float]]] = {}
    for lesion, value in subject.value.items():
        fields = [of_ring(value, level, ring) for level, ring in enumerate(ETDRS_RINGS)]
        if any(inside is None for inside in fields):
            return None
        amounts[str(lesion).replace("_", " ")] = [[float(one) * per_unit for one in inside or ()] for inside in fields]
    if not amounts:
        return None
    wheels = []
    for name, of_rings in amounts.items():
        most = max(max(inside) for inside in of_rings)
        sectors = [[Sector(_amount(one), _tint(one / most if most else 0.0)) for one in inside] for inside in of_rings]
        wheel = draw_wheel(f"{name}, {unit} by field", ETDRS_RINGS, sectors, laterality, width=200, reach=_even)
        wheels.append(f'<figure class="small">{wheel}<figcaption>{text(name)}, {unit}</figcaption></figure>')
    places = places_of(ETDRS_RINGS, laterality)
    rings = ["", *[", 1 to 3 mm"] * 4, *[", 3 to 6 mm"] * 4]
    flat = {name: [one for inside in of_rings for one in inside] for name, of_rings in amounts.items()}
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
