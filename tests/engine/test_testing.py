"""What plugin authors have for their tests: a closed registry, a recipe run from its text, an operation checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from pydantic import ConfigDict

from foveola import (
    Array,
    Fault,
    InputError,
    Micrometres,
    Operation,
    Output,
    PluginWarning,
    RecipeError,
    Record,
    UnknownNameError,
    hookimpl,
    operation,
    plugins,
)
from foveola.testing import FaultyOperationError, check_operation, closed_registry, run_text


class Halves(Record):
    """What a plugin brings as a type."""

    superior: Micrometres
    inferior: Micrometres


class Asymmetry(Output):
    """How the halves differ."""

    ratio: float
    """The superior half by the inferior."""


@operation("acme.asymmetry")
def asymmetry(halves: Halves) -> Asymmetry:
    """Superior thickness divided by inferior thickness.

    Args:
        halves: the mean thickness of both.

    >>> asymmetry.call({"halves": {"superior": 100, "inferior": 80}})
    {'ratio': 1.25}
    """
    if halves.inferior == 0:
        raise InputError("halves", "must both be thick")
    return Asymmetry(ratio=halves.superior / halves.inferior)


RECIPE = """
recipe: asymmetry
inputs: {halves: Halves}
steps:
  asymmetry: {use: acme.asymmetry}
