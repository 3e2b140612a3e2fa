"""Results as rows: what is a measure, in which unit, and how much of it was measured."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Annotated, Any

import orjson
import pytest

from foveola import (
    EXTRA,
    CubicMillimetres,
    Exam,
    Micrometres,
    Millimetres,
    Output,
    SquareMillimetres,
    UnitBy,
    operation,
)
from foveola.planning.planner import make_plan
from foveola.recipes.reader import parse_recipe
from foveola.registry import Registry
from foveola.running.executor import execute
from foveola.running.files import write_result
from foveola.running.table import LONGEST_LIST, Measures, Row, as_csv, as_parquet, can_write_parquet


class Sectors(Output, bare="statistics"):
    """Statistics of sectors."""

    statistics: Mapping[str, Mapping[str, Micrometres | None]]
    coverage: Annotated[Mapping[str, float], EXTRA]


@operation("sectors")
def sectors(layer: str) -> Sectors:  # noqa: ARG001  `foreach` has to fill something
    """Answer with statistics of two sectors, one of them half covered."""
    return Sectors(statistics={"1": {"mean": 250.5, "std": None}, "2": {"mean": 3}}, coverage={"1": 0.5, "2": 1.0})


class Sizes(Output):
    """Numbers in every unit, and words."""

    width: Millimetres
    area: SquareMillimetres
    volume: CubicMillimetres
    depth: Micrometres
    points: list[tuple[float, float]]
    status: str
    is_found: bool
    nothing: float | None


@operation("sizes")
def sizes(number: float) -> Sizes:
    """Answer with one of each."""
    return Sizes(
        width=0.1,
        area=number,
        volume=3e-7,
        depth=4,
        points=[(1.5, 2.5)],
        status='a, "b"\nc',
        is_found=True,
        nothing=None,
    )


Length = Annotated[float, UnitBy("use_real_units", {True: "mm", False: "px"})]


class Lengths(Output):
    """Lengths whose unit a parameter decides."""

    longest: Length
    each: Mapping[str, Length]


@operation("lengths")
def lengths(use_real_units: bool = True) -> Lengths:  # noqa: ARG001  it decides the unit
    """Answer with lengths."""
    return Lengths(longest=2, each={"a": 1})


class Picture(Output):
    """Arrays of many and of few items."""

    image: list[list[float]]
    outline: list[float]
    few: list[list[float]]


@operation("picture")
def picture(rows: int) -> Picture:
    """Answer with an image of so many rows."""
    return Picture(image=[[0.0] * 20] * rows, outline=[0.0] * LONGEST_LIST, few=[[1.0, 2.0], [3.0]])


REGISTRY = Registry([], [sectors, sizes, lengths, picture])

Table = Callable[..., dict[str, tuple[Any, str | None, float | None]]]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """Run a recipe; value, unit and coverage of each measure by output and place."""
    numbers = count()

    def run(text: str, **exam: Any) -> dict[str, tuple[Any, str | None, float | None]]:
        folder = tmp_path / str(next(numbers))
        plan = make_plan(parse_recipe(text, "r.yaml", tmp_path), REGISTRY, None)
        path = write_result(execute(plan, Exam({"number": 2.5, **exam}, name="e")), folder)
        rows = list(Measures(plan).rows_of(orjson.loads(path.read_bytes())))
        assert {row.exam for row in rows} == {"e"}
        return {f"{row.output}:{row.measure}": (row.value, row.unit, row.coverage) for row in rows}

    return run


RECIPE = """
recipe: r
inputs: {number: float}
steps:
  sizes: {use: sizes}
  sectors: {use: sectors, with: {layer: rnfl}}
