"""SVG as text: a few shapes, whatever is said in them escaped."""

from __future__ import annotations

import re
from hashlib import blake2b
from html import escape
from typing import Any

UNIQUE = "\uf8ff"
"""Stands in ids (and references to them) for what tells a drawing from all others on a page; no text keeps it."""

INK, FAINT, LINE = "#1b1f24", "#57606a", "#c9d1d9"
"""Text; what is said beside it (6:1 on white); what separates."""


_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\uf8ff\ud800-\udfff]")
"""What is no text, what turns the direction of the text after it, and `UNIQUE`."""


def cleaned(said: str) -> str:
    """Text that cannot disturb what stands round it; what is unfit shows as a replacement character."""
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", said)


def text(said: object) -> str:
    """Text as markup, cleaned and escaped.

    >>> text("a < b")
    'a &lt; b'
    """
    return escape(cleaned(str(said)), quote=True)


def tag(name: str, content: str = "", /, **attributes: Any) -> str:
    """An element. `stroke_width` is `stroke-width`, `class_` is `class`; None is left out.

    Args:
        name: of the element.
        content: markup.
        attributes: text or numbers, which are escaped and rounded.

    >>> tag("line", x1=0, x2=1 / 3, stroke_width=2.0)
    '<line x1="0" x2="0.33" stroke-width="2"/>'
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(number(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{said}>{content}</{name}>" if content else f"<{name}{said}/>"


def words(said: object, x: float, y: float, **attributes: Any) -> str:
    """Text, escaped.

    Args:
        said: the text.
        x: where it begins, px from the left (or ends, or has its middle, as `text_anchor` says).
        y: its baseline, px from the top.
        attributes: of the element, as `tag` takes them.

    >>> words("a < b", 1, 2)
    '<text x="1" y="2">a &lt; b</text>'
    """
    return tag("text", text(said), x=x, y=y, **attributes)


def group(*shapes: str, **attributes: Any) -> str:
    """Shapes that share attributes."""
    return tag("g", "".join(shapes), **attributes)


def drawing(width: float, height: float, title: str, *shapes: str, description: str = "", **attributes: Any) -> str:
    """A whole picture, which scales with the page.

    Args:
        width: of the picture, px.
        height: likewise.
        title: what those who do not see it are told.
        shapes: markup; `UNIQUE` in it becomes a word that no other drawing has.
        description: the same at length.
        attributes: of the `svg` element.
    """
    told = tag("title", text(title)) + (tag("desc", text(description)) if description else "")
    markup = tag(
        "svg",
        told + "".join(shapes),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        role="img",
        aria_label=cleaned(title),
        **attributes,
    )
    if UNIQUE not in markup:
        return markup
    return markup.replace(UNIQUE, "d" + blake2b(markup.encode(), digest_size=5).hexdigest())


def hatching(name: str, colour: str = "#000", *, opacity: float = 0.45, step: float = 5) -> str:
    """The definition of a fill of oblique lines, `url(#NAME)`.

    Args:
        name: what shapes refer to.
        colour: of the lines.
        opacity: likewise.
        step: from one line to the next, px.
    """
    line = tag("line", y2=step, stroke=colour, stroke_opacity=opacity, stroke_width=step / 3)
    return tag(
        "defs",
        tag(
            "pattern",
            line,
            id=name,
            width=step,
            height=step,
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
        ),
    )


def shortened(said: object, most: int = 40) -> str:
    """Text with an ellipsis where it would be too long for its place.

    >>> shortened("thickness of the retina", 10)
    'thickness…'
    """
    line = " ".join(str(said).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def number(value: Any) -> str:
    """A number in as few characters as a picture needs; text as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:.2f}".rstrip("0").rstrip(".") if value != int(value) else str(int(value))
