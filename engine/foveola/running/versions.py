"""Who computed: the versions of Python, of the packages that brought operations, and of what these need."""

from __future__ import annotations

import platform
import re
from contextlib import suppress
from functools import cache
from importlib import metadata
from importlib.metadata import EntryPoints, PackageNotFoundError, entry_points

from foveola.operations import Operation, Output
from foveola.origins import AGAIN, OPERATIONS
from foveola.planning.plan import Plan
from foveola.running.installed import names_of_distributions


def versions_of(plan: Plan) -> dict[str, str]:
    """The versions of everything that computed: of the distributions of all operations, and of what those need."""
    steps = [step for one in (plan, *plan.within) for step in one.steps.values()]
    names = {"foveola"} | {_distribution(step.operation) for step in steps if step.operation is not None}
    versions = {name: found for root in names for name, found in _versions_under(root)}
    return {"python": platform.python_version()} | dict(sorted(versions.items()))


@cache
def _distribution(operation: Operation[..., Output]) -> str:
    """The distribution that brings an operation; its package if that is not installed as one."""
    module = operation.function.__module__
    for point in _operations().select(name=operation.name):
        if point.module == module and point.dist is not None:
            return point.dist.name
    package = module.partition(".")[0].partition(AGAIN)[0]
    return next(iter(names_of_distributions(package)), package)


@cache
def _operations() -> EntryPoints:
    return entry_points(group=OPERATIONS)


@cache
def _versions_under(distribution: str) -> tuple[tuple[str, str], ...]:
    try:
        found = metadata.version(distribution)
        needed = [line for line in metadata.requires(distribution) or [] if "extra ==" not in line]
    except PackageNotFoundError:
        return ((distribution, "unpackaged"),)
    versions = [(distribution, found)]
    for name in sorted({re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in needed}):
        with suppress(PackageNotFoundError):  # a marker may not want it here
            versions.append((name, metadata.version(name)))
    return tuple(versions)