outputs:
"""


def test_units(table: Table):
    """Each number has the unit that its type says, and words and plain numbers have none."""
    found = table(RECIPE + "  sizes: $sizes")
    assert {place: unit for place, (_, unit, _) in found.items()} == {
        "sizes:width": "mm",
        "sizes:area": "mm2",
        "sizes:volume": "mm3",
        "sizes:depth": "µm",
        "sizes:points.0.0": None,
        "sizes:points.0.1": None,
        "sizes:status": None,
        "sizes:is_found": None,
        "sizes:nothing": None,
    }
    assert found["sizes:volume"][0] == 3e-7


def test_null_is_a_result(table: Table):
    """What was not measured has a row with nothing in it, be it a part or a whole output."""
    found = table(RECIPE + "  sectors: $sectors\n  nothing: $sizes.nothing")
    assert found["sectors:1.std"] == (None, "µm", 0.5)
    assert found["nothing:"] == (None, None, None)


@pytest.mark.parametrize("output", ["$sectors", "$sectors.statistics"])
def test_coverage(table: Table, output: str):
    """Every statistic of a sector has the coverage of that sector."""
    found = table(RECIPE + f"  sectors: {output}")
    assert found == {
        "sectors:1.mean": (250.5, "µm", 0.5),
        "sectors:1.std": (None, "µm", 0.5),
        "sectors:2.mean": (3.0, "µm", 1.0),
    }


def test_foreach(table: Table):
    """What a step answered for each item is found by the item's key, with its coverage."""
    text = """
recipe: r
steps:
  each: {use: sectors, foreach: [rnfl, gcl], with: {layer: $item}}
outputs: {each: $each, statistics: $each.statistics}
"""
    found = table(text)
    for place in ("each:rnfl.1.mean", "each:gcl.1.mean", "statistics:gcl.1.mean"):
        assert found[place] == (250.5, "µm", 0.5)
    assert len(found) == 12


def test_recipes_within_recipes(table: Table, tmp_path: Path):
    """Units and coverage come through two recipes, one of them run for each item."""
    inner = """
recipe: inner
inputs: {layer: {type: str, default: rnfl}}
steps:
  sectors: {use: sectors}
  lengths: {use: lengths, with: {use_real_units: false}}
outputs: {of_sectors: $sectors, lengths: $lengths, longest: $lengths.longest}
"""
    middle = """
recipe: middle
steps:
  inner: {use: ./inner.yaml}
  each: {use: ./inner.yaml, foreach: [rnfl, gcl], with: {layer: $item}}
outputs: {whole: $inner, part: $inner.of_sectors, each: $each, sectors: $each.of_sectors}
"""
    (tmp_path / "inner.yaml").write_text(inner)
    (tmp_path / "middle.yaml").write_text(middle)
    found = table("recipe: r\nsteps: {middle: {use: ./middle.yaml}}\noutputs: {middle: $middle, whole: $middle.whole}")
    for place in (
        "middle:whole.of_sectors.1.mean",
        "middle:part.1.mean",
        "middle:each.gcl.of_sectors.1.mean",
        "middle:sectors.rnfl.1.mean",
        "whole:of_sectors.1.mean",
    ):
        assert found[place] == (250.5, "µm", 0.5), place
    for place in (
        "whole:lengths.longest",
        "whole:lengths.each.a",
        "middle:whole.longest",
        "middle:each.gcl.lengths.longest",
        "middle:each.rnfl.longest",
    ):
        assert found[place][1] == "px", place


@pytest.mark.parametrize(
    ("said", "unit"),
    [
        pytest.param("", "mm", id="by its default"),
        pytest.param("with: {use_real_units: false}", "px", id="in the step"),
        pytest.param("with: {use_real_units: $number}", None, id="not known before it runs"),
    ],
)
def test_unit_that_a_parameter_decides(table: Table, said: str, unit: str | None):
    """A unit that a parameter decides is that which it decided, in the whole answer and in a part of it."""
    text = f"""
recipe: r
inputs: {{number: bool}}
steps:
  lengths: {{use: lengths, {said}}}
outputs: {{lengths: $lengths, longest: $lengths.longest, each: $lengths.each}}
"""
    found = table(text, number=True)
    assert [found[place][1] for place in ("lengths:longest", "lengths:each.a", "longest:", "each:a")] == [unit] * 4


@pytest.mark.parametrize(
    ("rows", "count"), [pytest.param(5, 100, id="a hundred are measures"), pytest.param(6, 0, id="more are a picture")]
)
def test_pictures(table: Table, rows: int, count: int):
    """An array of more than a hundred items, on however many axes, is a picture and has no rows."""
    text = f"recipe: r\nsteps: {{picture: {{use: picture, with: {{rows: {rows}}}}}}}\noutputs: {{picture: $picture}}"
    places = [place.partition(":")[2].partition(".")[0] for place in table(text)]
    assert {name: places.count(name) for name in ("image", "outline", "few")} == {
        "image": count,
        "outline": 100,
        "few": 3,
    }


