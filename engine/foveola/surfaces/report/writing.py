"""Reports as files: one page for each result, and one for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from foveola.errors import ExamError, InputError
from foveola.registry import Registry
from foveola.running.files import write_atomically
from foveola.running.results import Result
from foveola.running.store import Store
from foveola.surfaces.report.cohort import cohort_page, read_failures
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
        ExamError: a file is no result, or a folder holds none.
        InputError: several results, and the target is a page.
    """
    files, are_many = list(result_files(words)), len(words) > 1 or words[0].is_dir()
    if are_many and target is not None and target.suffix == ".html":
        raise InputError("-o", f"takes a folder where there are several results; {target} is a page")
    pages: dict[Path, Reported] = {}
    failures = read_failures(file.parent for file in files) if are_many else []
    for file in files:
        folder = file.parent if target is None else target
        page = folder / f"{file.stem}.html" if are_many or target is None else target
        if page in pages:
            raise InputError("-o", f"{pages[page].path} and {file} would both become {page}")
        try:
            pages[page] = Reported.read(file, registry, store)
        except ExamError as error:
            if not are_many or len(files) == 1:
                raise
            failures.append({"exam": file.stem, "step": None, "message": error.message})
    if not pages:
        raise ExamError(files[0], "and the others are no result files either")
    written = []
    for page, reported in pages.items():
        page.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(page, report_page(reported, registry).encode())
        written.append(page)
    if are_many:
        folder = next(iter(pages)).parent if target is None else target
        write_atomically(folder / COHORT, cohort_page(pages, failures, folder).encode())
        written.append(folder / COHORT)
    if with_pdf:
        for page in list(written):
            print_pdf(page, page.with_suffix(".pdf"))
            written.append(page.with_suffix(".pdf"))
    return written


def result_files(words: Iterable[Path]) -> Iterable[Path]:
    """Result files, and those of folders.

    Raises:
        ExamError: there is no such file, or a folder holds none.
    """
    for word in words:
        if not word.is_dir():
            yield word
            continue
        found = sorted(word.glob("*.json"))
        if not found:
            raise ExamError(word, "holds no result file")
        yield from found
