"""Eight visitors at once: each is served while all others go on asking, and all goes.

They say what a page says, without a browser: eight of those would be the load, not the app.
"""

import contextlib
import socket
import threading
from pathlib import Path

import psutil
import pytest
from app_server import AppServer
from visitors import Visitor
from waiting import until

LABS = ("CondensationLab", "RecoveryLab", "SymmetryLab", "RegimeLab") * 2
ROUNDS = 8
KERNEL = 800e6
"""Bytes that the kernel of a lab may hold; one that has just opened holds less than half of it."""

pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="kernels are looked up there")


@pytest.fixture
def app(tmp_path):
    app = AppServer(tmp_path, "--most", str(len(LABS)))
    yield app
    if app.process.poll() is None:
        app.stop()


@pytest.fixture
def visitors(app):
    """One visitor for each lab, who came at once with all others."""
    found = [None] * len(LABS)
    with contextlib.ExitStack() as pages:

        def come(place):
            found[place] = pages.enter_context(contextlib.closing(Visitor(app, LABS[place])))

        _together(come)
        yield found


def _together(act):
    """An act of each visitor, all at the same time; what was raised in one is raised."""
    errors = []

    def tried(place):
        try:
            act(place)
        except Exception as error:  # noqa: BLE001  whatever it is, it fails the test
            errors.append(error)

    threads = [threading.Thread(target=tried, args=(place,)) for place in range(len(LABS))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_eight_visitors_are_served_at_once(app, visitors, record_property):
    kernels = app.kernels()
    assert {one.kernel for one in visitors} == kernels.keys()
    done = [0] * len(LABS)

    def visit(place):
        try:
            while min(done) < ROUNDS:  # whoever has had theirs is no less work for the server
                visitors[place].scrub(done[place] % ROUNDS / ROUNDS)
                done[place] += 1
        finally:
            done[place] = max(done[place], ROUNDS)  # nobody waits for one that fails
        visitors[place].run()

    _together(visit)
    for name, process in kernels.items():
        assert psutil.Process(process).memory_info().rss < KERNEL, name
    record_property("reliability: visitors served at once", len(visitors))
    record_property("reliability: moves of sliders answered", sum(done))
    record_property("reliability: trainings of visitors at once", len(visitors))

    every = [app.process.pid, *kernels.values()]
    heard = [one for pid in every for one in _listening(pid)]
    assert heard
    assert {address for address, _ in heard} == {"127.0.0.1"}
    for visitor in visitors:
        visitor.leave()
    until(lambda: not app.kernels(), "end of the kernels of all who left")
    assert app.stop() == 0
    assert not any(psutil.pid_exists(process) for process in kernels.values())
    with socket.socket() as free:  # the port is free again
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", int(app.base.split(":")[-1].strip("/"))))


def _listening(process):
    """Addresses and ports at which a process listens."""
    connections = psutil.Process(process).net_connections("inet")
    return [tuple(one.laddr) for one in connections if one.status == psutil.CONN_LISTEN]
