"""Names of layers: one for each class, joined where a device tells fewer apart."""

import pytest

from foveola_oct.retina import LAYER_NAMES, names_between


@pytest.mark.parametrize(
    ("borders", "names"),
    [
        (range(12), LAYER_NAMES),
        ([0, 11], ("retina",)),
        ([0, 1, 11], ("rnfl", "gcl+ipl+inl+opl+onl+elm+mz+ez+os+rpe")),
        ([1, 3], ("gcl+ipl",)),
        ([0], ()),
        ([], ()),
    ],
    ids=["all", "outermost", "one within", "in the middle", "one", "none"],
)
def test_a_layer_is_named_after_the_classes_between_its_borders(borders, names):
    """So that a name says what was summed; all of them together are the retina."""
    assert names_between(borders, LAYER_NAMES) == names


def test_the_layers_are_the_guides_from_the_vitreous_down():
    """Eleven, none twice."""
    assert LAYER_NAMES == ("rnfl", "gcl", "ipl", "inl", "opl", "onl", "elm", "mz", "ez", "os", "rpe")
