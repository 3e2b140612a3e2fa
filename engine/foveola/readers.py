"""A reader makes an exam of a path. Which one is asked, the file itself decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foveola.errors import ExamError, FoveolaError
from foveola.exams import Exam


@dataclass(frozen=True)
class Reader:
    """How one kind of file or folder is read.

    Attributes:
        name: what it is called.
        recognises: whether a path is of this kind; looks at no more than the first bytes.
        read: the named values of the exam; raises `ValueError` with a sentence where the file is damaged.
    """

    name: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path], Mapping[str, Any]]


def read_exam(path: Path, readers: Iterable[Reader], exam_type: type[Exam]) -> Exam:
    """Read an exam with the first reader that recognises it.

    Raises:
        ExamError: there is no such file, no reader knows it, or it is damaged.
    """
    if not path.exists():
        raise ExamError(path, "there is no such file or folder")
    known = list(readers)
    for reader in known:
        if reader.recognises(path):
            try:
                return exam_type(reader.read(path), name=path.stem if path.is_file() else path.name)
            except FoveolaError:
                raise
            except (ValueError, OSError) as error:
                raise ExamError(path, str(error)) from error
    names = ", ".join(reader.name for reader in known) or "none is installed"
    raise ExamError(path, f"no reader knows this kind of file (readers: {names})")
