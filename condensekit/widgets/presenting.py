"""Presenting: a lab that fills the page, in type for the last row of a lecture hall."""

import html
from typing import Any

from . import spoken

__all__ = ["MOST_SHOWN", "Presenting", "asking"]

MOST_SHOWN = 3
"""Pictures at once; more could not be read from afar."""

_HELP = (
    "Fill the page, in large type. Keys: 1 to 9 choose pictures, c opens the controls, Esc ends."
)


def asking(number: int = 0, pictures: tuple[int, ...] = ()) -> str:
    """The button that fills the page; a new number asks the page to do so, see presenting.js."""
    asked = " ".join(map(str, (number, *pictures)))
    return (
        f'<button class="jupyter-button" aria-pressed="false" data-asked="{asked}" '
        f'title="{html.escape(_HELP)}" data-back="Back" data-present="Present">Present</button>'
    )


class Presenting:
    """What a lab has besides: a button and a line for a projector."""

    _asked = 0
    present_button: spoken.HTML

    def present(self: Any, *pictures: str) -> None:
        """Fill the page in which the lab is displayed, in type for the last row.

        Pictures fill the page, and the controls are folded away. Esc ends it; the keys 1 to 9
        choose pictures, the space bar plays, Page Up and Page Down (of a clicker, too) go from
        event to event, and c opens the controls.

        Parameters
        ----------
        *pictures : str
            Names of one to three pictures, of those in `views`; else the first that fit.

        Raises
        ------
        ValueError
            If there is no such picture, or there are more than three.
        """
        names = [one.name for one in self._pictures]
        if len(pictures) > MOST_SHOWN or any(name not in names for name in pictures):
            raise ValueError(
                f"pictures must be at most {MOST_SHOWN} of {', '.join(names)}, but are {pictures}."
            )
        self._asked += 1
        places = tuple(names.index(name) for name in pictures)
        self.present_button.value = asking(self._asked, places)
