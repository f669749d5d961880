"""The labs as a web app, in a real browser: visitors who know nothing of each other."""

import inspect
import os
import signal
from pathlib import Path

import pytest
from app_server import AppServer
from browser_page import (
    button,
    changes,
    clipped,
    curve,
    entry,
    overlapping,
    run_through,
    says,
    status,
)
from playwright.sync_api import expect
from waiting import until

from condensekit import labs

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path("/proc").exists(), reason="kernels are looked up there"),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """One app for all tests, with two places."""
    app = AppServer(tmp_path_factory.mktemp("app"), "--most", "2")
    yield app
    app.stop()


@pytest.fixture
def visit(browser, app):
    """Come as somebody else, with cookies of one's own, and open a lab on the front page."""
    contexts = []

    def come(lab=None, **who):
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 720}, **who))
        page = contexts[-1].new_page()
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(app.address)
        if lab is not None:
            page.get_by_text(lab, exact=True).click()
        return page

    yield come
    # A page says goodbye as it closes, and a context that is closed takes back what is on its way.
    for context in contexts:
        for page in context.pages:
            page.close(run_before_unload=True)
    try:
        until(lambda: not app.kernels(), "end of the kernels of pages that were closed")
    finally:
        for context in contexts:
            context.close()


def opened(page, pictures=4):
    """Wait for the lab of a page."""
    expect(page.locator(".bqplot")).to_have_count(pictures, timeout=60_000)
    expect(button(page, "Run")).to_be_visible()
    return page


def kernel_of(page):
    return page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').text).kernelId")


def test_the_front_page_opens_a_lab_which_shows_no_code_and_leads_back(visit, app):
    page = visit()
    named = page.locator("li b").all_inner_texts()
    assert sorted(named) == sorted(set(labs.__all__) - {"Lab", "VIEWS"})
    page.get_by_text("RecoveryLab", exact=True).click()
    opened(page)
    assert page.title() == "RecoveryLab"
    told = inspect.getdoc(labs.RecoveryLab).splitlines()[0]
    expect(page.locator("header")).to_have_text(f"All labs · RecoveryLab: {told}")
    assert page.locator(".jp-InputArea:visible").count() == 0
    assert not overlapping(page, 4)
    assert not clipped(page)
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.get_by_text("is not running here")).to_be_hidden()
    page.get_by_role("link", name="All labs").click()
    expect(page.locator("li b")).to_have_text(named)
    assert not [url for url in page.asked if not url.startswith((app.base, "data:", "blob:"))]


def test_who_has_no_token_is_asked_for_it(browser, app):
    context = browser.new_context()
    page = context.new_page()
    page.goto(app.page("RecoveryLab"))
    assert "/login" in page.url
    expect(page.get_by_text("RecoveryLab")).to_have_count(0)
    context.close()


@pytest.mark.slow
def test_two_visitors_do_not_see_each_other(visit):
    one, other = opened(visit("RecoveryLab")), opened(visit("RecoveryLab"))
    assert kernel_of(one) != kernel_of(other)
    before = status(other), curve(other, 0), entry(other, "width m").input_value()
    assert before[2] == "500"
    fitted = curve(one, 0)
    entry(one, "width m").fill("40")
    entry(one, "width m").press("Enter")
    says(one, "Not trained yet")
    button(one, "Run").click()
    changes(one, curve, 0, before=fitted)
    expect(button(one, "Stop")).to_be_disabled(timeout=60_000)
    says(one, "40 neurons (120 parameters)")
    assert (status(other), curve(other, 0), entry(other, "width m").input_value()) == before
    button(other, "Play").click()
    changes(other, curve, 0, before=before[1])
    assert entry(one, "width m").input_value() == "40"


@pytest.mark.slow
def test_a_kernel_that_was_killed_is_told_to_its_visitor_alone(visit, app):
    one, other = opened(visit("FactorizationLab"), 2), opened(visit("FactorizationLab"), 2)
    os.kill(app.kernels()[kernel_of(one)], signal.SIGKILL)
    expect(one.get_by_role("alert")).to_contain_text("has ended", timeout=20_000)
    run_through(other)
    asked = other.expect_response(lambda answer: "/api/kernels/" in answer.url, timeout=20_000)
    with asked as answer:
        pass
    assert answer.value.ok
    expect(other.get_by_role("alert")).to_be_hidden()
    one.get_by_role("link", name="Begin anew").click()
    opened(one, 2)
    assert len(app.kernels()) == 2


@pytest.mark.slow
def test_who_comes_too_late_reads_so_and_gets_the_place_of_one_who_leaves(visit, app):
    first, _ = opened(visit("FactorizationLab"), 2), opened(visit("FactorizationLab"), 2)
    late = visit("FactorizationLab")
    expect(late.get_by_text("room for 2 labs at a time")).to_be_visible()
    place = f"{app.base}api/kernels/{kernel_of(first)}?token={app.token}"
    assert app.get(place)[0] == 200
    first.get_by_role("link", name="All labs").click()
    until(lambda: app.get(place)[0] == 404, "end of the kernel of who left")
    late.reload()
    opened(late, 2)
    assert len(app.kernels()) == 2


@pytest.mark.slow
def test_an_app_that_was_stopped_is_said(browser, tmp_path):
    own = AppServer(tmp_path)
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{own.page('FactorizationLab')}?token={own.token}")
    opened(page, 2)
    own.stop()
    expect(page.get_by_role("alert")).to_contain_text("does not answer", timeout=20_000)
    context.close()


@pytest.mark.slow
def test_a_visitor_is_told_in_the_language_of_the_browser(visit):
    page = visit(locale="zh-CN")
    expect(page.locator("main p")).to_contain_text("宽神经网络为什么不过拟合")
    page.get_by_text("RankLab", exact=True).click()
    expect(page.locator(".bqplot")).to_have_count(2, timeout=60_000)
    expect(page.locator("header")).to_contain_text("全部实验室 · RankLab: ")
    expect(page.locator(".condensekit-verdict")).to_contain_text("定理")
    expect(button(page, "重置")).to_be_visible()
    assert not clipped(page)
