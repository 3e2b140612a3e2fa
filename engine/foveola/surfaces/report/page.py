"""Pages: one file each, nothing in it from elsewhere, every word of an exam escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from math import floor, log10
from typing import TYPE_CHECKING, Any

from foveola.errors import FoveolaError
from foveola.hookspecs import Table
from foveola.registry import Registry
from foveola.surfaces.report.figures import Figures, figures_of, flat
from foveola.surfaces.report.graph import as_svg
from foveola.surfaces.report.measures import said_unit
from foveola.surfaces.report.results import Reported
from foveola.surfaces.report.svg import cleaned

if TYPE_CHECKING:
    from jinja2 import Environment

DIGITS = 4
"""Of the greatest number of a column."""
WHOLE = 0.995
"""What rounds to 100 %."""
MOST_GAPS = 8
"""Places that were not wholly measured, named in the head; the rest are counted."""


@dataclass(frozen=True)
class Head:
    """What a reader must know before the numbers.

    Attributes:
        coverage: how much was measured, in a sentence.
        gaps: where it was not all, and how much was; the worst ones.
        more_gaps: how many others there are.
        warnings: each once, with the steps that said it.
        failed: steps that failed, with the reason.
        skipped: steps that were skipped, with the reason.
    """

    coverage: str
    gaps: list[tuple[str, float]]
    more_gaps: int
    warnings: list[tuple[str, str]]
    failed: Mapping[str, str]
    skipped: Mapping[str, str]


def report_page(reported: Reported, registry: Registry) -> str:
    """The report of an exam, a whole HTML page.

    Raises:
        FoveolaError: Jinja is not installed.
    """
    return render("report.html", **report_parts(reported, registry))


def report_parts(reported: Reported, registry: Registry) -> dict[str, Any]:
    """What the report's template is given."""
    figures = figures_of(reported, registry)
    content = reported.content
    return {
        "name": reported.name,
        "recipe": content["recipe"],
        "about": "" if reported.plan is None else reported.plan.recipe.about,
        "started": str(content["run"]["started"])[:16].replace("T", " "),
        "head": head_of(reported, figures),
        "figures": figures,
        "facts": flat(reported.facts),
        "graph": _graph(reported),
        "steps": [
            (name, _use(content, name), state, content["run"]["steps"][name]["seconds"], content["steps"][name])
            for name, state in reported.states.items()
        ],
        "versions": content["provenance"].get("versions") or {},
        "settings": content["provenance"].get("settings") or {},
        "recipe_text": content["provenance"]["recipe"],
        "digest": content["exam"]["digest"],
        "problem": reported.problem,
    }


def head_of(reported: Reported, figures: Figures) -> Head:
    """Coverage and warnings, what failed and what was skipped."""
    shares = list(_shares(reported))
    gaps = sorted(((name, share) for name, share in shares if share < WHOLE), key=lambda one: one[1])
    if not shares:
        said = "not told by any of the outputs"
    elif not gaps:
        said = f"all {len(shares)} measured regions completely"
    else:
        said = f"{len(shares) - len(gaps)} of {len(shares)} measured regions completely; least of all "
        said += f"{gaps[0][0]}, {gaps[0][1]:.0%}"
    more = max(0, len(gaps) - MOST_GAPS)
    return Head(
        said, gaps[:MOST_GAPS], more, _by_message(reported, figures.problems), reported.failed, reported.skipped
    )


def _by_message(reported: Reported, problems: Iterable[str]) -> list[tuple[str, str]]:
    """Each warning once, with every step that said it."""
    said: dict[str, list[str]] = {}
    for warning in reported.content["warnings"]:
        step, colon, message = str(warning).partition(": ")
        said.setdefault(message if colon else step, []).append(step if colon else "")
    return [(message, ", ".join(dict.fromkeys(steps))) for message, steps in said.items()] + [
        (problem, "report") for problem in problems
    ]


def _shares(reported: Reported) -> Iterator[tuple[str, float]]:
    """The share of each region that was measured; outputs that are such shares themselves do not count again."""
    told = {shown.output for shown in reported.outputs() if shown.subject.part == ("coverage",)}
    again = {".".join((name, *path)) + "." for name, path in filter(None, told)}
    for name, share in _leaves(reported.content["provenance"].get("coverage") or {}):
        if not f"{name}.".startswith(tuple(again)):
            yield name, share


def _leaves(value: Any, name: str = "") -> Iterable[tuple[str, float]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _leaves(item, f"{name}.{place}")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name, float(value)


def _graph(reported: Reported) -> str:
    """The plan's picture; nothing where it cannot be drawn."""
    if reported.plan is None:
        return ""
    seconds = {name: float(step["seconds"]) for name, step in reported.content["run"]["steps"].items()}
    try:
        return as_svg(reported.plan, reported.states, seconds)
    except FoveolaError:
        return ""


def _use(content: Mapping[str, Any], step: str) -> str:
    parts = content["steps"].get(step, {}).get("parts") or {}
    return str(parts.get("operation") or "")


def render(template: str, **values: Any) -> str:
    """A page of a template.

    Raises:
        FoveolaError: Jinja is not installed.
    """
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  the extra `report`
    except ImportError:
        raise FoveolaError("a report needs Jinja: pip install 'foveola[report]'") from None
    environment = Environment(
        loader=PackageLoader("foveola.surfaces.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    environment.filters["number"] = said_number
    environment.filters["decimals"] = decimals_of
    environment.filters["unit"] = said_unit
    return environment


def _finalized(value: Any) -> Any:
    """Text without what is none; markup is left as it is."""
    return cleaned(value) if type(value) is str else value


def said_number(value: Any, decimals: int | None = None) -> str:
    """A cell as a person reads it: four digits, or as many decimals as its column has; a dash for null.

    >>> said_number(123.456), said_number(0.0012345), said_number(None), said_number(12), said_number(9.5, 2)
    ('123.5', '0.001234', '\N{EN DASH}', '12', '9.50')
    """
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float):
        return str(value)
    if decimals is not None:
        return f"{value:.{decimals}f}"
    if value and not 1e-4 <= abs(value) < 1e5:  # noqa: PLR2004  as it is read
        return f"{value:.3e}"
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"  # noqa: PLR2004  five digits are read as they are


def decimals_of(table: Table) -> list[int | None]:
    """The decimals of each column whose head says its unit: four digits of its greatest number; None: each its own."""
    found: list[int | None] = []
    for column, head in enumerate(table.heads):
        numbers = [row[column] for row in table.rows if column < len(row) and isinstance(row[column], float)]
        most = max((abs(number) for number in numbers if isinstance(number, float)), default=0.0)
        is_alike = ", " in head and most > 0
        found.append(min(4, max(0, DIGITS - 1 - floor(log10(most)))) if is_alike else None)
    return found
