"""A lab that trains where nobody sees it: what comes back is complete, and of now."""

import pytest
from browser_marks import same
from browser_page import button, changes, end, moment, ran, says, status
from browser_server import READY, opened
from playwright.sync_api import expect

import condensekit as ck
from condensekit.labs import RecoveryLab

pytestmark = pytest.mark.browser

STEPS = 150_000  # a few seconds
SETTINGS = {"width": 30, "n_samples": 50, "steps": STEPS}
CODE = f"""\
import condensekit as ck, ipywidgets
from IPython.display import display
from condensekit.labs import RecoveryLab
lab = RecoveryLab(optimizer=ck.Adam(), **{SETTINGS})
"""
ENDED = f"Trained {STEPS:,} steps"


@pytest.fixture(scope="module")
def trained():
    """The same run, where it was seen."""
    lab = RecoveryLab(optimizer=ck.Adam(), **SETTINGS)
    lab.run(live=False)
    yield lab
    lab.close()


@pytest.fixture
def shown(browser, server):
    """Open a notebook of which the first cell shows the lab, with more cells below."""
    pages = []

    def open_it(name, how, below=()):
        server.write(f"{name}.ipynb", CODE + how, *below)
        page = opened(browser, server, f"{name}.ipynb", 1200, 900)
        pages.append(page)
        ran(page, 4)
        return page

    yield open_it
    for page in pages:
        page.close()
    server.close_sessions()


def begin(page):
    button(page, "Run").first.click()
    expect(button(page, "Stop").first).to_be_enabled()
    changes(page, moment)


def ended(page):
    says(page, ENDED, timeout=60_000)
    expect(button(page, "Stop").first).to_be_disabled()


def complete(page, lab, views=1):
    """What is on screen is the end of the run, to the places of all marks."""
    assert moment(page) == end(page) == len(lab.result) - 1
    assert same(page, lab, views) > 100 * views


@pytest.mark.slow
def test_two_views_of_one_lab_show_the_same(shown, trained):
    page = shown("twice", "display(lab)\nlab")
    expect(page.locator(".bqplot")).to_have_count(8)
    begin(page)
    ended(page)
    complete(page, trained, views=2)
    sized = page.locator(".condensekit-lab").evaluate_all(
        "(labs) => labs.map((lab) => lab.style.getPropertyValue('--condensekit-zoom'))"
    )
    assert sized[0] == sized[1] != "", "both know their room"


@pytest.mark.slow
def test_a_page_that_is_loaded_again_while_the_lab_trains(shown, trained):
    page = shown("again", "lab")
    begin(page)
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    page.wait_for_function(READY.replace('=== "idle"', "!== undefined"), timeout=60_000)
    page.locator(".bqplot >> nth=3").wait_for(state="attached", timeout=60_000)
    ended(page)
    complete(page, trained)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["Tab", "Accordion"])
def test_a_lab_in_a_hidden_tab(shown, trained, kind):
    made = f"box = ipywidgets.{kind}([lab, ipywidgets.HTML('other')], titles=('one', 'two'))"
    page = shown(f"hidden{kind}", f"{made}\nbox.selected_index = 0\nbox")
    begin(page)
    head = ".lm-TabBar-tab, .lm-Collapse-header, .jupyter-widget-Collapse-header"
    page.locator(head).filter(has_text="two").click()
    expect(page.locator(".bqplot").first).to_be_hidden()
    page.wait_for_function(
        "(told) => document.body.textContent.includes(told)", arg=ENDED, timeout=60_000
    )
    page.locator(head).filter(has_text="one").click()
    expect(page.locator(".bqplot").first).to_be_visible()
    ended(page)
    complete(page, trained)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["full", "defer", "contentVisibility"])
def test_a_lab_that_is_scrolled_out_of_view(shown, trained, mode):
    """In each of the ways in which JupyterLab saves work on cells that are not seen."""
    page = shown("far", "lab", ["print('far below\\n' * 30)"] * 12)
    page.evaluate(
        """(mode) => {
            const notebook = window.jupyterapp.shell.currentWidget.content;
            notebook.notebookConfig = { ...notebook.notebookConfig, windowingMode: mode };
        }""",
        mode,
    )
    begin(page)
    scroll = """(end) => { const outer = document.querySelector('.jp-WindowedPanel-outer');
        outer.scrollTop = end ? outer.scrollHeight : 0; }"""
    page.evaluate(scroll, True)
    expect(page.locator(".bqplot").first).not_to_be_in_viewport()
    page.get_by_text("far below").last.wait_for()
    page.wait_for_timeout(1500)  # while it trains
    page.evaluate(scroll, False)
    expect(page.locator(".bqplot").first).to_be_in_viewport()
    ended(page)
    complete(page, trained)


@pytest.mark.slow
def test_a_kernel_that_is_restarted_while_the_lab_trains(shown, record_property):
    """The page says that nothing runs there; the cell, run again, gives a lab that works."""
    page = shown("restarted", "lab")
    begin(page)
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    absent = page.get_by_text("RecoveryLab is not running here.")
    expect(absent).to_be_visible(timeout=60_000)
    assert button(page, "Stop").count() == 0, "no control is left that does nothing"
    page.wait_for_function(READY, timeout=60_000)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    ran(page, 4)
    expect(absent).to_be_hidden()
    expect(page.locator(".bqplot")).to_have_count(4)
    expect(button(page, "Run")).to_have_count(1)
    expect(button(page, "Stop")).to_be_disabled()
    assert "Training" not in status(page)
    begin(page)
    ended(page)
    assert moment(page) == end(page)
    record_property("reliability: faults survived", 1)


@pytest.mark.slow
def test_a_browser_that_is_closed_while_the_lab_trains(shown, trained, browser, record_property):
    """Another page, opened when nobody has looked for a while, shows the whole run."""
    page = shown("closed", "lab")
    begin(page)
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_timeout(500)
    address = page.url
    page.close()
    other = browser.contexts[0].new_page()
    other.goto(address)
    other.wait_for_function(READY.replace('=== "idle"', "!== undefined"), timeout=60_000)
    other.locator(".bqplot >> nth=3").wait_for(state="attached", timeout=60_000)
    ended(other)
    complete(other, trained)
    other.close()
    record_property("reliability: faults survived", 1)
