"""Descriptions: what people read of an operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
import pytest
from pydantic import Field

from foveola import (
    ABSENT_WHEN_NULL,
    EXTRA,
    Alias,
    Array,
    Group,
    Micrometres,
    Millimetres,
    Operation,
    Output,
    Pixels,
    Record,
    UnitBy,
    operation,
)
from foveola.surfaces.describe import as_markdown, describe


class Grid(Group):
    """How it is laid."""

    zone: Annotated[Millimetres, Field(gt=0, le=20)] = 6.0
    """Side of the square."""
    center: tuple[Pixels, Pixels] | None = None
    """Of the fovea."""


class Thickness(Output):
    """What was measured.

    In µm.
    """

    samples: Annotated[np.ndarray, Array("rows", "columns"), UnitBy("use_real_units", {True: "µm", False: "px"})]
    """Each of
    them."""
    coverage: Annotated[float | None, EXTRA] = None
    """How much of it | was measured."""
    by_layer: Mapping[str, Mapping[str, Micrometres]]
    """Means."""
    stage: Literal["normal", "suspect"] | None
    """What it means."""
    note: Annotated[str | None, ABSENT_WHEN_NULL] = None


@operation("acme.measure")
def measure(
    layers: Annotated[Mapping[str, list[float]], Alias("maps"), Alias("map")],
    statistics: Annotated[list[Literal["mean", "std"]], Field(min_length=1, max_length=2)] = ["mean"],  # noqa: B006  nobody writes to it
    grid: Grid = Grid(zone=3.0),  # noqa: B008  groups are frozen
    *,
    use_real_units: bool = True,
    limit: Annotated[Annotated[Micrometres, Field(ge=0, lt=500)] | None, Field(description="Above | this.")] = None,
) -> Thickness:
    """Measure maps within a zone.

    More about that,
    in two lines.

    Args:
        layers: maps by name,
            in px.
        statistics: what to say.
        grid: not shown.
        use_real_units: whether to convert.
        limit: not shown, since the annotation says more.

    Raises:
        InputError: an unknown layer.

    Sources:
        Sadda et al., 2010: how many slices
            are enough.
        Another one.

    >>> measure({"rnfl": [1.0]},
    ...         use_real_units=False).samples
    array([[1.]])
    >>> measure
    <operation acme.measure>
    """
    means = {name: {} for name in statistics}
    stage = None if use_real_units or limit is None else "suspect"
    return Thickness(samples=list(layers.values()), by_layer=means, coverage=grid.zone / 6, stage=stage)


@operation("acme.plain")
def plain_operation(value: float) -> Output:
    """Say nothing more."""
    raise NotImplementedError(value)


PAGE = """\
# acme.measure

Measure maps within a zone.

More about that,
in two lines.

## Parameters

| name | takes | unit | default | |
| --- | --- | --- | --- | --- |
| `layers` | a map |  | required | Maps by name, in px. Also called `maps` or `map`. |
| `statistics` | a list of 'mean' or 'std' (at least 1, at most 2) |  | `['mean']` | What to say. |
| `zone` | a number (> 0, <= 20) | mm | `3.0` | Side of the square. |
| `center` | a list of numbers or null | px | `null` | Of the fovea. |
| `use_real_units` | true or false |  | `true` | Whether to convert. |
| `limit` | a number (>= 0, < 500) or null | µm | `null` | Above \\| this. |

## Answer

What was measured.

In µm.

| field | is | unit | |
| --- | --- | --- | --- |
| `samples` | an array [rows, columns] | µm or px, by use_real_units | Each of them. |
| `by_layer` | a map | µm | Means. |
| `stage` | 'normal' or 'suspect' or null |  | What it means. |
| `note` | a text or absent |  |  |
| `warnings` | a list of texts |  | What a reader of the numbers should know. *(extra)* |
| `coverage` | a number or absent |  | How much of it \\| was measured. *(extra)* |

Extras are answered only when `include_extras` is true.

## Example

