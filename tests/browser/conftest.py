"""A real JupyterLab and a real browser, for the tests of this folder only."""

import os
import shutil
from pathlib import Path

import pytest
from browser_page import themed
from browser_server import CHROMIUM, FIREFOX, FLAGS, Server, opened
from every_lab import LABS


def pytest_collection_modifyitems(items):
    """Put these tests last: they are the slowest, and what they skip is read at the end."""
    items.sort(key=lambda item: item.path.is_relative_to(Path(__file__).parent))


def _path(name, programs):
    """The path of a browser; without one the tests are skipped, or fail if it is required."""
    path = os.environ.get(name.upper()) or next(filter(None, map(shutil.which, programs)), None)
    return path or _missing(f"no {name} was found: the lab was not opened in it")


def _missing(text):
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(text)
    pytest.skip(text)


@pytest.fixture(scope="session")
def missing():
    """Say what is missing: the test is skipped, or fails if it is required."""
    return _missing


@pytest.fixture(scope="session")
def chromium():
    """The path of Chromium."""
    return _path("Chromium", CHROMIUM)


@pytest.fixture(scope="session")
def playwright():
    """What drives browsers."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)  # of 5 s, where nobody waits for what is there
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright, chromium):
    """One headless browser for all tests."""
    instance = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
    yield instance
    instance.close()


@pytest.fixture(scope="session")
def firefox(playwright):
    """One headless Firefox, of the system: it is driven by WebDriver BiDi."""
    path = _path("Firefox", FIREFOX)
    instance = playwright.firefox.launch(channel="moz-firefox", executable_path=path)
    yield instance
    instance.close()


@pytest.fixture(
    scope="session",
    params=["browser", pytest.param("firefox", marks=pytest.mark.slow)],
    ids=["chromium", "firefox"],
)
def any_browser(request):
    """One browser after the other."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One JupyterLab for all tests."""
    server = Server(tmp_path_factory.mktemp("jupyter"))
    yield server
    print(f"\nLargest kernel: {server.largest_kernel / 1e6:,.0f} MB")
    server.process.terminate()
    server.process.wait(timeout=20)


@pytest.fixture(scope="module")
def notebook(browser, server):
    """Open a notebook and run all its cells; returns a function of its name and the page's size."""
    pages = []

    def open_notebook(name, width=1280, height=900):
        pages.append(opened(browser, server, name, width, height))
        return pages[-1]

    yield open_notebook
    for page in pages:
        page.close()
    server.close_sessions()


@pytest.fixture
def page(browser, server, request):
    """A notebook with one lab, whose name is the parameter, for tests that change a page."""
    name = request.param
    server.write(f"{name}.ipynb", f"from condensekit.labs import {name}\nlab = {name}()\nlab")
    page = opened(browser, server, f"{name}.ipynb", 1366, 768)
    page.locator(f".bqplot >> nth={LABS[name] - 1}").wait_for(state="attached", timeout=60_000)
    page.locator(".bqplot .axis text").first.wait_for(state="attached")
    yield page
    themed(page, "light")
    page.close()
    server.close_sessions()
