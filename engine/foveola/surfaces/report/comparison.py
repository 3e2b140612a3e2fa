"""Two results of one eye: what changed, as a table and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from foveola.registry import Registry
from foveola.surfaces.report.figures import figures_of
from foveola.surfaces.report.measures import Change, changes_between
from foveola.surfaces.report.page import render
from foveola.surfaces.report.results import Reported
from foveola.surfaces.report.svg import FAINT, INK, LINE, drawing, shortened, tag, words

MOST_BARS = 40
"""Measures in the picture: those that changed most."""
LONGEST_BAR = 200.0
"""Per cent; a bar of more ends there."""
HEADS = ("measure", "unit", "before", "after", "difference", "percent")

_ROW, _LEFT, _WIDE = 17.0, 250.0, 640.0
_LESS, _MORE = "#b3261e", "#1f4fb8"


def comparison_page(before: Reported, after: Reported, registry: Registry) -> str:
    """What changed, a whole HTML page.

    Raises:
        FoveolaError: Jinja is not installed.
    """
    changes = changes_between(before, after)
    return render(
        "comparison.html",
        before=before,
        after=after,
        doubts=doubts_about(before, after),
        changes=changes,
        changed=sum(change.is_change for change in changes),
        chart=_chart(changes),
        figures=figures_of(after, registry, before),
    )


def doubts_about(before: Reported, after: Reported) -> list[str]:
    """Why two results may not be comparable."""
    found = []
    one, other = before.content, after.content
    if one["recipe"] != other["recipe"]:
        found.append(f"the recipes differ: {one['recipe']} before, {other['recipe']} after")
    elif one["provenance"]["recipe"] != other["provenance"]["recipe"]:
        found.append(f"the recipe {one['recipe']} itself has changed between them")
    if (one["provenance"].get("settings") or {}) != (other["provenance"].get("settings") or {}):
        found.append("they ran with different settings")
    words_before, words_after = before.facts, after.facts
    found += [
        f"{name.replace('_', ' ')} is {_said(words_before.get(name))} before, {_said(words_after.get(name))} after"
        for name in sorted({*words_before, *words_after})
        if words_before.get(name) != words_after.get(name)
    ]
    versions = [result.content["provenance"].get("versions") or {} for result in (before, after)]
    differing = [
        name for name in sorted({*versions[0], *versions[1]}) if versions[0].get(name) != versions[1].get(name)
    ]
    if differing:
        found.append(f"other versions computed them: {', '.join(differing)}")
    return found


def as_lines(changes: Sequence[Change]) -> list[str]:
    """Changes as tab-separated lines, with a head."""
    lines = ["\t".join(HEADS)]
    for change in changes:
        cells = (change.name, change.unit, change.before, change.after, change.difference, change.percent)
        lines.append("\t".join(_said(cell) if cell is not None else "" for cell in cells))
    return lines


def as_data(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Changes as plain data."""
    return [
        {
            "output": change.output,
            "measure": change.measure,
            "unit": change.unit,
            "before": change.before,
            "after": change.after,
            "difference": change.difference,
            "percent": change.percent,
        }
        for change in changes
    ]


def _said(value: Any) -> str:
    return "not said" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _chart(changes: Sequence[Change]) -> str:
    """Bars of the percentages that changed most, greatest first.

    Of differences and angles, which may be less than nothing, a percentage says nothing: they are in the table alone.
    """
    sized = [change for change in changes if change.unit != "deg" and not change.is_noise]
    signed = {_family(one.name) for one in sized if _is_negative(one.before) or _is_negative(one.after)}
    known = [(one, percent) for one in sized if (percent := one.percent) and _family(one.name) not in signed]
    most = sorted(known, key=lambda one: -abs(one[1]))[:MOST_BARS]
    if not most:
        return ""
    limit = min(LONGEST_BAR, max(abs(percent) for _, percent in most))
    height = _ROW * len(most) + 26
    zero = _LEFT + (_WIDE - _LEFT - 110) / 2 + 55
    per_percent = (_WIDE - _LEFT - 110) / 2 / limit
    shapes = [tag("line", x1=zero, x2=zero, y1=4, y2=height - 18, stroke=INK, stroke_width=1)]
    for place, (change, percent) in enumerate(most):
        y = 6 + place * _ROW
        length = min(abs(percent), limit) * per_percent
        begin = zero if percent > 0 else zero - length
        shapes.append(tag("line", x1=_LEFT, x2=_WIDE, y1=y + _ROW - 2, y2=y + _ROW - 2, stroke=LINE, stroke_width=0.4))
        shapes.append(words(shortened(change.name, 40), _LEFT - 8, y + 11, text_anchor="end", font_size=11, fill=INK))
        colour = _MORE if percent > 0 else _LESS
        shapes.append(tag("rect", x=begin, y=y + 2, width=max(length, 1), height=_ROW - 6, fill=colour))
        side, anchor = (zero + length + 5, "start") if percent > 0 else (zero - length - 5, "end")
        shapes.append(words(f"{percent:+.1f} %", side, y + 11, text_anchor=anchor, font_size=10.5, fill=INK))
    shapes.append(words("less", zero - 20, height - 4, text_anchor="end", font_size=10.5, fill=FAINT))
    shapes.append(words("more", zero + 20, height - 4, font_size=10.5, fill=FAINT))
    return drawing(_WIDE, height, f"The {len(most)} measures that changed most, in percent", *shapes)


def _family(name: str) -> str:
    """What a measure stands among: its place without numbers and without its last word."""
    words_ = [part for part in name.split(".") if not part.isdigit()]
    return ".".join(words_[:-1] or words_)


def _is_negative(value: Any) -> bool:
    return isinstance(value, int | float) and value < 0
