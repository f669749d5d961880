"""Attributes of a lab: every control is one, and what a reader chooses to see."""

from typing import Any

__all__ = ["Attributes"]

_INNER = {
    "at_hand",
    "beside",
    "described",
    "entry_changed",
    "further",
    "prepare",
    "tell",
    "written",
}
"""What the parts of a lab ask each other, and a reader does not."""


class Attributes:
    """``lab.width`` reads a control, and ``lab.width = 50`` sets it.

    An attribute that there is not is an error, so that no slip of the pen goes unseen.
    """

    def __getattr__(self, name: str) -> Any:
        controls = self.__dict__.get("controls", {})
        if name in controls:
            return controls[name].value
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}.")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__.get("controls", {}):
            self.put(**{name: value})
        elif "_sealed" in self.__dict__ and not name.startswith("_") and not hasattr(self, name):
            raise AttributeError(
                f"{type(self).__name__} has no control {name!r}; there are "
                f"{', '.join(self.controls)}."
            )
        else:
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        """What a lab is for; not the hundred traits of its widgets."""
        ours = ("attributes", "chosen", "lab", "presenting", "screen", "stage", "telling")
        kinds = [kind for kind in type(self).__mro__ if kind.__module__.rpartition(".")[2] in ours]
        own = [name for kind in kinds for name in vars(kind) if not name.startswith("_")]
        seen = {*own, *self.__dict__.get("controls", {}), "compare", "default", "last"}
        return sorted(seen - _INNER)

    def put(self, **values: Any) -> None:
        """Set controls, as if a reader had entered these values."""
        self.form.put(**values)

    def see(self, **view: Any) -> None:
        """Choose what to see, by name; a ValueError if there is no such choice."""
        self.form.set_look(view)
        self.redraw()

    @property
    def looks(self) -> dict[str, Any]:
        """What the reader chose to see, by name."""
        found: dict[str, Any] = self.form.look()
        return found
