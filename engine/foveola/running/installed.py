"""Installed packages as code: what their distributions, and those that they require, say they are made of."""

from __future__ import annotations

import re
import site
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, packages_distributions
from pathlib import Path
from sysconfig import get_paths

import orjson

from foveola.running.codec import digest
from foveola.running.modules import place_of

_FOLDERS = tuple(
    {Path(get_paths()[kind]) for kind in ("purelib", "platlib")}
    | {Path(folder) for folder in (*site.getsitepackages(), site.getusersitepackages())}
)


@cache
def record_files_of(package: str) -> tuple[Path, ...]:
    """Where the distributions of an installed package, and those they require, list their files; () to follow it."""
    place = place_of(package)
    if place is None or place.file is None or not any(place.file.is_relative_to(folder) for folder in _FOLDERS):
        return ()
    found: dict[str, Path] = {}
    waiting = _distributions_of(package)
    while waiting:
        one = waiting.pop()
        if one.name in found:
            continue
        record = _record_of(one)
        if record is None or _is_editable(one):  # what it is made of is not listed
            return ()
        found[one.name] = record
        for line in one.requires or ():
            if "extra ==" not in line and (required := re.match(r"[\w.-]+", line)):
                try:
                    waiting.append(distribution(required[0]))
                except PackageNotFoundError:  # a marker does not want it here
                    continue
    return tuple(sorted(found.values()))


def _is_editable(one: Distribution) -> bool:
    """Whether an installer put a link in the place of its files."""
    origin = one.read_text("direct_url.json")
    return origin is not None and bool(orjson.loads(origin).get("dir_info", {}).get("editable"))


def _distributions_of(package: str) -> list[Distribution]:
    """The distributions that bring a package: mostly the one of its name; to find others all are read."""
    try:
        named = distribution(package)
    except PackageNotFoundError:
        named = None
    if named is not None and _find(rf"{re.escape(package)}(?:/|\.py,)", named):
        return [named]
    return [distribution(name) for name in names_of_distributions(package)]


def names_of_distributions(package: str) -> list[str]:
    """The names of the distributions that bring a package, sorted."""
    return sorted(set(_by_package().get(package, ())))


_by_package = cache(packages_distributions)


def _record_of(one: Distribution) -> Path | None:
    """The list of a distribution's files, which names itself."""
    found = _find(r"[^\s,\"/]+\.dist-info/RECORD(?=,)", one)
    return None if found is None else Path(str(one.locate_file(found[0])))


def _find(beginning: str, one: Distribution) -> re.Match[str] | None:
    """The first of a distribution's files whose line begins so; `one.files` would make an object of every line."""
    return re.search(f"^{beginning}", one.read_text("RECORD") or "", re.MULTILINE)


@cache
def record_digest(record: Path) -> str:
    """The digest of what a distribution is made of, without what was added when it was installed."""
    lines = record.read_text(encoding="utf-8").splitlines()
    own = record.parent.name
    return digest(sorted(line for line in lines if ",sha256=" in line and not line.startswith(own)))
