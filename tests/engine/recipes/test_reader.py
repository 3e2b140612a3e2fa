"""Recipes read from text: the ten words, references, and all that is wrong with a text, each thing once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from foveola.diagnostics import Source
from foveola.errors import RecipeError
from foveola.recipes.model import Constant, ListOf, MapOf, Reference, Unreadable
from foveola.recipes.reader import parse_recipe, parse_value, read_recipe

WHOLE = """\
recipe: macula
about: Layers
inputs:
  maps: LayerThicknessMaps
  zone: {type: float, default: 6, about: width}
context:
  statistics: [mean, std]
steps:
  fovea: {use: find}
  etdrs:
    use: measure
    with: {maps: $maps, center: $fovea.center.x}
    when: {$fovea.status: {not: [lost, null]}}
    foreach: $maps
outputs:
  etdrs: $etdrs.statistics
"""


def problems_of(text: str) -> list[str]:
    """What is wrong with a text, as `line:column message`."""
    try:
        found = parse_recipe(text, "r.yaml").problems
    except RecipeError as error:
        found = error.problems
    return [f"{one.span.line}:{one.span.column} {one.message}" if one.span else one.message for one in found]


def test_the_ten_words_are_read():
    """Each lands where it belongs."""
    recipe = parse_recipe(WHOLE, "macula.yaml", Path("folder"))
    assert (recipe.name, recipe.about, recipe.folder) == ("macula", "Layers", Path("folder"))
    assert recipe.source == Source("macula.yaml", WHOLE)
    assert recipe.problems == ()
    assert recipe.inputs["maps"].type_name == "LayerThicknessMaps"
    assert recipe.inputs["maps"].default is None
    zone = recipe.inputs["zone"]
    assert (zone.type_name, zone.default.value, zone.about) == ("float", 6, "width")
    assert recipe.context["statistics"].expression.value == ["mean", "std"]
    etdrs = recipe.steps["etdrs"]
    assert etdrs.use == "measure"
    assert {name: str(one.expression) for name, one in etdrs.arguments.items()} == {
        "maps": "$maps",
        "center": "$fovea.center.x",
    }
    assert [value.value for value in etdrs.conditions[0].values] == ["lost", None]
    assert etdrs.conditions[0].negated
    assert str(etdrs.foreach) == "$maps"
    assert str(recipe.outputs["etdrs"].expression) == "$etdrs.statistics"


def test_sections_may_be_empty():
    """As a recipe that is being written is."""
    recipe = parse_recipe("recipe: x\ninputs:\ncontext:\nsteps:\n  a: {use: b, with: }\noutputs:\n")
    assert recipe.problems == ()
    assert (recipe.inputs, recipe.context, recipe.outputs) == ({}, {}, {})


def test_a_file_is_known_by_its_name_and_its_folder(tmp_path):
    """What it uses lies beside it."""
    path = tmp_path / "macula.yaml"
    path.write_text(WHOLE, encoding="utf-8")
    recipe = read_recipe(path)
    assert (recipe.source.name, recipe.folder, recipe.path) == ("macula.yaml", tmp_path, path)


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        pytest.param("$maps", Reference, "$maps", id="whole"),
        pytest.param("$rim.disc.mm", Reference, "$rim.disc.mm", id="part of a part"),
        pytest.param("$exam.pixel_spacing_row", Reference, "$exam.pixel_spacing_row", id="exam"),
        pytest.param("$maps.hard-drusen", Reference, "$maps.hard-drusen", id="a key is any word"),
        pytest.param("'$maps'", Reference, "$maps", id="quotes change nothing"),
    ],
)
def test_a_dollar_sign_refers(text, kind, said):
    """To a name, or a part of it."""
    expression = parse_value(text, "x")
    assert isinstance(expression, kind)
    assert str(expression) == said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("$$", "$", id="alone"),
        pytest.param("$$5", "$5", id="before a word"),
        pytest.param("$$$", "$$", id="three"),
        pytest.param("costs $5", "costs $5", id="inside a text"),
        pytest.param("a$maps", "a$maps", id="never inside a text"),
        pytest.param("[$$a, b]", ["$a", "b"], id="in a list"),
    ],
)
def test_two_dollar_signs_are_one(text, value):
    """And a dollar sign inside a text refers to nothing."""
    expression = parse_value(text, "x")
    assert isinstance(expression, Constant)
    assert expression.value == value


def test_references_stand_inside_lists_and_maps():
    """As whole values, at any depth."""
    expression = parse_value("[$a, {b: [$c.d, 5]}]", "x")
    assert isinstance(expression, ListOf)
    inner = expression.items[1]
    assert isinstance(inner, MapOf)
    assert str(inner.items["b"].items[0]) == "$c.d"
    assert inner.items["b"].items[1].value == 5


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=text) for text in ("$", "$1", "$a.", "$a..b", "$a b", "$a.b c", "$.a", "$a.$b")]
)
def test_other_dollar_signs_are_refused(text):
    """With what a reference looks like."""
    recipe = parse_recipe(f"recipe: x\nsteps:\n  a: {{use: b, with: {{c: '{text}'}}}}\noutputs:\n")
    assert [one.message for one in recipe.problems] == [f"{text!r} is no reference"]
    assert "a dollar sign is '$$'" in recipe.problems[0].hint
    assert isinstance(recipe.steps["a"].arguments["c"].expression, Unreadable)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param(
            "abuot: x\nrecipe: x\nsteps:\noutputs:", ["1:1 a recipe has no key 'abuot'"], id="a misspelt word"
        ),
        pytest.param("recipe: x\nsteps:\noutputs:\nsize: 5", ["4:1 a recipe has no key 'size'"], id="a foreign word"),
        pytest.param(
            "about: x",
            [f"1:1 a recipe needs the key {word!r}" for word in ("recipe", "steps", "outputs")],
            id="words are missing",
        ),
        pytest.param("[a]", ["1:1 a recipe is a map with recipe, about, inputs, context, steps, outputs"], id="a list"),
        pytest.param("recipe: 5\nsteps:\noutputs:", ["1:9 recipe is a text"], id="a number for a name"),
        pytest.param("recipe: x\nsteps: 5\noutputs:", ["2:8 `steps` is a map of names"], id="steps are no map"),
        pytest.param("recipe: x\nsteps:\noutputs: [a]", ["3:10 `outputs` is a map of names"], id="outputs are no map"),
        pytest.param(
            "recipe: x\nsteps:\n  a: b\noutputs:",
            ["3:3 the step 'a' is a map with use, with, when, foreach"],
            id="a step is no map",
        ),
        pytest.param(
            "recipe: x\nsteps:\n  a:\noutputs:",
            ["3:3 the step 'a' is a map with use, with, when, foreach"],
            id="a step is empty",
        ),
        pytest.param(
            "recipe: x\nsteps:\n  a: {with: {b: 1}}\noutputs:", ["3:3 the step 'a' needs the key 'use'"], id="no use"
        ),
        pytest.param(
            "recipe: x\nsteps:\n  a: {use: b, wehn: {}}\noutputs:",
            ["3:15 the step 'a' has no key 'wehn'"],
            id="a misspelt word of a step",
        ),
        pytest.param("recipe: x\nsteps:\n  a: {use: [b]}\noutputs:", ["3:12 use is a text"], id="use is no text"),
        pytest.param(
            "recipe: x\nsteps:\n  a: {use: b, with: 5}\noutputs:",
            ["3:21 `with` is a map of names"],
            id="with is no map",
        ),
        pytest.param(
            "recipe: x\ninputs:\n  a: {typ: float}\nsteps:\noutputs:",
            ["3:7 the input 'a' has no key 'typ'"],
            id="a misspelt word of an input",
        ),
        pytest.param(
            "recipe: x\ninputs:\n  a: {default: 5}\nsteps:\noutputs:",
            ["3:3 the input 'a' needs the key 'type'"],
            id="an input without a type",
        ),
        pytest.param(
            "recipe: x\ninputs:\n  a: 5\nsteps:\noutputs:", ["3:6 the type of 'a' is a text"], id="a type is no text"
        ),
        pytest.param(
            "recipe: x\ninputs:\n  a: {type: float, default: $b}\nsteps:\noutputs:",
            ["3:29 a default is written out; it refers to nothing"],
            id="a default that refers",
        ),
        pytest.param(
            "recipe: x\ninputs:\n  a: float\nsteps:\n  a: {use: b}\noutputs:",
            ["5:3 'a' is the name of an input too; names are unique"],
            id="a name for two things",
        ),
        pytest.param("recipe: x\nsteps:\n  1a: {use: b}\noutputs:", ["3:3 '1a' is no name"], id="no name"),
        pytest.param(
            "recipe: x\nsteps:\n  a: {use: b, when: [$c]}\noutputs:",
            ["3:21 `when` is a map of references and the values they must have"],
            id="when is no map",
        ),
        pytest.param(
            "recipe: x\nsteps:\n  a: {use: b, when: {c.d: 5}}\noutputs:",
            ["3:22 'c.d' is no reference"],
            id="a condition on a word",
        ),
        pytest.param(
            "recipe: x\nsteps:\n  a: {use: b, when: {$c: [[5]]}}\noutputs:",
            ["3:26 a condition compares with a value or a list of values"],
            id="a condition with a list in a list",
        ),
        pytest.param(
            "recipe: x\nsteps:\n  a: {use: b, when: {$c: []}}\noutputs:",
            ["3:26 a condition compares with a value or a list of values"],
            id="a condition with nothing",
        ),
        pytest.param(
            "recipe: x\nsteps:\n  a: {use: b, when: {$c: {is: 5}}}\noutputs:",
            ["3:26 a condition is a value, a list of values, or `{not: ...}` round them"],
            id="a condition with another word",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, problems):
    """Each mistake by itself is one problem."""
    assert problems_of(text) == problems


@pytest.mark.parametrize("name", ["exam", "item", "key"])
@pytest.mark.parametrize("section", ["inputs", "steps"])
def test_three_words_name_nothing_else(section, name):
    """They are the exam and what `foreach` runs over."""
    entry = "float" if section == "inputs" else "{use: b}"
    other = "steps:\n" if section == "inputs" else ""
    (problem,) = problems_of(f"recipe: x\n{section}:\n  {name}: {entry}\n{other}outputs:")
    assert problem.startswith(f"3:3 {name!r} cannot be a name: it is ")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        pytest.param("recipe: x\nstpes:\noutputs:", "did you mean 'steps'?", id="near"),
        pytest.param("recipe: x\nsteps:\n  a: {use: b, zzz: 1}\noutputs:", "it has use, with, when, foreach", id="far"),
        pytest.param(
            "recipe: x\nsteps:\n  a: {use: b, when: {kind: 1}}\noutputs:", "write '$kind'", id="no dollar sign"
        ),
    ],
)
def test_the_next_step_is_told(text, hint):
    """The nearest right word, or all there are."""
    assert parse_recipe(text).problems[0].hint == hint


def test_a_misspelt_word_is_read_as_what_was_meant():
    """So nothing is told of what would follow from its absence."""
    recipe = parse_recipe("recipe: x\nstpes:\n  a: {uze: b, wiht: {c: 1}}\noutptus: {o: $a}\n")
    assert [problem.message for problem in recipe.problems] == [
        "a recipe has no key 'stpes'",
        "the step 'a' has no key 'uze'",
        "the step 'a' has no key 'wiht'",
        "a recipe has no key 'outptus'",
    ]
    assert recipe.steps["a"].use == "b"
    assert recipe.steps["a"].arguments["c"].expression.value == 1


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_text():
    """Not the first thing alone."""
    text = (
        "recipe: 5\nabout: [x]\ninputs: {1: float}\nsteps:\n  a: {use: b, whit: {}}\n  exam: {use: b}\noutputs: {o: $}"
    )
    assert problems_of(text) == [
        "1:9 recipe is a text",
        "2:8 about is a text",
        "3:10 '1' is no name",
        "5:15 the step 'a' has no key 'whit'",
        "6:3 'exam' cannot be a name: it is the exam itself",
        "7:14 '$' is no reference",
    ]


@pytest.mark.parametrize(
    ("step", "problems"),
    [
        pytest.param("{use: b, with: {c: *x}}", ["3:25 aliases are not read"], id="an alias as a value"),
        pytest.param("{use: &u b}", ["3:12 anchors are not read"], id="an anchor before a value"),
        pytest.param("{use: b, <<: {with: 5}}", ["3:15 merge keys are not read"], id="merged words"),
        pytest.param("{<<: {use: b}}", ["3:7 merge keys are not read"], id="the merged word is needed"),
        pytest.param("{use: b, use: 5}", ["3:15 the key 'use' is given twice"], id="a word twice"),
        pytest.param("{use:b}", ["3:7 'use:b' has no value"], id="a key that is glued to its value"),
        pytest.param("{use: b, with: {c:1}}", ["3:22 'c:1' has no value"], id="an argument that is"),
        pytest.param("{use: b, when: {$c: *x}}", ["3:26 aliases are not read"], id="an alias in a condition"),
        pytest.param("*x", ["3:6 aliases are not read"], id="an alias as a step"),
        pytest.param("{use: b, with: *x}", ["3:21 aliases are not read"], id="an alias as arguments"),
        pytest.param("{use: b, when: *x}", ["3:21 aliases are not read"], id="an alias as conditions"),
        pytest.param("{use: b, *x : 5}", ["3:15 aliases are not read"], id="an alias as a word"),
        pytest.param("{use: b, with: {&c d: 5}}", ["3:22 anchors are not read"], id="an anchor before a key"),
        pytest.param("{use: b, with: {{a}: 5}}", ["3:22 a key is a single value, not a list or a map"], id="no key"),
    ],
)
def test_nothing_is_told_of_what_follows_from_bad_yaml(step, problems):
    """What was refused as YAML is told once, and the rest of the recipe is read."""
    recipe = parse_recipe(f"recipe: x\nsteps:\n  a: {step}\noutputs:")
    assert [f"{one.span.line}:{one.span.column} {one.message}" for one in recipe.problems] == problems


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param("steps: {a: {with: {}}}\noutputs: {o: 5}", ["recipe", "the step 'a'"], id="no name"),
        pytest.param("recipe: x\nsteps: {a: {with: {}}}", ["outputs", "the step 'a'"], id="no outputs"),
        pytest.param("recipe: x\nsteps: {a: {with: {}}}\noutputs: [o]", ["the step 'a'", "`outputs`"], id="no map"),
        pytest.param(
            "recipe: x\nabout: y\nabout: z\nsteps: {a: {with: {}}}\noutputs: {}",
            ["'about' is given twice", "the step 'a'"],
            id="a name twice",
        ),
    ],
)
def test_what_nothing_builds_on_does_not_keep_the_rest_from_being_read(text, problems):
    """So that planning can tell what is wrong with it at the same time."""
    found = parse_recipe(text).problems
    assert len(found) == len(problems)
    assert all(said in problem.message for said, problem in zip(problems, found, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("*x", id="an alias"),
        pytest.param("recipe: x\nsteps: *x\noutputs: {o: $c}", id="an alias as a section"),
        pytest.param("recipe: x\nsteps:\n  a: {use: b}\nsteps:\n  c: {use: d}\noutputs: {o: $c}", id="a section twice"),
        pytest.param("recipe: x\nsteps: [", id="never closed"),
        pytest.param("", id="nothing"),
        pytest.param("5", id="a number"),
        pytest.param("recipe: x\noutputs: {o: $c}", id="no steps"),
    ],
)
def test_a_text_of_which_no_recipe_can_be_made_is_refused(text):
    """What follows would be told for nothing."""
    with pytest.raises(RecipeError):
        parse_recipe(text)


def test_bytes_that_are_no_text_are_refused_in_a_line():
    """As any other text that cannot be read."""
    with pytest.raises(RecipeError, match="the byte 0xFF is not UTF-8"):
        parse_recipe(b"recipe: \xff", "r.yaml")


def test_a_value_that_was_set_knows_its_own_text():
    """So that what is wrong with it is shown where it stands."""
    expression = parse_value("[1, $a.b]", "--set a.b")
    assert expression.items[1].span.source == Source("--set a.b", "[1, $a.b]")
    assert expression.items[1].span.column == 5


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("  ", "", id="blanks"),
        pytest.param("6 mm", "6 mm", id="quantity"),
        pytest.param("[a, {b: 5}]", ["a", {"b": 5}], id="list"),
        pytest.param("null", None, id="null"),
        pytest.param("no", "no", id="no is a text"),
    ],
)
def test_a_value_is_read_as_a_recipe_would(text, value):
    """By the same grammar."""
    assert parse_value(text, "x").value == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[a", "x:1:1: this '[' is never closed", id="broken"),
        pytest.param("$", "x:1:1: '$' is no reference", id="no reference"),
        pytest.param("&a b", "x:1:1: anchors are not read", id="an anchor"),
    ],
)
def test_a_value_that_is_none_is_refused(text, said):
    """With its place in what was given."""
    with pytest.raises(RecipeError) as caught:
        parse_value(text, "x")
    assert str(caught.value).startswith(said)


@given(text=st.text(alphabet="ab:$.{}[],&*<-#'\" \n\t!%|>?0~é", max_size=60))
@example("recipe: x\nsteps:\n  a: {use: b, when: {$c: {not: {}}}}\noutputs:")
@example("recipe: {}\nsteps: {a: {use: {}}}\noutputs: {}")
def test_any_text_is_read_or_refused(text):
    """Never anything but a recipe or its problems."""
    for whole in (text, f"recipe: x\nsteps:\n  a: {text}\noutputs:", f"recipe: x\nsteps:\noutputs: {text}\n"):
        assert all(problems_of(whole))
