"""PhaseLab in a real browser: what only a browser can show."""

import pytest
from browser_page import clipped, overlapping, resized

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # with `make test-all`

CODE = """
import condensekit as ck
from condensekit.labs import PhaseLab
from condensekit.sweeps import Grid
base = ck.Experiment(ck.TwoLayer(1, 10), ck.three_tanh(2), ck.GradientFlow(max_steps=40))
lab = PhaseLab(Grid.of(base, {"n_samples": [3, 6, 9], "init_std": [1e-3, 0.3], "seed": [0]}))
lab
"""


@pytest.fixture(scope="module")
def page(notebook, server):
    server.write("phase.ipynb", CODE)
    page = notebook("phase.ipynb")
    page.locator(".heatmapcell").nth(5).wait_for(timeout=60_000)
    return page


def colours(page):
    script = "cells => cells.map(cell => cell.style.fill || cell.getAttribute('fill'))"
    return page.locator(".heatmapcell").evaluate_all(script)


@pytest.mark.slow
def test_cells_have_no_colour_until_they_are_trained(page):
    (blank,) = set(colours(page))
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("All 6 runs are trained").wait_for(timeout=60_000)
    page.wait_for_function(
        "blank => [...document.querySelectorAll('.heatmapcell')]"
        ".every(cell => (cell.style.fill || cell.getAttribute('fill')) !== blank)",
        arg=blank,
    )
    assert len(set(colours(page))) > 2


def test_a_click_on_a_cell_opens_its_run(page):
    box = page.locator(".bqplot").first.bounding_box()
    cells = page.locator(".heatmapcell")
    boxes = [cells.nth(k).bounding_box() for k in range(6)]
    last = max(boxes, key=lambda cell: (cell["x"], -cell["y"]))  # right, and up
    assert last["x"] + last["width"] <= box["x"] + box["width"]
    page.mouse.click(last["x"] + last["width"] / 2, last["y"] + last["height"] / 2)
    page.get_by_text("Open: samples n = 9, variance σ² = 0.09").wait_for(timeout=60_000)
    page.get_by_text("9 samples · test error").wait_for()


def test_map_and_fit_stand_beside_the_controls(page):
    resized(page, 1200)
    boxes = [page.locator(".bqplot").nth(k).bounding_box() for k in range(2)]
    controls = page.locator(".condensekit-left").bounding_box()
    assert controls["x"] + controls["width"] <= boxes[0]["x"]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"] + 1
    for width in (1200, 800):
        page.set_viewport_size({"width": width, "height": 900})
        assert overlapping(page, 2) == []
        assert clipped(page) == []


def test_a_click_on_a_mark_opens_the_cell_below(page):
    """The square around the chosen cell lies above it."""
    resized(page, 1280)
    square = page.locator(".bqplot").first.locator(".object_grp .element").last
    box = square.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 2)
    page.get_by_text("Open: samples n = 9, variance σ² = 0.09").wait_for(timeout=60_000)


def test_the_chosen_cell_can_be_moved_by_keys(page):
    # Of the cell that is chosen now; another target has other cells and makes the sliders anew.
    page.get_by_text("Cell samples n = 9, variance σ² = 0.09").wait_for()
    handle = page.locator(".widget-hslider", has_text="samples n").locator(".noUi-handle")
    handle.focus()
    page.keyboard.press("ArrowLeft")
    page.get_by_text("Cell samples n = 6, variance σ² = 0.09").wait_for()


def test_the_published_numbers_are_diamonds_with_their_citation(page):
    page.get_by_label("target", exact=True).select_option("tanh of five inputs")
    page.get_by_text("reached in the paper, arXiv:2307.08921, Figure 4").wait_for()
    page.wait_for_function("document.querySelectorAll('.heatmapcell').length == 30")
    purple = page.locator(".bqplot").first.locator(".object_grp path[style*='CC79A7']")
    assert purple.count() == 3
    page.get_by_label("target", exact=True).select_option("as given")
    page.wait_for_function("document.querySelectorAll('.heatmapcell').length == 6")


def test_a_single_column_is_drawn_and_reset_brings_the_map_back(page):
    entry = page.get_by_label("samples n", exact=True).first
    entry.fill("3")
    entry.press("Enter")
    page.get_by_text("The controls describe another map").wait_for()
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("All 2 runs are trained").wait_for(timeout=60_000)
    page.wait_for_function("document.querySelectorAll('.heatmapcell').length == 4")
    frame = page.locator(".bqplot").first.bounding_box()
    boxes = [page.locator(".heatmapcell").nth(k).bounding_box() for k in range(4)]
    seen = [box for box in boxes if box["width"] > 2.0]
    assert len(seen) == 2, "the blank cells beside it are too narrow to be seen"
    assert all(box["x"] + box["width"] <= frame["x"] + frame["width"] for box in seen)
    page.get_by_role("button", name="Reset", exact=True).click()
    page.wait_for_function("document.querySelectorAll('.heatmapcell').length == 6")
