"""Plans and results show themselves in notebooks.

The rooms below know no surface, so this one teaches their classes `_repr_html_`.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from foveola.errors import FoveolaError
from foveola.planning.plan import Plan

if TYPE_CHECKING:
    from foveola.running.results import Result


def teach_plans() -> None:
    """Give plans their pictures; what it takes is imported when one is shown."""
    Plan._repr_html_ = plan_as_html  # type: ignore[attr-defined]


def teach_results() -> None:
    """Give results theirs."""
    from foveola.running.results import Result  # noqa: PLC0415  who only plans runs nothing

    Result._repr_html_ = result_as_html  # type: ignore[attr-defined]


def plan_as_html(plan: Plan) -> str:
    """A plan as the picture of its steps; as Mermaid where Graphviz is not installed."""
    from foveola.surfaces.report.graph import as_mermaid, as_svg  # noqa: PLC0415  see above

    try:
        return f'<div style="max-width:900px">{as_svg(plan)}</div>'
    except FoveolaError:
        return f"<pre>{escape(as_mermaid(plan))}</pre>"


def result_as_html(result: Result) -> str:
    """A result as its report, styled for itself alone."""
    from foveola.registry import Registry  # noqa: PLC0415  see above
    from foveola.surfaces.report.page import render, report_parts  # noqa: PLC0415  likewise
    from foveola.surfaces.report.results import Reported  # noqa: PLC0415  likewise

    try:
        return render("notebook.html", **report_parts(Reported.of(result), Registry.installed()))
    except FoveolaError as error:
        return f"<pre>{escape(repr(result.outputs)[:2000])}\n{escape(str(error))}</pre>"
