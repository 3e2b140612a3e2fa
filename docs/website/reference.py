"""The pages of the reference that are made from the code; a test makes them again and compares.

`pytest tests/house/test_docs_reference.py --update` rewrites them.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from commands import command_line_page
from docstrings import as_markdown, cell, definitions, entry, imported
from pydantic.fields import FieldInfo

from foveola import Record, errors
from foveola.descriptions import documented_fields
from foveola.planning.types import shown, stripped
from foveola.recipes.reader import read_recipe
from foveola.registry import Registry
from foveola.surfaces.describe import describe
from foveola.units import unit_of
from foveola.values import annotation_of

MADE = tuple(
    f"docs/reference/{name}"
    for name in ("command_line", "errors", "exam_values", "operations", "python/", "shipped_recipes")
)
"""How the paths of pages begin that are made here, or that hold what `foveola operations` prints."""
DOORS = ("foveola", "foveola.testing", "foveola_oct.retina", "foveola_oct.retina.phantoms")
MESSAGES = Path(__file__).parents[2] / "tests" / "house" / "messages"
GROUPS = {
    "yaml": "How the text is written",
    "word": "The words of a recipe",
    "name": "Names and references",
    "fit": "Types",
    "unit": "Units",
    "condition": "`when`",
    "foreach": "`foreach`",
    "exam": "What the exam says",
    "recipe": "Recipes within recipes",
    "set": "What is set from outside",
    "run": "Runs",
    "step": "Steps",
    "call": "Calls",
    "path": "Files and folders",
    "archive": "Arrays beside a text",
    "plugin": "Plugins",
    "extra": "What is not installed",
}
"""What messages are about, by the first word of their files' names; of another word, that word."""


