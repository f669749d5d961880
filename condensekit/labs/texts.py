"""Texts: what a lab has on screen, told in sentences, in code, as a token, and as a figure."""

import contextlib
from typing import Any

from .. import pictures
from ..tokens import write_moment
from .parts import frames_of
from .stage import Stage

__all__ = ["Texts"]


class Texts(Stage):
    """What is on screen, in other forms; each is of one moment, whatever goes on meanwhile."""

    def figure(self) -> Any:
        """What is on screen as a matplotlib figure, for a slide: ``.savefig("lab.svg")``.

        Raises
        ------
        ImportError
            If the extra ``plot`` is not installed.
        """
        from ..figures import figure  # noqa: PLC0415  needs the extra

        with self._lock:
            now = self._moment(self._index)
            needed = [p for p in self.table.pictures if p.needed is None or p.needed(now)]
            frames = [frame for picture in needed for frame in frames_of(picture, now)]
            told = self.table.verdict(now)
        return figure(frames, head="\n".join(f"{part.head} {part.text}".strip() for part in told))

    def story(self) -> list[str]:
        """What happened in the run on screen, in sentences."""
        if not self.subject.timed:
            return []
        with self._lock:
            return self.table.story(self._moment(self._index, beside=False), self.happened())

    def code(self) -> str:
        """The lines that train what is on screen with the library, without a widget."""
        with self._lock:
            ending = self.table.ending
            if callable(ending):
                ending = ending(self._moment(self._index))
            return self.subject.code(self._shown, self._index, ending)

    def torch_code(self) -> str:
        """The lines that train what is on screen in plain torch; empty where there are none."""
        with self._lock:
            return self.subject.torch_code(self._shown, self._index) if self.table.torch else ""

    def state(self) -> str:
        """A short text from which `restore` comes back to these settings, seed, step and view."""
        with self._lock:
            runs = self.runs()
            step = int(runs[0].step[self._index]) if runs else 0
            until = int(runs[0].step[-1]) if runs else 0
            view = {"compare": self.compare.value} | self.form.look()
            return write_moment(type(self).__name__, self._written(), step, until, view)

    def tell(self) -> None:
        """Write what is folded away, if it has been unfolded."""
        unfolded = self.folds.unfolded
        if not unfolded:
            return
        with self._lock:
            if unfolded in self.table.folds:  # these may take a moment: each is asked for by itself
                told = self.table.folds[unfolded](self._moment(self._index))
                self.folds.more[unfolded].value = told
            marks = pictures.marks(self.runs()[0], self.happened()) if self.subject.timed else ()
            self.folds.write(self.story(), marks, self.code, self.torch_code, self.state())

    def _written(self) -> list[Any]:
        """What is on screen as settings; with the twin that is only unticked."""
        written = self.subject.written(self._shown)
        if self.table.twin is None or self.table.once:
            return written
        with contextlib.suppress(ValueError):
            if [*self._described(self.entered())] == written:
                return [*self.entered()]
        return written