def test_laterality(tmp_path: Path):
    """The eye is the one that the exam says; none if it says none."""
    plan = make_plan(parse_recipe(RECIPE + "  sizes: $sizes.width", "r.yaml", tmp_path), REGISTRY, None)
    for name, given in {"a": {"laterality": "L"}, "b": {}}.items():
        write_result(execute(plan, Exam({"number": 1.0, **given}, name=name)), tmp_path)
    contents = [orjson.loads((tmp_path / f"{name}.json").read_bytes()) for name in "ab"]
    assert [row.laterality for content in contents for row in Measures(plan).rows_of(content)] == ["L", None]


def test_laterality_of_exams_within(tmp_path: Path):
    """An output of a recipe that ran on another exam has that one's eye, however far within; others have none."""
    recipes = {
        "inner": "recipe: inner\nsteps: {sizes: {use: sizes, with: {number: 1}}}\noutputs: {width: $sizes.width}",
        "middle": "recipe: middle\ninputs: {eye: Exam}\nsteps: {it: {use: ./inner.yaml, with: {exam: $eye}}}\n"
        "outputs: {width: $it.width}",
    }
    for name, text in recipes.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    text = """
recipe: both
inputs: {right: Exam, person: Exam}
steps:
  one: {use: ./inner.yaml, with: {exam: $right}}
  left: {use: ./middle.yaml, with: {exam: $person}}
  same: {use: ./inner.yaml}
outputs: {one: $one.width, left: $left, same: $same}
"""
    plan = make_plan(parse_recipe(text, "r.yaml", tmp_path), REGISTRY, None)
    right, left = (Exam({"laterality": eye}, name=eye) for eye in "RL")
    exam = Exam({"right": right, "person": Exam({"eye": left}, name="person")}, name="both")
    content = orjson.loads(write_result(execute(plan, exam), tmp_path).read_bytes())
    assert content["provenance"]["exam"] == {"right": {"laterality": "R"}, "person": {"eye": {"laterality": "L"}}}
    assert {row.output: row.laterality for row in Measures(plan).rows_of(content)} == {
        "one": "R",
        "left": "L",
        "same": None,
    }


ROWS = [
    Row("a", "R", "o", "1.mean", 0.1 + 0.2, "µm", 0.5),
    Row("a", "R", "o", "", None, None, None),
    Row("b", None, "o", "status", 'a, "b"\nc', None, None),
    Row("b", None, "o", "is_found", value=True, unit=None, coverage=None),
    Row("b", None, "o", "count", 3, None, 1),
]


def test_csv():
    """The columns are those of the design, numbers are in full, and what is empty is nothing."""
    content = as_csv(ROWS).decode()
    assert content.splitlines()[0] == "exam,laterality,output,measure,value,unit,coverage"
    header, *rows = csv.reader(io.StringIO(content, newline=""))
    assert len(header) == 7
    assert rows[0] == ["a", "R", "o", "1.mean", "0.30000000000000004", "µm", "0.5"]
    assert [row[4] for row in rows] == ["0.30000000000000004", "", 'a, "b"\nc', "true", "3"]


def test_parquet():
    """Parquet has the same rows, numbers in one column and words in another."""
    if not can_write_parquet():
        pytest.skip("pyarrow is not installed")
    from pyarrow import parquet  # noqa: PLC0415  the extra `parquet`

    content = as_parquet(ROWS)
    assert content is not None
    read = parquet.read_table(io.BytesIO(content))
    assert read.column_names == [*Row._fields, "text"]
    assert read.column("value").to_pylist() == [0.1 + 0.2, None, None, None, 3.0]
    assert read.column("text").to_pylist() == [None, None, 'a, "b"\nc', "true", None]
    assert read.column("coverage").to_pylist() == [0.5, None, None, None, 1.0]


def test_parquet_of_nothing():
    """No rows make a table with its columns."""
    if not can_write_parquet():
        pytest.skip("pyarrow is not installed")
    from pyarrow import parquet  # noqa: PLC0415  the extra `parquet`

    content = as_parquet([])
    assert content is not None
    assert parquet.read_table(io.BytesIO(content)).num_rows == 0
