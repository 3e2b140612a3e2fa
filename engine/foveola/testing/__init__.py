"""What plugin authors need in their tests: a closed registry, a recipe run from its text, an operation checked."""

from __future__ import annotations

from foveola.testing.checking import FaultyOperationError, check_operation
from foveola.testing.registries import closed_registry, run_text

__all__ = ["FaultyOperationError", "check_operation", "closed_registry", "run_text"]
