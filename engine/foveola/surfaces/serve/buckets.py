"""What may be fetched over HTTP: what lies in a bucket of the allow-list, and nothing else.

A fetcher takes part by having a parameter `input_bucket`; what else stands for a value in text is a place within it.
In Python and on the command line a fetcher may read any folder: there, whoever calls owns the machine.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from foveola.adapters import unannotated
from foveola.errors import InputError
from foveola.operations import Operation, Output, Parameter
from foveola.readers import Fetcher
from foveola.registry import Registry

BUCKET = "input_bucket"
CLOUD = "input_bucket_cloud"


def fetchers_of(registry: Registry, operation: Operation[..., Output]) -> dict[str, Fetcher]:
    """What may fill an operation's parameters over HTTP, by the parameter."""
    kinds = {fetcher.kind: fetcher for fetcher in registry.fetchers.values() if BUCKET in fetcher.parameters}
    required = {one.name: unannotated(one.annotation) for one in operation.parameters.values() if one.required}
    return {name: kinds[kind] for name, kind in required.items() if kind in kinds}


def stand_ins_of(fetchers: Mapping[str, Fetcher]) -> dict[str, Parameter]:
    """What says where values are fetched from, by name."""
    return {name: one for fetcher in fetchers.values() for name, one in fetcher.parameters.items()}


def check_addresses(
    registry: Registry, operation: Operation[..., Output], values: Mapping[str, Any], allowed: Collection[str]
) -> None:
    """Refuse what is not to be fetched.

    Args:
        registry: what there is.
        operation: what is called.
        values: the request.
        allowed: buckets as requests name them, on any cloud; or `cloud:bucket`.

    Raises:
        InputError: a bucket that is not allowed, or a place that is not within it.
    """
    stand_ins = registry.stand_ins(operation)
    given = {name: value for name, value in values.items() if name in stand_ins}
    if not given:
        return
    known = stand_ins_of(fetchers_of(registry, operation))
    for name in given:
        if name not in known:
            raise InputError(name, "is not fetched over HTTP")
    bucket, cloud = given.get(BUCKET), given.get(CLOUD, stand_ins[CLOUD].default if CLOUD in stand_ins else None)
    if BUCKET not in given:
        raise InputError(BUCKET, f"{operation.name} needs it")
    if not isinstance(bucket, str) or not {bucket, f"{cloud}:{bucket}"} & set(allowed):
        raise InputError(BUCKET, "is none of the buckets that this service reads")
    for name, value in given.items():
        if name != BUCKET and isinstance(value, str):
            _check_place(name, value)


def _check_place(name: str, place: str) -> None:
    """Refuse what could lead out of a bucket, in the spelling of any system."""
    parts = place.replace("\\", "/").split("/")
    if ".." in parts or ":" in place or not place.isprintable():
        raise InputError(name, "must lie in the bucket: no .., no protocol and no drive")
    if place.startswith(("/", "\\", "~")):
        raise InputError(name, "is absolute; it must lie in the bucket")
