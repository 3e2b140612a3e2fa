"""Nerve fibre layer round the disc: the TSNIT graph, quadrants and clock hours; two eyes over one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from foveola.hookspecs import Picture, Subject, Table
from foveola.surfaces.report.svg import FAINT, INK, LINE, drawing, number, tag, words
from foveola_oct.renderers.colours import LAYER
from foveola_oct.renderers.fundus import laterality_of, said_eye
from foveola_oct.renderers.thickness import legend
from foveola_oct.renderers.wheels import UNMEASURED, Sector, draw_wheel
from foveola_oct.retina import Ring
from foveola_oct.retina.tsnit import ANALYSES, KNOTS

STATISTICS = "rnfl_thickness_statistics"
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 620.0, 244.0, 42.0, 24.0, 34.0
MOST_UM, STEP_UM = 200, 50
"""The graph ends at 200 µm, or at the next 50 that holds it."""
PLACES = ("T", "S", "N", "I", "T")
PLACE_WORDS = ("temporal", "superior", "nasal", "inferior", "temporal")
EYES = {"R": ("right eye", "#b3261e", None), "L": ("left eye", "#1f4fd8", "7 4")}
"""Name, colour and dashes of each eye's line."""
QUADRANTS = ANALYSES["quadrant"].names

Line = tuple[str, str, str | None, list[float | None]]


def draw_profile(subject: Subject) -> Picture | None:
    """One eye: its graph, and its quadrants and clock hours where they are told."""
    found = _analyses(subject)
    if found is None:
        return None
    laterality = laterality_of(subject.given, subject.exam)
    shares = _shares(subject, found)
    lines = _lines(subject, found, laterality)
    markup = f'<figure class="wide">{_graph(lines)}</figure>' if lines else ""
    if subject.before is None:
        markup += f'<div class="row">{"".join(_wheels(found, shares, laterality))}</div>'
    if not markup:
        return None
    return Picture(
        f"Nerve fibre layer round the disc{said_eye(laterality)}",
        markup + ("" if subject.before is not None else legend(LAYER)),
        _table(found, shares),
        "From temporal over superior, nasal and inferior back to temporal (TSNIT), in both eyes. "
        "Hatched: not wholly measured; a dash: under half of it.",
    )


def draw_both_eyes(subject: Subject) -> Picture | None:
    """The graphs of two eyes over one another."""
    if subject.part not in {(), ("similarity_score",)} or subject.before is not None:
        return None
    graphs = [_in_um(subject.given.get(name)) for name in ("graph_a", "graph_b")]
    if any(graph is None for graph in graphs):
        return None
    a, b = (graph or [] for graph in graphs)
    lines = [(*EYES["R"], a), (*EYES["L"], b)]
    score = subject.value.get("similarity_score") if isinstance(subject.value, Mapping) else subject.value
    said = "not compared" if score is None else f"{score:.0%} alike"
    differences = [abs(one - other) for one, other in zip(a, b, strict=True) if one is not None and other is not None]
    rows: list[tuple[str, float | None]] = [
        ("similarity, 0 to 1", score),
        ("mean of the first eye, µm", _mean(a)),
        ("mean of the second eye, µm", _mean(b)),
        ("greatest difference, µm", max(differences, default=None)),
    ]
    return Picture(
        f"Nerve fibre layer of both eyes: {said}",
        f'<figure class="wide">{_graph(lines)}</figure>',
        Table(("", "value"), rows),
        "Both in TSNIT order, so that healthy eyes lie over one another. "
        "The first eye of the comparison is taken for the right one.",
    )


def _analyses(subject: Subject) -> dict[str, Mapping[str, Any]] | None:
    """The statistics by analysis, whichever part of the answer the subject is."""
    value, part = subject.value, subject.part
    if not part and isinstance(value, Mapping):
        value, part = value.get(STATISTICS), (STATISTICS,)
    if part[:1] != (STATISTICS,) or not isinstance(value, Mapping):
        return None
    if len(part) > 1:
        return {part[1]: value}
    kind = subject.given.get("analysis_type", "all")
    return dict(value) if kind == "all" or "graph" in value else {str(kind): value}


def _shares(subject: Subject, found: Mapping[str, Any]) -> dict[str, Mapping[str, float]]:
    """How much was measured of each sector, by analysis; nothing where nobody says."""
    told = subject.beside.get("coverage")
    if not isinstance(told, Mapping):
        return {}
    return {analysis: of for analysis in found if isinstance(of := told.get(analysis, told), Mapping)}


def _lines(subject: Subject, found: Mapping[str, Any], laterality: str | None) -> list[Line]:
    graph = _in_um(found.get("graph"))
    if graph is None:
        return []
    name, colour, _ = EYES.get(laterality or "", ("this eye", INK, None))
    if subject.before is None:
        return [(name, colour, None, graph)]
    earlier = subject.before.get("graph") if isinstance(subject.before, Mapping) else None
    before = _in_um(earlier)
    return [("after", colour, None, graph), *([("before", FAINT, "3 3", before)] if before else [])]


def _in_um(graph: Any) -> list[float | None] | None:
    if not isinstance(graph, Mapping) or len(graph) != KNOTS:
        return None
    found = [graph.get(str(index)) for index in range(KNOTS)]
    return [None if one is None else float(one) * 1000 for one in found]


def _mean(graph: Sequence[float | None]) -> float | None:
    known = [one for one in graph if one is not None]
    return sum(known) / len(known) if known else None


