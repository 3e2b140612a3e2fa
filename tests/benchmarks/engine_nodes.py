"""What a step costs beside its work: a chain and a fan of steps that add one, without a store, cold and warm with one.

A run's own `seconds` are told apart from those of reading and planning, which are divided by the steps too, for as many
and for twice and four times as many: building must be linear. Peers run the same graph, built before.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from time import perf_counter
from typing import Any

from adding import OPERATIONS
from measuring import best_seconds, optional, read_options, report

import foveola
from foveola.testing import closed_registry

REGISTRY = closed_registry(OPERATIONS)


def recipe_of(nodes: int, *, fan: bool) -> str:
    """A recipe of so many steps."""
    steps = [
        f"  n{k}: {{use: bench.add_one, with: {{value: {'$start' if fan or not k else f'$n{k - 1}.value'}}}}}"
        for k in range(nodes)
    ]
    wanted = range(nodes) if fan else [nodes - 1]
    outputs = ", ".join(f"n{k}: $n{k}.value" for k in wanted)
    return "\n".join(["recipe: nodes", "inputs: {start: float}", "steps:", *steps, f"outputs: {{{outputs}}}", ""])


def ran(path: Path, nodes: int, **memo: Any) -> float:
    """Seconds of a run, but for reading and planning."""
    result = foveola.run(path, {"start": 0.0}, registry=REGISTRY, **memo)
    assert not result.failed
    assert len(result.steps) == nodes
    return result.seconds


def ran_cold(path: Path, nodes: int, folder: Path) -> float:
    """The same with a store that remembers nothing yet."""
    os.environ["FOVEOLA_MEMO"] = mkdtemp(dir=folder)
    return ran(path, nodes)


def best_of(run: Callable[[], float], rounds: int = 5) -> float:
    """The shortest of some times that runs tell of themselves."""
    return min(run() for _ in range(rounds))


def building(path: Path) -> float:
    """Seconds of reading and planning, without the collector's walks over all that this process holds."""
    gc.collect()
    gc.disable()
    clock = perf_counter()
    foveola.plan(path, {"start": 0.0}, registry=REGISTRY)
    seconds = perf_counter() - clock
    gc.enable()
    return seconds


def by_hamilton(nodes: int, *, fan: bool) -> Callable[[], object]:
    """The same as functions named after what they make."""
    from hamilton import ad_hoc_utils, driver  # noqa: PLC0415  a peer

    sys.setrecursionlimit(20_000)  # it walks a chain by calling itself
    functions: dict[str, Any] = {}
    lines = [f"def n{k}({'start' if fan or not k else f'n{k - 1}'}: float) -> float:" for k in range(nodes)]
    sources = [f"{line}\n    return {line.partition('(')[2].partition(':')[0]} + 1\n" for line in lines]
    exec("\n".join(sources), functions)  # noqa: S102  functions that differ in their names alone
    names = [f"n{k}" for k in range(nodes)]
    module = ad_hoc_utils.create_temporary_module(*(functions[name] for name in names))
    built = driver.Builder().with_modules(module).build()
    wanted = names if fan else names[-1:]
    return lambda: built.execute(wanted, inputs={"start": 0.0})


def by_dask(nodes: int, *, fan: bool) -> Callable[[], object]:
    """The same as a graph of tasks, run in this thread."""
    import dask  # noqa: PLC0415  a peer

    graph: dict[str, Any] = {"start": 0.0}
    graph |= {f"n{k}": (_add_one, "start" if fan or not k else f"n{k - 1}") for k in range(nodes)}
    wanted = [f"n{k}" for k in (range(nodes) if fan else [nodes - 1])]
    return lambda: dask.get(graph, wanted)


def by_kedro(nodes: int, *, fan: bool) -> Callable[[], object]:
    """The same as a pipeline over a catalogue in memory."""
    from kedro.io import DataCatalog, MemoryDataset  # noqa: PLC0415  a peer
    from kedro.pipeline import node, pipeline  # noqa: PLC0415  likewise
    from kedro.runner import SequentialRunner  # noqa: PLC0415  likewise

    logging.disable(logging.INFO)  # to tell of each node takes longer than the nodes
    line = pipeline([node(_add_one, "start" if fan or not k else f"n{k - 1}", f"n{k}") for k in range(nodes)])
    return lambda: SequentialRunner().run(line, DataCatalog({"start": MemoryDataset(0.0)}))


def _add_one(value: float) -> float:
    return value + 1


PEERS = {"Hamilton": ("hamilton", by_hamilton), "dask": ("dask", by_dask), "kedro": ("kedro", by_kedro)}


def main() -> None:
    """Measure."""
    options = read_options(__doc__ or "", sized=False, nodes=1000)
    nodes = options.nodes
    with TemporaryDirectory() as folder:
        for fan in (False, True):
            path = Path(folder, "nodes.yaml")
            path.write_text(recipe_of(nodes, fan=fan), encoding="utf-8")
            peers = {name: make(nodes, fan=fan) if optional(module) else None for name, (module, make) in PEERS.items()}
            seconds = {"foveola": best_of(partial(ran, path, nodes, memo=None))}
            seconds["with the store, cold"] = best_of(partial(ran_cold, path, nodes, Path(folder)))
            seconds["with the store, warm"] = best_of(partial(ran, path, nodes))
            seconds |= best_seconds(peers, options.seconds)
            per_node = {name: time / nodes for name, time in seconds.items()}
            what = f"engine per node, {'fan' if fan else 'chain'}"
            report(what, "<= 13 µs, warm <= 25 µs", f"{nodes} steps", per_node, peers)
        built = {}
        for factor in (1, 2, 4):
            path.write_text(recipe_of(nodes * factor, fan=False), encoding="utf-8")
            built[factor] = best_of(partial(building, path), 3) / (nodes * factor)
        times = {"foveola": built[1], "twice as many": built[2], "four times as many": built[4]}
        report("reading and planning, per node", "linear", f"{nodes} steps in a chain", times)


if __name__ == "__main__":
    main()
