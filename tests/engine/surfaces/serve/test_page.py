"""The page at /docs, in a browser that reaches nothing but the service."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from .conftest import TOKEN, Started

SCREENSHOT = os.environ.get("FOVEOLA_SCREENSHOT")

Start = Callable[..., AbstractContextManager[Started]]


def test_the_page_shows_and_tries_every_path_without_the_web(start: Start, browser: Any) -> None:
    """A token is asked for, paths are listed, an example is sent and answered; nothing else is fetched."""
    with start(FOVEOLA_TOKEN=TOKEN) as service:
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        fetched: list[str] = []
        wrong: list[str] = []
        page.on("request", lambda request: fetched.append(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{service.url}/docs")
        page.get_by_text("Give the token").wait_for()

        page.get_by_label("Token").fill(TOKEN)
        page.get_by_label("Token").press("Enter")
        page.get_by_role("table").first.wait_for()  # what there is, with a sentence for each
        page.get_by_role("navigation").get_by_role("link", name="/get_etdrs").click()
        page.get_by_role("heading", name="/get_etdrs", exact=True).wait_for()
        assert "layers_thickness_maps" in page.inner_text("table")
        page.get_by_role("button", name="Send").click()
        page.get_by_text("200 in").wait_for()
        assert '"mean": 100' in page.inner_text("pre")
        if SCREENSHOT:
            page.screenshot(path=SCREENSHOT)

        page.get_by_label("Filter").fill("exam_type")
        assert page.locator("nav a").all_inner_texts() == ["/get_exam_type"]
        page.get_by_role("navigation").get_by_role("link", name="/get_exam_type").click()
        for place in range(2):  # by query, then by body
            page.get_by_role("button", name="Send").nth(place).click()
            page.locator("section").nth(place).get_by_text("200 in").wait_for()
            assert '"status": "is_macula_scan"' in page.locator("section pre").nth(place).inner_text()

        page.get_by_label("Filter").fill("vessel_map")
        page.get_by_role("navigation").get_by_role("link", name="/get_vessel_map", exact=True).click()
        page.get_by_role("button", name="Send").first.click()
        page.get_by_role("img", name="vessel_map").wait_for()
        assert page.get_by_role("img").evaluate("one => one.naturalWidth") == 9
        assert {url.split("/")[2] for url in fetched if not url.startswith("data:")} == {service.url.split("/")[2]}
        assert wrong == []


def test_the_page_allows_no_source_but_itself(start: Start) -> None:
    """By its policy: no other script, no other server, no frame round it."""
    import httpx2 as httpx  # noqa: PLC0415  only here

    with start() as service:
        answer = httpx.get(f"{service.url}/docs")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'sha256-" in policy
        assert "unsafe" not in policy
        assert "http" not in answer.text.replace("http-equiv", "")
