"""The code blocks of the pages, with what they include.

A block may be a file: its fence says `yaml title="macula.yaml"`. A line `--8<-- "tests/stranger/asymmetry.yaml"` in
it is that file of the checkout.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_BLOCK = re.compile(r'^```(\w*)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_TITLED = re.compile(r'^```(\w+) title="([^"]+)"$', re.MULTILINE)
_INCLUDED = re.compile(r'^--8<-- "([^"]+)"$', re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of code.

    Attributes:
        page: the text of the page that it stands on.
        language: as the page says it; empty if it does not.
        title: the file that it is, as the page says.
        text: what stands in it, with what it includes.
    """

    page: str
    language: str
    title: str
    text: str

    @property
    def recipe(self) -> str:
        """The name of the recipe that it is; empty if it is none."""
        found = re.search(r"^recipe: (\w+)$", self.text, re.MULTILINE) if self.language == "yaml" else None
        return found[1] if found else ""


def blocks(path: Path) -> list[Block]:
    """The blocks of a page, in order.

    Args:
        path: the page.
    """
    page = path.read_text(encoding="utf-8")
    return [Block(page, language, title, _with_files(text)) for language, title, text in _BLOCK.findall(page)]


def included(page: str) -> str:
    """A page with what its blocks include, their titles as Sphinx writes them.

    Args:
        page: its text.
    """
    return _TITLED.sub(r"```{code-block} \1\n:caption: \2", _with_files(page))


def _with_files(text: str) -> str:
    return _INCLUDED.sub(lambda match: (ROOT / match[1]).read_text(encoding="utf-8").rstrip("\n"), text)


def listed(contents: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Contents as Sphinx writes them.

    Args:
        contents: headings with the pages under them.
    """
    return "".join(
        "\n```{toctree}\n:hidden:\n:glob:\n" + f":caption: {heading}\n" * bool(heading) + "\n".join(pages) + "\n```\n"
        for heading, pages in contents
    )