def _graph(lines: Sequence[Line]) -> str:
    highest = max((one for *_, graph in lines for one in graph if one is not None), default=0.0)
    most = max(MOST_UM, -(-int(highest + 1) // STEP_UM) * STEP_UM)
    wide, high = WIDTH - LEFT - 12, HEIGHT - TOP - BOTTOM

    def x(degrees: float) -> float:
        return LEFT + (degrees + 180) / 360 * wide

    def y(um: float) -> float:
        return TOP + high * (1 - um / most)

    shapes = []
    for um in range(0, most + 1, STEP_UM):
        shapes.append(tag("line", x1=LEFT, x2=LEFT + wide, y1=y(um), y2=y(um), stroke=LINE, stroke_width=0.8))
        shapes.append(words(um, LEFT - 6, y(um) + 4, text_anchor="end", font_size=10.5, fill=FAINT))
    for place, (letter, said) in enumerate(zip(PLACES, PLACE_WORDS, strict=True)):
        at = x(-180 + 90 * place)
        anchor = {0: "start", 4: "end"}.get(place, "middle")
        shapes.append(tag("line", x1=at, x2=at, y1=TOP, y2=TOP + high, stroke=LINE, stroke_width=0.8))
        shapes.append(words(letter, at, HEIGHT - 19, text_anchor=anchor, font_size=12, font_weight=700, fill=INK))
        shapes.append(words(said, at, HEIGHT - 6, text_anchor=anchor, font_size=10, fill=FAINT))
    shapes.append(words("thickness, µm", 4, 12, font_size=10.5, fill=FAINT))
    for order, (name, colour, dashes, graph) in enumerate(lines):
        points = [(x(-175 + 10 * k), None if um is None else y(um)) for k, um in enumerate(graph)]
        shapes.append(
            tag(
                "path",
                d=_stroke(points),
                fill="none",
                stroke=colour,
                stroke_width=2.2,
                stroke_dasharray=dashes,
                stroke_linejoin="round",
            )
        )
        key = WIDTH - 105 * (len(lines) - order)
        shapes.append(
            tag("line", x1=key, x2=key + 24, y1=8, y2=8, stroke=colour, stroke_width=2.2, stroke_dasharray=dashes)
        )
        shapes.append(words(name, key + 29, 12, font_size=11.5, fill=INK))
    said = "; ".join(f"{name}: mean {mean:.0f} µm" for name, _, _, graph in lines if (mean := _mean(graph)) is not None)
    return drawing(WIDTH, HEIGHT, f"Thickness of the nerve fibre layer round the disc. {said}", *shapes)


def _stroke(points: Iterable[tuple[float, float | None]]) -> str:
    """A line that is broken where nothing was measured."""
    path, is_down = "", False
    for x, y in points:
        if y is None:
            is_down = False
            continue
        path += f"{'L' if is_down else 'M'}{number(x)} {number(y)}"
        is_down = True
    return path


def _wheels(
    found: Mapping[str, Mapping[str, Any]], shares: Mapping[str, Mapping[str, float]], laterality: str | None
) -> Iterable[str]:
    """Quadrants and clock hours as a right eye's are numbered, drawn as the fundus is seen."""
    names = {"quadrant": "quadrants", "twelve_segments": "clock hours"}
    rings = {analysis: Ring(1.0, 2.0, ANALYSES[analysis].count, ANALYSES[analysis].start_deg) for analysis in names}
    center = _sectors("single_segment", 1, found, shares) or [Sector("", UNMEASURED)]
    for analysis, ring in rings.items():
        sectors = _sectors(analysis, ring.sectors, found, shares)
        if not sectors:
            continue
        if laterality == "L":  # mirrored: nasal is on the left
            half = ring.sectors // 2
            sectors = [sectors[(half - index) % ring.sectors] for index in range(ring.sectors)]
        wheel = draw_wheel(
            f"Nerve fibre layer, {names[analysis]}, µm",
            (Ring(0.0, 1.0), ring),
            (center, sectors),
            laterality,
            width=210,
        )
        yield f'<figure class="small">{wheel}<figcaption>{names[analysis]} and mean, µm</figcaption></figure>'


def _sectors(
    analysis: str, count: int, found: Mapping[str, Mapping[str, Any]], shares: Mapping[str, Mapping[str, float]]
) -> list[Sector]:
    """The sectors of an analysis in its order; none if it was not made."""
    values, covered = found.get(analysis) or {}, shares.get(analysis) or {}
    if len(values) != count:
        return []
    return [_sector(values.get(index), covered.get(index, 1.0)) for index in map(str, range(count))]


def _sector(mm: float | None, covered: float) -> Sector:
    if mm is None:
        return Sector("\N{EN DASH}", UNMEASURED, covered)
    return Sector(f"{mm * 1000:.0f}", LAYER.colour(mm * 1000), covered)


def _table(found: Mapping[str, Mapping[str, Any]], shares: Mapping[str, Mapping[str, float]]) -> Table:
    """The circle and its quadrants; where neither is told, whatever is."""
    named = {"single_segment": ("whole circle",), "quadrant": QUADRANTS}
    told = {analysis: values for analysis, values in found.items() if analysis in named} or found
    rows = []
    for analysis, values in sorted(told.items(), key=lambda one: len(one[1])):
        places = named.get(analysis) or [f"{analysis} {index}" for index in values]
        for place, (index, mm) in zip(places, values.items(), strict=False):
            share = shares.get(analysis, {}).get(index)
            row = (place, None if mm is None else mm * 1000)
            rows.append(row if share is None else (*row, 100 * share))
    return Table(("sector", "thickness, µm", *(["measured, %"] if shares else [])), rows)
