"""SVG as text."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from foveola.surfaces.report.svg import UNIQUE, drawing, hatching, number, shortened, tag, words


def test_a_drawing_is_well_formed_whatever_is_said_in_it():
    """Quotes, brackets and what is no text."""
    said = "<b>\"'&\x00\u202e" + UNIQUE
    root = ET.fromstring(drawing(10, 10, said, words(said, 1, 2), tag("rect", width=1, data_x='"<'), description=said))  # noqa: S314  our own
    assert root.get("aria-label").startswith("<b>\"'&")
    assert root[2].text.startswith("<b>\"'&")


def test_ids_of_different_drawings_differ():
    """And those of equal ones do not."""
    one, other = (drawing(10, 10, name, hatching(f"h{UNIQUE}")) for name in ("one", "other"))
    assert UNIQUE not in one
    assert ET.fromstring(one)[1][0].get("id") != ET.fromstring(other)[1][0].get("id")  # noqa: S314  our own
    assert one == drawing(10, 10, "one", hatching(f"h{UNIQUE}"))


def test_numbers_are_short():
    """Two decimals at most."""
    assert [number(one) for one in (1.0, 1.255, 0.1, -3, "5%")] == ["1", "1.25", "0.1", "-3", "5%"]


def test_long_text_ends_in_an_ellipsis():
    """And white space is one space."""
    assert shortened("a \n b") == "a b"
    assert len(shortened("x" * 100, 10)) == 10
