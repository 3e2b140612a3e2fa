"""`foveola operations`, `foveola recipes` and `foveola schema`: what is installed."""

from __future__ import annotations

from collections.abc import Mapping

import click

from foveola.origins import OURS
from foveola.surfaces.completion import complete_operations, complete_shipped
from foveola.surfaces.options import echo_json, echo_table, json_option


@click.command()
@click.argument("name", required=False, shell_complete=complete_operations)
@json_option
def operations(name: str | None, *, as_json: bool) -> None:
    """List the operations that are installed; with NAME, describe one in full."""
    from foveola.registry import Registry  # noqa: PLC0415  see `cli`

    registry = Registry.installed()
    if name is None:
        from foveola.surfaces.listing import operations_as_data  # noqa: PLC0415  see `cli`

        rows = operations_as_data(registry)
        if as_json:
            echo_json(rows)
            return
        echo_table((one["name"], _told(one)) for one in rows if "error" not in one)
        for one in rows:
            if "error" in one:
                click.echo(f"wrong: {one['entry_point']!r} of {one['distribution']}: {one['error']}", err=True)
        return
    from foveola.surfaces.describe import as_markdown, describe  # noqa: PLC0415  see `cli`

    description = describe(registry.operation(name))
    if as_json:
        echo_json(description)
    else:
        click.echo(as_markdown(description), nl=False)


def _told(operation: Mapping[str, str]) -> str:
    """What an operation is for, and of a stranger's who brings it."""
    brought = operation["distribution"]
    return operation["about"] + (f" ({brought})" if brought != OURS else "")


@click.command()
@click.argument("name", required=False, shell_complete=complete_shipped)
@json_option
def recipes(name: str | None, *, as_json: bool) -> None:
    """List the shipped recipes; with NAME, print one."""
    from foveola.errors import RecipeError, UnknownNameError  # noqa: PLC0415  see `cli`
    from foveola.recipes.reader import read_recipe  # noqa: PLC0415  likewise
    from foveola.registry import Registry  # noqa: PLC0415  likewise

    shipped = Registry.installed().recipes
    if name is not None:
        if name not in shipped:
            raise UnknownNameError("recipe", name, shipped)
        if as_json:
            recipe = read_recipe(shipped[name])
            inputs = {one.name: one.type_name for one in recipe.inputs.values()}
            echo_json({"name": name, "about": recipe.about, "inputs": inputs, "outputs": list(recipe.outputs)})
        else:
            click.echo(shipped[name].read_bytes(), nl=False)
        return
    abouts = {}
    for one, path in shipped.items():
        try:
            abouts[one] = read_recipe(path).about
        except (RecipeError, OSError) as error:
            click.echo(f"wrong: {path}: {str(error).partition(chr(10))[0]}", err=True)
    if as_json:
        echo_json([{"name": one, "about": about} for one, about in abouts.items()])
    else:
        echo_table(abouts.items())


@click.command()
def schema() -> None:
    """Print a JSON Schema of recipes, made from what is installed, for editors."""
    from foveola.registry import Registry  # noqa: PLC0415  see `cli`
    from foveola.surfaces.schema import recipe_schema  # noqa: PLC0415  likewise

    echo_json(recipe_schema(Registry.installed()))
