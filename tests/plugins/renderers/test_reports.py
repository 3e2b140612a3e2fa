"""Whole reports of phantoms: everything drawn, nothing from elsewhere, small and quick."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from foveola import run
from foveola.registry import Registry
from foveola.running.files import write_result
from foveola.running.memo import StoreMemo
from foveola.running.store import Store
from foveola.surfaces.report.comparison import comparison_page
from foveola.surfaces.report.page import report_page
from foveola.surfaces.report.results import Reported
from foveola.surfaces.report.writing import write_reports
from foveola_oct import renderers
from foveola_oct.retina import OctExam
from foveola_oct.retina.phantoms import (
    HEALTHY,
    disc_phantom,
    glaucoma_phantom,
    macula_phantom,
    pathological_phantom,
    wide_phantom,
)

AXE = Path(__file__).parents[2] / "node" / "node_modules" / "axe-core" / "axe.min.js"
OUTSIDE = re.compile(r"""(?:src|href)\s*=\s*["'](?!#|data:)|url\((?!#|data:)|@import|<script|<link|<iframe""")
LEFT_EYE = replace(HEALTHY, laterality="L")

SMALL = {"num_slices": 25, "pixel_image_width": 128}

CASES = {
    "macula": (
        lambda: macula_phantom(images=False, **SMALL),
        ["Thickness of the layers", "ETDRS, whole retina", "GCC circle", "Glaucoma: normal"],
    ),
    "glaucoma": (
        lambda: glaucoma_phantom(images=False, pixel_image_width=256),
        ["Glaucoma: moderate", "Asymmetry, 6 by 6 mm", "Asymmetry, the whole exam", "Quadrants"],
    ),
    "pathology": (
        lambda: pathological_phantom(images=False),
        [
            "Lesions of 6 kinds",
            "Volumes of lesions by ETDRS field",
            "the fovea was not found",
            "<h2>En face areas</h2>",
        ],
    ),
    "amd": (lambda: pathological_phantom(images=False), ["Lesions of 3 kinds", "ADVANCED_AMD"]),
    "optic_nerve": (
        lambda: disc_phantom(LEFT_EYE, images=False),
        ["Left eye (OS)", "Optic disc, left eye: DDLS stage", "Nerve fibre layer round the disc, left eye"],
    ),
    "both_eyes": (
        lambda: {"right": disc_phantom(images=False), "left": disc_phantom(LEFT_EYE, images=False)},
        ["right eye", "left eye", "Nerve fibre layer of both eyes: 100% alike"],
    ),
    "vessel_map": (
        lambda: wide_phantom(num_slices=30, pixel_image_width=128, pixel_image_height=256),
        ["Vessel map", "12.0 by 9.0 mm"],
    ),
}


@pytest.fixture(scope="module")
def registry():
    """What is installed, and the renderers even where an older installation lacks their line."""
    found = Registry.installed()
    if not found.hooks.is_registered(renderers):
        found.hooks.register(renderers)
    return found


@pytest.fixture(scope="module")
def memo(tmp_path_factory):
    """A memo that all runs here share: it knows the code of operations, which takes a while to read."""
    return StoreMemo(Store(tmp_path_factory.mktemp("memo")))


@pytest.mark.parametrize("recipe", CASES)
def test_report_of_a_phantom(recipe, registry, memo):
    """Its pictures are there, no renderer failed, and it is within its bounds."""
    make, said = CASES[recipe]
    result = run(recipe, OctExam(make(), name="phantom"), memo=memo, registry=registry)
    reported = Reported.of(result)
    page = report_page(reported, registry)
    for words in said:
        assert words in page
    assert "no picture of" not in page
    assert not OUTSIDE.search(page)
    assert len(page) < 1_500_000


def test_report_of_a_file_has_its_pictures_without_a_memo(registry, memo, tmp_path):
    """What the outputs tell is enough for all but the maps, which no output holds."""
    result = run("macula", OctExam(macula_phantom(images=False), name="phantom"), memo=memo, registry=registry)
    page = report_page(Reported.read(write_result(result, tmp_path), registry), registry)
    for words in ("Right eye (OD)", "GCC circle, rnfl + gcl + ipl", "Glaucoma: normal", "S 96.7"):
        assert words in page
    assert "Thickness of the layers" not in page


def test_both_eyes_lie_over_one_another_in_the_report_of_a_file_too(registry, memo, tmp_path):
    """What a step was given by a recipe within stands among that recipe's outputs."""
    result = run("both_eyes", OctExam(CASES["both_eyes"][0](), name="phantoms"), memo=memo, registry=registry)
    page = report_page(Reported.read(write_result(result, tmp_path), registry), registry)
    assert "Nerve fibre layer of both eyes: 100% alike" in page
    for eye in ("right", "left"):
        assert f"Nerve fibre layer round the disc, {eye} eye" in page


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: npm ci --prefix tests/node")
def test_everybody_can_read_a_report(browser, registry, memo, tmp_path):
    """axe-core finds nothing wrong with pages about one exam, two eyes, a change and many exams."""
    for recipe in CASES:
        exam = OctExam(CASES[recipe][0](), name=recipe)
        write_result(run(recipe, exam, memo=memo, registry=registry), tmp_path)
    pages = write_reports([tmp_path], None, registry, None, with_pdf=False)
    before, after = (Reported.read(tmp_path / f"{name}.json", registry) for name in ("macula", "glaucoma"))
    (tmp_path / "change.html").write_text(comparison_page(before, after, registry), encoding="utf-8")
    wrong = {}
    for path in [*pages, tmp_path / "change.html"]:
        page = browser.new_page(bypass_csp=True)
        page.goto(path.as_uri())
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]  # the others in short
        wrong |= {f"{path.name}: {one['id']}": one["help"] for one in found}
        page.close()
    assert len(pages) == len(CASES) + 1
    assert not wrong
