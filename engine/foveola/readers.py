"""Ways in: a reader makes an exam of a path, a fetcher makes one value of an address.

Which reader is asked, the file itself decides; which fetcher, the type of the parameter that it fills.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from pathlib import Path
from typing import Any

from foveola.errors import ExamError, FoveolaError, PluginError, sentence
from foveola.exams import Exam
from foveola.operations import Operation, Parameter
from foveola.origins import STUMBLES, warn_of


@dataclass(frozen=True)
class Reader:
    """How one kind of file or folder is read.

    Attributes:
        name: what it is called.
        recognises: whether a path is of this kind; looks at no more than the first bytes.
        read: the named values of the exam, the large ones best as `LazyValues`; raises `ValueError` with a sentence
            where the file is damaged.
    """

    name: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path], Mapping[str, Any]]


@dataclass(frozen=True)
class Fetcher:
    """What may stand for a value at flat edges, and how the value is fetched by it.

    An operation stays pure: it takes `bscan_images`. Whoever calls it by flat names may give `input_bucket` and
    `input_location` in their place, since those are the parameters of the fetcher of that type.

    Attributes:
        kind: the type of the parameters that it fills.
        fetch: a typed function of the parameters that stand for them; gives what the type reads.
    """

    kind: type
    fetch: Callable[..., Any]

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """What stands for the value, by name."""
        return Operation(self.fetch.__name__, self.fetch).parameters


def guarded(reader: Reader, wrong: Callable[[str], PluginError]) -> Reader:
    """The same reader; what it raises beside what it may is told as its package's mistake.

    Args:
        reader: somebody's reader.
        wrong: makes the error that names the package.
    """

    def recognises(path: Path) -> bool:
        try:
            return bool(reader.recognises(path))
        except OSError:
            raise
        except STUMBLES as error:
            warn_of(wrong(f"fails to say whether it knows {path}: {sentence(error)}"))
            return False

    @wraps(reader.read)
    def read(path: Path) -> Mapping[str, Any]:
        try:
            values = reader.read(path)
        except (FoveolaError, ValueError, OSError):
            raise
        except STUMBLES as error:
            raise wrong(f"fails to read {path}: {sentence(error)}") from error
        if not isinstance(values, Mapping):
            raise wrong(f"reads {path} as {type(values).__name__}, not as named values")
        return values

    return replace(reader, recognises=recognises, read=read)


def read_exam(path: Path, readers: Iterable[Reader], exam_type: type[Exam]) -> Exam:
    """Read an exam with the first reader that recognises it.

    Args:
        path: a file or a folder.
        readers: who is asked, in this order.
        exam_type: the kind of exam that plugins declare.

    Returns:
        The exam, called after the path; paths of other exams that it names are followed.

    Raises:
        ExamError: there is no such file, no reader knows it, or it is damaged.
    """
    known = tuple(readers)
    try:
        if not path.exists():
            raise ExamError(path, "there is no such file or folder")
        for reader in known:
            if reader.recognises(path):
                return exam_type(
                    reader.read(path),
                    name=path.stem if path.is_file() else path.name,
                    beside=lambda said: read_exam(_beside(path, said), known, exam_type),
                )
    except OSError as error:
        raise ExamError(Path(error.filename or path), error.strerror or str(error)) from error
    except ValueError as error:
        raise ExamError(path, str(error)) from error
    names = ", ".join(reader.name for reader in known) or "none is installed"
    raise ExamError(path, f"no reader knows this kind of file (readers: {names})")


def _beside(exam: Path, said: str) -> Path:
    """The path of another exam that an exam names, relative to the folder in which its files lie.

    It may climb to the neighbours of that folder and no further: an exam from elsewhere shall not decide what is read.

    Raises:
        ExamError: it leads elsewhere.
    """
    folder = (exam if exam.is_dir() else exam.parent).resolve()
    try:
        path = (folder / said).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # too long, a circle of links, no path at all
        raise ExamError(exam, f"names the exam {said!r}: {error}") from error
    if not path.is_relative_to(folder.parent):
        raise ExamError(exam, f"names the exam {said!r}, which lies outside of {folder.parent}")
    return path
