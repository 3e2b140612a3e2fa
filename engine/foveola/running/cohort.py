"""Which exams: those that paths, folders and patterns name, each under the name that its result will bear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path

from foveola.errors import ExamError, InputError
from foveola.readers import Reader
from foveola.running.files import is_result

ERRORS = "errors.jsonl"
"""What went wrong; by this file a folder of results is known."""


@dataclass(frozen=True)
class Source:
    """An exam that is to be run: its name in results, and where it lies."""

    name: str
    path: Path


def find_exams(words: Iterable[str], readers: Iterable[Reader], results: Path | None = None) -> list[Source]:
    """The exams that paths, folders and patterns name, each once, by name.

    An exam is named by its path below the folder that was given, without its ending, `/` written `__`. What is hidden
    is found only by a pattern that says its dot, and result files are not found. Links are followed, but not round in
    circles.

    Args:
        words: paths, folders and patterns.
        readers: who knows what is an exam.
        results: the folder where results go, which is not searched.

    Raises:
        ExamError: a path leads nowhere, holds no exam, or two exams would have one name.
        InputError: results would come to lie among the exams.
    """
    search = _Search(tuple(readers), None if results is None else results.resolve())
    found: dict[str, Source] = {}
    for word in words:
        for source in search.exams_of(word):
            search.refuse_mixing(source.path)
            other = found.setdefault(source.name, source)
            if other.path.resolve() != source.path.resolve():
                way_out = "rename one" if other.path.parent == source.path.parent else "give the folder above both"
                raise ExamError(source.path, f"has the name {source.name!r} of {other.path}; {way_out}")
    return sorted(found.values(), key=lambda source: source.name)


def is_one_exam(word: str, readers: Iterable[Reader]) -> bool:
    """Whether a word names one exam (be it there or not), rather than a folder of them or a pattern."""
    path = Path(word)
    if path.is_dir():
        return any(reader.recognises(path) for reader in readers)
    return path.is_file() or not has_magic(word)


@dataclass(frozen=True)
class _Search:
    """A search for exams.

    Attributes:
        readers: who knows what is an exam.
        results: what is not searched.
    """

    readers: tuple[Reader, ...]
    results: Path | None

    def exams_of(self, word: str) -> list[Source]:
        path = Path(word)
        try:
            if path.exists() and is_one_exam(word, self.readers):
                return [Source(path.stem if path.is_file() else path.resolve().name, path)]
            found = list(self._below(path, path) if path.is_dir() else self._matches(path))
        except OSError as error:
            raise ExamError(error.filename or word, f"cannot be searched: {error.strerror or error}") from None
        except (ValueError, NotImplementedError) as error:
            raise ExamError(word, f"is no pattern: {error}") from None
        if not found:
            is_there = path.exists() or has_magic(word)
            raise ExamError(
                word, "holds no exam that a reader knows" if is_there else "there is no such file or folder"
            )
        return found

    def _matches(self, pattern: Path) -> Iterator[Source]:
        """The exams that a pattern matches, and those in the folders that it matches."""
        if not has_magic(str(pattern)):
            return
        root = Path(*_plain_parts(pattern))
        below = pattern.relative_to(root)
        says_dot = any(part.startswith(".") for part in below.parts)
        self.refuse_mixing(root / "*")
        exams: set[Path] = set()
        for match in sorted(root.glob(str(below))):
            parts = match.relative_to(root).parts
            if (any(part.startswith(".") for part in parts) and not says_dot) or self._is_result(match, root):
                continue
            if not exams.isdisjoint(match.parents):  # a file of an exam, which is a folder
                continue
            if self._is_exam(match):
                exams.add(match)
                yield Source(_name_below(match, root), match)
            elif match.is_dir():
                yield from self._below(match, root)

    def _below(self, folder: Path, root: Path, above: frozenset[Path] = frozenset()) -> Iterator[Source]:
        """Every exam in a folder, whose own files are not looked at one by one."""
        self.refuse_mixing(folder / "*")
        above |= {folder.resolve()}
        for path in sorted(folder.iterdir()):
            if path.name.startswith("."):
                continue
            if self._is_exam(path):
                yield Source(_name_below(path, root), path)
            elif path.is_dir() and path.resolve() not in above and not self._is_results(path):
                yield from self._below(path, root, above)

    def refuse_mixing(self, exam: Path) -> None:
        """Refuse results beside an exam or within it: they would be taken for exams, or take the place of one.

        Raises:
            InputError: they would come to lie there.
        """
        if self.results is None:
            return
        place = exam.resolve()
        if self.results == place.parent or self.results.is_relative_to(place):
            raise InputError("-o", f"{self.results} holds exams; results need a folder of their own")

    def _is_exam(self, path: Path) -> bool:
        """Whether a path that was found is an exam; what came of one is none, though readers may know its kind."""
        try:
            return any(reader.recognises(path) for reader in self.readers) and not is_result(path)
        except OSError:  # whoever runs it will be told
            return path.is_file()

    def _is_result(self, match: Path, root: Path) -> bool:
        """Whether a match lies in the folder of results, which lies below the pattern's root."""
        return any(self._is_results(path) for path in (match, *match.parents) if path.is_relative_to(root))

    def _is_results(self, path: Path) -> bool:
        """Whether a folder is the one of results, and so need not be searched.

        Raises:
            InputError: it is, but holds something else.
        """
        if path.resolve() != self.results:
            return False
        if not (path / ERRORS).exists() and any(path.iterdir()):
            raise InputError("-o", f"{path} lies among the exams and holds files that are no results")
        return True


def _plain_parts(path: Path) -> Iterator[str]:
    """The parts of a pattern before the first that is one."""
    for part in path.parts:
        if has_magic(part):
            return
        yield part


def _name_below(path: Path, root: Path) -> str:
    below = path.relative_to(root)
    return "__".join((below if path.is_dir() else below.with_suffix("")).parts)
