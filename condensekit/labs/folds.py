"""What every lab has folded away: what happened, the same as code, and the token."""

import html
import itertools
from collections.abc import Callable, Sequence

import ipywidgets

from ..frames import Mark
from ..views.events import sign
from ..widgets import spoken
from ..widgets.closing import close_all
from ..widgets.living import HEARD_LABEL
from ..widgets.small import Folded, button, preformatted

__all__ = ["Folds"]


TOKEN = "Token of this moment"


class Folds(Folded):
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
    go : callable
        Called with the recorded step of an event that was clicked.
    """

    def __init__(
        self,
        unfolded: Callable[[], None],
        more: Sequence[str],
        happens: bool,
        torch: bool,
        go: Callable[[int], None],
    ) -> None:
        self._go = go
        self._told: object = None
        self.more = {title: spoken.HTMLMath() for title in more}
        self.story = ipywidgets.VBox([_line(None, "One moment …")])
        self.lines, self.torch_lines, self.answer = (spoken.HTML() for _ in range(3))
        self.token = spoken.Textarea(
            description=TOKEN,
            tooltip="Copy it to come back here; or put another one in and press Restore.",
            layout=ipywidgets.Layout(width="238px", height="76px"),
        )
        self.token.add_class(HEARD_LABEL)
        self.restore_button = button("Restore", "Go to where the token in the box was made")
        self.answer.layout.flex = "1"
        restore = ipywidgets.HBox([self.restore_button, self.answer])
        said = spoken.HTML(
            "<div style='line-height:1.35'>Settings, seed, step and view, as a text to keep or to "
            "send. Another one put in here is restored by the button.</div>"
        )
        parts = {
            **self.more,
            **({"What happened": self.story} if happens else {}),
            "The same in a few lines": self.lines,
            **({"The same in plain torch": self.torch_lines} if torch else {}),
            TOKEN: ipywidgets.VBox([said, self.token, restore]),
        }
        super().__init__(parts)
        self.observe(lambda _: unfolded(), "selected_index")

    @property
    def unfolded(self) -> str:
        """The title of the one that is unfolded; empty if none is."""
        return "" if self.selected_index is None else self.titles[self.selected_index]

    def say(self, told: str) -> None:
        """Say beside Restore, too, what the status line says: from there, it may be out of view."""
        self.answer.value = told if self.unfolded == TOKEN else ""

    def write(
        self,
        story: Sequence[str],
        marks: Sequence[Mark],
        code: Callable[[], str],
        torch_code: Callable[[], str],
        token: str,
    ) -> None:
        """Write all of them, but for what else there is; the events come first in the story."""
        if (told := ([*story], [*marks])) != self._told:
            self._told, before = told, self.story.children
            ahead = [sign(mark, self._go) for mark in marks]
            lines = story or ["Nothing yet."]
            self.story.children = [
                _line(one, text) for one, text in itertools.zip_longest(ahead, lines)
            ]
            for line in before:
                close_all(line)
        self.lines.value = preformatted(_lines(code))
        self.torch_lines.value = preformatted(_lines(torch_code))
        self.token.value = token


def _lines(code: Callable[[], str]) -> str:
    """Lines of code, or why there are none."""
    try:
        return code()
    except ValueError as error:
        return f"# {error}"


def _line(ahead: spoken.Button | None, text: str) -> ipywidgets.HBox:
    """A sentence, behind the sign of the event that it tells of."""
    told = spoken.HTML(f"<div style='line-height:1.4'>{html.escape(text)}</div>")
    told.layout.flex = "1"
    return ipywidgets.HBox([told] if ahead is None else [ahead, told])
