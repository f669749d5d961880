"""FactorizationLab in a real browser: entries are clicked, and the pictures follow."""

import pytest
from browser_page import (
    button,
    changes,
    clipped,
    curve,
    end,
    entry,
    moment,
    overlapping,
    ran,
    says,
    status,
    timeline,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # with `make test-all`

CODE = "from condensekit.labs import FactorizationLab\nlab = FactorizationLab()\nlab"
SINGULAR, LOSS = range(2)
PRODUCT, ERROR = range(2)


@pytest.fixture(scope="module")
def page(notebook, server):
    server.write("factorization.ipynb", CODE)
    page = notebook("factorization.ipynb", width=1200)
    ran(page, pictures=2)
    return page


@pytest.fixture
def lab(page):
    """The lab as it was opened."""
    page.set_viewport_size({"width": 1200, "height": 900})
    button(page, "Reset").click()
    says(page, "Play it, or turn a control")
    return page


def matrix(page, which):
    """Numbers, frames and colours of a matrix."""
    script = "cells => cells.map((c) => c.innerText + c.style.border + c.style.background)"
    return page.locator(".widget-html-content table").nth(which).locator("td").evaluate_all(script)


def only_unseen_entries_are_wrong(page):
    wrong = [cell for cell in matrix(page, ERROR) if not cell.startswith(("≈ 0", "0"))]
    return bool(wrong) and all("dashed" in cell for cell in wrong)


def entries(page):
    """The buttons of the target, row by row."""
    return page.locator(".widget-gridbox button")


def test_a_student_hides_an_entry_runs_stops_and_plays(lab):
    page = lab
    says(page, "Allowed by theory")
    assert moment(page) == end(page) > 50
    assert [len(matrix(page, which)) for which in (PRODUCT, ERROR)] == [16, 16]

    # One entry less: one frame less in both matrices, and theory does not allow it to first order.
    framed = sum("solid" in cell for cell in matrix(page, PRODUCT))
    before = [matrix(page, which) for which in (PRODUCT, ERROR)]
    entries(page).nth(0).click()
    says(page, "Not trained yet")
    for which in (PRODUCT, ERROR):
        changes(page, matrix, which, before=before[which])
        assert sum("solid" in cell for cell in matrix(page, which)) == framed - 1 == 11
    assert entry(page, "entries seen n").input_value() == "11"
    says(page, "Not allowed to first order")

    # The run is followed within a second, and then replayed: all four pictures move; Stop holds.
    button(page, "Run").click()
    says(page, "Converged at")
    for look, which in ((matrix, PRODUCT), (matrix, ERROR), (curve, SINGULAR), (curve, LOSS)):
        changes(page, look, which)
    button(page, "Stop").click()
    button(page, "Play").wait_for()
    held = moment(page)
    page.wait_for_timeout(300)
    assert 0 < moment(page) == held < end(page)

    # Play goes on from there, End ends it: what was seen is right, what was not is wrong.
    product = matrix(page, PRODUCT)
    button(page, "Play").click()
    changes(page, matrix, PRODUCT, before=product)
    button(page, "End").click()
    button(page, "Play").wait_for()
    timeline(page).focus()
    page.keyboard.press("End")
    changes(page, only_unseen_entries_are_wrong, before=False)
    says(page, "Not reached by training")
    assert moment(page) == end(page)


def test_the_last_entry_stays(lab):
    page = lab
    entry(page, "entries seen n").fill("1")
    entry(page, "entries seen n").press("Enter")
    says(page, "Not trained yet")
    entries(page).nth(0).click()
    says(page, "At least one entry must be seen")
    assert status(page).startswith("✖")


@pytest.mark.parametrize("width", [1200, 800])
def test_nothing_overlaps_or_is_cut_off(lab, width):
    page = lab
    page.set_viewport_size({"width": width, "height": 900})
    assert overlapping(page, 2) == []
    assert clipped(page) == []
    tables = page.locator(".widget-html-content table")
    boxes = [tables.nth(which).bounding_box() for which in (PRODUCT, ERROR)]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
