"""KernelLab in a real JupyterLab: a recorded run is scrubbed, another is trained and stopped."""

import pytest
from browser_page import button, changes, curve, image

pytestmark = pytest.mark.browser


def tiles(page):
    """Size of the image of kernels as the browser decoded it, and the image itself."""
    script = "(el) => [el.naturalWidth, el.naturalHeight, el.src]"
    return page.locator("img.widget-image").first.evaluate(script)


@pytest.fixture(scope="module")
def page(notebook):
    page = notebook("03-cnn-mnist.ipynb", width=1200)
    page.wait_for_selector(".bqplot >> nth=2", state="attached", timeout=90_000)
    page.get_by_text("A recorded run: 120 steps").wait_for(timeout=60_000)
    return page


def test_the_slider_moves_all_pictures(page):
    assert page.locator(".bqplot").count() == 3
    assert tiles(page)[:2] == [338, 196], "the image is one that a browser understands"
    before = tiles(page), curve(page, 1), curve(page, 2)
    button(page, "Play").scroll_into_view_if_needed()
    button(page, "Play").click()
    changes(page, tiles, before=before[0])
    changes(page, curve, 1, before=before[1])
    button(page, "End").click()
    page.wait_for_selector("button:has-text('Play')")


def test_another_run_is_trained_and_stopped(page):
    page.get_by_text("kernels m").first.wait_for()
    box = page.locator("input[type=text]:visible").nth(1)
    box.fill("8")
    box.press("Enter")
    page.get_by_text("Not trained yet").wait_for(timeout=60_000)
    before = tiles(page)
    button(page, "Run").click()
    changes(page, tiles, before=before, timeout=60_000)
    button(page, "Stop").click()
    page.get_by_text("what was trained is kept").wait_for(timeout=60_000)
    button(page, "Reset").click()
    page.get_by_text("A recorded run: 120 steps").wait_for(timeout=60_000)
    assert image(page, 0).startswith("blob:") or image(page, 0).startswith("data:")
