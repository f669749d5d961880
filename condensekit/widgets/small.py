"""Small parts of which everything around the pictures is built."""

import html

import ipywidgets
import traitlets

from . import spoken

__all__ = ["Folded", "button", "dropdown", "preformatted"]


def button(text: str, tooltip: str, style: str = "", width: int = 70) -> spoken.Button:
    """A button with a text that says what it does."""
    layout = ipywidgets.Layout(width=f"{width}px")
    return spoken.Button(description=text, tooltip=tooltip, button_style=style, layout=layout)


def dropdown(label: str, options: list[str], tooltip: str, width: int = 272) -> spoken.Dropdown:
    """A choice, by default as wide as what is folded away."""
    return spoken.Dropdown(
        options=options,
        description=label,
        tooltip=tooltip,
        style={"description_width": "100px"},
        layout=ipywidgets.Layout(width=f"{width}px"),
    )


class Folded(ipywidgets.VBox):
    """Things that are there when they are wanted, one at a time, by title.

    The titles are buttons, which the keyboard reaches; those of ipywidgets' Accordion are none.

    Parameters
    ----------
    parts : dict of Widget
        The things, by title.

    Attributes
    ----------
    selected_index : int or None
        Which of them is unfolded.
    """

    selected_index = traitlets.Int(None, allow_none=True)

    def __init__(self, parts: dict[str, ipywidgets.Widget]) -> None:
        self.titles, self.parts = tuple(parts), [*parts.values()]
        self.heads = [self._head(index, title) for index, title in enumerate(parts)]
        for part in self.parts:
            part.layout.padding = "6px"
            part.add_class("condensekit-unfolded")
        pairs = zip(self.heads, self.parts, strict=True)
        super().__init__([widget for pair in pairs for widget in pair])
        self.observe(lambda _: self._show(), "selected_index")
        self._show()

    def _head(self, index: int, title: str) -> spoken.ToggleButton:
        head = spoken.ToggleButton(description=title, layout=ipywidgets.Layout(width="auto"))
        head.layout.display, head.layout.justify_content = "flex", "flex-start"
        head.layout.align_items = "center"
        head.observe(lambda change: self._turned(index, change["new"]), "value")
        return head

    def _turned(self, index: int, on: bool) -> None:
        if on:
            self.selected_index = index
        elif self.selected_index == index:
            self.selected_index = None

    def _show(self) -> None:
        for index, (head, part) in enumerate(zip(self.heads, self.parts, strict=True)):
            on = index == self.selected_index
            head.value, head.icon = on, "caret-down" if on else "caret-right"
            head.tooltip = "Fold" if on else "Unfold"
            part.layout.display = "" if on else "none"


_COPY = (
    "getSelection().selectAllChildren(this.nextElementSibling);"
    "this.textContent = document.execCommand('copy') ? this.dataset.copied : this.dataset.selected"
)


def preformatted(text: str) -> str:
    """Lines of code as HTML; a button copies them, and a click selects all of them."""
    style = "white-space:pre;overflow-x:auto;user-select:all;line-height:1.35;font-size:12px;"
    style += "margin:4px 0 0;padding-bottom:8px;width:0;min-width:100%"  # as wide as there is room
    return (
        '<button class="jupyter-button" style="width:80px" data-copied="Copied" '
        f'data-selected="Selected" onclick="{_COPY}">Copy</button>'
        f"<pre tabindex='0' style='{style}'>{html.escape(text)}</pre>"
    )
