"""A lab in another language, in a real JupyterLab: it changes while it is on screen."""

import pytest
from browser_page import button, clipped, overlapping
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CODE = """\
import condensekit as ck
from condensekit.labs import RecoveryLab
ck.set_language("zh")
lab = RecoveryLab(width=20, n_samples=9, steps=30)
lab"""

SAID = """(code) => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel
  .requestExecute({code}).done.then(() => null)"""


def test_a_lab_speaks_trains_and_changes_its_language(notebook, server):
    server.write("languages.ipynb", CODE)
    page = notebook("languages.ipynb", width=1280)
    expect(page.locator(".bqplot")).to_have_count(4, timeout=120_000)
    expect(button(page, "运行")).to_be_visible()
    button(page, "运行").click()
    expect(page.get_by_role("status").first).to_contain_text("30 步", timeout=60_000)
    expect(page.locator(".condensekit-verdict")).to_contain_text("训练未达到")
    expect(page.locator(".bqplot text").filter(has_text="输出 f(x)")).to_have_count(1)
    assert not clipped(page)
    assert not overlapping(page, 4)
    page.evaluate(SAID, "ck.set_language('en')")
    expect(button(page, "Run")).to_be_visible(timeout=30_000)
    expect(page.locator(".condensekit-verdict")).to_contain_text("Not reached by training")
