"""Frames reach a page as one message, and every page shows what the kernel has."""

import asyncio
import threading

import bqplot
import comm
import ipywidgets
import numpy as np
import pytest
from comm.base_comm import BaseComm
from ipywidgets.widgets.widget import _put_buffers

from condensekit.labs import CondensationLab, RecoveryLab
from condensekit.widgets.bundle import Bundle
from condensekit.widgets.swarm import Swarm


class Wire:
    """What leaves a kernel, in its order."""

    def __init__(self):
        self.messages = []

    def made(self, *args, **kwargs):
        return _Comm(self, *args, **kwargs)


class _Comm(BaseComm):
    def __init__(self, wire, *args, **kwargs):
        self.wire = wire
        super().__init__(*args, **kwargs)

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        self.wire.messages.append((msg_type, self.comm_id, data or {}, buffers or []))


class Page:
    """Does with messages what a page does: a copy of the state of each widget."""

    def __init__(self, kernel=()):
        self.states = {widget.model_id: _plain(widget.get_state()) for widget in kernel}

    def hear(self, kind, name, data, buffers):
        if kind == "comm_open":
            self._take(name, data["state"], data["buffer_paths"], buffers)
        elif kind == "comm_close":
            self.states.pop(name, None)
        elif data["method"] == "update":
            self._take(name, data["state"], data["buffer_paths"], buffers)
        elif "updates" in data.get("content", {}):
            buffers = [*buffers]
            for one, state, paths in data["content"]["updates"]:
                own, buffers = buffers[: len(paths)], buffers[len(paths) :]
                if one in self.states:
                    self._take(one, state, paths, own)
            assert not buffers

    def _take(self, name, state, paths, buffers):
        state = _copied(state)
        _put_buffers(state, paths, [bytes(buffer) for buffer in buffers])
        self.states.setdefault(name, {}).update(_plain(state))


def _copied(value):
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, (list, tuple)) else value


