"""Telling: the story of what is on screen, its code, and a token from which it comes back."""

import contextlib
from collections.abc import Iterator
from typing import Any, Self

from .. import pictures
from ..subjects.words import differing
from ..tokens import read_moment, write_moment
from ..widgets import spoken
from .folds import Folds
from .stage import Stage

__all__ = ["Telling"]


class Telling(Stage):
    """All texts about the moment on screen, but for the verdict."""

    compare: spoken.Checkbox
    folds: Folds

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
            until = self.subject.until(self._shown) if runs else 0
            view = {"compare": self.compare.value} | self.form.look()
            return write_moment(type(self).__name__, self.written(), step, until, view)

    def restore(self, token: str, live: bool = False) -> None:
        """Go to where a token was made; a run that is not known here is trained as far as it was.

        Parameters
        ----------
        token : str
            What `state` gave.
        live : bool
            Train beside the notebook. With False, return when it is done.

        Raises
        ------
        ValueError
            If the token is damaged, or of another lab; nothing has changed then.
        """
        written, step, until, view = read_moment(token, type(self).__name__)
        what = self._checked(self.subject.recalled(written))
        with self.player.alone():
            self.player.stop()
            self.compare.value = bool(view.pop("compare", True))
            self._enter(what)
            what = self.described(what)
            known = self.subject.at_once or not until or self.subject.is_known(what)
            job = None if known else self.subject.job(what, self._shown)

            def work() -> Iterator[object]:
                if job is not None:
                    yield from job.work(until)

            def finish(_: bool) -> None:
                shown = self.subject.known(what)
                if job is not None:
                    trained = job.shown(ended=True)
                    self.subject.keep(trained)
                    shown = self.subject.cut(trained, until)
                self.last, self._doing = None, ""
                self.put_on(shown, step=step)
                with contextlib.suppress(ValueError):  # of a token of before there was this choice
                    self.form.set_look(view)
                self.redraw()
                moment = self.runs()[0].moment(self._index) if self.runs() else "these settings"
                self.say(f"Restored at {moment}.")

            self._doing = "train"
            self.say("Training as far as the token was …")
            self.player.start(work(), lambda: None, finish, live)

    @classmethod
    def from_state(cls, token: str) -> Self:
        """A lab as it was when `state` gave this token; a ValueError if the token is damaged."""
        lab = cls()
        lab.restore(token)
        return lab

    # Inside ------------------------------------------------------------------------------------

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

    def beside(self) -> str:
        """What there is to say about the pictures when a training has ended."""
        if self.last is None or self.table.twin is not None:
            return "Play replays them." if self.subject.timed else ""
        now = self.runs()[0].experiment
        return f"Orange: the last run, {differing(self.last.experiment, now)}."

    def written(self) -> list[Any]:
        """What is on screen, as settings for a token; with the twin that is only unticked."""
        written = self.subject.written(self._shown)
        if self.table.twin is None or self.table.once:
            return written
        with contextlib.suppress(ValueError):
            if [*self.described(self.entered())] == written:
                return [*self.entered()]
        return written