def pages(said: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Every page that is made here, by its path below `docs/reference/`.

    Args:
        said: the messages that each error class prints, by the names of their files.
    """
    registry = Registry.installed()
    return {
        "command_line.md": command_line_page(),
        **{f"python/{door.replace('.', '_')}.md": door_page(door) for door in DOORS},
        "exam_values.md": exam_values_page(registry),
        "shipped_recipes.md": recipes_page(registry),
        "operations.md": operations_page(registry),
        "errors.md": errors_page(),
        **{f"errors/{name}.md": error_page(name, names) for name, names in said.items()},
    }


# The Python interface


def door_page(door: str) -> str:
    """Everything that a package offers, under the modules that define it."""
    module = import_module(door)
    path = Path(str(module.__file__))
    by_home: dict[str, list[str]] = {home: [] for home in ("foveola.surfaces.python", *imported(path).values())}
    for name in module.__all__:
        if f"{door}.{name}" not in DOORS:  # which have pages of their own
            by_home.setdefault(_home_of(name, door), []).append(name)
    offering = {home: names for home, names in by_home.items() if names}
    parts = [f"# {door}", as_markdown(module.__doc__ or "")]
    for home, names in offering.items():
        parts += _home(home, names, is_alone=len(offering) == 1)
    return "\n\n".join(part for part in parts if part) + "\n"


def _home_of(name: str, module: str) -> str:
    """The module that defines a name which a module offers."""
    path = Path(str(import_module(module).__file__))
    return module if name in definitions(path) else _home_of(name, imported(path)[name])


def _home(home: str, names: list[str], *, is_alone: bool) -> Iterator[str]:
    module = import_module(home)
    if not is_alone:
        yield f"## {home.rpartition('.')[2].replace('_', ' ').capitalize()}"
        yield as_markdown(module.__doc__ or "")
    known = definitions(Path(str(module.__file__)))
    for name in names:
        node, docstring = known[name]
        yield entry(name, node, docstring, 2 if is_alone else 3)


# The exam


def exam_values_page(registry: Registry) -> str:
    """The values that an exam may have, and the types that recipes name."""
    exam = registry.exam_type
    described = _descriptions(registry)
    rows = []
    for name, annotation in exam.declared().items():
        core, unit = stripped(annotation), unit_of(annotation)
        is_record = inspect.isclass(core) and issubclass(core, Record)
        about = _first_line(core.__doc__) if is_record else described.get(name, "")
        if name in exam.__dict__:  # a rule
            about = f"{_first_line(exam.__dict__[name].__doc__)} It follows from the others, and need not be said."
        about = about[:1].upper() + about[1:]
        rows.append(f"| `{name}` | {cell(shown(annotation))} | {unit or ''} | {cell(about)} |")
    parts = [
        "# Values of an exam",
        (
            "What an exam may say, by the names that recipes and operations know. None is required: what a recipe "
            "needs and the exam lacks is told before anything runs, and can be given with `--set exam.NAME=VALUE`. An "
            "exam may hold further values under any other name; a recipe that uses one says its type under `inputs`. "
            "How they lie in files: [exam files](exam_files.md)."
        ),
        "| name | type | unit | |\n| --- | --- | --- | --- |\n" + "\n".join(rows),
        "## Types that recipes name",
        "Besides these: `float`, `int`, `str` and `bool`.",
    ]
    parts += [_type(name, registry.type_called(name)) for name in registry.type_names if name not in BUILT_IN]
    return "\n\n".join(parts) + "\n"


BUILT_IN = {"float", "int", "str", "bool"}


def _descriptions(registry: Registry) -> dict[str, str]:
    """What operations say of a parameter; one name is one thing everywhere."""
    ours = [name for name in registry.operation_names if _distribution(registry, name) == "foveola"]
    return {
        parameter.name: parameter.description
        for name in sorted(ours, reverse=True)
        for parameter in registry.operation(name).parameters.values()
    }


def _distribution(registry: Registry, name: str) -> str:
    origin = registry.origin_of(name)
    return "" if origin is None else origin.distribution


def _type(name: str, kind: Any) -> str:
    parts = [f"### {name}", as_markdown(kind.__doc__ or "")]
    if inspect.isclass(kind) and issubclass(kind, Record):
        described = documented_fields(kind)
        rows = [_field(one, field, described[one]) for one, field in kind.model_fields.items()]
        parts.append("| field | type | unit | |\n| --- | --- | --- | --- |\n" + "\n".join(rows))
    return "\n\n".join(parts)


def _field(name: str, field: FieldInfo, description: str) -> str:
    annotation = annotation_of(field)
    unit = unit_of(annotation) or ""
    return f"| `{field.alias or name}` | {cell(shown(annotation))} | {unit} | {cell(description)} |"


def _first_line(docstring: str | None) -> str:
    return inspect.cleandoc(docstring or "").partition("\n\n")[0]


# Recipes and operations


def recipes_page(registry: Registry) -> str:
    """The shipped recipes with their inputs, their outputs and their text."""
    parts = ["# Shipped recipes", "`foveola run NAME EXAM` runs one by its name; `foveola recipes NAME` prints it."]
    for name, path in sorted(registry.recipes.items()):
        recipe, text = read_recipe(path), path.read_text(encoding="utf-8")
        inputs = ", ".join(f"`{one.name}`" for one in recipe.inputs.values())
        outputs = ", ".join(f"`{one}`" for one in recipe.outputs)
        parts += [
            f"## {name}",
            f"{recipe.about}.",
            f"It takes {inputs}, and answers {outputs}.",
            f"![The steps of {name}](../figures/plan_{name}.svg){{.figure}}",
            f"<details>\n<summary>The recipe</summary>\n\n```yaml\n{text}```\n\n</details>",
        ]
    return "\n\n".join(parts) + "\n"


def operations_page(registry: Registry) -> str:
    """Every operation in a line, in the groups that they lie in."""
    groups: dict[str, list[str]] = {}
    for name in registry.operation_names:
        if _distribution(registry, name) == "foveola":
            groups.setdefault(registry.operation(name).function.__module__.split(".")[1], []).append(name)
    parts = [
        "# Operations",
        (
            "Each is called by this name in recipes, in Python, on the command line and over HTTP. "
            "`foveola operations NAME` prints the same as its page here. Types such as `LayerSegmentation` are "
            "described under [values of an exam](exam_values.md)."
        ),
    ]
    for group, names in sorted(groups.items()):
        room = import_module(registry.operation(names[0]).function.__module__.rpartition(".")[0])
        rows = [
            f"| [{one}](operations/{one}.md) | {cell(describe(registry.operation(one))['about'])} |" for one in names
        ]
        title = group.replace("_", " ").capitalize()
        parts += [f"## {title}", room.__doc__ or "", "| operation | |\n| --- | --- |\n" + "\n".join(rows)]
    return "\n\n".join(part for part in parts if part) + "\n"


# Errors


def errors_page() -> str:
    """The tree of errors, a line each."""
    rows = [
        f"| [{one.__name__}](errors/{one.__name__}.md) | `{one.code}` | {cell(_first_line(one.__doc__))} |"
        for one in error_classes()
    ]
    return (
        "\n\n".join(
            [
                "# Errors",
                as_markdown(errors.__doc__ or ""),
                (
                    "Each class has a page with every sentence that it can print. The code stands in `errors.jsonl` "
                    "and in answers over HTTP. What to do: [how to read an error](../how_to/read_an_error.md)."
                ),
                "| class | code | |\n| --- | --- | --- |\n" + "\n".join(rows),
            ]
        )
        + "\n"
    )


def error_classes() -> list[type[errors.FoveolaError]]:
    """Every class of the tree."""
    return [one for one in vars(errors).values() if inspect.isclass(one) and issubclass(one, errors.FoveolaError)]


def error_page(name: str, names: Sequence[str]) -> str:
    """An error class, and to the letter what it prints.

    Args:
        name: of the class.
        names: of the files that hold its messages.
    """
    kind = getattr(errors, name)
    parts = [f"# {name}", as_markdown(kind.__doc__ or ""), f"Its code is `{kind.code}`.", "## What it prints"]
    parts.append("Each of these is provoked by a test and compared to the letter.")
    by_group: dict[str, list[str]] = {}
    for one in names:
        by_group.setdefault(one.partition("_")[0], []).append(one)
    for group, members in by_group.items():
        parts.append(f"### {GROUPS.get(group, group.capitalize())}")
        parts += [f"```text\n{(MESSAGES / f'{one}.txt').read_text(encoding='utf-8')}```" for one in members]
    return "\n\n".join(parts) + "\n"