```pycon
>>> measure({"rnfl": [1.0]},
...         use_real_units=False).samples
array([[1.]])
>>> measure
<operation acme.measure>
```

## Sources

- Sadda et al., 2010: how many slices are enough.
- Another one.
"""


def test_a_page_says_all_there_is_to_say():
    """Parameters with units, ranges and defaults, the answer, the example and the sources, to the character."""
    assert as_markdown(describe(measure)) == PAGE


def test_a_page_leaves_out_what_is_not_there():
    """Without an example and sources there is nothing about them."""
    page = as_markdown(describe(plain_operation))
    assert page.startswith("# acme.plain\n\nSay nothing more.\n\n## Parameters\n")
    assert page.endswith("Extras are answered only when `include_extras` is true.\n")


def test_a_bare_answer_says_so():
    """Callers read that there is no key round it."""

    class Means(Output, bare="statistics"):
        """Means of layers."""

        statistics: Mapping[str, Micrometres]

    def means() -> Means: ...

    means.__annotations__["return"] = Means
    described = describe(Operation("means", means))
    assert described["answer"]["bare"] == "statistics"
    assert "\nThe answer is `statistics` itself, without a key round it.\n" in as_markdown(described)


class Size(Record):
    """How large it is."""

    width: Millimetres
    """Along x."""
    within: list[Place]
    """What holds it."""


class Place(Record):
    """Where it is."""

    sizes: Mapping[str, Size]
    """Of what is there."""


Size.model_rebuild()


class LayerMap(Record, bare="values"):
    """A map."""

    values: list[float]


class Found(Output):
    """What was found."""

    first: Size | None
    """The first."""
    map: LayerMap
    """Shown as one field of its own."""


def test_the_parts_of_an_answer_are_described_once_each():
    """A record within is told field by field below the answer, one within it too, though it leads back."""

    def find() -> None: ...

    find.__annotations__["return"] = Found
    described = describe(Operation("find", find))
    assert [one["name"] for one in described["answer"]["records"]] == ["Size", "Place"]
    assert (
        "\n`Size`: How large it is.\n\n| field | is | unit | |\n| --- | --- | --- | --- |\n"
        "| `width` | a number | mm | Along x. |\n"
    ) in as_markdown(described)


def test_limits_are_told_as_people_write_them():
    """Whole ones without a point, and those of a pair of numbers once."""
    coordinate = Annotated[float, Field(ge=-1e6, le=1e6)]

    def aim(point, share): ...

    share = Annotated[float, Field(lt=0.5)]
    aim.__annotations__ = {"point": tuple[coordinate, coordinate], "share": share, "return": Output}
    described = describe(Operation("aim", aim))
    assert [one["range"] for one in described["parameters"]] == [">= -1000000, <= 1000000", "< 0.5"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(
            "statistics",
            {
                "name": "statistics",
                "type": "a list of 'mean' or 'std'",
                "unit": None,
                "range": "at least 1, at most 2",
                "choices": None,
                "required": False,
                "default": ["mean"],
                "nullable": False,
                "aliases": [],
                "description": "what to say.",
            },
            id="a list",
        ),
        pytest.param(
            "use_real_units",
            {
                "name": "use_real_units",
                "type": "true or false",
                "unit": None,
                "range": None,
                "choices": [True, False],
                "required": False,
                "default": True,
                "nullable": False,
                "aliases": [],
                "description": "whether to convert.",
            },
            id="a switch",
        ),
        pytest.param(
            "layers",
            {
                "name": "layers",
                "type": "a map",
                "unit": None,
                "range": None,
                "choices": None,
                "required": True,
                "default": None,
                "nullable": False,
                "aliases": ["maps", "map"],
                "description": "maps by name, in px.",
            },
            id="a required one with other names",
        ),
    ],
)
def test_a_parameter_is_described_as_data(name, expected):
    """Programs read the same as people."""
    assert next(one for one in describe(measure)["parameters"] if one["name"] == name) == expected
