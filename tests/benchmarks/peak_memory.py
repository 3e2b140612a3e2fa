"""The most memory that `full_exam` takes on the synthetic exam, beside the bytes of its input and its steps' answers.

Counted are allocations while it runs (tracemalloc, which numpy tells of its arrays), the exam's own arrays among them.
"""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from measuring import machine, read_options
from synthetic import Size, exam_folder

import foveola
from foveola import Record


def arrays_in(value: Any) -> Iterator[np.ndarray]:
    """All arrays in it."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, Record):
        yield from arrays_in(dict(value))
    elif isinstance(value, Mapping):
        yield from arrays_in(list(value.values()))
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for item in value:
            yield from arrays_in(item)


def bytes_of(*values: Any) -> int:
    """The bytes of all arrays in them, those that several hold once."""
    return sum({array.__array_interface__["data"][0]: array.nbytes for array in arrays_in(values)}.values())


def main() -> None:
    """Measure."""
    options = read_options(__doc__ or "")
    size = Size.of(options)
    with TemporaryDirectory() as name:
        folder = exam_folder(size, Path(name))
        foveola.run("full_exam", folder, memo=None)  # what is imported and made once is no part of it
        tracemalloc.start()
        result = foveola.run("full_exam", folder, memo=None)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert not result.failed
    read = bytes_of(result.exam["layer_segmentation"])
    answers = bytes_of(*(step.answer for step in result.steps.values()))
    ratio = peak / (read + answers)
    line = {
        "what": "peak memory, full_exam",
        "size": str(size),
        "bytes": {"peak": peak, "input": read, "answers": answers},
        "ratio": float(f"{ratio:.3g}"),
        "reach": "<= 2 x input and outputs",
        "command": "python tests/benchmarks/peak_memory.py",
        "machine": machine(),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    mebibytes = ", ".join(f"{what} {count / 2**20:.1f} MiB" for what, count in line["bytes"].items())
    told = f"{ratio:.2f} x input and answers"
    sys.stdout.write(f"| {line['what']} | {size} | {mebibytes} | {told} | {line['reach']} |\n")


if __name__ == "__main__":
    main()
