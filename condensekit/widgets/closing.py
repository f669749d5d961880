"""How a widget is let go of, with all that it is made of."""

from collections.abc import Iterator
from typing import Any

import ipywidgets

__all__ = ["close_all", "held", "parts"]


def close_all(root: ipywidgets.Widget) -> None:
    """Close a widget and all that it is made of or holds: children, layouts, marks, images."""
    for widget in [*parts(root)]:
        ipywidgets.Widget.close(widget)


def parts(root: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    """A widget and all that it is made of or holds, each once."""
    seen, front = {id(root)}, [root]
    while front:
        widget = front.pop()
        yield widget
        for value in held(vars(widget)):  # what is not in its state, too, as a second buffer
            if id(value) not in seen:
                seen.add(id(value))
                front.append(value)


def held(value: Any) -> Iterator[ipywidgets.Widget]:
    """The widgets in a value: it itself, or what is in its lists and dicts."""
    if isinstance(value, ipywidgets.Widget):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from held(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from held(item)
