"""Pages: one file each, nothing in it from elsewhere, every word of an exam escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from foveola.errors import FoveolaError
from foveola.registry import Registry
from foveola.surfaces.report.figures import Figures, figures_of, flat
from foveola.surfaces.report.graph import as_svg
from foveola.surfaces.report.results import Reported

if TYPE_CHECKING:
    from jinja2 import Environment

WHOLE = 0.995
"""What rounds to 100 %."""
MOST_GAPS = 8
"""Places that were not wholly measured, named in the head; the rest are counted."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What is no text, and what turns the direction of the text after it."""


@dataclass(frozen=True)
class Head:
    """What a reader must know before the numbers.

    Attributes:
        coverage: how much was measured, in a sentence.
        gaps: where it was not all, and how much was.
        warnings: each once, with the steps that said it.
        failed: steps that failed, with the reason.
        skipped: steps that were skipped, with the reason.
    """

    coverage: str
    gaps: list[tuple[str, float]]
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
        "facts": flat(reported.exam),
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
    shares = list(_leaves(reported.content["provenance"].get("coverage") or {}))
    gaps = sorted(((name, share) for name, share in shares if share < WHOLE), key=lambda one: one[1])
    if not shares:
        said = "not told by any of the outputs"
    elif not gaps:
        said = f"all {len(shares)} measured regions completely"
    else:
        said = f"{len(shares) - len(gaps)} of {len(shares)} measured regions completely; least of all "
        said += f"{gaps[0][0]}, {gaps[0][1]:.0%}"
    return Head(said, gaps[:MOST_GAPS], _by_message(reported, figures.problems), reported.failed, reported.skipped)


def _by_message(reported: Reported, problems: Iterable[str]) -> list[tuple[str, str]]:
    """Each warning once, with every step that said it."""
    said: dict[str, list[str]] = {}
    for warning in reported.content["warnings"]:
        step, colon, message = str(warning).partition(": ")
        said.setdefault(message if colon else step, []).append(step if colon else "")
    return [(message, ", ".join(dict.fromkeys(steps))) for message, steps in said.items()] + [
        (problem, "report") for problem in problems
    ]


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
    return environment


def _finalized(value: Any) -> Any:
    """Text without what is none; markup is left as it is."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value) if type(value) is str else value


def said_number(value: Any) -> str:
    """A cell as a person reads it: four digits, a dash for null.

    >>> said_number(123.456), said_number(0.0012345), said_number(None), said_number(12), said_number("early")
    ('123.5', '0.001234', '–', '12', 'early')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}" if 1e-4 <= abs(value) < 1e5 or value == 0 else f"{value:.3e}"  # noqa: PLR2004  as it is read
    return str(value)
