"""YAML, narrowed, with the place of every value."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from foveola.diagnostics import Source, Span
from foveola.recipes import text as text_module
from foveola.recipes.text import Entry, Mapping, Scalar, Sequence, parse


@pytest.fixture(params=[yaml.CSafeLoader, yaml.SafeLoader], ids=["libyaml", "python"])
def _either_parser(request, monkeypatch):
    monkeypatch.setattr(text_module, "_LOADER", request.param)


def read(text):
    """Read what is right."""
    node, problems = parse(text, "x.yaml")
    assert problems == []
    return plain(node)


def plain(node):
    """Forget the places: lists, dicts and scalars."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {entry.key.value: plain(entry.value) for entry in node.entries}


def complaints(text):
    """Say everything that is wrong, with its place."""
    problems = parse(text, "x.yaml")[1]
    return [(f"{one.span.line}:{one.span.column}: {one.message}", one.hint) for one in problems]


def scalars(node):
    """Walk to the single values, keys too."""
    match node:
        case Scalar():
            yield node
        case Sequence():
            for item in node.items:
                yield from scalars(item)
        case Mapping():
            for entry in node.entries:
                yield entry.key
                yield from scalars(entry.value)


def written(text, span):
    """Cut out what a span covers."""
    lines = [*text.split("\n"), ""][span.line - 1 : span.end_line]  # libyaml ends on the line after the last
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("null", None), ("Null", None), ("NULL", None), ("~", None)),
        *(("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False)),
        *(("6", 6), ("-6", -6), ("0o17", 15), ("0x1F", 31), ("1e-3", 0.001), (".5", 0.5), ("-.inf", -math.inf)),
        *(
            (text, text)
            for text in ("no", "on", "yes", "off", "y", "tRUE", "010", "1:30", "2024-01-01", "1_000", "0b1")
        ),
        *(
            (text, text)
            for text in ("$kind.status", "$$", "6 mm", "5 µm", "./other.yaml", "is_macula_scan", "+", "a b")
        ),
        *(("'no'", "no"), ("'6'", "6"), ('"null"', "null"), ('"\\u00b5m"', "µm"), ("'it''s'", "it's"), ("''", "")),
    ],
)
@pytest.mark.usefixtures("_either_parser")
def test_scalars_are_those_of_yaml_1_2(text, value):
    """What YAML 1.1 made of words, clocks, dates and zeros stays text, and so does what stands in quotes."""
    (read_value,) = read(f"[{text}]")
    assert read_value == value
    assert type(read_value) is type(value)


@pytest.mark.usefixtures("_either_parser")
def test_references_stand_in_flow_mappings_as_keys_and_values():
    """A dollar sign needs no quotes anywhere."""
    assert read("with: {a: $b.c, when: {$kind.status: [x, y]}, $z: $$}") == {
        "with": {"a": "$b.c", "when": {"$kind.status": ["x", "y"]}, "$z": "$$"}
    }


@pytest.mark.usefixtures("_either_parser")
def test_every_value_has_its_place():
    """Spans count characters, not bytes, and a block ends with its last value."""
    assert parse("µ: 😀\nzone: {'a': [6 mm, ~]}\nb:\n  c:\n\n# end\n", "x.yaml") == (
        Mapping(
            (
                Entry(
                    Scalar("µ", "µ", quoted=False, span=Span(1, 1, 1, 2)),
                    Scalar("😀", "😀", quoted=False, span=Span(1, 4, 1, 5)),
                ),
                Entry(
                    Scalar("zone", "zone", quoted=False, span=Span(2, 1, 2, 5)),
                    Mapping(
                        (
                            Entry(
                                Scalar("a", "a", quoted=True, span=Span(2, 8, 2, 11)),
                                Sequence(
                                    (
                                        Scalar("6 mm", "6 mm", quoted=False, span=Span(2, 14, 2, 18)),
                                        Scalar(None, "~", quoted=False, span=Span(2, 20, 2, 21)),
                                    ),
                                    Span(2, 13, 2, 22),
                                ),
                            ),
                        ),
                        Span(2, 7, 2, 23),
                    ),
                ),
                Entry(
                    Scalar("b", "b", quoted=False, span=Span(3, 1, 3, 2)),
                    Mapping(
                        (
                            Entry(
                                Scalar("c", "c", quoted=False, span=Span(4, 3, 4, 4)),
                                Scalar(None, "", quoted=False, span=Span(4, 5, 4, 5)),
                            ),
                        ),
                        Span(4, 3, 4, 5),
                    ),
                ),
            ),
            Span(1, 1, 4, 5),
        ),
        [],
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"a: 5 \xc2\xb5m", id="bytes"),
        pytest.param(b"\xef\xbb\xbfa: 5 \xc2\xb5m", id="bytes with a mark"),
        pytest.param("\ufeffa: 5 µm", id="text with a mark"),
        pytest.param("%YAML 1.2\n---\na: 5 µm\n...\n", id="document with its marks"),
        pytest.param("a: 5 µm\r\n", id="windows"),
        pytest.param("? a\n: 5 µm", id="explicit key"),
        pytest.param("a: >-\n  5\n  µm", id="folded"),
    ],
)
@pytest.mark.usefixtures("_either_parser")
def test_one_value_may_be_written_in_many_ways(text):
    """Encodings, document marks and styles change nothing."""
    assert read(text) == {"a": "5 µm"}


