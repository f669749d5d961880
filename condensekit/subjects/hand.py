"""Hand: what a lab moves by itself is told from what a reader moves."""

import contextlib
import threading
from collections.abc import Iterator

__all__ = ["Hand"]


class Hand(threading.local):
    """Whose hand moves a widget: callbacks come in the thread that moves it, whichever that is.

    Attributes
    ----------
    moves : bool
        Whether a reader moves what is moved now in this thread; False within `still`.
    """

    moves = True

    @contextlib.contextmanager
    def still(self) -> Iterator[None]:
        """What is moved here is not something that the reader does."""
        before, self.moves = self.moves, False
        try:
            yield
        finally:
            self.moves = before
