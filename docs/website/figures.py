"""The figures of the site: drawn by our own renderers from synthetic exams, whenever the site is built."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from blocks import DOCS, blocks

import foveola
from foveola.errors import FoveolaError
from foveola.recipes.reader import parse_recipe
from foveola.registry import Registry
from foveola.running.files import write_atomically
from foveola.surfaces.report.graph import as_svg
from foveola.surfaces.report.results import Reported
from foveola.surfaces.report.svg import FAINT, drawing, words
from foveola_oct.retina.phantoms import Eye, glaucoma_phantom, macula_phantom, pathological_phantom

FONT = "font-family=\"'Liberation Sans', Arial, Helvetica, sans-serif\""
LEFT_EYE = Eye(laterality="L")


class Drawn(NamedTuple):
    """What a report draws of an answer."""

    title: str
    note: str
    svg: str


def write_figures(folder: Path) -> None:
    """Draw every figure.

    Args:
        folder: where they go; made if it is not there.
    """
    folder.mkdir(exist_ok=True)
    for name, svg in chain(_of_operations(), _of_recipes(), _of_both_eyes()):
        path = folder / f"{name}.svg"
        if not path.exists() or path.read_text(encoding="utf-8") != svg:
            write_atomically(path, svg.encode())  # another build may be reading it


def _of_operations() -> Iterator[tuple[str, str]]:
    yield from ((name, drawn.svg) for name, drawn in pictures().items())


def _of_recipes() -> Iterator[tuple[str, str]]:
    """The graphs of the shipped recipes, and of those recipes whose pages show them."""
    for name, path in Registry.installed().recipes.items():
        yield f"plan_{name}", _graph(path)
    for block in chain.from_iterable(blocks(page) for page in sorted(DOCS.rglob("*.md"))):
        if block.recipe and f"plan_{block.recipe}.svg" in block.page and not block.title.startswith("recipes/"):
            yield f"plan_{block.recipe}", _graph(parse_recipe(block.text))


def _graph(recipe: Any) -> str:
    try:
        return as_svg(foveola.plan(recipe))
    except FoveolaError as error:  # Graphviz is not installed everywhere
        return drawing(420, 30, str(error), words(str(error), 8, 20, fill=FAINT, font_size=12))


def _of_both_eyes() -> Iterator[tuple[str, str]]:
    for laterality, eye in (("R", Eye()), ("L", LEFT_EYE)):
        drawn = _drawn("macula", macula_phantom(eye, images=False))
        yield f"etdrs_{laterality}", next(one.svg for name, one in drawn if name == "get_etdrs")


@cache
def pictures() -> Mapping[str, Drawn]:
    """What reports draw of each operation's answer, the first picture of each."""
    wide, ill = glaucoma_phantom(images=False), pathological_phantom()
    eyes = {"right": wide, "left": glaucoma_phantom(LEFT_EYE, images=False)}
    runs: list[Callable[[], Iterator[tuple[str, Drawn]]]] = [
        lambda: _drawn("macula", macula_phantom(images=False)),
        lambda: _drawn("glaucoma", wide),
        lambda: _drawn("optic_nerve", wide),
        lambda: _drawn("both_eyes", eyes),
        lambda: _drawn("vessel_map", ill),
        lambda: _drawn("pathology", ill),
    ]
    found: dict[str, Drawn] = {}
    for name, drawn in chain.from_iterable(run() for run in runs):
        found.setdefault(name, drawn)
    return found


def _drawn(recipe: str, exam: Mapping[str, Any]) -> Iterator[tuple[str, Drawn]]:
    """Each picture of a recipe's answers, by operation."""
    reported = Reported.of(foveola.run(recipe, exam, memo=None))
    for shown in chain(reported.outputs(), reported.intermediates(frozenset())):
        if shown.subject.operation is None:
            continue
        picture = Registry.installed().hooks.hook.foveola_picture(subject=shown.subject)
        svg = re.search(r"<svg.*?</svg>", picture.markup, re.DOTALL) if picture else None
        if svg:  # on its own a picture has no page to take the font of
            drawn = Drawn(picture.title, picture.note, svg[0].replace("<svg ", f"<svg {FONT} ", 1))
            yield shown.subject.operation, drawn
