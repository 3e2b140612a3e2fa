"""`foveola new plugin NAME`: a package with an operation, a recipe and tests, which runs as it comes.

The template is the package `acme-thickness` itself; another name takes the place of its own in every line.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import click

TEMPLATE = Path(__file__).parent / "template"
SUFFIX = ".in"
"""What files of the template end with, so that no tool takes them for ours."""
NAME = re.compile(r"([a-z][a-z0-9]*)((?:-[a-z0-9]+)+)")


@click.group()
def new() -> None:
    """Make something to begin with."""


@new.command()
@click.argument("name")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
def plugin(name: str, folder: Path | None) -> None:
    """Make the package NAME (acme-thickness: whose it is, what it does) in FOLDER, ./NAME if none is given.

    It has an operation, a recipe and tests, which pass as they come.
    """
    from foveola.errors import InputError  # noqa: PLC0415  `foveola --help` must not wait for it

    parts = NAME.fullmatch(name)
    if parts is None:
        raise InputError(
            "NAME",
            f"{name!r} does not say whose it is and what it does in a-z, 0-9 and hyphens, as acme-thickness does",
        )
    module = name.replace("-", "_")
    if find_spec(module) is not None:
        raise InputError("NAME", f"there is a package {module!r} already; take another name")
    target = folder or Path(name)
    if target.exists() and any(target.iterdir()):
        raise InputError("FOLDER", f"{target} is there and not empty; nothing is overwritten")
    owner, does = parts[1], parts[2].removeprefix("-").replace("-", "_")
    words = {
        "acme-thickness": name,
        "acme_thickness": module,
        "acme.thickness": f"{owner}.{does}",
        "AcmeThickness": "".join(part.capitalize() for part in name.split("-")),
    }
    try:
        _write(target, words)
    except OSError as error:
        raise InputError("FOLDER", f"{target} cannot be written: {error.strerror or error}") from None
    click.echo(f"{target}: the package {name}, with the operation {owner}.{does}", err=True)
    click.echo(f"next: pip install -e '{target}[test]' && python -m pytest {target}", err=True)


def _write(target: Path, words: dict[str, str]) -> None:
    for source in sorted(TEMPLATE.rglob(f"*{SUFFIX}")):
        path = target / _renamed(str(source.relative_to(TEMPLATE)).removesuffix(SUFFIX), words)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_renamed(source.read_text(encoding="utf-8"), words), encoding="utf-8")


def _renamed(text: str, words: dict[str, str]) -> str:
    return re.sub("|".join(map(re.escape, words)), lambda found: words[found[0]], text)
