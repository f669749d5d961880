"""SymmetryLab in a real JupyterLab: a set is chosen, trained on and replayed."""

import pytest

pytestmark = pytest.mark.browser


CODE = "from condensekit.labs import SymmetryLab\nlab = SymmetryLab()\nlab"


def test_a_student_chooses_a_set_that_only_looks_invariant(notebook, server):
    server.write("symmetry.ipynb", CODE)
    page = notebook("symmetry.ipynb", width=1200)
    page.wait_for_selector(".bqplot >> nth=3", state="attached", timeout=90_000)
    page.wait_for_function(
        """() => [...document.querySelectorAll('.jp-InputPrompt')]
            .every((p) => !/\\[[ *]\\]/.test(p.innerText))""",
        timeout=240_000,
    )
    assert page.locator(".jp-OutputArea-output[data-mime-type*=error]").count() == 0
    # JupyterLab shows no more of a notebook than what is near.
    page.get_by_role("button", name="Run", exact=True).scroll_into_view_if_needed()
    says = "(text) => document.body.innerText.includes(text)"
    page.wait_for_function(says, arg="The run stays on it")
    assert page.locator(".bqplot").count() == 4
    page.locator(".widget-dropdown select").nth(0).select_option(label="same inputs")
    page.wait_for_function(says, arg="Theory says: Not invariant")
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_function(says, arg="The run leaves it", timeout=60_000)
    page.wait_for_function(says, arg="Trained. Play replays it.", timeout=60_000)
    page.get_by_role("button", name="Reset", exact=True).click()
    page.wait_for_function(says, arg="The run stays on it")
