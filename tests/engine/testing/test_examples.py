"""The check of examples: there is one, and it says what comes of it."""

from __future__ import annotations

import pytest

from foveola.testing import check_operation

MEND = "mend what the docstring shows"
RAGGED = "takes numbers in equal rows (an array [rows]); this is ragged or holds something else"
NO_EXAMPLE = "example: there is none that calls it; show a call of mean in its docstring, or give check_operation one"
SHOWN = "Add.\n\nArgs:\n    rows: them.\n\n>>> mean.call"


@pytest.mark.parametrize(
    ("doc", "example", "faults"),
    [
        pytest.param("", None, [NO_EXAMPLE], id="no example"),
        pytest.param(
            SHOWN + "({'rows': [1, 2]})\n{'mean': 4.0}",
            None,
            [f"example: mean.call({{'rows': [1, 2]}}) gives {{'mean': 3.0}}, not {{'mean': 4.0}}; {MEND}"],
            id="another answer than the example says",
        ),
        pytest.param(
            SHOWN + "({'row': [1]})\n{'mean': 1.0}",
            {"rows": [1.0, 2.0, 3.0]},
            [
                "example: mean.call({'row': [1]}) raises row: acme.made has no such parameter; did you mean 'rows'?; "
                + MEND
            ],
            id="an example that raises",
        ),
        pytest.param(
            "",
            {"rows": "one"},
            [f"example: example 1 of the test raises rows: {RAGGED}; mend it", NO_EXAMPLE],
            id="an example of the test that raises",
        ),
    ],
)
def test_a_wrong_example_is_told(made, faults_of, doc, example, faults):
    """With what it gives or raises."""
    assert faults_of(made(doc=doc), example) == faults


def test_an_operation_is_left_as_it_was(good):
    """Its function is watched no longer than its examples run."""
    function = good.function
    check_operation(good, unitless=["ratio"])
    assert good.function is function
