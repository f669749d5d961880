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
    more : sequence of str
        Titles of what else there is, with formulas.
    happens : bool
        Whether there is a story to be told.
    torch : bool
        Whether there are lines in plain torch.
    """

    def __init__(
        self, unfolded: Callable[[], None], more: Sequence[str], happens: bool, torch: bool
    ) -> None:
        self.more = {title: ipywidgets.HTMLMath() for title in more}
        self.story, self.lines, self.torch_lines = (ipywidgets.HTML() for _ in range(3))
        self.token = ipywidgets.Textarea(
            tooltip="Copy it to come back here; or put another one in and press Restore.",
            layout=ipywidgets.Layout(width="238px", height="76px"),
        )
        self.restore_button = button("Restore", "Go to where the token in the box was made")
        said = ipywidgets.HTML(
            "<div style='line-height:1.35'>Settings, seed, step and view, as a text to keep or to "
            "send. Another one put in here is restored by the button.</div>"
        )
        parts = {
            **self.more,
            **({"What happened": self.story} if happens else {}),
            "The same in a few lines": self.lines,
            **({"The same in plain torch": self.torch_lines} if torch else {}),
            "Token of this moment": ipywidgets.VBox([said, self.token, self.restore_button]),
        }
        super().__init__([*parts.values()], selected_index=None)
        self.titles = tuple(parts)
        self.observe(lambda _: unfolded(), "selected_index")

    @property
    def unfolded(self) -> str:
        """The title of the one that is unfolded; empty if none is."""
        return "" if self.selected_index is None else self.titles[self.selected_index]

    def write(self, story: Sequence[str], code: str, torch_code: str, token: str) -> None:
        """Write all of them, but for what else there is."""
        told = "<br>".join(map(html.escape, story)) or "Nothing yet."
        self.story.value = f"<div style='line-height:1.4'>{told}</div>"
        self.lines.value = preformatted(code)
        self.torch_lines.value = preformatted(torch_code)
        self.token.value = token
