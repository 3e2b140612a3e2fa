"""The most memory that `macula_from_layers` takes on the synthetic exam, beside the bytes of input and outputs.

Counted are allocations while it runs (tracemalloc, which numpy tells of its arrays), the exam's own arrays among them.
"""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from measuring import machine, read_options
from synthetic import Size, exam_folder

import foveola
from foveola import Record


def bytes_of(value: Any) -> int:
    """The bytes of all arrays in it."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, Record):
        value = dict(value)
    if isinstance(value, Mapping):
        return sum(map(bytes_of, value.values()))
    return sum(map(bytes_of, value)) if isinstance(value, Iterable) and not isinstance(value, str) else 0


def main() -> None:
    """Measure."""
    options = read_options(__doc__ or "")
    size = Size.of(options)
    with TemporaryDirectory() as name:
        folder = exam_folder(size, Path(name))
        foveola.run("macula_from_layers", folder, memo=None)  # what is imported and made once is no part of it
        tracemalloc.start()
        result = foveola.run("macula_from_layers", folder, memo=None)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert not result.failed
    read = bytes_of(result.exam["layer_segmentation"])
    maps = bytes_of(result.steps["thickness"].answer)
    outputs = bytes_of(result.values)
    ratio = peak / (read + maps + outputs)
    line = {
        "what": "peak memory, macula_from_layers",
        "size": str(size),
        "bytes": {"peak": peak, "input": read, "maps": maps, "outputs": outputs},
        "ratio": float(f"{ratio:.3g}"),
        "reach": "<= 2 x input and outputs",
        "command": "python tests/benchmarks/peak_memory.py",
        "machine": machine(),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    mebibytes = ", ".join(f"{what} {count / 2**20:.1f} MiB" for what, count in line["bytes"].items())
    told = f"{ratio:.2f} x input, maps and outputs"
    sys.stdout.write(f"| {line['what']} | {size} | {mebibytes} | {told} | {line['reach']} |\n")


if __name__ == "__main__":
    main()