REFUSED = [
    pytest.param("a: &b 1", "1:4: anchors are not read", "write the value out wherever it is used", id="anchor"),
    pytest.param("a: *b", "1:4: aliases are not read", "write the value out", id="alias"),
    pytest.param("a:\n  <<: *b", "2:3: merge keys are not read", "write the merged entries out", id="merge"),
    pytest.param(
        "a: !!python/object:os.system x",
        "1:4: tags are not read",
        "quotes make a text; numbers, true, false and null need nothing",
        id="tag",
    ),
    pytest.param(
        "a: !no!such x",
        "1:4: tags are not read",
        "quotes make a text; numbers, true, false and null need nothing",
        id="tag without handle",
    ),
    pytest.param(
        "a: 1\nb: 2\n'a': 3", "3:1: the key 'a' is given twice", "it stands in line 1 too", id="duplicate key"
    ),
    pytest.param("{1: a, '1': b}", "1:8: the key '1' is given twice", "it stands in line 1 too", id="duplicate number"),
    pytest.param("a: {{ b }}", "1:5: a key is a single value, not a list or a map", None, id="complex key"),
    pytest.param(
        "a: {b:$c, d: $e}", "1:5: 'b:$c' has no value", "put a space after the colon", id="no space in a flow mapping"
    ),
    pytest.param(
        "a: 1\n---\nb: 2", "2:1: a second document begins here", "give it a file of its own", id="two documents"
    ),
    pytest.param("%YAML 1.1\n---\na: no", "1:1: directives other than '%YAML 1.2' are not read", None, id="old YAML"),
    pytest.param(
        "%TAG ! tag:x,2000:\n---\na: 1", "1:1: directives other than '%YAML 1.2' are not read", None, id="tag directive"
    ),
    pytest.param("", "1:1: nothing is written here", None, id="empty"),
    pytest.param("# soon\n---\n", "1:1: nothing is written here", None, id="comments only"),
    pytest.param("a" * 1_000_001, "1:1: this is longer than 1,000,000 characters", None, id="too long"),
    pytest.param("a: b\0", "1:5: the character U+0000 cannot stand in a recipe", None, id="zero byte"),
    pytest.param("a: 1\nb: \u2028", "2:4: the character U+2028 cannot stand in a recipe", None, id="odd line break"),
    pytest.param(
        "[" + "{a: " * 64 + "b" + "}" * 64 + "]",
        "1:254: lists and maps are nested more than 64 deep",
        None,
        id="one too deep",
    ),
    pytest.param("a: 1\nb:\n\tc: 2", "3:1: a tab does not indent", "indent with spaces", id="tab"),
    pytest.param("a:\n  b: x\n\tc: 2", "3:1: a tab does not indent", "indent with spaces", id="tab after a text"),
    pytest.param("a: @b", "1:4: a text cannot begin with '@'", "put it in quotes", id="at"),
    pytest.param("a: `b`", "1:4: a text cannot begin with '`'", "put it in quotes", id="backtick"),
    pytest.param("a: **b**", "1:4: a text cannot begin with '*'", "put it in quotes", id="star"),
    pytest.param("a: >5 mm", "1:4: a text cannot begin with '>'", "put it in quotes", id="greater than"),
    pytest.param(
        "a: [1, 2\nb: 3",
        "1:4: this '[' is never closed",
        "its end, or a ',', is missing before line 2, column 2",
        id="open bracket",
    ),
    pytest.param(
        "a: {b: 1",
        "1:4: this '{' is never closed",
        "its end, or a ',', is missing before line 1, column 9",
        id="open brace at the end",
    ),
    pytest.param("a: 'b\nc: 1", '1:4: this "\'" is never closed', "end the text with the same quote", id="open quote"),
    pytest.param(
        "a: 'it's'", "1:8: the value has ended before this", "put quotes round the whole of it", id="text after a quote"
    ),
    pytest.param(
        "recipe: x\nabout:y\ninputs: z",
        "2:1: a key is not followed by ': '",
        "put a space after the colon",
        id="no space after a colon",
    ),
    pytest.param("a: 1\nb", "2:1: a key is not followed by ': '", None, id="no colon"),
    pytest.param(
        "use:get_x\nwith: {}",
        "2:5: a ':' is not expected here",
        "put a space after the colon in the line above",
        id="no space in the line above",
    ),
    pytest.param(
        "about: layers: all",
        "1:14: a ':' is not expected here",
        "put the text in quotes if the colon belongs to it",
        id="colon in a text",
    ),
    pytest.param(
        "a: 1\n b: 2", "2:3: a ':' is not expected here", "indent the key as those beside it", id="indented too far"
    ),
    pytest.param(
        "a:\n    b: 1\n  c: 2",
        "3:3: this does not continue the lines above",
        "indent it as its neighbours",
        id="indented by halves",
    ),
    pytest.param(
        "a: - b", "1:4: a list cannot begin here", "write each '- ' on a line of its own", id="list beside its key"
    ),
    pytest.param("a: [b, , c]", "1:8: a value is missing before ','", None, id="comma"),
]


