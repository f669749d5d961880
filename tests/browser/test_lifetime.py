"""A cell that is run again, in a real JupyterLab: the old lab ends."""

import pytest
from browser_page import ran
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CODE = """\
from condensekit.labs import RecoveryLab
made = globals().get("made", [])
lab = RecoveryLab(width=30, n_samples=50, steps=10_000_000)
made.append(lab)
if len(made) == 1:
    lab.run()
else:
    print("old:", made[0].player.state, made[0].comm, "new:", lab.comm is not None)
lab"""


@pytest.mark.slow
def test_a_cell_that_is_run_again_ends_its_old_lab(notebook, server):
    server.write("again.ipynb", CODE)
    page = notebook("again.ipynb", width=1200)
    ran(page, pictures=4)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    printed = page.locator(".jp-OutputArea-output", has_text="old: idle None new: True")
    expect(printed).to_be_visible(timeout=60_000)
    expect(page.locator(".bqplot")).to_have_count(4, timeout=60_000)
