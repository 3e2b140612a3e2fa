"""Reports as files: one page for each result, and one for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from foveola.errors import InputError
from foveola.registry import Registry
from foveola.running.files import write_atomically
from foveola.running.results import Result
from foveola.running.store import Store
from foveola.surfaces.report.cohort import Cohort, read_failures
from foveola.surfaces.report.page import report_page
from foveola.surfaces.report.pdf import print_pdf
from foveola.surfaces.report.results import Reported

COHORT = "index.html"


def write_report(result: Result, path: Path, registry: Registry) -> Path:
    """Write the report of a run that has just ended, all of its intermediates with it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, report_page(Reported.of(result), registry).encode())
    return path


def write_reports(
    words: Sequence[Path], target: Path | None, registry: Registry, store: Store | None, *, with_pdf: bool
) -> list[Path]:
    """Write the report of each result file, and of several a page about all of them.

    Args:
        words: result files, and folders of them.
        target: of one result the page; of several the folder; None: beside the results.
        registry: what recipes are planned with, and who draws.
        store: what may remember intermediates.
        with_pdf: whether each page is printed too.

    Returns:
        What was written; the page about all of them last.

    Raises:
        InputError: no file is a result, a folder holds none, or several results are to become one page.
    """
    files, are_many = list(result_files(words)), len(words) > 1 or words[0].is_dir()
    if are_many and target is not None and target.suffix == ".html":
        raise InputError("-o", f"takes a folder where there are several results; {target} is a page")
    pages = _places(files, target, are_many=are_many)
    cohort = Cohort(next(iter(pages)).parent)
    failures = read_failures(file.parent for file in files) if are_many else []
    written = []
    for page, file in pages.items():
        try:
            reported = Reported.read(file, registry, store)
        except InputError as error:
            if len(files) == 1:
                raise
            failures.append({"exam": file.stem, "step": None, "message": error.message})
            continue
        page.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(page, report_page(reported, registry).encode())
        written.append(page)
        cohort.add(reported, page)
    if not written:
        raise InputError(str(files[0]), "is no result file, nor are the others")
    if are_many:
        written.append(next(iter(pages)).parent / COHORT)
        write_atomically(written[-1], cohort.page(failures).encode())
    return [*written, *(_printed(page) for page in written if with_pdf)]


def _places(files: Iterable[Path], target: Path | None, *, are_many: bool) -> dict[Path, Path]:
    """Each page, and the result file that it is about.

    Raises:
        InputError: two would be the same page.
    """
    pages: dict[Path, Path] = {}
    for file in files:
        folder = file.parent if target is None else target
        page = folder / f"{file.stem}.html" if are_many or target is None else target
        if page in pages:
            raise InputError("-o", f"{pages[page]} and {file} would both become {page}")
        pages[page] = file
    return pages


def _printed(page: Path) -> Path:
    print_pdf(page, page.with_suffix(".pdf"))
    return page.with_suffix(".pdf")


def result_files(words: Iterable[Path]) -> Iterator[Path]:
    """Result files, and those of folders.

    Raises:
        InputError: a folder holds none.
    """
    for word in words:
        if not word.is_dir():
            yield word
            continue
        found = sorted(word.glob("*.json"))
        if not found:
            raise InputError(str(word), "holds no result file")
        yield from found