outputs: {ratio: $asymmetry.ratio}
"""


def test_a_closed_registry_holds_what_it_is_given():
    """Nothing that happens to be installed is in it."""
    registry = closed_registry([asymmetry], {"Halves": Halves})
    assert registry.operation_names == ["acme.asymmetry"]
    assert registry.operation("acme.asymmetry") is asymmetry
    assert registry.type_called("Halves") is Halves
    assert registry.readers == registry.recipes == registry.fetchers == {}
    with pytest.raises(UnknownNameError):
        registry.operation("get_etdrs")


def test_a_recipe_is_run_from_its_text():
    """On named values, with its outputs and the states of its steps."""
    registry = closed_registry([asymmetry], {"Halves": Halves})
    result = run_text(RECIPE, {"halves": {"superior": 100.0, "inferior": 80.0}}, registry)
    assert result.outputs == {"ratio": 1.25}
    assert result.steps["asymmetry"].state == "computed"


def test_a_wrong_recipe_is_told_with_its_place():
    """By the name `recipe.yaml`."""
    registry = closed_registry([asymmetry], {"Halves": Halves})
    with pytest.raises(RecipeError, match=r"^recipe\.yaml:5:20: no operation is called 'acme\.symmetry'"):
        run_text(RECIPE.replace("acme.a", "acme."), {"halves": {"superior": 1, "inferior": 1}}, registry)


# An operation, checked


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> plugins.Manager:
    """Only what a test brings adds checks."""
    manager = plugins.make_manager([])
    monkeypatch.setattr(plugins, "installed", lambda: manager)
    return manager


PURE = "annotate what it reads as parameters, and change a copy of what it is given"
UNIT = "annotate it (Millimetres, Micrometres, Pixels, ...), or name it in unitless if it has none"
JSON = "take numbers, text, arrays and records, which say themselves and read what they said"
BAD = "answer it, or raise InputError with the parameter's name and what it takes"
ABOUT = "begin its docstring with a sentence that says what it is for, in one line"
SIGNATURE = "give each argument a type, and the answer an Output"
MEND = "mend what the docstring shows"
SAY = "answer numbers, text, arrays and records"
RAGGED = "takes numbers in equal rows (an array [rows]); this is ragged or holds something else"
NO_EXAMPLE = "show a call of mean in its docstring, or give check_operation one"

Row = Annotated[np.ndarray, Array("rows"), Micrometres.__metadata__[0]]


class Mean(Output):
    """A mean."""

    mean: Micrometres
    """Of what was given."""


class Rows(Output):
    """Rows."""

    rows: Row
    """As they were given."""


class Thawed(Output):
    """A mean that can be changed."""

    model_config = ConfigDict(frozen=False)
    mean: Micrometres = 0.0
    """Of what was given."""


class Wordless(Output):
    """A mean of which nothing is said."""

    mean: Micrometres


class Thing:
    """What JSON cannot say."""


class Things(Output):
    """Something."""

    thing: Any
    """What JSON cannot say."""


def made(body: Callable[..., Any], answer: type[Output] = Mean, *, doc: str = "", **arguments: Any) -> Operation:
    """An operation of this body, described as operations are."""
    body.__annotations__ = {**(arguments or {"rows": Row}), "return": answer}
    name = next(iter(body.__annotations__))
    body.__doc__ = doc or f"Make something of it.\n\nArgs:\n    {name}: what it is made of.\n"
    return operation("acme.made")(body)


def mean(rows: Any) -> Mean:
    """The mean of rows, none of none."""
    return Mean(mean=float(np.nan_to_num(rows).sum()))


CALLS: list[int] = []


def counted(rows: Any) -> Mean:  # noqa: ARG001  what it is given does not matter to it
    """Another answer each time."""
    CALLS.append(1)
    return Mean(mean=float(len(CALLS)))


def five(rows: Any) -> Any:
    """Answer something else than the signature says."""
    return 5 + len(rows) - len(rows)


def thawed(rows: Any) -> Thawed:
    """Answer what can be changed."""
    return Thawed(mean=float(len(rows)))


def unsayable(rows: Any) -> Things:
    """Answer what JSON cannot say."""
    return Things(thing=Thing(), warnings=(str(len(rows)),))


def scribbled(rows: Any) -> Mean:
    """Write into what was given, where that can be."""
    answer = mean(rows)
    if rows.flags.writeable:
        rows[0] = 9.0
    return answer


def emptied(names: list[str]) -> Mean:
    """Take things out of what was given."""
    names.clear()
    return Mean(mean=1.0)


def hidden(halves: Halves) -> Mean:
    """See more in a value than it says."""
    return Mean(mean=1.0 if type(halves) is Halves else 2.0)


class MoreHalves(Halves):
    """Halves that are read as they were given, and say less than they are."""


def first(rows: Any) -> Mean:
    """Stumble over nothing."""
    return Mean(mean=float(np.nan_to_num(rows[0])))


def whole(rows: Any) -> Mean:
    """Stumble over NaN."""
    return Mean(mean=float(int(np.sum(rows))))


def squared(rows: Any) -> Mean:
    """Stumble over another shape."""
    (size,) = rows.shape
    return Mean(mean=float(size))


def unnamed(rows: Any) -> Mean:
    """Refuse NaN without saying where."""
    if np.isnan(rows).any():
        raise InputError("", "takes numbers")
    return mean(rows)


ROWS = {"rows": [1.0, 2.0, 3.0]}
AnyRow = Annotated[np.ndarray, Array(), Micrometres.__metadata__[0]]
FAULTS = [
    pytest.param(
        lambda: (made(mean, doc="No sentence"), ROWS),
        [
            f"description: it does not say what it is for; {ABOUT}",
            "description: its parameter `rows` is not described; describe it in the `Args:` of the docstring",
        ],
        id="description",
    ),
    pytest.param(
        lambda: (made(lambda rows: Wordless(mean=float(np.nan_to_num(rows).sum())), Wordless, rows=Row), ROWS),
        ["description: `mean` of its answer is not described; write a docstring below the field"],
        id="description of the answer",
    ),
    pytest.param(
        lambda: (made(thawed, Thawed), ROWS),
        ["frozen: its answer Thawed can be changed; leave `frozen` as Output has it"],
        id="frozen",
    ),
    pytest.param(
        lambda: (made(lambda share: Asymmetry(ratio=share), Asymmetry, share=float), {"share": 0.5}),
        [
            f"unit: its parameter `share` has no unit; {UNIT}",
            f"unit: `ratio` of its answer has no unit; {UNIT}",
        ],
        id="unit",
    ),
    pytest.param(
        lambda: (made(mean, rows=Annotated[np.ndarray, Array("rows")]), ROWS),
        [f"unit: its parameter `rows` has no unit; {UNIT}"],
        id="unit of an array",
    ),
    pytest.param(
        lambda: (made(mean, dict), ROWS),
        [f"signature: its signature does not say which Output it returns; {SIGNATURE}"],
        id="signature",
    ),
    pytest.param(
        lambda: (made(mean), None),
        [f"example: there is none that calls it; {NO_EXAMPLE}"],
        id="no example",
    ),
    pytest.param(
        lambda: (
            made(mean, doc="Add.\n\nArgs:\n    rows: them.\n\n>>> mean.call({'rows': [1, 2]})\n{'mean': 4.0}"),
            None,
        ),
        ["example: mean.call({'rows': [1, 2]}) gives {'mean': 3.0}, not {'mean': 4.0}; mend what the docstring shows"],
        id="another answer than the example says",
    ),
    pytest.param(
        lambda: (made(mean, doc="Add.\n\nArgs:\n    rows: them.\n\n>>> mean.call({'row': [1]})\n{'mean': 1.0}"), ROWS),
        [
            "example: mean.call({'row': [1]}) raises row: acme.made has no such parameter; did you mean 'rows'?; "
            + MEND,
        ],
        id="an example that raises",
    ),
    pytest.param(
        lambda: (made(mean), {"rows": "one"}),
        [
            f"example: example 1 of the test raises rows: {RAGGED}; mend it",
            f"example: there is none that calls it; {NO_EXAMPLE}",
        ],
        id="an example of the test that raises",
    ),
    pytest.param(
        lambda: (made(five), ROWS),
        [
            "answer: it answers int, not Mean; return what the signature says",
        ],
        id="another answer than it says",
    ),
    pytest.param(
        lambda: (made(counted), ROWS),
        [
            f"pure: the same input gives another answer the second time; {PURE}",
            f"json: its example given in JSON has another answer; {JSON}",
        ],
        id="another answer each time",
    ),
    pytest.param(
        lambda: (made(scribbled), ROWS),
        [f"pure: it changes its argument `rows`; {PURE}"],
        id="changes an array",
    ),
    pytest.param(
        lambda: (made(emptied, names=list[str]), {"names": ["rnfl"]}),
        [f"pure: it changes its argument `names`; {PURE}"],
        id="changes a list",
    ),
    pytest.param(
        lambda: (made(unsayable, Things), ROWS),
        [
            f"json: its answer cannot be said in JSON ('Thing' object is not iterable); {SAY}",
        ],
        id="an answer that JSON cannot say",
    ),
    pytest.param(
        lambda: (made(hidden, halves=Halves), {"halves": MoreHalves(superior=1.0, inferior=2.0)}),
        [f"json: its example given in JSON has another answer; {JSON}"],
        id="an input that says less than it is",
    ),
    pytest.param(
        lambda: (made(first), ROWS),
        [f"refusal: nothing as `rows` raises IndexError: index 0 is out of bounds for axis 0 with size 0; {BAD}"],
        id="nothing",
    ),
    pytest.param(
        lambda: (made(whole), ROWS),
        [f"refusal: NaN as `rows` raises ValueError: cannot convert float NaN to integer; {BAD}"],
        id="NaN",
    ),
    pytest.param(
        lambda: (made(squared, rows=AnyRow), ROWS),
        [f"refusal: another shape as `rows` raises ValueError: not enough values to unpack (expected 1, got 0); {BAD}"],
        id="another shape",
    ),
    pytest.param(
        lambda: (made(unnamed), ROWS),
        [f"refusal: NaN as `rows` is refused without a parameter's name: takes numbers; {BAD}"],
        id="a refusal without a name",
    ),
]


def faults_of(checked: Operation, example: Mapping[str, Any] | None) -> list[str]:
    """What `check_operation` finds."""
    with pytest.raises(FaultyOperationError) as caught:
        check_operation(checked, *([] if example is None else [example]))
    assert caught.value.operation == checked.name
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(("make", "faults"), FAULTS)
def test_a_bad_operation_is_caught(make, faults):
    """By the check that is there for it, which says what to do, and by no other."""
    assert faults_of(*make()) == faults


def test_a_good_operation_passes():
    """With the examples of its docstring, and with a test's own."""
    check_operation(asymmetry, unitless=["ratio"])
    check_operation(made(mean), ROWS)