@pytest.mark.parametrize(("text", "complaint", "hint"), REFUSED)
@pytest.mark.usefixtures("_either_parser")
def test_what_is_refused_is_said_at_its_place(text, complaint, hint):
    """Each refusal is one sentence at the place to be mended, whichever parser is installed."""
    assert complaints(text) == [(complaint, hint)]


@pytest.mark.parametrize("bracket", ["[", "{", "[{a: ", "- "])
@pytest.mark.usefixtures("_either_parser")
def test_a_text_of_brackets_is_one_problem(bracket):
    """However deep it goes it is told as such, where the parser noticed: libyaml looks ahead before it says a word."""
    problems = parse(bracket * 60_000, "x.yaml")[1]
    assert [one.message for one in problems] == ["lists and maps are nested more than 64 deep"]
    assert problems[0].span.line == 1


def test_keys_are_texts():
    """What is written differently is another key, whatever YAML takes it for; quotes make no difference."""
    node, problems = parse("{1: a, 1.0: b, true: c}", "x.yaml")
    assert ([entry.key.text for entry in node.entries], problems) == (["1", "1.0", "true"], [])


@pytest.mark.usefixtures("_either_parser")
def test_the_deepest_value_is_read():
    """Sixty-four lists and maps within one another are no mistake yet."""
    node, problems = parse("{a: " * 64 + "b" + "}" * 64, "x.yaml")
    assert problems == []
    assert [scalar.text for scalar in scalars(node)] == [*"a" * 64, "b"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param('"\\d"', "1:2: there is no such escape", id="letter"),
        pytest.param('"\\UFFFFFFFF"', "1:4: there is no such escape", id="no character"),
    ],
)
def test_an_unknown_escape_is_said_at_its_place(text, complaint):
    """Whoever wrote a backslash in double quotes is told of single ones."""
    assert complaints(text) == [(complaint, "between single quotes a backslash is a backslash")]


