"""Lab: reads a table, and does what all labs do. No lab overrides any of it."""

import contextlib
import os
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from ..checks import some_of
from ..presets import PRESETS, Presets
from ..subjects import State
from ..widgets import spoken
from ..widgets.attributes import Attributes
from ..widgets.lifetime import close_lab, take_place
from .folds import Folds
from .form import Form
from .parts import frames_of, view
from .telling import Telling
from .timeline import Timeline

__all__ = ["Lab", "labs_for"]


class Lab(Attributes, Presets, Telling):
    """Controls, pictures, perhaps a time slider; Run, Pause, Stop, Reset, Play.

    Every method can be called from a cell: what a button does, ``lab.run()`` does; and every
    control is an attribute: ``lab.width = 50``.

    Parameters
    ----------
    start : Run, Experiment or what else the lab trains, optional
        What it opens on; a run is shown as it was trained.
    show : sequence of str, optional
        Names of the pictures to be seen, of those in `views`; else all.
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

    def __init__(
        self, start: object = None, *, show: Sequence[str] | None = None, **knobs: object
    ) -> None:
        table = self.table
        super().__init__()
        self.prepare()
        self.subject = table.subject()
        opened = None if start is None else self._checked(self.subject.opened(start))
        self._base = self.default = self.opening = self._checked(table.turn(opened, knobs))
        self.views = {picture.name: view(picture) for picture in table.pictures}
        seen = [*self.views] if show is None else some_of("show", show, self.views)
        self._pictures = [picture for picture in table.pictures if picture.name in seen]
        self.compare = spoken.Checkbox(
            value=True,
            description=table.compare,
            indent=False,
            tooltip="Draw the other run beside this one",
            layout=ipywidgets.Layout(width="170px"),
        )
        self._shown = self.subject.known(self.described(self.default))
        self.form = Form(self, [PRESETS, *table.controls], table.under, table.knobs(self.default))
        self.controls = self.form.held
        beside = [self.compare] if table.compare else []
        timed = self.subject.timed
        timeline = Timeline(self._moved, beside)
        self.lay_out(
            self.form.column,
            [self.views[picture.name] for picture in self._pictures],
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
        """End what is going on, and let go of every widget of the lab; it trains no more."""
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
        with self._lock:
            base, values = self._base, self.form.values()
        try:
            return self.table.read(base, values)
        except ValueError as error:
            raise ValueError(self.form.worded(str(error))) from error

    def choose(self, what: Any) -> None:
        """Set the controls to settings, as if a reader had entered them.

        Raises
        ------
        ValueError
            If they are none, or the lab cannot show them.
        """
        self._enter(self._checked(self.subject.opened(what)))
        self._take_entry()

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
            needed = [p for p in self._pictures if p.needed is None or p.needed(now)]
            frames = [frame for picture in needed for frame in frames_of(picture, now)]
            told = self.table.verdict(now)
        return figure(frames, head="\n".join(f"{part.head} {part.text}".strip() for part in told))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The lab, and a picture of the moment for pages on which nothing runs."""
        found = super()._repr_mimebundle_(**kwargs)
        with contextlib.suppress(ImportError, ValueError):  # without matplotlib, or without a step
            from ..figures import png  # noqa: PLC0415  needs the extra

            found["image/png"] = png(self.figure())
        return found

    def replay(
        self,
        path: str | os.PathLike[str],
        link: str | None = None,
        on_run: Callable[[int, int], object] | None = None,
        libraries: str | None = None,
        **recorded: Sequence[Any],
    ) -> None:
        """Write a page that plays what is on screen, without Python and without a network.

        It needs a browser of 2023 or later.

        Parameters
        ----------
        path : path
            The file to write: 2 to 6 MB of HTML.
        link : str, optional
            Where the page sends those who want to run the lab themselves; else to Binder.
        on_run : callable, optional
            Called before each run that is recorded, with its number and how many there are.
        libraries : str, optional
            The name of a folder beside the page, for the scripts that many pages of a web site
            share, 5 MB. Without it they are in the page, which can then be sent as one file.
        **recorded
            For controls, or a map's ``column`` and ``row``, the values that they shall have in the
            page: ``init_std=[1e-4, 1e-2]``. For each combination a run is trained, if it is new.

        Raises
        ------
        ValueError
            If there is no run, no such control, or more than a page can hold; nothing is written.
        """
        from ..replays import replay  # noqa: PLC0415  few need it

        replay(self, path, link, on_run, libraries, **recorded)

    # Inside ------------------------------------------------------------------------------------

    def _checked(self, what: Any) -> Any:
        """Settings that this lab can show; of others, say which labs can."""
        if self.table.accepts(what):
            return what
        where = f"{' and '.join(labs_for(what)) or 'no lab'} can show this"
        raise ValueError(f"{type(self).__name__} shows {self.table.shows}; {where}.")

    def described(self, what: Any) -> Any:
        """What is to be trained of settings: the first, and those beside it that are wanted."""
        if self.table.twin is None:
            return what
        first, *others = what if self.compare.value else what[:1]
        if self.table.once:
            found = self.subject.memory.found
            others = [one for one in others if one != first and found(one) is None]
        return (first, *others)

    def further(self) -> Any:
        """Settings with which what is on screen goes on; None if it does not."""
        with self._lock:
            what = self.subject.recalled(self.written())
            return self.subject.further(what, self._shown)

    def _enter(self, what: Any) -> None:
        with self._lock:
            self._base = what
            self.form.enter(what, self.table.write(what))

    def entry_changed(self) -> None:
        """Show what the controls describe now, before it is trained."""
        self.guard(self._take_entry)

    def _take_entry(self) -> None:
        self.form.tell_lines()
        entered = self.entered()
        self.form.show_used(self.table.write(entered))
        self.form.note(entered)
        if self._say_meanwhile("This run goes on; the new settings count from the next Run."):
            return
        if self.subject.stays:
            self.say(f"{self.subject.meanwhile(self._shown)}{self._apart()}")
            return
        with self.player.alone():
            what = self.described(self.entered())
            self.player.stop()
            if self.subject.takes_a_moment(what):
                self.say("Computing where it starts …")
            self.at_hand(lambda: self.put_on(self.subject.known(what)))
            self._announce()
            self._show_state()

    def _apart(self) -> str:
        """What is said where the controls describe something else than what is on screen."""
        with contextlib.suppress(ValueError):  # where they describe nothing, that has been said
            one, other = self.entered(), self.subject.what(self._shown)
            if (one if self.table.twin is None else one[: len(other)]) != other:
                thing = "map than this one; Run fills" if self.subject.stays else "run; Run trains"
                return f" The controls describe another {thing} it."
        return ""

    def _compared(self) -> None:
        """The other run is wanted, or no more."""
        if self.table.twin is None:
            return self.redraw()
        try:
            self._take_entry()
        except ValueError:  # they describe nothing; the other run comes or goes all the same
            self.redraw()
            raise

    def _play_or_end(self) -> None:
        if self._doing == "play" and self.player.state is not State.IDLE:
            self.player.stop()
            with self._lock:
                self._show(len(self.runs()[0]) - 1)  # the button says "End"
        else:
            self.play()

    def _moved(self, index: int) -> None:
        self.guard(lambda: self.at_hand(lambda: self._show(index)))


def labs_for(what: Any) -> list[str]:
    """The labs that can show settings, by name."""
    found = set()  # of names: a class of a notebook is defined again when its cell is run again
    for kind in Lab.__subclasses__():
        with contextlib.suppress(TypeError, AttributeError):  # settings of another kind
            if kind.table.accepts(what):
                found.add(kind.__name__)
    return sorted(found)
