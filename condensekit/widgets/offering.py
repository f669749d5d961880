"""A sentence with a button that does what it advises."""

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from ..palette import face
from . import spoken
from .small import button

__all__ = ["Offering"]


class Offering(ipywidgets.VBox):
    """A sentence, and a button that sets controls; hidden where there is nothing to say."""

    def __init__(self, tip: str, put: Callable[..., None]) -> None:
        self.text = spoken.HTML(layout=ipywidgets.Layout(width="278px"))
        self.button = button("", tip, "", 240)
        self.values: dict[str, Any] = {}
        self.button.on_click(lambda _: put(**self.values))
        super().__init__([self.text, self.button])
        self.layout.display = "none"

    def show(self, offered: tuple[str, str, Mapping[str, Any]] | None) -> None:
        """Say what is offered."""
        self.layout.display = "none" if offered is None else ""
        if offered is not None:
            said, self.button.description, values = offered
            self.values = {**values}
            self.text.value = (
                f"<div role='note' style='line-height:1.35;color:{face('#9a4a00')}'>{said}</div>"
            )
