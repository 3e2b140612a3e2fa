"""What is installed, for people and as data: the operations with who brought them, and what is wrong."""

from __future__ import annotations

from typing import Any

from foveola.errors import PluginError
from foveola.origins import OPERATIONS, OURS, Origin
from foveola.registry import Registry


def operations_as_data(registry: Registry) -> list[dict[str, Any]]:
    """Each operation that can be used, then everything that cannot, with what is wrong with it."""
    faults = registry.faults()
    wrong = {_name(fault) for fault in faults[OPERATIONS]}
    usable = [
        {"name": name, "about": _about(name, origin, registry), "distribution": origin.distribution}
        for name in registry.operation_names
        if name not in wrong and (origin := registry.origin_of(name)) is not None
    ]
    return usable + [_fault_as_data(fault) for of_group in faults.values() for fault in of_group]


def _about(name: str, origin: Origin, registry: Registry) -> str:
    """What an operation is for. Those of others are loaded by now, to see what is wrong with them; ours are not."""
    return origin.about if origin.distribution == OURS else registry.operation(name).about


def _name(fault: PluginError) -> str:
    return fault.entry_point.partition(" = ")[0]


def _fault_as_data(fault: PluginError) -> dict[str, Any]:
    return {
        "name": _name(fault),
        "distribution": fault.distribution,
        "entry_point": fault.entry_point,
        "error": fault.message,
    }