def test_all_faults_are_told_at_once():
    """In one message, each in a line of its own."""

    def bad(thickness: float, kind: Literal["a", "b"] = "a") -> Wordless:
        return Wordless(mean=thickness, warnings=(kind,))

    with pytest.raises(FaultyOperationError) as caught:
        check_operation(operation("acme.bad")(bad))
    head, *lines = str(caught.value).split("\n")
    assert head == "acme.bad has 6 faults:"
    assert [line.split()[0] for line in lines] == [*["description:"] * 4, "unit:", "example:"]


def test_an_operation_is_left_as_it_was():
    """Its function is watched no longer than its examples run."""
    function = asymmetry.function
    check_operation(asymmetry, unitless=["ratio"])
    assert asymmetry.function is function


class Asking:
    """A package that adds a check."""

    @hookimpl
    def foveola_faults(self, operation, examples):
        """Find that something was given."""
        return [Fault("acme", f"{operation.name} is given {examples}", "ask somebody else")]


class Passing:
    """A package that finds nothing."""

    @hookimpl
    def foveola_faults(self, operation):
        """Find nothing."""


class Stumbling:
    """A package whose check raises."""

    @hookimpl
    def foveola_faults(self, operation):
        """Raise."""
        raise KeyError(operation.name)


def test_packages_add_checks(nothing_installed):
    """They are given the operation and what its examples gave it, and their faults are told with the others."""
    nothing_installed.register(Asking())
    nothing_installed.register(Passing())
    assert faults_of(made(mean), {"rows": [1]}) == [
        "acme: acme.made is given [{'rows': array([1.])}]; ask somebody else"
    ]


def test_a_package_whose_check_raises_is_named(nothing_installed):
    """The author of the operation cannot mend it."""
    nothing_installed.register(Stumbling(), "stumbling")
    with pytest.warns(PluginWarning, match=r"^plugin 'stumbling' of this process: fails when asked foveola_faults"):
        check_operation(made(mean), ROWS)
