"""Quiet: a kernel does not say that it is busy with where a slider is.

JupyterLab tells of a busy kernel in its toolbar, in its status line and by the icon of its page,
which it fetches from the server: twice for each message of a widget. For a slider under a hand that
is as much work as to draw the pictures that follow it. That a kernel is idle again is still said:
the page waits for it before it sends where the hand is now.
"""

import functools
import weakref
from collections.abc import Callable
from typing import Any

import ipywidgets
from IPython import get_ipython

__all__ = ["quiet"]

_MOVED: weakref.WeakValueDictionary[str, ipywidgets.Widget] = weakref.WeakValueDictionary()
"""By the names that messages have for them: asked in one step, whatever other threads add."""


def quiet(widget: ipywidgets.Widget) -> None:
    """Let the kernel, if there is one, not say that it is busy when the page moves a widget."""
    _MOVED[widget.model_id] = widget
    kernel: Any = getattr(get_ipython(), "kernel", None)
    say = getattr(kernel, "_publish_status", None)  # ipykernel has no door for this
    if say is not None and getattr(say, "func", None) is not _said:
        kernel._publish_status = functools.partial(_said, say, kernel.get_parent)


def _said(
    say: Callable[..., None],
    asked: Callable[[str], dict[str, Any]],
    status: str,
    channel: str,
    parent: dict[str, Any] | None = None,
) -> None:
    if status != "busy" or not _moves(parent or asked(channel)):
        say(status, channel, parent)


def _moves(message: dict[str, Any]) -> bool:
    """Whether a page tells where one of these widgets is now."""
    if message.get("header", {}).get("msg_type") != "comm_msg":
        return False
    widget = _MOVED.get(message.get("content", {}).get("comm_id"))
    return widget is not None and widget.comm is not None