def test_the_slow_parser_also_refuses_an_escape_that_is_no_character(monkeypatch):
    """PyYAML's own parser lets Python's errors through; people do not see them."""
    monkeypatch.setattr(text_module, "_LOADER", yaml.SafeLoader)
    assert complaints('"\\UFFFFFFFF"') == [("1:1: an escape names no character", None)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param(b"a: 1\n\xc2\xb5: \xff", "2:4: the byte 0xFF is not UTF-8", id="latin"),
        pytest.param(b"\xef\xbb\xbfa: \xff", "1:4: the byte 0xFF is not UTF-8", id="after a mark"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0", "1:1: the byte 0x89 is not UTF-8", id="picture"),
    ],
)
def test_bytes_that_are_no_text_are_said_at_their_place(text, complaint):
    """Binary files end at their first byte that is no text."""
    assert complaints(text) == [(complaint, "save x.yaml as UTF-8")]


@pytest.mark.usefixtures("_either_parser")
def test_a_refusal_is_shown_with_its_line():
    """What is found here is shown as every problem is."""
    text = "with: {thickness:$maps.rnfl}"
    (problem,) = parse(text, "glaucoma.yaml")[1]
    assert Source("glaucoma.yaml", text).render(problem) == (
        "glaucoma.yaml:1:8: 'thickness:$maps.rnfl' has no value\n"
        "   1 | with: {thickness:$maps.rnfl}\n"
        "              ^\n"
        "hint: put a space after the colon"
    )


@pytest.mark.usefixtures("_either_parser")
def test_all_problems_are_found_at_once_in_the_order_of_the_text():
    """Reading goes on after a refusal, leaving out what was refused, until the syntax itself breaks."""
    text = "a: &x 1\nb: *x\na: !!str 2\nd:\n  <<: {e: *x}\n  [f]: !t 3\n  g: 4\n"
    node, problems = parse(text, "x.yaml")
    found = [
        (1, "anchors are not read"),
        (2, "aliases are not read"),
        (3, "the key 'a' is given twice"),
        (3, "tags are not read"),
        (5, "merge keys are not read"),
        (6, "a key is a single value, not a list or a map"),
        (6, "tags are not read"),
    ]
    assert [(problem.span.line, problem.message) for problem in problems] == found
    assert plain(node) == {"a": 1, "b": None, "d": {"g": 4}}

    node, problems = parse(text + "h: @", "x.yaml")
    assert [problem.message for problem in problems] == [
        *(message for _, message in found),
        "a text cannot begin with '@'",
    ]
    assert node is None


@given(st.text() | st.text(alphabet="ab1$:-?,[]{}&*!|>'\"%@`#<~ .\\\t\n\rµ😀") | st.binary())
@pytest.mark.parametrize("loader", [yaml.CSafeLoader, yaml.SafeLoader], ids=["libyaml", "python"])
def test_any_text_is_read_or_refused(loader, text):
    """Whatever is written, there is a value or a problem that can be shown, and never an exception."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_module, "_LOADER", loader)
        node, problems = parse(text, "x.yaml")
    assert node is not None or problems
    shown = text if isinstance(text, str) else text.decode(errors="replace")
    for problem in problems:
        assert Source("x.yaml", shown).render(problem).startswith("x.yaml:")


@given(st.text(alphabet="ab1$:-?,[]{} .\nµ😀"))
def test_unquoted_scalars_stand_where_they_say(text):
    """A span cuts out of the text just what the scalar is."""
    node, problems = parse(text, "x.yaml")
    for scalar in scalars(node) if not problems else ():
        if "\n" not in written(text, scalar.span):
            assert written(text, scalar.span) == scalar.text


class _Plain(yaml.SafeDumper):
    """Writes what a recipe can say: texts in quotes, nothing shared."""

    def ignore_aliases(self, data):
        """Write everything out."""
        del data
        return True


_Plain.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))

SCALARS = st.none() | st.booleans() | st.integers(-(10**298), 10**298) | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda values: st.lists(values) | st.dictionaries(st.text(max_size=20), values), max_leaves=20
)


@given(VALUES, st.sampled_from([True, False, None]), st.booleans())
def test_what_is_written_comes_back(value, flow, unicode):
    """Any plain value survives being written as YAML and read."""
    text = yaml.dump(value, Dumper=_Plain, default_flow_style=flow, allow_unicode=unicode)
    assert read(text) == value
