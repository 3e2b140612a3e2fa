"""Numbers, with units and without."""

from __future__ import annotations

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola.diagnostics import did_you_mean
from foveola.recipes.quantities import UNITS, Quantity, UnknownUnitError, parse_number, parse_quantity


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("6 mm", 6, "mm"),
        ("6mm", 6, "mm"),
        ("-6.5 mm", -6.5, "mm"),
        ("2.5e-3 mm", 0.0025, "mm"),
        (".5 mm", 0.5, "mm"),
        ("5 \N{MICRO SIGN}m", 5, "\N{MICRO SIGN}m"),
        ("5 \N{GREEK SMALL LETTER MU}m", 5, "\N{MICRO SIGN}m"),
        ("5 um", 5, "\N{MICRO SIGN}m"),
        ("512 px", 512, "px"),
        ("85.3 px/mm", 85.3, "px/mm"),
        ("2 mm2", 2, "mm2"),
        ("2 mm²", 2, "mm2"),
        ("0.1 mm3", 0.1, "mm3"),
        ("0.1 mm³", 0.1, "mm3"),
        ("7 deg", 7, "deg"),
        ("7°", 7, "deg"),
        ("-31 dB", -31, "dB"),
        ("50%", 50, "%"),
    ],
)
def test_a_number_and_a_unit_are_a_quantity(text, value, unit):
    """The value keeps its kind, and a unit has one spelling however it was written."""
    quantity = parse_quantity(text)
    assert quantity == Quantity(value, unit)
    assert type(quantity.value) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "hello",
            "rnfl",
            "mm",
            "6",
            "1e3",
            "6  mm",
            " 6 mm",
            "6 mm ",
            "3 blind mice",
            "6 mm 5 mm",
            "$zone",
            "6 $x",
        ),
        *("010 mm", "1.2.3 mm", "0x10", "1_000 mm", "1:30", "2024-01-01", "1/2", "6 -mm", "6 mm4", "6 m_m", ".inf mm"),
        *("e3 mm", "6\nmm", "१ mm", "9" * 301 + " mm"),
    ],
)
def test_other_texts_are_no_quantities(text):
    """Without a number, a single word after it and nothing more, a text is only a text."""
    assert parse_quantity(text) is None


@pytest.mark.parametrize(
    ("text", "unit", "hint"),
    [
        ("6 MM", "MM", "did you mean 'mm'?"),
        ("6 degs", "degs", "did you mean 'deg'?"),
        ("6 pxs", "pxs", "did you mean 'px'?"),
        ("6 furlongs", "furlongs", None),
        ("3 mice", "mice", None),
    ],
)
def test_an_unknown_unit_is_named(text, unit, hint):
    """A number before a word that is no unit is a mistake, for which the nearest unit can be found."""
    with pytest.raises(UnknownUnitError, match=f"^no unit is called '{unit}'$") as caught:
        parse_quantity(text)
    assert caught.value.unit == unit
    assert did_you_mean(unit, UNITS) == hint


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("0", 0), ("-0", 0), ("+7", 7), ("-12", -12), ("0o17", 15), ("0xfF", 255), ("9" * 300, int("9" * 300))),
        *(
            ("1.", 1.0),
            (".5", 0.5),
            ("-0.5", -0.5),
            ("1e3", 1000.0),
            ("1e-3", 0.001),
            ("1.5E+2", 150.0),
            ("010.5", 10.5),
        ),
        *((".inf", math.inf), ("+.Inf", math.inf), ("-.INF", -math.inf)),
    ],
)
def test_numbers_are_those_of_the_core_schema(text, value):
    """Whole numbers stay whole, and all others are floats."""
    assert parse_number(text) == value
    assert type(parse_number(text)) is type(value)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_nan_is_a_number(text):
    """What is not a number can be written."""
    assert math.isnan(parse_number(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        "e3",
        "010",
        "-010",
        "1_000",
        "1:30",
        "0b1",
        "-0x1",
        "0o8",
        "inf",
        "nan",
        "-.nan",
        "1e",
        "१",
        "1\n",
        "9" * 301,
    ],
)
def test_what_is_ambiguous_is_no_number(text):
    """Leading zeros, other bases, other scripts and endless digits are left to be texts."""
    assert parse_number(text) is None


@given(st.floats() | st.integers(min_value=-(10**298), max_value=10**298))
def test_every_number_is_read_as_it_was_written(value):
    """Reading undoes Python's own writing."""
    written = repr(value).replace("inf", ".inf").replace("nan", ".nan")
    read = parse_number(written)
    assert read == value or (math.isnan(read) and math.isnan(value))
    assert type(read) is type(value)


@given(st.text() | st.from_regex(r"[-+]?[0-9.]+(e[-+]?[0-9]+)? ?\w+", fullmatch=True))
def test_any_text_is_a_quantity_an_unknown_unit_or_neither(text):
    """Nothing else comes of reading, whatever is written."""
    with suppress(UnknownUnitError):
        quantity = parse_quantity(text)
        assert quantity is None or quantity.unit in UNITS
