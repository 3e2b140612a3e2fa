"""An exam from its folder: polygons in `exam.npz`, and the same as text in `exam.json`.

Floor: the bytes of the files are read, once. Beside us: `numpy.load` of every member; of the text `json.loads` and
`orjson.loads`, which leave lists.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import orjson
from measuring import best_seconds, read_options, report
from synthetic import Size, as_exam, as_outlines, exam_folder

from foveola.readers import read_exam
from foveola.registry import Registry
from foveola.values import json_bytes


def ours(path: Path, registry: Registry) -> Any:
    """The exam, its layers read and checked."""
    return read_exam(path, registry.readers.values(), registry.exam_type)["layer_segmentation"]


def read_bytes(folder: Path) -> list[bytes]:
    """All files, unread."""
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def load(path: Path) -> dict[str, Any]:
    """What numpy makes of it."""
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}


def written_as_json(size: Size, folder: Path) -> Path:
    """The same exam with polygons as text."""
    values = as_exam(size, as_outlines(size))
    values["layer_segmentation"] = values["layer_segmentation"].plain()
    folder.mkdir()
    (folder / "exam.json").write_bytes(json_bytes(values))
    return folder


def main() -> None:
    """Measure."""
    options = read_options(__doc__ or "")
    size = Size.of(options)
    registry = Registry.installed()
    with TemporaryDirectory() as name:
        npz, text = exam_folder(size, Path(name, "npz")), written_as_json(size, Path(name, "json"))
        contestants = {
            "foveola": partial(ours, npz, registry),
            "floor": partial(read_bytes, npz),
            "numpy.load": partial(load, npz / "exam.npz"),
        }
        same = [ours(path, registry).outlines.points for path in (npz, text)]
        np.testing.assert_array_equal(*same)
        seconds = best_seconds(contestants, options.seconds)
        report("exam from folder, .npz", "<= 3 x floor", size, seconds)

        file = text / "exam.json"
        contestants = {
            "foveola": partial(ours, text, registry),
            "floor": partial(read_bytes, text),
            "json.loads": lambda: json.loads(file.read_bytes()),
            "orjson.loads": lambda: orjson.loads(file.read_bytes()),
        }
        seconds = best_seconds(contestants, options.seconds)
        report("exam from folder, JSON", "straight into arrays; less than json.loads", size, seconds)


if __name__ == "__main__":
    main()
