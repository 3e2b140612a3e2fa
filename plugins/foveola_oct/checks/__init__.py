"""What `foveola.testing.check_operation` asks of operations on the retina, beside what the engine asks of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from foveola import hookimpl

if TYPE_CHECKING:
    from foveola import Fault, Operation, Output


@hookimpl
def foveola_faults(operation: Operation[..., Output], examples: Sequence[Mapping[str, Any]]) -> Iterable[Fault]:
    """What depends on the order in which a scan was acquired, of an operation that takes an orientation."""
    from foveola_oct.checks.orientations import find_in_orientations  # noqa: PLC0415  `foveola --help` must not wait

    return find_in_orientations(operation, examples)
