"""The reference is current: what is made from the code is made again and compared; `--update` rewrites it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import reference
from provocations import ways
from provocations.cases import CASES

from foveola import FoveolaError

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The messages that each class prints: every one is provoked, and what was raised is noted."""
    found: dict[str, list[str]] = {one.__name__: [] for one in reference.error_classes()}
    raised: list[str] = []

    def noted(act: Callable[[], object]) -> str:
        with pytest.raises(FoveolaError) as caught:
            act()
        raised.append(type(caught.value).__name__)
        return str(caught.value)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ways, "raised", noted)
        for name, provoke in CASES.items():
            raised.clear()
            provoke(tmp_path_factory.mktemp(name))
            kinds = raised or ["PluginError"] * name.startswith("plugin_")  # told as a warning
            for kind in kinds:
                found[kind].append(name)
    return found


def test_the_reference_is_current(said: dict[str, list[str]], *, update: bool) -> None:
    """Every page that is made from the code is what the code says now."""
    made = reference.pages(said)
    if update:
        for name, text in made.items():
            (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
            (FOLDER / name).write_text(text, encoding="utf-8")
    assert [name for name, text in made.items() if (FOLDER / name).read_text(encoding="utf-8") != text] == []


def test_every_error_class_prints_something(said: dict[str, list[str]]) -> None:
    """Each page of an error has at least one message, provoked."""
    assert [kind for kind, names in said.items() if not names] == []


def test_no_page_is_of_an_error_that_is_gone() -> None:
    """Every page is of a class."""
    assert {page.stem for page in (FOLDER / "errors").iterdir()} == {one.__name__ for one in reference.error_classes()}
