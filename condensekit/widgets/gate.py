"""Gate: frames go to the browser no faster than it answers, each of them at once."""

import contextlib
import time
from collections.abc import Callable, Iterator

import ipywidgets

from .bundle import Bundle
from .quiet import quiet

__all__ = ["Gate"]

FRAMES_PER_SECOND = 40
OF_WORK = 0.2  # share of time that frames may take from work that is being done
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
        quiet(self._echo)
        self.widgets = (self._sent, self._echo)
        self.bundle = Bundle()
        self._at, self._took = -NOBODY, 0.0

    @contextlib.contextmanager
    def frame(self) -> Iterator[None]:
        """What widgets tell the page in here, it is told at the end and at once."""
        began = self._clock()
        with self.bundle.frame():
            yield
        self._took = self._clock() - began

    def ready(self, working: bool = False) -> bool:
        """Whether a frame may be drawn now; while something is worked on, that comes first."""
        since = self._clock() - self._at
        if self._echo.value != self._sent.value:
            return since >= NOBODY
        rest = self._took * (1 / OF_WORK - 1) * working
        return since >= max(rest, 1 / FRAMES_PER_SECOND)

    def drawn(self) -> None:
        """Note that a frame is on its way."""
        self._at = self._clock()
        self._sent.value += 1
