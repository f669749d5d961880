"""Small parts of which labs are built."""

import functools
import html
from collections.abc import Callable
from typing import Any

import ipywidgets

__all__ = ["button", "dropdown", "folded", "guarded", "preformatted"]


def button(text: str, tooltip: str, style: str = "", width: int = 70) -> ipywidgets.Button:
    """A button with a text that says what it does."""
    layout = ipywidgets.Layout(width=f"{width}px")
    return ipywidgets.Button(description=text, tooltip=tooltip, button_style=style, layout=layout)


def dropdown(label: str, options: list[str], tooltip: str, width: int = 246) -> ipywidgets.Dropdown:
    """A choice, by default as wide as what is folded away."""
    return ipywidgets.Dropdown(
        options=options,
        description=label,
        tooltip=tooltip,
        style={"description_width": "100px"},
        layout=ipywidgets.Layout(width=f"{width}px"),
    )


def folded(parts: dict[str, ipywidgets.Widget]) -> ipywidgets.Accordion:
    """Things that are there when they are wanted, by title."""
    accordion = ipywidgets.Accordion([*parts.values()], selected_index=None)
    accordion.titles = tuple(parts)
    return accordion


def preformatted(text: str) -> str:
    """Lines of code as HTML."""
    style = "white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.35;font-size:12px;margin:0"
    return f"<pre style='{style}'>{html.escape(text)}</pre>"


def guarded(method: Callable[..., None]) -> Callable[..., None]:
    """A callback of a widget: an error is shown in the status line, not swallowed."""

    @functools.wraps(method)
    def guarded_method(self: Any, *args: object) -> None:
        try:
            method(self)
        except Exception as error:  # noqa: BLE001  whatever it is, the reader must see it
            self.say(str(error), "error")

    return guarded_method
