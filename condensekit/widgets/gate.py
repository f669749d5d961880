"""Gate: frames go to the browser no faster than it answers, each of them at once."""

import time
from collections.abc import Callable

import ipywidgets

from .bundle import Bundle

__all__ = ["Gate"]

FRAMES_PER_SECOND = 40
NOBODY = 2.0  # seconds without an echo, after which nobody seems to look


class Gate:
    """Says when the browser is ready for another frame.

    Attributes
    ----------
    widgets : tuple
        To be put, unseen, into what is displayed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        hidden = ipywidgets.Layout(display="none")
        self._sent, self._echo = (
            ipywidgets.IntText(layout=hidden),
            ipywidgets.IntText(layout=hidden),
        )
        self.link = ipywidgets.jsdlink((self._sent, "value"), (self._echo, "value"))
        self.widgets = (self._sent, self._echo)
        self.bundle = Bundle()
        self.frame = self.bundle.frame
        self._at = -NOBODY

    def ready(self) -> bool:
        """Whether a frame may be drawn now."""
        since = self._clock() - self._at
        if self._echo.value == self._sent.value:
            return since >= 1 / FRAMES_PER_SECOND
        return since >= NOBODY

    def drawn(self) -> None:
        """Note that a frame is on its way."""
        self._at = self._clock()
        self._sent.value += 1
