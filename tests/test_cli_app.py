"""The command ``condensekit app``, run as a user runs it."""

import json
import os
import re
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from app_server import AppServer
from often import sparsely
from waiting import until

from condensekit import cli, labs
from condensekit.app import write_pages

LABS = {name for name in labs.__all__ if name.endswith("Lab") and name != "Lab"}
LAB = "FactorizationLab"  # the fastest

needs_proc = pytest.mark.skipif(not Path("/proc").exists(), reason="processes are looked up there")


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """One app for all tests, with two places."""
    app = AppServer(tmp_path_factory.mktemp("app"), "--most", "2")
    yield app
    app.stop()


def as_guest(app, lab):
    return app.get(f"{app.page(lab)}?token={app.token}")


def kernel_of(page):
    (kernel,) = re.findall(r'"kernelId": "([^"]+)"', page)
    return kernel


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--most", "0"], ["--most", "from 1 to 1,000", "0"]),
        (["--most", "1001"], ["--most", "1001"]),
        (["--idle", "0"], ["--idle", "from 1 to 1,440", "0"]),
        (["--idle", "-3"], ["--idle", "-3"]),
        (["--port", "65536"], ["Port 65536", "0-65535"]),
        (["--port", "-1"], ["Port -1", "0-65535"]),
    ],
)
def test_bad_numbers_are_answered_in_one_line(arguments, words, capsys):
    assert cli.main(["app", "--no-browser", *arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith("condensekit: ") and told.count("\n") == 1
    for word in words:
        assert word in told


def test_a_port_in_use_is_said(capsys):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert cli.main(["app", "--no-browser", f"--port={port}"]) == 2
    told = capsys.readouterr().err
    assert f"Port {port} cannot be used" in told and told.count("\n") == 1


def test_it_has_a_page_for_each_lab_and_says_of_each_what_its_docstring_says(tmp_path):
    write_pages(tmp_path / "pages")
    looks = json.loads((tmp_path / "pages" / "voila.json").read_text("utf-8"))
    told = looks["VoilaConfiguration"]["extension_config"]["condensekit"]
    assert told.keys() == {path.stem for path in (tmp_path / "pages").glob("*.ipynb")} == LABS
    for name, sentence in told.items():
        assert getattr(labs, name).__doc__.startswith(sentence)
        assert sentence.endswith(".")


@pytest.mark.parametrize("token", ["", "?token=", "?token=wrong", "?token=None"])
def test_nobody_gets_in_without_the_token(app, token):
    kernel = "12345678-1234-1234-1234-123456789abc"
    pages = [app.base, app.page(LAB), f"{app.base}voila/tree", f"{app.base}voila/files/x.png"]
    for page in pages:
        status, text = app.get(page + token)
        assert status in (302, 403) and "RecoveryLab" not in text, page
    asked = [("GET", f"api/kernels/{kernel}"), ("POST", f"voila/api/shutdown/{kernel}")]
    asked += [("GET", "voila/api/contents"), ("DELETE", f"api/kernels/{kernel}")]
    asked += [("GET", f"api/kernels/{kernel}/channels")]
    for method, path in asked:
        assert app.get(f"{app.base}{path}{token}", method)[0] == 403, path
    assert not app.kernels()


def test_it_answers_on_this_machine_alone(app):
    port = int(app.base.rsplit(":", 1)[1].strip("/"))
    with socket.socket() as other:
        other.settimeout(5)
        assert other.connect_ex(("127.0.0.2", port)), "another address of this machine"


def test_the_front_page_names_all_labs_and_asks_nothing_of_the_network(app):
    status, page = app.get(app.address)
    assert status == 200
    assert {*re.findall(r"render/(\w+)\.ipynb", page)} == LABS
    assert not re.search(r"https?://", page)


@pytest.mark.slow
@needs_proc
def test_the_limit_holds_and_a_place_becomes_free(app):
    """Five come at once where there is room for two."""
    with ThreadPoolExecutor(5) as pool:
        came = [*pool.map(lambda _: as_guest(app, LAB), range(5))]
    assert sorted(status for status, _ in came) == [200, 200, 503, 503, 503]
    for status, page in came:
        if status == 503:
            assert "room for 2 labs at a time" in page and "The app is full" in page
    assert app.get(app.address)[0] == 200, "the front page needs no place"
    ours = [kernel_of(page) for status, page in came if status == 200]
    assert {*ours} == {*app.kernels()}
    for kernel in ours:
        shutdown = f"{app.base}voila/api/shutdown/{kernel}?token={app.token}"
        assert app.get(shutdown, "POST")[0] == 204
    until(lambda: not app.kernels(), "end of the kernels")
    status, page = as_guest(app, LAB)
    assert status == 200
    assert not re.search(r'(src|href)="https?://', page), "nothing comes from the network"
    assert "from condensekit" not in page, "no code on screen"
    (pid,) = app.kernels().values()
    environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    assert b"OMP_NUM_THREADS=1" in environment
    os.kill(pid, signal.SIGKILL)
    gone = f"{app.base}api/kernels/{kernel_of(page)}?token={app.token}"
    until(lambda: app.get(gone)[0] == 404, "notice of a kernel that was killed")
    assert not app.kernels(), "no other kernel takes its place"


@pytest.mark.slow
@needs_proc
@pytest.mark.parametrize("how", sparsely([signal.SIGINT, signal.SIGTERM], 2))
def test_what_stops_it_ends_server_and_kernels_and_leaves_no_file(how, tmp_path):
    app = AppServer(tmp_path)
    assert as_guest(app, LAB)[0] == 200
    kernels = [*app.kernels().values()]
    assert len(kernels) == 1
    assert app.stop(how) == 0
    until(lambda: not any(map(_lives, kernels)), "end of the kernels")
    assert not [*tmp_path.glob("condensekit-app-*")]
    assert app.said().count("\n") <= 5 and app.said().count(app.token) == 1


def _lives(pid):
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
