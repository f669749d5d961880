"""AttentionLab in a real JupyterLab: two tasks, another matrix, a run that is stopped."""

import pytest
from browser_page import (
    button,
    changes,
    clipped,
    curve,
    end,
    entry,
    image,
    moment,
    ran,
    resized,
    says,
)

pytestmark = pytest.mark.browser

# The pictures, in which each task shows its own curves.
PAIR, RANKS, COSINES, ANSWERS = 0, 1, 2, 4


@pytest.fixture(scope="module")
def page(notebook):
    page = notebook("04-transformer.ipynb", width=1200, height=1000)
    ran(page, pictures=5)
    button(page, "Run").scroll_into_view_if_needed()
    return page


def choose(page, label, option):
    """Choose in a list by its label."""
    row = page.locator(".widget-dropdown", has_text=label).first
    row.locator("select").select_option(label=option)


def seen(page):
    """Boxes of the pictures on screen."""
    pictures = page.locator(".bqplot")
    found = [pictures.nth(i).bounding_box() for i in range(pictures.count())]
    return [box for box in found if box]


@pytest.mark.slow
def test_a_student_sees_heads_become_one_and_trains_some_of_her_own(page):
    assert page.locator(".jp-OutputArea-output[data-mime-type*=error]").count() == 0
    says(page, "7 of 8 active")
    assert moment(page) == end(page) > 100
    before = image(page, PAIR), curve(page, COSINES)
    choose(page, "stored run", "heads, σ = 1")
    changes(page, image, PAIR, before=before[0])
    says(page, "mean |cos| 0.41")
    entry(page, "samples n").fill("12")
    entry(page, "samples n").press("Enter")
    says(page, "Not trained yet")
    button(page, "Run").click()
    changes(page, curve, RANKS)
    changes(page, curve, ANSWERS)
    button(page, "Stop").click()
    says(page, "Stopped at step")


@pytest.mark.slow
def test_the_anchor_functions_have_their_own_pictures_and_nothing_overlaps(page):
    choose(page, "task", "anchor functions")
    says(page, "(4, 3) inferential")
    says(page, "condenses with AdamW and not with SGD")
    before = image(page, PAIR)
    choose(page, "matrix", "FFN in 1")
    changes(page, image, PAIR, before=before)
    for width in (1200, 800):
        resized(page, width, 1000)
        boxes = seen(page)
        assert len(boxes) == 5
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
        for i, one in enumerate(boxes):
            for other in boxes[:i]:
                aside = (
                    one["x"] >= other["x"] + other["width"] - 1
                    or other["x"] >= one["x"] + one["width"] - 1
                )
                above = (
                    one["y"] >= other["y"] + other["height"] - 1
                    or other["y"] >= one["y"] + one["height"] - 1
                )
                assert aside or above
        assert clipped(page) == []
    page.set_viewport_size({"width": 1200, "height": 1000})
    button(page, "Reset").click()
    says(page, "7 of 8 active")
