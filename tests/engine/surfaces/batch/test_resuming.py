"""What of an earlier batch counts as done, and what is computed again."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from foveola.running import readings


def nothing(_):
    """All is as it was."""


def renewed(cohort):
    """An exam is written anew."""
    cohort.add("b", number=2)


def of_old(cohort):
    """An older exam takes the place of one."""
    cohort.add("b", number=2)
    os.utime(cohort.exams / "b" / "exam.json", (1e9, 1e9))


def grown(cohort):
    """An exam has a file more."""
    (cohort.exams / "b" / "sub").mkdir()
    (cohort.exams / "b" / "sub" / "further").write_text("")


def gone(cohort):
    """A result is no longer there."""
    (cohort.results / "b.json").unlink()


def halved(cohort):
    """A result has lost its end."""
    path = cohort.results / "b.json"
    path.write_bytes(path.read_bytes()[:-20])


def elsewhere(cohort):
    """The result of one exam bears the name of another."""
    shutil.copytree(cohort.exams / "b", cohort.exams / "other")
    (cohort.results / "b.json").rename(cohort.results / "other.json")
    shutil.rmtree(cohort.exams / "b")


def other_recipe(cohort):
    """The recipe's text is another."""
    with cohort.recipe.open("a") as file:
        file.write("# more\n")


def other_inner(cohort):
    """The text of the recipe within is another."""
    with cohort.inner.open("a") as file:
        file.write("# more\n")


def other_code(cohort):
    """The operation says that it is another."""
    cohort.change(cohort.plugin, '"1"', '"2"')


def same_code(cohort):
    """The operation says that it is the same."""
    cohort.change(cohort.plugin, "2 * number", "number + number")


def other_version(cohort):
    """Another version of a package computed the results."""
    for path in cohort.results.glob("*.json"):
        content = json.loads(path.read_text())
        content["provenance"]["versions"]["numpy"] = "0.1"
        path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("change", "words", "again"),
    [
        pytest.param(nothing, [], "", id="nothing"),
        pytest.param(same_code, [], "", id="code whose author says that it is the same"),
        pytest.param(renewed, [], "b", id="exam"),
        pytest.param(of_old, [], "b", id="exam, by one that is older"),
        pytest.param(grown, [], "b", id="a file more in an exam"),
        pytest.param(gone, [], "b", id="no result"),
        pytest.param(halved, [], "b", id="half a result"),
        pytest.param(elsewhere, [], "other", id="result of another exam"),
        pytest.param(other_recipe, [], "abc", id="recipe"),
        pytest.param(other_inner, [], "abc", id="recipe within"),
        pytest.param(other_code, [], "abc", id="version of an operation"),
        pytest.param(other_version, [], "abc", id="versions of packages"),
        pytest.param(nothing, ["--set", "twice.number=7"], "abc", id="setting"),
        pytest.param(nothing, ["--only", "twice"], "abc", id="outputs"),
        pytest.param(nothing, ["--overwrite"], "abc", id="overwrite"),
    ],
)
def test_resumes(cohort, change: Callable[[Any], object], words: list[str], again: str):
    """A result counts if running its exam again would give the same file; every other is computed again."""
    cohort.add("a", "b", "c")
    assert cohort.run().exit_code == 0
    before = cohort.started()
    change(cohort)
    ran = cohort.run(*words)
    assert ran.exit_code == 0, ran.stderr
    after = cohort.started()
    computed = {name for name, started in after.items() if before.get(name) != started}
    assert computed == ({again} if again == "other" else set(again))
    assert {row["exam"] for row in cohort.rows()} == set(after)
    resumed = len(after) - len(computed)
    assert (f"{resumed} of them before" in ran.stderr) == bool(resumed)


def test_other_code(cohort):
    """Results of code that has changed are computed again."""
    cohort.change(cohort.plugin, ', version="1"', "")
    cohort.add("a")
    cohort.run()
    before = cohort.started()
    cohort.change(cohort.plugin, "2 * number", "3 * number")
    assert cohort.run().exit_code == 0
    assert cohort.started() != before
    assert [row["value"] for row in cohort.rows()] == ["4.5", "4.5"]


@pytest.mark.parametrize("knows", [True, False], ids=["another", "unknown"])
def test_other_reader(cohort, monkeypatch: pytest.MonkeyPatch, knows: bool):
    """Exams that other code reads are computed again, and those that nobody knows what code would read."""

    def code_of_reading(*_: object) -> str:
        if knows:
            return "another"
        raise TypeError

    cohort.add("a")
    cohort.run()
    before = cohort.started()
    assert (cohort.run().exit_code, cohort.started()) == (0, before)
    monkeypatch.setattr(readings, "code_of_reading", code_of_reading)
    assert cohort.run().exit_code == 0
    again = cohort.started()
    assert again != before
    assert cohort.run().exit_code == 0
    assert (cohort.started() == again) is knows


def test_exam_of_exams(cohort):
    """An exam that names another is computed again when that one changed."""
    cohort.recipe.write_text("""
recipe: pair
inputs: {first: Exam}
steps:
  inner: {use: ./inner.yaml, with: {exam: $first}}
outputs: {inner: $inner.answer}
""")
    cohort.add("person/eye", "neighbour")
    for place, said in {"person": "eye", "pair": "../neighbour"}.items():
        cohort.add(place, first=said)
    exams = [str(cohort.exams / name) for name in ("person", "pair")]
    before = None
    for changed, again in {"": {"person", "pair"}, "person/eye": {"person"}, "neighbour": {"pair"}, " ": set()}.items():
        if changed.strip():
            cohort.add(changed, number=4.25)
        assert cohort.run(exams=exams).exit_code == 0
        after = cohort.started()
        assert {name for name in after if before is None or before[name] != after[name]} == again
        before = after


def test_large_outputs(cohort):
    """A result whose outputs are arrays beside it is there only with these."""
    cohort.plugin.write_text(
        """
import numpy as np
from typing import Annotated
from foveola import Array, Output, operation

class Map(Output):
    map: Annotated[np.ndarray, Array("rows", "columns")]

@operation("acme.map", version="1")
def make(number: float) -> Map:
    return Map(map=np.full((200, 200), number))
""",
    )
    cohort.recipe.write_text(
        "recipe: r\nsteps: {map: {use: acme.map}}\noutputs: {map: $map.map}\ninputs: {number: float}"
    )
    cohort.add("a", "b")
    assert cohort.run().exit_code == 0
    before = cohort.started()
    (cohort.results / "b.npz").unlink()
    assert cohort.run().exit_code == 0
    after = cohort.started()
    assert [before[name] == after[name] for name in "ab"] == [True, False]
    assert (cohort.results / "b.npz").exists()


def test_failed_is_tried_again(cohort):
    """An exam that failed is run again, and where it cannot be run at all no earlier result stands for it."""
    cohort.add("a", "b", "c")
    cohort.run()
    cohort.add("b", number=-1)
    assert cohort.run().exit_code == 1
    before = cohort.started()
    (cohort.exams / "c" / "exam.json").write_text("{")
    assert cohort.run().exit_code == 1
    assert {error["exam"] for error in cohort.errors()} == {"b", "c"}
    assert not (cohort.results / "c.json").exists()
    assert {name for name, started in cohort.started().items() if before[name] != started} == {"b"}
    cohort.add("b", "c")
    ran = cohort.run()
    assert (ran.exit_code, cohort.errors()) == (0, [])
    assert "3 of 3 exams done, 1 of them before" in ran.stderr
