"""`operations`, `recipes` and `schema`: what is installed, for people and for programs."""

from __future__ import annotations

import json


def test_operations_are_listed(ran):
    """For people and for programs."""
    assert [line.split()[0] for line in ran("operations").stdout.splitlines()] == ["add", "fail", "make_thing"]
    listed = json.loads(ran("operations", "--json").stdout)
    assert listed[0] == {
        "name": "add",
        "about": "Add one number to another.",
        "distribution": "an unnamed distribution",
    }


def test_one_operation_is_described(ran):
    """In full."""
    assert ran("operations", "add").stdout.startswith("# add\n\nAdd one number to another.")
    described = json.loads(ran("operations", "add", "--json").stdout)
    assert [one["name"] for one in described["parameters"]] == ["value", "more"]


def test_recipes_are_listed_and_printed(folder, ran):
    """As they were written."""
    assert ran("recipes").stdout == "sum  Adds what there is\n"
    assert json.loads(ran("recipes", "--json").stdout) == [{"name": "sum", "about": "Adds what there is"}]
    assert ran("recipes", "sum").stdout == (folder / "shipped" / "sum.yaml").read_text(encoding="utf-8")
    described = json.loads(ran("recipes", "sum", "--json").stdout)
    assert (described["inputs"], described["outputs"]) == ({"start": "float"}, ["a", "b", "c"])


def test_a_recipe_that_cannot_be_read_does_not_keep_others_from_being_listed(ran, folder):
    """It is named on stderr."""
    (folder / "shipped" / "bad.yaml").write_text("[", encoding="utf-8")
    listed = ran("recipes")
    assert (listed.exit_code, listed.stdout) == (0, "sum  Adds what there is\n")
    assert listed.stderr.startswith(f"wrong: {folder / 'shipped' / 'bad.yaml'}: bad.yaml:1:")


def test_the_schema_is_json(ran):
    """Of what is installed."""
    schema = json.loads(ran("schema").stdout)
    assert schema["title"] == "A foveola recipe"
