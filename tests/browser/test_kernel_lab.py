"""KernelLab in a real browser: a recorded run is replayed, another is trained and stopped."""

import pytest
from browser_page import (
    button,
    changes,
    clipped,
    curve,
    enter,
    entry,
    fold,
    image,
    overlapping,
    ran,
    resized,
    says,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # with `make test-all`

CODE = "from condensekit.labs import KernelLab\nlab = KernelLab()\nlab"
COSINES, LEARNING, HISTORY = range(3)


@pytest.fixture(scope="module")
def page(notebook, server):
    server.write("kernels.ipynb", CODE)
    page = notebook("kernels.ipynb", width=1200)
    ran(page, pictures=3)
    return page


@pytest.fixture
def lab(page):
    """The lab as it was opened."""
    page.set_viewport_size({"width": 1200, "height": 900})
    button(page, "Reset").click()
    says(page, "A recorded run: 120 steps")
    return page


def tiles(page):
    """The image of kernels: its size as the browser decoded it, and where it is from."""
    script = "(el) => [el.naturalWidth, el.naturalHeight, el.src]"
    return page.locator("img.widget-image").last.evaluate(script)


@pytest.mark.slow
def test_play_moves_all_pictures(lab):
    page = lab
    assert tiles(page)[:2] == [338, 196], "the image is one that a browser understands"
    before = tiles(page), image(page, COSINES), curve(page, LEARNING), curve(page, HISTORY)
    button(page, "Play").click()
    changes(page, tiles, before=before[0])
    changes(page, image, COSINES, before=before[1])
    changes(page, curve, LEARNING, before=before[2])
    changes(page, curve, HISTORY, before=before[3])
    button(page, "End").click()
    button(page, "Play").wait_for()


def test_the_preset_opens_the_growing_blocks(lab):
    page = lab
    button(page, "Blocks grow").click()
    says(page, "A recorded run: 640 steps")
    assert entry(page, "pooling").input_value() == "6"


def test_another_run_is_trained_and_stopped(lab):
    page = lab
    entry(page, "kernels m").fill("6")
    entry(page, "kernels m").press("Enter")
    fold(page, "More settings").click()
    enter(page, "steps", "20000")  # more than can be over before Stop is pressed
    fold(page, "More settings").click()
    says(page, "Not trained yet")
    before = tiles(page)
    button(page, "Run").click()
    changes(page, tiles, before=before, timeout=60_000)
    button(page, "Stop").click()
    says(page, "what was trained is kept")
    entry(page, "kernel size s").fill("40")
    entry(page, "kernel size s").press("Enter")
    says(page, "kernel size s must be a whole number from 1 to 28")


@pytest.mark.parametrize("width", [1200, 800])
def test_nothing_is_cut_off_or_covered(lab, width):
    page = lab
    resized(page, width)
    assert overlapping(page, 3) == []
    assert clipped(page) == []
