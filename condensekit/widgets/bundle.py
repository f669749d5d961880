"""Bundle: all that widgets have to tell the page of a frame, as one message.

A message costs the kernel, the server and the page about a millisecond each, whatever is in it, and
the page may draw itself anew after each; a frame has twenty. So the page has a half of its own
(``bundle.js``), which takes one message apart. Until it says that it is there, and where it never
does, each widget tells the page itself.
"""

import contextlib
import contextvars
import threading
import weakref
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import anywidget
import ipywidgets

__all__ = ["Bundle"]

_OPEN: contextvars.ContextVar["_Frame | None"] = contextvars.ContextVar("frame", default=None)
"""The frame that is being made, of whatever thread."""


class Bundle(anywidget.AnyWidget):
    """The way of frames to the page; it is nowhere to be seen."""

    _esm = (files(__package__) / "bundle.js").read_text(encoding="utf-8")

    def __init__(self) -> None:
        super().__init__()
        self._ready = False
        self._making = threading.RLock()
        self._told: weakref.WeakKeyDictionary[ipywidgets.Widget, set[str]] = (
            weakref.WeakKeyDictionary()
        )
        self.on_msg(lambda _, content, __: self._heard(content))

    @contextlib.contextmanager
    def frame(self) -> Iterator[None]:
        """What widgets tell the page in here is told at the end, at once."""
        if not self._ready or _OPEN.get() is not None:
            yield
            return
        with self._making:
            made = _Frame(self)
            before = _OPEN.set(made)
            try:
                yield
            finally:
                _OPEN.reset(before)
                made.leave()

    def _heard(self, content: Any) -> None:
        """A page is there, perhaps another one: it has not heard what only others were told."""
        if content == {"ready": True}:
            with self._making:
                self._ready = True
                with self.frame():
                    for widget, keys in [*self._told.items()]:
                        widget.send_state(keys)

    def carry(self, updates: list[tuple[ipywidgets.Widget, dict[str, Any], list[Any]]]) -> None:
        """Send what widgets tell; a widget that was closed meanwhile tells nothing."""
        told, carried = [], []
        for widget, message, buffers in updates:
            if widget.comm is not None:
                state, paths = message["state"], message["buffer_paths"]
                self._told.setdefault(widget, set()).update(state, (path[0] for path in paths))
                told.append([widget.model_id, state, paths])
                carried += buffers
        if told:
            self.send({"updates": told}, carried)


class _Frame:
    """What was told since it was opened."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._updates: list[tuple[ipywidgets.Widget, dict[str, Any], list[Any]]] = []

    def take(self, widget: ipywidgets.Widget, message: dict[str, Any], buffers: Any) -> bool:
        """Keep an update for the end; before anything else, what is kept leaves."""
        if message.get("method") == "update":
            self._updates.append((widget, message, buffers or []))
            return True
        self.leave()
        return False

    def leave(self) -> None:
        """Send what is kept."""
        updates, self._updates = self._updates, []
        before = _OPEN.set(None)
        try:
            self._bundle.carry(updates)
        finally:
            _OPEN.reset(before)


_send, _close = ipywidgets.Widget._send, ipywidgets.Widget.close


def _send_in_frame(widget: ipywidgets.Widget, message: dict[str, Any], buffers: Any = None) -> None:
    frame = _OPEN.get()
    if frame is None or not frame.take(widget, message, buffers):
        _send(widget, message, buffers)


def _close_in_frame(widget: ipywidgets.Widget) -> None:
    """A widget goes when nothing that is shown holds it any more."""
    frame = _OPEN.get()
    if frame is not None:
        frame.leave()
    _close(widget)


# ipywidgets has no door for this; where no frame is open, all is as it was.
ipywidgets.Widget._send, ipywidgets.Widget.close = _send_in_frame, _close_in_frame
