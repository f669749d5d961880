"""What every lab has folded away: what happened, the same as code, and the token."""

import html
from collections.abc import Callable, Sequence

import ipywidgets

from .widgets import button, preformatted

__all__ = ["Folds"]


class Folds(ipywidgets.Accordion):
    """Texts about the moment on screen; they cost nothing while they are folded.

    Parameters
    ----------
    unfolded : callable
        Called when the reader unfolds one, to have them written.
    restore : callable
        Called when the reader wants to go to the token in the box.
    torch : bool
        Whether there are lines in plain torch.
    """

    def __init__(
        self, unfolded: Callable[[], None], restore: Callable[[], None], torch: bool = True
    ) -> None:
        self.story, self.lines, self.torch_lines = (ipywidgets.HTML() for _ in range(3))
        self.token = ipywidgets.Textarea(
            tooltip="Copy it to come back here; or put another one in and press Restore.",
            layout=ipywidgets.Layout(width="238px", height="76px"),
        )
        self.restore_button = button("Restore", "Go to where the token in the box was made")
        self.restore_button.on_click(lambda _: restore())
        said = ipywidgets.HTML(
            "<div style='line-height:1.35'>Settings, seed, step and view, as a text to keep or to "
            "send. Another one put in here is restored by the button.</div>"
        )
        parts = {
            "What happened": self.story,
            "The same in a few lines": self.lines,
            "The same in plain torch": self.torch_lines,
            "Token of this moment": ipywidgets.VBox([said, self.token, self.restore_button]),
        }
        if not torch:
            del parts["The same in plain torch"]
        super().__init__([*parts.values()], selected_index=None)
        self.titles = tuple(parts)
        self.observe(lambda _: unfolded(), "selected_index")

    @property
    def is_unfolded(self) -> bool:
        """Whether one of them is unfolded."""
        return self.selected_index is not None

    def write(self, story: Sequence[str], code: str, torch_code: str, token: str) -> None:
        """Write all of them."""
        told = "<br>".join(map(html.escape, story)) or "Nothing yet."
        self.story.value = f"<div style='line-height:1.4'>{told}</div>"
        self.lines.value = preformatted(code)
        self.torch_lines.value = preformatted(torch_code)
        self.token.value = token
