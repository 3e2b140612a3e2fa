"""The site: `sphinx-build -W --keep-going -c docs/website docs site`. Nothing in it is from elsewhere."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from blocks import included, listed  # noqa: E402  beside this file
from figures import pictures, write_figures  # noqa: E402  likewise
from sphinx.application import Sphinx  # noqa: E402  likewise

project = "foveola"
version = release = version_of("foveola")
project_copyright = "the foveola developers, MIT licence"
extensions = ["myst_parser"]
exclude_patterns = ["website"]
myst_enable_extensions = ["attrs_inline"]
myst_heading_anchors = 3
nitpicky = True
smartquotes = False
html_theme = "furo"
html_title = "foveola"
html_logo = html_favicon = str(HERE / "eye.svg")
html_static_path = [str(HERE / "static")]
html_css_files = ["style.css"]
html_copy_source = html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1f4e79", "color-brand-content": "#1f4fb8"},
    "dark_css_variables": {"color-brand-primary": "#8ab4f8", "color-brand-content": "#8ab4f8"},
}

CONTENTS = {
    "index": [
        ("Tutorial", ["tutorial/first_recipe", "tutorial/first_plugin"]),
        (
            "How to",
            [
                "Install it <how_to/install>",
                "Run many exams <how_to/many_exams>",
                "Run them on a cluster <how_to/on_a_cluster>",
                "Make a report <how_to/report>",
                "Serve over HTTP <how_to/serve>",
                "Read an error <how_to/read_an_error>",
                "Complete names <how_to/complete>",
                "Add a reader <how_to/add_a_reader>",
                "Share a plugin <how_to/share_a_plugin>",
            ],
        ),
        (
            "Reference",
            [
                *("reference/recipe_language", "reference/command_line", "reference/python", "reference/exam_files"),
                *("reference/exam_values", "reference/result_files", "reference/shipped_recipes"),
                *("reference/operations", "reference/errors"),
            ],
        ),
        (
            "Explanation",
            [
                *("explanation/where_numbers_come_from", "explanation/choices", "explanation/orientation_and_units"),
                *("explanation/memo", "explanation/house"),
            ],
        ),
        ("Changes", ["changelog"]),
    ],
    "reference/python": [("", ["python/*"])],
    "reference/operations": [("", ["operations/*"])],
    "reference/errors": [("", ["errors/*"])],
}
"""What stands in the contents: pages that lead to others, each with its headings and what is under them."""


def setup(app: Sphinx) -> None:
    """Draw the figures before pages are read; say of each page what is read into it."""
    app.connect("builder-inited", lambda app: write_figures(Path(app.srcdir, "figures")))
    app.connect("source-read", _complete)


def _complete(_: Sphinx, page: str, source: list[str]) -> None:
    """A page with what it includes, what reports draw of an operation, and where it leads."""
    text = included(source[0])
    folder, _, name = page.rpartition("/")
    if folder == "reference/operations" and name in pictures():
        title, note, _svg = pictures()[name]
        text += f"\n## As reports draw it\n\n![{title}](../../figures/{name}.svg){{.figure}}\n\n"
        text += f"{title}, of a synthetic exam. {note}\n"
    source[0] = text + listed(CONTENTS.get(page, []))
