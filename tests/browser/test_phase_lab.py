"""PhaseLab in a real browser: what only a browser can show."""

import pytest

pytestmark = pytest.mark.browser

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


def test_cells_are_white_until_they_are_trained(page):
    assert len(set(colours(page))) == 1
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("All 6 runs are trained").wait_for(timeout=60_000)
    page.wait_for_function(
        "white => [...document.querySelectorAll('.heatmapcell')]"
        ".every(cell => (cell.style.fill || cell.getAttribute('fill')) !== white)",
        arg="rgb(255, 255, 255)",
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


def test_the_chosen_cell_can_be_moved_by_keys(page):
    handle = page.locator(".widget-hslider", has_text="samples n").locator(".noUi-handle")
    handle.focus()
    page.keyboard.press("ArrowLeft")
    page.get_by_text("Cell samples n = 6, variance σ² = 0.09").wait_for()
