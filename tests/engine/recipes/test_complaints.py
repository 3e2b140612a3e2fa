"""What PyYAML finds wrong, in words that help; each of its complaints is provoked in `test_text.py`."""

from __future__ import annotations

import yaml

from foveola.diagnostics import Problem, Span
from foveola.recipes.complaints import problem_of


def test_an_error_that_nobody_foresaw_keeps_its_words():
    """What a later PyYAML may find wrong is passed on with its place."""
    mark = yaml.Mark("x.yaml", 3, 0, 3, None, 0)
    error = yaml.MarkedYAMLError(problem="found a dragon", problem_mark=mark)
    assert problem_of(error, "a: b") == Problem("this is not YAML: found a dragon", Span(1, 4, 1, 5))
