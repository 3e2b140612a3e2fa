"""Mean thickness about the fovea in sectors: ETDRS, GCC, halves, quadrants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from foveola.hookspecs import Picture, Subject, Table
from foveola_oct.renderers.colours import DIFFERENCE, LAYER, RETINA, Scale
from foveola_oct.renderers.fundus import laterality_of
from foveola_oct.renderers.thickness import legend, scale_of
from foveola_oct.renderers.wheels import UNMEASURED, Sector, draw_wheel, of_ring, places_of
from foveola_oct.retina import ETDRS_RINGS, GCC_RINGS, Ring, halves, quarters

THICKEST_OF_LAYERS_UM = 160.0
"""Where nobody says which layers were summed, a greater mean is that of the whole retina."""


def draw_etdrs(subject: Subject) -> Picture | None:
    """The nine ETDRS fields."""
    return _draw_sectors(subject, ETDRS_RINGS, "ETDRS", "Circles of 1, 3 and 6 mm.")


def draw_gcc(subject: Subject) -> Picture | None:
    """The centre and the six sectors of the ganglion cell complex."""
    return _draw_sectors(subject, GCC_RINGS, "GCC circle", "Circles of 1 and 6 mm; the raphe is horizontal.")


def draw_quadrants(subject: Subject) -> Picture | None:
    """Four quadrants of a disc."""
    zone, start = subject.given.get("zone_of_interest", 6.0), subject.given.get("start_angle_deg", -45.0)
    value = _nested(subject.value) if subject.part in {(), ("statistics",)} else None
    nested = _about_one_ring(subject, {"0": value} if value else None, _nested(subject.before))
    return _draw_sectors(nested, (quarters(zone, start),), "Quadrants", f"A disc of {zone:g} mm.")


def draw_halves(subject: Subject) -> Picture | None:
    """The two halves of a disc."""
    zone = subject.given.get("zone_of_interest", 6.0)
    value = _as_halves(subject.value) if not subject.part else None
    nested = _about_one_ring(subject, value and {"0": value}, _as_halves(subject.before))
    return _draw_sectors(nested, (halves(zone),), "Superior and inferior half", f"A disc of {zone:g} mm.")


def _about_one_ring(subject: Subject, value: Any, before: Any) -> Subject:
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
    means = [of_ring(value, level, ring) for level, ring in enumerate(rings)]
    if any(inside is None for inside in means):
        return None
    shares = _coverage(subject, rings)
    laterality = laterality_of(subject.given, subject.exam)
    found = [[_number(one, "mean") for one in inside or ()] for inside in means]
    scale = _scale(subject, [mean for inside in found for mean in inside])
    title = f"{name}, {_layers(subject)}"
    if subject.before is not None:
        earlier = [of_ring(subject.before, level, ring) or () for level, ring in enumerate(rings)]
        return _changes(title, rings, found, [[_number(one, "mean") for one in ring] for ring in earlier], laterality)
    sectors = [
        [_sector(mean, share, scale) for mean, share in zip(inside, covered, strict=True)]
        for inside, covered in zip(found, shares, strict=True)
    ]
    places = places_of(rings, laterality)
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
    title: str,
    rings: tuple[Ring, ...],
    now: list[list[float | None]],
    before: list[list[float | None]],
    laterality: str | None,
) -> Picture:
    sectors = [
        [
            Sector("\N{EN DASH}", UNMEASURED)
            if mean is None or earlier is None
            else Sector(_signed(mean - earlier), DIFFERENCE.colour(mean - earlier))
            for mean, earlier in zip(inside, of_before, strict=False)
        ]
        for inside, of_before in zip(now, before, strict=True)
    ]
    wheel = draw_wheel(f"{title}, change of the mean in µm", rings, sectors, laterality)
    return Picture(f"{title}, change", f'<figure class="wheel">{wheel}</figure>{legend(DIFFERENCE)}', Table((), ()))


def _signed(difference: float) -> str:
    """A difference with its sign, if what is shown of it has one."""
    said = f"{difference:+.1f}"
    return "0.0" if float(said) == 0 else said


def _table(
    rings: tuple[Ring, ...],
    means: Sequence[Sequence[Any] | None],
    shares: Sequence[Sequence[float]],
    places: list[str],
) -> Table:
    names = iter(places)
    has_std = any(_number(one, "std") is not None for inside in means for one in inside or ())
    rows = []
    for ring, inside, covered in zip(rings, means, shares, strict=True):
        between = f"{2 * ring.inner_mm:g} to {2 * ring.outer_mm:g} mm" if ring.inner_mm else f"{2 * ring.outer_mm:g} mm"
        for one, share in zip(inside or (), covered, strict=True):
            numbers = [_number(one, "mean"), *([_number(one, "std")] if has_std else [])]
            rows.append((f"{next(names)}, {between}", *numbers, 100 * share))
    return Table(("sector", "mean, µm", *(["std, µm"] if has_std else []), "measured, %"), rows)


def _coverage(subject: Subject, rings: tuple[Ring, ...]) -> list[list[float]]:
    coverage = subject.beside.get("coverage") or {}
    return [
        [
            float(one) if isinstance(one, int | float) else 1.0
            for one in of_ring(coverage, level, ring) or [1.0] * ring.sectors
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
