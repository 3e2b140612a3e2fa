"""What it costs to remember a step that answers a mebibyte, beside computing it.

Floor: `numpy.save` of the same array and its blake3; also with fsync as the store does, since a rename without one may
leave an empty file. Told is the run of many such steps with the store, less the same run without it, by the steps.
"""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from adding import OPERATIONS
from blake3 import blake3
from measuring import read_options, report

import foveola
from foveola.testing import closed_registry

REGISTRY = closed_registry(OPERATIONS)


def recipe_of(nodes: int, numbers: int) -> str:
    """Steps that begin, each elsewhere."""
    steps = "".join(f"  n{k}: {{use: bench.begin, with: {{value: $at{k}, count: {numbers}}}}}\n" for k in range(nodes))
    inputs = ", ".join(f"at{k}: float" for k in range(nodes))
    wanted = ", ".join(f"$n{k}" for k in range(nodes))
    return f"recipe: nodes\ninputs: {{{inputs}}}\nsteps:\n{steps}outputs: {{all: [{wanted}]}}\n"


def main() -> None:
    """Measure."""
    options = read_options(__doc__ or "", sized=False, nodes=30, numbers=131_072, rounds=5)
    nodes, numbers = options.nodes, options.numbers
    fresh = count()
    with TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["FOVEOLA_MEMO"] = str(folder / "memo")
        path = folder / "nodes.yaml"
        path.write_text(recipe_of(nodes, numbers), encoding="utf-8")

        def ran(**memo: None) -> float:
            exam = {f"at{k}": next(fresh) * 1e7 for k in range(nodes)}
            result = foveola.run(path, exam, registry=REGISTRY, **memo)
            assert [step.state for step in result.steps.values()] == ["computed"] * nodes
            return result.seconds

        def saved(*, synced: bool) -> float:
            arrays = [np.arange(numbers, dtype=np.float64) + next(fresh) * 1e7 for _ in range(nodes)]
            clock = perf_counter()
            for array in arrays:
                digest = blake3(array.data.cast("B")).hexdigest()
                with (folder / f"{digest}.npy").open("wb") as file:
                    np.save(file, array)
                    if synced:
                        file.flush()
                        os.fsync(file.fileno())
            return perf_counter() - clock

        ran()
        rounds = [(ran(), ran(memo=None), saved(synced=False), saved(synced=True)) for _ in range(options.rounds)]
        stored, bare, floor, synced = (min(times) / nodes for times in zip(*rounds, strict=True))
    seconds = {"foveola": stored - bare, "floor": floor, "floor with fsync": synced, "the step itself": bare}
    report("a stored node", "<= 1.5 x floor", f"{numbers * 8 / 2**20:.3g} MiB", seconds)


if __name__ == "__main__":
    main()
