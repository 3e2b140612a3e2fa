"""What layers are called: the guide's classes, and what is joined of them where a device tells fewer apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

LAYER_NAMES = ("rnfl", "gcl", "ipl", "inl", "opl", "onl", "elm", "mz", "ez", "os", "rpe")
"""The guide's layers, from the vitreous down."""

WHOLE = "retina"
"""All that a device tells apart, together."""


def names_between(borders: Iterable[int], classes: Sequence[str]) -> tuple[str, ...]:
    """Name what lies between neighbouring borders: the classes there joined by `+`, so that a name says what it sums.

    Args:
        borders: of each, from top to bottom, how many of the classes lie above it.
        classes: what the device tells apart, from top to bottom.

    >>> names_between([0, 1, 3, 4], ["rnfl", "gcl", "ipl", "inl", "opl"]), names_between([0, 2], ["ez", "os"])
    (('rnfl', 'gcl+ipl', 'inl'), ('retina',))
    """
    return tuple(
        WHOLE if below - above == len(classes) else "+".join(classes[above:below]) for above, below in pairwise(borders)
    )