def _plain(value):
    """The same, such that what is equal compares equal."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return bytes(value) if isinstance(value, (memoryview, bytearray)) else value


@pytest.fixture
def wire(monkeypatch):
    found = Wire()
    monkeypatch.setattr(comm, "create_comm", found.made)
    return found


def _ready(bundle):
    """A page says that it is there."""
    said = {"method": "custom", "content": {"ready": True}}
    bundle._handle_msg({"content": {"data": said}, "buffers": []})


def _open():
    """The widgets that there are, by name."""
    return dict(ipywidgets.widgets.widget._instances)


def _apart(page, widgets):
    """Widgets and traits of which a page shows something else than the kernel has."""
    found = []
    for name, widget in widgets.items():
        told = _plain(widget.get_state())
        found += [(widget, key) for key in told if told[key] != page.states[name].get(key)]
    return found


def test_a_frame_is_one_message_once_a_page_is_there(wire):
    bundle, texts = Bundle(), [ipywidgets.HTML() for _ in range(5)]

    def told():
        wire.messages.clear()
        with bundle.frame():
            for text in texts:
                text.value += "more"
        return len(wire.messages)

    assert told() == 5, "nobody said that it takes frames apart"
    _ready(bundle)
    assert told() == 1
    texts[0].value = "alone"
    assert len(wire.messages) == 2, "outside of a frame each tells for itself"
    with bundle.frame():
        pass
    assert len(wire.messages) == 2, "of nothing there is nothing to say"


def test_what_was_told_before_an_error_is_told(wire):
    bundle, text = Bundle(), ipywidgets.HTML()
    _ready(bundle)
    wire.messages.clear()

    def failing():
        with bundle.frame():
            text.value = "told"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    ((_, _, data, _),) = wire.messages
    assert data["content"]["updates"] == [[text.model_id, {"value": "told"}, []]]
    text.value = "after"
    assert len(wire.messages) == 2


def test_a_widget_is_closed_after_the_page_was_told_what_stands_in_its_place(wire):
    bundle, old = Bundle(), ipywidgets.HTML()
    box = ipywidgets.VBox([old])
    _ready(bundle)
    name = old.model_id
    wire.messages.clear()
    with bundle.frame():
        old.value = "last words"
        box.children = []
        old.close()
        box.box_style = "info"
    kinds = [(kind, who) for kind, who, *_ in wire.messages]
    assert kinds == [
        ("comm_msg", bundle.model_id),
        ("comm_close", name),
        ("comm_msg", bundle.model_id),
    ]


def test_a_frame_takes_nothing_of_another_thread(wire):
    bundle, here, there = Bundle(), ipywidgets.HTML(), ipywidgets.HTML()
    _ready(bundle)
    wire.messages.clear()
    with bundle.frame():
        here.value = "held"
        thread = threading.Thread(target=lambda: setattr(there, "value", "at once"))
        thread.start()
        thread.join()
        assert [who for _, who, *_ in wire.messages] == [there.model_id]
    assert [who for _, who, *_ in wire.messages] == [there.model_id, bundle.model_id]


@pytest.mark.parametrize(
    "make",
    [
        lambda: RecoveryLab(width=12, n_samples=8, steps=40),
        lambda: CondensationLab(width=10, steps=40),
    ],
    ids=["recovery", "condensation"],
)
def test_every_page_shows_what_the_kernel_has(wire, make):
    before = set(_open())
    lab = make()
    plain = len(wire.messages)

    async def scrubbed(places):  # in a loop, as in a kernel: what takes a moment comes at rest
        for place in places:
            lab._moved(place)
            await asyncio.sleep(0)
        await asyncio.sleep(0.4)

    lab.run(live=False)
    early, late = Page(), None
    _ready(lab.gate.bundle)
    start = len(wire.messages)
    asyncio.run(scrubbed(range(len(lab.result) - 1)))
    # A page that is reloaded: it has the widgets as they are, and hears nothing until it is ready.
    mine = {name: one for name, one in _open().items() if name not in before}
    late = Page(mine.values())
    deaf = len(wire.messages)
    asyncio.run(scrubbed([1, 3, 2]))
    lab.go_to(30)
    hears = len(wire.messages)
    _ready(lab.gate.bundle)
    for message in wire.messages:
        early.hear(*message)
    for message in wire.messages[deaf:hears]:
        if message[1] != lab.gate.bundle.model_id:  # it has the widgets, and not yet its own half
            late.hear(*message)
    for message in wire.messages[hears:]:
        late.hear(*message)
    mine = {name: one for name, one in _open().items() if name not in before}
    assert len(mine) > 100
    assert _apart(early, mine) == []
    assert _apart(late, mine) == []
    frames = [name for _, name, *_ in wire.messages[start:deaf]]
    assert frames.count(lab.gate.bundle.model_id) >= 0.9 * len(frames) > 0
    assert plain > 0
    lab.close()


def test_dots_that_move_are_one_line_for_each_colour_and_dots_again_at_rest(wire):
    lab = RecoveryLab(width=12, n_samples=8, steps=40)
    lab.run(live=False)
    view = lab.views["neurons"]

    async def scrubbed():
        lab._moved(2)
        moving = view.neurons.visible, [*_places(view.swarm.lines)]
        await asyncio.sleep(0.4)
        return moving

    dots, moving = asyncio.run(scrubbed())
    assert not dots
    assert view.neurons.visible
    assert not any(mark.visible for mark in view.swarm.lines)
    x, y, colour = view.neurons.x, view.neurons.y, view.neurons.color
    assert sorted(moving) == sorted(zip(colour, x, y, strict=True))
    lab.close()


def _places(marks):
    """Colour and place of each dot that is drawn."""
    for number, mark in enumerate(marks):
        if mark.visible:
            for x, y in zip(mark.x[1::2], mark.y[1::2], strict=True):
                yield float(number), float(x), float(y)


def test_a_swarm_tells_only_of_colours_that_move(wire):
    scales = {name: bqplot.LinearScale() for name in "xy"}
    swarm = Swarm(["red", "blue"], 30, scales, ipywidgets.HTML())
    x, colour = np.arange(4.0), np.array([0.0, 0.0, 1.0, 1.0])
    swarm.show(x, x, colour, True)
    wire.messages.clear()
    swarm.show(x, x, colour, True)
    assert wire.messages == []
    swarm.show(x, np.array([0.0, 1.0, 2.0, 9.0]), colour, True)
    assert [name for _, name, *_ in wire.messages] == [swarm.lines[1].model_id]
    swarm.show(x[:2], x[:2], colour[:2], True)
    assert [mark.visible for mark in swarm.lines] == [True, False]
    assert np.isnan(swarm.lines[0].y).tolist() == [True, False] * 2
