"""What every lab does in a notebook: keys, folds, marks, and what a notebook without a kernel says.

All labs are built alike; FactorizationLab is the fastest.
"""

import pytest
from browser_page import (
    button,
    changes,
    end,
    fold,
    moment,
    opened_fold,
    ran,
    row,
    run_through,
    says,
    status,
    timeline,
)
from browser_server import READY, TOKEN
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CODE = "from condensekit.labs import FactorizationLab\nlab = FactorizationLab()\nlab"
ABSENT = "FactorizationLab is not running here."


@pytest.fixture(scope="module")
def page(notebook, server):
    """A notebook with the lab, in a window that is not high: folds lie below it."""
    server.write("any.ipynb", CODE)
    page = notebook("any.ipynb", width=768, height=1024)
    ran(page, pictures=2)
    return page


@pytest.fixture
def lab(page):
    """The lab as it was opened."""
    button(page, "Reset").click()
    says(page, "Play it, or turn a control")
    return page


def focused(page):
    return page.evaluate("document.activeElement.innerText")


def test_the_keyboard_reaches_and_opens_the_folds(lab):
    page = lab
    page.locator(".widget-text input").last.focus()
    seen = []
    while "Token of this moment" not in seen:
        page.keyboard.press("Tab")
        seen.append(focused(page).strip())
        assert len(seen) < 30, seen
    assert "The same in a few lines" in seen
    page.keyboard.press("Enter")
    expect(button(page, "Restore")).to_be_visible()
    fold(page, "Token of this moment").focus()
    page.keyboard.press(" ")
    expect(button(page, "Restore")).to_be_hidden()


def test_sliders_are_named(lab):
    """For those who do not see the label, and who are told what has the focus."""
    expect(lab.get_by_role("slider", name="variance σ²")).to_be_visible()
    expect(lab.get_by_role("slider", name="step", exact=True)).to_be_visible()
    nameless = "(all) => all.filter((el) => el.checkVisibility() && !el.ariaLabel).length"
    assert lab.locator(".noUi-handle").evaluate_all(nameless) == 0
    run_through(lab)  # the slider of steps is made anew
    timeline(lab).focus()
    expect(lab.get_by_role("slider", name="step", exact=True)).to_be_focused()


def test_the_boxes_of_numbers_are_named(lab):
    """Beside each slider, for those who do not see the label."""
    box = lab.get_by_role("textbox", name="variance σ²")
    label = lab.locator(".condensekit-named label").first
    assert label.evaluate("(el) => el.clientWidth") <= 1, "it is read, not seen"
    assert float(box.input_value()) == 1e-8


def test_restore_answers_where_it_is_pressed(lab):
    page = lab
    fold(page, "Token of this moment").click()
    box = page.locator("textarea:visible").last
    box.fill("ck2-nothing")
    box.press("Tab")
    button(page, "Restore").click()
    said = opened_fold(page, "Token of this moment").get_by_text("✖")
    said.wait_for()
    expect(said).to_be_in_viewport()
    assert said.inner_text() == status(page)
    fold(page, "Token of this moment").click()


def test_code_is_not_wrapped_and_a_click_selects_it(lab):
    page = lab
    fold(page, "The same in plain torch").click()
    code = opened_fold(page, "The same in plain torch").locator("pre")
    code.get_by_text("import torch").wait_for()
    wide, seen = code.evaluate("(el) => [el.scrollWidth, el.clientWidth]")
    assert wide > seen, "long lines are scrolled to"
    assert seen < 300, "and do not make the fold wider"
    code.click()
    assert page.evaluate("getSelection().toString()").strip() == code.inner_text().strip()
    page.locator(".jp-Cell").first.click()
    page.context.grant_permissions(["clipboard-read"])
    button(page, "Copy").locator("visible=true").click()
    expect(button(page, "Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").strip() == code.inner_text().strip()
    fold(page, "The same in plain torch").click()


@pytest.mark.slow
def test_the_end_key_goes_to_the_end_of_another_run(lab):
    page = lab
    recorded = end(page)
    handle = row(page, "variance σ²").locator(".noUi-handle").first
    handle.focus()
    page.keyboard.press("ArrowRight")
    says(page, "Not trained yet")
    button(page, "Run").click()
    page.get_by_role("status").get_by_text("Play replays").or_(
        page.get_by_role("status").get_by_text("Orange")
    ).wait_for(timeout=60_000)
    expect(button(page, "Play")).to_be_visible(timeout=30_000)
    expect(button(page, "Stop")).to_be_disabled(timeout=30_000)
    assert end(page) != recorded
    timeline(page).focus()
    page.keyboard.press("Home")
    changes(page, moment, before=end(page))
    assert moment(page) == 0
    page.keyboard.press("End")
    changes(page, moment, before=0)
    assert moment(page) == end(page)


def test_events_are_clicked(lab):
    page = lab
    signs = page.locator(".widget-gridbox button:visible", has_text="▼")
    signs.first.scroll_into_view_if_needed()
    last = moment(page)
    signs.first.click()
    first = changes(page, moment, before=last)
    says(page, signs.first.get_attribute("title"))
    fold(page, "What happened").click()
    lines = opened_fold(page, "What happened")
    lines.get_by_role("button").last.click()
    later = changes(page, moment, before=first)
    assert first < later < last
    lines.get_by_role("button", name="▼").first.click()
    assert changes(page, moment, before=later) == first
    fold(page, "What happened").click()


@pytest.mark.slow
def test_a_notebook_without_its_kernel_says_what_to_do(page, server):
    line = page.get_by_text(ABSENT)
    assert line.count() == 1
    expect(line).to_be_hidden()
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    expect(line).to_be_visible()
    page.wait_for_function(READY)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    expect(button(page, "Run")).to_be_visible(timeout=60_000)
    expect(line).to_be_hidden()
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_timeout(1000)
    server.close_sessions()
    page.goto(f"{server.url}doc/workspaces/auto-t/tree/any.ipynb?token={TOKEN}&reset")
    page.wait_for_function(READY, timeout=60_000)
    expect(page.get_by_text(ABSENT)).to_be_visible()
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    expect(button(page, "Run")).to_be_visible(timeout=60_000)
    expect(page.get_by_text(ABSENT)).to_be_hidden()
