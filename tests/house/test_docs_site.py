"""The site is built without a warning, its links lead somewhere, and it needs nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

pytest.importorskip("sphinx", reason="the extra `docs` is not installed: pip install 'foveola[docs]'")

ROOT = Path(__file__).parents[2]
CITED = {"127.0.0.1:8000", "distributed.dask.org", "github.com", "pradyunsg.me", "www.sphinx-doc.org"}
"""Where links may lead abroad: to the service of the reader's own machine, to Dask, and to the makers of the theme."""


class Read(HTMLParser):
    """What a page of HTML refers to, and what in it can be referred to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note ids, links, and what a browser loads by itself."""
        said = dict(attrs)
        self.anchors |= {said["id"]} if said.get("id") else set()
        if tag == "a" and said.get("href"):
            self.links.append(said["href"])
        self.loaded += [
            value
            for name in ("src", "href")
            if tag in {"img", "script", "link", "iframe"} and (value := said.get(name))
        ]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as it is built: what could be better is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs/website", "docs", str(folder)]
    environment = {**os.environ, "FOVEOLA_MEMO": str(tmp_path_factory.mktemp("memo"))}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=900)
    assert ended.returncode == 0, ended.stderr
    return folder


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, Read]:
    """Every page of it."""
    return {path: Read(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


def test_every_page_of_the_documentation_is_in_the_site(pages: dict[Path, Read], site: Path) -> None:
    """None is left out."""
    docs = ROOT / "docs"
    assert {path.relative_to(docs).with_suffix(".html") for path in docs.rglob("*.md")} <= {
        path.relative_to(site) for path in pages
    }


def test_every_link_leads_somewhere(pages: dict[Path, Read]) -> None:
    """To a file that is there and, where a place in it is named, to that place; abroad only where we meant to."""
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.netloc:
                broken += [(path.name, link)] if parts.netloc not in CITED else []
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchors = pages[target].anchors if target in pages else set()
            if not target.is_file() or (parts.fragment and target in pages and parts.fragment not in anchors):
                broken.append((path.name, link))
    assert broken == []


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, Read], site: Path) -> None:
    """Every picture, script and style is a file of the site; styles load none from abroad."""
    for path, page in pages.items():
        for loaded in page.loaded:
            assert not urlsplit(loaded).netloc, (path.name, loaded)
            assert loaded.startswith("data:") or (path.parent / unquote(urlsplit(loaded).path)).exists(), loaded
    for path in site.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", path.read_text(encoding="utf-8")), path


def test_the_figures_are_drawn(site: Path) -> None:
    """Operations that reports draw show it; no figure is empty."""
    drawn = [path.read_text(encoding="utf-8") for path in (site / "_images").glob("*.svg")]
    assert len(drawn) > 25
    assert all(text.startswith("<svg") and "<title>" in text for text in drawn if 'viewBox="0 0 64 64"' not in text)
    assert "As reports draw it" in (site / "reference/operations/get_etdrs.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [1400, 390], ids=["wide", "narrow"])
def test_pages_fit_a_window_and_fetch_nothing_from_abroad(width: int, site: Path, browser: Any) -> None:
    """Opened as files, without a server: all pictures are there, nothing runs over, nothing raises, search finds."""
    for name in (
        "index",
        "tutorial/first_recipe",
        "reference/operations/get_etdrs",
        "explanation/choices",
        "reference/errors",
    ):
        page = browser.new_page(viewport={"width": width, "height": 1000})
        fetched: list[str] = []
        wrong: list[str] = []
        page.on("request", lambda request, to=fetched: to.append(request.url))
        page.on("pageerror", lambda error, to=wrong: to.append(str(error)))
        page.goto((site / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, name
        assert page.evaluate("[...document.images].filter(one => !one.naturalWidth).map(one => one.src)") == []
        assert [url for url in fetched if not url.startswith(("file:", "data:"))] == []
        assert wrong == []
        page.close()
    page = browser.new_page()
    page.goto((site / "search.html").as_uri() + "?q=get_etdrs")
    page.get_by_role("link", name="get_etdrs", exact=True).first.wait_for()
