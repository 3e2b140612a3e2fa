"""How the benchmarks measure and say what they measured: one JSON line, one row of a Markdown table."""

from __future__ import annotations

import gc
import json
import os
import platform
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any

from synthetic import Size

OURS, FLOOR = "foveola", "floor"

Contestants = Mapping[str, Callable[[], object] | None]


def read_options(about: str, *, sized: bool = True, **defaults: int) -> Namespace:
    """What the command line asks for: the exam's size, numbers of the script's own, and for how long to measure."""
    parser = ArgumentParser(description=about.partition("\n")[0])
    if sized:
        Size.add_options(parser)
    for name, default in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--seconds", type=float, default=3.0, help="of measuring for each contestant")
    return parser.parse_args()


def optional(name: str) -> ModuleType | None:
    """A peer, if it is installed."""
    try:
        return import_module(name)
    except ImportError:
        return None


def best_seconds(contestants: Contestants, seconds: float, fewest: int = 1) -> dict[str, float]:
    """The shortest time of each, in turns, so that what the machine does beside meets them all alike.

    Args:
        contestants: what is to be timed by name; None is absent.
        seconds: for how long each is repeated; one that takes longer runs as often as it must.
        fewest: how often that is.
    """
    runs = {name: run for name, run in contestants.items() if run is not None}
    best = dict.fromkeys(runs, float("inf"))
    spent, count = dict.fromkeys(runs, 0.0), 0
    while waiting := [name for name in runs if spent[name] < seconds or count < fewest]:
        count += 1
        for name in waiting:
            gc.collect()
            clock = perf_counter()
            answer = runs[name]()
            elapsed = perf_counter() - clock
            del answer  # its memory is given back outside of the time
            best[name] = min(best[name], elapsed)
            spent[name] += elapsed
        if all(best[name] * 100 < spent[name] and count > 100 for name in waiting):
            break
    return best


def report(
    what: str, reach: str, size: object, seconds: Mapping[str, float], peers: Contestants | None = None, **further: Any
) -> None:
    """Print the line and the row.

    Args:
        what: is measured.
        reach: what it shall reach.
        size: of the work.
        seconds: of each contestant, ours first.
        peers: the contestants; those that are None are said to be absent.
        further: what else was found, in the JSON; `note` in the row too.
    """
    skipped = [name for name, run in (peers or {}).items() if run is None]
    ours = seconds[OURS]
    over = {name: time / ours if name != FLOOR else ours / time for name, time in seconds.items() if name != OURS}
    line = {
        "what": what,
        "size": str(size),
        "seconds": {name: float(f"{time:.4g}") for name, time in seconds.items()},
        "ratios": {name: float(f"{ratio:.3g}") for name, ratio in over.items()},
        "skipped": skipped,
        "reach": reach,
        "command": " ".join(["python", "tests/benchmarks/" + Path(sys.argv[0]).name, *sys.argv[1:]]),
        "machine": machine(),
        "versions": versions("foveola", "numpy", "scipy", *seconds),
        **further,
    }
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    told = [
        f"{ratio:.3g} x {name}" if name == FLOOR else f"{name} takes {ratio:.3g} x as long"
        for name, ratio in over.items()
    ]
    told += [further["note"]] if "note" in further else []
    told += [f"{name} is not installed" for name in skipped]
    times = ", ".join(f"{name} {as_time(time)}" for name, time in seconds.items())
    sys.stdout.write(f"| {what} | {size} | {times} | {'; '.join(told)} | {reach} |\n")


def machine() -> str:
    """Processor, how many of it, and Python."""
    name = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = (line.partition(":") for line in information.read_text(encoding="utf-8").splitlines())
        name = next((value.strip() for key, _, value in lines if key.strip() == "model name"), name)
    return f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def versions(*names: str) -> dict[str, str]:
    """The versions of those that are distributions."""
    found = {}
    for name in names:
        try:
            found[name] = version({"cv2": "opencv-python-headless", "Hamilton": "sf-hamilton"}.get(name, name))
        except PackageNotFoundError:
            continue
    return found


def as_time(seconds: float) -> str:
    """A time as people say it.

    >>> as_time(0.0123), as_time(2.5)
    ('12.3 ms', '2.5 s')
    """
    unit, factor = next((one for one in (("s", 1), ("ms", 1e3)) if seconds * one[1] >= 1), ("µs", 1e6))
    return f"{seconds * factor:.3g} {unit}"
