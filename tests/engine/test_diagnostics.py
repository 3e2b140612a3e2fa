"""Problems, as people and programs are shown them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola.diagnostics import Problem, Source, Span, did_you_mean, nearest

RECIPE = "recipe: glaucoma\n\n\n\nsteps:\n  stage:\n    use: get_glaucoma_stagee\n"


def test_a_problem_is_shown_with_its_line_a_caret_and_a_hint():
    """The place, the sentence, the line, the caret and what to do next, to the character."""
    problem = Problem(
        "no operation is called 'get_glaucoma_stagee'", Span(7, 10, 7, 29), "did you mean 'get_glaucoma_stage'?"
    )
    assert Source("glaucoma.yaml", RECIPE).render(problem) == (
        "glaucoma.yaml:7:10: no operation is called 'get_glaucoma_stagee'\n"
        "   7 |     use: get_glaucoma_stagee\n"
        "                ^\n"
        "hint: did you mean 'get_glaucoma_stage'?"
    )


@pytest.mark.parametrize(
    ("line", "column", "shown"),
    [
        pytest.param("a: b", 5, "   1 | a: b\n           ^", id="end of the line"),
        pytest.param("", 1, "   1 |\n       ^", id="empty line"),
        pytest.param("a:\t\tb", 5, "   1 | a:      b\n               ^", id="tabs"),
        pytest.param("a: b\n", 5, "   1 | a: b\n           ^", id="at a line break"),
        pytest.param("\tb", 1, "   1 |     b\n       ^", id="at a tab"),
        pytest.param("µ: b", 4, "   1 | µ: b\n          ^", id="narrow letters"),
        pytest.param("😀: b", 4, "   1 | 😀: b\n           ^", id="wide characters"),
        pytest.param("e\u0301: b", 5, "   1 | e\u0301: b\n          ^", id="combining characters"),
        pytest.param("\x1b[2J: \x00", 7, "   1 | \\x1b[2J: \\x00\n                ^", id="control characters"),
        pytest.param("\u202ea: b", 4, "   1 | \\u202ea: b\n               ^", id="writing direction"),
        pytest.param("a: \ud800", 4, "   1 | a: \\ud800\n          ^", id="half a character"),
        pytest.param("\ufeffa: b", 4, "   1 | a: b\n          ^", id="byte order mark"),
        pytest.param("a" * 120, 1, f"   1 | {'a' * 120}\n       ^", id="as wide as can be"),
        pytest.param("a" * 121, 1, f"   1 | {'a' * 59}…\n       ^", id="long, at the beginning"),
        pytest.param("a" * 500, 301, f"   1 | …{'a' * 118}…\n{' ' * 67}^", id="long, in the middle"),
        pytest.param("a" * 500, 501, f"   1 | …{'a' * 59}\n{' ' * 67}^", id="long, at the end"),
    ],
)
def test_the_caret_stands_under_its_column(line, column, shown):
    """Tabs, wide and invisible characters and very long lines do not lead the caret astray."""
    rendered = Source("x.yaml", line).render(Problem("here", Span(1, column, 1, column + 1)))
    assert rendered == f"x.yaml:1:{column}: here\n{shown}"


def test_a_message_cannot_break_its_line():
    """What a recipe says is quoted, never obeyed."""
    assert Source("a\nb.yaml", "").render(Problem("no 'x\x1b[2J\n'", Span(1, 1, 1, 2), "try\r")) == (
        "a\\nb.yaml:1:1: no 'x\\x1b[2J\\n'\n   1 |\n       ^\nhint: try\\r"
    )


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
def test_lines_are_counted_as_editors_count_them(line_break):
    """Each kind of line break ends one line."""
    text = line_break.join(["a", "", "c: d"])
    assert Source("x.yaml", text).render(Problem("here", Span(3, 4, 3, 5))).splitlines()[1] == "   3 | c: d"
    assert Span.after(text[:-1]) == Span(3, 4, 3, 5)


def test_a_problem_is_json_with_its_range():
    """Programs get the same fields, and the range with both ends."""
    problem = Problem("no input is called 'lids'", Span(2, 3, 2, 7), "did you mean 'discs'?")
    assert Source("x.yaml", RECIPE).as_json(problem) == {
        "file": "x.yaml",
        "message": "no input is called 'lids'",
        "hint": "did you mean 'discs'?",
        "range": {"start": {"line": 2, "column": 3}, "end": {"line": 2, "column": 7}},
    }


def test_a_problem_of_another_text_is_shown_there():
    """A place may lie in a recipe within, or in a value that was set from outside: that text is shown."""
    outer, inner = Source("outer.yaml", RECIPE), Source("inner.yaml", "recipe: inner\nabuot: x")
    problem = Problem("no key is called 'abuot'", Span(2, 1, 2, 6, inner))
    assert outer.render(problem) == inner.render(problem)
    assert outer.render(problem).splitlines()[:2] == ["inner.yaml:2:1: no key is called 'abuot'", "   2 | abuot: x"]
    assert outer.as_json(problem)["file"] == "inner.yaml"


def test_a_problem_without_a_hint_says_null():
    """A missing hint is null; a place there always is."""
    assert Source("x.yaml", "").as_json(Problem("nothing is written here", Span(1, 1, 1, 2)))["hint"] is None


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        pytest.param("get_etdr", "get_etdrs", id="a letter missing"),
        pytest.param("GET_ETDRS", "get_etdrs", id="other case"),
        pytest.param("rnfl", "RNFL", id="names in capitals"),
        pytest.param("zone", None, id="nothing near"),
        pytest.param("", None, id="empty"),
    ],
)
def test_the_nearest_name_is_found(name, meant):
    """A slip of the finger or of the case finds the name that was meant, and nothing far-fetched."""
    assert nearest(name, ["get_etdrs", "get_gcc", "RNFL"]) == meant


def test_the_hint_is_a_question():
    """A near name makes a hint; where none is near there is no hint."""
    assert did_you_mean("stepss", ["steps", "outputs"]) == "did you mean 'steps'?"
    assert did_you_mean("x", ["steps", "outputs"]) is None


@given(text=st.text(), cut=st.integers(min_value=0))
def test_any_place_of_any_text_can_be_shown(text, cut):
    """Whatever stands in a text, a problem there is four lines at most, none of which moves the cursor."""
    source = Source("x.yaml", text.removeprefix("\ufeff"))
    span = Span.after(source.text[: cut % (len(source.text) + 1)])
    rendered = source.render(Problem(text, span, text)).split("\n")
    assert len(rendered) == 4
    assert all(line.isprintable() for line in rendered)
