"""Lab: reads a table, and does what all labs do. No lab overrides any of it."""

import contextlib
from collections.abc import Iterator
from typing import Any, Self

import ipywidgets

from ..subjects import State
from ..subjects.words import differing
from ..tokens import read_moment, write_moment
from .attributes import Attributes
from .folds import Folds
from .form import Form
from .lifetime import close_lab, take_place
from .parts import frames_of, view
from .stage import Stage
from .timeline import Timeline

__all__ = ["Lab", "labs_for"]


class Lab(Attributes, Stage):
    """Controls, pictures, perhaps a time slider; Run, Pause, Stop, Reset, Play.

    Every method can be called from a cell: what a button does, ``lab.run()`` does; and every
    control is an attribute: ``lab.width = 50``.

    Parameters
    ----------
    start : Run, Experiment or what else the lab trains, optional
        What it opens on; a run is shown as it was trained.
    **knobs
        Settings turned by name; ``model``, ``problem`` and ``optimizer`` take one of these.

    Attributes
    ----------
    opening, default : object
        The settings that it opened on, and those to which Reset goes back.
    last : Run or None
        The trained run before it, drawn beside it while "Compare" is ticked.

    Raises
    ------
    ValueError
        If the lab cannot show this, there is no such knob, or its value is outside its range.
    """

    def __init__(self, start: object = None, **knobs: object) -> None:
        table = self.table
        super().__init__()
        self.prepare()
        self.subject = table.subject()
        opened = None if start is None else self._checked(self.subject.opened(start))
        self._base = self.default = self.opening = self._checked(table.turn(opened, knobs))
        self.views = {picture.name: view(picture) for picture in table.pictures}
        self.compare = ipywidgets.Checkbox(
            value=True,
            description=table.compare,
            indent=False,
            tooltip="Draw the other run beside this one",
            layout=ipywidgets.Layout(width="170px"),
        )
        self._shown = self.subject.known(self._described(self.default))
        self.form = Form(self, table.controls, table.under, table.knobs(self.default))
        self.controls = self.form.held
        beside = [self.compare] if table.compare else []
        timed = self.subject.timed
        timeline = Timeline(self._moved, beside, self._lock)
        self.lay_out(
            self.form.column,
            [*self.views.values()],
            self.form.under,
            timeline,
            Folds(self.tell, [*table.folds], timed, table.torch, timeline.go),
            self.gate.widgets,
            timed,
            not self.subject.at_once,
            table.width,
        )
        self._enter(self.default)
        self._connect()
        self.put_on(self._shown)
        self._announce()
        self._show_state()
        take_place(self)
        self._sealed = True

    def _connect(self) -> None:
        """Let buttons do what methods do; callbacks may come from any thread."""
        acts = [
            (self.run_button, self.run),
            (self.pause_button, self.pause),
            (self.stop_button, lambda: self.stop(wait=False)),
            (self.reset_button, self.reset),
            (self.folds.restore_button, lambda: self.restore(self.folds.token.value, live=True)),
            (self.timeline.play_button, self._play_or_end),
        ]
        for button, act in acts:
            button.on_click(lambda _, act=act: self.guard(act))
        for picture in self.table.pictures:
            if picture.clicked is not None:
                clicked = picture.clicked
                self.views[picture.name].on_click(
                    lambda *at, clicked=clicked: self.guard(lambda: clicked(self, *at))
                )
        self.compare.observe(lambda _: self.guard(self._compared), "value")

    def close(self) -> None:
        """End what is going on, and let go of every widget of the lab."""
        close_lab(self)

    # Attributes: what is on screen, and every control ------------------------------------------

    @property
    def result(self) -> Any:
        """What is on screen: the run on the timeline, or what else the lab shows."""
        return self.subject.result(self._shown)

    # What a reader does ------------------------------------------------------------------------

    def entered(self) -> Any:
        """The settings that the controls describe.

        Raises
        ------
        ValueError
            If they describe none.
        """
        values = self.form.values()
        try:
            return self.table.read(self._base, values)
        except ValueError as error:
            raise ValueError(self.form.worded(str(error))) from error

    def choose(self, what: Any) -> None:
        """Set the controls to settings, as if a reader had entered them."""
        self._enter(self._checked(what))
        self._take_entry()

    def figure(self) -> Any:
        """What is on screen as a matplotlib figure, for a slide: ``.savefig("lab.svg")``.

        Raises
        ------
        ImportError
            If the extra ``plot`` is not installed.
        """
        from ..figures import figure  # noqa: PLC0415  needs the extra

        now = self._moment(self._index)
        needed = [p for p in self.table.pictures if p.needed is None or p.needed(now)]
        frames = [frame for picture in needed for frame in frames_of(picture, now)]
        head = "\n".join(f"{part.head} {part.text}".strip() for part in self.table.verdict(now))
        return figure(frames, head=head)

    # Texts -------------------------------------------------------------------------------------

    def story(self) -> list[str]:
        """What happened in the run on screen, in sentences."""
        if not self.subject.timed:
            return []
        return self.table.story(self._moment(self._index, beside=False), self.happened())

    def code(self) -> str:
        """The lines that train what is on screen with the library, without a widget."""
        ending = self.table.ending
        if callable(ending):
            ending = ending(self._moment(self._index))
        return self.subject.code(self._shown, self._index, ending)

    def torch_code(self) -> str:
        """The lines that train what is on screen in plain torch; empty where there are none."""
        return self.subject.torch_code(self._shown, self._index) if self.table.torch else ""

    def state(self) -> str:
        """A short text from which `restore` comes back to these settings, seed, step and view."""
        runs = self.runs()
        step = int(runs[0].step[self._index]) if runs else 0
        until = int(runs[0].step[-1]) if runs else 0
        view = {"compare": self.compare.value} | self.form.look()
        return write_moment(type(self).__name__, self._written(), step, until, view)

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
        self.player.stop()
        self.compare.value = bool(view.pop("compare", True))
        self._enter(what)
        what = self._described(what)
        known = self.subject.is_known(what) or not until
        job = None if known else self.subject.job(what, self._shown)

        def work() -> Iterator[object]:
            if job is not None:
                yield from job.work(until)

        def finish(stopped: bool) -> None:
            del stopped
            shown = self.subject.known(what)
            if job is not None:
                trained = job.shown(ended=True)
                self.subject.keep(trained)
                shown = self.subject.cut(trained, until)
            self.last = None
            self.put_on(shown, step=step)
            with contextlib.suppress(ValueError):  # of a token of before there was this choice
                self.form.set_look(view)
            self.redraw()
            moment = self.runs()[0].moment(self._index) if self.runs() else "these settings"
            self.say(f"Restored at {moment}.")
            self._show_state()

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
        if unfolded in self.table.folds:  # these may take a moment, so each is asked for by itself
            self.folds.more[unfolded].value = self.table.folds[unfolded](self._moment(self._index))
        story, marks = self.story(), self.timeline.marks
        self.folds.write(story, marks, self.code, self.torch_code, self.state())

    def beside(self) -> str:
        """What there is to say about the pictures when a training has ended."""
        if self.last is None or self.table.twin is not None:
            return "Play replays them." if self.subject.timed else ""
        now = self.runs()[0].experiment
        return f"Orange: the last run, {differing(self.last.experiment, now)}."

    def _checked(self, what: Any) -> Any:
        """Settings that this lab can show; of others, say which labs can."""
        if self.table.accepts(what):
            return what
        where = f"{' and '.join(labs_for(what)) or 'no lab'} can show this"
        raise ValueError(f"{type(self).__name__} shows {self.table.shows}; {where}.")

    def _described(self, what: Any) -> Any:
        """What is to be trained of settings: the first, and those beside it that are wanted."""
        if self.table.twin is None:
            return what
        first, *others = what if self.compare.value else what[:1]
        if self.table.once:
            found = self.subject.memory.found
            others = [one for one in others if one != first and found(one) is None]
        return (first, *others)

    def _written(self) -> list[Any]:
        """What is on screen as settings; with the twin that is only unticked."""
        written = self.subject.written(self._shown)
        if self.table.twin is None or self.table.once:
            return written
        with contextlib.suppress(ValueError):
            if [*self._described(self.entered())] == written:
                return [*self.entered()]
        return written

    def further(self) -> Any:
        """Settings with which what is on screen goes on; None if it does not."""
        what = self.subject.recalled(self._written())
        return self.subject.further(what, self._shown)

    def _enter(self, what: Any) -> None:
        self._base = what
        self.form.enter(what, self.table.write(what))

    def entry_changed(self) -> None:
        """Show what the controls describe now, before it is trained."""
        self.guard(self._take_entry)

    def _take_entry(self) -> None:
        self.form.tell_lines()
        entered = self.entered()
        what = self._described(entered)
        self.form.show_used(self.table.write(entered))
        self.form.note(entered)
        if self._doing == "train" and self.player.state is not State.IDLE:
            self.say("This run goes on; the new settings count from the next Run.")
            return
        if self.subject.stays:
            self._say_apart(entered)
            return
        self.player.stop()
        if self.subject.takes_a_moment(what):
            self.say("Computing where it starts …")
        self.at_hand(lambda: self.put_on(self.subject.known(what)))
        self._announce()
        self._show_state()

    def _say_apart(self, entered: Any) -> None:
        """What is on screen stays; say whether the controls describe something else."""
        apart = entered != self.subject.what(self._shown)
        told = " The controls describe another map than this one; Run fills it." * apart
        self.say(f"{self.subject.meanwhile(self._shown)}{told}")

    def _compared(self) -> None:
        """The other run is wanted, or no more."""
        if self.table.twin is None:
            self.redraw()
        else:
            self._take_entry()

    def _play_or_end(self) -> None:
        if self._doing == "play" and self.player.state is not State.IDLE:
            self.player.stop()
            self._show(len(self.runs()[0]) - 1)  # the button says "End"
        else:
            self.play()

    def _moved(self, index: int) -> None:
        shown = min(index, len(self.runs()[0]) - 1)
        self.guard(lambda: self.at_hand(lambda: self._show(shown)))


def labs_for(what: Any) -> list[str]:
    """The labs that can show settings, by name."""
    found = set()  # of names: a class of a notebook is defined again when its cell is run again
    for kind in Lab.__subclasses__():
        with contextlib.suppress(TypeError, AttributeError):  # settings of another kind
            if kind.table.accepts(what):
                found.add(kind.__name__)
    return sorted(found)
