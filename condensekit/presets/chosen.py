"""How a preset is chosen: from a list in every lab, and by a line."""

import functools
from collections.abc import Sequence
from typing import Any, Self

from ..tables.declared import Pick
from ..tokens import read_moment
from .base import Preset
from .kept import kept
from .talk import TALK

__all__ = ["PRESETS", "Presets"]

OTHER = "—"


class Presets:
    """What a lab has besides: moments with names."""

    chosen_preset: Preset | None = None

    @property
    def presets(self) -> tuple[Preset, ...]:
        """Named moments of this lab: those of the talk, then your own, see `presets.keep`."""
        name = type(self).__name__
        own = kept(name)
        hidden = {one.name for one in own}  # your own comes first where it has the same name
        talk = (one for one in TALK if one.lab == name and one.name not in hidden)
        return (*talk, *own)

    @classmethod
    def preset(cls, name: str) -> Self:
        """A lab at one of its `presets`: ``RecoveryLab.preset("small start")``.

        Raises
        ------
        ValueError
            If there is no such preset.
        """
        lab: Any = cls()
        try:
            lab.show_preset(name)
        except ValueError:
            lab.close()
            raise
        found: Self = lab
        return found

    def show_preset(self: Any, name: str, live: bool = False) -> None:
        """Go to one of the `presets`, as it stands before it is run; your own as you left it.

        Parameters
        ----------
        name : str
            Which one.
        live : bool
            If your own has to be trained again, do so beside the notebook. With False, return when
            it is done.

        Raises
        ------
        ValueError
            If there is no such preset; nothing has changed then.
        """
        named = {one.name: one for one in self.presets}
        if name not in named:
            raise ValueError(
                f"{type(self).__name__} has no preset {name!r}; there are {', '.join(named)}."
            )
        self.chosen_preset = one = named[name]
        if one.token:
            self.restore(one.token, live)
            return
        self.begin(_settings(self, one))
        if self.runs():
            self.go_to(0)
        self.say(str(one))


def _options(lab: Any, what: Any) -> Sequence[str]:
    del what
    return [OTHER, *(one.name for one in lab.presets)]


def _here(lab: Any, what: Any) -> str:
    chosen = lab.chosen_preset
    return chosen.name if chosen is not None and _settings(lab, chosen) == what else OTHER


def _settings(lab: Any, one: Preset) -> Any:
    if not one.token:
        kind: Any = type(lab)
        return _of_the_talk(kind, one.name)
    try:
        written, *_ = read_moment(one.token, one.lab)
        return lab.subject.recalled(written)
    except ValueError:  # of settings that this version does not know
        return None


@functools.cache
def _of_the_talk(lab: Any, name: str) -> Any:
    (one,) = (one for one in TALK if (one.lab, one.name) == (lab.__name__, name))
    return lab.table.turn(None, one.knobs)


def _go(lab: Any, name: str) -> None:
    if name != OTHER:
        lab.show_preset(name, live=True)


PRESETS = Pick("preset", _options, _here, _go, "Named moments of the talk, and your own")
"""The list in every lab."""
