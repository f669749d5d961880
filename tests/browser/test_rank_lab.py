"""RankLab in a real JupyterLab."""

import pytest

pytestmark = pytest.mark.browser

CODE = "from condensekit.labs import RankLab\nlab = RankLab()\nlab"


@pytest.fixture(scope="module")
def page(notebook, server):
    """The lab as it opens."""
    server.write("rank.ipynb", CODE)
    page = notebook("rank.ipynb", width=1200)
    page.wait_for_selector(".bqplot >> nth=1", state="attached", timeout=120_000)
    page.wait_for_function(
        """() => [...document.querySelectorAll('.jp-InputPrompt')]
            .every((p) => !/\\[[ *]\\]/.test(p.innerText))""",
        timeout=240_000,
    )
    assert page.locator(".jp-OutputArea-output[data-mime-type*=error]").count() == 0
    page.get_by_role("button", name="Reset", exact=True).scroll_into_view_if_needed()
    return page


def says(page, text):
    """Wait until the page says so."""
    page.wait_for_function("(text) => document.body.innerText.includes(text)", arg=text)


def entry(page, label):
    """The text box of a control."""
    row = page.locator(".widget-hbox", has=page.get_by_text(label, exact=True)).last
    return row.locator(".widget-text input")


def clipped(page):
    """Texts of the lab that are wider than the place they have."""
    return page.evaluate(
        """() => [...document.querySelectorAll('.widget-html-content')]
        .filter((el) => el.scrollWidth > el.clientWidth + 1).map((el) => el.innerText)"""
    )


def test_the_lab_opens_on_nine_of_ninety_parameters(page):
    says(page, "3 neurons in 1 dimension: k (d + 2) = 3 · 3 = 9")
    says(page, "9 of 90 parameters, the number of the theorem.")
    assert clipped(page) == []


def test_another_embedding_has_another_rank(page):
    page.get_by_label("embedding", exact=True).select_option("silent")
    says(page, "36 of 90 parameters, 27 more than the theorem's number.")
    page.get_by_label("embedding", exact=True).select_option("split")
    says(page, "9 of 90 parameters, the number of the theorem.")


def test_dragging_the_handle_moves_the_tolerance(page):
    before = entry(page, "tolerance").input_value()
    # The handle is the last mark of the first picture.
    handle = page.locator(".bqplot").first.locator(".object_grp").last
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 60, steps=6)
    page.mouse.up()
    page.wait_for_function(
        """(before) => [...document.querySelectorAll('.widget-text input')]
        .every((el) => el.value !== before)""",
        arg=before,
    )
    assert float(entry(page, "tolerance").input_value()) > 1e3 * float(before)


def test_a_tiny_perturbation_parts_the_ranks(page):
    entry(page, "tolerance").fill("1e-10")
    entry(page, "tolerance").press("Enter")
    entry(page, "perturbation ε").fill("1e-13")
    entry(page, "perturbation ε").press("Enter")
    says(page, "90 of 90 parameters, 81 more than the theorem's number.")
    says(page, "which does not agree")
    assert clipped(page) == []


def test_a_bad_entry_is_answered(page):
    entry(page, "width m").fill("2")
    entry(page, "width m").press("Enter")
    says(page, "The width m must be at least the k = 3 neurons, but is 2.")
    page.get_by_role("button", name="Reset", exact=True).click()
    says(page, "9 of 90 parameters, the number of the theorem.")


def test_the_derivation_is_written_down(page):
    page.get_by_text("Derivation, by SymPy").click()
    says(page, "In the finite field: 9.")
    page.locator("mjx-container").first.wait_for()
