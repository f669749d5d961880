"""A kernel says that it is busy, but not of each place of a slider under a hand."""

from types import SimpleNamespace

import ipywidgets
import pytest
from ipykernel.kernelbase import Kernel

from condensekit.labs import RecoveryLab
from condensekit.widgets import quiet as module
from condensekit.widgets.gate import Gate
from condensekit.widgets.quiet import quiet


class Session:
    """Keeps what a kernel says of itself."""

    def __init__(self):
        self.said = []

    def send(self, _socket, kind, content, parent, ident):
        assert (kind, ident) == ("status", b"kernel.status")
        self.said.append((content["execution_state"], parent["header"]["msg_type"]))


class Speaker:
    """As much of ipykernel as says whether it is busy, in ipykernel's own code."""

    iopub_socket = None
    _publish_status = Kernel._publish_status

    def __init__(self):
        self.session = Session()
        self.parent = {}

    def _topic(self, name):
        return f"kernel.{name}".encode()

    def get_parent(self, channel):
        assert channel == "shell"
        return self.parent

    def handles(self, kind, **content):
        """What it says around a message."""
        self.parent = {"header": {"msg_type": kind}, "content": content}
        self.session.said.clear()
        self._publish_status("busy", "shell")
        self._publish_status("idle", "shell")
        return self.session.said

    def moves(self, widget):
        return [state for state, _ in self.handles("comm_msg", comm_id=widget.model_id)]


@pytest.fixture
def kernel(monkeypatch):
    found = Speaker()
    monkeypatch.setattr(module, "get_ipython", lambda: SimpleNamespace(kernel=found))
    return found


def test_a_kernel_is_silent_on_what_a_hand_moves_until_it_is_idle(kernel):
    slider, other = ipywidgets.IntSlider(), ipywidgets.IntSlider()
    assert kernel.moves(slider) == ["busy", "idle"]
    quiet(slider)
    assert kernel.moves(slider) == ["idle"]
    assert kernel.moves(other) == ["busy", "idle"]
    assert kernel.handles("execute_request", code="1") == [
        ("busy", "execute_request"),
        ("idle", "execute_request"),
    ]
    name = slider.model_id
    assert kernel.handles("comm_open", comm_id=name) == [
        ("busy", "comm_open"),
        ("idle", "comm_open"),
    ]
    slider.close()
    assert [state for state, _ in kernel.handles("comm_msg", comm_id=name)] == ["busy", "idle"]


def test_any_number_of_widgets_are_quiet_and_what_is_quiet_once_stays_so(kernel):
    sliders = [ipywidgets.IntSlider() for _ in range(3)]
    for slider in [*sliders, sliders[0]]:
        quiet(slider)
    assert [kernel.moves(slider) for slider in sliders] == [["idle"]] * 3


def test_a_message_that_names_no_widget_is_left_to_who_handles_it(kernel):
    """Raised here, it would be an error of the kernel, and never be followed by "idle"."""
    quiet(ipywidgets.IntSlider())
    assert kernel.handles("comm_msg") == [("busy", "comm_msg"), ("idle", "comm_msg")]


def test_what_was_said_before_anything_was_asked_is_said(kernel):
    quiet(ipywidgets.IntSlider())
    kernel.session.said.clear()
    kernel._publish_status("busy", "shell", {"header": {"msg_type": "kernel_info_request"}})
    assert kernel.session.said == [("busy", "kernel_info_request")]


def test_the_clock_of_a_lab_and_the_echo_of_its_frames_are_quiet(kernel):
    lab = RecoveryLab(width=12, n_samples=8, steps=40)
    assert kernel.moves(lab.timeline.slider) == ["idle"]
    assert kernel.moves(lab.gate.widgets[1]) == ["idle"]
    assert kernel.moves(lab.gate.widgets[0]) == ["busy", "idle"]
    lab.close()


@pytest.mark.parametrize(
    "shell",
    [None, SimpleNamespace(), SimpleNamespace(kernel=None), SimpleNamespace(kernel=object())],
)
def test_outside_of_a_kernel_there_is_nobody_to_be_quiet(monkeypatch, shell):
    monkeypatch.setattr(module, "get_ipython", lambda: shell)
    gate = Gate()
    assert gate.ready()
