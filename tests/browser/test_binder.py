"""What the badges of Binder open, after the steps that Binder takes."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from browser_page import run_through
from browser_server import PYTHON, READY, TOKEN, Server
from playwright.sync_api import expect

from condensekit.replays.binder import BADGES, REPOSITORY, address, badges

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # with `make test-all`

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def binder(chromium, tmp_path_factory):
    """The server of Binder, in a copy of the repository where `postBuild` was run."""
    folder = tmp_path_factory.mktemp("binder")
    copy, prefix = folder / "copy", folder / "prefix"
    for part in ("binder", "condensekit", "notebooks"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    (prefix / "bin").mkdir(parents=True)
    (prefix / "bin" / "python").write_text(f'#!/bin/sh\nexec {PYTHON} "$@"\n')
    (prefix / "bin" / "python").chmod(0o755)
    more = {"NB_PYTHON_PREFIX": str(prefix), "PYTHONPATH": str(copy)}
    subprocess.run(["./binder/postBuild"], cwd=copy, env=os.environ | more, check=True)
    more |= {"JUPYTER_PATH": str(prefix / "share/jupyter")}
    more |= {"JUPYTER_CONFIG_PATH": str(prefix / "etc/jupyter")}
    server = Server(folder, copy, [copy / "binder" / "start"], **more)
    yield server
    server.process.terminate()
    server.process.wait(timeout=20)


@pytest.fixture
def visit(browser, binder):
    """Open a place of the server."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})

    def come(name):
        page = context.new_page()
        page.goto(f"{binder.url}{BADGES[name]}?token={TOKEN}")
        return page

    yield come
    context.close()
    binder.close_sessions()


def test_the_readme_has_the_badges_of_the_one_repository():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "mybinder.org" in line] == [badges()]
    assert all(address(path) in badges() for path in BADGES.values())
    first = min(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert BADGES["lecture"].endswith(f"/{first}"), "which leads to the others"
    sources = (ROOT / "condensekit").rglob("*.py")
    assert [path.name for path in sources if REPOSITORY in path.read_text()] == ["binder.py"]


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        pytest.param("lecture", "20 samples: started small True", marks=pytest.mark.slow),
        ("exercises", "same_neurons"),
    ],
)
def test_a_badge_opens_a_notebook_that_runs(name, seen, visit):
    page = visit(name)
    page.wait_for_function(READY, timeout=60_000)
    for command in ("clear-all-cell-outputs", "run-all-cells"):
        page.evaluate(f"window.jupyterapp.commands.execute('notebook:{command}')")
    expect(page.locator(".jp-OutputArea-output", has_text=seen).last).to_be_visible(timeout=120_000)
    expect(page.locator(".jp-OutputArea-output[data-mime-type*=error]")).to_have_count(0)


def test_a_badge_opens_the_app(visit):
    page = visit("app")
    page.get_by_text("FactorizationLab", exact=True).click()
    expect(page.locator(".bqplot")).to_have_count(2, timeout=120_000)
    assert page.locator(".jp-InputArea:visible").count() == 0
    run_through(page)
    page.get_by_role("link", name="All labs").click()
    expect(page.get_by_text("RecoveryLab", exact=True)).to_be_visible()


def test_kernels_of_closed_notebooks_are_ended(binder):
    """By the server's own word, which it gives with its first kernel."""
    binder.api("kernels", "POST")
    told = binder.log.read_text()
    assert "idle durations > 600 seconds at 60 second" in told
    assert "even with connected clients" not in told, "a lab on screen would end without a word"
