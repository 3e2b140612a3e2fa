"""Exams in foveola's own form: `exam.json`, and beside it `exam.npz` with what is large."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import numpy as np

from foveola import Exam, ExamError, InputError, LazyValues, Reader, Record
from foveola.archives import LARGE, NUMBERS_AND_TEXT, Archive, join, load, write_archive
from foveola.values import json_bytes, plain
from foveola_oct.readers.exam_json import parse_exam
from foveola_oct.retina import Borders, LayerSegmentation, OctExam, Outlines

FORMS: Mapping[str, tuple[type[Record], ...]] = {
    "layer_segmentation": (Outlines, Borders),
    "pathology_segmentation": (Outlines,),
}
"""The records whose fields are the arrays of a segmentation."""
NUM_SLICES = "num_slices"

FORBIDDEN = frozenset("/\\\0")
"""What no name of an array may have: it joins them, becomes that elsewhere, or ends them."""
OF_JSON = (np.dtype(np.float64), np.dtype(np.int64))
"""Kinds of numbers that JSON gives back as they were."""


def recognises(path: Path) -> bool:
    """Whether it is a folder with an `exam.json` or an `exam.npz`, or any `.json` file."""
    if path.is_dir():
        return any(file.is_file() for file in _files(path))
    return path.suffix.lower() == ".json" and path.is_file()


def read(path: Path) -> LazyValues:
    """Read an exam. Each array is read when its name is asked for.

    Args:
        path: the folder, or the JSON; the arrays lie beside it under its name, in an `.npz`.

    Returns:
        The values by name; null is absent.

    Raises:
        ExamError: naming the file, and the member or the line; also later, when a damaged member is asked for.
    """
    text, arrays = _files(path)
    with _telling_of(text):
        tree = parse_exam(text.read_bytes()) if text.exists() else {}
    if not arrays.exists():
        with _telling_of(text):
            return LazyValues(_completed(tree))
    with _telling_of(arrays):
        archive = Archive(arrays)
        tree = _completed(join(tree, archive))
        names = {member.partition("/")[0] for member in archive}
        loaders = {name: partial(_load, arrays, tree[name]) for name in tree if name in names}
        return LazyValues({name: value for name, value in tree.items() if name not in names}, loaders)


READER = Reader("exam_folder", recognises, read)


def write_exam(values: Mapping[str, Any], folder: Path) -> None:
    """Write an exam, whole or not at all. What is read from the folder equals what was written.

    Args:
        values: the exam's values by name, or an exam; null is absent.
        folder: where; made if it is not there. An exam that lies there is replaced.

    Raises:
        InputError: a value cannot be held by these files; naming it.
    """
    exam = values if isinstance(values, Exam) else OctExam(values)
    arrays: dict[str, np.ndarray] = {}
    lines = [line for name in exam.given if (line := _line(exam, name, arrays))]
    content = b"{\n" + b",\n".join(lines) + b"\n}\n"
    folder.mkdir(parents=True, exist_ok=True)
    text, beside = _files(folder)
    with TemporaryDirectory(dir=folder, prefix=".exam-") as name:
        new_text, new_beside = Path(name, "text"), Path(name, "arrays")
        _write(new_text, lambda file: file.write(content))
        _write(new_beside, lambda file: write_archive(file, arrays))
        text.unlink(missing_ok=True)  # killed in between, the folder has no text rather than that of other arrays
        if arrays:
            new_beside.replace(beside)
        else:
            beside.unlink(missing_ok=True)
        new_text.replace(text)


def _files(path: Path) -> tuple[Path, Path]:
    text = path / "exam.json" if path.is_dir() else path
    return text, text.with_suffix(".npz")


@contextmanager
def _telling_of(file: Path) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise ExamError(file, str(error)) from error


def _load(file: Path, value: Any) -> Any:
    with _telling_of(file):
        return load(value)


def _completed(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The tree without nulls, its segmentations found to be of a known form and told how many slices there are."""
    completed = {name: value for name, value in tree.items() if value is not None}
    for name, records in FORMS.items():
        given = completed.get(name)
        if not isinstance(given, dict):
            continue
        forms = [record.model_fields.keys() for record in records]
        if not any(form - {NUM_SLICES} <= given.keys() <= form for form in forms):
            known = "; or of ".join(", ".join(form) for form in forms)
            raise ValueError(f"{name!r} consists of {', '.join(given)}; it may consist of {known}")
        said, own = load(given.get(NUM_SLICES)), load(completed.get(NUM_SLICES))
        if None not in (said, own) and said != own:
            raise ValueError(f"'{name}/{NUM_SLICES}' is {said}, {NUM_SLICES!r} is {own}")
        if "offsets" in given and own is not None:
            completed[name] = {**given, NUM_SLICES: own}
    return completed


def _line(exam: Exam, name: str, arrays: dict[str, np.ndarray]) -> bytes:
    """A value as a line of JSON, empty if nothing of it is left; what lies beside it is put among the arrays."""
    if name in FORMS:
        segmentation = exam.value_as(OctExam.declared()[name], name)
        form = segmentation.form if isinstance(segmentation, LayerSegmentation) else segmentation.outlines
        for field, value in dict(form).items():
            arrays[f"{name}/{field}"] = np.array(value, dtype=str) if isinstance(value, tuple) else np.asarray(value)
        return b""
    value = exam.given[name]
    if isinstance(value, Exam):
        raise InputError(name, "is an exam; write it to a folder of its own, and here its path")
    try:
        rest = _split(plain(value, lists=False), (name,), arrays, of_json=name in exam.declared())
        return b"" if rest is None else b"  %b: %b" % (json_bytes(name), json_bytes(rest))
    except TypeError as error:
        raise InputError(name, f"cannot be written as JSON: {error}") from error


def _split(value: Any, path: tuple[str, ...], arrays: dict[str, np.ndarray], *, of_json: bool) -> Any:
    """A value as JSON; arrays go to `arrays` if they are large, or would come back as something else."""
    if isinstance(value, dict):
        parts = {key: _split(item, (*path, key), arrays, of_json=of_json) for key, item in value.items()}
        return {key: part for key, part in parts.items() if part is not None} or (None if value else {})
    if not isinstance(value, np.ndarray) or value.ndim == 0:
        return plain(value)
    if of_json and 0 < value.size <= LARGE and value.dtype in OF_JSON and np.isfinite(value).all():
        return plain(value)
    if value.dtype.kind not in NUMBERS_AND_TEXT:
        raise InputError(".".join(path), f"holds {value.dtype}, neither numbers nor text")
    if not all(part and FORBIDDEN.isdisjoint(part) for part in path):
        raise InputError(".".join(path), "is an array, whose names may not be empty nor have / or \\ or NUL")
    arrays["/".join(path)] = value
    return None


def _write(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    with path.open("wb") as file:
        fill(file)
        file.flush()
        os.fsync(file.fileno())
